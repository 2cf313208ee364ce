"""The working week: wall times, and which instants they are.

A wall time that the clock skips in spring is taken as if it had not been skipped, and one that
comes twice in autumn is the first of the two; so a range is as long as the clock on the wall says,
an hour less or more in those nights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MIDNIGHT = timedelta(0)
DAY = timedelta(days=1)
HORIZON = 15 * DAY
"""How far ahead the week is worked out."""


@dataclass(frozen=True, slots=True)
class Range:
    """Wall times of a day, as time since midnight; an end after 24 hours is on the next day."""

    start: timedelta
    end: timedelta


Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Week:
    """When the chair may sound.

    days: the ranges of each weekday, Monday first. quiet: the ranges of every day in which it may
        not. off: the days, first and last of each stretch, on which it may not at all.
    softer_from: the time of day from which the chair is softer, None for never.
    zone: where; None for where the machine is.
    """

    days: tuple[tuple[Range, ...], ...]
    quiet: tuple[Range, ...] = ()
    off: tuple[tuple[date, date], ...] = ()
    softer_from: time | None = None
    zone: tzinfo | None = None

    def next_closed(self, now: datetime) -> Span | None:
        """The time outside the hours that is under way, or the next one; None for none in sight.

        One that lasts beyond the horizon ends there.
        """
        first = self._here(now).date() - DAY
        end, horizon = self._instant(first, MIDNIGHT), now.astimezone(UTC) + HORIZON
        for start, until in (*self._open(first, HORIZON + 2 * DAY), (horizon, horizon)):
            if max(end, now) < min(start, horizon):
                return end, min(start, horizon)
            end = max(end, until)
        return None

    def day(self, now: datetime) -> tuple[datetime, datetime, datetime | None]:
        """The midnights before and after, and when the softer part of the day begins."""
        today = self._here(now).date()
        softer = self.softer_from
        return (
            self._instant(today, MIDNIGHT),
            self._instant(today, DAY),
            None if softer is None else self._instant(today, _since_midnight(softer)),
        )

    def next_time(self, of_day: time, now: datetime) -> datetime:
        """When the clock on the wall next shows a time of day."""
        today = self._here(now).date()
        since = _since_midnight(of_day)
        days = (self._instant(today + nth * DAY, since) for nth in range(3))
        return next(at for at in days if at > now)

    def _here(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def _instant(self, day: date, since: timedelta) -> datetime:
        shown = datetime.combine(day, time.min) + since
        here = shown.astimezone() if self.zone is None else shown.replace(tzinfo=self.zone)
        return here.astimezone(UTC)

    def _open(self, first: date, length: timedelta) -> Iterator[Span]:
        """The times within the hours, in order; some may touch or overlap."""
        days = [first + nth * DAY for nth in range(length // DAY + 1)]
        spans = [span for day in days for span in self._spans(day, self.days[day.weekday()])]
        for day in [first - DAY, *days]:
            for quiet in self._spans(day, self.quiet):
                spans = [part for span in spans for part in _without(span, quiet)]
        for start, last in self.off:
            off = (self._instant(start, MIDNIGHT), self._instant(last + DAY, MIDNIGHT))
            spans = [part for span in spans for part in _without(span, off)]
        yield from sorted(spans)

    def _spans(self, day: date, ranges: tuple[Range, ...]) -> list[Span]:
        spans = [(self._instant(day, one.start), self._instant(day, one.end)) for one in ranges]
        return [span for span in spans if span[0] < span[1]]


def _since_midnight(of_day: time) -> timedelta:
    return timedelta(hours=of_day.hour, minutes=of_day.minute)


def _without(span: Span, hole: Span) -> list[Span]:
    """What is left of a span."""
    parts = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [part for part in parts if part[0] < part[1]]
