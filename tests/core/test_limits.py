"""New figures while a bout or a gap is under way."""

from core.beginnings import DUE_AT_600, SITS_DOWN
from living import Run
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    expect,
    given,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    sat_back,
    sec,
    sets_min_break,
    sets_move_after,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    until,
)
from unsit.core.events import BoutEnded, MoveDue


def test_a_longer_move_after_puts_the_bout_under_way_off() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(590, sets_move_after(900)),
        expect(900, move_due(bout=900), sound, lamp_on),
    )


def test_a_shorter_move_after_that_is_still_to_come_counts_from_the_sit_down() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(100, sets_move_after(300)),
        expect(300, move_due(bout=300), sound, lamp_on),
    )


def test_a_shorter_move_after_that_has_passed_is_due_now_and_not_in_the_past() -> None:
    given(move_after=600, repeat_every=300).live(
        *SITS_DOWN,
        at(500, sets_move_after(300)),
        expect(500, move_due(bout=500), sound, lamp_on),
        expect(800, move_reminder(2, bout=800), sound),
    )


def test_a_move_after_shortened_in_a_hold_is_due_silently() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(10, holds()),
        expect(10, hold_started()),
        at(500, sets_move_after(300)),
        expect(500, move_due(bout=500, silent=True), lamp_on),
    )


def test_a_move_after_shortened_in_a_gap_is_due_at_the_sit_down() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(400, stands),
        expect(400, stood_up(bout=400)),
        at(420, sets_move_after(300)),
        at(440, sits),
        expect(440, sat_back(away=40), move_due(bout=440), sound, lamp_on),
    )


def test_a_move_after_shortened_while_someone_may_be_getting_up_waits_for_the_dwell() -> None:
    given(stand_dwell=5, move_after=600).live(
        *SITS_DOWN,
        at(400, stands),
        at(402, sets_move_after(300)),
        at(403, sits),
        expect(402, move_due(bout=402), sound, lamp_on, told=403),
    )


def test_a_move_after_shortened_while_someone_is_getting_up_is_not_due() -> None:
    given(stand_dwell=5, move_after=600).live(
        *SITS_DOWN,
        at(400, stands),
        at(402, sets_move_after(300)),
        expect(400, stood_up(bout=400), told=405),
        until(500),
    )


def test_a_bout_that_is_due_stays_so_and_is_not_due_again() -> None:
    given(move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(650, sets_move_after(900)),
        at(660, sets_move_after(10)),
        expect(900, move_reminder(2, bout=900), sound),
    )


def test_a_new_move_after_holds_for_later_bouts() -> None:
    given(move_after=600, min_break=120).live(
        at(0, sets_move_after(60)),
        at(10, sits),
        expect(10, bout_started),
        expect(70, move_due(bout=60), sound, lamp_on),
        at(80, stands),
        expect(80, silence, lamp_off, stood_up(bout=70, response=10)),
        expect(200, bout_ended(started=10, ended=80, seated=70, reminders=1)),
        at(300, sits),
        expect(300, break_ended(pause=220), bout_started),
        expect(360, move_due(bout=60), sound, lamp_on),
    )


def test_a_bout_due_at_the_very_instant_of_a_longer_move_after_is_due() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(600, sets_move_after(900)),
        expect(600, move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_longer_min_break_makes_the_time_off_a_gap_for_longer() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(210, sets_min_break(300)),
        at(399, sits),
        expect(399, sat_back(away=299)),
    )


def test_a_shorter_min_break_that_is_still_to_come_counts_from_the_stand_up() -> None:
    given(min_break=600).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(110, sets_min_break(60)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_shorter_min_break_ends_the_bout_at_once_if_it_is_just_over() -> None:
    given(min_break=600).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(160, sets_min_break(60)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_min_break_changed_while_someone_sits_changes_no_gap_that_was() -> None:
    given(min_break=120).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(190, sits),
        expect(190, sat_back(away=90)),
        at(200, sets_min_break(60)),
        at(300, stands),
        expect(300, stood_up(bout=300)),
        expect(360, bout_ended(started=0, ended=300, seated=210)),
    )


def test_a_min_break_shortened_to_less_than_the_gap_ends_the_bout_at_once() -> None:
    given(min_break=600).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(300, sets_min_break(60)),
        expect(300, bout_ended(started=0, ended=100, seated=100)),
        at(310, sits),
        expect(310, break_ended(pause=210), bout_started),
    )


def test_a_min_break_shortened_after_the_sit_down_makes_no_break_of_its_gap() -> None:
    given(sit_dwell=2, min_break=600).live(
        at(0, sits),
        expect(0, bout_started, told=2),
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(300, sits),
        at(301, sets_min_break(60)),
        expect(300, sat_back(away=200), told=302),
    )


def test_a_move_after_shortened_after_the_sit_down_makes_it_due_then_and_not_before() -> None:
    given(sit_dwell=2, move_after=600).live(
        at(0, sits),
        expect(0, bout_started, told=2),
        at(400, stands),
        expect(400, stood_up(bout=400)),
        at(440, sits),
        at(441, sets_move_after(300)),
        expect(440, sat_back(away=40), told=442),
        expect(441, move_due(bout=441), sound, lamp_on, told=442),
        until(442),
    )


def test_what_a_new_figure_brings_about_is_told_in_its_own_turn() -> None:
    run = Run(given(move_after=600, min_break=600).rules)
    run.feed(sits, sec(0))
    assert MoveDue(sec(500), sec(500), silent=False) in run.feed(sets_move_after(300), sec(500))
    run.feed(stands, sec(510))
    ended = BoutEnded(sec(570), sec(0), sec(510), sec(510), reminders=1)
    assert run.feed(sets_min_break(60), sec(570)) == (ended,)
