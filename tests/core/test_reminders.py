"""Reminders: the first when the bout is due, more while the person stays, then peace."""

from itertools import product

import pytest

from core.beginnings import DUE_AT_600, reminded
from living import Run
from timeline import (
    at,
    back_too_soon,
    bout_ended,
    bout_started,
    break_ended,
    cue,
    expect,
    gave_up,
    given,
    lamp_off,
    lamp_on,
    move_due,
    move_reminder,
    sat_back,
    sec,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    until,
)
from unsit.core import reminders
from unsit.core.effects import Silence, Sound
from unsit.core.events import MoveDue
from unsit.core.reminders import Mood, Reminders, Signal
from unsit.core.rules import Rules

MOODS = {
    Mood.QUIET: Reminders(),
    Mood.REMINDING: Reminders(Mood.REMINDING, sec(5), count=2, snoozes=1),
    Mood.PAUSED: Reminders(Mood.PAUSED, count=2, snoozes=1),
    Mood.GIVEN_UP: Reminders(Mood.GIVEN_UP, count=2, snoozes=1),
}

MOVES = {
    (Mood.QUIET, Signal.DUE): Mood.REMINDING,
    (Mood.REMINDING, Signal.NEXT_OVER): Mood.REMINDING,
    (Mood.REMINDING, Signal.SPENT): Mood.GIVEN_UP,
    (Mood.REMINDING, Signal.STOOD_UP): Mood.PAUSED,
    (Mood.REMINDING, Signal.BOUT_OVER): Mood.QUIET,
    (Mood.PAUSED, Signal.SAT_BACK): Mood.REMINDING,
    (Mood.PAUSED, Signal.BOUT_OVER): Mood.QUIET,
    (Mood.GIVEN_UP, Signal.BOUT_OVER): Mood.QUIET,
}


@pytest.mark.parametrize(("mood", "signal"), MOVES)
def test_a_signal_moves_the_mood(mood: Mood, signal: Signal) -> None:
    after = reminders.step(MOODS[mood], signal, Rules(), sec(9))
    assert after.mood is MOVES[mood, signal]


@pytest.mark.parametrize(
    ("mood", "signal"), [move for move in product(Mood, Signal) if move not in MOVES]
)
def test_any_other_signal_changes_nothing(mood: Mood, signal: Signal) -> None:
    assert reminders.step(MOODS[mood], signal, Rules(), sec(9)) == MOODS[mood]


def test_every_mood_is_reachable() -> None:
    reached = {Reminders().mood}
    for _ in Mood:
        reached |= {
            reminders.step(MOODS[m], s, Rules(), sec(9)).mood for m, s in product(reached, Signal)
        }
    assert reached == set(Mood)


@pytest.mark.parametrize("mood", Mood)
def test_the_end_of_the_bout_forgets_everything(mood: Mood) -> None:
    assert reminders.step(MOODS[mood], Signal.BOUT_OVER, Rules(), sec(9)) == Reminders()


@pytest.mark.parametrize("mood", Mood)
def test_a_next_reminder_is_planned_only_while_reminding(mood: Mood) -> None:
    for signal in Signal:
        after = reminders.step(MOODS[mood], signal, Rules(), sec(9))
        assert (reminders.next_at(after) is not None) == (after.mood is Mood.REMINDING)


@pytest.mark.parametrize("mood", Mood)
def test_a_planned_reminder_counts_in_no_other_mood(mood: Mood) -> None:
    planned = reminders.next_at(Reminders(mood, next=sec(5)))
    assert planned == (sec(5) if mood is Mood.REMINDING else None)


def test_a_reminder_that_is_not_planned_cannot_be_moved() -> None:
    assert reminders.resume(MOODS[Mood.PAUSED], sec(9)) == MOODS[Mood.PAUSED]


def test_another_reminder_comes_every_repeat_every_and_after_the_last_the_service_gives_up() -> (
    None
):
    given(move_after=600, repeat_every=300, max_reminders=3).live(
        *DUE_AT_600,
        reminded(2, 900),
        reminded(3, 1200),
        expect(1500, gave_up(bout=1500)),
        until(90000),
    )


