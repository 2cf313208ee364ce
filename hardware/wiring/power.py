"""Run times of power banks, from published currents of the Raspberry Pi."""

from dataclasses import dataclass

CELL_VOLTS, USB_VOLTS = 3.7, 5.0
"""The capacity of a power bank is that of its cells, at the voltage of the cells."""

EFFICIENCY = 0.8
"""Share of the energy after converter, cable and ageing (an assumption)."""

BANKS = (10_000, 20_000)
"""Printed capacities of common power banks in mAh."""


@dataclass(frozen=True)
class Supply:
    """Current of a board at 5 V in mA, and its source."""

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
    """Return the run time in hours of a power bank (mAh) at a current (mA at 5 V)."""
    return milliampere_hours * CELL_VOLTS * EFFICIENCY / (USB_VOLTS * milliamperes)
