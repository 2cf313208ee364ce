"""The push button: a short press and a long one, told apart by time."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant

LONG_PRESS = timedelta(seconds=1)
"""From here on a press is a long one; it counts without waiting for the finger to leave."""


class Finger(Enum):
    """Where the finger is."""

    OFF = "off"
    ON = "on"
    STAYING = "staying"


class Signal(Enum):
    """What the button, or the time since it was pressed, says."""

    PRESSED = "pressed"
    RELEASED = "released"
    LONG_OVER = "long press over"


class Press(Enum):
    """What a person meant."""

    SHORT = "short"
    LONG = "long"


TABLE: dict[tuple[Finger, Signal], tuple[Finger, Press | None]] = {
    (Finger.OFF, Signal.PRESSED): (Finger.ON, None),
    (Finger.ON, Signal.RELEASED): (Finger.OFF, Press.SHORT),
    (Finger.ON, Signal.LONG_OVER): (Finger.STAYING, Press.LONG),
    (Finger.STAYING, Signal.RELEASED): (Finger.OFF, None),
}


@dataclass(frozen=True, slots=True)
class Button:
    """The state of the button; ``since`` is when it was pressed, None while it is not."""

    finger: Finger = Finger.OFF
    since: Instant | None = None


def step(button: Button, signal: Signal, at: Instant) -> tuple[Button, Press | None]:
    """The button after a signal at an instant, and the press that it completed."""
    row = TABLE.get((button.finger, signal))
    if row is None:
        return button, None
    finger, press = row
    return Button(finger, at if finger is Finger.ON else None), press


def long_at(button: Button) -> Instant | None:
    """When the press under way becomes a long one, None when there is none."""
    return None if button.since is None else button.since + LONG_PRESS
