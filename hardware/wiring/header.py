"""40-pin header of a Raspberry Pi, from gpiozero's description."""

from dataclasses import dataclass

from gpiozero import pi_info

BOARD = "902120"
"""Revision of a Raspberry Pi Zero 2 W. All boards with 40 pins have the same header."""

ROWS = 20


@dataclass(frozen=True)
class HeaderPin:
    """Pin of the header: its number on the header, and its name (GPIO17, 3V3, 5V, GND)."""

    number: int
    name: str

    @property
    def bcm(self) -> int | None:
        """BCM number, as in the settings. None for supplies and grounds."""
        return int(self.name.removeprefix("GPIO")) if self.name.startswith("GPIO") else None

    @property
    def label(self) -> str:
        """Name for people: BCM 17, 3.3 V, 5 V or ground."""
        plain = {"3V3": "3.3 V", "5V": "5 V", "GND": "ground"}
        return plain.get(self.name, f"BCM {self.bcm}")

    @property
    def row(self) -> int:
        """Row of the header, 1 to 20 from the end with the square pad."""
        return (self.number + 1) // 2

    @property
    def is_outer(self) -> bool:
        """True for a pin in the row at the edge of the board (even numbers)."""
        return self.number % 2 == 0


def _pins() -> dict[int, HeaderPin]:
    header = pi_info(BOARD).headers["J8"]
    return {number: HeaderPin(number, pin.name) for number, pin in sorted(header.pins.items())}


PINS = _pins()


def at_bcm(number: int) -> HeaderPin:
    """Return the pin of a BCM number. Raises KeyError if the header does not have it."""
    return {pin.bcm: pin for pin in PINS.values() if pin.bcm is not None}[number]
