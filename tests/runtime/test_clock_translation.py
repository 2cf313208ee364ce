"""Translation of saved instants to the clock of the next run."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.timeline import sec
from unsit.core.instant import Instant
from unsit.runtime.clock import ClockMark, ClockTranslation

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FixedClock:
    """Clock that stands still."""

    def __init__(self, epoch: str, now: Instant, date: datetime) -> None:
        self.epoch = epoch
        self._now, self._date = now, date

    def now(self) -> Instant:
        return self._now

    def wall(self, at: Instant) -> datetime:
        return self._date - (self._now - at)

    def next_act(self, inbox: object, until: object) -> None:
        raise NotImplementedError


def mark(epoch: str, at: float, date: datetime) -> ClockMark:
    return ClockMark(epoch, sec(at), date)


BEFORE = mark("one", 1000, NOON)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_within_one_boot_a_set_wall_clock_changes_no_instant(step: timedelta) -> None:
    translation = ClockTranslation(
        BEFORE, BEFORE, FixedClock("one", sec(1090), NOON + sec(90) + step)
    )

    assert translation.down_since == sec(1000)
    assert translation.offset == sec(0)


def test_after_a_reboot_the_wall_clock_gives_the_downtime() -> None:
    translation = ClockTranslation(BEFORE, BEFORE, FixedClock("two", sec(30), NOON + sec(90)))

    assert translation.down_since == sec(-60)
    assert translation.offset == sec(-1060)


@pytest.mark.parametrize("behind", [1, 86_400])
def test_a_wall_clock_before_the_last_known_moment_is_ignored(behind: float) -> None:
    translation = ClockTranslation(BEFORE, BEFORE, FixedClock("two", sec(30), NOON - sec(behind)))

    assert translation.down_since == sec(0)
    assert translation.offset == sec(-1000)


def test_a_known_moment_after_the_mark_begins_the_downtime() -> None:
    known = mark("one", 1060, NOON + sec(60))
    translation = ClockTranslation(BEFORE, known, FixedClock("two", sec(30), NOON + sec(90)))

    assert translation.down_since == sec(0)
    assert translation.offset == sec(-1060)


@pytest.mark.parametrize(
    "known", [mark("none", 5000, NOON + sec(60)), mark("one", 900, NOON - sec(100))]
)
def test_a_known_moment_of_another_epoch_or_before_the_mark_is_ignored(known: ClockMark) -> None:
    translation = ClockTranslation(BEFORE, known, FixedClock("one", sec(1090), NOON))

    assert translation.down_since == sec(1000)


@given(st.integers(-(10**15), 10**15), st.datetimes(timezones=st.just(UTC)))
def test_a_mark_is_read_back_unchanged(at: int, date: datetime) -> None:
    saved = ClockMark("one", timedelta(microseconds=at), date)

    assert ClockMark.read(saved.document()) == saved


@pytest.mark.parametrize(
    "document", [{}, [1], {"epoch": "one", "at": 1, "date": "2026-11-24T12:00:00"}]
)
def test_a_document_of_anything_else_is_refused(document: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ClockMark.read(document)  # type: ignore[arg-type]  # refused at run time
