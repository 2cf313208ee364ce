"""The seat: a level counts, at the time of its edge, once it has held for its dwell."""

from itertools import product

import pytest

from core.beginnings import SITS_DOWN
from living import Run
from timeline import (
    at,
    bout_ended,
    bout_started,
    expect,
    given,
    sat_back,
    sec,
    sits,
    stands,
    stood_up,
    until,
)
from unsit.core import agenda, seat
from unsit.core.chair import Chair
from unsit.core.events import BoutStarted, StoodUp
from unsit.core.rules import Rules
from unsit.core.seat import Place, Seat, Signal

SEATS = {
    Place.EMPTY: Seat(),
    Place.SITTING_DOWN: Seat(Place.SITTING_DOWN, edge=sec(1)),
    Place.SEATED: Seat(Place.SEATED),
    Place.STANDING_UP: Seat(Place.STANDING_UP, edge=sec(1)),
}
MOVES = {
    (Place.EMPTY, Signal.PRESSED): Place.SITTING_DOWN,
    (Place.SITTING_DOWN, Signal.RELEASED): Place.EMPTY,
    (Place.SITTING_DOWN, Signal.HELD): Place.SEATED,
    (Place.SEATED, Signal.RELEASED): Place.STANDING_UP,
    (Place.STANDING_UP, Signal.PRESSED): Place.SEATED,
    (Place.STANDING_UP, Signal.HELD): Place.EMPTY,
}


@pytest.mark.parametrize(("place", "signal"), MOVES)
def test_a_signal_moves_the_seat(place: Place, signal: Signal) -> None:
    assert seat.step(SEATS[place], signal, sec(2)).place is MOVES[place, signal]


@pytest.mark.parametrize(
    ("place", "signal"), [move for move in product(Place, Signal) if move not in MOVES]
)
def test_any_other_signal_changes_nothing(place: Place, signal: Signal) -> None:
    assert seat.step(SEATS[place], signal, sec(2)) == SEATS[place]


def test_every_place_is_reachable() -> None:
    reached = {Seat().place}
    for _ in Place:
        reached |= {seat.step(SEATS[p], s, sec(2)).place for p, s in product(reached, Signal)}
    assert reached == set(Place)


@pytest.mark.parametrize(
    ("place", "pressed", "seated"),
    [
        (Place.EMPTY, False, False),
        (Place.SITTING_DOWN, True, False),
        (Place.SEATED, True, True),
        (Place.STANDING_UP, False, True),
    ],
)
def test_the_raw_level_changes_at_the_edge_and_the_settled_one_later(
    place: Place, pressed: bool, seated: bool
) -> None:
    assert (SEATS[place].pressed, SEATS[place].seated) == (pressed, seated)


def test_what_the_counters_say_survives_a_fault_of_the_sensor() -> None:
    before = Seat(Place.STANDING_UP, edge=sec(1), blips=2, settled=50)

    assert seat.suspended(before) == Seat(Place.SEATED, blips=2, settled=50)
    assert seat.found(before, pressed=False) == Seat(Place.EMPTY, blips=2, settled=50)


def test_the_figures_are_those_of_the_contract() -> None:
    minute = 60
    rules = given(sit_dwell=2, stand_dwell=5, move_after=30 * minute, min_break=2 * minute).rules
    assert rules == Rules()
    assert rules.repeat_every == rules.snooze_for == sec(5 * minute)
    assert (rules.max_reminders, rules.max_snoozes) == (6, 2)


def test_nothing_is_on_the_agenda_of_an_empty_chair() -> None:
    assert agenda.deadline(Chair()) is None


def test_a_sit_down_counts_from_its_edge_and_is_told_after_the_dwell() -> None:
    chair = given(sit_dwell=2).live(at(10, sits), expect(10, bout_started, told=12))
    assert chair.seat.seated


def test_a_stand_up_counts_from_its_edge_and_is_told_after_the_dwell() -> None:
    given(stand_dwell=5).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100), told=105),
        expect(220, bout_ended(started=0, ended=100, seated=100)),
    )


def test_a_touch_shorter_than_the_dwell_leaves_no_trace_but_a_counter() -> None:
    chair = given(sit_dwell=2).live(at(10, sits), at(11.999999, stands), until(600))
    assert (chair.seat.blips, chair.seat.place) == (1, Place.EMPTY)


def test_a_lift_shorter_than_the_dwell_leaves_no_trace_but_a_counter() -> None:
    chair = given(stand_dwell=5).live(
        *SITS_DOWN,
        at(10, stands),
        at(14.999999, sits),
        until(600),
    )
    assert (chair.seat.blips, chair.seat.place) == (1, Place.SEATED)


def test_a_touch_of_exactly_the_dwell_counts() -> None:
    given(sit_dwell=2).live(
        at(10, sits),
        at(12, stands),
        expect(10, bout_started, told=12),
        expect(12, stood_up(bout=2)),
    )


def test_a_lift_of_exactly_the_dwell_counts() -> None:
    given(stand_dwell=5).live(
        *SITS_DOWN,
        at(10, stands),
        at(15, sits),
        expect(10, stood_up(bout=10), told=15),
        expect(15, sat_back(away=5)),
    )


def test_each_touch_has_to_hold_by_itself() -> None:
    chair = given(sit_dwell=2).live(
        at(0, sits),
        at(1, stands),
        at(1.5, sits),
        at(3, stands),
        at(3, sits),
        expect(3, bout_started, told=5),
        until(60),
    )
    assert chair.seat.blips == 2


def test_a_level_said_twice_does_not_start_its_dwell_again() -> None:
    chair = given(sit_dwell=2).live(
        at(0, sits),
        at(1, sits),
        expect(0, bout_started, told=2),
        at(3, sits),
        until(60),
    )
    assert chair.seat.blips == 0


def test_without_dwell_a_touch_of_no_length_counts() -> None:
    given().live(at(5, sits, stands), expect(5, bout_started, stood_up(bout=0)))


def test_without_dwell_a_change_is_told_in_the_turn_of_its_edge() -> None:
    run = Run(given().rules)
    assert run.feed(sits, sec(5)) == (BoutStarted(sec(5)),)
    assert run.feed(stands, sec(5)) == (StoodUp(sec(5), sec(0), None),)
