"""``python -m shelves``: kill the service while it shelves, and count its events after each kill.

The service runs on simulated pins, 600 times as fast as real time, while a person sits down and
gets up. It is killed at any moment. After each kill every number must be in the history or in the
outbox, and in the history once. Some lives have a disk that is full for a while, and end with a
stop; between some, a page of the history is overwritten with zeros: the events that only it leads
to may be lost, and all others must be there.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from support.program import UNSIT, environment
from unsit.history.store import open_history
from unsit.runtime.state_file import open_state_copy

SPEED = 600
SETTINGS = ("chair.id=shelves", "mqtt.host=none", "sitting.min_break=60s", "sitting.move_after=5m")
NO_DWELL = ("seat.sit_dwell=0", "seat.stand_dwell=0", "seat.max_plausible_bout=7d")
LIFE_MAX_S = 2.5
"""Longest life (s) after the start, which takes about a second."""

EVENTS_OF_PAGE_MAX = 100
PAGE = 1024
LEAF = 0x0A
"""First byte of a page with events; a page above those leads to many, and takes them along."""

DISK_BYTES = 4_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill the service, print what was found, and return 1 if an event is lost or doubled."""
    options = _parser().parse_args(arguments)
    with small_disk(options.folder) as folder:
        run = Run(folder, random.Random(options.seed))
        for number in range(options.kills):
            run.live(how="kill")
            if run.can_be_full and number % 25 == 10:
                run.live(how="full")
            if number % 25 == 20:
                run.tear()
            if run.wrong:
                break
        run.live(how="stop")
        run.must_be_shelved()
    print(f"{run.told} events, {dict(run.lives)}, {run.torn} torn pages, {run.lost} events in them")
    for line in run.wrong:
        print(f"WRONG {line}")
    print("something is wrong" if run.wrong else "nothing is wrong")
    return 1 if run.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("shelves", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="kills of the service (300)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the chances (1)")
    parser.add_argument("--folder", type=Path, help="a folder instead of a small disk in memory")
    return parser


@contextlib.contextmanager
def small_disk(folder: Path | None) -> Iterator[Path]:
    """Yield a mounted file system of 4 MB, or the folder, or one that cannot become full."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        options = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "unsit-test", name)
        is_mounted = subprocess.run(["mount", *options], capture_output=True).returncode == 0
        try:
            yield Path(name)
        finally:
            if is_mounted:
                subprocess.run(["umount", "--lazy", name], check=True)


@dataclass
class Run:
    """Lives of one chair. told: the last number given. lost: events of torn pages."""

    folder: Path
    chance: random.Random
    lives: Counter[str] = field(default_factory=Counter)
    told: int = 0
    torn: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    _missing: set[int] = field(default_factory=set)

    @property
    def can_be_full(self) -> bool:
        """True if the folder is a mounted disk of its own."""
        return os.path.ismount(self.folder)

    @property
    def _history(self) -> Path:
        return self.folder / "history.sqlite"

    def live(self, how: str) -> None:
        """Start the service, let the person sit and get up, and end it."""
        self.lives[how] += 1
        flags = (part for one in (*SETTINGS, *NO_DWELL) for part in ("--set", one))
        command = [*UNSIT, "run", "--simulate", "-", "--speed", str(SPEED), *flags]
        service = subprocess.Popen(
            [*command, "--state-dir", str(self.folder)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with service:
            if service.stdin is None or service.stderr is None:
                raise AssertionError("both are pipes")
            service.stdin.write("contact\n")
            for line in service.stderr:
                if "has started" in line:
                    break
            self._sit_and_rise(service, how)
            service.send_signal(signal.SIGKILL if how == "kill" else signal.SIGTERM)
            service.stderr.read()
        self._count(how)

    def _sit_and_rise(self, service: "subprocess.Popen[str]", how: str) -> None:
        filler = self.folder / "film.mp4"
        begun, length = time.monotonic(), self.chance.uniform(0.01, LIFE_MAX_S)
        if how == "full":
            length = LIFE_MAX_S
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
                while True:
                    out.write(bytes(PAGE))
        while (left := begun + length - time.monotonic()) > 0:
            level = self.chance.random() < 0.5
            if service.stdin is not None:
                service.stdin.write(f"{int(level)}\n")
                service.stdin.flush()
            time.sleep(min(left, self.chance.choice((0.002, 0.02, 0.15, 0.4))))
        if how == "full":
            filler.unlink()
            time.sleep(1.0)  # several minutes of the service, which tries again in each

    def _count(self, how: str) -> None:
        """Compare what is in the history and in the outbox with the numbers given."""
        with closing(open_state_copy(self.folder / "state.sqlite")) as state:
            rows = state.rows("select record from outbox where marks & 2 = 0")
            waiting = [json.loads(text)["seq"] for (text,) in rows]
            counted = state.rows("select value from counters where name = 'seq'")
        shelved = self._shelved()
        self.told = counted[0][0] if counted else 0
        missing = set(range(1, self.told + 1)) - set(shelved) - set(waiting) - self._missing
        if missing:
            self.wrong.append(f"life {self.lives} ({how}): lost {sorted(missing)}")
        doubled = [seq for seq, count in Counter(shelved).items() if count > 1]
        if doubled:
            self.wrong.append(f"life {self.lives} ({how}): doubled {sorted(doubled)}")

    def _shelved(self) -> list[int]:
        if not self._history.exists():
            return []
        with open_history(self._history) as history:
            return [record["seq"] for record in history.records()]

    def tear(self) -> None:
        """Overwrite a page of the history, and let a life heal it."""
        self.live(how="stop")
        before, size = set(self._shelved()), os.path.getsize(self._history)
        page = self.chance.randrange(1, max(2, size // PAGE))
        with self._history.open("r+b") as file:
            file.seek(page * PAGE)
            is_leaf = file.read(1) == bytes([LEAF])
            file.seek(page * PAGE)
            file.write(bytes(PAGE))
        self._missing |= before  # until it is known which of them are lost
        self.live(how="stop")
        lost = before - set(self._shelved())
        self._missing -= before - lost
        self.torn, self.lost = self.torn + 1, self.lost + len(lost)
        if is_leaf and len(lost) > EVENTS_OF_PAGE_MAX:
            self.wrong.append(f"a torn page took {len(lost)} events")

    def must_be_shelved(self) -> None:
        """Expect that nothing waits after a stop."""
        with closing(open_state_copy(self.folder / "state.sqlite")) as state:
            ((waiting,),) = state.rows("select count(*) from outbox")
        if waiting:
            self.wrong.append(f"{waiting} events wait after a stop")


if __name__ == "__main__":
    sys.exit(main())
