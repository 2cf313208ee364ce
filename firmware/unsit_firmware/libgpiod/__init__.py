"""A gpiozero pin factory on libgpiod 2, which sleeps while nothing happens.

``GPIOZERO_PIN_FACTORY=gpiod`` selects it for any gpiozero program. It finds the chip of the
Raspberry Pi's header by its label; elsewhere ``GPIOZERO_GPIOD_CHIP=/dev/gpiochip0`` names one, and
a pin's number is then the line's offset on it.

Where the numbers come from: the kernel's GPIO character device, userspace-api/gpio/chardev.rst,
and libgpiod's own documentation.
"""

from unsit_firmware.libgpiod.chip import CHIP_VARIABLE, HEADER_LABELS
from unsit_firmware.libgpiod.factory import GpiodFactory
from unsit_firmware.libgpiod.pin import GpiodPin

__all__ = ["CHIP_VARIABLE", "HEADER_LABELS", "GpiodFactory", "GpiodPin"]
