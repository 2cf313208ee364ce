"""Paced exercises: the buzzer counts for who asked for it, and ends when the person does."""

from dataclasses import replace

import pytest

from core.beginnings import SITS_DOWN
from core.exercising import (
    BOTH,
    BRIDGE,
    LASTS,
    ONLY_BRIDGE,
    ONLY_STRETCH,
    ONLY_WALK,
    STRETCH,
    WALK,
    bout,
    day,
    done,
    due,
    finish,
    offered,
    paces,
    release,
    says_done,
    start,
    started,
    stopped,
    stops_pacing,
    stretch_from,
)
from timeline import (
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    break_ended,
    expect,
    fails,
    finger_off,
    finger_on,
    given,
    hold_ended,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_reminder,
    refused,
    releases,
    sat_back,
    sec,
    sensor_fault,
    sensor_recovered,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    until,
    works,
)
from unsit.core.agenda import deadline
from unsit.core.chair import Chair
from unsit.core.inputs import Input, OutsideHours, PaceExercise
from unsit.runtime.codec import read, written

ASKED = (at(0, paces), expect(0, started(STRETCH, lasts=LASTS)), expect(10, start))
"""An empty seat, and a stretch of which the first side is being held."""


def test_nothing_is_paced_that_nobody_asked_for() -> None:
    given(move_after=600, programme=ONLY_STRETCH).live(
        *bout(STRETCH),
        expect(730, bout_ended(started=0, ended=610, seated=610, reminders=1)),
        until(90000),
    )


def test_the_offered_exercise_is_the_one_that_is_paced_though_another_would_follow() -> None:
    given(move_after=600, min_break=300, programme=BOTH).live(
        *bout(STRETCH), *stretch_from(620), until(800)
    )


def test_a_break_becomes_one_while_an_exercise_is_paced() -> None:
    given(move_after=600, programme=ONLY_STRETCH).live(
        *bout(STRETCH),
        *stretch_from(650),
        expect(730, bout_ended(started=0, ended=610, seated=610, reminders=1)),
        until(800),
    )


def test_who_sits_down_ends_it_and_it_does_not_count() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, sits),
        expect(20, silence, bout_started, stopped(STRETCH, "sat down")),
        until(900),
    )


def test_who_sits_back_in_a_gap_ends_it_and_the_reminders_go_on() -> None:
    given(move_after=600, programme=ONLY_STRETCH).live(
        *bout(STRETCH),
        at(620, paces),
        expect(620, started(STRETCH, lasts=LASTS)),
        expect(630, start),
        at(640, sits),
        expect(640, silence, lamp_on, sat_back(away=30), stopped(STRETCH, "sat down")),
        expect(640, back_too_soon(away=30, missing=90)),
        expect(940, move_reminder(2, bout=940), sound),
        until(950),
    )


def test_who_sits_down_at_the_very_instant_of_a_beat_does_not_hear_it() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(30, sits),
        expect(30, silence, bout_started, stopped(STRETCH, "sat down")),
        until(40),
    )


def test_a_hand_on_the_seat_does_not_end_it_and_a_beat_within_that_comes_a_little_later() -> None:
    given(sit_dwell=2, programme=ONLY_BRIDGE).live(
        at(0, paces),
        expect(0, started(BRIDGE, lasts=36)),
        at(4.5, sits),
        at(5.5, stands),
        expect(5.5, start),
        expect(15, release),
        expect(22, start),
        expect(32, release),
        expect(36, finish, done(BRIDGE, paced=True)),
        until(40),
    )


def test_who_is_found_to_sit_during_a_beat_has_not_heard_it() -> None:
    given(sit_dwell=2, programme=ONLY_STRETCH).live(
        at(0, paces),
        expect(0, started(STRETCH, lasts=LASTS)),
        at(9, sits),
        expect(11, silence),
        expect(9, bout_started, told=11),
        expect(9, stopped(STRETCH, "sat down"), told=11),
        until(20),
    )


def test_a_press_of_the_button_ends_it_as_done() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, finger_on),
        at(20.2, finger_off),
        expect(20.2, silence, done(STRETCH)),
        until(900),
    )


def test_a_long_press_holds_and_so_ends_it_undone() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, finger_on),
        expect(21, silence, hold_started("button"), stopped(STRETCH, "hold")),
        at(22, finger_off),
        until(900),
    )


def test_working_hours_that_end_end_it_undone() -> None:
    given(programme=ONLY_STRETCH).live(
        at(0, OutsideHours(sec(20), sec(5000))),
        *ASKED,
        expect(20, silence, hold_started("hours"), stopped(STRETCH, "hold")),
        until(900),
    )


def test_a_fault_of_the_sensor_ends_it_undone() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, fails()),
        expect(20, silence, sensor_fault(), stopped(STRETCH, "sensor fault")),
        at(30, works(pressed=False)),
        expect(30, sensor_recovered()),
        until(900),
    )


def test_it_can_be_stopped_and_asked_for_again_from_the_beginning() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, stops_pacing),
        expect(20, silence, stopped(STRETCH, "command")),
        *stretch_from(50),
        until(900),
    )


