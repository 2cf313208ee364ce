"""Holds by reason combined with other holds, persons, restarts and messages that come again."""

import pytest

from support.timeline import *
from unsit.core.transition.holds import SOURCES_MAX

OVER = "its time is over"
GONE = "its message is gone"
SILENTLY_DUE = expect(600, move_due(bout=600, silent=True), lamp_on)
CALL = source_starts_hold("call")


def test_a_source_ends_its_own_hold_and_no_other() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, starts_hold(until=900)),
        expect(100, hold_started()),
        at(200, CALL),
        expect(200, hold_changed("asked", "call")),
        at(300, source_ends_hold("call")),
        expect(300, hold_changed("asked", until=900)),
        SILENTLY_DUE,
        expect(900, hold_ended(OVER), move_reminder(2, bout=900), sound),
    )


def test_the_end_of_a_call_leaves_the_hours_alone() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(50, outside_hours(50, 900)),
        expect(50, hold_started("hours")),
        at(200, CALL),
        expect(200, hold_changed("hours", "call")),
        at(300, source_ends_hold("call")),
        expect(300, hold_changed("hours", until=900)),
        SILENTLY_DUE,
        until(899),
    )


def test_the_end_of_the_hours_leaves_a_call_alone() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(50, outside_hours(50, 500)),
        expect(50, hold_started("hours")),
        at(200, CALL),
        expect(200, hold_changed("hours", "call")),
        SILENTLY_DUE,
        at(700, source_ends_hold("call")),
        expect(700, hold_ended("call"), move_reminder(2, bout=700), sound),
    )


def test_a_source_without_an_end_holds_for_the_longest_hold() -> None:
    given(move_after=600, longest_hold=800).run(
        *SEATED_AT_0,
        at(100, CALL),
        expect(100, hold_started("call")),
        SILENTLY_DUE,
        expect(900, hold_ended(OVER), move_reminder(2, bout=900), sound),
    )


@pytest.mark.parametrize("reason", ["asked", "button", "call"])
def test_a_topic_and_a_source_of_one_name_hold_side_by_side(reason: str) -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, topic_starts_hold(reason)),
        expect(100, hold_started(reason)),
        at(200, source_starts_hold(reason, until=900)),
        expect(200, hold_changed(reason, reason)),
        at(300, topic_ends_hold(reason)),
        SILENTLY_DUE,
        until(899),
    )


def test_a_message_that_comes_again_after_a_restart_does_not_prolong_its_hold() -> None:
    half_an_hour = source_starts_hold("focus", "30m", until=900)
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, half_an_hour),
        expect(100, hold_started("focus")),
        SILENTLY_DUE,
        at(640, last_tick),
        at(650, restarts(down_for=640)),
        at(650, sits_down),
        expect(650, lamp_off, lamp_on),
        at(660, source_starts_hold("focus", "30m", until=1460, replayed=True)),
        at(661, broker_keeps("focus")),
        expect(900, hold_ended(OVER), move_reminder(2, bout=900), sound),
        at(940, last_tick),
        at(950, restarts(down_for=940)),
        at(950, sits_down),
        expect(950, lamp_off, lamp_on),
        at(960, source_starts_hold("focus", "30m", until=1760, replayed=True)),
        at(961, broker_keeps("focus")),
        until(1100),
    )


def test_a_hold_that_a_person_has_lifted_stays_lifted_when_its_message_comes_again() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, CALL),
        expect(100, hold_started("call")),
        at(200, ends_hold),
        expect(200, hold_ended()),
        at(250, source_starts_hold("call", replayed=True)),
        at(251, broker_keeps("call")),
        at(300, CALL),
        expect(300, hold_started("call")),
        SILENTLY_DUE,
        until(1000),
    )


def test_another_message_of_a_source_that_comes_at_the_connection_counts() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("focus", "5m", until=400)),
        expect(100, hold_started("focus")),
        expect(400, hold_ended(OVER)),
        at(450, source_starts_hold("focus", "10m", until=1050, replayed=True)),
        expect(450, hold_started("focus")),
        SILENTLY_DUE,
        expect(1050, hold_ended(OVER), move_reminder(2, bout=1050), sound),
    )


