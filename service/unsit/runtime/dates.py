"""Dates of instants that do not waver."""

from datetime import UTC, datetime, time, timedelta

from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import Clock

TREMBLING = timedelta(milliseconds=100)
"""As much may come of reading two clocks on a busy machine. Time synchronisation that moves the
wall clock slowly moves the monotonic one with it, so that what is more than this was a step."""


class Dates:
    """Dates that stay as they were said until the wall clock is set.

    The clock itself dates the same instant a little differently each time; what is told should not
    tremble with it, and a duration should be the difference of its dates.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin = clock.wall(ZERO)

    def date(self, at: Instant) -> datetime:
        """The date of an instant, with the local offset of that date."""
        return (self._steady_origin() + at).astimezone()

    def midnight(self, now: Instant) -> Instant:
        """When the day of this instant began; that may lie before the clock's origin."""
        begun = datetime.combine(self.date(now).date(), time.min).astimezone()
        return begun - self._steady_origin()

    def instant(self, date: datetime) -> Instant:
        """The instant of a date that has an offset."""
        return date - self._steady_origin()

    def _steady_origin(self) -> datetime:
        origin = self._clock.wall(ZERO).astimezone(UTC)
        if abs(origin - self._origin) >= TREMBLING:
            self._origin = origin
        return self._origin.astimezone(UTC)
