"""Connections of half-bridge cells to one bridge."""

from dataclasses import dataclass

MINUS = "\N{MINUS SIGN}"

Sleeve = tuple[int, str]
"""Wire of a cell: number of the cell and colour. Red is the middle of the two halves."""


@dataclass(frozen=True)
class Bridge:
    """Several cells as one bridge.

    terminals: wires at each terminal of the converter's board.
    links: pairs of wires that are joined with each other only.
    resistors: pairs of terminals with a fixed resistor, which has the resistance of half a cell.
    """

    terminals: dict[str, tuple[Sleeve, ...]]
    links: tuple[tuple[Sleeve, Sleeve], ...] = ()
    resistors: tuple[tuple[str, str], ...] = ()

    @property
    def in_words(self) -> str:
        """Description of every wire, for people who cannot see the picture."""
        joined = [f"{_name(a).capitalize()} to {_name(b)}." for a, b in self.links]
        led = [
            f"{' and '.join(map(_name, wires)).capitalize()} to {terminal}."
            for terminal, wires in self.terminals.items()
        ]
        fixed = [f"A resistor from {a} to {b}." for a, b in self.resistors]
        return " ".join([*joined, *led, *fixed])


def _name(wire: Sleeve) -> str:
    cell, colour = wire
    return f"{colour} of cell {cell}"


FOUR = Bridge(
    terminals={
        "E+": ((1, "red"),),
        "A+": ((2, "red"),),
        f"E{MINUS}": ((3, "red"),),
        f"A{MINUS}": ((4, "red"),),
    },
    links=(
        ((1, "white"), (2, "white")),
        ((2, "black"), (3, "black")),
        ((3, "white"), (4, "white")),
        ((4, "black"), (1, "black")),
    ),
)
"""Four cells in a ring."""

TWO = Bridge(
    terminals={
        "E+": ((1, "white"), (2, "black")),
        f"E{MINUS}": ((1, "black"), (2, "white")),
        "A+": ((1, "red"),),
        f"A{MINUS}": ((2, "red"),),
    }
)
"""Two cells for one side of a seat."""

ONE = Bridge(
    terminals={
        "E+": ((1, "white"),),
        f"E{MINUS}": ((1, "black"),),
        "A+": ((1, "red"),),
        f"A{MINUS}": (),
    },
    resistors=(("E+", f"A{MINUS}"), (f"A{MINUS}", f"E{MINUS}")),
)
"""One cell on a converter of its own, completed by two resistors."""
