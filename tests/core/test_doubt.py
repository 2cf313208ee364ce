"""Uncertain levels: no decision is made that a late edge could still change."""

from support.timeline import *


def test_a_gap_whose_end_is_reported_late_is_no_break() -> None:
    given(min_break=60).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(659, level_uncertain),
        at(661, level_confirmed),
        expect(660, bout_ended(started=0, ended=600, seated=600), emitted_at=661),
        until(700),
    )


def test_a_gap_whose_end_is_reported_late_but_dated_before_the_break_goes_on() -> None:
    chair = given(min_break=60)
    chair.run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(659, level_uncertain),
        at(659, sits_down),
        expect(659, sat_back(away=59)),
        until(700),
    )


def test_a_bout_due_at_an_uncertain_level_is_reported_with_its_own_instant_later() -> None:
    given().run(
        *SEATED_AT_0,
        at(1799, level_uncertain),
        at(1801, level_confirmed),
        expect(1800, move_due(bout=1800), emitted_at=1801),
        expect(1801, sound, lamp_on),
        until(1802),
    )


def test_a_hold_ends_on_time_at_an_uncertain_level() -> None:
    given().run(
        at(0, starts_hold(until=10)),
        expect(0, hold_started()),
        at(9, level_uncertain),
        expect(10, hold_ended("its time is over")),
        until(11),
    )


def test_a_recording_that_ends_at_an_uncertain_level_closes_the_bout() -> None:
    given().run(
        *SEATED_AT_0,
        at(60, level_uncertain),
        at(90, recording_ends),
        expect(90, bout_ended(started=0, ended=90, seated=90, open=True)),
    )
