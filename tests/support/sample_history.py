"""Generated history of one person at a desk, as rows in memory."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from unsit.history.derived import Bout, BoutFlags, Stretch, Unknown, Unwatched
from unsit.history.store import open_to_write
from unsit.report.days import Moment, Rows
from unsit.runtime.record import Record, record_id, stamp
from unsit.settings.model import HISTORY_FILE as FILE

BERLIN = ZoneInfo("Europe/Berlin")
Row = TypeVar("Row", Stretch, Bout, Unknown)
MINUTE = timedelta(minutes=1)
DUE = timedelta(minutes=30)


def ms(at: datetime) -> int:
    """Return a date in ms since 1970."""
    return round(at.timestamp() * 1000)


def off(at: datetime) -> int:
    """Return the offset of a date in minutes."""
    offset = at.utcoffset()
    assert offset is not None
    return offset // MINUTE


@dataclass(slots=True)
class MemoryHistory:
    """Rows of a history, in order of time, that ``unsit.report.days`` can read."""

    stretches: list[Stretch] = field(default_factory=list)
    bouts: list[Bout] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    exercises: list[Moment] = field(default_factory=list)

    def read(self, first: int, last: int) -> Rows:
        """Return the rows that reach into a window."""
        return Rows(
            _within(self.stretches, first, last),
            _within(self.bouts, first, last),
            _within(self.unknown, first, last),
            [one for one in self.exercises if first <= one.at < last],
        )

    def sit(self, start: datetime, *minutes: float, answered: float | None = None) -> None:
        """Add a bout: minutes on the seat, off it in a gap, on it again, and so on.

        answered: minutes from the call to move to the stand-up; by default what the bout takes.
        """
        begin = at = ms(start)
        seated = 0
        for number, length in enumerate(minutes):
            until = at + round(length * 60_000)
            if number % 2 == 0:
                self.stretches.append(Stretch(at, until, off(start), begin))
                seated += until - at
            at = until
        due = begin + DUE // timedelta(milliseconds=1)
        response = at - due if answered is None else round(answered * 60_000)
        is_due = at >= due
        self.bouts.append(
            Bout(
                *(begin, at, off(start), seated, due if is_due else None),
                *(response if is_due else None, int(is_due), 0, BoutFlags(0)),
            )
        )

    def lose(self, start: datetime, end: datetime) -> None:
        """Add a time in which nobody saw the seat."""
        self.unknown.append(Unknown(ms(start), ms(end), Unwatched.STOPPED))


def _within(rows: Sequence[Row], first: int, last: int) -> Sequence[Row]:
    begin = bisect_right(rows, first, key=lambda row: row.end)
    return rows[begin : bisect_left(rows, last, key=lambda row: row.start)]


def person(
    first: date, last: date, seed: int = 1, zone: ZoneInfo = BERLIN, end: datetime | None = None
) -> MemoryHistory:
    """Return the days of a person with office hours, better ones and worse ones.

    Now and then a day is not watched, and on most weekends nobody sits. end: the last instant that
    is known, by default midnight after the last day.
    """
    chance = Random(seed)
    history = MemoryHistory()
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
    history.lose(datetime(1970, 1, 1, tzinfo=UTC), midnight)
    day = first
    while day <= last:
        weekend = day.weekday() >= 5
        if chance.random() < 0.03:
            begin = datetime(day.year, day.month, day.day, tzinfo=zone)
            history.lose(begin, begin + timedelta(days=1))
        elif chance.random() < (0.15 if weekend else 0.95):
            _office_day(history, day, chance, zone)
        day += timedelta(days=1)
    until = end or datetime(day.year, day.month, day.day, tzinfo=zone)
    history.lose(until, datetime(2100, 1, 1, tzinfo=UTC))
    return history


def _office_day(history: MemoryHistory, day: date, chance: Random, zone: ZoneInfo) -> None:
    at = datetime(day.year, day.month, day.day, 8, tzinfo=zone) + chance.gauss(25, 20) * MINUTE
    end = datetime(day.year, day.month, day.day, 17, tzinfo=zone) + chance.gauss(10, 40) * MINUTE
    lunch = datetime(day.year, day.month, day.day, 12, 15, tzinfo=zone)
    while at < end:
        length = min(chance.lognormvariate(2.9, 0.9), 150.0)
        if length > 30:
            length = 30 + chance.choice((0.5, 1, 2, 3, 4, 9, 20, 60)) * chance.random()
        parts = [length]
        if length > 15 and chance.random() < 0.4:
            parts = [length * 0.6, 0.7, length * 0.4]
        history.sit(at, *parts)
        at += sum(parts) * MINUTE
        if chance.random() < 0.18 and length > 20:
            history.exercises.append(Moment(ms(at + MINUTE), off(at)))
        at += max(2.0, chance.lognormvariate(1.4, 0.8)) * MINUTE
        if lunch < at < lunch + 40 * MINUTE:
            at = lunch + chance.uniform(40, 70) * MINUTE


def events(history: MemoryHistory, zone: ZoneInfo = BERLIN, chair: str = "desk") -> list[Record]:
    """Return the events that a chair would have published for the bouts of a history."""
    made: list[tuple[int, int, str, dict[str, Any]]] = []
    stretches: dict[int, list[Stretch]] = {}
    for stretch in history.stretches:
        stretches.setdefault(stretch.bout, []).append(stretch)
    for bout in history.bouts:
        parts = stretches[bout.start]
        made.append((bout.start, 0, "bout_started", {}))
        if bout.due is not None:
            due = {"bout_s": 1800, "reminder": 1, "silent": False}
            made.append((bout.due, 1, "move_due", due))
        for before, after in pairwise(parts):
            made.append((before.end, 2, "stood_up", {"bout_s": 60, "response_s": None}))
            away = (after.start - before.end) / 1000
            made.append((after.start, 3, "sat_back", {"away_s": away}))
        response = None if bout.response is None else bout.response / 1000
        length = (bout.end - bout.start) / 1000
        made.append((bout.end, 2, "stood_up", {"bout_s": length, "response_s": response}))
        fields = {
            "started": _stamp(bout.start, zone),
            "ended": _stamp(bout.end, zone),
            "duration_s": length,
            "seated_s": bout.seated / 1000,
            "reminders": bout.reminders,
        }
        made.append((bout.end + 119_000, 4, "bout_ended", fields))
    for done in history.exercises:
        fields = {"exercise": "walk", "exercise_name": "Walk", "paced": False}
        made.append((done.at, 5, "exercise_done", fields))
    return [
        {
            "id": record_id(_stamp(at, zone), chair, seq),
            "seq": seq,
            "chair": chair,
            "at": _stamp(at, zone),
            "type": kind,
            **more,
        }
        for seq, (at, _, kind, more) in enumerate(sorted(made, key=lambda one: one[:2]), 1)
    ]


def _stamp(at: int, zone: ZoneInfo) -> str:
    return stamp(datetime.fromtimestamp(at / 1000, zone))


def write_history(folder: Path, records: Sequence[Record]) -> Path:
    """Write a history file with these events, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(open_to_write(folder / FILE, 1)) as file:
        file.append(records)
    return folder / FILE
