"""Control of the lines of a GPIO chip: a fake one in this process, or gpio-sim in the kernel.

``UNSIT_TEST_CHIP`` names the chip: ``fake``, if this process runs on the preloaded fake chip (see
``fake_chip``), or ``kernel``, if the kernel has gpio-sim behind the header. ``UNSIT_TEST_PINS``
names gpiozero's back end on it: ``gpiod`` or ``lgpio``; a process can have only one.
"""

import json
import os
import socket
import threading
from functools import cache
from pathlib import Path
from typing import Protocol

from support.mosquitto import until

CHIP = os.environ.get("UNSIT_TEST_CHIP", "")
PINS = os.environ.get("UNSIT_TEST_PINS", "")


class ChipControl(Protocol):
    """Wires and level meter at the lines of a chip."""

    def change(self, line: int, to_ground: bool) -> None:
        """Wire a line to ground, or to nothing, so that its pull-up holds it high."""

    def connect(self, line: int, to_ground: bool) -> None:
        """Do the same, and return when the chip has reported the edge."""

    def is_high(self, line: int) -> bool:
        """Return the level of a line."""


class FakeChip:
    """Fake chip of this process in place of /dev/gpiochip0."""

    def __init__(self) -> None:
        self._chip = os.environ["FAKEGPIO_SOCK"]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("")  # the kernel chooses the address for the replies
        until(Path(self._chip).exists, "the fake chip listens")

    def change(self, line: int, to_ground: bool) -> None:
        self._socket.sendto(f"L {line} {int(not to_ground)}".encode(), self._chip)

    def connect(self, line: int, to_ground: bool) -> None:
        self.change(line, to_ground)
        self._lines()  # the chip answers in order, so the line has changed

    def is_high(self, line: int) -> bool:
        return self._lines().get(str(line), "nobody's").endswith("1")

    def _lines(self) -> dict[str, str]:
        self._socket.sendto(b"S", self._chip)
        lines: dict[str, str] = json.loads(self._socket.recv(65536))["lines"]
        return lines


class KernelChip:
    """gpio-sim chip behind the header in the kernel of a guest."""

    def __init__(self) -> None:
        [self._chip] = {
            path.parent.resolve() for path in Path("/sys/bus/gpio/devices").glob("*/sim_gpio27")
        }
        self._ticks = threading.Event()

    def change(self, line: int, to_ground: bool) -> None:
        pull = "pull-down" if to_ground else "pull-up"
        (self._chip / f"sim_gpio{line}" / "pull").write_text(pull)

    def connect(self, line: int, to_ground: bool) -> None:
        self.change(line, to_ground)
        self._ticks.wait(0.03)  # gpio-sim interrupts with the next tick of a 100 Hz kernel

    def is_high(self, line: int) -> bool:
        return (self._chip / f"sim_gpio{line}" / "value").read_text().strip() == "1"


@cache
def chip_control() -> ChipControl:
    """Return the control of the present chip, the only one of this process."""
    return FakeChip() if CHIP == "fake" else KernelChip()
