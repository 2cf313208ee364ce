"""Sitting cues: a text early in a bout or during leaning, without a sound."""

from support.timeline import *


def test_a_cue_comes_once_early_in_a_bout_and_makes_no_sound() -> None:
    given(programme=CUES).run(
        at(0, sits_down), expect(0, bout_started), expect(300, sitting_cue(BACK)), until(1700)
    )


def test_the_next_bout_has_the_next_cue_within_the_limit_of_each_day() -> None:
    run = given(programme=CUES, min_break=60)
    moments = [at(0, day(0))]
    for nth, cue in enumerate([BACK, FEET, BACK, None]):
        begins = nth * 1000
        resumed = [break_ended(pause=500)] if nth else []
        moments += [
            at(begins, sits_down),
            expect(begins, *resumed, bout_started),
            *([] if cue is None else [expect(begins + 300, sitting_cue(cue))]),
            at(begins + 500, stands_up),
            expect(begins + 500, stood_up(bout=500)),
            expect(begins + 560, bout_ended(started=begins, ended=begins + 500, seated=500)),
        ]

    run.run(*moments, until(3900))


def test_a_gap_puts_the_cue_off_until_the_person_sits_again() -> None:
    given(programme=CUES).run(
        *SEATED_AT_0,
        at(290, stands_up),
        expect(290, stood_up(bout=290)),
        at(310, sits_down),
        expect(310, sat_back(away=20), sitting_cue(BACK)),
        until(400),
    )


def test_a_bout_that_is_due_has_no_further_cue() -> None:
    given(move_after=300, programme=CUES).run(
        *SEATED_AT_0,
        expect(300, move_due(bout=300), sound, lamp_on),
        until(400),
    )


def test_a_cue_in_a_hold_is_marked_silent() -> None:
    given(programme=CUES).run(
        *SEATED_AT_0,
        at(10, starts_hold()),
        expect(10, hold_started()),
        expect(300, sitting_cue(BACK, silent=True)),
        until(400),
    )


def test_every_leaning_brings_its_cue() -> None:
    given(programme=CUES).run(
        *SEATED_AT_0,
        at(160, leans("left", since=100)),
        expect(160, soft_tick, leaning_started("left", since=100), sitting_cue(BACK)),
        expect(300, sitting_cue(BACK)),
        until(310),
    )
