"""A wall clock that is set after a reboot, and shows that the chair was away for longer."""

import pytest

from core.beginnings import REBOOTS_IN_A_BREAK, SITS_DOWN
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    clock_is_set,
    expect,
    fails,
    given,
    lamp_off,
    lamp_on,
    move_due,
    reboots,
    restarts,
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
from timeline import dies as goes_off
from unsit.core.today import Span

LONG = 8000
REBOOTS_IN_A_BOUT = (*SITS_DOWN, at(600, goes_off), at(660, reboots(lost=600), sits))
REBOOTS_IN_A_GAP = (
    *SITS_DOWN,
    at(570, stands),
    expect(570, stood_up(bout=570)),
    at(600, goes_off),
    at(660, reboots(lost=600), sits),
    expect(660, sat_back(away=90)),
)
CUT = bout_ended(started=-LONG, ended=600 - LONG, seated=600, cut=True)


def test_a_bout_is_cut_later_when_it_shows_that_the_time_away_was_as_long_as_a_break() -> None:
    chair = given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, told=700),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )

    assert chair.today.stretches == (Span(sec(-LONG), sec(600 - LONG)),)
    assert chair.today.seated_since == sec(660)


def test_a_reminder_that_should_not_have_come_ends_with_the_bout_of_before() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(1790, goes_off),
        at(1795, reboots(lost=1790), sits),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1810, clock_is_set(forward=1790)),
        expect(1810, silence, lamp_off),
        expect(1810, bout_ended(started=-1790, ended=0, seated=1790, reminders=1, cut=True)),
        expect(1795, bout_started, told=1810),
        expect(1795 + 1800, move_due(bout=1800), sound, lamp_on),
        until(3600),
    )


@pytest.mark.parametrize("forward", [10, 59, -LONG])
def test_a_time_away_that_was_shorter_than_a_break_all_the_same_changes_nothing(
    forward: float,
) -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=forward)),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        until(1900),
    )


def test_a_clock_that_was_behind_all_that_is_known_counts_by_what_it_said() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600, told=900), sits),
        at(700, clock_is_set(forward=359)),
        at(701, stands),
        expect(701, stood_up(bout=701)),
        until(702),
    )
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600, told=900), sits),
        at(700, clock_is_set(forward=360)),
        expect(700, bout_ended(started=-60, ended=540, seated=600, cut=True)),
        expect(660, bout_started, told=700),
        until(702),
    )


def test_only_the_first_setting_of_the_clock_counts() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=2)),
        at(800, clock_is_set(forward=LONG)),
        until(900),
    )


def test_a_clock_that_is_set_where_no_reboot_was_changes_nothing() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, restarts(lost=600), sits),
        at(700, clock_is_set(forward=LONG)),
        until(900),
    )


def test_the_bout_of_before_is_cut_in_a_gap_too_and_what_was_since_is_a_bout_of_its_own() -> None:
    chair = given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(690, stands),
        expect(690, stood_up(bout=690)),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, told=700),
        expect(810, bout_ended(started=660, ended=690, seated=30)),
        until(900),
    )

    assert chair.today.stretches == (
        Span(sec(-LONG), sec(600 - LONG)),
        Span(sec(660), sec(690)),
    )
    assert chair.today.breaks == (sec(810),)


def test_gaps_since_the_reboot_are_gaps_of_the_bout_that_began_there() -> None:
    chair = given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(690, stands),
        expect(690, stood_up(bout=690)),
        at(710, sits),
        expect(710, sat_back(away=20)),
        at(750, clock_is_set(forward=LONG)),
        expect(750, CUT),
        expect(660, bout_started, told=750),
        at(800, stands),
        expect(800, stood_up(bout=140)),
        expect(920, bout_ended(started=660, ended=800, seated=120)),
        until(1000),
    )

    assert chair.today.stretches[1:] == (Span(sec(660), sec(690)), Span(sec(710), sec(800)))


def test_a_fault_since_the_reboot_suspends_the_bout_that_began_there() -> None:
    chair = given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(690, fails()),
        expect(690, sensor_fault()),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, told=700),
        at(720, works(pressed=True)),
        expect(720, sensor_recovered()),
        at(800, stands),
        expect(800, stood_up(bout=140)),
        expect(920, bout_ended(started=660, ended=800, seated=110)),
        until(1000),
    )

    assert chair.today.stretches[1:] == (Span(sec(660), sec(690)), Span(sec(720), sec(800)))


