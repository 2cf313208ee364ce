"""The seat: a level counts from its edge once it has lasted for its dwell."""

from itertools import product

import pytest

from support.chair_run import ChairRun
from support.timeline import *
from unsit.core import seat
from unsit.core.chair import Chair
from unsit.core.events import BoutStarted, StoodUp
from unsit.core.rules import Rules
from unsit.core.seat import (
    Seat,
    SeatSignal,
    SeatState,
    drop_unsettled_level,
    step_seat,
    with_certain_level,
)
from unsit.core.transition import deadlines

SEATS = {
    SeatState.EMPTY: Seat(),
    SeatState.SITTING_DOWN: Seat(SeatState.SITTING_DOWN, edge=sec(1)),
    SeatState.SEATED: Seat(SeatState.SEATED),
    SeatState.STANDING_UP: Seat(SeatState.STANDING_UP, edge=sec(1)),
}
MOVES = {
    (SeatState.EMPTY, SeatSignal.PRESSED): SeatState.SITTING_DOWN,
    (SeatState.SITTING_DOWN, SeatSignal.RELEASED): SeatState.EMPTY,
    (SeatState.SITTING_DOWN, SeatSignal.HELD): SeatState.SEATED,
    (SeatState.SEATED, SeatSignal.RELEASED): SeatState.STANDING_UP,
    (SeatState.STANDING_UP, SeatSignal.PRESSED): SeatState.SEATED,
    (SeatState.STANDING_UP, SeatSignal.HELD): SeatState.EMPTY,
}


@pytest.mark.parametrize(("state", "signal"), MOVES)
def test_a_signal_changes_the_seat_state(state: SeatState, signal: SeatSignal) -> None:
    assert seat.step_seat(SEATS[state], signal, sec(2)).state is MOVES[state, signal]


@pytest.mark.parametrize(
    ("state", "signal"), [move for move in product(SeatState, SeatSignal) if move not in MOVES]
)
def test_any_other_signal_changes_nothing(state: SeatState, signal: SeatSignal) -> None:
    assert seat.step_seat(SEATS[state], signal, sec(2)) == SEATS[state]


def test_every_seat_state_is_reachable() -> None:
    reached = {Seat().state}
    for _ in SeatState:
        reached |= {step_seat(SEATS[p], s, sec(2)).state for p, s in product(reached, SeatSignal)}
    assert reached == set(SeatState)


@pytest.mark.parametrize(
    ("state", "pressed", "seated"),
    [
        (SeatState.EMPTY, False, False),
        (SeatState.SITTING_DOWN, True, False),
        (SeatState.SEATED, True, True),
        (SeatState.STANDING_UP, False, True),
    ],
)
def test_the_raw_level_changes_at_the_edge_and_the_settled_one_later(
    state: SeatState, pressed: bool, seated: bool
) -> None:
    assert (SEATS[state].pressed, SEATS[state].seated) == (pressed, seated)


def test_counters_survive_a_fault_of_the_sensor() -> None:
    before = Seat(SeatState.STANDING_UP, edge=sec(1), blips=2, settled=50)

    assert drop_unsettled_level(before) == Seat(SeatState.SEATED, blips=2, settled=50)
    assert with_certain_level(before, pressed=False) == Seat(SeatState.EMPTY, blips=2, settled=50)


def test_the_default_rules_are_the_documented_ones() -> None:
    minute = 60
    rules = given(sit_dwell=2, stand_dwell=5, move_after=30 * minute, min_break=2 * minute).rules
    assert rules == Rules()
    assert rules.repeat_every == rules.snooze_for == sec(5 * minute)
    assert (rules.max_reminders, rules.max_snoozes) == (6, 2)


def test_an_empty_chair_has_no_deadline() -> None:
    assert deadlines.next_deadline(Chair()) is None


def test_a_sit_down_counts_from_its_edge_and_is_reported_after_the_dwell() -> None:
    chair = given(sit_dwell=2).run(at(10, sits_down), expect(10, bout_started, emitted_at=12))
    assert chair.seat.seated


def test_a_stand_up_counts_from_its_edge_and_is_reported_after_the_dwell() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100), emitted_at=105),
        expect(220, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_touch_shorter_than_the_dwell_changes_only_a_counter() -> None:
    chair = given(sit_dwell=2).run(at(10, sits_down), at(11.999999, stands_up), until(600))
    assert (chair.seat.blips, chair.seat.state) == (1, SeatState.EMPTY)


def test_a_lift_shorter_than_the_dwell_changes_only_a_counter() -> None:
    chair = given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(10, stands_up),
        at(14.999999, sits_down),
        until(600),
    )
    assert (chair.seat.blips, chair.seat.state) == (1, SeatState.SEATED)


def test_a_touch_of_exactly_the_dwell_counts() -> None:
    given(sit_dwell=2).run(
        at(10, sits_down),
        at(12, stands_up),
        expect(10, bout_started, emitted_at=12),
        expect(12, stood_up(bout=2)),
    )


def test_a_lift_of_exactly_the_dwell_counts() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(10, stands_up),
        at(15, sits_down),
        expect(10, stood_up(bout=10), emitted_at=15),
        expect(15, sat_back(away=5)),
    )


def test_each_touch_has_to_hold_by_itself() -> None:
    chair = given(sit_dwell=2).run(
        at(0, sits_down),
        at(1, stands_up),
        at(1.5, sits_down),
        at(3, stands_up),
        at(3, sits_down),
        expect(3, bout_started, emitted_at=5),
        until(60),
    )
    assert chair.seat.blips == 2


def test_a_repeated_level_does_not_restart_its_dwell() -> None:
    chair = given(sit_dwell=2).run(
        at(0, sits_down),
        at(1, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(3, sits_down),
        until(60),
    )
    assert chair.seat.blips == 0


def test_without_dwell_a_touch_of_no_length_counts() -> None:
    given().run(at(5, sits_down, stands_up), expect(5, bout_started, stood_up(bout=0)))


def test_without_dwell_a_change_is_reported_in_the_transition_of_its_edge() -> None:
    run = ChairRun(given().rules)
    assert run.feed(sits_down, sec(5)) == (BoutStarted(sec(5)),)
    assert run.feed(stands_up, sec(5)) == (StoodUp(sec(5), sec(0), None),)
