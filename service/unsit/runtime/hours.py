"""The clock on the wall: the core is told in instants what the week says in wall times."""

from collections.abc import Callable
from datetime import datetime, time

from unsit.core.inputs import AlwaysWithinHours, Calendar, Day, OutsideHours
from unsit.core.instant import Instant
from unsit.runtime.loop import Loop, Timer
from unsit.runtime.stepwatch import SMALLEST_STEP
from unsit.runtime.week import Week


class Hours:
    """Tells the chair of the day, and of the time outside the hours, under way or next.

    feed: takes what the chair is told. It is told at ``tell``, when that time is over, and at
    midnight; ``tell`` is for the start and for a wall clock that was set.
    """

    def __init__(self, loop: Loop, week: Week, feed: Callable[[Calendar], object]) -> None:
        self._loop = loop
        self._week = week
        self._feed = feed
        self._closed: OutsideHours | None = None
        self._day: Day | None = None
        self._timer: Timer | None = None

    def tell(self) -> None:
        """Works out anew what the week says, and tells the chair."""
        if self._timer is not None:
            self._timer.cancel()
        now = self._loop.clock.now()
        self._day = self._steady_day(self._day_of(now))
        self._closed = self._steady(self._next(now))
        self._feed(self._day)
        self._feed(self._closed or AlwaysWithinHours())
        again = self._day.end if self._closed is None else min(self._day.end, self._closed.until)
        self._timer = self._loop.timer((again - now).total_seconds(), self.tell)
        self._timer.start()

    def next_time(self, of_day: time) -> Instant:
        """The instant at which the clock on the wall next shows a time of day."""
        now = self._loop.clock.now()
        return self._instant(self._week.next_time(of_day, self._loop.clock.wall(now)), now)

    def _day_of(self, now: Instant) -> Day:
        start, end, softer = self._week.day(self._loop.clock.wall(now))
        softer_from = None if softer is None else self._instant(softer, now)
        return Day(self._instant(start, now), self._instant(end, now), softer_from)

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
        told = self._closed
        if span is None or told is None:
            return span
        moved = max(abs(span.start - told.start), abs(span.until - told.until))
        return told if moved < SMALLEST_STEP else span

    def _steady_day(self, day: Day) -> Day:
        told = self._day
        return told if told is not None and abs(day.start - told.start) < SMALLEST_STEP else day