def test_said_to_be_done_from_afar_it_ends_as_done() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED, at(20, says_done), expect(20, silence, done(STRETCH)), until(900)
    )


@pytest.mark.parametrize(
    ("before", "owed", "why"),
    [
        (sits, bout_started, "somebody sits, or rose a moment ago; stand up first"),
        (holds(), hold_started(), "a hold is in force"),
        (fails(), sensor_fault(), "the sensor is at fault"),
        (paces, started(STRETCH, lasts=LASTS), "an exercise is paced already"),
    ],
)
def test_what_cannot_be_paced_is_refused_with_the_reason(
    before: Input, owed: object, why: str
) -> None:
    given(programme=ONLY_STRETCH).live(
        at(0, before),
        expect(0, owed),  # type: ignore[arg-type]  # a table of what is owed
        at(1, paces),
        expect(1, refused(why)),
        until(2),
    )


def test_who_rose_a_moment_ago_may_yet_sit_back_and_is_asked_to_wait() -> None:
    given(stand_dwell=5, programme=ONLY_STRETCH).live(
        *SITS_DOWN,
        at(10, stands),
        at(12, paces),
        expect(12, refused("somebody sits, or rose a moment ago; stand up first")),
        expect(10, stood_up(bout=10), told=15),
        at(16, paces),
        expect(16, started(STRETCH, lasts=LASTS)),
        until(17),
    )


def test_a_hold_that_ends_does_not_take_the_pacing_up_again() -> None:
    given(programme=ONLY_STRETCH).live(
        *ASKED,
        at(20, holds()),
        expect(20, silence, hold_started(), stopped(STRETCH, "hold")),
        at(30, releases),
        expect(30, hold_ended()),
        until(900),
    )


def test_a_press_can_be_set_to_pace_what_is_offered() -> None:
    given(move_after=600, min_break=300, programme=replace(ONLY_STRETCH, press_paces=True)).live(
        *bout(STRETCH),
        at(620, finger_on),
        at(620.2, finger_off),
        expect(620.2, started(STRETCH, lasts=LASTS)),
        expect(630.2, start),
        at(640, finger_on),
        at(640.2, finger_off),
        expect(640.2, silence, done(STRETCH)),
        until(700),
    )


def test_an_exercise_paced_over_midnight_is_one_of_the_new_day() -> None:
    run = given(programme=ONLY_BRIDGE).live(
        at(0, day(-86380)),
        at(0, paces),
        expect(0, started(BRIDGE, lasts=36)),
        expect(5, start),
        expect(15, release),
        expect(22, start),
        expect(32, release),
        expect(36, finish, done(BRIDGE, paced=True)),
        until(40),
    )

    assert [mark.at >= run.day_of(sec(40)) for mark in run.coaching.done] == [True]


def test_a_paced_walk_counts_once_at_its_end() -> None:
    given(move_after=600, min_break=3000, programme=ONLY_WALK).live(
        *bout(WALK),
        at(700, paces),
        expect(700, started(WALK, lasts=305)),
        expect(705, start),
        expect(1005, finish, done(WALK, paced=True)),
        until(2000),
    )


def test_time_off_the_seat_counts_anew_after_a_walk_that_was_stopped() -> None:
    given(move_after=600, min_break=3000, programme=ONLY_WALK).live(
        *bout(WALK),
        at(700, paces),
        expect(700, started(WALK, lasts=305)),
        expect(705, start),
        at(950, stops_pacing),
        expect(950, silence, stopped(WALK, "command")),
        expect(1250, done(WALK)),
        until(2000),
    )


def test_a_restart_ends_it_and_leaves_the_exercise_offered_and_what_was_done_counted() -> None:
    before = given(move_after=600, min_break=300, programme=BOTH).live(
        *bout(STRETCH),
        at(620, PaceExercise("bridge")),
        expect(620, started(BRIDGE, lasts=36)),
        expect(625, start),
        at(630, says_done),
        expect(630, silence, done(BRIDGE)),
        at(640, paces),
        expect(640, started(STRETCH, lasts=LASTS)),
        until(645),
    )
    after = read(Chair, written(before))

    assert before.coaching.pacing is not None
    assert after.coaching.pacing is None
    assert after.coaching.offer == before.coaching.offer
    assert after.coaching.done == before.coaching.done
    assert deadline(replace(after, programme=BOTH, rules=before.rules)) == sec(910)


def test_the_next_bout_after_one_is_called_as_ever() -> None:
    given(move_after=600, programme=BOTH).live(
        *stretch_from(0),
        at(200, sits),
        expect(200, bout_started),
        expect(800, due(600, BRIDGE), sound, lamp_on),
        at(810, stands),
        expect(810, silence, lamp_off, stood_up(bout=610, response=10), offered(BRIDGE)),
        expect(930, bout_ended(started=200, ended=810, seated=610, reminders=1)),
        at(1000, sits),
        expect(1000, break_ended(pause=190), bout_started),
        until(1010),
    )
