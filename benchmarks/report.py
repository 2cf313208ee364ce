"""Measure the time and memory of ``unsit report``, the whole process, and the size of its output.

    python benchmarks/report.py [FOLDER]

FOLDER is a state directory with a ``history.sqlite``, by default one with ten generated years of a
person at a desk. Each report is made five times in a separate process; the table has the best
time and the peak of resident memory. ``config`` is a command that only reads the settings.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.sample_history import events, person, write_history
from unsit.history.store import open_history
from unsit.report.days import moment
from unsit.settings.model import HISTORY_FILE

RUNS = 5
OUT = "OUT"
"""Place of the file of a page among the arguments."""

PREPARE = "--prepare"
"""Option of the process that makes the history."""

OUTPUTS: tuple[tuple[str, ...], ...] = (
    *(("text",), ("text, --compare", "--compare"), ("JSON", "--json")),
    *(("CSV of days", "--csv", "days"), ("CSV of bouts", "--csv", "bouts")),
    ("page", "--html", OUT),
)


def main() -> None:
    """Print a row for each period and output."""
    with tempfile.TemporaryDirectory() as folder:
        state = sys.argv[1] if len(sys.argv) > 1 else folder
        # A process that has been large would count into the memory of those that it starts.
        prepared = subprocess.run(
            [sys.executable, __file__, PREPARE, state],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        what, day = prepared.stdout.splitlines()
        print(f"{what}\n\n| {'report':24} | seconds | MB | kB of output |\n|---|---:|---:|---:|")
        show("config", "config", "--state-dir", state)
        for period in ("day", "week", "month", "year", "all"):
            of = () if period == "all" else ("--of", day)
            for name, *options in OUTPUTS:
                if not (period == "all" and "--compare" in options):
                    arguments = (period, *of, *options, "--state-dir", state)
                    show(f"{period}, {name}", "report", *arguments)


def prepare(state: Path) -> None:
    """Generate the history if there is none; print what is in it, and its last day."""
    file = state / HISTORY_FILE
    if not file.exists():
        write_history(state, events(person(date(2016, 12, 1), date(2026, 11, 27))))
    with open_history(file) as history:
        first, last = history.extent() or (0, 0)
        bouts, stretches = len(history.bouts(first, last)), len(history.stretches(first, last))
    years, size = (last - first) / 1000 / 86400 / 365.25, file.stat().st_size / 1e6
    print(f"{years:.1f} years, {bouts} bouts, {stretches} stretches, {size:.1f} MB")
    print(moment(last).date())


def show(name: str, *arguments: str) -> None:
    """Run a command several times and print its best time, and its memory and output."""
    seconds, megabytes, kilobytes = min(measure(arguments) for _ in range(RUNS))
    print(f"| {name:24} | {seconds:.2f} | {megabytes:.0f} | {kilobytes:.0f} |", flush=True)


def measure(arguments: tuple[str, ...]) -> tuple[float, float, float]:
    """Return seconds, peak of memory (MB) and size of the output (kB) of a command."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        given = [str(out) if one == OUT else one for one in arguments]
        started = time.perf_counter()
        with Path(folder, "stdout").open("wb") as stdout:
            process = subprocess.Popen([sys.executable, "-m", "unsit", *given], stdout=stdout)
            _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        assert status == 0, arguments
        written = out if out.exists() else Path(folder, "stdout")
        return seconds, used.ru_maxrss / 1024, written.stat().st_size / 1e3


if __name__ == "__main__":
    if sys.argv[1:2] == [PREPARE]:
        prepare(Path(sys.argv[2]))
    else:
        main()
