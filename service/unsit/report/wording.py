"""Wording of reports: dates, periods, durations and figures in the language of the chair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from textwrap import fill

from unsit.history.derived import Bout
from unsit.report.days import SECOND_MS, Moment, Period
from unsit.report.measures import (
    LENGTH_EDGES_S,
    PROLONGED_S,
    RESPONSE_EDGES_S,
    Measure,
    Tally,
    verdict,
)
from unsit.report.summary import Row, Summary
from unsit.runtime.record import short_duration
from unsit.words import Words, english

EXACT_MAX_S = 600.0
"""Duration (s) up to which seconds are shown."""

NOTHING = "–"  # noqa: RUF001  # the sign for no value
"""Sign in the place of a figure that does not exist."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of a report in one language."""

    words: Words

    def text(self, key: str, **fields: object) -> str:
        """Return a text of the section ``report``, with its fields filled in."""
        return str(self.words.report(key)).format(**fields)

    def measure(self, key: str) -> str:
        """Return the name of a measure."""
        return str(self.words.sections["measures"][key])

    def hint(self, measure: Measure) -> str:
        """Return a few words: which way is better, what it is, and why it has no value."""
        parts = [self.better(measure), str(self.words.sections["hints"][measure.key])]
        if measure.value is None and measure.refused is not None:
            parts.append(self.text("without_value", reason=self.text(measure.refused)))
        return "; ".join(part for part in parts if part)

    def definition(self, key: str) -> str:
        """Return what a measure means."""
        return str(self.words.sections["definitions"][key])

    def chair(self, summary: Summary) -> str:
        """Return the name of the chair, and on how many days it was watched."""
        if summary.period.days == 1:
            return summary.chair
        watched = self.count(summary.tally.days_watched, summary.tally.days)
        return f"{summary.chair}, {self.text('watched', days=watched)}"

    # Dates

    def full_date(self, day: date) -> str:
        """Return a date: ``27 November 2026``."""
        month = self._names("full_months")[day.month - 1]
        return self.text("date", day=day.day, month=month, year=day.year)

    def weekday_date(self, day: date) -> str:
        """Return a short date with its weekday: ``Fri 27 Nov``."""
        return self.text(
            "weekday_date", weekday=self.weekday(day), day=day.day, month=self.month(day)
        )

    def weekday(self, day: date) -> str:
        """Return a short weekday."""
        return self._names("weekdays")[day.weekday()]

    def month(self, day: date) -> str:
        """Return the short name of a month."""
        return self._names("months")[day.month - 1]

    def period(self, period: Period) -> str:
        """Return name and dates of a period: ``week 48 of 2026, Mon 23 Nov to Sun 29 Nov``."""
        return ", ".join([self.period_name(period), *self.period_dates(period)])

    def period_name(self, period: Period) -> str:
        """Return the name of a period: ``week 48 of 2026``."""
        day = period.first
        match period.name:
            case "day":
                return self.text("day", weekday=self.weekday(day), date=self.full_date(day))
            case "week":
                year, week, _ = day.isocalendar()
                return self.text("week", week=week, year=year)
            case "month":
                name = self._names("full_months")[day.month - 1]
                return self.text("month_year", month=name, year=day.year)
            case "year":
                return str(day.year)
            case "all":
                return self.text(
                    "range", first=self.full_date(day), last=self.full_date(period.last)
                )

    def period_dates(self, period: Period) -> list[str]:
        """Return the first and the last date of a week as one text; of others none is needed."""
        if period.name != "week":
            return []
        first, last = self.weekday_date(period.first), self.weekday_date(period.last)
        return [self.text("range", first=first, last=last)]

    def short_period(self, period: Period) -> str:
        """Return the name of a period as the head of a column: ``week 48``."""
        day = period.first
        match period.name:
            case "day":
                return self.weekday_date(day)
            case "week":
                return self.text("week_number", week=day.isocalendar().week)
            case "month":
                return self.text("month_year", month=self.month(day), year=day.year)
            case "year" | "all":
                return str(day.year)

    def row(self, row: Row, summary: Summary) -> str:
        """Return the name of a row: a short date, a week, or a month."""
        match summary.unit:
            case "day":
                return self.weekday_date(row.first)
            case "week":
                return self.week(row.first)
            case "month":
                return self.text("month_year", month=self.month(row.first), year=row.first.year)

    def week(self, day: date) -> str:
        """Return the name of a day's week: ``2026, week 48``."""
        year, week, _ = day.isocalendar()
        return self.text("short_week", week=week, year=year)

    def dated_row(self, row: Row, summary: Summary) -> str:
        """Return the name of a row with its year: ``Fri 27 Nov 2026``."""
        if summary.unit != "day":
            return self.row(row, summary)
        return f"{self.weekday_date(row.first)} {row.first.year}"

    def under_way(self, bout: Bout) -> str:
        """Return since when the bout under way lasts, and up to when it is known."""
        started, ended = (Moment(at, bout.off).local for at in (bout.start, bout.end))
        since = f"{started:%H:%M}"
        if started.date() != ended.date():
            since = f"{self.weekday_date(started.date())} {since}"
        seated = duration(bout.seated / SECOND_MS)
        return self.text("under_way", since=since, seated=seated, until=f"{ended:%H:%M}")

    # Figures

    def value(self, measure: Measure) -> str:
        """Return the value of a measure, or the sign for none."""
        if measure.value is None or measure.of == 0:
            return NOTHING
        match measure.unit:
            case "s":
                return duration(measure.value)
            case "share":
                return self.percent(measure.value)
            case "per_hour" | "index":
                return self.number(measure.value)
            case "number":
                return self.count(measure.value, measure.of)

    def count(self, number: float, whole: float | None = None) -> str:
        """Return a number: ``12``, or as a part of a whole: ``12 of 30``."""
        if whole is None:
            return f"{number:.0f}"
        return self.text("of", number=f"{number:.0f}", all=f"{whole:.0f}")

    def number(self, value: float) -> str:
        """Return a number with two digits after the decimal sign."""
        return f"{value:.2f}".replace(".", self.text("decimal"))

    def percent(self, share: float) -> str:
        """Return a share as percents."""
        return f"{100 * share:.0f} %"

    def better(self, measure: Measure) -> str:
        """Return which way is better, empty for neither."""
        return "" if measure.better == "neither" else self.text(measure.better)

    def change(self, now: Measure, then: Measure | None, summary: Summary) -> str:
        """Return how a measure has changed since the period before; empty if nobody can say."""
        if then is None or summary.before is None or now.better == "neither":
            return ""
        days = summary.tally.days_seated, summary.before[1].days_seated
        became = verdict(now, then, days)
        if became is None or became == "neither":
            return "" if became is None else self.text("same")
        return self.text("better" if became == now.better else "worse")

    def length_classes(self) -> list[str]:
        """Return the names of the classes of bout lengths, in minutes."""
        return self._classes(LENGTH_EDGES_S)

    def response_classes(self) -> list[str]:
        """Return the names of the classes of response times, in minutes."""
        return self._classes(RESPONSE_EDGES_S)

    def _classes(self, edges: Sequence[int]) -> list[str]:
        minutes = [edge // 60 for edge in edges]
        inner = [f"{low}–{high}" for low, high in pairwise(minutes)]  # noqa: RUF001
        return [f"< {minutes[0]}", *inner, f"≥ {minutes[-1]}"]

    def _names(self, key: str) -> list[str]:
        names: list[str] = self.words.report(key)
        return names


def duration(seconds: float) -> str:
    """Return a duration; from 10 min on in whole minutes."""
    return short_duration(seconds if seconds < EXACT_MAX_S else 60 * round(seconds / 60))


MARGIN, DEFINITION_WIDTH = " " * 6, 78
"""Left margin and width of a definition in the help, in columns."""


def definitions() -> str:
    """Return all measures with their definitions in English, for the help."""
    wording = Wording(english())
    lines: list[str] = []
    for measure in Tally(PROLONGED_S).measures():
        better = wording.better(measure)
        name = wording.measure(measure.key)
        lines.append(f"  {name} ({better})" if better else f"  {name}")
        text = wording.definition(measure.key)
        lines.append(fill(text, DEFINITION_WIDTH, initial_indent=MARGIN, subsequent_indent=MARGIN))
    return "\n".join(lines)
