"""A mat's contact: when it cannot be believed, and when it can again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import sec
from unsit.core.chair import Fault
from unsit.core.inputs import Pressed, Released, SensorFailed, SensorWorks
from unsit.core.instant import Instant
from unsit.core.mat import CONTRADICTIONS, FLAPS, MAX_PLAUSIBLE_BOUT, Happening, Mat, Reason

HOUR = 3600


def mat_from(seconds: float = 0, *, pressed: bool = False) -> Mat:
    mat = Mat()
    mat.start(pressed, sec(seconds), None)
    return mat


def flap(mat: Mat, *, since: float, times: int, every: float = 0.5) -> list[Happening]:
    """Changes as often, and what was said last."""
    said: list[Happening] = []
    for nth in range(times):
        said = mat.feel(nth % 2 == 0, sec(since + nth * every))
    return said


def test_the_level_at_the_start_and_every_edge_are_told() -> None:
    mat = Mat()
    assert mat.start(True, sec(5), None) == [(Pressed(), sec(5))]
    assert mat.feel(False, sec(9)) == [(Released(), sec(9))]
    assert mat.feel(True, sec(11)) == [(Pressed(), sec(11))]


def test_a_mat_that_is_pressed_for_too_long_without_a_flicker_is_stuck() -> None:
    mat = mat_from(pressed=True)
    limit = MAX_PLAUSIBLE_BOUT
    assert mat.pass_time(limit - sec(1)) == []
    assert mat.pass_time(limit) == [(SensorFailed("stuck"), limit)]
    assert mat.deadline is None
    assert mat.feel(False, limit + sec(60)) == [(SensorWorks("stuck", False), limit + sec(60))]
    assert mat.fault is None


def test_one_flicker_is_a_sign_of_life() -> None:
    mat = mat_from(pressed=True)
    mat.feel(False, sec(15 * HOUR))
    mat.feel(True, sec(15 * HOUR + 0.01))
    assert mat.deadline == sec(15 * HOUR + 0.01) + MAX_PLAUSIBLE_BOUT
    assert mat.pass_time(MAX_PLAUSIBLE_BOUT) == []


def test_an_empty_seat_may_be_empty_for_ever() -> None:
    mat = mat_from()
    assert mat.deadline is None
    assert mat.pass_time(sec(1000 * HOUR)) == []


def test_a_contact_that_changes_faster_than_a_body_is_flapping() -> None:
    mat = mat_from()
    assert flap(mat, since=10, times=FLAPS - 1)[0][0] != SensorFailed("flapping")
    at = sec(10 + (FLAPS - 1) * 0.5)
    assert mat.feel(False, at) == [(SensorFailed("flapping"), at)]
    assert mat.feel(True, at + sec(1)) == []


def test_a_flapping_contact_is_believed_when_a_level_has_held_for_a_minute() -> None:
    mat = mat_from()
    flap(mat, since=0, times=FLAPS + 1)
    last = sec(FLAPS * 0.5)
    assert mat.deadline == last + sec(60)
    assert mat.pass_time(last + sec(59)) == []
    assert mat.pass_time(last + sec(60)) == [(SensorWorks("flapping", True), last + sec(60))]
    assert flap(mat, since=1000, times=FLAPS - 1)[0][0] == Pressed()


def test_as_many_changes_as_a_body_makes_are_none() -> None:
    """A restless sleeper's 56 a minute are the most in real recordings."""
    mat = mat_from()
    flap(mat, since=0, times=600, every=60 / 56)
    assert mat.fault is None


def reread(mat: Mat, *agrees: bool) -> list[Happening]:
    said: list[Happening] = []
    for nth, one in enumerate(agrees):
        said += mat.reread(agrees=one, at=sec(60 * nth))
    return said


def test_a_pin_that_is_not_as_its_edges_say_again_and_again_is_contradictory() -> None:
    mat = mat_from()
    assert reread(mat, False, True, False, True, True) == []
    assert reread(mat, False) == [(SensorFailed("contradictory"), sec(0))]
    assert mat.feel(True, sec(10)) == []
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
def test_a_fault_from_before_a_restart_goes_on_as_long_as_it_can(
    reason: str, pressed: bool, goes_on: bool
) -> None:
    mat = Mat()
    said = mat.start(pressed, sec(100), Fault(reason, sec(50)))
    assert said == ([] if goes_on else [(SensorWorks(reason, pressed), sec(100))])
    assert (mat.fault is not None) is goes_on


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["edge", "reread", "wait"]))))
def test_faults_and_recoveries_take_turns(steps: list[tuple[float, str]]) -> None:
    mat, now, pressed = mat_from(), sec(0), False
    at_fault = False
    for lapse, what in steps:
        now += timedelta(seconds=lapse)
        if what == "edge":
            pressed = not pressed
            said = mat.feel(pressed, now)
        elif what == "reread":
            said = mat.reread(agrees=lapse > 50, at=now)
        else:
            said = mat.pass_time(now)
        at_fault = follow(said, at_fault, pressed, now)
    assert at_fault is (mat.fault is not None)


def follow(said: list[Happening], at_fault: bool, pressed: bool, now: Instant) -> bool:
    """Whether the mat is at fault after what it said; each must make sense where it comes."""
    for one, at in said:
        assert at == now
        match one:
            case SensorFailed():
                assert not at_fault
                assert one.reason in {reason.value for reason in Reason}
                at_fault = True
            case SensorWorks():
                assert at_fault
                assert one.pressed is pressed
                at_fault = False
            case _:
                assert not at_fault
    return at_fault
