"""Sitting: bouts, gaps inside them, breaks between them, and the due instant."""

from itertools import product

import pytest

from support.timeline import *
from unsit.core import sitting
from unsit.core.rules import Rules
from unsit.core.sitting import Bout, Phase, Sitting, SittingSignal, due_at, step_sitting

BOUT = Bout(started=sec(0), since=sec(60), not_before=sec(60), seated=sec(30))
SITTINGS = {
    Phase.AWAY: Sitting(),
    Phase.SITTING: Sitting(Phase.SITTING, BOUT),
    Phase.GAP: Sitting(Phase.GAP, BOUT),
    Phase.SUSPENDED: Sitting(Phase.SUSPENDED, BOUT),
    Phase.SUSPENDED_GAP: Sitting(Phase.SUSPENDED_GAP, BOUT),
}
MOVES = {
    (Phase.AWAY, SittingSignal.SAT_DOWN): Phase.SITTING,
    (Phase.SITTING, SittingSignal.MOVE_AFTER_OVER): Phase.SITTING,
    (Phase.SITTING, SittingSignal.STOOD_UP): Phase.GAP,
    (Phase.GAP, SittingSignal.SAT_DOWN): Phase.SITTING,
    (Phase.GAP, SittingSignal.MIN_BREAK_OVER): Phase.AWAY,
    (Phase.AWAY, SittingSignal.RECOVERED_SEATED): Phase.SITTING,
    (Phase.SUSPENDED, SittingSignal.RECOVERED_EMPTY): Phase.GAP,
    (Phase.SUSPENDED, SittingSignal.UNKNOWN_FOR_BREAK): Phase.AWAY,
    (Phase.SUSPENDED_GAP, SittingSignal.RECOVERED_SEATED): Phase.SITTING,
    (Phase.SUSPENDED_GAP, SittingSignal.UNKNOWN_FOR_BREAK): Phase.AWAY,
}
SILENT_MOVES = {
    (Phase.AWAY, SittingSignal.UNKNOWN_FOR_BREAK): Phase.AWAY,
    (Phase.SITTING, SittingSignal.SEAT_UNKNOWN): Phase.SUSPENDED,
    (Phase.SUSPENDED, SittingSignal.RECOVERED_SEATED): Phase.SITTING,
    (Phase.SUSPENDED, SittingSignal.STILL_SEATED): Phase.SITTING,
    (Phase.GAP, SittingSignal.SEAT_UNKNOWN): Phase.SUSPENDED_GAP,
    (Phase.SUSPENDED_GAP, SittingSignal.RECOVERED_EMPTY): Phase.GAP,
}
ALL_MOVES = MOVES | SILENT_MOVES


@pytest.mark.parametrize(("phase", "signal"), MOVES)
def test_a_signal_changes_the_phase_and_returns_its_event(
    phase: Phase, signal: SittingSignal
) -> None:
    after, events = sitting.step_sitting(SITTINGS[phase], signal, sec(90))
    assert after.phase is MOVES[phase, signal]
    assert events


@pytest.mark.parametrize(("phase", "signal"), SILENT_MOVES)
def test_a_fault_suspends_the_sitting_without_an_event(phase: Phase, signal: SittingSignal) -> None:
    after, events = sitting.step_sitting(SITTINGS[phase], signal, sec(90))
    assert after.phase is SILENT_MOVES[phase, signal]
    assert events == ()


@pytest.mark.parametrize(
    ("phase", "signal"), [move for move in product(Phase, SittingSignal) if move not in ALL_MOVES]
)
def test_any_other_signal_changes_nothing(phase: Phase, signal: SittingSignal) -> None:
    assert step_sitting(SITTINGS[phase], signal, sec(90)) == (SITTINGS[phase], ())


def test_every_phase_is_reachable() -> None:
    reached = {Sitting().phase}
    for _ in Phase:
        reached |= {
            step_sitting(SITTINGS[p], s, sec(90))[0].phase
            for p, s in product(reached, SittingSignal)
        }
    assert reached == set(Phase)


@pytest.mark.parametrize(("phase", "signal"), ALL_MOVES)
def test_there_is_a_bout_in_every_phase_but_away(phase: Phase, signal: SittingSignal) -> None:
    after, _ = step_sitting(SITTINGS[phase], signal, sec(90))
    assert (after.bout is None) == (after.phase is Phase.AWAY)


