"""Days of a history: rows of the store, cut at the midnights of the place where they happened.

Instants are milliseconds since 1970 in UTC. A row has the offset (minutes east of UTC) that the
chair's clocks had when it happened. A row whose offset is that of the chair's zone is cut at the
midnights of the zone, so a day has 23, 24 or 25 h where clocks are set. Another offset means that
the chair was elsewhere; such a row is cut at the midnights of its own offset. Thus a day is the
day it was where it was.

Example: in Europe/Berlin a stretch from 23:30 to 00:20 gives 30 min to its first day and 20 min to
the next.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from typing import Literal, NamedTuple, get_args

from unsit.history.derived import Bout, Stretch, Unknown
from unsit.history.store import History
from unsit.runtime.clock import WallTime
from unsit.runtime.record import milliseconds

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000
DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)

OFFSET_MAX_MS = 26 * HOUR_MS
"""No two places show dates that are further apart."""

CHUNK_DAYS = 366
"""Days that are read at once, so that ten years need little memory."""


class Span(NamedTuple):
    """Span of time."""

    start: int
    end: int


class Moment(NamedTuple):
    """Instant (ms) with the offset of its place (min)."""

    at: int
    off: int

    @property
    def local(self) -> datetime:
        """Date with the offset of the place."""
        return moment(self.at).astimezone(timezone(timedelta(minutes=self.off)))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a window of time, each list in order of time.

    Stretches, bouts and unknown times are those that reach into the window, also in part.
    exercises: when an exercise was done.
    """

    stretches: Sequence[Stretch] = ()
    bouts: Sequence[Bout] = ()
    unknown: Sequence[Unknown] = ()
    exercises: Sequence[Moment] = ()


ReadRows = Callable[[int, int], Rows]
"""Return the rows of a window of time, from its first instant up to its last one, exclusive."""


class Piece(NamedTuple):
    """Part of a span within one day and one offset.

    bout_ms: of time on the seat, the length of the bout; 0 of other time.
    """

    start: int
    end: int
    offset: int
    bout_ms: int = 0

    def on_clock(self, day: date) -> tuple[float, float]:
        """Return start and end in hours of the day, as clocks showed them; 0 to 24."""
        midnight = (day - EPOCH).days * DAY_MS - self.offset * MINUTE_MS
        start, end = (
            min(24.0, max(0.0, (at - midnight) / HOUR_MS)) for at in (self.start, self.end)
        )
        return start, end


class DayBout(NamedTuple):
    """Bout, on the day on which it began. length_ms: its duration without unknown time."""

    bout: Bout
    length_ms: int


@dataclass(slots=True)
class Day:
    """Day of a chair.

    start, end: the day's midnights by the chair's zone. known: time in which the chair was
    watched; other time is unknown, and not time off the seat. pieces: time on the seat.
    """

    date: date
    start: int
    end: int
    known: list[Piece] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    bouts: list[DayBout] = field(default_factory=list)
    exercises: int = 0

    @property
    def is_watched(self) -> bool:
        """True if something is known of the day."""
        return bool(self.known or self.pieces or self.bouts)

    @property
    def known_ms(self) -> int:
        """Time in which the chair was watched."""
        return sum(piece.end - piece.start for piece in self.known)

    @property
    def seated_ms(self) -> int:
        """Time on the seat."""
        return sum(piece.end - piece.start for piece in self.pieces)


PeriodName = Literal["day", "week", "month", "year", "all"]
PERIODS: tuple[PeriodName, ...] = get_args(PeriodName)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days from the first to the last, both included.

    name: a week is from Monday to Sunday (ISO 8601); ``all`` is the whole history.
    """

    name: PeriodName
    first: date
    last: date

    @classmethod
    def of(cls, name: PeriodName, day: date, begin: date) -> "Period":
        """Return the period that a day lies in. begin: the first day of ``all``."""
        match name:
            case "day":
                return cls(name, day, day)
            case "week":
                monday = day - day.weekday() * DAY
                return cls(name, monday, monday + 6 * DAY)
            case "month":
                following = (day.replace(day=1) + 31 * DAY).replace(day=1)
                return cls(name, day.replace(day=1), following - DAY)
            case "year":
                return cls(name, date(day.year, 1, 1), date(day.year, 12, 31))
            case "all":
                return cls(name, min(begin, day), day)

    def before(self) -> "Period | None":
        """Return the period of this kind before this one; None before ``all`` and year 1."""
        if self.name == "all" or self.first <= date.min + DAY:
            return None
        return Period.of(self.name, self.first - DAY, self.first)

    def until(self, today: date) -> "Period":
        """Return the period without the days after today."""
        return Period(self.name, self.first, min(self.last, today))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


def days(read: ReadRows, period: Period, wall_time: WallTime) -> Iterator[Day]:
    """Yield every day of a period, also those without a row; days without a length are left out.

    read: reads the history, a few months at a time. wall_time: that of the chair's zone.
    """
    first = period.first
    while first <= period.last:
        last = min(period.last, first + (CHUNK_DAYS - 1) * DAY)
        yield from _chunk(read, first, last, wall_time)
        first = last + DAY


class _Segment(NamedTuple):
    """Time of one date and one offset (ms) by the chair's zone."""

    start: int
    end: int
    date: date
    offset_ms: int


