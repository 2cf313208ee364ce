"""gpiozero pin factory on libgpiod 2. Idle, it does not wake up the processor.

``GPIOZERO_PIN_FACTORY=gpiod`` selects it for any gpiozero program. It finds the chip of the
Raspberry Pi's header by its label. On other boards ``GPIOZERO_GPIOD_CHIP=/dev/gpiochip0`` names the
chip, and a pin's number is the line's offset on it.

References: the kernel's userspace-api/gpio/chardev.rst and libgpiod's documentation.
"""

import os
from typing import Any

import gpiod
from gpiozero import PinUnknownPi
from gpiozero.pins.local import LocalPiFactory

from unsit_firmware.libgpiod.chip import (
    CHIP_VARIABLE,
    HEADER_LABELS,
    board_of,
    holder_of,
    open_chip,
)
from unsit_firmware.libgpiod.pin import GpiodPin
from unsit_firmware.libgpiod.watch import EdgeWatch

__all__ = ["CHIP_VARIABLE", "HEADER_LABELS", "GpiodFactory", "GpiodPin"]


class GpiodFactory(LocalPiFactory):
    """The pins of a Raspberry Pi's header, or the lines of another GPIO chip, through libgpiod 2.

    chip: path of a chip, such as ``/dev/gpiochip0``. Default: the chip that
        ``GPIOZERO_GPIOD_CHIP`` names, or the header's chip, found by its label.

    One thread waits for the edges of all pins, without a time-out. ``ticks`` are seconds of the
    kernel's monotonic clock, which also stamps the edges.

    Raises PinPermissionError if the user may not open the chip, PinError if it does not exist.

    Use it for one device::

        button = Button(17, pin_factory=GpiodFactory())
    """

    _info: Any

    def __init__(self, chip: str | None = None) -> None:
        super().__init__()
        self.chip: gpiod.Chip = open_chip(chip or os.environ.get(CHIP_VARIABLE))
        self.watch = EdgeWatch()
        self.pin_class = GpiodPin

    @property
    def description(self) -> str:
        """Path and label of the chip, such as ``gpiod on /dev/gpiochip0 (pinctrl-bcm2711)``."""
        return f"gpiod on {self.chip.path} ({self.chip.get_info().label})"

    def holder(self, number: int) -> str | None:
        """Return the name of the consumer that holds a line, None if the line is free."""
        return holder_of(self.chip, number)

    def close(self) -> None:
        """Release every line and end the thread. A second call does nothing."""
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
