"""Holds: no sound while they last; a reminder that was due sounds at their end."""

import pytest

from support.timeline import *

HELD_AT_500 = (*SEATED_AT_0, at(500, starts_hold()), expect(500, hold_started()))
SILENTLY_DUE_AT_600 = (*HELD_AT_500, expect(600, move_due(bout=600, silent=True), lamp_on))


def test_a_hold_does_not_stop_the_bout() -> None:
    given(min_break=120).run(
        *HELD_AT_500,
        at(550, stands_up),
        expect(550, stood_up(bout=550)),
        expect(670, bout_ended(started=0, ended=550, seated=550)),
    )


def test_a_bout_is_due_silently_in_a_hold_and_no_reminder_follows() -> None:
    given(move_after=600).run(*SILENTLY_DUE_AT_600, until(90000))


def test_the_reminder_sounds_when_the_hold_ends() -> None:
    given(move_after=600, repeat_every=300).run(
        *SILENTLY_DUE_AT_600,
        at(700, ends_hold),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_that_hides_no_reminder_brings_none_when_it_ends() -> None:
    given(move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(650, starts_hold()),
        expect(650, silence, hold_started()),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 900),
    )


def test_a_further_reminder_that_a_hold_hides_comes_when_it_ends() -> None:
    given(move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(650, starts_hold()),
        expect(650, silence, hold_started()),
        at(1700, ends_hold),
        expect(1700, hold_ended(), move_reminder(2, bout=1700), sound),
        reminded(3, 2000),
    )


def test_the_reminder_owed_after_a_hold_comes_though_only_one_is_allowed() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *SILENTLY_DUE_AT_600,
        at(700, ends_hold),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
        expect(1000, gave_up(bout=1000)),
        until(90000),
    )


def test_a_hold_brings_no_second_reminder_if_only_one_is_allowed_and_was_heard() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *DUE_AT_600,
        at(650, starts_hold()),
        expect(650, silence, hold_started()),
        at(1700, ends_hold),
        expect(1700, hold_ended(), gave_up(bout=1700)),
        until(90000),
    )


def test_a_hold_that_ends_on_an_empty_seat_owes_no_sound() -> None:
    given(move_after=600, min_break=120).run(
        *SILENTLY_DUE_AT_600,
        at(650, stands_up),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(700, ends_hold),
        expect(700, hold_ended()),
        expect(770, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        until(5000),
    )


def test_a_hold_that_ends_in_a_gap_leaves_the_reminder_to_the_sit_down() -> None:
    given(move_after=600, repeat_every=300).run(
        *SILENTLY_DUE_AT_600,
        at(650, stands_up),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(700, ends_hold),
        expect(700, hold_ended()),
        at(710, sits_down),
        expect(710, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 1010),
    )


def test_a_hold_that_ends_during_an_unsettled_stand_up_owes_no_sound() -> None:
    given(stand_dwell=5, move_after=600).run(
        *SILENTLY_DUE_AT_600,
        at(698, stands_up),
        at(700, ends_hold),
        expect(700, hold_ended()),
        expect(698, lamp_off, stood_up(bout=698, response=98), emitted_at=703),
        until(800),
    )


def test_a_hold_that_ends_before_the_due_instant_changes_nothing() -> None:
    given(move_after=600).run(
        *HELD_AT_500,
        at(550, ends_hold),
        expect(550, hold_ended()),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_hold_with_an_end_ends_by_itself() -> None:
    given(move_after=600, repeat_every=300).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=700)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(700, hold_ended("its time is over"), move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_with_an_end_ends_on_an_empty_seat_too() -> None:
    given().run(
        at(0, starts_hold(until=100)),
        expect(0, hold_started()),
        expect(100, hold_ended("its time is over")),
    )


def test_a_hold_with_an_end_ends_in_time_though_a_level_has_yet_to_hold() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(10, starts_hold(until=100)),
        expect(10, hold_started()),
        at(98, stands_up),
        expect(100, hold_ended("its time is over")),
        expect(98, stood_up(bout=98), emitted_at=103),
    )


def test_a_bout_due_at_the_very_instant_that_a_hold_ends_by_itself_sounds() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, starts_hold(until=600)),
        expect(500, hold_started()),
        expect(600, hold_ended("its time is over"), move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_bout_due_at_the_very_instant_that_a_hold_starts_is_silent() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(600, starts_hold()),
        expect(600, move_due(bout=600), lamp_on, hold_started()),
        until(5000),
    )


def test_a_gap_within_a_hold_leaves_the_reminder_owed_when_the_hold_ends() -> None:
    given(move_after=600).run(
        *SILENTLY_DUE_AT_600,
        at(650, stands_up),
        expect(650, stood_up(bout=650, response=50), lamp_off),
        at(660, sits_down),
        expect(660, sat_back(away=10), back_too_soon(away=10, missing=110), lamp_on),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 700),
        until(999),
    )


def test_a_hold_that_ends_in_the_past_is_refused() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, starts_hold(until=100)),
        expect(100, refused("the hold would be over already")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_bout_that_is_due_at_the_end_of_a_gap_in_a_hold_is_silently_due() -> None:
    given(move_after=600, repeat_every=300).run(
        *HELD_AT_500,
        at(550, stands_up),
        expect(550, stood_up(bout=550)),
        at(620, sits_down),
        expect(620, sat_back(away=70), move_due(bout=620, silent=True), lamp_on),
        at(700, ends_hold),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
    )


def test_a_sound_stops_when_a_hold_starts() -> None:
    given(move_after=600).run(
        *DUE_AT_600, at(601, starts_hold()), expect(601, silence, hold_started()), until(90000)
    )


def test_another_hold_changes_the_end_without_an_event() -> None:
    given().run(
        at(0, starts_hold(until=100)),
        expect(0, hold_started()),
        at(50, starts_hold(until=200)),
        expect(200, hold_ended("its time is over")),
    )


def test_a_hold_can_be_ended_before_its_time() -> None:
    given().run(
        at(0, starts_hold(until=100)),
        expect(0, hold_started()),
        at(50, ends_hold),
        expect(50, hold_ended()),
        until(200),
    )


def test_ending_a_hold_that_does_not_exist_emits_nothing() -> None:
    given(move_after=600).run(*DUE_AT_600, at(650, ends_hold), until(899))


def test_a_snooze_in_a_hold_puts_off_the_reminder_that_it_owes() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120).run(
        *SILENTLY_DUE_AT_600,
        at(650, snoozes),
        expect(650, snoozed(until=770)),
        at(700, ends_hold),
        expect(700, hold_ended()),
        reminded(2, 770),
    )


@pytest.mark.parametrize("max_reminders", [1, 2, 6])
def test_no_more_reminders_are_heard_after_a_hold_than_without_one(max_reminders: int) -> None:
    audible = max(2, max_reminders) - 1
    given(move_after=600, repeat_every=300, max_reminders=max_reminders).run(
        *SILENTLY_DUE_AT_600,
        at(700, ends_hold),
        expect(700, hold_ended()),
        *(reminded(2 + nth, 700 + 300 * nth) for nth in range(audible)),
        expect(700 + 300 * audible, gave_up(bout=700 + 300 * audible)),
        until(90000),
    )
