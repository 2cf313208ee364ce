"""Reminders: the first when the bout is due, more while the person stays, up to a limit."""

from itertools import pairwise, product

import pytest
from hypothesis import example
from hypothesis import given as for_any
from hypothesis import strategies as st

from support.chair_run import ChairRun
from support.timeline import *
from unsit.core import reminders
from unsit.core.events import MoveDue, MoveReminder, Silence, Sound
from unsit.core.reminders import (
    Reminders,
    ReminderSignal,
    ReminderState,
)
from unsit.core.rules import Rules

STATES = {
    ReminderState.QUIET: Reminders(),
    ReminderState.REMINDING: Reminders(ReminderState.REMINDING, sec(5), count=2, snoozes=1),
    ReminderState.PAUSED: Reminders(ReminderState.PAUSED, count=2, snoozes=1),
    ReminderState.GIVEN_UP: Reminders(ReminderState.GIVEN_UP, count=2, snoozes=1),
}

MOVES = {
    (ReminderState.QUIET, ReminderSignal.DUE): ReminderState.REMINDING,
    (ReminderState.REMINDING, ReminderSignal.NEXT_OVER): ReminderState.REMINDING,
    (ReminderState.REMINDING, ReminderSignal.SPENT): ReminderState.GIVEN_UP,
    (ReminderState.REMINDING, ReminderSignal.STOOD_UP): ReminderState.PAUSED,
    (ReminderState.REMINDING, ReminderSignal.BOUT_OVER): ReminderState.QUIET,
    (ReminderState.PAUSED, ReminderSignal.SAT_BACK): ReminderState.REMINDING,
    (ReminderState.PAUSED, ReminderSignal.BOUT_OVER): ReminderState.QUIET,
    (ReminderState.GIVEN_UP, ReminderSignal.BOUT_OVER): ReminderState.QUIET,
}


@pytest.mark.parametrize(("state", "signal"), MOVES)
def test_a_signal_changes_the_reminder_state(state: ReminderState, signal: ReminderSignal) -> None:
    after = reminders.step_reminders(STATES[state], signal, Rules(), sec(9))
    assert after.state is MOVES[state, signal]


@pytest.mark.parametrize(
    ("state", "signal"),
    [move for move in product(ReminderState, ReminderSignal) if move not in MOVES],
)
def test_any_other_signal_changes_nothing(state: ReminderState, signal: ReminderSignal) -> None:
    assert reminders.step_reminders(STATES[state], signal, Rules(), sec(9)) == STATES[state]


def test_every_reminder_state_is_reachable() -> None:
    reached = {Reminders().state}
    for _ in ReminderState:
        reached |= {
            reminders.step_reminders(STATES[m], s, Rules(), sec(9)).state
            for m, s in product(reached, ReminderSignal)
        }
    assert reached == set(ReminderState)


@pytest.mark.parametrize("state", ReminderState)
def test_the_end_of_the_bout_resets_the_reminders(state: ReminderState) -> None:
    assert (
        reminders.step_reminders(STATES[state], ReminderSignal.BOUT_OVER, Rules(), sec(9))
        == Reminders()
    )


@pytest.mark.parametrize("state", ReminderState)
def test_a_next_reminder_is_planned_only_while_reminding(state: ReminderState) -> None:
    for signal in ReminderSignal:
        after = reminders.step_reminders(STATES[state], signal, Rules(), sec(9))
        assert (reminders.next_reminder_at(after) is not None) == (
            after.state is ReminderState.REMINDING
        )


@pytest.mark.parametrize("state", ReminderState)
def test_a_planned_reminder_is_ignored_in_every_other_state(state: ReminderState) -> None:
    planned = reminders.next_reminder_at(Reminders(state, next=sec(5)))
    assert planned == (sec(5) if state is ReminderState.REMINDING else None)


def test_a_reminder_that_is_not_planned_cannot_be_moved() -> None:
    assert (
        reminders.resume_reminders(STATES[ReminderState.PAUSED], sec(9))
        == STATES[ReminderState.PAUSED]
    )


def test_reminders_come_every_repeat_every_and_gave_up_follows_the_last() -> None:
    given(move_after=600, repeat_every=300, max_reminders=3).run(
        *DUE_AT_600,
        reminded(2, 900),
        reminded(3, 1200),
        expect(1500, gave_up(bout=1500)),
        until(90000),
    )


def test_with_a_single_reminder_gave_up_comes_at_the_time_of_the_next() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *DUE_AT_600, expect(900, gave_up(bout=900)), until(90000)
    )


def test_a_stand_up_at_the_very_instant_of_a_reminder_is_in_time() -> None:
    given(move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(900, stands_up),
        expect(900, silence, lamp_off, stood_up(bout=900, response=300)),
        until(1019),
    )


