"""Measure the history: its size after ten years, what a day writes, and how long its work takes.

    python benchmarks/history.py [--events N] [--folder DIR]

The events are those of generated office weeks, replayed by the product and moved through the years,
by default as many as one person made in ten years (458,507). Written bytes are those of the
kernel's counter (``write_bytes`` of /proc/self/io, without what was cancelled), and seconds depend
on the disk, so DIR must be on the disk that is of interest.
"""

import argparse
import itertools
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from recordings import catalogue
from unsit.history.copy import copy_of
from unsit.history.shelving import Shelf
from unsit.history.store import HistoryFile, open_to_write
from unsit.runtime.record import Record, record_id, stamp

UNSIT = (sys.executable, "-m", "unsit")
EVENTS_OF_TEN_YEARS = 458_507
EVENTS_A_DAY, BATCH = 190, 12
"""Events of a day with sitting, all 16 hours of it, and of an hour, which makes one batch."""

WEEKS = ("office-week.csv", "home-week.csv.gz")
WEEK = timedelta(days=7)
FIRST = datetime.fromisoformat("2016-11-28T00:00:00+00:00")
FIVE_YEARS = timedelta(days=5 * 365.25)
DATES = ("at", "started", "ended", "until", "due", "since")


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=EVENTS_OF_TEN_YEARS)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        week = replayed_weeks(folder)
        file = folder / "history.sqlite"
        measure_import(week, options.events, folder)
        measure_work(file)
        measure_days(week, options.events, folder)


def replayed_weeks(folder: Path) -> list[Record]:
    """Return the events of the generated weeks, one after the other."""
    found = []
    for number, name in enumerate(WEEKS):
        recording = catalogue.found(Path(name), folder)
        options = ("--json", "--set", "chair.id=desk")
        output = subprocess.run(
            [*UNSIT, "replay", str(recording), *options], check=True, capture_output=True, text=True
        ).stdout
        events = [json.loads(line) for line in output.splitlines()][:-1]
        begin = datetime.fromisoformat(events[0]["at"])
        monday = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        found += [moved(event, FIRST + number * WEEK - monday) for event in events]
    return found


def moved(event: Record, by: timedelta) -> Record:
    """Return an event with all its dates moved."""
    return {
        key: stamp(datetime.fromisoformat(value) + by) if key in DATES and value else value
        for key, value in event.items()
    }


def generated(weeks: list[Record], first: int = 0) -> Iterator[Record]:
    """Yield the events of the weeks again and again, numbered, without an end."""
    span = len(WEEKS) * WEEK
    seq = 0
    for round_number in itertools.count():
        for event in weeks:
            seq += 1
            if seq <= first:
                continue
            record = moved(event, round_number * span)
            identity = record_id(record["at"], record["chair"], seq)
            yield record | {"id": identity, "seq": seq}


def measure_import(weeks: list[Record], count: int, folder: Path) -> None:
    """Import the events as a person would, and print size and time."""
    source = folder / "events.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for record in itertools.islice(generated(weeks), count):
            out.write(f"{json.dumps(record)}\n")
    started = time.perf_counter()
    subprocess.run(
        [*UNSIT, "history", "import", str(source), "--state-dir", str(folder)], check=True
    )
    taken = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    file = folder / "history.sqlite"
    size, lines = os.path.getsize(file) / 1e6, os.path.getsize(source) / 1e6
    copy = os.path.getsize(copy_of(file)) / 1e6
    print(f"{count} events, {lines:.0f} MB of JSON lines: {size:.1f} MB, and {copy:.1f} MB of copy")
    with closing(sqlite3.connect(file)) as db:
        for table in ("event", "event_at", "stretch", "bout", "unknown"):
            query = "select sum(pgsize) from dbstat where name = ?"
            try:
                (bytes_of_it,) = db.execute(query, (table,)).fetchone()
            except sqlite3.OperationalError:  # this SQLite was compiled without it
                break
            print(f"    {table}: {(bytes_of_it or 0) / 1e6:.1f} MB")
    print(f"import: {taken:.1f} s, {memory:.0f} MB of memory (the whole process)")


def measure_work(file: Path) -> None:
    """Print how long a check, a rebuild, a backup and forgetting take."""
    copy = file.with_name("copy.sqlite")
    with closing(open_to_write(file, 1)) as history:
        print(f"check of the whole file: {timed(history.check):.2f} s")
        (source,) = history.sources()
        print(f"rebuild of the derived rows: {timed(lambda: history.rebuild(source)):.1f} s")
        with closing(sqlite3.connect(copy)) as target:
            print(f"backup: {timed(lambda: history.backup(target)):.2f} s")
    with closing(open_to_write(copy, 1)) as history:
        half = int((FIRST + FIVE_YEARS).timestamp() * 1000)
        print(f"forget five years: {timed(lambda: forget(history, half)):.1f} s")
        print(f"shrink: {timed(history.shrink):.1f} s")


def forget(history: HistoryFile, until: int) -> None:
    """Forget everything before a date, also in the journal."""
    history.forget(None, until)
    history.truncate_journal()


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that a function takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def measure_days(weeks: list[Record], count: int, folder: Path) -> None:
    """Write days as the service does, to the full history, and print bytes and milliseconds."""
    days = 20
    shelf = Shelf(folder / "history.sqlite", FIVE_YEARS * 4, lambda: FIRST)
    records = list(itertools.islice(generated(weeks, count), EVENTS_A_DAY * days))
    shelf.shelve(records[:BATCH])  # the first batch checks the whole file
    took, before = [], written()
    for start in range(BATCH, len(records), BATCH):
        batch = records[start : start + BATCH]
        took.append(1000 * timed(partial(shelf.shelve, batch)))
    events = len(records) - BATCH
    a_day = (written() - before) / events * EVENTS_A_DAY / 1e6
    print(
        f"a batch of {BATCH} events: {statistics.median(took):.1f} ms, at most {max(took):.0f} ms"
    )
    print(f"written to the history: {a_day:.2f} MB a day of {EVENTS_A_DAY} events")


def written() -> int:
    """Return the bytes that this process has written to a disk."""
    text = Path("/proc/self/io").read_text(encoding="ascii")
    counters = dict(line.split(": ") for line in text.splitlines())
    return int(counters["write_bytes"]) - int(counters["cancelled_write_bytes"])


if __name__ == "__main__":
    main()
