"""``unsit report``: what the history says about a day, a week, a month, a year or all of it."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from unsit.assembly.memory import open_store_to_look, recall_unshelved, settings_in_force
from unsit.core.programme import Programme
from unsit.errors import UnavailableError, UnsitError, UsageError
from unsit.files import replace_file
from unsit.history.store import History, open_history
from unsit.report.days import Day, Period, PeriodName, days, moment, reader
from unsit.report.measures import Tally
from unsit.report.summary import TIMELINE_DAYS_MAX, Norms, Summary, Unit, summarise
from unsit.report.wording import Wording
from unsit.runtime.clock import LiveClock, WallTime
from unsit.runtime.record import milliseconds
from unsit.runtime.state_file import is_locked
from unsit.settings.file import settings_file, state_directory
from unsit.settings.load import load
from unsit.settings.model import Settings
from unsit.words import words_of

PAGE_MODE = 0o600
"""Permissions of a new page: it says when somebody is at the desk."""

FIRST = datetime(1970, 1, 5, tzinfo=UTC)
"""First moment of which there can be a report, whatever a wrong clock has dated."""

CLOCK_BEHIND_MAX = timedelta(days=3653)
"""Time by which the clock may be behind the last event; an event after that has a wrong date."""


def main(arguments: argparse.Namespace) -> None:
    """Print the report, or write its page."""
    if arguments.csv is not None and arguments.compare:
        raise UsageError("--compare does not go with --csv; expected text, --json or --html")
    with _open(arguments) as source:
        period = source.period(arguments.period, arguments.of)
        if arguments.csv == "days":
            from unsit.report.tables import write_days

            write_days(sys.stdout, source.days(period), source.norms)
        elif arguments.csv == "bouts":
            from unsit.report.tables import write_bouts

            write_bouts(sys.stdout, source.days(period))
        elif arguments.json:
            _print_json(source, period, compare=arguments.compare)
        elif arguments.html is not None:
            _write_page(source, period, Path(arguments.html), compare=arguments.compare)
        else:
            print_text(source, period, compare=arguments.compare)


@dataclass(frozen=True, slots=True)
class Source:
    """Open history of a chair, with everything that a report needs.

    begin: the first day of the history. last: the last day of which there can be a report: today,
    or that of the last event if the clock is behind.
    """

    history: History
    settings: Settings
    norms: Norms
    wall_time: WallTime
    begin: date
    today: date
    last: date

    @classmethod
    def of(cls, history: History, settings: Settings, programme: Programme) -> "Source":
        """Return the source of an open history."""
        clock = LiveClock()
        now = clock.wall(clock.now())
        wall_time = WallTime(settings.week().zone)
        first, last = (wall_time.day(at) for at in _extent(history, now))
        exercises_a_day = sum(exercise.times_a_day for exercise in programme.exercises)
        norms = Norms(settings.sitting.move_after.total_seconds(), exercises_a_day)
        return cls(history, settings, norms, wall_time, first, wall_time.day(now), last)

    @property
    def words(self) -> Wording:
        """Texts in the language of the chair."""
        return Wording(words_of(self.settings.chair.language))

    def period(self, name: PeriodName, day: date | None) -> Period:
        """Return the period that was asked for, without days to come. Raises UsageError."""
        if name == "all" and day is not None:
            raise UsageError("all is the whole history; --of goes with day, week, month and year")
        if day is not None and day > self.last:
            raise UsageError(f"--of {day}: that day has not come; today is {self.today}")
        of = self.last if name == "all" else self.today
        return Period.of(name, day or of, self.begin).until(self.last)

    def days(self, period: Period) -> Iterator[Day]:
        """Yield the days of a period."""
        return days(reader(self.history), period, self.wall_time)

    def summary(self, period: Period, unit: Unit, *, compare: bool) -> Summary:
        """Return the summary of a period. unit: that of its rows."""
        return summarise(
            self.settings.chair.name,
            period,
            self.days(period),
            self.norms,
            unit,
            before=self._before(period) if compare else None,
            zone=self.settings.hours.timezone,
            under_way=self.history.under_way,
        )

    def _before(self, period: Period) -> tuple[Period, Tally]:
        before = period.before()
        if before is None:
            raise UsageError("--compare: nothing is before all; expected day, week, month or year")
        return before, self.norms.tally(self.days(before))


@contextmanager
def _open(arguments: argparse.Namespace) -> Iterator[Source]:
    """Open the history of the chair that the arguments name."""
    configured = load(settings_file(arguments.config, arguments.unit), arguments.flags)
    directory = state_directory(arguments.state_dir, arguments.unit)
    with closing(open_store_to_look(directory)) as store:
        settings = settings_in_force(configured, store, directory).settings
        unshelved = recall_unshelved(store, LiveClock(), is_running=is_locked(directory))
    with open_history(configured.settings.history.file(directory), unshelved) as history:
        yield Source.of(history, settings, configured.programme)


def print_text(source: Source, period: Period, *, compare: bool = False) -> None:
    """Print a report for people. compare: also with the period before."""
    from rich.console import Console

    from unsit.report.text import print_report

    unit: Unit = "day" if period.days <= TIMELINE_DAYS_MAX else "month"
    summary = source.summary(period, unit, compare=compare)
    print_report(summary, source.words, Console(highlight=False))


def _print_json(source: Source, period: Period, *, compare: bool) -> None:
    from unsit.cli.terminal import encodes_all
    from unsit.report.tables import document

    summary = source.summary(period, "day", compare=compare)
    content = document(summary, source.settings.chair.id)
    print(json.dumps(content, indent=2, ensure_ascii=not encodes_all(sys.stdout)))


def _write_page(source: Source, period: Period, file: Path, *, compare: bool) -> None:
    from unsit.report.page import CALENDAR_DAYS_MAX, page

    unit: Unit = "day" if period.days <= CALENDAR_DAYS_MAX else "week"
    summary = source.summary(period, unit, compare=compare)
    content = page(summary, source.words, source.today)
    try:
        replace_file(file, content.encode(), mode=PAGE_MODE)
    except PermissionError as error:
        raise PermissionError(f"{file} cannot be written by this user") from error
    except UnsitError:  # what another user has planted in root's way
        raise
    except OSError as error:
        raise UnavailableError(f"{file} cannot be written: {error.strerror}") from None


def _extent(history: History, now: datetime) -> tuple[datetime, datetime]:
    """Return the dates of the first event, and of the last one or now, if that is later."""
    first, last = history.extent() or (None, None)
    if first is None or last is None:
        return now, now
    latest = now + CLOCK_BEHIND_MAX
    return (
        min(now, moment(max(first, milliseconds(FIRST)))),
        max(now, moment(min(last, milliseconds(latest)))),
    )
