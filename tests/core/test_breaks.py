"""Breaks that count: back too soon is told once aloud, and what a gap repays is exact."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from against_oracle import Edge, events_of, live_through
from core.beginnings import DUE_AT_600, SITS_DOWN, reminded
from timeline import (
    at,
    back_too_soon,
    bout_ended,
    cue,
    expect,
    gave_up,
    given,
    hold_started,
    holds,
    lamp_off,
    lamp_on,
    move_due,
    sat_back,
    sec,
    silence,
    sits,
    sound,
    stands,
    stood_up,
    until,
)
from unsit.core.events import MoveDue
from unsit.core.rules import Rules

LEFT_AT_650 = (
    *DUE_AT_600,
    at(650, stands),
    expect(650, silence, lamp_off, stood_up(bout=650, response=50)),
)


def test_who_is_back_too_soon_after_the_call_hears_one_soft_sign() -> None:
    given(move_after=600).live(
        *LEFT_AT_650,
        at(700, sits),
        expect(700, cue, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        reminded(2, 1000),
    )


def test_a_second_time_in_the_bout_it_is_told_and_not_heard() -> None:
    given(move_after=600).live(
        *LEFT_AT_650,
        at(700, sits),
        expect(700, cue, lamp_on, sat_back(away=50), back_too_soon(away=50, missing=70)),
        at(800, stands),
        expect(800, lamp_off, stood_up(bout=800, response=200)),
        at(860, sits),
        expect(860, lamp_on, sat_back(away=60), back_too_soon(away=60, missing=60)),
        reminded(2, 1160),
    )


def test_before_the_bout_is_due_nobody_is_back_too_soon() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(100, stands),
        expect(100, stood_up(bout=100)),
        at(150, sits),
        expect(150, sat_back(away=50)),
        until(599),
    )


def test_a_bout_that_is_due_at_the_sit_down_of_a_gap_is_called_and_not_chided() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(590, stands),
        expect(590, stood_up(bout=590)),
        at(650, sits),
        expect(650, sat_back(away=60), move_due(bout=650), sound, lamp_on),
    )


def test_a_break_that_is_long_enough_ends_it() -> None:
    given(move_after=600).live(
        *LEFT_AT_650,
        expect(770, bout_ended(started=0, ended=650, seated=650, reminders=1)),
        until(5000),
    )


def test_in_a_hold_back_too_soon_is_told_and_may_be_heard_another_time() -> None:
    chair = given(move_after=600).live(
        *LEFT_AT_650,
        at(660, holds()),
        expect(660, hold_started()),
        at(720, sits),
        expect(720, lamp_on, sat_back(away=70), back_too_soon(away=70, missing=50)),
        until(721),
    )
    assert chair.sitting.bout is not None
    assert not chair.sitting.bout.chided


def test_who_was_given_up_on_is_left_alone() -> None:
    given(move_after=600, max_reminders=1).live(
        *DUE_AT_600,
        expect(900, gave_up(bout=900)),
        at(1000, stands),
        expect(1000, silence, lamp_off, stood_up(bout=1000, response=400)),
        at(1070, sits),
        expect(1070, lamp_on, sat_back(away=70), back_too_soon(away=70, missing=50)),
        until(90000),
    )


# What a gap repays.


def test_without_credit_a_gap_counts_as_sitting() -> None:
    given(move_after=600).live(
        *SITS_DOWN,
        at(300, stands),
        expect(300, stood_up(bout=300)),
        at(360, sits),
        expect(360, sat_back(away=60)),
        expect(600, move_due(bout=600), sound, lamp_on),
    )


def test_with_credit_a_gap_repays_sitting() -> None:
    """300 s owed, less 60 s times 2, leaves 180 s: another 420 s make 600."""
    given(move_after=600, credit=2).live(
        *SITS_DOWN,
        at(300, stands),
        expect(300, stood_up(bout=300)),
        at(360, sits),
        expect(360, sat_back(away=60)),
        expect(780, move_due(bout=780), sound, lamp_on),
    )


def test_no_more_is_repaid_than_was_owed() -> None:
    given(move_after=600, credit=15).live(
        *SITS_DOWN,
        at(300, stands),
        expect(300, stood_up(bout=300)),
        at(400, sits),
        expect(400, sat_back(away=100)),
        expect(1000, move_due(bout=1000), sound, lamp_on),
    )


def test_several_gaps_repay_each_in_its_turn() -> None:
    """200 less 20 is 180; with 200 more 380, less 60 is 320; 280 to go."""
    given(move_after=600, credit=1).live(
        *SITS_DOWN,
        at(200, stands),
        expect(200, stood_up(bout=200)),
        at(220, sits),
        expect(220, sat_back(away=20)),
        at(420, stands),
        expect(420, stood_up(bout=420)),
        at(480, sits),
        expect(480, sat_back(away=60)),
        expect(760, move_due(bout=760), sound, lamp_on),
    )


def test_a_bout_that_is_due_stays_due_whatever_a_gap_repays() -> None:
    given(move_after=600, credit=15).live(
        *LEFT_AT_650,
        at(750, sits),
        expect(750, cue, lamp_on, sat_back(away=100), back_too_soon(away=100, missing=20)),
        reminded(2, 1050),
    )


CREDITS = st.sampled_from([Fraction(1, 4), Fraction(1), Fraction(5, 2), Fraction(15)])
TIMES = st.lists(st.integers(1, 400), min_size=1, max_size=12)


def when_due(edges: Sequence[Edge], credit: Fraction, move_after: int) -> list[timedelta]:
    """From whole stretches alone: the one bout of the edges, each gap shorter than a break."""
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


@settings(max_examples=300, deadline=None, derandomize=True)
@for_any(times=TIMES, credit=CREDITS, move_after=st.integers(1, 900))
def test_the_call_comes_when_what_is_not_repaid_reaches_the_limit(
    times: list[int], credit: Fraction, move_after: int
) -> None:
    edges = [(sec(when), nth % 2 == 0) for nth, when in enumerate(accumulate([0, *times]))]
    rules = given(move_after=move_after, min_break=401, credit=float(credit)).rules
    told = events_of(live_through(edges, rules).told)
    assert [one.at for one in told if isinstance(one, MoveDue)] == when_due(
        edges, credit, move_after
    )


@pytest.mark.parametrize("credit", [0.5, 15])
@settings(max_examples=60, deadline=None, derandomize=True)
@for_any(times=TIMES)
def test_credit_never_calls_earlier_than_the_same_time_on_the_seat_without_it(
    credit: float, times: list[int]
) -> None:
    """And never before ``move_after`` on the seat."""
    edges = [(sec(when), nth % 2 == 0) for nth, when in enumerate(accumulate([0, *times]))]
    plain, repaid = (
        [one.at for one in events_of(live_through(edges, rules).told) if isinstance(one, MoveDue)]
        for rules in (Rules(min_break=sec(401)), Rules(min_break=sec(401), credit=credit))
    )
    assert len(repaid) <= len(plain)
    assert all(late >= early for late, early in zip(repaid, plain, strict=False))
