"""Several holds at once, each with its own end."""

from support.timeline import *

SILENTLY_DUE = expect(600, move_due(bout=600, silent=True), lamp_on)


def test_the_hold_ends_when_the_last_reason_for_it_does() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        at(200, starts_hold(until=700)),
        at(650, topic_ends_hold("call")),
        SILENTLY_DUE,
        expect(700, hold_ended("its time is over"), move_reminder(2, bout=700), sound),
    )


def test_holds_of_two_topics_are_independent() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        at(200, topic_starts_hold("calendar")),
        at(300, topic_ends_hold("call")),
        SILENTLY_DUE,
        at(700, topic_ends_hold("calendar")),
        expect(700, hold_ended("calendar"), move_reminder(2, bout=700), sound),
    )


def test_a_person_has_one_hold_and_the_last_request_counts() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, starts_hold()),
        expect(100, hold_started()),
        at(200, starts_hold(until=500)),
        expect(500, hold_ended("its time is over")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_person_can_end_every_hold() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        at(200, starts_hold()),
        at(300, outside_hours(300, 9000)),
        at(500, ends_hold),
        expect(500, hold_ended()),
        expect(600, move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_topic_that_clears_without_having_held_changes_nothing() -> None:
    given().run(
        *SEATED_AT_0,
        at(100, topic_ends_hold("call")),
        at(200, starts_hold()),
        expect(200, hold_started()),
        at(300, topic_ends_hold("call")),
        until(1000),
    )


def test_a_hold_without_an_end_ends_at_the_longest_hold_with_the_reminder() -> None:
    given(move_after=600, longest_hold=1000).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold("call")),
        expect(100, hold_started("call")),
        SILENTLY_DUE,
        expect(1100, hold_ended("its time is over"), move_reminder(2, bout=1100), sound),
    )


def test_a_hold_with_an_end_of_its_own_may_last_longer() -> None:
    given(move_after=600, longest_hold=1000).run(
        *SEATED_AT_0,
        at(100, starts_hold(until=2000)),
        expect(100, hold_started()),
        SILENTLY_DUE,
        until(1999),
    )


def test_working_hours_that_end_in_mid_bout_make_it_due_silently() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(500, 9000)),
        expect(500, hold_started("hours")),
        SILENTLY_DUE,
        until(8999),
    )


def test_a_bout_that_is_due_at_the_very_end_of_the_hours_is_due_silently() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(600, 9000)),
        expect(600, hold_started("hours"), move_due(bout=600, silent=True), lamp_on),
        until(8999),
    )


def test_a_reminder_under_way_is_cut_off_by_the_end_of_the_hours() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(601, 900)),
        expect(600, move_due(bout=600), sound, lamp_on),
        expect(601, silence, hold_started("hours")),
        expect(900, hold_ended("its time is over"), move_reminder(2, bout=900), sound),
    )


def test_a_bout_that_is_due_before_the_hours_sounds_when_they_begin() -> None:
    given(move_after=600).run(
        at(0, outside_hours(0, 700)),
        expect(0, hold_started("hours")),
        *SEATED_AT_0,
        SILENTLY_DUE,
        expect(700, hold_ended("its time is over"), move_reminder(2, bout=700), sound),
        reminded(3, 1000),
    )


def test_a_hold_that_reaches_over_the_end_of_the_hours_goes_on_in_them() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(400, 800)),
        at(300, starts_hold(until=400)),
        expect(300, hold_started()),
        SILENTLY_DUE,
        expect(800, hold_ended("its time is over"), move_reminder(2, bout=800), sound),
    )


def test_lifted_hours_stay_lifted_when_the_calendar_repeats_them() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        at(10, ends_hold),
        expect(10, hold_ended()),
        at(20, outside_hours(0, 5000)),
        expect(600, move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_clock_that_is_set_into_the_hours_ends_their_hold() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        SILENTLY_DUE,
        at(700, outside_hours(4000, 5000)),
        expect(700, hold_ended("hours"), move_reminder(2, bout=700), sound),
        until(999),
    )


def test_a_clock_that_is_set_out_of_the_hours_starts_their_hold() -> None:
    given(move_after=600).run(
        *DUE_AT_600,
        at(700, outside_hours(650, 5000)),
        expect(700, silence, hold_started("hours")),
        until(4999),
    )


def test_hours_that_are_removed_from_the_settings_end_their_hold() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        at(50, always_within_hours),
        expect(50, hold_ended("hours")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_changed_end_of_the_hours_applies_to_the_current_hold() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(0, outside_hours(0, 5000)),
        expect(0, hold_started("hours")),
        at(50, outside_hours(0, 700)),
        SILENTLY_DUE,
        expect(700, hold_ended("its time is over"), move_reminder(2, bout=700), sound),
    )


def test_a_time_outside_the_hours_that_is_over_is_refused() -> None:
    given().run(
        at(100, outside_hours(0, 100)),
        expect(100, refused("that time outside the hours is over already")),
    )