def test_the_waiting_time_of_a_reminder_stands_still_in_a_gap_and_goes_on_after_it() -> None:
    given(move_after=600, repeat_every=300, max_reminders=3).run(
        *DUE_AT_600,
        reminded(2, 900),
        at(1100, stands_up),
        expect(1100, silence, lamp_off, stood_up(bout=1100, response=500)),
        at(1150, sits_down),
        expect(1150, soft_tick, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(3, 1250),
        expect(1550, gave_up(bout=1550)),
    )


def test_a_reminder_missed_at_the_very_instant_of_a_stand_up_comes_at_the_sit_down() -> None:
    given(move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(900, stands_up),
        expect(900, silence, lamp_off, stood_up(bout=900, response=300)),
        at(930, sits_down),
        expect(930, lamp_on, sat_back(away=30), back_too_soon(away=30, missing=90)),
        reminded(2, 930),
        reminded(3, 1230),
    )


@example(every=306, gap=6, repeat=300)  # each reminder falls on the instant of a stand-up
@for_any(every=st.integers(60, 400), gap=st.integers(5, 19), repeat=st.sampled_from([60, 300]))
def test_gaps_of_any_rate_take_no_reminder_from_a_bout(every: int, gap: int, repeat: int) -> None:
    """Reminders are ``repeat`` s of sitting apart, and the time off the seat is added."""
    run = ChairRun(given(move_after=600, repeat_every=repeat).rules)
    run.feed(sits_down, sec(0))
    for stand_up in range(every, 10_000, every):
        for edge, second in ((stands_up, stand_up), (sits_down, stand_up + gap)):
            run.tick_before(sec(second))
            run.feed(edge, sec(second))
    run.tick_through(sec(11_000))
    calls = [
        emitted.effect.at.total_seconds()
        for emitted in run.emitted
        if isinstance(emitted.effect, MoveDue | MoveReminder)
    ]
    assert len(calls) == Rules().max_reminders
    for before, after in pairwise(calls):
        gaps = sum(before < stand_up + gap <= after for stand_up in range(every, 10_000, every))
        assert after - before == repeat + gaps * gap


def test_a_gap_gives_no_more_reminders_than_the_bout_has() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *DUE_AT_600,
        at(700, stands_up),
        expect(700, silence, lamp_off, stood_up(bout=700, response=100)),
        at(710, sits_down),
        expect(710, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        expect(910, gave_up(bout=910)),
        until(90000),
    )


def test_gave_up_comes_once_though_the_person_comes_back_within_the_bout() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands_up),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1010, sits_down),
        expect(1010, lamp_on, sat_back(away=10), back_too_soon(away=10, missing=110)),
        until(90000),
    )


def test_after_a_break_reminders_start_over() -> None:
    given(move_after=600, repeat_every=300, max_reminders=1, min_break=120).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands_up),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        expect(1120, bout_ended(started=0, ended=1000, seated=1000, reminders=1)),
        at(2000, sits_down),
        expect(2000, break_ended(pause=1000), bout_started),
        expect(2600, move_due(bout=600), sound, lamp_on),
        expect(2900, gave_up(bout=900)),
    )


def test_the_bout_counts_its_reminders() -> None:
    given(move_after=600, repeat_every=300, max_reminders=3, min_break=120).run(
        *DUE_AT_600,
        reminded(2, 900),
        at(1000, stands_up),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        expect(1120, bout_ended(started=0, ended=1000, seated=1000, reminders=2)),
    )


def test_a_blip_across_a_reminder_delays_its_sound_but_not_its_instant() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(899, stands_up),
        expect(899, silence),
        at(902, sits_down),
        expect(900, move_reminder(2, bout=900), sound, emitted_at=902),
        reminded(3, 1200),
    )


def test_a_blip_across_a_reminder_moves_no_other() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=3, max_reminders=4).run(
        *DUE_AT_600,
        at(602, stands_up),
        expect(602, silence),
        at(606.5, sits_down),
        expect(603, move_reminder(2, bout=603), sound, emitted_at=606.5),
        expect(606, move_reminder(3, bout=606), sound, emitted_at=606.5),
        reminded(4, 609),
        expect(612, gave_up(bout=612)),
    )


def test_a_stand_up_whose_dwell_covers_a_reminder_gets_none() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(899, stands_up),
        expect(899, silence),
        expect(899, lamp_off, stood_up(bout=899, response=299), emitted_at=904),
        until(1018),
    )


def test_the_sound_stops_at_the_release_before_any_dwell() -> None:
    given(stand_dwell=5, move_after=600).run(
        *DUE_AT_600,
        at(601, stands_up),
        expect(601, silence),
        expect(601, lamp_off, stood_up(bout=601, response=1), emitted_at=606),
    )


def test_a_sound_that_a_blip_has_stopped_does_not_begin_again() -> None:
    given(stand_dwell=5, move_after=600, repeat_every=300).run(
        *DUE_AT_600,
        at(601, stands_up),
        expect(601, silence),
        at(602, sits_down),
        until(899),
    )


def test_silence_comes_once() -> None:
    given(stand_dwell=5, move_after=600).run(
        *DUE_AT_600,
        at(601, stands_up),
        expect(601, silence),
        at(602, sits_down),
        at(603, stands_up),
        at(604, stands_up),
        until(607),
        expect(603, lamp_off, stood_up(bout=603, response=3), emitted_at=608),
    )


def test_a_late_reminder_on_an_empty_seat_makes_no_sound() -> None:
    run = ChairRun(given(move_after=600).rules)
    run.feed(sits_down, sec(0))
    late = run.feed(stands_up, sec(600.001))
    assert [effect for effect in late if isinstance(effect, MoveDue)]
    assert not [effect for effect in late if isinstance(effect, Sound | Silence)]
