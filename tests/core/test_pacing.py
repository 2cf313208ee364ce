"""Pacing by itself: which sound comes when, and which exercise is meant."""

from dataclasses import replace

from core.exercising import (
    BOTH,
    BRIDGE,
    ONLY_BRIDGE,
    ONLY_STRETCH,
    done,
    finish,
    paces,
    release,
    says_done,
    start,
    started,
    stops_pacing,
    stretch_from,
)
from timeline import at, buzzer_off, expect, given, refused, sec, silence, until
from unsit.core.inputs import PaceExercise


def test_the_buzzer_says_when_to_start_to_rest_to_switch_sides_and_that_it_is_done() -> None:
    given(programme=ONLY_STRETCH).live(*stretch_from(0), until(1000))


def test_an_exercise_that_is_lowered_slowly_has_no_sound_of_its_own_for_the_rest() -> None:
    given(programme=ONLY_BRIDGE).live(
        at(0, paces),
        expect(0, started(BRIDGE, lasts=36)),
        expect(5, start),
        expect(15, release),
        expect(22, start),
        expect(32, release),
        expect(36, finish, done(BRIDGE, paced=True)),
        until(1000),
    )


def test_an_exercise_that_begins_at_once_begins_with_its_sound() -> None:
    dose = replace(BRIDGE.dose, get_ready=sec(0), repetitions=1, lower=sec(0))
    one = replace(BRIDGE, dose=dose)
    given(programme=replace(ONLY_BRIDGE, exercises=(one,))).live(
        at(0, paces),
        expect(0, start, started(one, lasts=10)),
        expect(10, finish, done(one, paced=True)),
        until(20),
    )


def test_an_exercise_can_be_asked_for_by_its_name() -> None:
    given(programme=BOTH).live(
        at(0, PaceExercise("bridge")), expect(0, started(BRIDGE, lasts=36)), until(4)
    )


def test_with_nothing_owed_it_takes_a_name_to_pace_one() -> None:
    given(programme=ONLY_BRIDGE).live(
        at(0, PaceExercise("bridge")),
        expect(0, started(BRIDGE, lasts=36)),
        at(1, says_done),
        expect(1, silence, done(BRIDGE)),
        at(2, paces),
        expect(2, refused("none is owed now; there are bridge")),
        at(3, PaceExercise("squat")),
        expect(3, refused("there is no exercise 'squat'; there are bridge")),
        until(10),
    )


def test_with_the_buzzer_switched_off_it_is_paced_without_a_sound() -> None:
    given(programme=ONLY_BRIDGE).live(
        at(0, buzzer_off),
        at(0, paces),
        expect(0, started(BRIDGE, lasts=36)),
        expect(36, done(BRIDGE, paced=True)),
        until(100),
    )


def test_a_stop_without_anything_to_stop_is_refused() -> None:
    given(programme=BOTH).live(at(0, stops_pacing), expect(0, refused("no exercise is paced")))
