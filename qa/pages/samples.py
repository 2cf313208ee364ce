"""Pages to look at: a person at a desk in each period and language, and histories of extremes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from support.sample_history import (
    BERLIN,
    DUE,
    MINUTE,
    MemoryHistory,
    events,
    ms,
    off,
    person,
    write_history,
)
from unsit.__main__ import main as unsit
from unsit.history.derived import Bout, BoutFlags, Stretch
from unsit.report.days import PERIODS, Period, PeriodName, days
from unsit.report.page import CALENDAR_DAYS_MAX, page
from unsit.report.summary import Norms, Summary, Unit, summarise
from unsit.report.wording import Wording
from unsit.runtime.clock import WallTime
from unsit.words import languages, words_of

FIRST, SHOWN, LAST = date(2025, 9, 1), date(2026, 11, 19), date(2026, 11, 27)
"""First day of the history of a person, a day of the periods on the pages, and the last day."""

NORMS = Norms(1800, 5)
MONDAY = date(2026, 11, 16)
LONG_NAME = "<b>Chair</b> & co. " + "Donaudampfschifffahrtsgesellschaft" * 6
"""Name of 200 characters that has markup and no place to break."""


def write_person(folder: Path) -> dict[str, Path]:
    """Write a page of each period in each language with the command; return them by name."""
    write_history(folder, events(person(FIRST, LAST, seed=5)))
    pages = {}
    for language in languages():
        for period in PERIODS:
            name = f"{period}-{language}"
            file = pages[name] = folder / f"{name}.html"
            of = [] if period == "all" else ["--of", SHOWN.isoformat(), "--compare"]
            settings = [f"chair.language={language}", "hours.timezone=Europe/Berlin"]
            flags = [part for setting in settings for part in ("--set", setting)]
            options = ["--html", str(file), "--state-dir", str(folder), *flags]
            code = unsit(["report", period, *of, *options])
            assert code == os.EX_OK, name
    return pages


@dataclass(frozen=True, slots=True)
class Extreme:
    """History that no person has on most days. name: of its page."""

    name: str
    period: PeriodName
    day: date
    make: Callable[[MemoryHistory], None]
    chair: str = "Chair"
    zone: ZoneInfo = BERLIN
    norms: Norms = field(default=NORMS)

    def summary(self) -> Summary:
        """Return the summary of its period, compared with the one before."""
        history = MemoryHistory()
        self.make(history)
        first = history.bouts[0].start if history.bouts else ms(at(self.day, 0))
        begin = datetime.fromtimestamp(first / 1000, self.zone).date()
        period = Period.of(self.period, self.day, begin).until(self.day)
        earlier, wall_time = period.before(), WallTime(self.zone)
        unit: Unit = "day" if period.days <= CALENDAR_DAYS_MAX else "week"
        before = None
        if earlier is not None:
            before = earlier, self.norms.tally(days(history.read, earlier, wall_time))
        under_way = next((one for one in history.bouts if one.flags), None)
        found = days(history.read, period, wall_time)
        return summarise(
            self.chair, period, found, self.norms, unit, before=before, under_way=under_way
        )


def write_extremes(folder: Path) -> dict[str, Path]:
    """Write a page of each extreme history in each language; return them by name."""
    pages = {}
    for extreme in EXTREMES:
        made = extreme.summary()
        for language in languages():
            name = f"{extreme.name}-{language}"
            file = pages[name] = folder / f"{name}.html"
            file.write_text(page(made, Wording(words_of(language)), LAST), encoding="utf-8")
    return pages


def at(day: date, hour: float) -> datetime:
    """Return a moment of a day in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN) + timedelta(hours=hour)


def nothing_known(history: MemoryHistory) -> None:
    """Nobody has watched."""
    history.lose(datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def no_sitting(_: MemoryHistory) -> None:
    """Nobody sat, and the chair was watched."""


def one_moment(history: MemoryHistory) -> None:
    """Somebody sat for a millisecond, which is all that is known."""
    history.lose(datetime(1970, 1, 1, tzinfo=UTC), at(MONDAY, 9))
    history.sit(at(MONDAY, 9), 1 / 60_000)
    history.lose(at(MONDAY, 9) + timedelta(milliseconds=1), datetime(2100, 1, 1, tzinfo=UTC))


def always_seated(history: MemoryHistory) -> None:
    """Somebody sat from Sunday noon to Wednesday noon without a break."""
    history.sit(at(MONDAY, -12), 72 * 60)


def every_minute(history: MemoryHistory) -> None:
    """Somebody sat for 10 s in each minute of a day, which is 1,440 bouts."""
    for minute in range(1440):
        history.sit(at(MONDAY, 0) + minute * MINUTE, 1 / 6)


def sitting_now(history: MemoryHistory) -> None:
    """Somebody sits since Sunday evening, and the bout is under way."""
    history.sit(at(MONDAY, -8), 35)
    start, end = at(MONDAY, -1), at(MONDAY, 9.5)
    history.stretches.append(Stretch(ms(start), ms(end), off(start), ms(start)))
    due = ms(start + DUE)
    rest = ms(end) - ms(start), due, None, 3, 0, BoutFlags.UNDER_WAY
    history.bouts.append(Bout(ms(start), ms(end), off(start), *rest))


def clocks_set(month: int, day: int) -> Callable[[MemoryHistory], None]:
    """Return a history of somebody who sat through the night in which clocks are set."""

    def make(history: MemoryHistory) -> None:
        history.sit(at(date(2026, month, day), -2), *(20.0, 2.5) * 16, 20)

    return make


def ten_years(history: MemoryHistory) -> None:
    """Somebody sat on office days of ten years."""
    made = person(date(2016, 12, 1), LAST)
    history.stretches, history.bouts = made.stretches, made.bouts
    history.unknown, history.exercises = made.unknown, made.exercises


EXTREMES = (
    Extreme("nothing-known", "week", MONDAY, nothing_known, LONG_NAME),
    Extreme("no-sitting", "day", MONDAY, no_sitting),
    Extreme("no-sitting-in-a-month", "month", date(2026, 11, 30), no_sitting, LONG_NAME),
    Extreme("one-moment", "day", MONDAY, one_moment),
    Extreme("always-seated", "day", date(2026, 11, 17), always_seated),
    Extreme("always-seated-for-days", "week", date(2026, 11, 22), always_seated),
    Extreme("every-minute", "day", MONDAY, every_minute, LONG_NAME),
    Extreme("sitting-now", "day", MONDAY, sitting_now),
    Extreme("sitting-now-in-a-week", "week", MONDAY, sitting_now),
    Extreme("sitting-now-in-a-year", "year", MONDAY, sitting_now),
    Extreme("day-of-23-hours", "day", date(2026, 3, 29), clocks_set(3, 29)),
    Extreme("day-of-25-hours", "day", date(2026, 10, 25), clocks_set(10, 25)),
    Extreme("ten-years", "all", LAST, ten_years, norms=Norms(2700, 100_000)),
)


def all_pages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Write all pages; yield each with its name."""
    yield from write_person(folder).items()
    yield from write_extremes(folder).items()
