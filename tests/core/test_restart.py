"""A service that was not there for a while: what it takes up, and what it has to close."""

import pytest

from core.beginnings import SITS_DOWN
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    dies,
    expect,
    fails,
    given,
    hold_ended,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    restarts,
    sat_back,
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


def test_a_bout_goes_on_when_the_person_still_sits() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, dies),
        at(700, restarts(lost=600), sits),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1900, stands),
        expect(1900, silence, stood_up(bout=1900, response=100), lamp_off),
        expect(2020, bout_ended(started=0, ended=1900, seated=1900, reminders=1)),
        until(9000),
    )


@pytest.mark.parametrize("away", [120, 86400])
def test_after_a_break_s_time_the_bout_is_cut_and_a_new_one_starts(away: float) -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, dies),
        at(600 + away, restarts(lost=600), sits),
        expect(600 + away, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(601 + away),
    )


def test_after_a_break_s_time_with_an_empty_seat_the_bout_is_cut_and_none_starts() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, dies),
        at(900, restarts(lost=600), stands),
        expect(900, bout_ended(started=0, ended=600, seated=600, cut=True)),
        until(9000),
    )


def test_who_has_left_meanwhile_stood_up_when_that_was_seen() -> None:
    given(min_break=120, stand_dwell=5).live(
        *SITS_DOWN,
        at(600, dies),
        at(610, restarts(lost=600), stands),
        expect(610, stood_up(bout=610), told=615),
        expect(730, bout_ended(started=0, ended=610, seated=610)),
        until(9000),
    )


def test_a_flicker_at_the_restart_is_no_stand_up() -> None:
    given(min_break=120, stand_dwell=5).live(
        *SITS_DOWN,
        at(600, dies),
        at(610, restarts(lost=600), stands),
        at(611, sits),
        until(1000),
    )


def test_a_bout_that_became_due_meanwhile_is_due_at_the_restart() -> None:
    given().live(
        *SITS_DOWN,
        at(1795, dies),
        at(1810, restarts(lost=1795), sits),
        expect(1810, move_due(bout=1810), sound, lamp_on),
        until(2000),
    )


def test_a_bout_that_became_due_meanwhile_is_not_when_the_person_has_left() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(1795, dies),
        at(1810, restarts(lost=1795), stands),
        expect(1810, stood_up(bout=1810)),
        until(1900),
    )


def test_no_reminder_is_repeated_and_the_lamp_is_lit_again() -> None:
    given().live(
        *SITS_DOWN,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1801, dies),
        at(1802, restarts(lost=1801), sits),
        expect(1802, lamp_off, lamp_on),
        expect(2100, move_reminder(2, bout=2100), sound),
        until(2200),
    )


def test_a_reminder_of_meanwhile_comes_at_the_restart_under_its_own_number() -> None:
    given().live(
        *SITS_DOWN,
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(2090, dies),
        at(2110, restarts(lost=2090), sits),
        expect(2110, lamp_off, lamp_on, move_reminder(2, bout=2110), sound),
        expect(2410, move_reminder(3, bout=2410), sound),
        until(2500),
    )


def test_a_gap_goes_on_and_becomes_a_break_at_its_own_time() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(630, dies),
        at(640, restarts(lost=630), stands),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        at(1000, sits),
        expect(1000, break_ended(pause=400), bout_started),
        until(1001),
    )


def test_who_is_back_from_a_gap_sat_back_when_that_was_seen() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(630, dies),
        at(650, restarts(lost=630), sits),
        expect(650, sat_back(away=50)),
        until(700),
    )


def test_a_gap_after_which_nobody_knows_for_how_long_it_was_empty_cuts_the_bout() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(700, dies),
        at(730, restarts(lost=700), sits),
        expect(730, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(800),
    )


def test_a_restart_is_never_a_break() -> None:
    """Nobody knows whether the person was away for all of it."""
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(630, dies),
        at(800, restarts(lost=630), sits),
        expect(800, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(900),
    )


def test_a_hold_that_ended_meanwhile_has_ended() -> None:
    given().live(
        at(0, sits, holds(until=700)),
        expect(0, bout_started, hold_started()),
        at(650, dies),
        at(710, restarts(lost=650), sits),
        expect(700, hold_ended("its time is over"), told=710),
        until(800),
    )


def test_a_fault_is_still_one_until_the_sensor_works() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails()),
        expect(600, sensor_fault()),
        at(610, dies),
        at(620, restarts(lost=610), sits),
        at(630, works(pressed=True)),
        expect(630, sensor_recovered()),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        until(1900),
    )


def test_a_sensor_that_fails_before_anything_is_known_again_has_failed_since_the_end() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, dies),
        at(620, restarts(lost=600)),
        at(630, fails()),
        expect(630, sensor_fault()),
        at(720, works(pressed=True)),
        expect(
            720,
            sensor_recovered(),
            bout_ended(started=0, ended=600, seated=600, cut=True),
            bout_started,
        ),
        until(800),
    )


def test_two_restarts_are_as_one() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, dies),
        at(660, restarts(lost=600)),
        at(730, restarts(lost=660), sits),
        expect(730, bout_ended(started=0, ended=600, seated=600, cut=True), bout_started),
        until(800),
    )


def test_a_chair_that_nobody_sat_on_starts_a_bout_as_ever() -> None:
    given(sit_dwell=2).live(
        at(600, dies),
        at(610, restarts(lost=600), sits),
        expect(610, bout_started, told=612),
        until(700),
    )
