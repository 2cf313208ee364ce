"""The buzzer switched off or tried out, and the lamp."""

from core.beginnings import DUE_AT_600, SITS_DOWN
from timeline import (
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    buzzer_off,
    buzzer_on,
    expect,
    gave_up,
    given,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    refused,
    sat_back,
    sec,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    tests_buzzer,
    until,
)
from unsit.core import turn
from unsit.core.chair import Chair
from unsit.core.effects import Sound
from unsit.core.events import MoveDue
from unsit.core.inputs import Tick
from unsit.core.sitting import Bout, Phase, Sitting

EMPTY = "the seat is empty, and the buzzer never sounds on an empty seat"


def test_a_buzzer_switched_off_makes_reminders_silent_but_they_count() -> None:
    given(move_after=600, repeat_every=300, max_reminders=2, min_break=120).live(
        *SITS_DOWN,
        at(10, buzzer_off),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(900, move_reminder(2, bout=900, silent=True)),
        expect(1200, gave_up(bout=1200)),
        at(1300, stands),
        expect(1300, lamp_off, stood_up(bout=1300, response=700)),
        expect(1420, bout_ended(started=0, ended=1300, seated=1300, reminders=2)),
    )


def test_a_buzzer_switched_off_stops_its_sound() -> None:
    given(move_after=600).live(*DUE_AT_600, at(601, buzzer_off), expect(601, silence), until(899))


def test_a_buzzer_switched_on_again_sounds_with_the_next_reminder() -> None:
    given(move_after=600, repeat_every=300).live(
        *SITS_DOWN,
        at(10, buzzer_off),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, buzzer_on),
        expect(900, move_reminder(2, bout=900), sound),
    )


def test_the_buzzer_can_be_tried_out_while_someone_sits() -> None:
    given(sit_dwell=2).live(
        at(0, sits),
        at(1, tests_buzzer),
        expect(1, sound),
        expect(0, bout_started, told=2),
        at(5, tests_buzzer),
        expect(5, sound),
        until(600),
    )


def test_a_trial_of_the_buzzer_ends_at_the_release() -> None:
    given(stand_dwell=5).live(
        *SITS_DOWN,
        at(10, tests_buzzer),
        expect(10, sound),
        at(11, stands),
        expect(11, silence),
        expect(11, stood_up(bout=11), told=16),
    )


def test_a_trial_of_the_buzzer_is_no_reminder() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *DUE_AT_600,
        at(700, tests_buzzer),
        expect(700, sound),
        expect(900, gave_up(bout=900)),
    )


def test_the_buzzer_is_not_tried_out_on_an_empty_seat() -> None:
    given().live(at(10, tests_buzzer), expect(10, refused(EMPTY)))


def test_the_buzzer_is_not_tried_out_on_a_seat_just_left() -> None:
    given(stand_dwell=5).live(
        *SITS_DOWN, at(10, stands), at(11, tests_buzzer), expect(11, refused(EMPTY))
    )


def test_the_buzzer_is_not_tried_out_in_a_hold() -> None:
    given().live(
        *SITS_DOWN,
        at(5, holds()),
        expect(5, hold_started()),
        at(10, tests_buzzer),
        expect(10, refused("a hold is in force")),
    )


def test_the_buzzer_is_not_tried_out_when_it_is_switched_off() -> None:
    given().live(
        *SITS_DOWN,
        at(5, buzzer_off),
        at(10, tests_buzzer),
        expect(10, refused("the buzzer is switched off")),
    )


def test_whatever_is_believed_of_the_sitting_an_empty_seat_gets_no_sound() -> None:
    bout = Bout(started=sec(0), since=sec(0), not_before=sec(0))
    chair = Chair(sitting=Sitting(Phase.SITTING, bout))
    _, effects = turn.step(chair, Tick(), sec(1800))
    assert MoveDue(sec(1800), sec(1800), silent=False) in effects
    assert Sound() not in effects


def test_the_lamp_is_on_while_the_bout_is_due_and_someone_sits() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1, min_break=120).live(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1010, sits),
        expect(1010, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        at(1020, stands),
        expect(1020, lamp_off, stood_up(bout=1020, response=420)),
        expect(1140, bout_ended(started=0, ended=1020, seated=1010, reminders=1)),
        until(5000),
    )


def test_the_lamp_does_not_flicker_in_a_blip() -> None:
    given(stand_dwell=5, move_after=600).live(
        *DUE_AT_600, at(610, stands), expect(610, silence), at(614, sits), until(899)
    )


def test_the_lamp_knows_no_hold_and_no_switch() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(5, holds(), buzzer_off),
        expect(5, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
    )