def test_a_single_reminder_is_the_first_one_and_the_giving_up_comes_when_the_next_would() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *DUE_AT_600, expect(900, gave_up(bout=900)), until(90000)
    )


def test_a_stand_up_at_the_very_instant_of_a_reminder_is_in_time() -> None:
    given(move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(900, stands),
        expect(900, silence, lamp_off, stood_up(bout=900, response=300)),
        until(1019),
    )


def test_after_a_gap_the_next_reminder_comes_repeat_every_after_the_sit_down() -> None:
    given(move_after=600, repeat_every=300, max_reminders=3).live(
        *DUE_AT_600,
        reminded(2, 900),
        at(1100, stands),
        expect(1100, silence, lamp_off, stood_up(bout=1100, response=500)),
        at(1150, sits),
        expect(1150, cue, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(3, 1450),
        expect(1750, gave_up(bout=1750)),
    )


def test_a_gap_gives_no_more_reminders_than_the_bout_has() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *DUE_AT_600,
        at(700, stands),
        expect(700, silence, lamp_off, stood_up(bout=700, response=100)),
        at(710, sits),
        expect(710, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        expect(1010, gave_up(bout=1010)),
        until(90000),
    )


def test_giving_up_is_said_once_though_the_person_comes_back_within_the_bout() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).live(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1010, sits),
        expect(1010, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        until(90000),
    )


def test_after_a_break_reminders_start_over() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1, min_break=120).live(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        expect(1120, bout_ended(started=0, ended=1000, seated=1000, reminders=1)),
        at(2000, sits),
        expect(2000, break_ended(pause=1000), bout_started),
        expect(2600, move_due(bout=600), sound, lamp_on),
        expect(2900, gave_up(bout=900)),
    )


def test_the_bout_counts_its_reminders() -> None:
    given(move_after=600, repeat_every=300, max_reminders=3, min_break=120).live(
        *DUE_AT_600,
        reminded(2, 900),
        at(1000, stands),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        expect(1120, bout_ended(started=0, ended=1000, seated=1000, reminders=2)),
    )


def test_a_blip_across_a_reminder_delays_its_sound_but_not_its_instant() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(899, stands),
        expect(899, silence),
        at(902, sits),
        expect(900, move_reminder(2, bout=900), sound, told=902),
        reminded(3, 1200),
    )


def test_a_blip_across_a_reminder_moves_no_other() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=3, max_reminders=4).live(
        *DUE_AT_600,
        at(602, stands),
        expect(602, silence),
        at(606.5, sits),
        expect(603, move_reminder(2, bout=603), sound, told=606.5),
        expect(606, move_reminder(3, bout=606), sound, told=606.5),
        reminded(4, 609),
        expect(612, gave_up(bout=612)),
    )


def test_a_stand_up_whose_dwell_covers_a_reminder_gets_none() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(899, stands),
        expect(899, silence),
        expect(899, lamp_off, stood_up(bout=899, response=299), told=904),
        until(1018),
    )


def test_the_sound_stops_at_the_release_before_any_dwell() -> None:
    given(stand_dwell=5, move_after=600).live(
        *DUE_AT_600,
        at(601, stands),
        expect(601, silence),
        expect(601, lamp_off, stood_up(bout=601, response=1), told=606),
    )


def test_a_sound_that_a_blip_has_stopped_does_not_begin_again() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).live(
        *DUE_AT_600,
        at(601, stands),
        expect(601, silence),
        at(602, sits),
        until(899),
    )


def test_silence_is_asked_for_once() -> None:
    given(stand_dwell=5, move_after=600).live(
        *DUE_AT_600,
        at(601, stands),
        expect(601, silence),
        at(602, sits),
        at(603, stands),
        at(604, stands),
        until(607),
        expect(603, lamp_off, stood_up(bout=603, response=3), told=608),
    )


def test_a_reminder_told_late_to_a_seat_that_is_empty_by_now_makes_no_sound() -> None:
    run = Run(given(move_after=600).rules)
    run.feed(sits, sec(0))
    late = run.feed(stands, sec(600.001))
    assert [effect for effect in late if isinstance(effect, MoveDue)]
    assert not [effect for effect in late if isinstance(effect, Sound | Silence)]
