"""Schedule: working hours and quiet hours of the week, converted to instants for the core.

Example: with hours from Monday to Friday 09:00 to 17:00, at Friday 12:00 the next closed span is
Friday 17:00 to Monday 09:00.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from unsit.core.inputs import AlwaysWithinHours, Day, OutsideHours, ScheduleInput
from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import CLOCK_STEP_MIN, DAY, WallTime
from unsit.runtime.loop import Loop, Timer

MIDNIGHT = timedelta(0)
HORIZON = 15 * DAY
"""Time ahead for which the week is computed."""

DAY_ENDS_SOON = timedelta(seconds=2)
"""Time before midnight at which the totals of the day are published for the last time.

Another machine whose clock is up to 2 s ahead still records them on that day.
"""

_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Range:
    """Part of a day, as times since midnight; an end after 24 h is on the next day."""

    start: timedelta
    end: timedelta


@dataclass(frozen=True, slots=True)
class Week:
    """Times at which the chair may sound.

    days: ranges in which it may sound, for each weekday, Monday first.
    quiet: ranges of every day in which it may not sound.
    off: first and last day of each period without sound.
    softer_from: time of day from which sounds are softer, None for never.
    zone: time zone, None for that of the machine.
    """

    days: tuple[tuple[Range, ...], ...]
    quiet: tuple[Range, ...] = ()
    off: tuple[tuple[date, date], ...] = ()
    softer_from: time | None = None
    zone: tzinfo | None = None

    def next_closed(self, now: datetime) -> _Span | None:
        """Return the present or else the next time outside the hours, None for none in 15 days.

        A span that lasts longer than 15 days from now ends there.
        """
        first = self._wall_time.day(now) - DAY
        end, horizon = self._moment(first, MIDNIGHT), now.astimezone(UTC) + HORIZON
        for start, until in (*self._open(first, HORIZON + 2 * DAY), (horizon, horizon)):
            if max(end, now) < min(start, horizon):
                return end, min(start, horizon)
            end = max(end, until)
        return None

    def day(self, now: datetime) -> tuple[datetime, datetime, datetime | None]:
        """Return the midnights before and after, and the start of the softer part of the day."""
        today = self._wall_time.day(now)
        softer = self.softer_from
        return (
            self._wall_time.midnight(today),
            self._wall_time.day_end(now),
            None if softer is None else self._moment(today, _since_midnight(softer)),
        )

    def next_time(self, of_day: time, now: datetime) -> datetime:
        """Return the next date at which the wall clock shows a time of day.

        Of a time that it shows twice in a night, the second one can be the next.
        """
        today = self._wall_time.shown(now).date()
        days = (datetime.combine(today + nth * DAY, of_day) for nth in range(3))
        return min(at for shown in days for at in self._wall_time.moments(shown) if at > now)

    @property
    def _wall_time(self) -> WallTime:
        return WallTime(self.zone)

    def _moment(self, day: date, since: timedelta) -> datetime:
        shown = datetime.combine(day, time.min) + since
        if shown.time() == time.min:
            return self._wall_time.midnight(shown.date())
        return self._wall_time.moment(shown)

    def _open(self, first: date, length: timedelta) -> Iterator[_Span]:
        """Yield the times within the hours, in order; some may touch or overlap."""
        days = [first + nth * DAY for nth in range(length // DAY + 1)]
        spans = [span for day in days for span in self._spans(day, self.days[day.weekday()])]
        for day in [first - DAY, *days]:
            for quiet in self._spans(day, self.quiet):
                spans = [part for span in spans for part in _without(span, quiet)]
        for start, last in self.off:
            if start <= days[-1] and last >= first:
                start, last = max(start, first), min(last, days[-1])
                off = (self._moment(start, MIDNIGHT), self._moment(last, DAY))
                spans = [part for span in spans for part in _without(span, off)]
        yield from sorted(spans)

    def _spans(self, day: date, ranges: tuple[Range, ...]) -> list[_Span]:
        spans = [(self._moment(day, part.start), self._moment(day, part.end)) for part in ranges]
        return [span for span in spans if span[0] < span[1]]


def _since_midnight(of_day: time) -> timedelta:
    return timedelta(hours=of_day.hour, minutes=of_day.minute)


def _without(span: _Span, hole: _Span) -> list[_Span]:
    """Return the parts of a span outside a hole."""
    parts = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [part for part in parts if part[0] < part[1]]


class Hours:
    """Source of the chair's schedule inputs: the day, and the present or next time outside hours.

    feed: takes the inputs. They come with ``update``, at the end of a time outside the hours, and
        at midnight. Call ``update`` at the start and after the wall clock was set.
    before_day_ends: called ``DAY_ENDS_SOON`` before midnight. Default: nothing.
    """

    def __init__(
        self,
        loop: Loop,
        week: Week,
        feed: Callable[[ScheduleInput], object],
        before_day_ends: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = loop
        self._week = week
        self._feed = feed
        self._before_day_ends = before_day_ends
        self._day_end_timer: Timer | None = None
        self._closed: OutsideHours | None = None
        self._day: Day | None = None
        self._timer: Timer | None = None

    def use(self, week: Week) -> None:
        """Compute the schedule again, with another week."""
        self._week = week
        self.update()

    def update(self) -> None:
        """Compute the schedule and feed it to the chair."""
        if self._timer is not None:
            self._timer.cancel()
        now = self._loop.clock.now()
        self._day = self._steady_day(now)
        self._closed = self._steady_closed(now)
        self._feed(self._day)
        self._feed(self._closed or AlwaysWithinHours())
        self._watch_day_end(self._day, now)
        until = self._day.end if self._closed is None else min(self._day.end, self._closed.until)
        wait = max(until - now, CLOCK_STEP_MIN)
        self._timer = self._loop.timer(wait.total_seconds(), self.update)
        self._timer.start()

    def _watch_day_end(self, day: Day, now: Instant) -> None:
        """Set the timer for the last moments of the day, unless they have begun."""
        if self._day_end_timer is not None:
            self._day_end_timer.cancel()
        wait = day.end - DAY_ENDS_SOON - now
        if wait > ZERO:
            self._day_end_timer = self._loop.timer(wait.total_seconds(), self._before_day_ends)
            self._day_end_timer.start()

    def next_time(self, of_day: time) -> Instant:
        """Return the next instant at which the wall clock shows a time of day."""
        now = self._loop.clock.now()
        return self._instant(self._week.next_time(of_day, self._loop.clock.wall(now)), now)

    def instant_of(self, date: datetime) -> Instant:
        """Return the instant at which the wall clock shows a date with an offset."""
        return self._instant(date, self._loop.clock.now())

    def _day_of(self, now: Instant, date: datetime) -> Day:
        start, end, softer = self._week.day(date)
        softer_from = None if softer is None else self._instant(softer, now)
        return Day(self._instant(start, now), self._instant(end, now), softer_from)

    def _next_closed(self, now: Instant, date: datetime) -> OutsideHours | None:
        closed = self._week.next_closed(date)
        if closed is None:
            return None
        start, until = closed
        return OutsideHours(self._instant(start, now), self._instant(until, now))

    def _instant(self, date: datetime, now: Instant) -> Instant:
        return now + (date - self._loop.clock.wall(now))

    def _steady_day(self, now: Instant) -> Day:
        """Return the day, which stays the same if the wall clock has moved by less than a step.

        A day that is over is over, although such a clock shows its last moment again.
        """
        date, previous = self._loop.clock.wall(now), self._day
        day = self._day_of(now, date)
        if previous is None or abs(day.start - previous.start) >= CLOCK_STEP_MIN:
            return day
        if now < previous.end:
            return previous
        return replace(self._day_of(now, date + CLOCK_STEP_MIN), start=previous.end)

    def _steady_closed(self, now: Instant) -> OutsideHours | None:
        """Return the time outside the hours, by the same rules as the day."""
        date, previous = self._loop.clock.wall(now), self._closed
        span = self._next_closed(now, date)
        if span is None or previous is None:
            return span
        moved = max(abs(span.start - previous.start), abs(span.until - previous.until))
        if moved >= CLOCK_STEP_MIN:
            return span
        if now < previous.until:
            return previous
        return self._next_closed(now, date + CLOCK_STEP_MIN)