def test_a_bout_that_is_due_is_not_due_again() -> None:
    due, _ = step_sitting(SITTINGS[Phase.SITTING], SittingSignal.MOVE_AFTER_OVER, sec(1800))
    assert due_at(due, Rules()) is None


def test_there_is_no_open_bout_while_away() -> None:
    with pytest.raises(AssertionError, match="no bout in phase"):
        Sitting().open_bout()


# Bouts, gaps and breaks.


def test_a_bout_starts_at_the_first_sit_down() -> None:
    given().run(at(7, sits_down), expect(7, bout_started), until(1000))


def test_a_break_ends_the_bout_at_the_stand_up_that_began_it() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        until(90000),
    )


def test_a_gap_does_not_end_the_bout_and_counts_into_its_duration() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(660, sits_down),
        expect(660, sat_back(away=60)),
        at(1000, stands_up),
        expect(1000, stood_up(bout=1000)),
        expect(1120, bout_ended(started=0, ended=1000, seated=940)),
    )


def test_time_off_the_seat_of_exactly_min_break_is_a_break() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(720, sits_down),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        expect(720, break_ended(pause=120), bout_started),
    )


def test_time_off_the_seat_one_microsecond_shorter_is_a_gap() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(719.999999, sits_down),
        expect(719.999999, sat_back(away=119.999999)),
        until(1000),
    )


def test_a_break_of_exactly_min_break_is_one_with_dwell_too() -> None:
    given(sit_dwell=2, stand_dwell=5, min_break=120).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(600, stands_up),
        expect(600, stood_up(bout=600), emitted_at=605),
        at(720, sits_down),
        expect(720, bout_ended(started=0, ended=600, seated=600)),
        expect(720, break_ended(pause=120), bout_started, emitted_at=722),
    )


def test_a_sit_down_still_in_its_dwell_when_min_break_is_over_makes_it_a_gap() -> None:
    given(sit_dwell=2, min_break=120).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(719, sits_down),
        expect(719, sat_back(away=119), emitted_at=721),
    )


def test_a_mere_touch_when_min_break_is_over_does_not_make_it_a_gap() -> None:
    given(sit_dwell=2, min_break=120).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(600, stands_up),
        expect(600, stood_up(bout=600)),
        at(719, sits_down),
        at(720.5, stands_up),
        at(721, sits_down),
        expect(720, bout_ended(started=0, ended=600, seated=600), emitted_at=720.5),
        expect(721, break_ended(pause=121), bout_started, emitted_at=723),
    )


def test_a_dwell_longer_than_min_break_still_makes_a_break() -> None:
    given(stand_dwell=30, min_break=10).run(
        *SEATED_AT_0,
        at(600, stands_up),
        expect(600, stood_up(bout=600), emitted_at=630),
        expect(610, bout_ended(started=0, ended=600, seated=600), emitted_at=630),
        at(700, sits_down),
        expect(700, break_ended(pause=100), bout_started),
    )


def test_the_break_is_measured_from_the_last_stand_up_of_the_bout() -> None:
    given(min_break=120).run(
        *SEATED_AT_0,
        at(100, stands_up),
        expect(100, stood_up(bout=100)),
        at(150, sits_down),
        expect(150, sat_back(away=50)),
        at(200, stands_up),
        expect(200, stood_up(bout=200)),
        expect(320, bout_ended(started=0, ended=200, seated=150)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=800), bout_started),
    )


def test_the_next_bout_starts_from_nothing() -> None:
    given(move_after=600, min_break=120, max_reminders=1).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600), sound, lamp_on),
        at(700, stands_up),
        expect(700, silence, lamp_off, stood_up(bout=700, response=100)),
        expect(820, bout_ended(started=0, ended=700, seated=700, reminders=1)),
        at(1000, sits_down),
        expect(1000, break_ended(pause=300), bout_started),
        at(1100, stands_up),
        expect(1100, stood_up(bout=100)),
        expect(1220, bout_ended(started=1000, ended=1100, seated=100)),
    )


# Due.


