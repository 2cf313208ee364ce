"""Pacing: the beats of an exercise, and the choice of the exercise."""

from dataclasses import replace

from support.timeline import *
from unsit.core.inputs import PaceExercise


def test_the_buzzer_marks_start_rest_change_of_sides_and_end() -> None:
    given(programme=ONLY_STRETCH).run(*stretch_from(0), until(1000))


def test_a_slowly_lowered_exercise_has_no_extra_sound_for_the_rest() -> None:
    given(programme=ONLY_BRIDGE).run(
        at(0, starts_pacing),
        expect(0, exercise_started(BRIDGE, lasts=36)),
        expect(5, start_beat),
        expect(15, release_beat),
        expect(22, start_beat),
        expect(32, release_beat),
        expect(36, finish_beat, exercise_done(BRIDGE, paced=True)),
        until(1000),
    )


def test_an_exercise_that_begins_at_once_begins_with_its_sound() -> None:
    dose = replace(BRIDGE.dose, get_ready=sec(0), repetitions=1, lower=sec(0))
    bridge = replace(BRIDGE, dose=dose)
    given(programme=replace(ONLY_BRIDGE, exercises=(bridge,))).run(
        at(0, starts_pacing),
        expect(0, start_beat, exercise_started(bridge, lasts=10)),
        expect(10, finish_beat, exercise_done(bridge, paced=True)),
        until(20),
    )


def test_an_exercise_can_be_started_by_its_name() -> None:
    given(programme=STRETCH_AND_BRIDGE).run(
        at(0, PaceExercise("bridge")), expect(0, exercise_started(BRIDGE, lasts=36)), until(4)
    )


def test_with_no_exercise_due_pacing_needs_a_name() -> None:
    given(programme=ONLY_BRIDGE).run(
        at(0, PaceExercise("bridge")),
        expect(0, exercise_started(BRIDGE, lasts=36)),
        at(1, reports_done),
        expect(1, silence, exercise_done(BRIDGE)),
        at(2, starts_pacing),
        expect(2, refused("none is owed now; there are bridge")),
        at(3, PaceExercise("squat")),
        expect(3, refused("there is no exercise 'squat'; there are bridge")),
        until(10),
    )


def test_with_the_buzzer_switched_off_it_is_paced_without_a_sound() -> None:
    given(programme=ONLY_BRIDGE).run(
        at(0, buzzer_off),
        at(0, starts_pacing),
        expect(0, exercise_started(BRIDGE, lasts=36)),
        expect(36, exercise_done(BRIDGE, paced=True)),
        until(100),
    )


def test_a_stop_without_anything_to_stop_is_refused() -> None:
    given(programme=STRETCH_AND_BRIDGE).run(
        at(0, stops_pacing), expect(0, refused("no exercise is paced"))
    )
