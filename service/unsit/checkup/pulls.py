"""What a pin does under the pulls that a Raspberry Pi can give it."""

import threading
from typing import Any

from gpiozero import DigitalInputDevice, PinFixedPull

from unsit.assembly.devices import open_device
from unsit.assembly.errors import PinError

SETTLE = 0.02
"""Seconds that a pull of 50 kohm gets for the 100 nF of a noise filter: 4 times their product."""

LOOKS = 20
APART = 0.01
"""Seconds between two looks at a pin that may be floating."""

ROUNDS = 3


def levels_of(key: str, pin: int, pins: Any, *, pull_up: bool, looks: int = LOOKS) -> list[bool]:
    """The levels that are found one after the other. Raises PinError."""
    device = open_device(key, pin, DigitalInputDevice, pull_up=pull_up, pin_factory=pins)
    pause = threading.Event()
    with device:
        pause.wait(SETTLE)
        levels = []
        for _ in range(looks):
            levels.append(bool(device.pin.state))
            pause.wait(APART)
    return levels


def follows_a_pull_down(key: str, pin: int, pins: Any) -> bool:
    """Whether a pin that is pulled down is low; True where the board itself pulls it up."""
    try:
        return not levels_of(key, pin, pins, pull_up=False, looks=1)[-1]
    except PinError as error:
        if isinstance(error.__cause__, PinFixedPull):
            return True
        raise


def is_undriven(key: str, pin: int, pins: Any) -> bool:
    """Whether nothing but the pulls decides what a pin's level is: nothing is wired to it."""
    return all(
        levels_of(key, pin, pins, pull_up=True, looks=1)[-1] and follows_a_pull_down(key, pin, pins)
        for _ in range(ROUNDS)
    )
