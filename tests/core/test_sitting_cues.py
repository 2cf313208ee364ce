"""Sitting cues: a word early in a bout, or to who leans, and never a sound."""

from core.beginnings import SITS_DOWN
from core.exercising import BACK, CUES, FEET, cued, day
from timeline import (
    at,
    bout_ended,
    bout_started,
    break_ended,
    cue,
    expect,
    given,
    hold_started,
    holds,
    lamp_on,
    leaning_started,
    leans,
    move_due,
    sat_back,
    sits,
    sound,
    stands,
    stood_up,
    until,
)


def test_a_cue_comes_once_early_in_a_bout_and_makes_no_sound() -> None:
    given(programme=CUES).live(
        at(0, sits), expect(0, bout_started), expect(300, cued(BACK)), until(1700)
    )


def test_the_next_bout_has_the_next_cue_and_a_day_has_each_so_often() -> None:
    run = given(programme=CUES, min_break=60)
    moments = [at(0, day(0))]
    for nth, said in enumerate([BACK, FEET, BACK, None]):
        begins = nth * 1000
        resumed = [break_ended(pause=500)] if nth else []
        moments += [
            at(begins, sits),
            expect(begins, *resumed, bout_started),
            *([] if said is None else [expect(begins + 300, cued(said))]),
            at(begins + 500, stands),
            expect(begins + 500, stood_up(bout=500)),
            expect(begins + 560, bout_ended(started=begins, ended=begins + 500, seated=500)),
        ]

    run.live(*moments, until(3900))


def test_a_gap_puts_the_cue_off_until_the_person_sits_again() -> None:
    given(programme=CUES).live(
        *SITS_DOWN,
        at(290, stands),
        expect(290, stood_up(bout=290)),
        at(310, sits),
        expect(310, sat_back(away=20), cued(BACK)),
        until(400),
    )


def test_a_bout_that_is_due_has_no_cue_any_more() -> None:
    given(move_after=300, programme=CUES).live(
        *SITS_DOWN,
        expect(300, move_due(bout=300), sound, lamp_on),
        until(400),
    )


def test_in_a_hold_it_is_said_to_be_silent() -> None:
    given(programme=CUES).live(
        *SITS_DOWN,
        at(10, holds()),
        expect(10, hold_started()),
        expect(300, cued(BACK, silent=True)),
        until(400),
    )


def test_who_leans_is_told_how_to_sit_as_often_as_it_happens() -> None:
    given(programme=CUES).live(
        *SITS_DOWN,
        at(160, leans("left", since=100)),
        expect(160, cue, leaning_started("left", since=100), cued(BACK)),
        expect(300, cued(BACK)),
        until(310),
    )
