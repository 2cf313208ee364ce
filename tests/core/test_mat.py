"""The mat's contact: faults and recoveries."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from support.chair_run import MatRun
from support.examples import examples
from support.timeline import BRIDGE, STRETCH, given, sec
from unsit.core.chair import ActiveFault
from unsit.core.events import BoutStarted
from unsit.core.inputs import Pressed, Released, SensorFailed, SensorWorks
from unsit.core.instant import ZERO, Instant
from unsit.core.mat import (
    CALM_MAX,
    CONTRADICTIONS,
    EVENTS_MAX,
    FLAPPING_CHANGES,
    FULL_DWELL_MAX,
    FULL_DWELL_MIN,
    MAX_PLAUSIBLE_BOUT,
    RESTLESS_DWELL,
    RESTLESS_EVENTS,
    UNSETTLED_AFTER,
    Mat,
    MatFault,
    MatInput,
)
from unsit.core.programme import Programme
from unsit.core.rules import Rules

HOUR = 3600


def mat_from(seconds: float = 0, *, pressed: bool = False) -> Mat:
    mat = Mat()
    mat.start(pressed, sec(seconds), None)
    return mat


def flap(mat: Mat, *, since: float, times: int, every: float = 0.5) -> list[MatInput]:
    """Change the contact ``times`` times and return the inputs of the last change."""
    emitted: list[MatInput] = []
    for nth in range(times):
        emitted = mat.handle_edge(nth % 2 == 0, sec(since + nth * every))
    return emitted


def test_the_level_at_the_start_and_every_edge_are_reported() -> None:
    mat = Mat()
    assert mat.start(True, sec(5), None) == [(Pressed(), sec(5))]
    assert mat.handle_edge(False, sec(9)) == [(Released(), sec(9))]
    assert mat.handle_edge(True, sec(11)) == [(Pressed(), sec(11))]


def test_a_mat_that_is_pressed_for_too_long_without_a_flicker_is_stuck() -> None:
    mat = mat_from(pressed=True)
    limit = MAX_PLAUSIBLE_BOUT
    assert mat.pass_time(limit - sec(1)) == []
    assert mat.pass_time(limit) == [(SensorFailed("stuck"), limit)]
    assert mat.deadline is None
    assert mat.handle_edge(False, limit + sec(60)) == [
        (SensorWorks("stuck", False), limit + sec(60))
    ]
    assert mat.fault is None


def test_one_flicker_shows_that_the_mat_works() -> None:
    mat = mat_from(pressed=True)
    mat.handle_edge(False, sec(15 * HOUR))
    mat.handle_edge(True, sec(15 * HOUR + 0.01))
    assert mat.deadline == sec(15 * HOUR + 0.01) + MAX_PLAUSIBLE_BOUT
    assert mat.pass_time(MAX_PLAUSIBLE_BOUT) == []


def test_an_empty_seat_is_never_stuck() -> None:
    mat = mat_from()
    assert mat.deadline is None
    assert mat.pass_time(sec(1000 * HOUR)) == []


def test_a_contact_that_changes_faster_than_a_body_is_flapping() -> None:
    mat = mat_from()
    assert flap(mat, since=10, times=FLAPPING_CHANGES - 1)[0][0] != SensorFailed("flapping")
    at = sec(10 + (FLAPPING_CHANGES - 1) * 0.5)
    assert mat.handle_edge(False, at) == [(SensorFailed("flapping"), at)]
    assert mat.handle_edge(True, at + sec(1)) == []


def test_a_flapping_contact_is_believed_when_a_level_has_held_for_a_minute() -> None:
    mat = mat_from()
    flap(mat, since=0, times=FLAPPING_CHANGES + 1)
    last = sec(FLAPPING_CHANGES * 0.5)
    assert mat.deadline == last + sec(60)
    assert mat.pass_time(last + sec(59)) == []
    assert mat.pass_time(last + sec(60)) == [(SensorWorks("flapping", True), last + sec(60))]
    assert flap(mat, since=1000, times=FLAPPING_CHANGES - 1)[0][0] == Pressed()


def test_as_many_changes_as_a_body_makes_are_no_fault() -> None:
    """The most changes in real recordings are a restless sleeper's 56 a minute."""
    mat = mat_from()
    for burst in range(10):
        flap(mat, since=burst * 120, times=56, every=60 / 56)
    assert mat.fault is None


