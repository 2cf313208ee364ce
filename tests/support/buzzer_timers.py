"""Timers for tests of buzzers, which expire when a test lets them."""

from collections.abc import Callable
from typing import Any

from unsit_firmware import PATTERNS, Pattern

PIN = 18

TIMEOUT_S = 60.0

NAMES = sorted(PATTERNS)

Step = tuple[bool, float]
"""True for a sound or False for a pause, and its length in seconds."""


class FakeTimer:
    """Timer that expires when the test lets it."""

    def __init__(self, delay: float, callback: Callable[[], None]) -> None:
        self.delay = delay
        self.callback = callback
        self.started = False
        self.cancelled = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


class Timers:
    """Timer factory that keeps every timer of a buzzer."""

    def __init__(self) -> None:
        self.made: list[FakeTimer] = []
        self.done: list[FakeTimer] = []

    def __call__(self, delay: float, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(delay, callback)
        self.made.append(timer)
        return timer

    @property
    def running(self) -> list[FakeTimer]:
        return [
            timer
            for timer in self.made
            if timer.started and not timer.cancelled and timer not in self.done
        ]

    def expire(self) -> FakeTimer:
        """Expire the only running timer without its callback, and return it."""
        [timer] = self.running
        self.done.append(timer)
        return timer

    def next(self) -> None:
        """Expire the only running timer and run its callback."""
        self.expire().callback()

    def call_late(self) -> None:
        """Run the callbacks of cancelled timers, as if the cancellation came too late."""
        for timer in self.made:
            if timer.cancelled and timer not in self.done:
                self.done.append(timer)
                timer.callback()


def steps(buzzer: Any, timers: Timers) -> list[Step]:
    """Play the pattern to its end and return its steps."""
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
