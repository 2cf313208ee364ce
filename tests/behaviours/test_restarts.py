"""Restarts during reminders, holds, hours, breaks and exercises."""

from support.timeline import *

OVER = "its time is over"
LAMP_RELIT = (lamp_off, lamp_on)
DOWN_FROM_650 = (
    at(650, last_tick),
    at(690, restarts(down_for=650), sits_down),
    expect(690, *LAMP_RELIT),
)


def test_a_restart_in_a_snooze_keeps_the_snooze() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *DOWN_FROM_650,
        reminded(2, 1200),
    )


def test_a_restart_does_not_give_a_snooze_back() -> None:
    given(move_after=600, max_snoozes=1).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *DOWN_FROM_650,
        at(700, snoozes),
        expect(700, refused("this bout has no snooze left")),
        until(1199),
    )


def test_a_restart_does_not_give_the_day_s_snoozes_back() -> None:
    given(move_after=600, daily_snoozes=1).run(
        at(0, day(0, 86400)),
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *DOWN_FROM_650,
        at(700, snoozes),
        expect(700, refused("today has no snooze left")),
        until(1199),
    )


def test_a_restart_between_two_reminders_repeats_none() -> None:
    given(move_after=600).run(*DUE_AT_600, *DOWN_FROM_650, reminded(2, 900), reminded(3, 1200))


def test_a_restart_on_the_ladder_keeps_the_rung() -> None:
    given(move_after=600, ladder="short 5m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        *DOWN_FROM_650,
        expect(900, move_reminder(2, bout=900, cue="long"), plays("long")),
    )


def test_a_restart_after_an_acknowledgement_keeps_it() -> None:
    given(move_after=600, ladder="short 1m, long").run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        at(620, acknowledges),
        expect(620, silence, acknowledged(bout=620)),
        at(630, last_tick),
        at(640, restarts(down_for=630), sits_down),
        expect(640, *LAMP_RELIT),
        expect(660, move_reminder(2, bout=660, cue="short"), plays("short")),
    )


def test_a_restart_in_a_hold_keeps_the_hold_and_its_end() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=800)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *DOWN_FROM_650,
        expect(800, hold_ended(OVER), move_reminder(2, bout=800), sound),
    )


def test_a_restart_in_a_hold_without_an_end_keeps_it_until_its_release() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *DOWN_FROM_650,
        at(900, ends_hold),
        expect(900, hold_ended(), move_reminder(2, bout=900), sound),
    )


def test_a_restart_in_a_call_and_the_end_of_the_call_after_it() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, topic_starts_hold("call")),
        expect(500, hold_started("call")),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *DOWN_FROM_650,
        at(700, topic_starts_hold("call")),
        at(900, topic_ends_hold("call")),
        expect(900, hold_ended("call"), move_reminder(2, bout=900), sound),
    )


def test_a_restart_outside_the_hours_stays_outside_them() -> None:
    given(move_after=600).run(
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        *SEATED_AT_0,
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, last_tick),
        at(690, restarts(down_for=650), outside_hours(0, 5000), sits_down),
        expect(690, *LAMP_RELIT),
        until(4999),
    )


def test_hours_that_were_lifted_before_a_restart_stay_lifted() -> None:
    given(move_after=600).run(
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        *SEATED_AT_0,
        at(10, ends_hold),
        expect(10, hold_ended()),
        at(300, last_tick),
        at(340, restarts(down_for=300), outside_hours(0, 5000), sits_down),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_in_a_gap_counts_the_gap_on() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(650, stands_up),
        expect(650, silence, lamp_off, stood_up(bout=650, response=50)),
        at(660, last_tick),
        at(700, restarts(down_for=660), sits_down),
        expect(700, soft_tick, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(2, 950),
    )


def test_a_restart_as_long_as_a_break_begins_a_new_bout_with_reminders_of_its_own() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(650, last_tick),
        at(800, restarts(down_for=650), sits_down),
        expect(
            800,
            lamp_off,
            bout_ended(started=0, ended=650, seated=650, reminders=1, cut=True),
            bout_started,
        ),
        expect(1400, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_between_warning_and_call_brings_no_second_warning() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        expect(480, soft_tick, move_soon(bout=480, due=600)),
        at(500, last_tick),
        at(540, restarts(down_for=500), sits_down),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_with_credit_counts_the_time_in_between_as_sitting() -> None:
    given(move_after=600, credit=15).run(
        *SEATED_AT_0,
        at(300, last_tick),
        at(360, restarts(down_for=300), sits_down),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_after_gave_up_brings_no_reminder() -> None:
    given(move_after=600, max_reminders=1).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(950, last_tick),
        at(990, restarts(down_for=950), sits_down),
        expect(990, *LAMP_RELIT),
        until(90000),
    )


def test_a_restart_after_the_daily_limit_does_not_reach_it_again() -> None:
    given(daily_limit=500).run(
        at(0, day(0, 86400)),
        *SEATED_AT_0,
        expect(500, plays("rising"), daily_limit_reached(seated=500)),
        at(550, last_tick),
        at(590, restarts(down_for=550), day(0, 86400), sits_down),
        until(1799),
    )


def test_a_restart_over_midnight_resets_the_daily_limit() -> None:
    given(move_after=9000, daily_limit=500).run(
        at(0, day(-85800, 600)),
        *SEATED_AT_0,
        expect(500, plays("rising"), daily_limit_reached(seated=500)),
        at(590, last_tick),
        at(620, restarts(down_for=590), day(600, 87000), sits_down),
        expect(1100, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )
