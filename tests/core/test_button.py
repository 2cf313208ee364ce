"""The button: short and long presses; bounces change neither."""

from itertools import product

import pytest

from support.chair_run import ChairRun
from support.timeline import *
from unsit.core import button
from unsit.core.button import Button, ButtonSignal, ButtonState, Press

BUTTONS = {
    ButtonState.OFF: Button(),
    ButtonState.ON: Button(ButtonState.ON, since=sec(1)),
    ButtonState.READING: Button(ButtonState.READING),
    ButtonState.STAYING: Button(ButtonState.STAYING),
}
MOVES = {
    (ButtonState.OFF, ButtonSignal.PRESSED): (ButtonState.ON, None),
    (ButtonState.ON, ButtonSignal.RELEASED): (ButtonState.OFF, Press.SHORT),
    (ButtonState.ON, ButtonSignal.LONG_OVER): (ButtonState.READING, None),
    (ButtonState.READING, ButtonSignal.READ_PRESSED): (ButtonState.STAYING, Press.LONG),
    (ButtonState.READING, ButtonSignal.READ_RELEASED): (ButtonState.OFF, Press.SHORT),
    (ButtonState.READING, ButtonSignal.RELEASED): (ButtonState.OFF, Press.LONG),
    (ButtonState.STAYING, ButtonSignal.RELEASED): (ButtonState.OFF, None),
}


@pytest.mark.parametrize(("state", "signal"), MOVES)
def test_a_signal_changes_the_button_state(state: ButtonState, signal: ButtonSignal) -> None:
    after, press = button.step_button(BUTTONS[state], signal, sec(2))
    assert (after.state, press) == MOVES[state, signal]


@pytest.mark.parametrize(
    ("state", "signal"), [move for move in product(ButtonState, ButtonSignal) if move not in MOVES]
)
def test_any_other_signal_changes_nothing(state: ButtonState, signal: ButtonSignal) -> None:
    assert button.step_button(BUTTONS[state], signal, sec(2)) == (BUTTONS[state], None)


def test_every_button_state_is_reachable() -> None:
    reached = {Button().state}
    for _ in ButtonState:
        reached |= {
            button.step_button(BUTTONS[f], s, sec(2))[0].state
            for f, s in product(reached, ButtonSignal)
        }
    assert reached == set(ButtonState)


@pytest.mark.parametrize(("state", "signal"), MOVES)
def test_a_press_can_become_long_only_while_the_button_is_pressed(
    state: ButtonState, signal: ButtonSignal
) -> None:
    after, _ = button.step_button(BUTTONS[state], signal, sec(2))
    assert button.long_press_at(after) == (sec(3) if after.state is ButtonState.ON else None)


def test_a_long_press_counts_after_a_second_though_the_button_stays_pressed() -> None:
    given().run(
        at(5, presses_button),
        expect(6, hold_started("button")),
        at(60, releases_button),
        until(600),
    )


def test_a_press_of_exactly_a_second_is_a_long_one() -> None:
    given().run(at(5, presses_button), at(6, releases_button), expect(6, hold_started("button")))


def test_a_press_one_microsecond_shorter_is_a_short_one() -> None:
    given().run(at(5, presses_button), at(5.999999, releases_button), until(600))


def test_a_press_whose_release_was_not_heard_is_a_short_one_and_starts_no_hold() -> None:
    run = ChairRun(given(move_after=600).rules)
    run.feed(sits_down, sec(0))
    run.tick_through(sec(600))
    run.feed(presses_button, sec(610))
    run.button_down = False
    run.tick_through(sec(700))
    assert not run.chair.held
    assert run.chair.reminders.snoozes == 1


def test_a_release_that_comes_late_still_ends_a_long_press() -> None:
    run = ChairRun(given().rules)
    run.feed(presses_button, sec(5))
    run.feed(releases_button, sec(6.2))
    assert run.chair.held


def test_a_bouncing_contact_does_not_start_the_press_again() -> None:
    given().run(at(5, presses_button), at(5.9, presses_button), expect(6, hold_started("button")))


def test_the_next_long_press_ends_the_hold() -> None:
    given().run(
        at(5, presses_button),
        expect(6, hold_started("button")),
        at(7, releases_button),
        at(10, presses_button),
        expect(11, hold_ended("button")),
        at(12, releases_button),
        until(600),
    )


def test_a_long_press_ends_a_hold_that_came_from_elsewhere() -> None:
    given().run(
        at(0, starts_hold(until=900, reason="a meeting")),
        expect(0, hold_started("a meeting")),
        at(10, presses_button),
        expect(11, hold_ended("button")),
        until(1000),
    )
