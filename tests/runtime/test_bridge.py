"""From the clock of a service that was to the clock of the one that is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import sec
from unsit.core.instant import Instant
from unsit.runtime.bridge import Bridge, Mark

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FixedClock:
    """A clock that stands still."""

    def __init__(self, epoch: str, now: Instant, date: datetime) -> None:
        self.epoch = epoch
        self._now, self._date = now, date

    def now(self) -> Instant:
        return self._now

    def wall(self, at: Instant) -> datetime:
        return self._date - (self._now - at)

    def take(self, inbox: object, until: object) -> None:
        raise NotImplementedError


def mark(epoch: str, at: float, date: datetime) -> Mark:
    return Mark(epoch, sec(at), date)


BEFORE = mark("one", 1000, NOON)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_within_one_boot_the_wall_clock_may_do_what_it_likes(step: timedelta) -> None:
    bridge = Bridge(BEFORE, BEFORE, FixedClock("one", sec(1090), NOON + sec(90) + step))

    assert bridge.lost == sec(1000)
    assert bridge.later == sec(0)


def test_after_a_reboot_the_wall_clock_tells_how_long_it_was() -> None:
    bridge = Bridge(BEFORE, BEFORE, FixedClock("two", sec(30), NOON + sec(90)))

    assert bridge.lost == sec(-60)
    assert bridge.later == sec(-1060)


@pytest.mark.parametrize("behind", [1, 86_400])
def test_a_wall_clock_before_what_is_known_is_not_believed(behind: float) -> None:
    bridge = Bridge(BEFORE, BEFORE, FixedClock("two", sec(30), NOON - sec(behind)))

    assert bridge.lost == sec(0)
    assert bridge.later == sec(-1000)


def test_what_is_known_since_the_last_change_counts() -> None:
    known = mark("one", 1060, NOON + sec(60))
    bridge = Bridge(BEFORE, known, FixedClock("two", sec(30), NOON + sec(90)))

    assert bridge.lost == sec(0)
    assert bridge.later == sec(-1060)


@pytest.mark.parametrize(
    "known", [mark("none", 5000, NOON + sec(60)), mark("one", 900, NOON - sec(100))]
)
def test_what_was_known_before_the_last_change_is_of_no_account(known: Mark) -> None:
    bridge = Bridge(BEFORE, known, FixedClock("one", sec(1090), NOON))

    assert bridge.lost == sec(1000)


@given(st.integers(-(10**15), 10**15), st.datetimes(timezones=st.just(UTC)))
def test_a_mark_comes_back_as_it_was(at: int, date: datetime) -> None:
    one = Mark("one", timedelta(microseconds=at), date)

    assert Mark.read(one.document()) == one


@pytest.mark.parametrize(
    "document", [{}, [1], {"epoch": "one", "at": 1, "date": "2026-11-24T12:00:00"}]
)
def test_what_is_no_mark_is_refused(document: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Mark.read(document)  # type: ignore[arg-type]  # that is the point
