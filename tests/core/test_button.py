"""The button: a short press and a long one, and nothing else that a finger can do."""

from itertools import product

import pytest

from timeline import (
    at,
    expect,
    finger_off,
    finger_on,
    given,
    hold_ended,
    hold_started,
    holds,
    sec,
    until,
)
from unsit.core import button
from unsit.core.button import Button, Finger, Press, Signal

BUTTONS = {
    Finger.OFF: Button(),
    Finger.ON: Button(Finger.ON, since=sec(1)),
    Finger.STAYING: Button(Finger.STAYING),
}
MOVES = {
    (Finger.OFF, Signal.PRESSED): (Finger.ON, None),
    (Finger.ON, Signal.RELEASED): (Finger.OFF, Press.SHORT),
    (Finger.ON, Signal.LONG_OVER): (Finger.STAYING, Press.LONG),
    (Finger.STAYING, Signal.RELEASED): (Finger.OFF, None),
}


@pytest.mark.parametrize(("finger", "signal"), MOVES)
def test_a_signal_moves_the_finger(finger: Finger, signal: Signal) -> None:
    after, press = button.step(BUTTONS[finger], signal, sec(2))
    assert (after.finger, press) == MOVES[finger, signal]


@pytest.mark.parametrize(
    ("finger", "signal"), [move for move in product(Finger, Signal) if move not in MOVES]
)
def test_any_other_signal_changes_nothing(finger: Finger, signal: Signal) -> None:
    assert button.step(BUTTONS[finger], signal, sec(2)) == (BUTTONS[finger], None)


def test_every_place_of_the_finger_is_reachable() -> None:
    reached = {Button().finger}
    for _ in Finger:
        reached |= {
            button.step(BUTTONS[f], s, sec(2))[0].finger for f, s in product(reached, Signal)
        }
    assert reached == set(Finger)


@pytest.mark.parametrize(("finger", "signal"), MOVES)
def test_a_press_can_become_long_only_while_the_finger_is_on(
    finger: Finger, signal: Signal
) -> None:
    after, _ = button.step(BUTTONS[finger], signal, sec(2))
    assert button.long_at(after) == (sec(3) if after.finger is Finger.ON else None)


def test_a_long_press_counts_after_a_second_though_the_finger_stays() -> None:
    given().live(
        at(5, finger_on),
        expect(6, hold_started("button")),
        at(60, finger_off),
        until(600),
    )


def test_a_press_of_exactly_a_second_is_a_long_one() -> None:
    given().live(at(5, finger_on), at(6, finger_off), expect(6, hold_started("button")))


def test_a_press_one_microsecond_shorter_is_a_short_one() -> None:
    given().live(at(5, finger_on), at(5.999999, finger_off), until(600))


def test_a_bouncing_contact_does_not_start_the_press_again() -> None:
    given().live(at(5, finger_on), at(5.9, finger_on), expect(6, hold_started("button")))


def test_the_next_long_press_ends_the_hold() -> None:
    given().live(
        at(5, finger_on),
        expect(6, hold_started("button")),
        at(7, finger_off),
        at(10, finger_on),
        expect(11, hold_ended("button")),
        at(12, finger_off),
        until(600),
    )


def test_a_long_press_ends_a_hold_that_came_from_elsewhere() -> None:
    given().live(
        at(0, holds(until=900, reason="a meeting")),
        expect(0, hold_started("a meeting")),
        at(10, finger_on),
        expect(11, hold_ended("button")),
        until(1000),
    )
