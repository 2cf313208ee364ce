"""Corrections of the wall clock after a reboot: the day and holds."""

from support.timeline import *
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.day import Span
from unsit.core.exercises import Coaching, ExerciseMark
from unsit.core.sitting import Absence

LONG = 8000


def test_snoozes_and_exercises_of_yesterday_do_not_count_today() -> None:
    chair = given(min_break=120).run(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=LONG)),
        until(900),
    )

    assert chair.today.stretches == (Span(sec(-LONG), sec(400 - LONG)),)
    assert chair.today.bouts == (Span(sec(-LONG), sec(400 - LONG)),)
    assert chair.today.breaks == (sec(520 - LONG),)


def test_a_person_s_hold_ends_at_its_date() -> None:
    given(min_break=120).run(
        at(0, starts_hold(until=1000)),
        expect(0, hold_started("asked")),
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        at(661, starts_hold(until=850, reason="guest")),
        at(700, clock_is_set(forward=250)),
        expect(850, hold_ended("its time is over")),
        until(900),
    )
    given(min_break=120).run(
        at(0, starts_hold(until=1000)),
        expect(0, hold_started("asked")),
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        at(700, clock_is_set(forward=250)),
        expect(750, hold_ended("its time is over")),
        until(900),
    )


def test_only_the_calendar_decides_when_the_hours_begin() -> None:
    given(min_break=120).run(
        at(0, outside_hours(0, 1000)),
        expect(0, hold_started("hours")),
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        at(700, clock_is_set(forward=250)),
        expect(1000, hold_ended("its time is over")),
        until(1100),
    )


def test_marks_of_a_day_move_with_their_dates() -> None:
    absence = Absence(sec(600), sec(600), seat_known_at=sec(660))
    marks = (ExerciseMark("stretch", sec(500)), ExerciseMark("stretch", sec(670)))
    chair = Chair(
        absence=absence,
        snoozed_at=(sec(500), sec(670)),
        limit_reached_on=sec(400),
        coaching=Coaching(done=marks, lapsed=marks, cued=marks),
    )

    after, effects = transition.step(chair, clock_is_set(forward=LONG), sec(700))

    moved = (ExerciseMark("stretch", sec(500 - LONG)), ExerciseMark("stretch", sec(670)))
    assert after == Chair(
        snoozed_at=(sec(500 - LONG), sec(670)),
        limit_reached_on=sec(400 - LONG),
        coaching=Coaching(done=moved, lapsed=moved, cued=moved),
    )
    assert effects == ()
