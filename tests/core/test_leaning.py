"""Leaning, with a soft tick and events, and the count of weight shifts."""

from support.timeline import *


def test_leaning_is_reported_with_its_side_and_gets_a_soft_tick() -> None:
    given().run(
        *SEATED_AT_0,
        at(160, leans("left", since=100)),
        expect(160, soft_tick, leaning_started("left", since=100)),
        at(300, sits_upright),
        expect(300, leaning_ended("left", leaned=200)),
        until(301),
    )


def test_leaning_to_the_other_side_ends_the_first() -> None:
    given().run(
        *SEATED_AT_0,
        at(160, leans("left", since=100)),
        expect(160, soft_tick, leaning_started("left", since=100)),
        at(300, leans("forward", since=240)),
        expect(
            300, leaning_ended("left", leaned=200), soft_tick, leaning_started("forward", since=240)
        ),
        until(301),
    )


def test_standing_up_ends_the_leaning() -> None:
    given().run(
        *SEATED_AT_0,
        at(160, leans("right", since=100)),
        expect(160, soft_tick, leaning_started("right", since=100)),
        at(200, stands_up),
        expect(200, leaning_ended("right", leaned=100), stood_up(bout=200)),
        until(201),
    )


def test_a_sensor_fault_ends_the_leaning() -> None:
    given().run(
        *SEATED_AT_0,
        at(160, leans("right", since=100)),
        expect(160, soft_tick, leaning_started("right", since=100)),
        at(200, sensor_fails()),
        expect(200, leaning_ended("right", leaned=100), sensor_fault()),
        until(201),
    )


def test_no_soft_tick_sounds_in_a_hold_or_with_the_buzzer_off() -> None:
    for quiet, effects in ((starts_hold(), [hold_started()]), (buzzer_off, [])):
        given().run(
            *SEATED_AT_0,
            at(1, quiet),
            expect(1, *effects),
            at(160, leans("left", since=100)),
            expect(160, leaning_started("left", since=100)),
            until(161),
        )


def test_no_soft_tick_sounds_into_the_call_to_move() -> None:
    given().run(
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, leans("back", since=1700)),
        expect(1801, leaning_started("back", since=1700)),
        at(1802, stands_up),
        expect(1802, silence, leaning_ended("back", leaned=102), lamp_off),
        expect(1802, stood_up(bout=1802, response=2)),
        until(1803),
    )


def test_weight_shifts_are_counted_for_each_bout() -> None:
    given(min_break=60, shifts=0).run(
        *SEATED_AT_0,
        at(10, shifts_weight),
        at(20, shifts_weight),
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        expect(160, bout_ended(started=0, ended=100, seated=100, shifts=2)),
        until(161),
    )


def test_a_chair_without_load_cells_counts_no_shifts() -> None:
    given(min_break=60).run(
        *SEATED_AT_0,
        at(10, shifts_weight),
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
        until(161),
    )