@pytest.mark.parametrize(
    ("on", "off"), [(1.2, 0.2), (1.9, 0.5), (0.7, 0.7), (1, 1), (0.3, 4), (1.9, 4.9)]
)
def test_a_contact_none_of_whose_levels_holds_is_unsettled(on: float, off: float) -> None:
    mat, second = mat_from(), 0.0
    while mat.fault is None:
        mat.handle_edge(True, sec(second))
        mat.handle_edge(False, sec(second + on))
        second += on + off
    assert mat.fault is MatFault.UNSETTLED
    assert sec(second) - UNSETTLED_AFTER < sec(2 * (on + off))


def test_a_level_that_holds_for_its_dwell_now_and_then_settles_the_mat() -> None:
    mat = mat_from()
    for minute in range(60):
        flap(mat, since=minute * 60, times=40, every=1)
    assert mat.fault is None


def test_the_calm_that_ends_a_fault_doubles_with_each_fault_within_an_hour() -> None:
    mat, second, waits = mat_from(), 0.0, []
    for _ in range(7):
        flap(mat, since=second, times=FLAPPING_CHANGES + 1, every=0.1)
        last = second + FLAPPING_CHANGES * 0.1
        assert mat.deadline is not None
        waits.append((mat.deadline - sec(last)).total_seconds() / 60)
        mat.pass_time(mat.deadline)
        second = last + waits[-1] * 60
    assert waits == [1, 2, 4, 8, 8, 8, 8]
    flap(mat, since=second + 4000, times=FLAPPING_CHANGES + 1, every=0.1)
    assert mat.deadline == sec(second + 4000 + FLAPPING_CHANGES * 0.1 + 60)


def test_after_many_events_within_an_hour_a_level_must_hold_for_longer() -> None:
    mat = mat_from()
    assert mat.handle_edge(True, sec(1)) == [(Pressed(), sec(1))]
    mat.count_events([BoutStarted(sec(1))] * RESTLESS_EVENTS, sec(1))
    assert mat.handle_edge(False, sec(20)) == [(Released(RESTLESS_DWELL), sec(20))]
    mat.count_events([BoutStarted(sec(20))] * (EVENTS_MAX - RESTLESS_EVENTS), sec(20))
    assert mat.handle_edge(True, sec(40)) == [(Pressed(FULL_DWELL_MAX), sec(40))]
    assert mat.handle_edge(False, sec(3500)) == [(Released(FULL_DWELL_MIN), sec(3500))]
    assert mat.handle_edge(True, sec(3602)) == [(Pressed(), sec(3602))]


def test_a_dwell_of_zero_stays_zero_and_then_no_contact_is_unsettled() -> None:
    mat = Mat(rules=Rules(sit_dwell=ZERO, stand_dwell=ZERO))
    mat.count_events([BoutStarted(sec(1))] * EVENTS_MAX, sec(1))
    flap(mat, since=2, times=1000, every=1)
    assert mat.fault is None
    assert mat.handle_edge(True, sec(1100)) == [(Pressed(), sec(1100))]


def chattering(
    run: MatRun, rate: float, duty: float, *, since: float, hours: float, chance: Random
) -> float:
    """Change the contact ``rate`` times a minute, at random or, with no chance, regularly."""
    end = since + hours * HOUR
    while since < end:
        for pressed, share in ((True, duty), (False, 1 - duty)):
            run.edge(pressed, sec(since))
            length = 120 / rate * share
            since += chance.expovariate(1 / length) if chance.random() < 0.5 else length
    return since


EXERCISES = Programme((STRETCH, BRIDGE))