def test_a_hold_whose_message_is_gone_at_the_connection_ends() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, CALL),
        expect(100, hold_started("call")),
        at(150, source_starts_hold("focus", until=2000)),
        expect(150, hold_changed("call", "focus")),
        SILENTLY_DUE,
        at(700, source_starts_hold("focus", until=2600, replayed=True)),
        at(701, broker_keeps("focus")),
        expect(701, hold_changed("focus", until=2000)),
        at(800, broker_keeps()),
        expect(800, hold_ended(GONE), move_reminder(2, bout=800), sound),
    )


def test_a_connection_leaves_the_holds_that_the_broker_never_kept_alone() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("call", retained=False)),
        expect(100, hold_started("call")),
        at(110, starts_hold(until=200)),
        at(120, broker_keeps()),
        SILENTLY_DUE,
        until(1000),
    )


def test_a_message_whose_end_has_passed_at_the_connection_holds_nothing_and_is_no_error() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(500, source_starts_hold("focus", "2026-01-01T09:00Z", until=300, replayed=True)),
        at(501, broker_keeps("focus")),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_a_live_message_whose_end_has_passed_is_refused_and_changes_nothing() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, CALL),
        expect(100, hold_started("call")),
        at(500, source_starts_hold("call", "2026-01-01T09:00Z", until=300)),
        expect(500, refused("the hold would be over already")),
        SILENTLY_DUE,
        until(1000),
    )


def test_a_message_that_comes_twice_is_one() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("focus", "5m", until=400)),
        at(100.01, source_starts_hold("focus", "5m", until=400.01)),
        expect(100, hold_started("focus")),
        expect(400, hold_ended(OVER)),
    )


def test_a_new_message_of_a_source_replaces_its_last_one() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("focus", "30m", until=1900)),
        expect(100, hold_started("focus")),
        at(200, source_starts_hold("focus", "2m", until=320)),
        expect(200, hold_changed("focus", until=320)),
        expect(320, hold_ended(OVER)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_the_end_of_a_hold_moves_with_the_corrected_clock() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("focus", "2026-01-01T09:00Z", until=4000)),
        expect(100, hold_started("focus")),
        SILENTLY_DUE,
        at(700, redates_hold("focus", 800)),
        expect(700, hold_changed("focus", until=800)),
        expect(800, hold_ended(OVER), move_reminder(2, bout=800), sound),
    )


def test_a_hold_that_is_over_by_the_corrected_clock_ends_at_once() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, source_starts_hold("focus", "2026-01-01T09:00Z", until=4000)),
        expect(100, hold_started("focus")),
        at(300, redates_hold("focus", 200)),
        expect(300, hold_ended(OVER)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_more_sources_than_there_is_room_for_are_refused_and_the_others_hold() -> None:
    reasons = [f"source-{number}" for number in range(SOURCES_MAX)]
    moments = [at(1, source_starts_hold(reason)) for reason in reasons]
    changes = [expect(1, hold_changed(*reasons[:number])) for number in range(2, SOURCES_MAX + 1)]
    given(move_after=600).run(
        *SEATED_AT_0,
        expect(1, hold_started(reasons[0])),
        *moments,
        *changes,
        at(2, source_starts_hold("one-too-many")),
        expect(2, refused(f"there are {SOURCES_MAX} holds already; expected at most that many")),
        at(3, source_ends_hold(reasons[0])),
        expect(3, hold_changed(*reasons[1:])),
        at(4, source_starts_hold("now-there-is-room")),
        expect(4, hold_changed(*reasons[1:], "now-there-is-room")),
        SILENTLY_DUE,
        until(1000),
    )


def test_a_long_press_lifts_the_holds_of_all_sources() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, CALL),
        expect(100, hold_started("call")),
        at(110, source_starts_hold("focus", until=900)),
        expect(110, hold_changed("call", "focus")),
        at(200, presses_button),
        expect(201, hold_ended("button")),
        at(202, releases_button),
        expect(600, move_due(bout=600), sound, lamp_on),
    )
