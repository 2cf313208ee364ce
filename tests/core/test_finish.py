"""The end of a recording: an open bout is closed there and marked as open."""

import pytest

from support.timeline import *


def test_a_bout_that_is_open_at_the_end_is_closed_there() -> None:
    given().run(
        *SEATED_AT_0,
        at(100, recording_ends),
        expect(100, bout_ended(started=0, ended=100, seated=100, open=True)),
        until(90000),
    )


def test_a_bout_that_is_in_a_gap_at_the_end_is_closed_at_its_stand_up() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(150, recording_ends),
        expect(150, bout_ended(started=0, ended=100, seated=100, open=True)),
        until(90000),
    )


def test_a_stand_up_that_has_yet_to_hold_at_the_end_does_not_count() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(100, stands_up),
        at(103, recording_ends),
        expect(103, bout_ended(started=0, ended=103, seated=103, open=True)),
    )


def test_a_stand_up_that_has_just_held_at_the_end_counts() -> None:
    given(stand_dwell=5).run(
        *SEATED_AT_0,
        at(100, stands_up),
        at(105, recording_ends),
        expect(100, stood_up(bout=100), emitted_at=105),
        expect(105, bout_ended(started=0, ended=100, seated=100, open=True)),
    )


def test_a_sit_down_that_has_yet_to_hold_at_the_end_starts_nothing() -> None:
    given(sit_dwell=2).run(at(0, sits_down), at(1, recording_ends), until(1))


def test_a_break_that_is_over_at_the_very_end_is_a_break() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(220, recording_ends),
        expect(220, bout_ended(started=0, ended=100, seated=100)),
    )


@pytest.mark.parametrize("end", [0, 50])
def test_an_end_without_a_bout_says_nothing(end: float) -> None:
    given().run(at(end, recording_ends), until(90000))


def test_gaps_are_left_out_of_the_seated_time_of_an_open_bout() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(160, sits_down),
        expect(160, sat_back(away=60)),
        at(200, recording_ends),
        expect(200, bout_ended(started=0, ended=200, seated=140, open=True)),
    )


def test_a_bout_due_at_the_very_end_is_due() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        at(600, recording_ends),
        expect(600, move_due(bout=600)),
        expect(600, bout_ended(started=0, ended=600, seated=600, reminders=1, open=True)),
        expect(600, sound, silence),
    )


def test_the_end_stops_the_sound_and_the_lamp() -> None:
    given(move_after=600).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600), sound, lamp_on),
        at(601, recording_ends),
        expect(601, silence, lamp_off),
        expect(601, bout_ended(started=0, ended=601, seated=601, reminders=1, open=True)),
        until(90000),
    )
