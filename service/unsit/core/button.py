"""Push button: tells short presses from long ones.

A release that was not heard must not make a long press, which starts a hold of hours. So the pin is
read before a long press counts.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant

LONG_PRESS = timedelta(seconds=1)
"""A press of this length is a long one, and counts at once, before the button is released."""


class ButtonState(Enum):
    """State of the button.

    READING: down for as long as a long press, as far as was heard; the pin is being read. STAYING:
    held down after a long press has counted.
    """

    OFF = "off"
    ON = "on"
    READING = "reading"
    STAYING = "staying"


class ButtonSignal(Enum):
    """Edge of the button, the end of the time for a short press, or the level that was read."""

    PRESSED = "pressed"
    RELEASED = "released"
    LONG_OVER = "long press over"
    READ_PRESSED = "read: pressed"
    READ_RELEASED = "read: release not heard"


class Press(Enum):
    """Complete press."""

    SHORT = "short"
    LONG = "long"


TABLE: dict[tuple[ButtonState, ButtonSignal], tuple[ButtonState, Press | None]] = {
    (ButtonState.OFF, ButtonSignal.PRESSED): (ButtonState.ON, None),
    (ButtonState.ON, ButtonSignal.RELEASED): (ButtonState.OFF, Press.SHORT),
    (ButtonState.ON, ButtonSignal.LONG_OVER): (ButtonState.READING, None),
    (ButtonState.READING, ButtonSignal.READ_PRESSED): (ButtonState.STAYING, Press.LONG),
    (ButtonState.READING, ButtonSignal.READ_RELEASED): (ButtonState.OFF, Press.SHORT),
    (ButtonState.READING, ButtonSignal.RELEASED): (ButtonState.OFF, Press.LONG),
    (ButtonState.STAYING, ButtonSignal.RELEASED): (ButtonState.OFF, None),
}


@dataclass(frozen=True, slots=True)
class Button:
    """Button. since: when a press began that may still become a long one, None for none."""

    state: ButtonState = ButtonState.OFF
    since: Instant | None = None


def step_button(button: Button, signal: ButtonSignal, at: Instant) -> tuple[Button, Press | None]:
    """Return the button after a signal, and the press that the signal completes."""
    row = TABLE.get((button.state, signal))
    if row is None:
        return button, None
    state, press = row
    return Button(state, at if state is ButtonState.ON else None), press


def long_press_at(button: Button) -> Instant | None:
    """Return when the press under way becomes a long one, None if it cannot."""
    return None if button.since is None else button.since + LONG_PRESS