def test_a_bout_is_due_once_at_move_after() -> None:
    given(move_after=1800, repeat_every=9000).run(
        at(100, sits_down),
        expect(100, bout_started),
        expect(1900, move_due(bout=1800), sound, lamp_on),
        until(10000),
    )


def test_a_bout_is_not_due_at_the_very_instant_of_its_stand_up() -> None:
    given(move_after=1800).run(
        *SEATED_AT_0,
        at(1800, stands_up),
        expect(1800, stood_up(bout=1800)),
        expect(1920, bout_ended(started=0, ended=1800, seated=1800)),
    )


def test_a_stand_up_at_the_due_instant_is_in_time_though_it_has_yet_to_hold() -> None:
    given(stand_dwell=5, move_after=1800).run(
        *SEATED_AT_0,
        at(1800, stands_up),
        expect(1800, stood_up(bout=1800), emitted_at=1805),
        expect(1920, bout_ended(started=0, ended=1800, seated=1800)),
    )


def test_a_bout_that_would_be_due_in_a_gap_is_due_at_the_sit_down_that_ends_it() -> None:
    given(move_after=1800, min_break=120).run(
        *SEATED_AT_0,
        at(1790, stands_up),
        expect(1790, stood_up(bout=1790)),
        at(1850, sits_down),
        expect(1850, sat_back(away=60), move_due(bout=1850), sound, lamp_on),
    )


def test_a_bout_due_in_a_gap_is_due_at_the_edge_though_it_is_reported_later() -> None:
    given(sit_dwell=2, move_after=1800, min_break=120).run(
        at(0, sits_down),
        expect(0, bout_started, emitted_at=2),
        at(1790, stands_up),
        expect(1790, stood_up(bout=1790)),
        at(1850, sits_down),
        expect(1850, sat_back(away=60), move_due(bout=1850), sound, lamp_on, emitted_at=1852),
    )


def test_a_bout_due_at_the_very_instant_of_the_sit_down_is_due_then() -> None:
    given(move_after=1800, min_break=120).run(
        *SEATED_AT_0,
        at(1790, stands_up),
        expect(1790, stood_up(bout=1790)),
        at(1800, sits_down),
        expect(1800, sat_back(away=10), move_due(bout=1800), sound, lamp_on),
    )


def test_a_bout_that_would_be_due_in_a_break_never_is() -> None:
    given(move_after=1800, min_break=120).run(
        *SEATED_AT_0,
        at(1790, stands_up),
        expect(1790, stood_up(bout=1790)),
        at(1910, sits_down),
        expect(1910, bout_ended(started=0, ended=1790, seated=1790)),
        expect(1910, break_ended(pause=120), bout_started),
        expect(3710, move_due(bout=1800), sound, lamp_on),
    )


def test_a_touch_of_no_length_at_the_due_instant_does_not_make_a_bout_due() -> None:
    given(move_after=1800, min_break=120).run(
        *SEATED_AT_0,
        at(1790, stands_up),
        expect(1790, stood_up(bout=1790)),
        at(1850, sits_down, stands_up),
        expect(1850, sat_back(away=60), stood_up(bout=1850)),
        until(1900),
    )


def test_a_blip_across_the_due_instant_delays_the_sound_but_not_the_instant() -> None:
    given(stand_dwell=5, move_after=1800).run(
        *SEATED_AT_0,
        at(1799, stands_up),
        at(1803, sits_down),
        expect(1800, move_due(bout=1800), sound, lamp_on, emitted_at=1803),
    )


def test_a_stand_up_whose_dwell_covers_the_due_instant_is_not_due() -> None:
    given(stand_dwell=5, move_after=1800).run(
        *SEATED_AT_0,
        at(1799, stands_up),
        expect(1799, stood_up(bout=1799), emitted_at=1804),
        until(1900),
    )


def test_the_response_is_counted_from_the_due_instant_on_every_stand_up() -> None:
    given(move_after=600, repeat_every=9000).run(
        *SEATED_AT_0,
        expect(600, move_due(bout=600), sound, lamp_on),
        at(630, stands_up),
        expect(630, silence, lamp_off, stood_up(bout=630, response=30)),
        at(650, sits_down),
        expect(650, lamp_on, sat_back(away=20), back_too_soon(away=20, missing=100)),
        at(700, stands_up),
        expect(700, lamp_off, stood_up(bout=700, response=100)),
    )
