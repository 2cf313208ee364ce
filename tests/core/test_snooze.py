"""Snoozes: their length, their number, and refusals."""

import pytest

from support.timeline import *


def test_a_snooze_puts_the_next_reminder_off_and_stops_the_sound() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1020)),
        reminded(2, 1020),
        reminded(3, 1320),
    )


def test_two_snoozes_put_it_off_twice_and_a_third_is_refused() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120, max_snoozes=2).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1020)),
        at(620, snoozes),
        expect(620, snoozed(until=1140)),
        at(630, snoozes),
        expect(630, refused("this bout has no snooze left")),
        reminded(2, 1140),
    )


def test_a_gap_gives_no_further_snoozes() -> None:
    given(move_after=600, max_snoozes=1).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(620, stands_up),
        expect(620, lamp_off, stood_up(bout=620, response=20)),
        at(630, sits_down),
        expect(630, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        at(640, snoozes),
        expect(640, refused("this bout has no snooze left")),
        reminded(2, 1210),
    )


def test_the_next_bout_has_its_own_snoozes() -> None:
    given(move_after=600, max_snoozes=1, min_break=120).run(
        *DUE_AT_600,
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(620, stands_up),
        expect(620, lamp_off, stood_up(bout=620, response=20)),
        expect(740, bout_ended(started=0, ended=620, seated=620, reminders=1)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=380), bout_started),
        expect(1600, move_due(bout=600), sound, lamp_on),
        at(1610, snoozes),
        expect(1610, silence, snoozed(until=2200)),
    )


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param((), id="empty seat"),
        pytest.param(SEATED_AT_0, id="not due yet"),
        pytest.param(
            (*DUE_AT_600, expect(900, gave_up(bout=900))),
            id="given up",
        ),
        pytest.param(
            (
                *DUE_AT_600,
                at(899, stands_up),
                expect(899, silence, lamp_off, stood_up(bout=899, response=299)),
            ),
            id="in a gap",
        ),
    ],
)
def test_a_snooze_with_no_reminder_on_its_way_is_refused(moments: tuple[Moment, ...]) -> None:
    last = max((moment.when for moment in moments), default=sec(0)).total_seconds()
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *moments, at(last, snoozes), expect(last, refused("no reminder is on its way"))
    )


def test_a_snooze_at_the_very_instant_of_a_reminder_puts_off_the_one_after_it() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120).run(
        *SEATED_AT_0,
        at(600, snoozes),
        expect(600, move_due(bout=600), sound, silence, lamp_on, snoozed(until=1020)),
        reminded(2, 1020),
    )


def test_a_short_press_of_the_button_snoozes() -> None:
    given(move_after=600, repeat_every=300, snooze_for=120).run(
        *DUE_AT_600,
        at(610, presses_button),
        at(610.5, releases_button),
        expect(610.5, silence, snoozed(until=1020)),
        reminded(2, 1020),
    )


def test_a_short_press_with_nothing_to_snooze_only_acknowledges() -> None:
    given(move_after=600, max_snoozes=1).run(
        *SEATED_AT_0,
        at(10, presses_button),
        at(10.2, releases_button),
        expect(600, move_due(bout=600), sound, lamp_on),
        at(610, snoozes),
        expect(610, silence, snoozed(until=1200)),
        at(620, presses_button),
        at(620.2, releases_button),
        expect(620.2, acknowledged(bout=620.2)),
        until(1199),
    )


def test_after_the_last_reminder_there_is_none_to_snooze() -> None:
    given(move_after=600, max_reminders=1, repeat_every=300).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600), sound, lamp_on),
        at(610, snoozes),
        expect(610, refused("no reminder is on its way")),
        expect(900, gave_up(bout=900)),
    )
