"""Measure the speed of a replay, including the start, and its memory.

    python benchmarks/replay.py [FILE ...]

``unsit replay --json`` replays each FILE, or generated recordings of 1, 10 and 100 office weeks,
in a separate process. The table has the best of five runs and the peak of resident memory. A FILE
may also be the name of a generated recording such as ``cell-drift.csv``, see ``rigs/recordings``.
"""

import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from recordings import catalogue

RUNS = 5


def main() -> None:
    """Print a row for each recording."""
    print(f"{'recording':24}{'rows':>9}{'days':>8}{'seconds':>9}{'x real time':>14}{'MB':>7}")
    with tempfile.TemporaryDirectory() as folder:
        files = [catalogue.found(Path(name), Path(folder)) for name in sys.argv[1:]]
        for file in files or [office(Path(folder), weeks) for weeks in (1, 10, 100)]:
            show(file)


def office(folder: Path, weeks: int) -> Path:
    """Write a recording of a person who sits for 5 to 60 min and stands for 20 s to 15 min."""
    chance = random.Random(1)  # the same recording every time
    at, end = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 9) + timedelta(weeks=weeks)  # noqa: DTZ001
    file = folder / f"{weeks}-weeks.csv"
    with file.open("w") as out:
        out.write("ts,contact\n")
        while at < end:
            out.write(f"{at.isoformat()},1\n")
            at += timedelta(seconds=chance.randint(300, 3600))
            out.write(f"{at.isoformat()},0\n")
            at += timedelta(seconds=chance.randint(20, 900))
    return file


def show(file: Path) -> None:
    """Replay a file several times and print the best run."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        rows = lines.read().splitlines()[1:]
    first, last = (datetime.fromisoformat(row.partition(",")[0]) for row in (rows[0], rows[-1]))
    seconds, megabytes = min(replay(file) for _ in range(RUNS))
    recorded = (last - first).total_seconds()
    print(
        f"{file.name:24}{len(rows):9}{recorded / 86400:8.1f}{seconds:9.2f}"
        f"{recorded / seconds:14,.0f}{megabytes:7.1f}"
    )


def replay(file: Path, python: str = sys.executable) -> tuple[float, float]:
    """Return the seconds and megabytes of one replay.

    python: interpreter of the environment with unsit. Default: the present one.
    """
    command = [python, "-m", "unsit", "replay", "--json", str(file)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the replay failed"
    return time.perf_counter() - began, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
