"""A hold: no sound for now; what was due in it sounds when it ends."""

import pytest

from core.beginnings import DUE_AT_600, SITS_DOWN, reminded
from timeline import (
    at,
    back_too_soon,
    bout_ended,
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
    refused,
    releases,
    sat_back,
    silence,
    sits,
    snoozed,
    snoozes,
    sound,
    stands,
    stood_up,
    until,
)

HELD_AT_500 = (*SITS_DOWN, at(500, holds()), expect(500, hold_started()))
SILENTLY_DUE_AT_600 = (*HELD_AT_500, expect(600, move_due(bout=600, silent=True), lamp_on))


def test_a_hold_does_not_stop_the_bout() -> None:
    given(min_break=120).live(
        *HELD_AT_500,
        at(550, stands),
        expect(550, stood_up(bout=550)),
        expect(670, bout_ended(started=0, ended=550, seated=550)),
    )


def test_in_a_hold_the_bout_is_due_silently_and_no_reminder_follows() -> None:
    given(move_after=600).live(*SILENTLY_DUE_AT_600, until(90000))


def test_when_the_hold_ends_the_reminder_sounds_then() -> None:
    given(move_after=600, repeat_every=300).live(
        *SILENTLY_DUE_AT_600,
        at(700, releases),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_that_hides_no_reminder_brings_none_when_it_ends() -> None:
    given(move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(650, holds()),
        expect(650, silence, hold_started()),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 900),
    )


def test_a_further_reminder_that_a_hold_hides_comes_when_it_ends() -> None:
    given(move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(650, holds()),
        expect(650, silence, hold_started()),
        at(1700, releases),
        expect(1700, hold_ended(), move_reminder(2, bout=1700), sound),
        reminded(3, 2000),
    )


def test_the_reminder_owed_after_a_hold_comes_though_only_one_is_allowed() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *SILENTLY_DUE_AT_600,
        at(700, releases),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
        expect(1000, gave_up(bout=1000)),
        until(90000),
    )


def test_a_hold_brings_no_second_reminder_if_only_one_is_allowed_and_was_heard() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *DUE_AT_600,
        at(650, holds()),
        expect(650, silence, hold_started()),
        at(1700, releases),
        expect(1700, hold_ended(), gave_up(bout=1700)),
        until(90000),
    )


def test_a_hold_that_ends_on_an_empty_seat_owes_no_sound() -> None:
    given(move_after=600, min_break=120).live(
        *SILENTLY_DUE_AT_600,
        at(650, stands),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(700, releases),
        expect(700, hold_ended()),
        expect(770, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        until(5000),
    )


def test_a_hold_that_ends_in_a_gap_leaves_the_reminder_to_the_sit_down() -> None:
    given(move_after=600, repeat_every=300).live(
        *SILENTLY_DUE_AT_600,
        at(650, stands),
        expect(650, lamp_off, stood_up(bout=650, response=50)),
        at(700, releases),
        expect(700, hold_ended()),
        at(710, sits),
        expect(710, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 1010),
    )


def test_a_hold_that_ends_while_someone_may_be_getting_up_owes_no_sound_if_they_do() -> None:
    given(stand_dwell=5, move_after=600).live(
        *SILENTLY_DUE_AT_600,
        at(698, stands),
        at(700, releases),
        expect(700, hold_ended()),
        expect(698, lamp_off, stood_up(bout=698, response=98), told=703),
        until(800),
    )


def test_a_hold_that_ends_before_the_due_instant_changes_nothing() -> None:
    given(move_after=600).live(
        *HELD_AT_500,
        at(550, releases),
        expect(550, hold_ended()),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_hold_with_an_end_ends_by_itself() -> None:
    given(move_after=600, repeat_every=300).live(
        *SITS_DOWN,
        at(500, holds(until=700)),
        expect(500, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(700, hold_ended("its time is over"), move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_with_an_end_ends_on_an_empty_seat_too() -> None:
    given().live(
        at(0, holds(until=100)),
        expect(0, hold_started()),
        expect(100, hold_ended("its time is over")),
    )


def test_a_hold_with_an_end_ends_in_time_though_a_level_has_yet_to_hold() -> None:
    given(stand_dwell=5).live(
        *SITS_DOWN,
        at(10, holds(until=100)),
        expect(10, hold_started()),
        at(98, stands),
        expect(100, hold_ended("its time is over")),
        expect(98, stood_up(bout=98), told=103),
    )


def test_a_bout_due_at_the_very_instant_that_a_hold_ends_by_itself_is_heard() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(500, holds(until=600)),
        expect(500, hold_started()),
        expect(600, hold_ended("its time is over"), move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_bout_due_at_the_very_instant_that_a_hold_starts_is_not_heard() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(600, holds()),
        expect(600, move_due(bout=600), lamp_on, hold_started()),
        until(5000),
    )


def test_a_gap_within_a_hold_leaves_the_reminder_owed_when_the_hold_ends() -> None:
    given(move_after=600).live(
        *SILENTLY_DUE_AT_600,
        at(650, stands),
        expect(650, stood_up(bout=650, response=50), lamp_off),
        at(660, sits),
        expect(660, sat_back(away=10), back_too_soon(away=10, missing=110), lamp_on),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 700),
        until(999),
    )


def test_a_hold_that_would_be_over_already_is_refused() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(100, holds(until=100)),
        expect(100, refused("the hold would be over already")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_bout_that_is_due_at_the_end_of_a_gap_in_a_hold_is_silently_so() -> None:
    given(move_after=600, repeat_every=300).live(
        *HELD_AT_500,
        at(550, stands),
        expect(550, stood_up(bout=550)),
        at(620, sits),
        expect(620, sat_back(away=70), move_due(bout=620, silent=True), lamp_on),
        at(700, releases),
        expect(700, hold_ended(), move_reminder(2, bout=700), sound),
    )


def test_a_sound_stops_when_a_hold_starts() -> None:
    given(move_after=600).live(
        *DUE_AT_600, at(601, holds()), expect(601, silence, hold_started()), until(90000)
    )


def test_another_hold_changes_the_end_and_is_not_told_again() -> None:
    given().live(
        at(0, holds(until=100)),
        expect(0, hold_started()),
        at(50, holds(until=200)),
        expect(200, hold_ended("its time is over")),
    )


def test_a_hold_can_be_given_back_before_its_end() -> None:
    given().live(
        at(0, holds(until=100)),
        expect(0, hold_started()),
        at(50, releases),
        expect(50, hold_ended()),
        until(200),
    )


def test_the_end_of_no_hold_is_not_worth_a_word() -> None:
    given(move_after=600).live(*DUE_AT_600, at(650, releases), until(899))


def test_a_snooze_in_a_hold_puts_off_the_reminder_that_it_owes() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120).live(
        *SILENTLY_DUE_AT_600,
        at(650, snoozes),
        expect(650, snoozed(until=770)),
        at(700, releases),
        expect(700, hold_ended()),
        reminded(2, 770),
    )


@pytest.mark.parametrize("max_reminders", [1, 2, 6])
def test_no_more_reminders_are_heard_after_a_hold_than_without_one(max_reminders: int) -> None:
    heard = max(2, max_reminders) - 1
    given(move_after=600, repeat_every=300, max_reminders=max_reminders).live(
        *SILENTLY_DUE_AT_600,
        at(700, releases),
        expect(700, hold_ended()),
        *(reminded(2 + nth, 700 + 300 * nth) for nth in range(heard)),
        expect(700 + 300 * heard, gave_up(bout=700 + 300 * heard)),
        until(90000),
    )
