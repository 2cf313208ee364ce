"""Program that runs on the fake chip and drives it; the script "selftest" starts it."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from gpiozero import Button, Buzzer, Device

from unsit_firmware.converters import Reading
from unsit_firmware.converters.hx711 import HX711

BUTTON, BUZZER, DATA, CLOCK = 17, 18, 5, 6
TIMEOUT_S = 60.0


class Hands:
    """The outside world of the chip: what is connected to its lines."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("")  # an address of the kernel's choice, for the replies

    def send(self, command: str) -> None:
        """Send a command to the chip."""
        self._socket.sendto(command.encode(), os.environ["FAKEGPIO_SOCK"])

    def status(self) -> dict[str, Any]:
        """Return the chip's lines and counters."""
        self.send("S")
        return dict(json.loads(self._socket.recv(4096)))


def becomes_true(condition: Callable[[], object]) -> bool:
    """Wait until a condition holds; return whether it does."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def button_works(hands: Hands) -> bool:
    """Press a button and let it go."""
    seen: list[str] = []
    with Button(BUTTON) as button:
        button.when_pressed = lambda: seen.append("pressed")
        button.when_released = lambda: seen.append("released")
        hands.send(f"L {BUTTON} 0")
        hands.send(f"L {BUTTON} 1")
        return becomes_true(lambda: seen == ["pressed", "released"])


def buzzer_works(hands: Hands) -> bool:
    """Switch a buzzer on and off."""
    with Buzzer(BUZZER) as buzzer:
        levels = []
        for switch in (buzzer.on, buzzer.off):
            switch()
            levels.append(hands.status()["lines"][str(BUZZER)])
    return levels == ["out1", "out0"]


def load_cell_works(hands: Hands) -> bool:
    """Read a number from an HX711; a slow clock pulse costs a reading, and never falsifies one."""
    hands.send(f"H {DATA} {CLOCK} -654321 80")
    with HX711(DATA, CLOCK, rate=80) as cell:

        def number_is_read() -> bool:
            reading = cell.read()
            return isinstance(reading, Reading) and reading.raw == -654321

        return becomes_true(number_is_read)


def main() -> int:
    """Run all checks; return the exit status."""
    hands = Hands()
    Device.ensure_pin_factory()  # opens the chip, which then listens
    becomes_true(lambda: os.path.exists(os.environ["FAKEGPIO_SOCK"]))
    status = 0
    for name, works in (
        ("a button is pressed and released", button_works),
        ("a buzzer is switched on and off", buzzer_works),
        ("an HX711 is read", load_cell_works),
    ):
        ok = works(hands)
        print("ok     " if ok else "FAILED ", name)
        status |= not ok
    return status


if __name__ == "__main__":
    sys.exit(main())
