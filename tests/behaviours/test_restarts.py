"""A service that was not there for a while, in the middle of everything else."""

from core.beginnings import DUE_AT_600, SITS_DOWN, reminded
from timeline import (
    acknowledged,
    acknowledges,
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    cue,
    daily_limit_reached,
    day,
    dies,
    expect,
    gave_up,
    given,
    hold_ended,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    move_soon,
    outside_hours,
    plays,
    refused,
    releases,
    restarts,
    sat_back,
    silence,
    sits,
    snoozed,
    snoozes,
    sound,
    stands,
    stood_up,
    topic_clears,
    topic_holds,
    until,
)

OVER = "its time is over"
LIT_ANEW = (lamp_off, lamp_on)
GONE_AT_650 = (at(650, dies), at(690, restarts(lost=650), sits), expect(690, *LIT_ANEW))


def test_a_restart_in_a_snooze_keeps_the_snooze() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *GONE_AT_650,
        reminded(2, 1200),
    )


def test_a_restart_does_not_give_a_snooze_back() -> None:
    given(move_after=600, max_snoozes=1).live(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *GONE_AT_650,
        at(700, snoozes),
        expect(700, refused("this bout has no snooze left")),
        until(1199),
    )


def test_a_restart_does_not_give_the_day_s_snoozes_back() -> None:
    given(move_after=600, daily_snoozes=1).live(
        at(0, day(0, 86400)),
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        *GONE_AT_650,
        at(700, snoozes),
        expect(700, refused("today has no snooze left")),
        until(1199),
    )


def test_a_restart_between_two_reminders_repeats_none() -> None:
    given(move_after=600).live(*DUE_AT_600, *GONE_AT_650, reminded(2, 900), reminded(3, 1200))


def test_a_restart_on_the_ladder_keeps_the_rung() -> None:
    given(move_after=600, ladder="short 5m, long").live(
        *SITS_DOWN,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        *GONE_AT_650,
        expect(900, move_reminder(2, bout=900, cue="long"), plays("long")),
    )


def test_a_restart_after_an_acknowledgement_keeps_it() -> None:
    given(move_after=600, ladder="short 1m, long").live(
        *SITS_DOWN,
        expect(600, move_due(bout=600, cue="short"), plays("short"), lamp_on),
        at(620, acknowledges),
        expect(620, silence, acknowledged(bout=620)),
        at(630, dies),
        at(640, restarts(lost=630), sits),
        expect(640, *LIT_ANEW),
        expect(660, move_reminder(2, bout=660, cue="short"), plays("short")),
    )


def test_a_restart_in_a_hold_keeps_the_hold_and_its_end() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds(until=800)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *GONE_AT_650,
        expect(800, hold_ended(OVER), move_reminder(2, bout=800), sound),
    )


def test_a_restart_in_a_hold_without_an_end_keeps_it_until_it_is_asked_to_end() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *GONE_AT_650,
        at(900, releases),
        expect(900, hold_ended(), move_reminder(2, bout=900), sound),
    )


def test_a_restart_in_a_call_and_the_end_of_the_call_after_it() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, topic_holds("call")),
        expect(500, hold_started("call")),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        *GONE_AT_650,
        at(700, topic_holds("call")),
        at(900, topic_clears("call")),
        expect(900, hold_ended("call"), move_reminder(2, bout=900), sound),
    )


def test_a_restart_outside_the_hours_stays_outside_them() -> None:
    given(move_after=600).live(
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        *SITS_DOWN,
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, dies),
        at(690, restarts(lost=650), outside_hours(0, 5000), sits),
        expect(690, *LIT_ANEW),
        until(4999),
    )


def test_hours_that_were_lifted_before_a_restart_stay_lifted() -> None:
    given(move_after=600).live(
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        *SITS_DOWN,
        at(10, releases),
        expect(10, hold_ended()),
        at(300, dies),
        at(340, restarts(lost=300), outside_hours(0, 5000), sits),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_in_a_gap_counts_the_gap_on() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(650, stands),
        expect(650, silence, lamp_off, stood_up(bout=650, response=50)),
        at(660, dies),
        at(700, restarts(lost=660), sits),
        expect(700, cue, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(2, 1000),
    )


def test_a_restart_as_long_as_a_break_begins_a_new_bout_with_reminders_of_its_own() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(650, dies),
        at(800, restarts(lost=650), sits),
        expect(
            800,
            lamp_off,
            bout_ended(started=0, ended=650, seated=650, reminders=1, cut=True),
            bout_started,
        ),
        expect(1400, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_between_warning_and_call_warns_no_second_time() -> None:
    given(move_after=600, warn_before=120).live(
        *SITS_DOWN,
        expect(480, cue, move_soon(bout=480, due=600)),
        at(500, dies),
        at(540, restarts(lost=500), sits),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_with_credit_counts_the_time_in_between_as_sitting() -> None:
    given(move_after=600, credit=15).live(
        *SITS_DOWN,
        at(300, dies),
        at(360, restarts(lost=300), sits),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_restart_after_the_giving_up_asks_no_more() -> None:
    given(move_after=600, max_reminders=1).live(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(950, dies),
        at(990, restarts(lost=950), sits),
        expect(990, *LIT_ANEW),
        until(90000),
    )


def test_a_restart_after_the_daily_limit_does_not_reach_it_again() -> None:
    given(daily_limit=500).live(
        at(0, day(0, 86400)),
        *SITS_DOWN,
        expect(500, plays("rising"), daily_limit_reached(seated=500)),
        at(550, dies),
        at(590, restarts(lost=550), day(0, 86400), sits),
        until(1799),
    )


def test_a_restart_over_midnight_begins_the_daily_limit_anew() -> None:
    given(move_after=9000, daily_limit=500).live(
        at(0, day(-85800, 600)),
        *SITS_DOWN,
        expect(500, plays("rising"), daily_limit_reached(seated=500)),
        at(590, dies),
        at(620, restarts(lost=590), day(600, 87000), sits),
        expect(1100, plays("rising"), daily_limit_reached(seated=500)),
        until(8999),
    )
