"""A sensor that cannot be believed: no sound, the bout suspended, and what is known afterwards."""

import pytest

from core.beginnings import SITS_DOWN
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    expect,
    fails,
    given,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    recording_ends,
    refused,
    sat_back,
    sensor_fault,
    sensor_recovered,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    tests_buzzer,
    until,
    works,
)


def test_a_fault_shorter_than_a_break_leaves_the_bout_as_if_nothing_had_happened() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails("silent")),
        expect(600, sensor_fault("silent")),
        at(660, works(pressed=True)),
        expect(660, sensor_recovered()),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1900, stands),
        expect(1900, silence, stood_up(bout=1900, response=100), lamp_off),
        expect(2020, bout_ended(started=0, ended=1900, seated=1840, reminders=1)),
        until(9000),
    )


@pytest.mark.parametrize("length", [120, 3000])
def test_a_longer_fault_cuts_the_bout_where_somebody_was_last_known_to_sit(length: float) -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails()),
        expect(600, sensor_fault()),
        at(600 + length, works(pressed=True)),
        expect(600 + length, sensor_recovered()),
        expect(600 + length, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(601 + length),
    )


def test_a_longer_fault_after_which_nobody_sits_cuts_the_bout_and_starts_none() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails()),
        expect(600, sensor_fault()),
        at(900, works(pressed=False)),
        expect(900, sensor_recovered(), bout_ended(started=0, ended=600, seated=600, cut=True)),
        until(9000),
    )


def test_who_has_left_during_a_short_fault_stood_up_when_that_was_known() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails()),
        expect(600, sensor_fault()),
        at(610, works(pressed=False)),
        expect(610, sensor_recovered(), stood_up(bout=610)),
        expect(730, bout_ended(started=0, ended=610, seated=600)),
        until(9000),
    )


def test_a_fault_is_no_break_and_no_break_is_told_after_it() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(800, fails()),
        expect(800, sensor_fault()),
        at(1000, works(pressed=True)),
        expect(1000, sensor_recovered(), bout_started),
        until(1001),
    )


def test_a_short_fault_within_a_break_does_not_hide_it() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(800, fails()),
        expect(800, sensor_fault()),
        at(810, works(pressed=False)),
        expect(810, sensor_recovered()),
        at(900, sits),
        expect(900, break_ended(pause=300), bout_started),
        until(901),
    )


def test_a_gap_goes_on_over_a_short_fault() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(610, fails()),
        expect(610, sensor_fault()),
        at(700, works(pressed=True)),
        expect(700, sensor_recovered(), sat_back(away=100)),
        until(701),
    )


def test_a_break_that_began_before_a_short_fault_ends_the_bout_when_that_is_certain() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(650, fails()),
        expect(650, sensor_fault()),
        at(750, works(pressed=False)),
        expect(750, sensor_recovered()),
        expect(750, bout_ended(started=0, ended=600, seated=600)),
        until(9000),
    )


def test_a_longer_fault_in_a_gap_cuts_the_bout_at_the_stand_up() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(650, fails()),
        expect(650, sensor_fault()),
        at(950, works(pressed=True)),
        expect(950, sensor_recovered()),
        expect(950, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(951),
    )


def test_a_fault_silences_the_buzzer_and_no_reminder_comes_while_it_lasts() -> None:
    given(min_break=1000, repeat_every=300).live(
        *SITS_DOWN,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, fails("stuck")),
        expect(1801, silence, sensor_fault("stuck"), lamp_off),
        at(2500, works(pressed=True, reason="stuck")),
        expect(2500, sensor_recovered("stuck"), lamp_on),
        expect(2500, move_reminder(2, bout=2500), sound),
        until(2501),
    )


def test_a_bout_does_not_become_due_while_the_sensor_is_at_fault() -> None:
    given(min_break=1000).live(
        *SITS_DOWN,
        at(1700, fails()),
        expect(1700, sensor_fault()),
        at(1900, works(pressed=True)),
        expect(1900, sensor_recovered()),
        expect(1900, move_due(bout=1900), sound, lamp_on),
        until(1901),
    )


def test_edges_during_a_fault_are_not_believed() -> None:
    given().live(
        at(0, fails()),
        expect(0, sensor_fault()),
        at(10, sits),
        at(20, stands),
        at(30, sits),
        until(9000),
    )


def test_a_level_that_has_yet_to_hold_when_the_sensor_fails_never_will() -> None:
    given(sit_dwell=2).live(
        at(0, sits),
        at(1, fails()),
        expect(1, sensor_fault()),
        at(2, works(pressed=False)),
        expect(2, sensor_recovered()),
        until(100),
    )


def test_a_second_fault_and_a_recovery_from_nothing_change_nothing() -> None:
    given().live(
        at(0, works(pressed=True)),
        at(1, fails("silent")),
        expect(1, sensor_fault("silent")),
        at(2, fails("stuck")),
        until(100),
    )


def test_the_buzzer_cannot_be_tried_during_a_fault() -> None:
    given().live(
        *SITS_DOWN,
        at(1, fails()),
        expect(1, sensor_fault()),
        at(2, tests_buzzer),
        expect(2, refused("the sensor is at fault")),
        until(3),
    )


def test_a_recording_that_ends_in_a_fault_closes_the_bout_where_it_was_last_known() -> None:
    given().live(
        *SITS_DOWN,
        at(60, fails()),
        expect(60, sensor_fault()),
        at(90, recording_ends),
        expect(90, bout_ended(started=0, ended=60, seated=60, open=True)),
    )
