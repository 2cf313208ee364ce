"""The pin factory."""

import os
from typing import Any

import gpiod
from gpiozero import PinUnknownPi
from gpiozero.pins.local import LocalPiFactory

from unsit_firmware.libgpiod.board import board_of
from unsit_firmware.libgpiod.chip import CHIP_VARIABLE, holder_of, open_chip
from unsit_firmware.libgpiod.pin import GpiodPin
from unsit_firmware.libgpiod.watch import EdgeWatch


class GpiodFactory(LocalPiFactory):
    """The pins of a Raspberry Pi's header, or the lines of a chip, through libgpiod 2.

    chip: the path of a chip, such as ``/dev/gpiochip0``. Default: what ``GPIOZERO_GPIOD_CHIP``
        names, else the header's chip, which is found by its label.

    Idle, it does not wake up: one thread waits for the edges of all pins. Its ``ticks`` are
    seconds of the kernel's monotonic clock, which stamps the edges.

    Raises PinPermissionError for a chip that the user may not open, PinError for one that is not
    there.
    """

    _info: Any

    def __init__(self, chip: str | None = None) -> None:
        super().__init__()
        self.chip: gpiod.Chip = open_chip(chip or os.environ.get(CHIP_VARIABLE))
        self.watch = EdgeWatch()
        self.pin_class = GpiodPin

    @property
    def description(self) -> str:
        """Which chip it is on, in words."""
        return f"gpiod on {self.chip.path} ({self.chip.get_info().label})"

    def holder(self, number: int) -> str | None:
        """Who holds a line, as the kernel names it; None for a line that is free."""
        return holder_of(self.chip, number)

    def close(self) -> None:
        """Gives every line back and ends the thread. Harmless the second time."""
        super().close()
        self.watch.close()
        self.chip.close()

    def _get_board_info(self) -> Any:
        if self._info is None:
            try:
                self._info = super()._get_board_info()
            except PinUnknownPi:
                self._info = board_of(self.chip)
        return self._info
