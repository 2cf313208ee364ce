"""How long a power bank runs a Raspberry Pi, from published currents."""

from dataclasses import dataclass

CELL_VOLTS, USB_VOLTS = 3.7, 5.0
"""A power bank's capacity is that of its cells, at their voltage."""

EFFICIENCY = 0.8
"""What is left behind the converter, cable and age: an assumption."""

BANKS = (10_000, 20_000)
"""mAh printed on common power banks."""


@dataclass(frozen=True)
class Supply:
    """A board's current at 5 V, in mA, and who published it."""

    board: str
    milliamperes: int
    source: str


RASPBERRY_PI = "Raspberry Pi documentation, Power supply"
CNX = "CNX Software, A deep dive into Raspberry Pi Zero 2 W's power consumption, 2021-12-09"

SUPPLIES = (
    Supply("Zero 2 W, idle", 120, CNX),
    Supply("Zero 2 W, active", 350, RASPBERRY_PI),
    Supply("3B, idle", 300, RASPBERRY_PI),
    Supply("4B, idle", 600, RASPBERRY_PI),
)


def hours(milliampere_hours: float, milliamperes: float) -> float:
    """Hours that a bank of so many mAh gives so many mA at 5 V."""
    return milliampere_hours * CELL_VOLTS * EFFICIENCY / (USB_VOLTS * milliamperes)
