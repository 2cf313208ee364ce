"""Report for programs: one JSON object, or CSV with a line for each day or each bout.

Durations are seconds, dates are as in the events (RFC 3339 with the offset of the place), and days
are local dates. An unknown value is ``null`` in JSON and empty in CSV, never 0.
"""

import csv
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import IO, Any

from unsit.history.derived import Bout, BoutFlags
from unsit.report.days import SECOND_MS, Day, Moment, Period
from unsit.report.measures import Tally
from unsit.report.summary import Norms, Row, Summary
from unsit.runtime.record import stamp

SCHEMA = 1
"""Version of the JSON; it rises when a key is removed or changes its meaning."""

DAY_COLUMNS = (
    *("day", "watched_s", "seated_s", "bouts", "longest_s", "prolonged", "breaks"),
    *("due", "answerable", "answered", "exercises_done"),
)

BOUT_COLUMNS = (
    *("started", "ended", "duration_s", "seated_s", "due", "response_s", "reminders", "snoozes"),
    *("open", "cut", "under_way"),
)


def document(summary: Summary, chair_id: str) -> dict[str, Any]:
    """Return a report as JSON; its rows are days. chair_id: the setting ``chair.id``."""
    before = summary.before
    return {
        "schema": SCHEMA,
        "unsit": version("unsit"),
        "chair": {"id": chair_id, "name": summary.chair},
        "timezone": summary.zone,
        "period": _period(summary.period),
        "measures": _measures(summary.tally),
        "before": None
        if before is None
        else {"period": _period(before[0]), "measures": _measures(before[1])},
        "under_way": None if summary.under_way is None else _under_way(summary.under_way),
        "days": [_day(row) for row in summary.rows],
    }


def _under_way(bout: Bout) -> dict[str, Any]:
    """Return the bout that has not ended. ``until``: when the person was last known to sit."""
    return {
        "started": _date(bout.start, bout.off),
        "until": _date(bout.end, bout.off),
        "seated_s": _rounded(bout.seated / SECOND_MS),
    }


def _period(period: Period) -> dict[str, str]:
    first, last = period.first.isoformat(), period.last.isoformat()
    return {"name": period.name, "first": first, "last": last}


def _measures(tally: Tally) -> dict[str, Any]:
    """Return each measure with its value; ``refused`` names the reason for none."""
    found: dict[str, Any] = {}
    for measure in tally.measures():
        content: dict[str, Any] = {"value": _rounded(measure.value), "better": measure.better}
        if measure.of is not None:
            content["of"] = _rounded(measure.of)
        if measure.refused is not None:
            content["refused"] = measure.refused
        found[measure.key] = content
    return found


def _day(row: Row) -> dict[str, Any]:
    values = [row.first.isoformat(), *_day_values(row.tally)]
    return dict(zip(DAY_COLUMNS, values, strict=True))


def write_days(file: IO[str], days: Iterable[Day], norms: Norms) -> None:
    """Write a CSV with a line for each day."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(DAY_COLUMNS)
    for day in days:
        writer.writerow([day.date.isoformat(), *_day_values(norms.tally([day]))])


def _day_values(tally: Tally) -> Iterator[Any]:
    """Yield the values of a day after its date, None for what is not known."""
    yield _rounded(tally.known_ms / SECOND_MS)
    values = (
        *(_rounded(tally.seated_s), len(tally.lengths_s)),
        *(_rounded(max(tally.lengths_s, default=None)), len(tally.prolonged()), tally.breaks),
        *(tally.due, tally.answerable, tally.answered, tally.exercises),
    )
    yield from values if tally.days_watched else [None] * len(values)


def write_bouts(file: IO[str], days: Iterable[Day]) -> None:
    """Write a CSV with a line for each bout that began on one of the days."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(BOUT_COLUMNS)
    for day in days:
        for bout, length_ms in day.bouts:
            writer.writerow(
                [
                    *(_date(bout.start, bout.off), _date(bout.end, bout.off)),
                    *(_rounded(ms / SECOND_MS) for ms in (length_ms, bout.seated)),
                    None if bout.due is None else _date(bout.due, bout.off),
                    None if bout.response is None else _rounded(bout.response / SECOND_MS),
                    *(bout.reminders, bout.snoozes),
                    *(int(flag in bout.flags) for flag in BoutFlags),
                ]
            )


def _date(at: int, off: int) -> str:
    return stamp(Moment(at, off).local)


def _rounded(value: float | None) -> float | int | None:
    """Round to milliseconds, or to six digits of an index; whole numbers become an int."""
    if value is None:
        return None
    exact = round(value, 6)
    return int(exact) if exact == int(exact) else exact
