"""How fast a recording replays, start-up included, and how much memory its length takes.

    python benchmarks/replay.py [FILE ...]

Each FILE, or generated recordings of 1, 10 and 100 office weeks, goes through ``unsit replay
--json`` in a process of its own: the best of five runs, and the peak of resident memory.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

RUNS = 5


def main() -> None:
    """Prints a row for each recording."""
    print(f"{'recording':24}{'rows':>9}{'days':>8}{'seconds':>9}{'x real time':>14}{'MB':>7}")
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(name) for name in sys.argv[1:]]
        for file in files or [office(Path(folder), weeks) for weeks in (1, 10, 100)]:
            show(file)


def office(folder: Path, weeks: int) -> Path:
    """A recording of somebody who sits 5 to 60 minutes and is up 20 seconds to 15 minutes."""
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
    """Replays a file several times and prints the best."""
    rows = file.read_text().splitlines()[1:]
    first, last = (datetime.fromisoformat(row.partition(",")[0]) for row in (rows[0], rows[-1]))
    seconds, megabytes = min(replay(file) for _ in range(RUNS))
    recorded = (last - first).total_seconds()
    print(
        f"{file.name:24}{len(rows):9}{recorded / 86400:8.1f}{seconds:9.2f}"
        f"{recorded / seconds:14,.0f}{megabytes:7.1f}"
    )


def replay(file: Path, python: str = sys.executable) -> tuple[float, float]:
    """Seconds and megabytes of one replay by the interpreter of an environment."""
    command = [python, "-m", "unsit", "replay", "--json", str(file)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # our own program
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "a figure of a failure is none"
    return time.perf_counter() - began, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
