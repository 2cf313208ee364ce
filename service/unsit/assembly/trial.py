"""Parts tried one by one, without a chair: does it sound, does it light, what changes."""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from gpiozero import LED, DigitalInputDevice

from unsit.assembly.devices import open_device
from unsit.settings.model import BuzzerSettings
from unsit_firmware import PATTERNS, ActiveBuzzer, PassiveBuzzer
from unsit_firmware.patterns import length

TWO_BEEPS = "double"


def kinds_of_buzzer(first: BuzzerSettings) -> list[BuzzerSettings]:
    """What a buzzer at this pin can be, the likeliest first."""
    kinds = [
        replace(first, kind="active", active_high=True),
        replace(first, kind="passive", active_high=True),
        replace(first, kind="active", active_high=False),
    ]
    return [first, *(kind for kind in kinds if kind != first)]


def sound(buzzer: BuzzerSettings, pins: Any) -> None:
    """Two short beeps; returns when they are over. Raises PinError."""
    kind = PassiveBuzzer if buzzer.kind == "passive" else ActiveBuzzer
    pin = open_device(
        "buzzer.pin", buzzer.pin, kind, active_high=buzzer.active_high, pin_factory=pins
    )
    with pin:
        pin.play(TWO_BEEPS)
        threading.Event().wait(length(PATTERNS[TWO_BEEPS]))


class Light:
    """A LED that is lit while its block lasts. Raises PinError."""

    def __init__(self, pin: int, pins: Any) -> None:
        self._led = open_device("led.pin", pin, LED, initial_value=True, pin_factory=pins)

    def __enter__(self) -> "Light":
        return self

    def __exit__(self, *_: object) -> None:
        self._led.close()


class Contacts:
    """Contacts to ground at many pins, to see which change; inputs with a pull-up, given back.

    numbers: BCM; one that cannot be used is left out.
    """

    def __init__(self, numbers: Iterable[int], pins: Any) -> None:
        self._open = ExitStack()
        self._inputs: dict[int, Any] = {}
        for number in numbers:
            try:
                device = open_device(
                    "pin", number, DigitalInputDevice, pull_up=True, pin_factory=pins
                )
            except OSError:
                continue
            self._inputs[number] = self._open.enter_context(device)

    def __enter__(self) -> "Contacts":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def closed(self) -> dict[int, bool]:
        """For each pin whether its contact is closed now."""
        return {number: bool(device.is_active) for number, device in self._inputs.items()}
