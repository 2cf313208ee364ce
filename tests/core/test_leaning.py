"""Leaning: a soft cue and an event, never the call to move; and weight shifts, counted."""

from core.beginnings import SITS_DOWN
from timeline import (
    at,
    bout_ended,
    buzzer_off,
    cue,
    expect,
    fails,
    given,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    leaning_ended,
    leaning_started,
    leans,
    move_due,
    sensor_fault,
    shifts_weight,
    silence,
    sits_upright,
    sound,
    stands,
    stood_up,
    until,
)


def test_leaning_is_told_with_its_side_and_gets_a_soft_cue() -> None:
    given().live(
        *SITS_DOWN,
        at(160, leans("left", since=100)),
        expect(160, cue, leaning_started("left", since=100)),
        at(300, sits_upright),
        expect(300, leaning_ended("left", leaned=200)),
        until(301),
    )


def test_leaning_to_the_other_side_ends_the_first() -> None:
    given().live(
        *SITS_DOWN,
        at(160, leans("left", since=100)),
        expect(160, cue, leaning_started("left", since=100)),
        at(300, leans("forward", since=240)),
        expect(300, leaning_ended("left", leaned=200), cue, leaning_started("forward", since=240)),
        until(301),
    )


def test_who_stands_up_leans_no_more() -> None:
    given().live(
        *SITS_DOWN,
        at(160, leans("right", since=100)),
        expect(160, cue, leaning_started("right", since=100)),
        at(200, stands),
        expect(200, leaning_ended("right", leaned=100), stood_up(bout=200)),
        until(201),
    )


def test_a_sensor_fault_ends_the_leaning() -> None:
    given().live(
        *SITS_DOWN,
        at(160, leans("right", since=100)),
        expect(160, cue, leaning_started("right", since=100)),
        at(200, fails()),
        expect(200, leaning_ended("right", leaned=100), sensor_fault()),
        until(201),
    )


def test_no_cue_sounds_in_a_hold_or_with_the_buzzer_off() -> None:
    for quiet, said in ((holds(), [hold_started()]), (buzzer_off, [])):
        given().live(
            *SITS_DOWN,
            at(1, quiet),
            expect(1, *said),
            at(160, leans("left", since=100)),
            expect(160, leaning_started("left", since=100)),
            until(161),
        )


def test_no_cue_sounds_into_the_call_to_move() -> None:
    given().live(
        *SITS_DOWN,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, leans("back", since=1700)),
        expect(1801, leaning_started("back", since=1700)),
        at(1802, stands),
        expect(1802, silence, leaning_ended("back", leaned=102), lamp_off),
        expect(1802, stood_up(bout=1802, response=2)),
        until(1803),
    )


def test_weight_shifts_are_counted_for_each_bout() -> None:
    given(min_break=60, shifts=0).live(
        *SITS_DOWN,
        at(10, shifts_weight),
        at(20, shifts_weight),
        at(100, stands),
        expect(100, stood_up(bout=100)),
        expect(160, bout_ended(started=0, ended=100, seated=100, shifts=2)),
        until(161),
    )


def test_a_chair_that_cannot_tell_counts_no_shifts() -> None:
    given(min_break=60).live(
        *SITS_DOWN,
        at(10, shifts_weight),
        at(100, stands),
        expect(100, stood_up(bout=100)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
        until(161),
    )
