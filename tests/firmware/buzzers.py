"""What the tests of the buzzers share: timers whose time is up when a test says so."""

from collections.abc import Callable
from typing import Any

from unsit_firmware import PATTERNS, Pattern

PIN = 18

PATIENCE = 10.0

NAMES = sorted(PATTERNS)

Step = tuple[bool, float]
"""Whether it sounds, and for how long."""


class FakeTimer:
    """A timer whose time is up when the test says so."""

    def __init__(self, delay: float, act: Callable[[], None]) -> None:
        self.delay = delay
        self.act = act
        self.started = False
        self.cancelled = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


class Timers:
    """Every timer that a buzzer asked for."""

    def __init__(self) -> None:
        self.made: list[FakeTimer] = []
        self.done: list[FakeTimer] = []

    def __call__(self, delay: float, act: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(delay, act)
        self.made.append(timer)
        return timer

    @property
    def running(self) -> list[FakeTimer]:
        return [
            timer
            for timer in self.made
            if timer.started and not timer.cancelled and timer not in self.done
        ]

    def up(self) -> FakeTimer:
        """The one running timer, whose time is up; its call is still to come."""
        [timer] = self.running
        self.done.append(timer)
        return timer

    def next(self) -> None:
        """The time of the one running timer is up, and it calls."""
        self.up().act()

    def call_late(self) -> None:
        """Timers that were cancelled too late call nevertheless."""
        for timer in self.made:
            if timer.cancelled and timer not in self.done:
                self.done.append(timer)
                timer.act()


def steps(buzzer: Any, timers: Timers) -> list[Step]:
    """Lets the pattern play to its end."""
    seen: list[Step] = []
    while timers.running:
        seen.append((bool(buzzer.is_active), timers.running[0].delay))
        assert buzzer.is_playing
        timers.next()
    return seen


def is_silent(buzzer: Any, timers: Timers) -> bool:
    return not buzzer.is_active and not buzzer.is_playing and not timers.running


def steps_of(pattern: Pattern) -> list[Step]:
    both = [((True, beep.on), (False, beep.off)) for beep in pattern]
    return [step for pair in both for step in pair if step[1] > 0]
