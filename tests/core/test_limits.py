"""Settings changed during a bout or a gap."""

from support.chair_run import ChairRun
from support.timeline import *
from unsit.core.events import BoutEnded, MoveDue


def test_a_longer_move_after_puts_the_bout_under_way_off() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(590, sets_move_after(900)),
        expect(900, move_due(bout=900), sound, lamp_on),
    )


def test_a_shorter_move_after_that_is_still_to_come_counts_from_the_sit_down() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, sets_move_after(300)),
        expect(300, move_due(bout=300), sound, lamp_on),
    )


def test_a_shorter_move_after_that_has_passed_is_due_now_and_not_in_the_past() -> None:
    given(move_after=600, repeat_every=300).run(
        *SEATED_AT_0,
        at(500, sets_move_after(300)),
        expect(500, move_due(bout=500), sound, lamp_on),
        expect(800, move_reminder(2, bout=800), sound),
    )


def test_a_move_after_shortened_in_a_hold_is_due_silently() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(10, starts_hold()),
        expect(10, hold_started()),
        at(500, sets_move_after(300)),
        expect(500, move_due(bout=500, silent=True), lamp_on),
    )


def test_a_move_after_shortened_in_a_gap_is_due_at_the_sit_down() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(400, stands_up),
        expect(400, stood_up(bout=400)),
        at(420, sets_move_after(300)),
        at(440, sits_down),
        expect(440, sat_back(away=40), move_due(bout=440), sound, lamp_on),
    )


def test_a_move_after_shortened_during_an_unsettled_stand_up_waits_for_the_dwell() -> None:
    given(stand_dwell=5, move_after=600).run(
        *SEATED_AT_0,
        at(400, stands_up),
        at(402, sets_move_after(300)),
        at(403, sits_down),
        expect(402, move_due(bout=402), sound, lamp_on, emitted_at=403),
    )


def test_a_move_after_shortened_during_a_stand_up_is_not_due() -> None:
    given(stand_dwell=5, move_after=600).run(
        *SEATED_AT_0,
        at(400, stands_up),
        at(402, sets_move_after(300)),
        expect(400, stood_up(bout=400), emitted_at=405),
        until(500),
    )


def test_a_bout_that_is_due_stays_so_and_is_not_due_again() -> None:
    given(move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(650, sets_move_after(900)),
        at(660, sets_move_after(10)),
        expect(900, move_reminder(2, bout=900), sound),
    )


def test_a_new_move_after_holds_for_later_bouts() -> None:
    given(move_after=600, min_break=120).run(
        at(0, sets_move_after(60)),
        at(10, sits_down),
        expect(10, bout_started),
        expect(70, move_due(bout=60), sound, lamp_on),
        at(80, stands_up),
        expect(80, silence, lamp_off, stood_up(bout=70, response=10)),
        expect(200, bout_ended(started=10, ended=80, seated=70, reminders=1)),
        at(300, sits_down),
        expect(300, break_ended(pause=220), bout_started),
        expect(360, move_due(bout=60), sound, lamp_on),
    )


def test_a_bout_due_at_the_very_instant_of_a_longer_move_after_is_due() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(600, sets_move_after(900)),
        expect(600, move_due(bout=600), sound, lamp_on),
        until(899),
    )


def test_a_longer_min_break_makes_the_time_off_a_gap_for_longer() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(210, sets_min_break(300)),
        at(399, sits_down),
        expect(399, sat_back(away=299)),
    )


def test_a_shorter_min_break_that_is_still_to_come_counts_from_the_stand_up() -> None:
    given(min_break=600).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(110, sets_min_break(60)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_shorter_min_break_ends_the_bout_at_once_if_it_is_just_over() -> None:
    given(min_break=600).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(160, sets_min_break(60)),
        expect(160, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_min_break_changed_on_the_seat_changes_no_past_gap() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(190, sits_down),
        expect(190, sat_back(away=90)),
        at(200, sets_min_break(60)),
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        expect(360, bout_ended(started=0, ended=300, seated=210)),
    )


def test_a_min_break_shortened_to_less_than_the_gap_ends_the_bout_at_once() -> None:
    given(min_break=600).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(300, sets_min_break(60)),
        expect(300, bout_ended(started=0, ended=100, seated=100)),
        at(310, sits_down),
        expect(310, break_ended(pause=210), bout_started),
    )


def test_a_min_break_shortened_after_the_sit_down_makes_no_break_of_its_gap() -> None:
    given(sit_dwell=2, min_break=600).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(300, sits_down),
        at(301, sets_min_break(60)),
        expect(300, sat_back(away=200), emitted_at=302),
    )


def test_a_move_after_shortened_after_the_sit_down_makes_it_due_then_and_not_before() -> None:
    given(sit_dwell=2, move_after=600).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(400, stands_up),
        expect(400, stood_up(bout=400)),
        at(440, sits_down),
        at(441, sets_move_after(300)),
        expect(440, sat_back(away=40), emitted_at=442),
        expect(441, move_due(bout=441), sound, lamp_on, emitted_at=442),
        until(442),
    )


def test_effects_of_a_changed_setting_come_in_its_own_transition() -> None:
    run = ChairRun(given(move_after=600, min_break=600).rules)
    run.feed(sits_down, sec(0))
    assert MoveDue(sec(500), sec(500), silent=False) in run.feed(sets_move_after(300), sec(500))
    run.feed(stands_up, sec(510))
    ended = BoutEnded(sec(570), sec(0), sec(510), sec(510), reminders=1)
    assert run.feed(sets_min_break(60), sec(570)) == (ended,)