@examples(40)
@for_any(
    rate=st.sampled_from([1, 1.3, 2, 3, 5, 8, 12, 20, 40, 70, 99, 120, 600]),
    duty=st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.7, 0.86, 0.95]),
    dwell=st.sampled_from([(2, 5), (0.5, 1), (10, 30)]),
    seed=st.integers(0, 2**32),
)
def test_a_contact_causes_at_most_60_events_in_an_hour_whatever_it_does(
    rate: float, duty: float, dwell: tuple[float, float], seed: int
) -> None:
    rules = given(sit_dwell=dwell[0], stand_dwell=dwell[1]).rules
    run, chance = MatRun(rules, EXERCISES), Random(seed)
    second = 0.0
    while second < 5 * HOUR:
        hours = min(3.0, 500 / rate / 60)
        second = chattering(run, rate, duty, since=second, hours=hours, chance=chance)
        at_fault = run.chair.fault is not None
        assert at_fault is (run.mat.fault is not None)
        rate = chance.choice([rate, 1.5, 4, 30, 200])
    instants = [when for when, _ in run.events]
    for nth, when in enumerate(instants[60:]):
        assert when - instants[nth] > sec(HOUR)

    level = chance.random() < 0.5
    run.edge(level, sec(second))
    run.pass_time(sec(second) + CALM_MAX + sec(1))
    assert run.chair.fault is None
    assert run.chair.seat.seated is level


def reread(mat: Mat, *agrees: bool) -> list[MatInput]:
    emitted: list[MatInput] = []
    for nth, is_same in enumerate(agrees):
        emitted += mat.reread(agrees=is_same, at=sec(60 * nth))
    return emitted


def test_a_pin_that_repeatedly_disagrees_with_its_edges_is_contradictory() -> None:
    mat = mat_from()
    assert reread(mat, False, True, False, True, True) == []
    assert reread(mat, False) == [(SensorFailed("contradictory"), sec(0))]
    assert mat.handle_edge(True, sec(10)) == []
    assert reread(mat, True, True, True, True) == []
    assert reread(mat, True) == [(SensorWorks("contradictory", True), sec(0))]


def test_an_edge_lost_now_and_then_is_no_fault() -> None:
    mat = mat_from()
    for _ in range(20):
        assert reread(mat, False, *([True] * 5)) == []
    assert CONTRADICTIONS == 3


@pytest.mark.parametrize(
    ("reason", "pressed", "goes_on"),
    [
        ("stuck", True, True),
        ("stuck", False, False),
        ("flapping", True, True),
        ("contradictory", False, True),
        ("saturated", True, False),
    ],
)
def test_a_fault_from_before_a_restart_lasts_until_the_mat_disproves_it(
    reason: str, pressed: bool, goes_on: bool
) -> None:
    mat = Mat()
    emitted = mat.start(pressed, sec(100), ActiveFault(reason, sec(50)))
    assert emitted == ([] if goes_on else [(SensorWorks(reason, pressed), sec(100))])
    assert (mat.fault is not None) is goes_on


@for_any(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["edge", "reread", "wait"]))))
def test_faults_and_recoveries_take_turns(steps: list[tuple[float, str]]) -> None:
    mat, now, pressed = mat_from(), sec(0), False
    at_fault = False
    for lapse, step in steps:
        now += timedelta(seconds=lapse)
        if step == "edge":
            pressed = not pressed
            emitted = mat.handle_edge(pressed, now)
        elif step == "reread":
            emitted = mat.reread(agrees=lapse > 50, at=now)
        else:
            emitted = mat.pass_time(now)
        at_fault = follow(emitted, at_fault, pressed, now)
    assert at_fault is (mat.fault is not None)


def follow(emitted: list[MatInput], at_fault: bool, pressed: bool, now: Instant) -> bool:
    """Return whether the mat is at fault after its inputs, and check their order."""
    for given_input, at in emitted:
        assert at == now
        match given_input:
            case SensorFailed():
                assert not at_fault
                assert given_input.reason in {reason.value for reason in MatFault}
                at_fault = True
            case SensorWorks():
                assert at_fault
                assert given_input.pressed is pressed
                at_fault = False
            case _:
                assert not at_fault
    return at_fault
