"""Today as a document."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from timeline import sec
from unsit.core.instant import Instant
from unsit.core.today import Span, Today
from unsit.runtime import daybook

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def date(at: Instant) -> datetime:
    return START + at


def instant_after(lapse: timedelta, when: datetime) -> Instant:
    """The instant of a date for a clock that began later."""
    return when - (START + lapse)


TODAY = Today(
    stretches=(Span(sec(0), sec(10)), Span(sec(20), sec(30))),
    bouts=(Span(sec(0), sec(30)),),
    breaks=(sec(150),),
    reminders=(sec(5), sec(8.5)),
    response=sec(2.25),
)


def through_a_restart(today: Today, now: float, lapse: float = 0) -> Today:
    document = json.loads(json.dumps(daybook.written(today, sec(now), date)))
    return daybook.read(document, lambda when: instant_after(sec(lapse), when))


def test_a_day_is_the_same_when_it_is_read_back() -> None:
    assert through_a_restart(TODAY, now=200) == TODAY


def test_a_clock_that_began_anew_finds_the_day_in_its_past() -> None:
    assert through_a_restart(TODAY, now=200, lapse=1000).breaks == (sec(-850),)


def test_what_is_under_way_is_written_as_if_it_ended_now() -> None:
    sitting = Today(seated_since=sec(40), bout=Span(sec(10), sec(30)))

    assert through_a_restart(sitting, now=60) == Today(
        stretches=(Span(sec(40), sec(60)),), bouts=(Span(sec(10), sec(60)),)
    )


def test_a_bout_in_a_gap_is_written_up_to_the_stand_up() -> None:
    in_a_gap = Today(bout=Span(sec(10), sec(30)))

    assert through_a_restart(in_a_gap, now=60).bouts == (Span(sec(10), sec(30)),)


@pytest.mark.parametrize(
    "document",
    [{}, [], {**daybook.written(TODAY, sec(0), date), "breaks": ["today"]}, {"stretches": 1}],
)
def test_what_is_no_day_is_refused(document: daybook.Document) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        daybook.read(document, lambda when: instant_after(sec(0), when))
