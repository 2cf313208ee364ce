"""Electrical limits of the parts, computed from published values.

Pins: pull-ups of 50 to 65 kohm (33 to 73 kohm on a Pi 4), and the thresholds 0.8 V and 2.0 V, from
the Raspberry Pi documentation and the data sheet of the Raspberry Pi 4.
"""

from dataclasses import dataclass

PIN_VOLTS = 3.3
"""Level of a pin that is high, and the highest voltage that a pin withstands."""

PIN_MILLIAMPERES = 16.0
"""Highest current of one pin."""

PINS_MILLIAMPERES = 50.0
"""Highest current of all pins together, and of the 3.3 V pins (of the first boards, 50 mA)."""

USB_MILLIAMPERES = 2_500.0 - 350.0
"""Current that the supply of the parts lists leaves beside a Pi Zero 2 W that works."""

LOW_VOLTS, HIGH_VOLTS = 0.8, 2.0
"""A pin reads low up to the first, and high from the second."""

PULL_UPS = (33_000.0, 73_000.0)
"""Smallest and largest pull-up of a pin in ohm, over all boards."""

R1, R2, R3, R4, R5 = 1_000.0, 10_000.0, 330.0, 330.0, 1_000.0
"""Resistors of the plans in ohm."""

R3_SMALLEST = 270.0
"""Smallest R3 that the parts list permits, in ohm."""

C1_FARADS = 100e-9

BASE_VOLTS = 0.7
"""Voltage from base to emitter of a transistor that conducts."""

LED_VOLTS = 2.0
"""Forward voltage of a red LED."""

BUZZER_MILLIAMPERES = 30.0
"""Current of a magnetic 5 V buzzer (data sheet of TMB12A05)."""

GAINS = (60.0, 100.0)
"""Least current gain of a 2N3904 at 50 mA and at 10 mA (data sheet). A buzzer lies between."""

NAU7802_VOLTS = 3.0
"""Voltage that the regulator of a NAU7802 feeds to the cells."""

NAU7802_MILLIAMPERES = 2.1
"""Current of a NAU7802 without its cells (data sheet, revision 1.7)."""

HX711_MILLIAMPERES = 1.6
"""Current of an HX711 without its cells (data sheet)."""

PLATFORM_CELL, HALF = 350.0, 1_000.0
"""Resistance in ohm of a platform cell, and of each half of a body scale's cell."""

BASE_OF_MODULE = 3.3
"""Greatest current in mA into a module with a base resistor of 1 kohm or more."""


def largest_pressed(*, series: float = 0.0) -> float:
    """Return the largest resistance in ohm of a pressed mat that every board reads as low.

    series: resistance in ohm between mat and pin.
    """
    return PULL_UPS[0] * LOW_VOLTS / (PIN_VOLTS - LOW_VOLTS) - series


def smallest_empty(*, series: float = 0.0) -> float:
    """Return the smallest resistance in ohm of an empty mat that every board reads as high.

    series: resistance in ohm between mat and pin.
    """
    return PULL_UPS[1] * HIGH_VOLTS / (PIN_VOLTS - HIGH_VOLTS) - series


def filter_milliseconds() -> float:
    """Return the longest time constant of C1 and a pull-up."""
    return C1_FARADS * PULL_UPS[1] * 1000


def base_milliamperes() -> float:
    """Return the current that R1 and R2 leave for the base of Q1."""
    return 1000 * ((PIN_VOLTS - BASE_VOLTS) / R1 - BASE_VOLTS / R2)


def base_pin_milliamperes() -> float:
    """Return the current that the pin supplies to R1."""
    return 1000 * (PIN_VOLTS - BASE_VOLTS) / R1


def overdrive(gain: float) -> float:
    """Return how many times the needed base current the base of Q1 has, at a gain."""
    return base_milliamperes() * gain / BUZZER_MILLIAMPERES


def piezo_milliamperes(resistor: float = R3) -> float:
    """Return the current at each edge of a piezo disc behind a resistor in ohm."""
    return 1000 * PIN_VOLTS / resistor


def led_milliamperes() -> float:
    """Return the current of a red LED behind R4."""
    return 1000 * (PIN_VOLTS - LED_VOLTS) / R4


def bridge_milliamperes(ohms: float) -> float:
    """Return the current of a bridge between E+ and E\N{MINUS SIGN} on a NAU7802."""
    return 1000 * NAU7802_VOLTS / ohms


@dataclass(frozen=True)
class Limit:
    """Computed limit: what it limits, the limit in words, and its calculation."""

    what: str
    limit: str
    calculation: str


def limits() -> tuple[Limit, ...]:
    """Return the limits of wiring.md."""
    low, high = (f"{ohms / 1000:.0f} kohm" for ohms in PULL_UPS)
    voltage = f"{PIN_VOLTS:g} V"
    return (
        Limit(
            "pressed mat, at the pin, R5 included",
            f"at most {largest_pressed() / 1000:.1f} kohm",
            f"{LOW_VOLTS:g} V at a pull-up of {low}",
        ),
        Limit(
            "pressed mat alone, R5 in the cable",
            f"at most {largest_pressed(series=R5) / 1000:.1f} kohm",
            "the same, less R5",
        ),
        Limit(
            "empty mat",
            f"at least {smallest_empty() / 1000:.0f} kohm",
            f"{HIGH_VOLTS:g} V at a pull-up of {high}",
        ),
        Limit(
            "delay of C1",
            f"at most {filter_milliseconds():.1f} ms",
            f"100 nF and {high}; the dwell is 2 s",
        ),
        Limit(
            "base of Q1",
            f"{base_milliamperes():.1f} mA",
            f"({voltage} - {BASE_VOLTS:g} V) / R1 - {BASE_VOLTS:g} V / R2",
        ),
        Limit(
            f"Q1 at {BUZZER_MILLIAMPERES:g} mA",
            f"{overdrive(GAINS[0]):.0f} to {overdrive(GAINS[1]):.1f} times what it needs",
            f"a gain of {GAINS[0]:g} to {GAINS[1]:g}",
        ),
        Limit(
            "piezo at each edge",
            f"{piezo_milliamperes():.0f} mA; {piezo_milliamperes(R3_SMALLEST):.0f} mA"
            f" with {R3_SMALLEST:g} ohm",
            f"{voltage} / R3; a pin supplies {PIN_MILLIAMPERES:g} mA",
        ),
        Limit(
            "LED",
            f"{led_milliamperes():.0f} mA",
            f"({voltage} - {LED_VOLTS:g} V) / R4",
        ),
        Limit(
            "cells of 350 ohm on a NAU7802",
            f"{bridge_milliamperes(350):.1f} mA",
            f"{NAU7802_VOLTS:g} V / 350 ohm; its regulator gives at least 10 mA",
        ),
    )
