"""Paced exercises combined with sitting, holds, faults and restarts."""

from dataclasses import replace

import pytest

from support.timeline import *
from unsit.core.chair import Chair
from unsit.core.inputs import Input, OutsideHours, PaceExercise
from unsit.core.transition.deadlines import next_deadline
from unsit.runtime.documents import from_document, to_document

ASKED = (
    at(0, starts_pacing),
    expect(0, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
    expect(10, start_beat),
)
"""An empty seat and a started stretch, in the hold of its first side."""


def test_nothing_is_paced_without_a_request() -> None:
    given(move_after=600, programme=ONLY_STRETCH).run(
        *bout_with(STRETCH),
        expect(730, bout_ended(started=0, ended=610, seated=610, reminders=1)),
        until(90000),
    )


def test_pacing_takes_the_offered_exercise_before_the_next_due_one() -> None:
    given(move_after=600, min_break=300, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH), *stretch_from(620), until(800)
    )


def test_a_break_becomes_one_while_an_exercise_is_paced() -> None:
    given(move_after=600, programme=ONLY_STRETCH).run(
        *bout_with(STRETCH),
        *stretch_from(650),
        expect(730, bout_ended(started=0, ended=610, seated=610, reminders=1)),
        until(800),
    )


def test_sitting_down_ends_the_pacing_and_the_exercise_does_not_count() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, sits_down),
        expect(20, silence, bout_started, exercise_stopped(STRETCH, "sat down")),
        until(900),
    )


def test_sitting_back_in_a_gap_ends_the_pacing_and_the_reminders_go_on() -> None:
    given(move_after=600, programme=ONLY_STRETCH).run(
        *bout_with(STRETCH),
        at(620, starts_pacing),
        expect(620, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        expect(630, start_beat),
        at(640, sits_down),
        expect(640, silence, lamp_on, sat_back(away=30), exercise_stopped(STRETCH, "sat down")),
        expect(640, back_too_soon(away=30, missing=90)),
        expect(930, move_reminder(2, bout=930), sound),
        until(950),
    )


def test_sitting_down_at_the_very_instant_of_a_beat_suppresses_it() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(30, sits_down),
        expect(30, silence, bout_started, exercise_stopped(STRETCH, "sat down")),
        until(40),
    )


def test_a_touch_of_the_seat_only_delays_a_beat() -> None:
    given(sit_dwell=2, programme=ONLY_BRIDGE).run(
        at(0, starts_pacing),
        expect(0, exercise_started(BRIDGE, lasts=36)),
        at(4.5, sits_down),
        at(5.5, stands_up),
        expect(5.5, start_beat),
        expect(15, release_beat),
        expect(22, start_beat),
        expect(32, release_beat),
        expect(36, finish_beat, exercise_done(BRIDGE, paced=True)),
        until(40),
    )


def test_a_sit_down_dated_before_a_beat_suppresses_it() -> None:
    given(sit_dwell=2, programme=ONLY_STRETCH).run(
        at(0, starts_pacing),
        expect(0, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        at(9, sits_down),
        expect(11, silence),
        expect(9, bout_started, emitted_at=11),
        expect(9, exercise_stopped(STRETCH, "sat down"), emitted_at=11),
        until(20),
    )


def test_a_press_of_the_button_ends_the_pacing_as_done() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, presses_button),
        at(20.2, releases_button),
        expect(20.2, silence, exercise_done(STRETCH)),
        until(900),
    )


def test_a_long_press_starts_a_hold_and_stops_the_pacing() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, presses_button),
        expect(21, silence, hold_started("button"), exercise_stopped(STRETCH, "hold")),
        at(22, releases_button),
        until(900),
    )


def test_the_end_of_the_working_hours_stops_the_pacing() -> None:
    given(programme=ONLY_STRETCH).run(
        at(0, OutsideHours(sec(20), sec(5000))),
        *ASKED,
        expect(20, silence, hold_started("hours"), exercise_stopped(STRETCH, "hold")),
        until(900),
    )


def test_a_fault_of_the_sensor_stops_the_pacing() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, sensor_fails()),
        expect(20, silence, sensor_fault(), exercise_stopped(STRETCH, "sensor fault")),
        at(30, sensor_works(pressed=False)),
        expect(30, sensor_recovered()),
        until(900),
    )


def test_a_stopped_pacing_starts_again_from_the_beginning() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, stops_pacing),
        expect(20, silence, exercise_stopped(STRETCH, "command")),
        *stretch_from(50),
        until(900),
    )


def test_a_command_that_reports_the_exercise_done_ends_the_pacing() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED, at(20, reports_done), expect(20, silence, exercise_done(STRETCH)), until(900)
    )