def _chunk(read: ReadRows, first: date, last: date, wall_time: WallTime) -> Iterator[Day]:
    calendar = _Calendar(first, last, wall_time)
    if not calendar.days:
        return
    start = min(day.start for day in calendar.days.values())
    end = max(day.end for day in calendar.days.values())
    rows = read(start - OFFSET_MAX_MS, end + OFFSET_MAX_MS)
    unknown_ends = [span.end for span in rows.unknown]
    lengths: dict[int, int] = {}
    for bout in rows.bouts:
        lost = _overlap(Span(bout.start, bout.end), rows.unknown, unknown_ends)
        lengths[bout.start] = bout.end - bout.start - lost
        if (day := calendar.day(bout.start, bout.off)) is not None:
            day.bouts.append(DayBout(bout, lengths[bout.start]))
    for stretch in rows.stretches:
        bout_ms = lengths.get(stretch.bout, stretch.end - stretch.start)
        for day, piece in calendar.pieces(stretch, bout_ms):
            day.pieces.append(piece)
    for done in rows.exercises:
        if (day := calendar.day(done.at, done.off)) is not None:
            day.exercises += 1
    for segment in calendar.segments:
        if (day := calendar.days.get(segment.date)) is not None:
            whole = Span(segment.start, segment.end)
            day.known += (
                Piece(*span, segment.offset_ms // MINUTE_MS)
                for span in without(whole, rows.unknown, unknown_ends)
            )
    yield from calendar.days.values()


class _Calendar:
    """Days from the first to the last, and the segments of two more on both sides."""

    def __init__(self, first: date, last: date, wall_time: WallTime) -> None:
        self.segments = list(_segments(first - 2 * DAY, last + 2 * DAY, wall_time))
        self._starts = [segment.start for segment in self.segments]
        self.days: dict[date, Day] = {}
        for segment in self.segments:
            if first <= segment.date <= last:
                new = Day(segment.date, segment.start, segment.end)
                self.days.setdefault(segment.date, new).end = segment.end

    def day(self, at: int, off: int) -> Day | None:
        """Return the day of an instant, None if it is another one."""
        segment = self._segment(at)
        if segment.offset_ms == off * MINUTE_MS and segment.start <= at < segment.end:
            return self.days.get(segment.date)
        return self.days.get(EPOCH + (at + off * MINUTE_MS) // DAY_MS * DAY)

    def pieces(self, stretch: Stretch, bout_ms: int) -> Iterator[tuple[Day, Piece]]:
        """Yield the pieces of a stretch on these days."""
        segment = self._segment(stretch.start)
        if segment.offset_ms == stretch.off * MINUTE_MS or segment.start > stretch.start:
            parts = self._by_zone(stretch, bout_ms)
        else:
            parts = _by_offset(stretch, bout_ms)
        for date_of_part, piece in parts:
            if (day := self.days.get(date_of_part)) is not None:
                yield day, piece

    def _segment(self, at: int) -> "_Segment":
        return self.segments[max(0, bisect_right(self._starts, at) - 1)]

    def _by_zone(self, stretch: Stretch, bout_ms: int) -> Iterator[tuple[date, Piece]]:
        first = max(0, bisect_right(self._starts, stretch.start) - 1)
        for segment in islice(self.segments, first, None):
            if segment.start >= stretch.end:
                return
            start, end = max(stretch.start, segment.start), min(stretch.end, segment.end)
            if start < end:
                yield segment.date, Piece(start, end, segment.offset_ms // MINUTE_MS, bout_ms)


def _by_offset(stretch: Stretch, bout_ms: int) -> Iterator[tuple[date, Piece]]:
    start, shift = stretch.start, stretch.off * MINUTE_MS
    while start < stretch.end:
        number = (start + shift) // DAY_MS
        end = min(stretch.end, (number + 1) * DAY_MS - shift)
        yield EPOCH + number * DAY, Piece(start, end, stretch.off, bout_ms)
        start = end


def without(
    whole: Span, cut: Sequence[Span | Piece | Unknown], cut_ends: Sequence[int]
) -> Iterator[Span]:
    """Yield what is left of a span. cut: spans in order. cut_ends: their ends."""
    at = whole.start
    for span in cut[bisect_right(cut_ends, whole.start) :]:
        if span.start >= whole.end:
            break
        if span.start > at:
            yield Span(at, span.start)
        at = max(at, span.end)
    if at < whole.end:
        yield Span(at, whole.end)


def _overlap(whole: Span, spans: Sequence[Unknown], ends: Sequence[int]) -> int:
    """Return the time of a span that lies in others. spans: in order. ends: their ends."""
    first = bisect_right(ends, whole.start)
    if first == len(ends) or spans[first].start >= whole.end:
        return 0
    return whole.end - whole.start - sum(end - start for start, end in without(whole, spans, ends))


def _segments(first: date, last: date, wall_time: WallTime) -> Iterator[_Segment]:
    day, start = first, milliseconds(wall_time.midnight(first))
    while day <= last:
        end = milliseconds(wall_time.midnight(day + DAY))
        before, after = _offset(start, wall_time), _offset(end - 1, wall_time)
        if start < end and before == after:
            yield _Segment(start, end, day, before)
        elif start < end:
            change = bisect_left(
                range(start, end), True, key=lambda at: _offset(at, wall_time) != before
            )
            yield _Segment(start, start + change, day, before)
            yield _Segment(start + change, end, day, after)
        day, start = day + DAY, end


def _offset(at: int, wall_time: WallTime) -> int:
    offset = wall_time.shown(moment(at)).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def reader(history: History) -> ReadRows:
    """Return a function that reads the rows of an open history."""

    def read(since: int, until: int) -> Rows:
        done = history.dates("exercise_done", since, until)
        return Rows(
            history.stretches(since, until),
            history.bouts(since, until),
            history.unknown(since, until),
            [Moment(*at) for at in done],
        )

    return read


def moment(at: int) -> datetime:
    """Return an instant as a date in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
