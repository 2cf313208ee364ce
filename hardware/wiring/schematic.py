"""Schematics drawn with schemdraw, one sheet for each build, and the netlists beside them.

A wire is drawn between terminals of ``circuit`` only, and each sheet keeps what it has joined, so
that a test can compare sheet and netlist.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Literal

import schemdraw
from schemdraw import elements

from wiring import circuit, plan
from wiring.bridge import FOUR, MINUS
from wiring.circuit import HEADER, Circuit

FOLDER = Path(__file__).parents[1] / "schematics"

Point = tuple[float, float]
Line = tuple[Point, Point]
Side = Literal["left", "right"]

PAPER, FONT = "#fbfaf7", "DejaVu Sans, Arial, sans-serif"

RIGHT_OF_HEADER, RIGHT_OF_CONVERTER = 5.4, 9.9
"""Middle of the boxes in the second and the third column."""

OHM = "\N{GREEK CAPITAL LETTER OMEGA}"


class Sheet:
    """Schematic of a circuit under way.

    joined: places on each net, as far as they are drawn. lines: lines of each net.
    """

    def __init__(self, title: str, chair: Circuit) -> None:
        self.title, self.chair = title, chair
        self.joined: dict[str, set[str]] = {}
        self.lines: dict[str, list[Line]] = {}
        self._at: dict[str, Point] = {}
        schemdraw.use("svg")
        self._drawing = schemdraw.Drawing(show=False)
        self._drawing.config(fontsize=15, font=FONT, margin=0.4)

    def box(
        self,
        reference: str,
        middle: Point,
        *,
        left: Sequence[str] = (),
        right: Sequence[str] = (),
        pitch: float = 1.0,
    ) -> None:
        """Draw a part as a box around a point, with terminals at its sides from top to bottom.

        An empty name leaves a gap. pitch: distance of two terminals.
        """
        sides: dict[Side, Sequence[str]] = {"left": left, "right": right}
        pins = [
            elements.IcPin(
                name=self._name_in_box(reference, terminal),
                pin=terminal if reference == HEADER else None,
                side=side,
                slot=f"{len(terminals) - nth}/{len(terminals)}",
                anchorname=f"{side}{nth}",
            )
            for side, terminals in sides.items()
            for nth, terminal in enumerate(terminals)
            if terminal
        ]
        box = elements.Ic(
            pins=pins, pinspacing=pitch, edgepadW=0.6, leadlen=0.5, lblsize=15, plblsize=12
        )
        label = f"{reference} {self.chair.parts[reference].value}"
        element = self._drawing.add(box.at(middle).anchor("center").label(label, "top"))
        for side, terminals in sides.items():
            for nth, terminal in enumerate(terminals):
                if terminal:
                    x, y = element.absanchors[f"{side}{nth}"]
                    self._at[f"{reference}.{terminal}"] = (round(x, 3), round(y, 3))

    def _name_in_box(self, reference: str, terminal: str) -> str:
        if reference != HEADER:
            return terminal
        return self.net_of(f"{reference}.{terminal}")

    def two(self, reference: str, kind: type[elements.Element2Term], way: Line) -> None:
        """Draw a part of two terminals between two points, in the order of its terminals."""
        part = self.chair.parts[reference]
        value = part.value.replace(" kohm", f" k{OHM}").replace(" ohm", f" {OHM}")
        upright = way[0][0] == way[1][0]
        # The bottom of a part that is drawn downwards is at its left.
        label, side = (
            (f"{reference}\n{value}", "top") if upright else (f"{reference} {value}", "top")
        )
        self._drawing.add(kind().at(way[0]).to(way[1]).label(label, side))
        for terminal, place in zip(part.terminals, way, strict=True):
            self._at[terminal.at] = place

    def at(self, place: str) -> Point:
        """Return the point of a terminal."""
        return self._at[place]

    def net_of(self, place: str) -> str:
        """Return the net of a terminal. Raises KeyError if it has none."""
        net = self.chair.net_of(place)
        if net is None:
            raise KeyError(f"{place} is in no net")
        return net

    def wire(self, net: str, start: str, end: str, *via: Point) -> None:
        """Draw a wire of a net between two terminals, through points."""
        points = [self.at(start), *via, self.at(end)]
        for one, other in pairwise(points):
            self._line(net, one, other)
        self.joined.setdefault(net, set()).update((start, end))

    def tap(self, net: str, place: str, *via: Point) -> None:
        """Draw a wire from a terminal to a point on another wire of the net, with a dot there."""
        points = [self.at(place), *via]
        for one, other in pairwise(points):
            self._line(net, one, other)
        self._drawing.add(elements.Dot(radius=0.09).at(points[-1]))
        self.joined.setdefault(net, set()).add(place)

    def _line(self, net: str, one: Point, other: Point) -> None:
        self._drawing.add(elements.Line().at(one).to(other))
        self.lines.setdefault(net, []).append((one, other))

    def __str__(self) -> str:
        drawn = self._drawing.get_imagedata("svg").decode()
        # Numbers are rounded, so that every machine writes the same file.
        drawn = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2):g}", drawn)
        head, _, rest = drawn.partition(">")
        [box] = re.findall(r'viewBox="[^"]+"', head)
        x, y, width, height = box.removeprefix('viewBox="').removesuffix('"').split()
        paper = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{PAPER}"/>'
        nets = "; ".join(
            f"{net}: {', '.join(sorted(places))}" for net, places in sorted(self.joined.items())
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-labelledby="t d">\n'
            f'<title id="t">{escape(self.title)}</title>\n<desc id="d">{escape(nets)}</desc>\n'
            f"{paper}{rest}\n"
        )


def _buzzer(sheet: Sheet) -> None:
    """Draw the buzzer module beside the header, its pins at the height of those of the header."""
    terminals = ("+", "S", MINUS)
    wires = plan.buzzer_module().in_order
    pins = [f"{HEADER}.{wire.pin.number}" for wire in wires]
    sheet.box("BZ1", (RIGHT_OF_HEADER, sheet.at(pins[1])[1]), left=terminals)
    for pin, terminal in zip(pins, terminals, strict=True):
        sheet.wire(sheet.net_of(pin), pin, f"BZ1.{terminal}")


def mat() -> Sheet:
    """Draw the build with a mat."""
    sheet = Sheet("Mat and buzzer module", dict(circuit.builds())["mat"])
    sheet.box(HEADER, (0, 0), right=("1", "12", "14", "", "", "11", "", "9"))
    _buzzer(sheet)
    signal, ground = sheet.at(f"{HEADER}.11"), sheet.at(f"{HEADER}.9")
    node, mat_at = signal[0] + 1.6, signal[0] + 5.4
    sheet.two("C1", elements.Capacitor, ((node, signal[1]), (node, ground[1])))
    sheet.two("R5", elements.Resistor, ((node + 1, signal[1]), (node + 3, signal[1])))
    sheet.two("S1", elements.Button, ((mat_at, signal[1]), (mat_at, ground[1])))
    sheet.wire("GPIO17", f"{HEADER}.11", "R5.1")
    sheet.tap("GPIO17", "C1.1", (node, signal[1]))
    sheet.wire("mat wire", "R5.2", "S1.1")
    sheet.wire("ground", f"{HEADER}.9", "S1.2")
    sheet.tap("ground", "C1.2", (node, ground[1]))
    return sheet


def _converter(sheet: Sheet) -> None:
    """Draw header, buzzer module and NAU7802."""
    sheet.box(HEADER, (0, 0), right=("1", "12", "14", "", "", "3", "5", "17", "25"))
    _buzzer(sheet)
    y = (sheet.at(f"{HEADER}.5")[1] + sheet.at(f"{HEADER}.17")[1]) / 2
    sheet.box(
        "U1",
        (RIGHT_OF_HEADER, y),
        left=("SDA", "SCL", "3V3", "GND"),
        right=("E+", "A+", f"E{MINUS}", f"A{MINUS}"),
    )
    nets = {"3": ("GPIO2", "SDA"), "5": ("GPIO3", "SCL"), "17": ("3.3 V", "3V3")}
    for pin, (net, terminal) in (nets | {"25": ("ground", "GND")}).items():
        sheet.wire(net, f"{HEADER}.{pin}", f"U1.{terminal}")


def single_cell() -> Sheet:
    """Draw the build with a platform cell."""
    sheet = Sheet("One cell, NAU7802 and buzzer module", dict(circuit.builds())["single-cell"])
    _converter(sheet)
    colours = {"E+": "red", "A+": "green", f"E{MINUS}": "black", f"A{MINUS}": "white"}
    y = (sheet.at("U1.A+")[1] + sheet.at(f"U1.E{MINUS}")[1]) / 2
    sheet.box("LC1", (RIGHT_OF_CONVERTER, y), left=tuple(colours.values()))
    for net, colour in colours.items():
        sheet.wire(net, f"U1.{net}", f"LC1.{colour}")
    return sheet


def four_cells() -> Sheet:
    """Draw the build with four half bridges in a ring."""
    sheet = Sheet("Four cells, NAU7802 and buzzer module", dict(circuit.builds())["four-cells"])
    _converter(sheet)
    order = ("E+", "A+", f"E{MINUS}", f"A{MINUS}")
    middle = (sheet.at("U1.A+")[1] + sheet.at(f"U1.E{MINUS}")[1]) / 2
    for nth, net in enumerate(order):
        [(cell, red)] = FOUR.terminals[net]
        reference = f"LC2-{cell}"
        names = ("black", "white") if nth % 2 == 0 else ("white", "black")
        y = middle + 4.8 - 3.2 * nth
        sheet.box(reference, (RIGHT_OF_CONVERTER + 0.5, y), left=(red,), right=names, pitch=0.8)
        start, end = sheet.at(f"U1.{net}"), sheet.at(f"{reference}.{red}")
        turn = start[0] + (0.2, 0.6, 0.6, 0.2)[nth]
        sheet.wire(net, f"U1.{net}", f"{reference}.{red}", (turn, start[1]), (turn, end[1]))
    edge = sheet.at("LC2-1.white")[0]
    for nth, ((a, colour), (b, _)) in enumerate(FOUR.links, start=1):
        one, other = sheet.at(f"LC2-{a}.{colour}"), sheet.at(f"LC2-{b}.{colour}")
        beyond = edge + (0.7 if nth == len(FOUR.links) else 0.2)
        way = ((beyond, one[1]), (beyond, other[1]))
        sheet.wire(f"link {nth}", f"LC2-{a}.{colour}", f"LC2-{b}.{colour}", *way)
    return sheet


SHEETS: dict[str, Callable[[], Sheet]] = {
    "mat": mat,
    "single-cell": single_cell,
    "four-cells": four_cells,
}
"""Functions that draw the schematics, by build."""


def files() -> Iterator[tuple[Path, str]]:
    """Yield each schematic and each netlist with its file."""
    for build, draw in SHEETS.items():
        sheet = draw()
        yield FOLDER / f"{build}.svg", str(sheet)
        yield FOLDER / f"{build}.net", circuit.netlist(sheet.chair)


def write() -> None:
    """Write all schematics and netlists."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files():
        path.write_text(text, encoding="utf-8")
