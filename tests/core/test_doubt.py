"""A sensor that needs a moment to be sure: nothing is decided that its edge could still change."""

from core.beginnings import SITS_DOWN
from timeline import (
    at,
    bout_ended,
    certain,
    doubts,
    expect,
    given,
    hold_ended,
    hold_started,
    holds,
    lamp_on,
    move_due,
    recording_ends,
    sat_back,
    sits,
    sound,
    stands,
    stood_up,
    until,
)


def test_a_gap_whose_end_is_told_late_is_no_break() -> None:
    given(min_break=60).live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(659, doubts),
        at(661, certain),
        expect(660, bout_ended(started=0, ended=600, seated=600), told=661),
        until(700),
    )


def test_a_gap_whose_end_is_told_late_and_dated_before_the_break_goes_on() -> None:
    chair = given(min_break=60)
    chair.live(
        *SITS_DOWN,
        at(600, stands),
        expect(600, stood_up(bout=600)),
        at(659, doubts),
        at(659, sits),
        expect(659, sat_back(away=59)),
        until(700),
    )


def test_what_was_due_in_doubt_is_told_with_its_own_instant_once_that_is_certain() -> None:
    given().live(
        *SITS_DOWN,
        at(1799, doubts),
        at(1801, certain),
        expect(1800, move_due(bout=1800), told=1801),
        expect(1801, sound, lamp_on),
        until(1802),
    )


def test_a_hold_ends_in_doubt_all_the_same() -> None:
    given().live(
        at(0, holds(until=10)),
        expect(0, hold_started()),
        at(9, doubts),
        expect(10, hold_ended("its time is over")),
        until(11),
    )


def test_a_recording_that_ends_in_doubt_closes_the_bout() -> None:
    given().live(
        *SITS_DOWN,
        at(60, doubts),
        at(90, recording_ends),
        expect(90, bout_ended(started=0, ended=90, seated=90, open=True)),
    )
