"""How half-bridge cells are joined to one bridge."""

from dataclasses import dataclass

MINUS = "\N{MINUS SIGN}"

Sleeve = tuple[int, str]
"""A wire of a cell: the cell's number and the colour. Red is the middle of the two halves."""


@dataclass(frozen=True)
class Bridge:
    """Several cells as one bridge.

    terminals: the wires that go to each terminal of the converter's board. links: wires that are
    joined with each other only.
    """

    terminals: dict[str, tuple[Sleeve, ...]]
    links: tuple[tuple[Sleeve, Sleeve], ...] = ()

    @property
    def in_words(self) -> str:
        """Every wire, for who cannot see the picture."""
        joined = [f"{_name(a).capitalize()} to {_name(b)}." for a, b in self.links]
        led = [
            f"{' and '.join(map(_name, wires)).capitalize()} to {terminal}."
            for terminal, wires in self.terminals.items()
        ]
        return " ".join([*joined, *led])


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
"""Two cells, for one side of a seat."""
