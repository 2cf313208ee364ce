"""The header's pins: who holds which, and which belong to a bus."""

from typing import Any

from unsit.checkup.machine import Machine

HEADER = range(2, 28)
"""BCM numbers that a person can wire. 0 and 1 are read at boot to find add-on boards."""

BUSES = {
    "I2C": ("/dev/i2c-1", (2, 3)),
    "SPI": ("/dev/spidev0.0", (7, 8, 9, 10, 11)),
    "the serial console": ("/dev/serial0", (14, 15)),
}
"""What shows that a bus is switched on, and its pins."""


def bus_of(pin: int, machine: Machine) -> str | None:
    """The bus that a pin belongs to, if that is switched on."""
    for name, (shown_by, pins) in BUSES.items():
        if pin in pins and machine.path(shown_by).exists():
            return name
    return None


def holder_of(pin: int, pins: Any) -> str | None:
    """Who holds a pin, None where nobody does or the back end cannot tell."""
    ask = getattr(pins, "holder", None)
    return ask(pin) if ask is not None else None


def free_pins(pins: Any, machine: Machine, taken: set[int]) -> list[int]:
    """The header's pins that nothing uses; only these may be made inputs to look at them."""
    return [
        pin
        for pin in HEADER
        if pin not in taken and bus_of(pin, machine) is None and holder_of(pin, pins) is None
    ]
