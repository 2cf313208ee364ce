"""Holds combined with snoozes, breaks, faults and changed settings."""

from support.timeline import *

OVER = "its time is over"


def test_a_hold_that_begins_during_a_snooze_and_ends_within_it_leaves_the_snooze_alone() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, starts_hold(until=900)),
        expect(700, hold_started()),
        expect(900, hold_ended(OVER)),
        reminded(2, 1200),
    )


def test_a_hold_that_outlasts_a_snooze_brings_the_reminder_at_its_end() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, starts_hold(until=1500)),
        expect(700, hold_started()),
        expect(1500, hold_ended(OVER), move_reminder(2, bout=1500), sound),
        reminded(3, 1800),
    )


def test_a_snooze_in_a_hold_postpones_the_reminder_at_its_end() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, snoozes),
        expect(650, snoozed(until=950)),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 950),
    )


def test_a_short_press_in_a_hold_snoozes() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, presses_button),
        at(650.2, releases_button),
        expect(650.2, snoozed(until=950.2)),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 950.2),
    )


def test_a_long_press_during_a_snooze_holds_and_another_brings_the_snooze_back() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(700, presses_button),
        expect(701, hold_started("button")),
        at(702, releases_button),
        at(800, presses_button),
        expect(801, hold_ended("button")),
        at(802, releases_button),
        reminded(2, 1200),
    )


def test_a_long_press_ends_the_hold_of_a_call() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        at(200, presses_button),
        expect(201, hold_ended("button")),
        at(202, releases_button),
        at(300, topic_ends_hold("call")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_long_press_while_a_reminder_sounds_stops_it_for_good() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(600, presses_button),
        expect(601, silence, hold_started("button")),
        at(601.5, releases_button),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 900),
    )


def test_a_break_in_a_hold_ends_the_bout_and_the_end_of_the_hold_is_silent() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=1000)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
        expect(820, bout_ended(started=0, ended=700, seated=700, reminders=1)),
        at(900, sits_down),
        expect(900, break_ended(pause=200), bout_started),
        expect(1000, hold_ended(OVER)),
        expect(1500, move_due(bout=600), sound, lamp_on),
    )


def test_a_bout_that_begins_in_a_hold_and_is_due_after_it_is_audible() -> None:
    given(move_after=600).run(
        at(0, starts_hold(until=300)),
        expect(0, hold_started()),
        at(100, sits_down),
        expect(100, bout_started),
        expect(300, hold_ended(OVER)),
        expect(700, move_due(bout=600), sound, lamp_on),
    )


def test_a_hold_over_the_last_reminder_ends_with_gave_up() -> None:
    given(move_after=600, max_reminders=2).run(
        *DUE_AT_600,
        reminded(2, 900),
        at(1000, starts_hold(until=1300)),
        expect(1000, silence, hold_started()),
        expect(1300, hold_ended(OVER), gave_up(bout=1300)),
        until(90000),
    )


def test_a_hold_that_ends_in_a_fault_brings_the_reminder_at_the_recovery() -> None:
    given(move_after=600, min_break=120).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=680)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, sensor_fails()),
        expect(650, lamp_off, sensor_fault()),
        expect(680, hold_ended(OVER)),
        at(700, sensor_works(pressed=True)),
        expect(700, sensor_recovered(), lamp_on, move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_that_starts_in_a_fault_outlasts_it() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, sensor_fails()),
        expect(500, sensor_fault()),
        at(550, starts_hold()),
        expect(550, hold_started()),
        at(560, sensor_works(pressed=True)),
        expect(560, sensor_recovered()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, ends_hold),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
    )


def test_with_the_buzzer_off_the_end_of_a_hold_is_only_an_event() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(1, buzzer_off),
        at(500, starts_hold(until=700)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(700, hold_ended(OVER), move_reminder(2, bout=700, silent=True)),
        at(800, buzzer_on),
        reminded(3, 1000),
    )


def test_an_early_warning_in_a_hold_does_not_sound_later() -> None:
    given(move_after=600, warn_before=120).run(
        *SEATED_AT_0,
        at(470, starts_hold(until=490)),
        expect(470, hold_started()),
        expect(480, move_soon(bout=480, due=600, silent=True)),
        expect(490, hold_ended(OVER)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_leaning_in_a_hold_makes_no_sound_then_or_later() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, starts_hold(until=300)),
        expect(100, hold_started()),
        at(200, leans("left", since=140)),
        expect(200, leaning_started("left", since=140)),
        expect(300, hold_ended(OVER)),
        at(400, sits_upright),
        expect(400, leaning_ended("left", leaned=260)),
        until(599),
    )


def test_a_new_limit_in_a_hold_makes_the_bout_due_silently_and_heard_at_the_end() -> None:
    given(move_after=1800).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=900)),
        expect(500, hold_started()),
        at(700, sets_move_after(600)),
        expect(700, move_due(bout=700, silent=True), lamp_on),
        expect(900, hold_ended(OVER), move_reminder(2, bout=900), sound),
    )


def test_a_shorter_break_in_a_hold_ends_the_bout_that_the_hold_had_silenced() -> None:
    given(move_after=600, min_break=300).run(
        *SEATED_AT_0,
        at(500, starts_hold()),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, stands_up),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(750, sets_min_break(60)),
        expect(750, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        at(800, ends_hold),
        expect(800, hold_ended()),
        until(5000),
    )


def test_the_buzzer_cannot_be_tested_in_a_hold() -> None:
    given().run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        at(110, tests_buzzer),
        expect(110, refused("a hold is in force")),
        until(1000),
    )


def test_a_call_acknowledged_in_a_hold_still_comes_at_the_end_of_the_hold() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=800)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(650, acknowledges),
        expect(650, acknowledged(bout=650)),
        expect(800, hold_ended(OVER), move_reminder(2, bout=800), sound),
    )


def test_back_too_soon_is_silent_while_a_delayed_reminder_may_come() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=640)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(620, stands_up),
        expect(620, lamp_off, stood_up(bout=620, response=20)),
        expect(640, hold_ended(OVER)),
        at(650, sits_down),
        expect(650, lamp_on, sat_back(away=30), back_too_soon(away=30, missing=90)),
        at(660, starts_hold(until=670)),
        expect(660, hold_started()),
        at(665, stands_up),
        expect(665, lamp_off, stood_up(bout=665, response=65)),
        at(668, sits_down),
        expect(668, lamp_on, sat_back(away=3), back_too_soon(away=3, missing=117)),
        expect(670, hold_ended(OVER), move_reminder(2, bout=670), sound),
    )
