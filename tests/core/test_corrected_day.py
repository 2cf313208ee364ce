"""A wall clock that is set after a reboot, and what it makes of the day and of holds."""

from core.beginnings import REBOOTS_IN_A_BREAK
from timeline import (
    at,
    clock_is_set,
    expect,
    given,
    hold_ended,
    hold_started,
    holds,
    outside_hours,
    reboots,
    sec,
    stands,
    until,
)
from timeline import dies as goes_off
from unsit.core import turn
from unsit.core.absence import Absence
from unsit.core.chair import Chair
from unsit.core.exercises import Coaching, Mark
from unsit.core.today import Span

LONG = 8000


def test_what_was_yesterday_does_not_count_for_today() -> None:
    chair = given(min_break=120).live(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=LONG)),
        until(900),
    )

    assert chair.today.stretches == (Span(sec(-LONG), sec(400 - LONG)),)
    assert chair.today.bouts == (Span(sec(-LONG), sec(400 - LONG)),)
    assert chair.today.breaks == (sec(520 - LONG),)


def test_a_person_s_hold_ends_at_its_date() -> None:
    given(min_break=120).live(
        at(0, holds(until=1000)),
        expect(0, hold_started("asked")),
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        at(661, holds(until=850, reason="guest")),
        at(700, clock_is_set(forward=250)),
        expect(850, hold_ended("its time is over")),
        until(900),
    )
    given(min_break=120).live(
        at(0, holds(until=1000)),
        expect(0, hold_started("asked")),
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        at(700, clock_is_set(forward=250)),
        expect(750, hold_ended("its time is over")),
        until(900),
    )


def test_when_the_hours_begin_is_for_the_calendar_to_say() -> None:
    given(min_break=120).live(
        at(0, outside_hours(0, 1000)),
        expect(0, hold_started("hours")),
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        at(700, clock_is_set(forward=250)),
        expect(1000, hold_ended("its time is over")),
        until(1100),
    )


def test_what_counts_for_a_day_counts_for_the_day_on_which_it_was() -> None:
    absence = Absence(sec(600), sec(600), found=sec(660))
    marks = (Mark("stretch", sec(500)), Mark("stretch", sec(670)))
    chair = Chair(
        absence=absence,
        snoozed=(sec(500), sec(670)),
        limit_told=sec(400),
        coaching=Coaching(done=marks, lapsed=marks, cued=marks),
    )

    after, effects = turn.step(chair, clock_is_set(forward=LONG), sec(700))

    moved = (Mark("stretch", sec(500 - LONG)), Mark("stretch", sec(670)))
    assert after == Chair(
        snoozed=(sec(500 - LONG), sec(670)),
        limit_told=sec(400 - LONG),
        coaching=Coaching(done=moved, lapsed=moved, cued=moved),
    )
    assert effects == ()