@pytest.mark.parametrize(
    ("before", "owed", "why"),
    [
        (sits_down, bout_started, "somebody sits, or rose a moment ago; stand up first"),
        (starts_hold(), hold_started(), "a hold is in force"),
        (sensor_fails(), sensor_fault(), "the sensor is at fault"),
        (
            starts_pacing,
            exercise_started(STRETCH, lasts=STRETCH_LASTS_S),
            "an exercise is paced already",
        ),
    ],
)
def test_an_exercise_that_cannot_be_paced_is_refused_with_the_reason(
    before: Input, owed: object, why: str
) -> None:
    given(programme=ONLY_STRETCH).run(
        at(0, before),
        expect(0, owed),  # type: ignore[arg-type]  # a table of expected effects
        at(1, starts_pacing),
        expect(1, refused(why)),
        until(2),
    )


def test_pacing_is_refused_until_the_stand_up_has_settled() -> None:
    given(stand_dwell=5, programme=ONLY_STRETCH).run(
        *SEATED_AT_0,
        at(10, stands_up),
        at(12, starts_pacing),
        expect(12, refused("somebody sits, or rose a moment ago; stand up first")),
        expect(10, stood_up(bout=10), emitted_at=15),
        at(16, starts_pacing),
        expect(16, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        until(17),
    )


def test_a_hold_that_ends_does_not_resume_the_pacing() -> None:
    given(programme=ONLY_STRETCH).run(
        *ASKED,
        at(20, starts_hold()),
        expect(20, silence, hold_started(), exercise_stopped(STRETCH, "hold")),
        at(30, ends_hold),
        expect(30, hold_ended()),
        until(900),
    )


def test_a_press_can_be_set_to_pace_the_offered_exercise() -> None:
    given(move_after=600, min_break=300, programme=replace(ONLY_STRETCH, press_paces=True)).run(
        *bout_with(STRETCH),
        at(620, presses_button),
        at(620.2, releases_button),
        expect(620.2, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        expect(630.2, start_beat),
        at(640, presses_button),
        at(640.2, releases_button),
        expect(640.2, silence, exercise_done(STRETCH)),
        until(700),
    )


def test_an_exercise_paced_over_midnight_counts_for_the_new_day() -> None:
    run = given(programme=ONLY_BRIDGE).run(
        at(0, day(-86380)),
        at(0, starts_pacing),
        expect(0, exercise_started(BRIDGE, lasts=36)),
        expect(5, start_beat),
        expect(15, release_beat),
        expect(22, start_beat),
        expect(32, release_beat),
        expect(36, finish_beat, exercise_done(BRIDGE, paced=True)),
        until(40),
    )

    assert [mark.at >= run.day_of(sec(40)) for mark in run.coaching.done] == [True]


def test_a_paced_walk_counts_once_at_its_end() -> None:
    given(move_after=600, min_break=3000, programme=ONLY_WALK).run(
        *bout_with(WALK),
        at(700, starts_pacing),
        expect(700, exercise_started(WALK, lasts=305)),
        expect(705, start_beat),
        expect(1005, finish_beat, exercise_done(WALK, paced=True)),
        until(2000),
    )


def test_time_off_the_seat_counts_from_zero_after_a_stopped_walk() -> None:
    given(move_after=600, min_break=3000, programme=ONLY_WALK).run(
        *bout_with(WALK),
        at(700, starts_pacing),
        expect(700, exercise_started(WALK, lasts=305)),
        expect(705, start_beat),
        at(950, stops_pacing),
        expect(950, silence, exercise_stopped(WALK, "command")),
        expect(1250, exercise_done(WALK)),
        until(2000),
    )


def test_a_restart_ends_the_pacing_and_keeps_offer_and_completed_exercises() -> None:
    before = given(move_after=600, min_break=300, programme=STRETCH_AND_BRIDGE).run(
        *bout_with(STRETCH),
        at(620, PaceExercise("bridge")),
        expect(620, exercise_started(BRIDGE, lasts=36)),
        expect(625, start_beat),
        at(630, reports_done),
        expect(630, silence, exercise_done(BRIDGE)),
        at(640, starts_pacing),
        expect(640, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        until(645),
    )
    after = from_document(Chair, to_document(before))

    assert before.coaching.pacing is not None
    assert after.coaching.pacing is None
    assert after.coaching.offer == before.coaching.offer
    assert after.coaching.done == before.coaching.done
    assert next_deadline(replace(after, programme=STRETCH_AND_BRIDGE, rules=before.rules)) == sec(
        910
    )


def test_the_bout_after_a_paced_exercise_is_called_normally() -> None:
    given(move_after=600, programme=STRETCH_AND_BRIDGE).run(
        *stretch_from(0),
        at(200, sits_down),
        expect(200, bout_started),
        expect(800, move_due(bout=600, exercise=BRIDGE), sound, lamp_on),
        at(810, stands_up),
        expect(810, silence, lamp_off, stood_up(bout=610, response=10), exercise_due(BRIDGE)),
        expect(930, bout_ended(started=200, ended=810, seated=610, reminders=1)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=190), bout_started),
        until(1010),
    )
