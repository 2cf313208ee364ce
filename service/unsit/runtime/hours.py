"""Working hours: the core is told in instants what the week says in wall times."""

from collections.abc import Callable
from datetime import datetime, time

from unsit.core.inputs import AlwaysWithinHours, Input, OutsideHours
from unsit.core.instant import Instant
from unsit.runtime.loop import Loop, Timer
from unsit.runtime.stepwatch import SMALLEST_STEP
from unsit.runtime.week import DAY, Week


class Hours:
    """Tells the chair of the time outside the hours that is under way or comes next.

    feed: takes what the chair is told. It is told at ``tell``, when that time is over, and once a
    day; ``tell`` is for the start and for a wall clock that was set.
    """

    def __init__(self, loop: Loop, week: Week, feed: Callable[[Input], object]) -> None:
        self._loop = loop
        self._week = week
        self._feed = feed
        self._told: OutsideHours | None = None
        self._timer: Timer | None = None

    def tell(self) -> None:
        """Works out anew what the week says, and tells the chair."""
        if self._timer is not None:
            self._timer.cancel()
        now = self._loop.clock.now()
        self._told = self._steady(self._next(now))
        self._feed(self._told or AlwaysWithinHours())
        again = DAY if self._told is None else min(DAY, self._told.until - now)
        self._timer = self._loop.timer(again.total_seconds(), self.tell)
        self._timer.start()

    def next_time(self, of_day: time) -> Instant:
        """The instant at which the clock on the wall next shows a time of day."""
        now = self._loop.clock.now()
        return self._instant(self._week.next_time(of_day, self._loop.clock.wall(now)), now)

    def _next(self, now: Instant) -> OutsideHours | None:
        closed = self._week.next_closed(self._loop.clock.wall(now))
        if closed is None:
            return None
        start, until = closed
        return OutsideHours(self._instant(start, now), self._instant(until, now))

    def _instant(self, date: datetime, now: Instant) -> Instant:
        return now + (date - self._loop.clock.wall(now))

    def _steady(self, span: OutsideHours | None) -> OutsideHours | None:
        """What was told before, if the wall clock has only been corrected a little since."""
        told = self._told
        if span is None or told is None:
            return span
        moved = max(abs(span.start - told.start), abs(span.until - told.until))
        return told if moved < SMALLEST_STEP else span