def test_a_second_restart_does_not_forget_the_first() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_BOUT,
        at(690, goes_off),
        at(700, restarts(lost=690), sits),
        at(750, clock_is_set(forward=LONG)),
        expect(750, CUT),
        expect(660, bout_started, told=750),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )


def test_who_was_gone_at_the_reboot_left_in_the_bout_of_before() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        expect(660, stood_up(bout=660)),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        at(720, sits),
        expect(720, bout_started),
        until(900),
    )


def test_who_only_seemed_to_be_gone_at_the_reboot_sat_down_there() -> None:
    given(min_break=120, stand_dwell=5).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        at(662, sits),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(662, bout_started, told=700),
        until(900),
    )


def test_who_may_have_left_at_the_reboot_when_the_clock_is_set_had_left_before() -> None:
    given(min_break=120, stand_dwell=5).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        at(661, clock_is_set(forward=LONG)),
        expect(661, CUT),
        at(662, sits),
        expect(662, bout_started),
        until(900),
    )


def test_who_was_in_a_gap_and_sits_at_the_reboot_is_in_a_new_bout() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_GAP,
        at(700, clock_is_set(forward=LONG)),
        expect(700, bout_ended(started=-LONG, ended=570 - LONG, seated=570, cut=True)),
        expect(660, bout_started, told=700),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )


def test_a_gap_over_the_reboot_counts_from_its_stand_up() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_GAP,
        at(700, clock_is_set(forward=30)),
        expect(700, bout_ended(started=-30, ended=540, seated=570, cut=True)),
        expect(660, bout_started, told=700),
        until(900),
    )


def test_a_bout_that_has_ended_since_the_reboot_is_not_told_twice() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(580, stands),
        expect(580, stood_up(bout=580)),
        at(600, goes_off),
        at(660, reboots(lost=600), stands),
        expect(700, bout_ended(started=0, ended=580, seated=580)),
        at(701, clock_is_set(forward=LONG)),
        at(720, sits),
        expect(720, bout_started),
        until(900),
    )


def test_no_break_is_told_that_is_known_to_be_wrong() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=LONG)),
        at(720, sits),
        expect(720, bout_started),
        until(900),
    )


def test_a_break_over_a_reboot_that_was_short_is_told() -> None:
    given(min_break=120).live(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=5)),
        at(720, sits),
        expect(720, break_ended(pause=320), bout_started),
        until(900),
    )


def test_a_seat_that_has_not_been_felt_yet_is_judged_by_the_right_date() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600)),
        at(670, clock_is_set(forward=LONG)),
        at(680, sits),
        expect(680, CUT, bout_started),
        until(900),
    )


def test_a_fault_that_lasts_over_the_reboot_is_judged_by_the_right_date() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, fails()),
        expect(600, sensor_fault()),
        at(610, goes_off),
        at(660, reboots(lost=610)),
        at(670, clock_is_set(forward=LONG)),
        at(680, works(pressed=True)),
        expect(680, sensor_recovered(), CUT, bout_started),
        until(900),
    )


def test_a_bout_that_should_have_been_due_before_the_clock_was_set_is_due_then() -> None:
    given(min_break=120, move_after=700, repeat_every=3600).live(
        *REBOOTS_IN_A_BOUT,
        expect(700, move_due(bout=700), sound, lamp_on),
        at(2050, clock_is_set(forward=LONG)),
        expect(2050, silence, lamp_off),
        expect(
            2050,
            bout_ended(started=-LONG, ended=600 - LONG, seated=600, reminders=1, cut=True),
        ),
        expect(660, bout_started, told=2050),
        expect(2050, move_due(bout=1390), sound, lamp_on),
        until(2700),
    )


def test_a_sensor_that_failed_before_it_felt_anything_has_been_heard_when_it_works() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600)),
        at(670, fails()),
        expect(670, sensor_fault()),
        at(690, works(pressed=True)),
        expect(690, sensor_recovered()),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(690, bout_started, told=700),
        until(900),
    )


def test_an_absence_that_turns_out_longer_before_the_seat_is_felt_counts_as_sitting() -> None:
    given(min_break=120, credit=0.5).live(
        *SITS_DOWN,
        at(600, goes_off),
        at(660, reboots(lost=600)),
        at(670, clock_is_set(forward=30)),
        at(680, sits),
        expect(1770, move_due(bout=1800), sound, lamp_on),
        until(1800),
    )
