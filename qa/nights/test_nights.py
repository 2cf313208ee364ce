"""Each peculiar night with the service live: seated, due and beeping while the clocks are set."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import IO

import pytest

from nights.chair import MOVE_AFTER_S
from support.fake_wall_clock import FakeWallClock, compile_wall_clock
from support.fixtures import missing
from support.program import environment
from support.time_zones import NIGHTS, Night

pytestmark = pytest.mark.program

LATE_S = 0.2
STOP_S = 1.0
LEAD_S = 12.0
"""Time from the start of a chair until its clocks are set."""

STAGGER_S = 1.5
"""Time between the starts of two chairs, so that they leave the machine to one another."""

DUE_BEFORE_S = 1.5
"""The first beep is that long before the clocks are set, so that the third one begins with it."""

STARTS_S = [0.0, 0.75, 1.5, 2.25]
ENDS_S = [0.5, 1.25, 2.0, 2.75]
"""Beeps of the pattern, in s after its start."""

NAMED = ("Africa/Cairo", "Asia/Beirut")
"""Zones that are tried by name in hours.timezone too."""

LINES_MAX = 40
"""Events and beeps of a chair; a storm of updates has thousands."""


@dataclass
class Course:
    """Course of one chair's night, in s after the clocks were set."""

    night: Night
    leaves: bool
    happened: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def times(self, what: str) -> list[float]:
        return [at for at, name in self.happened if name == what]

    @property
    def stalled(self) -> float:
        """Return the longest stall of the machine in s, as the chair measured it."""
        return max(
            (float(name.split()[1]) for _, name in self.happened if name.startswith("stall ")),
            default=0.0,
        )

    def expect(self, what: str, expected: list[float], late: float) -> None:
        """Note what came at other times than expected."""
        found = self.times(what)
        is_right = len(found) == len(expected) and all(
            -0.01 <= at - due <= late for at, due in zip(found, expected, strict=True)
        )
        if not is_right:
            shown, wanted = ([round(at, 3) for at in times] for times in (found, expected))
            self.wrong.append(f"{what} at {shown}, not within {late:.2f} s of {wanted}")

    def __str__(self) -> str:
        return f"{self.night}, {'leaves' if self.leaves else 'stays'}: {'; '.join(self.wrong)}"


class Chair:
    """Chair as a program whose wall clock shows a night.

    library: of the wall clock. set_at: when its clocks are set.
    """

    def __init__(self, night: Night, state: Path, library: Path, *, named: bool) -> None:
        clock = FakeWallClock(library, state.with_suffix(".clock"))
        clock.set(night.at.timestamp() - LEAD_S - time.time())
        self.set_at = time.monotonic() + LEAD_S
        zone = {"TZ": "UTC", "NAMED_ZONE": night.zone} if named else {"TZ": night.zone}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nights.chair", str(state)],
            env=environment(
                PYTHONPATH=os.pathsep.join(sys.path),
                **clock.variables,
                **zone,
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,))
        self._reader.start()

    def _read(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                at, _, what = line.strip().partition(" ")
                self.lines.put((float(at) - self.set_at, what))

    def at(self, seconds: float, do: str) -> float:
        """Let the person do something, in s after the clocks are set; return when it was done."""
        threading.Event().wait(self.set_at + seconds - time.monotonic())
        done = time.monotonic() - self.set_at
        assert self.process.stdin is not None
        self.process.stdin.write(f"{do}\n")
        self.process.stdin.flush()
        return done

    def stop(self) -> tuple[int | None, float]:
        """Send SIGTERM; return the exit code, None for a hang, and how long it took in s."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(10 * STOP_S)
        took = time.monotonic() - began
        self.process.kill()
        self._reader.join()
        assert self.process.stdin is not None
        self.process.stdin.close()
        return code, took


def live_through(
    number: int, night: Night, state: Path, library: Path, *, leaves: bool, named: bool
) -> Course:
    """Run one chair through a night when it is its turn, and return what happened."""
    course = Course(night, leaves)
    threading.Event().wait(number * STAGGER_S)
    chair = Chair(night, state, library, named=named)
    sat = chair.at(-DUE_BEFORE_S - MOVE_AFTER_S, "sit")
    rose = chair.at(0.3 if leaves else 2.0, "rise")
    chair.at(4.0, "rise")
    code, took = chair.stop()
    while not chair.lines.empty():
        course.happened.append(chair.lines.get())

    late, due = LATE_S + course.stalled, sat + MOVE_AFTER_S
    course.expect("move_due", [due], late)
    # A beep that a stall of the machine moves to after the rise never sounds.
    certain = sum(due + start + course.stalled < rose for start in STARTS_S)
    possible = sum(due + start < rose for start in STARTS_S)
    beeps = min(possible, max(certain, len(course.times("buzzer 1"))))
    course.expect("buzzer 1", [due + start for start in STARTS_S[:beeps]], late)
    course.expect("buzzer 0", [min(due + end, rose) for end in ENDS_S[:beeps]], late)
    course.expect("stood_up", [rose], late)
    if code != 0 or took > STOP_S + course.stalled:
        course.wrong.append(f"SIGTERM: {code} after {took:.2f} s")
    lines = [what for _, what in course.happened if not what.startswith("stall ")]
    if len(lines) > LINES_MAX:
        course.wrong.append(f"{len(lines)} events and beeps")
    return course


def test_a_chair_in_use_while_the_clocks_are_set_is_never_late_and_stops_at_once(
    tmp_path: Path,
) -> None:
    if not shutil.which("cc"):
        missing("there is no C compiler; sudo apt install gcc")
    named = [(night, True, True) for night in NIGHTS if night.zone in NAMED]
    courses = [*product(NIGHTS, (True, False), (False,)), *named]
    library = compile_wall_clock(tmp_path / "wallclock.so")

    with ThreadPoolExecutor(len(courses)) as pool:
        running = [
            pool.submit(
                live_through,
                number,
                night,
                tmp_path / str(number),
                library,
                leaves=leaves,
                named=is_named,
            )
            for number, (night, leaves, is_named) in enumerate(courses)
        ]
        wrong = [str(done) for future in running if (done := future.result()).wrong]

    assert not wrong, "\n".join(wrong)
