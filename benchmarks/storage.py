"""Count the bytes and the synchronisations that the service writes to its disk in an ordinary day.

    python benchmarks/storage.py RECORDING [--hours N] [--speed X] [--folder DIR] [--set KEY=VAL]

``unsit run`` runs the first hours of a recording in scaled time, with a private mosquitto.
RECORDING is a file, or the name of a generated one of a mat such as ``office-week.csv``. Hours are
those of the recording.

The bytes are those of the kernel's counter (``write_bytes`` of /proc/PID/io, without what was
cancelled), from READY to just before the stop. Linux writes what nobody synchronises after 30 s; in
scaled time that would come too rarely, so this program synchronises all files of the state every 30
s of the recording. DIR must be on a disk, not in memory. The bytes of each file come from a diary
(``rigs/disk``), which does not see memory that is mapped: the rest is ``-shm``.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from disk.diary import SYNC, WRITEBACK_S, Entry, Written, entries
from recordings import catalogue
from support.mosquitto import Mosquitto
from support.places import RIGS
from unsit_firmware.recording import Recording

UNSIT = (sys.executable, "-m", "unsit", "run", "--simulate")
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder for the diary whose bytes no disk counts


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--hours", type=float, default=24.0, help="hours of it (24)")
    parser.add_argument("--speed", type=float, default=600.0, help="speed-up over real time (600)")
    parser.add_argument("--folder", type=Path, help="folder on the disk")
    parser.add_argument("--set", action="append", default=[], help="a setting of the service")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        tempfile.TemporaryDirectory(dir=MEMORY) as memory,
    ):
        folder = Path(name)
        recording = catalogue.found(options.recording, folder)
        day, edges = first_hours(recording, options.hours, folder)
        broker = Mosquitto(folder)
        broker.start()
        chosen = [f"mqtt.port={broker.port}", "chair.id=storage", *options.set]
        run = Run(folder, Path(memory), options.speed)
        run.live(day, options.hours, chosen)
        broker.stop()
        print(f"{edges} rows in {options.hours:g} h, at {options.speed:g} times real time")
        run.report(options.hours)


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


@dataclass
class Run:
    """Day of a service. folder: on the disk. memory: for the diary. speed: over real time."""

    folder: Path
    memory: Path
    speed: float
    counted: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def _state(self) -> Path:
        return self.folder.resolve() / "state"

    def live(self, day: Path, hours: float, chosen: list[str]) -> None:
        """Run the service through the day, and stop it."""
        library = self.memory / "disk.so"
        subprocess.run([RIGS / "disk" / "build", library], check=True, capture_output=True)
        variables = {
            "LD_PRELOAD": f"{library}",
            "DISK_FOLDER": f"{self._state}",
            "DISK_DIARY": f"{self.memory / 'diary'}",
        }
        command = [*UNSIT, str(day), "--speed", str(self.speed), "--state-dir", str(self._state)]
        flags = [part for one in chosen for part in ("--set", one)]
        with subprocess.Popen(
            [*command, *flags], env=os.environ | variables, stderr=subprocess.PIPE, text=True
        ) as service:
            if service.stderr is None:
                raise AssertionError("it is a pipe")
            for line in service.stderr:
                if "has started" in line:
                    break
            threading.Thread(target=service.stderr.read, daemon=True).start()
            threading.Thread(target=self._write_back, daemon=True).start()
            before, first = written(service.pid), self._diary_bytes()
            time.sleep(hours * 3600 / self.speed)
            self.counted, self._extent = written(service.pid) - before, (first, self._diary_bytes())
            self._ended.set()
            service.send_signal(signal.SIGTERM)

    def report(self, hours: float) -> None:
        """Print the figures."""
        first, last = self._extent
        day = [one for one in entries(self.memory / "diary") if first <= one.start < last]
        syncs = [one for one in day if one.kind == SYNC]
        by_hour = Counter(int((one.at_s - day[0].at_s) * self.speed / 3600) for one in syncs)
        busiest = max((self._within_an_hour(syncs, one) for one in syncs), default=0)
        quiet = sum(by_hour[hour] == 0 for hour in range(int(hours)))
        print(f"storage synchronisations: {len(syncs)}, {len(syncs) / hours:.1f} an hour")
        print(f"in the busiest 60 minutes: {busiest}; hours with none: {quiet}")
        print(f"written to the disk: {self.counted / 1e6:.2f} MB, by the kernel's counter")
        by_file = Written(self.speed)
        for one in day:
            by_file.feed(one)
        for name, size in sorted(by_file.bytes_of.items(), key=lambda pair: -pair[1]):
            print(f"    {name}: {size / 1e6:.2f} MB")

    def _within_an_hour(self, syncs: list[Entry], first: Entry) -> int:
        end = first.at_s + 3600 / self.speed
        return sum(first.at_s <= one.at_s < end for one in syncs)

    def _diary_bytes(self) -> int:
        return os.path.getsize(self.memory / "diary")

    def _write_back(self) -> None:
        """Write the files of the state as Linux does, in the time of the recording."""
        while not self._ended.wait(WRITEBACK_S / self.speed):
            for file in self._state.iterdir():
                with suppress(OSError):
                    descriptor = os.open(file, os.O_RDONLY)
                    os.fsync(descriptor)
                    os.close(descriptor)


def written(pid: int) -> int:
    """Return the bytes that a process has written to a disk, as the kernel counts them."""
    text = Path(f"/proc/{pid}/io").read_text(encoding="ascii")
    counters = dict(line.split(": ") for line in text.splitlines())
    return int(counters["write_bytes"]) - int(counters["cancelled_write_bytes"])


if __name__ == "__main__":
    main()
