"""Notices that the wall clock was set."""

from datetime import timedelta

from unsit.core.events import ClockStepped
from unsit.core.instant import ZERO
from unsit.runtime.clock import Clock

SMALLEST_STEP = timedelta(seconds=1)
"""Less than this is not worth telling."""


class StepWatch:
    """Compares the wall clock with the monotonic one each time it is asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin = clock.wall(ZERO)

    def step(self) -> ClockStepped | None:
        """The step since the last call, None if there was none."""
        origin = self._clock.wall(ZERO)
        by = origin - self._origin
        self._origin = origin
        return ClockStepped(self._clock.now(), by) if abs(by) >= SMALLEST_STEP else None
