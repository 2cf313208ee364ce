"""``python -m shelves``: kill the service while it shelves, and count its events after each kill.

The service runs on simulated pins, 1,800 times as fast as real time, while a person sits down and
gets up. It is killed at any moment. After each kill every number must be in the history or in the
outbox, and in the history once. Then

- some lives have a disk that is full for a while, and end with a stop;
- some end with a loss of power: of what was not synchronised any sectors are left, and the next
  life begins with that. Of each, more moments are tried, those around the syncs above all;
- between some, a page of the history or of its copy is overwritten, as a worn card does, and the
  next life must heal it.

How late the calls of the chair come meanwhile is measured from the lines of its log: that of the
bout, and that of the call ``sitting.move_after`` after it.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from shelves.power import (
    HISTORY,
    STATE,
    Watched,
    compile_diary,
    last_number,
    numbers_shelved,
    numbers_waiting,
)
from support.program import UNSIT, environment
from unsit.runtime.state_file import open_state_copy

SPEED = 1800
SETTINGS = ("chair.id=shelves", "mqtt.host=none", "sitting.min_break=60s", "sitting.move_after=5m")
NO_DWELL = ("seat.sit_dwell=0", "seat.stand_dwell=0", "seat.max_plausible_bout=7d")
LIFE_MAX_S = 1.2
"""Longest life (s) after the start, which takes about a second."""

MOVE_AFTER_S = 300.0
SAT_DOWN, CALL = "sat down", "time to move: sitting for 5m "
"""Parts of the lines of the log: a bout, and the call that its length alone makes."""

LATE_MAX_S = 2.0
"""Real time (s) after which a call is too late. Programs that use the same processors are most of
it: beside thirty of them 0.3 s are usual."""

PAGE = 4096
"""Bytes that a card loses at least."""

MOMENTS = 12
"""Losses of power that are tried of each life under a diary."""

DISK_BYTES = 6_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill the service, print what was found, and return 1 if an event is lost or doubled."""
    options = _parser().parse_args(arguments)
    with small_disk(options.folder) as folder, tempfile.TemporaryDirectory() as rig:
        run = Run(folder, random.Random(options.seed), compile_diary(Path(rig) / "disk.so"))
        for number in range(options.kills):
            run.live(how="kill")
            if run.can_be_full and number % 25 == 10:
                run.live(how="full")
            if number % 3 == 1:
                run.live(how="power")
            if number % 10 == 5:
                run.wear_out()
            if run.wrong:
                break
            if number % 25 == 24:
                print(f"{number + 1} kills, {run.told} events", file=sys.stderr, flush=True)
        run.live(how="stop")
        run.must_be_shelved()
    print(
        f"{run.told} events, {dict(run.lives)}, {run.worn} worn pages, "
        f"{run.moments} losses of power"
    )
    print(
        f"{run.taken} events of the last moments before a loss of power, which no sync had covered"
    )
    print(run.punctuality())
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
    """Yield a mounted file system of 6 MB, or the folder, or one that cannot become full."""
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
    """Lives of one chair.

    folder: its state. library: the compiled diary of ``rigs/disk``.
    told: the last number given. worn: pages that were overwritten. moments: losses of power that
    were tried. taken: numbers that a loss of power has taken, which were not synchronised.
    late_s: how late each call was, in real time.
    """

    folder: Path
    chance: random.Random
    library: Path
    lives: Counter[str] = field(default_factory=Counter)
    told: int = 0
    worn: int = 0
    moments: int = 0
    taken: int = 0
    late_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _missing: set[int] = field(default_factory=set)

    @property
    def can_be_full(self) -> bool:
        """True if the folder is a mounted disk of its own."""
        return os.path.ismount(self.folder)

    @property
    def _history(self) -> Path:
        return self.folder / HISTORY

    def live(self, how: str) -> None:
        """Start the service, let the person sit and get up, and end it: see the module."""
        self.lives[how] += 1
        with tempfile.TemporaryDirectory() as name:
            if how == "power":
                watched = Watched(self.folder.resolve(), self.library, Path(name) / "diary")
                self._live(how, watched.variables)
                self._lose_power(watched)
            else:
                self._live(how, {})
        self._count(how)

    def _live(self, how: str, variables: dict[str, str]) -> None:
        flags = (part for one in (*SETTINGS, *NO_DWELL) for part in ("--set", one))
        command = [*UNSIT, "run", "--simulate", "-", "--speed", str(SPEED), *flags]
        service = subprocess.Popen(
            [*command, "--state-dir", str(self.folder)],
            env=environment() | variables,
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
            reader = threading.Thread(target=self._measure, args=(service.stderr,))
            reader.start()
            self._sit_and_rise(service, how)
            is_killed = how in ("kill", "power")
            service.send_signal(signal.SIGKILL if is_killed else signal.SIGTERM)
            reader.join()

    def _measure(self, log: TextIO) -> None:
        """Note how late each call was, from the line of the bout to its own."""
        sat_down = 0.0
        for line in log:
            if line.rstrip().endswith(SAT_DOWN):
                sat_down = time.monotonic()
            elif CALL in f"{line.rstrip()} " and sat_down:
                late_s = time.monotonic() - sat_down - MOVE_AFTER_S / SPEED
                self.late_s.append(late_s)
                if late_s > LATE_MAX_S:
                    self.wrong.append(f"life {self.lives}: a call came {late_s:.3f} s late")

    def _lose_power(self, watched: Watched) -> None:
        """Try losses of power at moments of this life, and live on with the last one."""
        losses = watched.losses(MOMENTS, self.chance)
        for loss in losses:
            self.moments += 1
            self.wrong += (f"life {self.lives}: {one}" for one in loss.problems(self._missing))
        last = losses[-1]
        last.restore(self.folder)
        found = {*numbers_shelved(self.folder), *numbers_waiting(self.folder)}
        taken = set(range(last.owed_up_to() + 1, last.told_up_to() + 1)) - found
        self.taken += len(taken)
        self._missing |= taken

    def _sit_and_rise(self, service: "subprocess.Popen[str]", how: str) -> None:
        filler = self.folder / "film.mp4"
        begun, length = time.monotonic(), self.chance.uniform(0.01, LIFE_MAX_S)
        if how == "full":
            length = LIFE_MAX_S
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
                while True:
                    out.write(bytes(1024))
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
        shelved, waiting = numbers_shelved(self.folder), numbers_waiting(self.folder)
        self.told = last_number(self.folder)
        missing = set(range(1, self.told + 1)) - set(shelved) - set(waiting) - self._missing
        if missing:
            self.wrong.append(f"life {self.lives} ({how}): lost {sorted(missing)}")
        doubled = [seq for seq, count in Counter(shelved).items() if count > 1]
        if doubled:
            self.wrong.append(f"life {self.lives} ({how}): doubled {sorted(doubled)}")

    def punctuality(self) -> str:
        """Return in words how late the calls were."""
        if not self.late_s:
            return "no call"
        ms = sorted(1000 * one for one in self.late_s)
        middle, most = ms[len(ms) // 2], ms[int(len(ms) * 0.99)]
        return (
            f"{len(ms)} calls, half of them within {middle:.0f} ms, 99 % within {most:.0f} ms, the "
            f"last within {ms[-1]:.0f} ms"
        )

    def wear_out(self) -> None:
        """Overwrite a page of the history or its copy, and expect the next life to heal it."""
        self.live(how="stop")
        before = numbers_shelved(self.folder)
        files = (self._history, self._history.with_name(f"{HISTORY}.copy"))
        file = self.chance.choice([file for file in files if file.exists()])
        content = bytearray(file.read_bytes())
        start = self.chance.randrange(len(content)) // PAGE * PAGE
        length = len(content[start : start + PAGE])
        is_zeroed = self.chance.random() < 0.5
        content[start : start + PAGE] = (
            bytes(length) if is_zeroed else self.chance.randbytes(length)
        )
        content[60:64] = file.read_bytes()[60:64]  # else it may be of a newer unsit
        file.write_bytes(content)
        self.worn += 1
        self._live("stop", {})
        if lost := set(before) - set(numbers_shelved(self.folder)):
            self.wrong.append(f"a page of {file.name} at {start} took {sorted(lost)}")
        self._count("stop")

    def must_be_shelved(self) -> None:
        """Expect that nothing waits after a stop."""
        with closing(open_state_copy(self.folder / STATE)) as state:
            ((waiting,),) = state.rows("select count(*) from outbox")
        if waiting:
            self.wrong.append(f"{waiting} events wait after a stop")


if __name__ == "__main__":
    sys.exit(main())
