"""Sensor faults: no sound, a suspended bout, and the bout after the recovery."""

import pytest

from support.timeline import *


def test_a_fault_shorter_than_a_break_does_not_change_the_bout() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails("silent")),
        expect(600, sensor_fault("silent")),
        at(660, sensor_works(pressed=True)),
        expect(660, sensor_recovered()),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1900, stands_up),
        expect(1900, silence, stood_up(bout=1900, response=100), lamp_off),
        expect(2020, bout_ended(started=0, ended=1900, seated=1840, reminders=1)),
        until(9000),
    )


@pytest.mark.parametrize("length", [120, 3000])
def test_a_longer_fault_cuts_the_bout_at_the_last_instant_of_known_sitting(length: float) -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails()),
        expect(600, sensor_fault()),
        at(600 + length, sensor_works(pressed=True)),
        expect(600 + length, sensor_recovered()),
        expect(600 + length, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(601 + length),
    )


def test_a_longer_fault_that_ends_on_an_empty_seat_cuts_the_bout() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails()),
        expect(600, sensor_fault()),
        at(900, sensor_works(pressed=False)),
        expect(900, sensor_recovered(), bout_ended(started=0, ended=600, seated=600, cut=True)),
        until(9000),
    )


def test_a_person_who_left_during_a_short_fault_stood_up_at_the_recovery() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails()),
        expect(600, sensor_fault()),
        at(610, sensor_works(pressed=False)),
        expect(610, sensor_recovered(), stood_up(bout=610)),
        expect(730, bout_ended(started=0, ended=610, seated=600)),
        until(9000),
    )


def test_a_fault_is_no_break_and_no_break_is_reported_after_it() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(800, sensor_fails()),
        expect(800, sensor_fault()),
        at(1000, sensor_works(pressed=True)),
        expect(1000, sensor_recovered(), bout_started),
        until(1001),
    )


def test_a_short_fault_within_a_break_does_not_hide_it() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(800, sensor_fails()),
        expect(800, sensor_fault()),
        at(810, sensor_works(pressed=False)),
        expect(810, sensor_recovered()),
        at(900, sits_down),
        expect(900, break_ended(pause=300), bout_started),
        until(901),
    )


def test_a_gap_goes_on_over_a_short_fault() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(610, sensor_fails()),
        expect(610, sensor_fault()),
        at(700, sensor_works(pressed=True)),
        expect(700, sensor_recovered(), sat_back(away=100)),
        until(701),
    )


def test_a_break_that_began_before_a_short_fault_ends_the_bout_at_the_recovery() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(650, sensor_fails()),
        expect(650, sensor_fault()),
        at(750, sensor_works(pressed=False)),
        expect(750, sensor_recovered()),
        expect(750, bout_ended(started=0, ended=600, seated=600)),
        until(9000),
    )


def test_a_longer_fault_in_a_gap_cuts_the_bout_at_the_stand_up() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(650, sensor_fails()),
        expect(650, sensor_fault()),
        at(950, sensor_works(pressed=True)),
        expect(950, sensor_recovered()),
        expect(950, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(951),
    )


def test_a_fault_silences_the_buzzer_and_no_reminder_comes_while_it_lasts() -> None:
    given(min_break=1000, repeat_every=300).run(
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, sensor_fails("stuck")),
        expect(1801, silence, sensor_fault("stuck"), lamp_off),
        at(2500, sensor_works(pressed=True, reason="stuck")),
        expect(2500, sensor_recovered("stuck"), lamp_on),
        expect(2500, move_reminder(2, bout=2500), sound),
        until(2501),
    )


def test_a_bout_does_not_become_due_while_the_sensor_is_at_fault() -> None:
    given(min_break=1000).run(
        *SEATED_AT_0,
        at(1700, sensor_fails()),
        expect(1700, sensor_fault()),
        at(1900, sensor_works(pressed=True)),
        expect(1900, sensor_recovered()),
        expect(1900, move_due(bout=1900), sound, lamp_on),
        until(1901),
    )


def test_edges_during_a_fault_are_not_believed() -> None:
    given().run(
        at(0, sensor_fails()),
        expect(0, sensor_fault()),
        at(10, sits_down),
        at(20, stands_up),
        at(30, sits_down),
        until(9000),
    )


def test_a_level_that_has_yet_to_hold_when_the_sensor_fails_never_will() -> None:
    given(sit_dwell=2).run(
        at(0, sits_down),
        at(1, sensor_fails()),
        expect(1, sensor_fault()),
        at(2, sensor_works(pressed=False)),
        expect(2, sensor_recovered()),
        until(100),
    )


def test_a_second_fault_and_a_recovery_from_nothing_change_nothing() -> None:
    given().run(
        at(0, sensor_works(pressed=True)),
        at(1, sensor_fails("silent")),
        expect(1, sensor_fault("silent")),
        at(2, sensor_fails("stuck")),
        until(100),
    )


def test_the_buzzer_cannot_be_tried_during_a_fault() -> None:
    given().run(
        *SEATED_AT_0,
        at(1, sensor_fails()),
        expect(1, sensor_fault()),
        at(2, tests_buzzer),
        expect(2, refused("the sensor is at fault")),
        until(3),
    )


def test_a_recording_that_ends_in_a_fault_closes_the_bout_at_the_last_known_instant() -> None:
    given().run(
        *SEATED_AT_0,
        at(60, sensor_fails()),
        expect(60, sensor_fault()),
        at(90, recording_ends),
        expect(90, bout_ended(started=0, ended=60, seated=60, open=True)),
    )
