"""Breaks: back too soon sounds once in a bout, and gaps repay sitting exactly."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from support.against_oracle import Edge, events_of, live_through
from support.examples import examples
from support.timeline import *
from unsit.core.events import MoveDue
from unsit.core.rules import Rules

LEFT_AT_650 = (
    *DUE_AT_600,
    at(650, stands_up),
    expect(650, silence, lamp_off, stood_up(bout=650, response=50)),
)


def test_sitting_back_too_soon_after_the_call_makes_one_soft_tick() -> None:
    given(move_after=600).run(
        *LEFT_AT_650,
        at(700, sits_down),
        expect(700, soft_tick, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(2, 950),
    )


def test_sitting_back_too_soon_again_in_the_bout_is_an_event_without_a_sound() -> None:
    given(move_after=600).run(
        *LEFT_AT_650,
        at(700, sits_down),
        expect(700, soft_tick, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        at(800, stands_up),
        expect(800, lamp_off, stood_up(bout=800, response=200)),
        at(860, sits_down),
        expect(860, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 1010),
    )


def test_before_the_bout_is_due_no_gap_is_too_short() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(150, sits_down),
        expect(150, sat_back(away=50)),
        until(599),
    )


def test_a_bout_that_becomes_due_at_the_end_of_a_gap_is_not_also_back_too_soon() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(590, stands_up),
        expect(590, stood_up(bout=590)),
        at(650, sits_down),
        expect(650, sat_back(away=60), move_due(bout=650), sound, lamp_on),
    )


def test_a_long_enough_break_ends_the_bout() -> None:
    given(move_after=600).run(
        *LEFT_AT_650,
        expect(770, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        until(5000),
    )


def test_back_too_soon_in_a_hold_is_silent_and_may_sound_later() -> None:
    chair = given(move_after=600).run(
        *LEFT_AT_650,
        at(660, starts_hold()),
        expect(660, hold_started()),
        at(720, sits_down),
        expect(720, lamp_on, sat_back(away=70), back_too_soon(away=70, missing=50)),
        until(721),
    )
    assert chair.sitting.bout is not None
    assert not chair.sitting.bout.too_soon_signalled


def test_no_sound_follows_after_the_chair_gave_up() -> None:
    given(move_after=600, max_reminders=1).run(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands_up),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1070, sits_down),
        expect(1070, lamp_on, sat_back(away=70), back_too_soon(away=70, missing=50)),
        until(90000),
    )


# Credit for gaps.


def test_without_credit_a_gap_counts_as_sitting() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(360, sits_down),
        expect(360, sat_back(away=60)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_with_credit_a_gap_repays_sitting() -> None:
    """300 s of sitting less 2 x 60 s are 180 s; another 420 s make 600 s."""
    given(move_after=600, credit=2).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(360, sits_down),
        expect(360, sat_back(away=60)),
        expect(780, move_due(bout=780), sound, lamp_on),
    )


def test_no_more_is_repaid_than_was_owed() -> None:
    given(move_after=600, credit=15).run(
        *SEATED_AT_0,
        at(300, stands_up),
        expect(300, stood_up(bout=300)),
        at(400, sits_down),
        expect(400, sat_back(away=100)),
        expect(1000, move_due(bout=1000), sound, lamp_on),
    )


def test_several_gaps_repay_each_in_its_turn() -> None:
    """200 s less 20 s are 180 s; 200 s more less 60 s are 320 s; 280 s remain."""
    given(move_after=600, credit=1).run(
        *SEATED_AT_0,
        at(200, stands_up),
        expect(200, stood_up(bout=200)),
        at(220, sits_down),
        expect(220, sat_back(away=20)),
        at(420, stands_up),
        expect(420, stood_up(bout=420)),
        at(480, sits_down),
        expect(480, sat_back(away=60)),
        expect(760, move_due(bout=760), sound, lamp_on),
    )


def test_a_bout_that_is_due_stays_due_after_any_repaid_gap() -> None:
    given(move_after=600, credit=15).run(
        *LEFT_AT_650,
        at(750, sits_down),
        expect(750, soft_tick, lamp_on, sat_back(away=100), back_too_soon(away=100, missing=20)),
        reminded(2, 1000),
    )


CREDITS = st.sampled_from([Fraction(1, 4), Fraction(1), Fraction(5, 2), Fraction(15)])
TIMES = st.lists(st.integers(1, 400), min_size=1, max_size=12)


def when_due(edges: Sequence[Edge], credit: Fraction, move_after: int) -> list[timedelta]:
    """Return the due instant of edges that are one bout, from its stretches alone."""
    owed = Fraction(0)
    for (down, pressed), (up, _) in pairwise(edges):
        length = Fraction((up - down).total_seconds())
        if not pressed:
            owed = max(Fraction(0), owed - length * credit)
        elif owed + length > move_after:
            return [down + sec(float(move_after - owed))]
        else:
            owed += length
    return []


@examples(300)
@for_any(times=TIMES, credit=CREDITS, move_after=st.integers(1, 900))
def test_the_call_comes_when_unrepaid_sitting_reaches_the_limit(
    times: list[int], credit: Fraction, move_after: int
) -> None:
    edges = [(sec(when), nth % 2 == 0) for nth, when in enumerate(accumulate([0, *times]))]
    rules = given(move_after=move_after, min_break=401, credit=float(credit)).rules
    events = events_of(live_through(edges, rules).emitted)
    assert [event.at for event in events if isinstance(event, MoveDue)] == when_due(
        edges, credit, move_after
    )


@pytest.mark.parametrize("credit", [0.5, 15])
@examples(60)
@for_any(times=TIMES)
def test_credit_never_calls_earlier_than_the_same_time_on_the_seat_without_it(
    credit: float, times: list[int]
) -> None:
    """The call also never comes before ``move_after`` on the seat."""
    edges = [(sec(when), nth % 2 == 0) for nth, when in enumerate(accumulate([0, *times]))]
    plain, repaid = (
        [
            event.at
            for event in events_of(live_through(edges, rules).emitted)
            if isinstance(event, MoveDue)
        ]
        for rules in (Rules(min_break=sec(401)), Rules(min_break=sec(401), credit=credit))
    )
    assert len(repaid) <= len(plain)
    assert all(late >= early for late, early in zip(repaid, plain, strict=False))
