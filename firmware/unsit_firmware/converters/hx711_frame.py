"""The HX711's frame: 24 bits of one conversion, then one to three pulses that choose the next.

Numbers are those of the data sheet "HX711 24-Bit Analog-to-Digital Converter", AVIA Semiconductor.
"""

from collections.abc import Sequence
from enum import Enum

from unsit_firmware.converters.reading import Trouble, checked

BITS = 24
LONGEST_PULSE = 50e-6
"""Seconds that PD_SCK may be high (table "Serial Interface", T3)."""

POWER_DOWN = 60e-6
"""Seconds of PD_SCK high after which the chip goes to sleep."""


class Channel(Enum):
    """Which input is converted at which gain; the value is the number of pulses."""

    A128 = 25
    B32 = 26
    A64 = 27


def settling(rate: int) -> float:
    """Seconds from a reset or a change of channel to a valid conversion, and one conversion more.

    rate: conversions a second, 10 or 80.
    """
    return 4 / rate + 1 / rate


def decode(bits: Sequence[int]) -> int | Trouble:
    """The counts of a frame: the 24 bits and what followed them, each 0 or 1.

    After the 25th pulse the data wire is high until the next conversion; anything else is no frame.
    All ones is what a wire without a chip reads as, and is not believed either.
    """
    if not any(bits):
        return Trouble.DATA_LOW
    if not all(bits[BITS:]) or all(bits):
        return Trouble.CORRUPTED
    value = 0
    for bit in bits[:BITS]:
        value = value << 1 | bit
    return checked(value - 2**BITS if bits[0] else value)
