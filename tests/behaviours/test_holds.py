"""A hold, and whatever else happens meanwhile."""

from core.beginnings import DUE_AT_600, SITS_DOWN, reminded
from timeline import (
    acknowledged,
    acknowledges,
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    break_ended,
    buzzer_off,
    buzzer_on,
    expect,
    fails,
    finger_off,
    finger_on,
    gave_up,
    given,
    hold_ended,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    leaning_ended,
    leaning_started,
    leans,
    move_due,
    move_reminder,
    move_soon,
    refused,
    releases,
    sat_back,
    sensor_fault,
    sensor_recovered,
    sets_min_break,
    sets_move_after,
    silence,
    sits,
    sits_upright,
    snoozed,
    snoozes,
    sound,
    stands,
    stood_up,
    tests_buzzer,
    topic_clears,
    topic_holds,
    until,
    works,
)

OVER = "its time is over"


def test_a_hold_that_begins_during_a_snooze_and_ends_within_it_leaves_the_snooze_alone() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, holds(until=900)),
        expect(700, hold_started()),
        expect(900, hold_ended(OVER)),
        reminded(2, 1200),
    )


def test_a_hold_that_outlasts_a_snooze_brings_the_reminder_at_its_end() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, holds(until=1500)),
        expect(700, hold_started()),
        expect(1500, hold_ended(OVER), move_reminder(2, bout=1500), sound),
        reminded(3, 1800),
    )


def test_a_snooze_in_a_hold_puts_off_what_would_come_at_its_end() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, snoozes),
        expect(650, snoozed(until=950)),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 950),
    )


def test_a_short_press_in_a_hold_snoozes() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, finger_on),
        at(650.2, finger_off),
        expect(650.2, snoozed(until=950.2)),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 950.2),
    )


def test_a_long_press_during_a_snooze_holds_and_another_brings_the_snooze_back() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, finger_on),
        expect(701, hold_started("button")),
        at(702, finger_off),
        at(800, finger_on),
        expect(801, hold_ended("button")),
        at(802, finger_off),
        reminded(2, 1200),
    )


def test_a_long_press_ends_the_hold_of_a_call() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(100, topic_holds("call")),
        expect(100, hold_started("call")),
        at(200, finger_on),
        expect(201, hold_ended("button")),
        at(202, finger_off),
        at(300, topic_clears("call")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_long_press_while_a_reminder_sounds_cuts_it_off_and_it_does_not_come_again() -> None:
    given(move_after=600).live(
        *DUE_AT_600,
        at(600, finger_on),
        expect(601, silence, hold_started("button")),
        at(601.5, finger_off),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 900),
    )


def test_a_break_in_a_hold_ends_the_bout_and_the_end_of_the_hold_is_silent() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds(until=1000)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, stands),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        expect(820, bout_ended(started=0, ended=700, seated=700, reminders=1)),
        at(900, sits),
        expect(900, break_ended(pause=200), bout_started),
        expect(1000, hold_ended(OVER)),
        expect(1500, move_due(bout=600), sound, lamp_on),
    )


def test_a_bout_that_begins_in_a_hold_and_is_due_after_it_is_called_as_ever() -> None:
    given(move_after=600).live(
        at(0, holds(until=300)),
        expect(0, hold_started()),
        at(100, sits),
        expect(100, bout_started),
        expect(300, hold_ended(OVER)),
        expect(700, move_due(bout=600), sound, lamp_on),
    )


def test_a_hold_over_the_last_reminder_ends_with_the_giving_up() -> None:
    given(move_after=600, max_reminders=2).live(
        *DUE_AT_600,
        reminded(2, 900),
        at(1000, holds(until=1300)),
        expect(1000, silence, hold_started()),
        expect(1300, hold_ended(OVER), gave_up(bout=1300)),
        until(90000),
    )


def test_a_fault_in_a_hold_and_the_hold_s_end_in_the_fault_bring_the_reminder_at_the_recovery() -> (
    None
):
    given(move_after=600, min_break=120).live(
        *SITS_DOWN,
        at(500, holds(until=680)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, fails()),
        expect(650, lamp_off, sensor_fault()),
        expect(680, hold_ended(OVER)),
        at(700, works(pressed=True)),
        expect(700, sensor_recovered(), lamp_on, move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_that_starts_in_a_fault_outlasts_it() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, fails()),
        expect(500, sensor_fault()),
        at(550, holds()),
        expect(550, hold_started()),
        at(560, works(pressed=True)),
        expect(560, sensor_recovered()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, releases),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
    )


def test_with_the_buzzer_off_the_end_of_a_hold_is_told_and_not_heard() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(1, buzzer_off),
        at(500, holds(until=700)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(700, hold_ended(OVER), move_reminder(2, bout=700, silent=True)),
        at(800, buzzer_on),
        reminded(3, 1000),
    )


def test_an_early_warning_that_falls_into_a_hold_is_not_made_up_for() -> None:
    given(move_after=600, warn_before=120).live(
        *SITS_DOWN,
        at(470, holds(until=490)),
        expect(470, hold_started()),
        expect(480, move_soon(bout=480, due=600, silent=True)),
        expect(490, hold_ended(OVER)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_leaning_in_a_hold_makes_no_sound_then_or_later() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(100, holds(until=300)),
        expect(100, hold_started()),
        at(200, leans("left", since=140)),
        expect(200, leaning_started("left", since=140)),
        expect(300, hold_ended(OVER)),
        at(400, sits_upright),
        expect(400, leaning_ended("left", leaned=260)),
        until(599),
    )


def test_a_new_limit_in_a_hold_makes_the_bout_due_silently_and_heard_at_the_end() -> None:
    given(move_after=1800).live(
        *SITS_DOWN,
        at(500, holds(until=900)),
        expect(500, hold_started()),
        at(700, sets_move_after(600)),
        expect(700, move_due(bout=700, silent=True), lamp_on),
        expect(900, hold_ended(OVER), move_reminder(2, bout=900), sound),
    )


def test_a_shorter_break_in_a_hold_ends_the_bout_that_the_hold_had_silenced() -> None:
    given(move_after=600, min_break=300).live(
        *SITS_DOWN,
        at(500, holds()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, stands),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(750, sets_min_break(60)),
        expect(750, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        at(800, releases),
        expect(800, hold_ended()),
        until(5000),
    )


def test_the_buzzer_cannot_be_tested_in_a_hold() -> None:
    given().live(
        *SITS_DOWN,
        at(100, topic_holds("call")),
        expect(100, hold_started("call")),
        at(110, tests_buzzer),
        expect(110, refused("a hold is in force")),
        until(1000),
    )


def test_a_call_to_move_can_be_acknowledged_in_a_hold_and_comes_all_the_same_at_its_end() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds(until=800)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, acknowledges),
        expect(650, acknowledged(bout=650)),
        expect(800, hold_ended(OVER), move_reminder(2, bout=800), sound),
    )


def test_back_too_soon_is_not_heard_while_a_swallowed_reminder_may_come_at_any_moment() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds(until=640)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(620, stands),
        expect(620, lamp_off, stood_up(bout=620, response=20)),
        expect(640, hold_ended(OVER)),
        at(650, sits),
        expect(650, lamp_on, sat_back(away=30), back_too_soon(away=30, missing=90)),
        at(660, holds(until=670)),
        expect(660, hold_started()),
        at(665, stands),
        expect(665, lamp_off, stood_up(bout=665, response=65)),
        at(668, sits),
        expect(668, lamp_on, sat_back(away=3), back_too_soon(away=3, missing=117)),
        expect(670, hold_ended(OVER), move_reminder(2, bout=670), sound),
    )
