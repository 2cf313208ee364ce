"""Count the storage synchronisations and the written bytes of the service in an ordinary day.

    python benchmarks/storage.py RECORDING [--hours N] [--speed X]

``unsit run`` runs the first hours of a recording in scaled time, with a private mosquitto, under
``strace``, which must be installed. RECORDING is a file, or the name of a generated recording of a
mat such as ``office-week.csv``. The program counts the calls that synchronise storage (fsync,
fdatasync, msync, sync_file_range) of all threads, and the bytes written to the state file. Hours
are those of the recording.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from recordings import catalogue
from support.mosquitto import Mosquitto
from unsit_firmware.recording import Recording

SYNCS = "fsync,fdatasync,msync,sync_file_range,syncfs,sync"
WRITES = "pwrite64,write,pwritev,ftruncate"
CALL = re.compile(r"\d+ +(\d+\.\d+) (\w+)\(\d+<([^>]*)>.*?(?:= (\d+))?$")
UNSIT = (sys.executable, "-m", "unsit", "run", "--simulate")
START_UP_S = 10.0
"""Time for the start of the program, which tracing slows down."""


@dataclass(frozen=True)
class Call:
    """System call on a file of the state: its time in seconds, its name, and its bytes."""

    at: float
    name: str
    size: int


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--hours", type=float, default=24.0, help="hours of it (24)")
    parser.add_argument("--speed", type=float, default=720.0, help="speed-up over real time (720)")
    options = parser.parse_args()
    if shutil.which("strace") is None:
        sys.exit("strace is not installed: sudo apt install strace")
    with tempfile.TemporaryDirectory() as folder:
        recording = catalogue.found(options.recording, Path(folder))
        day, edges = first_hours(recording, options.hours, Path(folder))
        broker = Mosquitto(Path(folder))
        broker.start()
        calls = list(traced(day, broker.port, options, Path(folder)))
        broker.stop()
    report(calls, edges, options.hours, options.speed)


def first_hours(recording: Path, hours: float, folder: Path) -> tuple[Path, int]:
    """Write the first hours of a recording. Return the file and its number of rows."""
    source = Recording(str(recording))
    start = source.check().start
    day = folder / "day.csv"
    rows = 0
    with day.open("w", encoding="utf-8") as out:
        out.write("ts,contact\n")
        for at, level in source.moves():
            if at <= timedelta(hours=hours):
                out.write(f"{stamped(start, at)},{int(bool(level))}\n")
                rows += 1
    return day, rows


def stamped(start: datetime, at: timedelta) -> str:
    """Return an instant of a recording in the format of its rows."""
    return (start + at).replace(tzinfo=None).isoformat(timespec="milliseconds")


def traced(day: Path, port: int, options: argparse.Namespace, folder: Path) -> Iterator[Call]:
    """Yield the calls of a service that runs a day, from its start-up until it is stopped."""
    trace = folder / "trace"
    chosen = (f"mqtt.port={port}", "chair.id=storage", "homeassistant.discovery=false")
    command = [
        *("strace", "-f", "-y", "-ttt", "-e", f"trace={SYNCS},{WRITES}", "-o", str(trace)),
        *UNSIT,
        *(str(day), "--speed", str(options.speed), "--state-dir", str(folder / "state")),
        *(part for one in chosen for part in ("--set", one)),
    ]
    begun = time.time()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as service:
        time.sleep(START_UP_S + options.hours * 3600 / options.speed)
        ended = time.time()
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children")
        os.kill(int(children.read_text(encoding="ascii")), signal.SIGTERM)
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        found = CALL.match(line)
        if found is None or "/state" not in found[3]:
            continue
        at = float(found[1])
        if at < ended:
            yield Call(at - begun, found[2], int(found[4] or 0))


def report(calls: list[Call], edges: int, hours: float, speed: float) -> None:
    """Print the counts per hour of the recording."""
    syncs = [call for call in calls if call.name in SYNCS.split(",")]
    written = sum(call.size for call in calls if call.name in WRITES.split(","))
    by_hour = Counter(int(call.at * speed / 3600) for call in syncs)
    busiest = max((within_an_hour(syncs, one.at, speed) for one in syncs), default=0)
    quiet = sum(by_hour[hour] == 0 for hour in range(int(hours)))
    print(f"{edges} rows in {hours:g} h, at {speed:g} times real time")
    print(f"storage synchronisations: {len(syncs)}, {len(syncs) / hours:.1f} an hour")
    print(f"in the busiest 60 minutes: {busiest}; hours with none: {quiet}")
    print(f"written to the state file: {written / hours / 1e6:.2f} MB an hour")


def within_an_hour(syncs: list[Call], start: float, speed: float) -> int:
    """Return the number of calls in the hour of the recording that begins with ``start``."""
    return sum(start <= one.at < start + 3600 / speed for one in syncs)


if __name__ == "__main__":
    main()
