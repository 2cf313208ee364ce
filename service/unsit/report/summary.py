"""Summary of a period: what every renderer shows, made in one pass over the days."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import ceil
from typing import Literal

from unsit.history.derived import Bout
from unsit.report.days import Day, Moment, Period
from unsit.report.measures import PROLONGED_S, Measure, Tally

Unit = Literal["day", "week", "month"]

TIMELINE_DAYS_MAX = 62
"""Days up to which each has a timeline of its own; more would be a picture of stripes."""

HOURS_MIN = 6
"""Hours that a timeline shows at least."""

HOURS_OF_NOBODY = (8, 18)
"""Hours that a timeline shows if nobody sat."""


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a table: the totals of a day, week or month. first, last: its days in the period."""

    first: date
    last: date
    tally: Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """Summary of a period.

    period: without days after today. rows: of the unit, in order; see ``grouped``.
    timeline: the days, empty if there are more than 62. before: the period before and its totals,
    None if not compared. zone: name of the time zone, None for that of the machine.
    under_way: the bout of the period that has not ended; the figures have it as far as it is known.
    """

    chair: str
    period: Period
    tally: Tally
    unit: Unit
    rows: list[Row]
    timeline: list[Day] = field(default_factory=list)
    before: "tuple[Period, Tally] | None" = None
    zone: str | None = None
    under_way: Bout | None = None

    def end_of_under_way(self, day: Day) -> float | None:
        """Return the hour of the day up to which the bout under way is known; None if not on it."""
        for piece in day.pieces:
            if self.under_way is not None and piece.end == self.under_way.end:
                return piece.on_clock(day.date)[1]
        return None

    def grouped(self, unit: Unit) -> "Iterator[Row]":
        """Yield the rows of a larger unit. A week counts to the month in which it begins."""
        for _, group in groupby(self.rows, key=lambda row: _unit_of(row.first, unit)):
            rows = list(group)
            tally = Tally(self.tally.move_after_s, self.tally.exercises_a_day)
            for row in rows:
                tally.merge(row.tally)
            yield Row(rows[0].first, rows[-1].last, tally)

    def shown_measures(self) -> Iterator[tuple[Measure, Measure | None]]:
        """Yield each measure for people, with that of the period before.

        Those of ``sitting.move_after`` are left out where it is 30 min, so that no figure is there
        twice.
        """
        others = {} if self.before is None else {one.key: one for one in self.before[1].measures()}
        is_same = self.tally.move_after_s == PROLONGED_S
        for measure in self.tally.measures():
            if not (is_same and measure.key.startswith("over_move_after")):
                yield measure, others.get(measure.key)


@dataclass(frozen=True, slots=True)
class Norms:
    """Norms of a chair that measures are taken against.

    move_after_s: the setting ``sitting.move_after`` (s). exercises_a_day: as in ``Tally``.
    """

    move_after_s: float
    exercises_a_day: int = 0

    def tally(self, days: Iterable[Day] = ()) -> Tally:
        """Return the totals of days."""
        tally = Tally(self.move_after_s, self.exercises_a_day)
        for day in days:
            tally.add(day)
        return tally


def summarise(
    chair: str,
    period: Period,
    days: Iterable[Day],
    norms: Norms,
    unit: Unit,
    *,
    before: "tuple[Period, Tally] | None" = None,
    zone: str | None = None,
    under_way: Bout | None = None,
) -> Summary:
    """Return the summary of days. unit: that of the rows. under_way: of the whole history."""
    whole = norms.tally()
    rows: list[Row] = []
    timeline: list[Day] = []
    keeps_days = period.days <= TIMELINE_DAYS_MAX
    for _, group in groupby(days, key=lambda day: _unit_of(day.date, unit)):
        row = norms.tally()
        first = last = None
        for day in group:
            first, last = first or day.date, day.date
            row.add(day)
            if keeps_days:
                timeline.append(day)
        if first is not None and last is not None:
            rows.append(Row(first, last, row))
            whole.merge(row)
    if under_way is not None and not _overlaps(under_way, period):
        under_way = None
    return Summary(chair, period, whole, unit, rows, timeline, before, zone, under_way)


def _overlaps(bout: Bout, period: Period) -> bool:
    first, last = (Moment(at, bout.off).local.date() for at in (bout.start, bout.end))
    return first <= period.last and last >= period.first


def _unit_of(day: date, unit: Unit) -> tuple[int, ...]:
    match unit:
        case "day":
            return (day.toordinal(),)
        case "week":
            return day.isocalendar()[:2]
        case "month":
            return day.year, day.month


def hours_used(days: Iterable[Day]) -> tuple[int, int]:
    """Return the clock hours from the first sit-down of any day to the last stand-up, whole."""
    first, last = 24, 0
    for day in days:
        for piece in day.pieces:
            start, end = piece.on_clock(day.date)
            first, last = min(first, int(start)), max(last, ceil(end))
    if first >= last:
        return HOURS_OF_NOBODY
    while last - first < HOURS_MIN:
        first, last = max(0, first - 1), min(24, last + 1)
    return first, last
