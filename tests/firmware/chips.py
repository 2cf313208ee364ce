"""Hands at the lines of a GPIO chip: a fake one in this process, or a simulated one in the kernel.

``UNSIT_TEST_CHIP`` says which there is: ``fake``, where this process runs on the fake chip that
is preloaded (see ``fakechip``), or ``kernel``, where this machine's kernel has gpio-sim behind
the header. ``UNSIT_TEST_PINS`` says which back end of gpiozero to use on it: ``gpiod`` or
``lgpio``; a process can have only one.
"""

import json
import os
import socket
import threading
from functools import cache
from pathlib import Path
from typing import Protocol

from mosquitto import until

CHIP = os.environ.get("UNSIT_TEST_CHIP", "")
PINS = os.environ.get("UNSIT_TEST_PINS", "")


class Hands(Protocol):
    """What a person with a wire and a meter can do at a chip."""

    def change(self, line: int, to_ground: bool) -> None:
        """Wires a line to ground, or to nothing, so that its pull-up has it."""

    def connect(self, line: int, to_ground: bool) -> None:
        """The same, and returns when the chip has told whoever listens."""

    def is_high(self, line: int) -> bool:
        """What the meter says."""


class FakeChip:
    """The fake chip that this process has instead of /dev/gpiochip0."""

    def __init__(self) -> None:
        self._chip = os.environ["FAKEGPIO_SOCK"]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("")  # a name of the kernel's choice, to be answered to
        until(Path(self._chip).exists, "the fake chip listens")

    def change(self, line: int, to_ground: bool) -> None:
        self._socket.sendto(f"L {line} {int(not to_ground)}".encode(), self._chip)

    def connect(self, line: int, to_ground: bool) -> None:
        self.change(line, to_ground)
        self._lines()  # the chip answers in order: the line has changed when it does

    def is_high(self, line: int) -> bool:
        return self._lines().get(str(line), "nobody's").endswith("1")

    def _lines(self) -> dict[str, str]:
        self._socket.sendto(b"S", self._chip)
        lines: dict[str, str] = json.loads(self._socket.recv(65536))["lines"]
        return lines


class KernelChip:
    """The gpio-sim chip that stands behind the header in a guest's kernel."""

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
def hands() -> Hands:
    """Hands at the chip that there is; this process's one pair."""
    return FakeChip() if CHIP == "fake" else KernelChip()
