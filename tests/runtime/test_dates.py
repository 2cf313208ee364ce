"""Steady dates of instants, and midnight."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import Dates

HOUR = timedelta(hours=1)


class WallClock:
    """Clock whose wall clock can be set."""

    epoch = "one"

    def __init__(self, origin: datetime) -> None:
        self.origin = origin

    def now(self) -> Instant:
        return ZERO

    def wall(self, at: Instant) -> datetime:
        return self.origin + at

    def next_act(self, inbox: object, until: object) -> None:
        raise NotImplementedError


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the time zone of this process to Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_jitter_of_the_clock_changes_no_date() -> None:
    clock = WallClock(utc("2026-11-24T10:00:00"))
    dates = Dates(clock)
    said = dates.date(HOUR)
    clock.origin += timedelta(milliseconds=99)

    assert dates.date(HOUR) == said == utc("2026-11-24T11:00:00")


def test_a_set_clock_changes_the_dates() -> None:
    clock = WallClock(utc("1970-01-01T00:00:00"))
    dates = Dates(clock)
    clock.origin = utc("2026-11-24T10:00:00")

    assert dates.date(HOUR) == utc("2026-11-24T11:00:00")


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("now", "begun", "hours"),
    [
        ("2026-11-24T10:00:00", "2026-11-23T23:00:00", 11),
        ("2026-03-29T10:00:00", "2026-03-28T23:00:00", 11),
        ("2026-03-29T22:00:00", "2026-03-29T22:00:00", 0),
        ("2026-10-25T22:59:59", "2026-10-24T22:00:00", 25),
        ("2026-11-23T23:00:00", "2026-11-23T23:00:00", 0),
    ],
    ids=["a day", "the short day", "midnight in summer", "the long day", "midnight"],
)
def test_midnight_is_that_of_the_local_time_zone(now: str, begun: str, hours: int) -> None:
    dates = Dates(WallClock(utc(now)))

    midnight = dates.midnight(ZERO)

    assert dates.date(midnight) == utc(begun)
    assert round(-midnight / HOUR) == hours


def test_a_date_is_converted_back_to_its_instant() -> None:
    dates = Dates(WallClock(utc("2026-11-24T10:00:00")))

    assert dates.instant(dates.date(HOUR)) == HOUR
