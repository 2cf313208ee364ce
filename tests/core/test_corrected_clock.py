"""Corrections of the wall clock after a reboot that prove a longer downtime: bouts and breaks."""

import pytest

from support.timeline import *
from unsit.core.day import Span

LONG = 8000
REBOOTS_IN_A_BOUT = (*SEATED_AT_0, at(600, last_tick), at(660, reboots(down_for=600), sits_down))
REBOOTS_IN_A_GAP = (
    *SEATED_AT_0,
    at(570, stands_up),
    expect(570, stood_up(bout=570)),
    at(600, last_tick),
    at(660, reboots(down_for=600), sits_down),
    expect(660, sat_back(away=90)),
)
CUT = bout_ended(started=-LONG, ended=600 - LONG, seated=600, cut=True)


def test_a_bout_is_cut_once_the_downtime_proves_to_be_as_long_as_a_break() -> None:
    chair = given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, emitted_at=700),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )

    assert chair.today.stretches == (Span(sec(-LONG), sec(600 - LONG)),)
    assert chair.today.seated_since == sec(660)


def test_a_premature_reminder_ends_with_the_bout_before_the_reboot() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(1790, last_tick),
        at(1795, reboots(down_for=1790), sits_down),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        at(1810, clock_is_set(forward=1790)),
        expect(1810, silence, lamp_off),
        expect(1810, bout_ended(started=-1790, ended=0, seated=1790, reminders=1, cut=True)),
        expect(1795, bout_started, emitted_at=1810),
        expect(1795 + 1800, move_due(bout=1800), sound, lamp_on),
        until(3600),
    )


@pytest.mark.parametrize("forward", [10, 59, -LONG])
def test_downtime_that_proves_shorter_than_a_break_changes_nothing(
    forward: float,
) -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=forward)),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        until(1900),
    )


def test_a_clock_that_ran_behind_the_last_saved_instant_counts_as_it_was() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600, by_wall_clock=900), sits_down),
        at(700, clock_is_set(forward=359)),
        at(701, stands_up),
        expect(701, stood_up(bout=701)),
        until(702),
    )
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600, by_wall_clock=900), sits_down),
        at(700, clock_is_set(forward=360)),
        expect(700, bout_ended(started=-60, ended=540, seated=600, cut=True)),
        expect(660, bout_started, emitted_at=700),
        until(702),
    )


def test_only_the_first_setting_of_the_clock_counts() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(700, clock_is_set(forward=2)),
        at(800, clock_is_set(forward=LONG)),
        until(900),
    )


def test_setting_the_clock_without_a_reboot_changes_nothing() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, restarts(down_for=600), sits_down),
        at(700, clock_is_set(forward=LONG)),
        until(900),
    )


def test_a_bout_is_also_cut_in_a_gap_and_the_time_since_the_reboot_is_a_new_bout() -> None:
    chair = given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(690, stands_up),
        expect(690, stood_up(bout=690)),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, emitted_at=700),
        expect(810, bout_ended(started=660, ended=690, seated=30)),
        until(900),
    )

    assert chair.today.stretches == (
        Span(sec(-LONG), sec(600 - LONG)),
        Span(sec(660), sec(690)),
    )
    assert chair.today.breaks == (sec(810),)


def test_gaps_since_the_reboot_are_gaps_of_the_bout_that_began_there() -> None:
    chair = given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(690, stands_up),
        expect(690, stood_up(bout=690)),
        at(710, sits_down),
        expect(710, sat_back(away=20)),
        at(750, clock_is_set(forward=LONG)),
        expect(750, CUT),
        expect(660, bout_started, emitted_at=750),
        at(800, stands_up),
        expect(800, stood_up(bout=140)),
        expect(920, bout_ended(started=660, ended=800, seated=120)),
        until(1000),
    )

    assert chair.today.stretches[1:] == (Span(sec(660), sec(690)), Span(sec(710), sec(800)))


def test_a_fault_since_the_reboot_suspends_the_bout_that_began_there() -> None:
    chair = given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(690, sensor_fails()),
        expect(690, sensor_fault()),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(660, bout_started, emitted_at=700),
        at(720, sensor_works(pressed=True)),
        expect(720, sensor_recovered()),
        at(800, stands_up),
        expect(800, stood_up(bout=140)),
        expect(920, bout_ended(started=660, ended=800, seated=110)),
        until(1000),
    )

    assert chair.today.stretches[1:] == (Span(sec(660), sec(690)), Span(sec(720), sec(800)))


def test_a_second_restart_does_not_forget_the_first() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_BOUT,
        at(690, last_tick),
        at(700, restarts(down_for=690), sits_down),
        at(750, clock_is_set(forward=LONG)),
        expect(750, CUT),
        expect(660, bout_started, emitted_at=750),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )


def test_an_empty_seat_at_the_reboot_was_left_in_the_bout_before_it() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        expect(660, stood_up(bout=660)),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        at(720, sits_down),
        expect(720, bout_started),
        until(900),
    )


def test_a_seat_that_only_seemed_empty_at_the_reboot_was_taken_there() -> None:
    given(min_break=120, stand_dwell=5).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        at(662, sits_down),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(662, bout_started, emitted_at=700),
        until(900),
    )


def test_an_unsettled_stand_up_at_the_reboot_happened_before_it() -> None:
    given(min_break=120, stand_dwell=5).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        at(661, clock_is_set(forward=LONG)),
        expect(661, CUT),
        at(662, sits_down),
        expect(662, bout_started),
        until(900),
    )


def test_a_person_in_a_gap_who_sits_at_the_reboot_is_in_a_new_bout() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_GAP,
        at(700, clock_is_set(forward=LONG)),
        expect(700, bout_ended(started=-LONG, ended=570 - LONG, seated=570, cut=True)),
        expect(660, bout_started, emitted_at=700),
        expect(2460, move_due(bout=1800), sound, lamp_on),
        until(2500),
    )


def test_a_gap_over_the_reboot_counts_from_its_stand_up() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_GAP,
        at(700, clock_is_set(forward=30)),
        expect(700, bout_ended(started=-30, ended=540, seated=570, cut=True)),
        expect(660, bout_started, emitted_at=700),
        until(900),
    )


def test_a_bout_that_has_ended_since_the_reboot_is_not_reported_twice() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(580, stands_up),
        expect(580, stood_up(bout=580)),
        at(600, last_tick),
        at(660, reboots(down_for=600), stands_up),
        expect(700, bout_ended(started=0, ended=580, seated=580)),
        at(701, clock_is_set(forward=LONG)),
        at(720, sits_down),
        expect(720, bout_started),
        until(900),
    )


def test_a_break_that_is_known_to_be_wrong_is_not_reported() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=LONG)),
        at(720, sits_down),
        expect(720, bout_started),
        until(900),
    )


def test_a_break_over_a_short_reboot_is_reported() -> None:
    given(min_break=120).run(
        *REBOOTS_IN_A_BREAK,
        at(700, clock_is_set(forward=5)),
        at(720, sits_down),
        expect(720, break_ended(pause=320), bout_started),
        until(900),
    )


def test_a_seat_not_read_before_the_correction_is_judged_by_the_right_date() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600)),
        at(670, clock_is_set(forward=LONG)),
        at(680, sits_down),
        expect(680, CUT, bout_started),
        until(900),
    )


def test_a_fault_that_lasts_over_the_reboot_is_judged_by_the_right_date() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, sensor_fails()),
        expect(600, sensor_fault()),
        at(610, last_tick),
        at(660, reboots(down_for=610)),
        at(670, clock_is_set(forward=LONG)),
        at(680, sensor_works(pressed=True)),
        expect(680, sensor_recovered(), CUT, bout_started),
        until(900),
    )


def test_a_bout_that_should_have_been_due_before_the_clock_was_set_is_due_then() -> None:
    given(min_break=120, move_after=700, repeat_every=3600).run(
        *REBOOTS_IN_A_BOUT,
        expect(700, move_due(bout=700), sound, lamp_on),
        at(2050, clock_is_set(forward=LONG)),
        expect(2050, silence, lamp_off),
        expect(
            2050,
            bout_ended(started=-LONG, ended=600 - LONG, seated=600, reminders=1, cut=True),
        ),
        expect(660, bout_started, emitted_at=2050),
        expect(2050, move_due(bout=1390), sound, lamp_on),
        until(2700),
    )


def test_a_sensor_that_failed_before_its_first_reading_is_judged_when_it_works() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600)),
        at(670, sensor_fails()),
        expect(670, sensor_fault()),
        at(690, sensor_works(pressed=True)),
        expect(690, sensor_recovered()),
        at(700, clock_is_set(forward=LONG)),
        expect(700, CUT),
        expect(690, bout_started, emitted_at=700),
        until(900),
    )


def test_downtime_corrected_before_the_first_reading_counts_as_sitting() -> None:
    given(min_break=120, credit=0.5).run(
        *SEATED_AT_0,
        at(600, last_tick),
        at(660, reboots(down_for=600)),
        at(670, clock_is_set(forward=30)),
        at(680, sits_down),
        expect(1770, move_due(bout=1800), sound, lamp_on),
        until(1800),
    )
