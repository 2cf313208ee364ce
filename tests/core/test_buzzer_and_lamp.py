"""The buzzer's switch and test, and the lamp."""

from support.timeline import *
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import MoveDue, Sound
from unsit.core.inputs import Tick
from unsit.core.sitting import Bout, Phase, Sitting

EMPTY = "the seat is empty, and the buzzer never sounds on an empty seat"


def test_a_buzzer_switched_off_makes_reminders_silent_but_they_count() -> None:
    given(move_after=600, repeat_every=300, max_reminders=2, min_break=120).run(
        *SEATED_AT_0,
        at(10, buzzer_off),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        expect(900, move_reminder(2, bout=900, silent=True)),
        expect(1200, gave_up(bout=1200)),
        at(1300, stands_up),
        expect(1300, lamp_off, stood_up(bout=1300, response=700)),
        expect(1420, bout_ended(started=0, ended=1300, seated=1300, reminders=2)),
    )


def test_a_buzzer_switched_off_stops_its_sound() -> None:
    given(move_after=600).run(*DUE_AT_600, at(601, buzzer_off), expect(601, silence), until(899))


def test_a_buzzer_switched_on_again_sounds_with_the_next_reminder() -> None:
    given(move_after=600, repeat_every=300).run(
        *SEATED_AT_0,
        at(10, buzzer_off),
        expect(600, move_due(bout=600, silent=True), lamp_on),
        at(700, buzzer_on),
        expect(900, move_reminder(2, bout=900), sound),
    )


def test_the_buzzer_can_be_tried_out_while_someone_sits() -> None:
    given(sit_dwell=2).run(
        at(0, sits_down),
        at(1, tests_buzzer),
        expect(1, sound),
        expect(0, bout_started, emitted_at=2),
        at(5, tests_buzzer),
        expect(5, sound),
        until(600),
    )


def test_a_trial_of_the_buzzer_ends_at_the_release() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(10, tests_buzzer),
        expect(10, sound),
        at(11, stands_up),
        expect(11, silence),
        expect(11, stood_up(bout=11), emitted_at=16),
    )


def test_a_trial_of_the_buzzer_is_no_reminder() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *DUE_AT_600,
        at(700, tests_buzzer),
        expect(700, sound),
        expect(900, gave_up(bout=900)),
    )


def test_the_buzzer_is_not_tried_out_on_an_empty_seat() -> None:
    given().run(at(10, tests_buzzer), expect(10, refused(EMPTY)))


def test_the_buzzer_is_not_tried_out_on_a_seat_just_left() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0, at(10, stands_up), at(11, tests_buzzer), expect(11, refused(EMPTY))
    )


def test_the_buzzer_is_not_tried_out_in_a_hold() -> None:
    given().run(
        *SEATED_AT_0,
        at(5, starts_hold()),
        expect(5, hold_started()),
        at(10, tests_buzzer),
        expect(10, refused("a hold is in force")),
    )


def test_the_buzzer_is_not_tried_out_when_it_is_switched_off() -> None:
    given().run(
        *SEATED_AT_0,
        at(5, buzzer_off),
        at(10, tests_buzzer),
        expect(10, refused("the buzzer is switched off")),
    )


def test_an_empty_seat_gets_no_sound_in_any_phase_of_the_sitting() -> None:
    bout = Bout(started=sec(0), since=sec(0), not_before=sec(0))
    chair = Chair(sitting=Sitting(Phase.SITTING, bout))
    _, effects = transition.step(chair, Tick(), sec(1800))
    assert MoveDue(sec(1800), sec(1800), silent=False) in effects
    assert Sound() not in effects


def test_the_lamp_is_on_while_the_bout_is_due_and_someone_sits() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1, min_break=120).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands_up),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1010, sits_down),
        expect(1010, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        at(1020, stands_up),
        expect(1020, lamp_off, stood_up(bout=1020, response=420)),
        expect(1140, bout_ended(started=0, ended=1020, seated=1010, reminders=1)),
        until(5000),
    )


def test_the_lamp_does_not_flicker_in_a_blip() -> None:
    given(stand_dwell=5, move_after=600).run(
        *DUE_AT_600, at(610, stands_up), expect(610, silence), at(614, sits_down), until(899)
    )


def test_neither_a_hold_nor_the_buzzer_switch_affects_the_lamp() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(5, starts_hold(), buzzer_off),
        expect(5, hold_started()),
        expect(600, move_due(bout=600, silent=True), lamp_on),
    )
