"""Restarts of the service: the state it restores and the bouts it closes."""

import pytest

from support.timeline import *


def test_a_bout_goes_on_when_the_person_still_sits() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(700, restarts(down_for=600), sits_down),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1900, stands_up),
        expect(1900, silence, stood_up(bout=1900, response=100), lamp_off),
        expect(2020, bout_ended(started=0, ended=1900, seated=1900, reminders=1)),
        until(9000),
    )


@pytest.mark.parametrize("away", [120, 86400])
def test_after_a_break_s_time_the_bout_is_cut_and_a_new_one_starts(away: float) -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(600 + away, restarts(down_for=600), sits_down),
        expect(600 + away, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(601 + away),
    )


def test_after_a_break_s_time_with_an_empty_seat_the_bout_is_cut_and_none_starts() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(900, restarts(down_for=600), stands_up),
        expect(900, bout_ended(started=0, ended=600, seated=600, cut=True)),
        until(9000),
    )


def test_a_person_who_left_during_the_downtime_stood_up_at_the_restart() -> None:
    given(min_break=120, stand_dwell=5).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(610, restarts(down_for=600), stands_up),
        expect(610, stood_up(bout=610), emitted_at=615),
        expect(730, bout_ended(started=0, ended=610, seated=610)),
        until(9000),
    )


def test_a_flicker_at_the_restart_is_no_stand_up() -> None:
    given(min_break=120, stand_dwell=5).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(610, restarts(down_for=600), stands_up),
        at(611, sits_down),
        until(1000),
    )


def test_a_bout_that_became_due_during_the_downtime_is_due_at_the_restart() -> None:
    given().run(
        *SEATED_AT_0,
        at(1795, last_tick),
        at(1810, restarts(down_for=1795), sits_down),
        expect(1810, move_due(bout=1810), sound, lamp_on),
        until(2000),
    )


def test_a_bout_that_became_due_during_the_downtime_is_not_due_on_an_empty_seat() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(1795, last_tick),
        at(1810, restarts(down_for=1795), stands_up),
        expect(1810, stood_up(bout=1810)),
        until(1900),
    )


def test_no_reminder_is_repeated_and_the_lamp_is_lit_again() -> None:
    given().run(
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, last_tick),
        at(1802, restarts(down_for=1801), sits_down),
        expect(1802, lamp_off, lamp_on),
        expect(2100, move_reminder(2, bout=2100), sound),
        until(2200),
    )


def test_a_reminder_missed_during_the_downtime_comes_at_the_restart_with_its_number() -> None:
    given().run(
        *SEATED_AT_0,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(2090, last_tick),
        at(2110, restarts(down_for=2090), sits_down),
        expect(2110, lamp_off, lamp_on, move_reminder(2, bout=2110), sound),
        expect(2410, move_reminder(3, bout=2410), sound),
        until(2500),
    )


def test_a_gap_goes_on_and_becomes_a_break_at_its_own_time() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(630, last_tick),
        at(640, restarts(down_for=630), stands_up),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=400), bout_started),
        until(1001),
    )


def test_a_person_back_from_a_gap_sat_back_at_the_restart() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(630, last_tick),
        at(650, restarts(down_for=630), sits_down),
        expect(650, sat_back(away=50)),
        until(700),
    )


def test_a_gap_of_unknown_length_cuts_the_bout() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(700, last_tick),
        at(730, restarts(down_for=700), sits_down),
        expect(730, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(800),
    )


def test_a_restart_is_never_a_break() -> None:
    """The person may have sat for part of the downtime."""
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(630, last_tick),
        at(800, restarts(down_for=630), sits_down),
        expect(800, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(900),
    )


def test_a_hold_whose_end_passed_during_the_downtime_has_ended() -> None:
    given().run(
        at(0, sits_down, starts_hold(until=700)),
        expect(0, bout_started, hold_started()),
        at(650, last_tick),
        at(710, restarts(down_for=650), sits_down),
        expect(700, hold_ended("its time is over"), emitted_at=710),
        until(800),
    )


def test_a_fault_is_still_one_until_the_sensor_works() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails()),
        expect(600, sensor_fault()),
        at(610, last_tick),
        at(620, restarts(down_for=610), sits_down),
        at(630, sensor_works(pressed=True)),
        expect(630, sensor_recovered()),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        until(1900),
    )


def test_a_sensor_that_fails_before_its_first_reading_has_failed_since_the_stop() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(620, restarts(down_for=600)),
        at(630, sensor_fails()),
        expect(630, sensor_fault()),
        at(720, sensor_works(pressed=True)),
        expect(
            720,
            sensor_recovered(),
            bout_ended(started=0, ended=600, seated=600, cut=True),
            bout_started,
        ),
        until(800),
    )


def test_two_restarts_equal_one() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, restarts(down_for=600)),
        at(730, restarts(down_for=660), sits_down),
        expect(730, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(800),
    )


def test_an_empty_chair_starts_a_bout_normally_after_a_restart() -> None:
    given(sit_dwell=2).run(
        at(600, last_tick),
        at(610, restarts(down_for=600), sits_down),
        expect(610, bout_started, emitted_at=612),
        until(700),
    )
