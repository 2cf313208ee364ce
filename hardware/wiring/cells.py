"""Pictures of converters, and of load cells joined to a bridge."""

from wiring import parts, plan
from wiring.board import PAINTS, Point, run
from wiring.bridge import FOUR, MINUS, TWO
from wiring.pictures import begin
from wiring.plan import Plan
from wiring.svg import Picture

OHM = "\N{GREEK CAPITAL LETTER OMEGA}"
RED, BLACK, WHITE, GREEN = "#d0342c", "#1b2430", "#ffffff", "#2e9e5b"
SLEEVES = {"red": RED, "black": BLACK, "white": WHITE, "green": GREEN}
BRIDGE = (("E+", RED), (f"E{MINUS}", BLACK), (f"A{MINUS}", WHITE), ("A+", GREEN))
"""Terminals of a bridge with their colours, in the order of most boards."""


def nau7802() -> Picture:
    """Draw a NAU7802 on I2C."""
    notes = [
        "3V3 is also VIN. Where a board has colours:",
        f"RED is E+, BLK E{MINUS}, WHT A{MINUS}, GRN A+.",
        "No resistor: the Pi has pull-ups on this bus. On",
        "bus 3 the board's own pull-ups do it.",
    ]
    return _converter(plan.nau7802(), "NAU7802 on I2C", "NAU7802", notes)


def hx711_spi() -> Picture:
    """Draw an HX711 clocked by SPI."""
    notes = [
        "PD_SCK is also SCK or CLK, DOUT is also DT or DAT.",
        "VCC, and VDD where there is one: both to 3.3 V, so",
        "DOUT stays below it. Nothing else on this bus.",
        f"RED is E+, BLK E{MINUS}, WHT A{MINUS}, GRN A+, YLW the shield.",
    ]
    return _converter(plan.hx711_spi(), "HX711 on SPI", "HX711", notes)


def hx711_pins() -> Picture:
    """Draw an HX711 clocked by the program."""
    notes = [
        "PD_SCK is also SCK or CLK, DOUT is also DT or DAT.",
        "VCC, and VDD where there is one: both to 3.3 V, so",
        "that DOUT is never above 3.3 V.",
        f"RED is E+, BLK E{MINUS}, WHT A{MINUS}, GRN A+, YLW the shield.",
    ]
    return _converter(plan.hx711_pins(), "HX711 on two pins", "HX711", notes)


def _converter(wiring: Plan, title: str, chip: str, notes: list[str]) -> Picture:
    words = "E plus, E minus, A minus and A plus of the board go to the bridge of the cells."
    picture, at = begin(wiring, title, words, notes)
    heights = [at[wire.terminal][1] for wire in wiring.in_order]
    top, bottom = heights[0] - 24, heights[-1] + 60
    parts.circuit_board(picture, (196, top), (152, bottom - top))
    picture.text(306, (top + bottom) / 2 - 20, chip, "b c")
    for wire in wiring.in_order:
        end = (210.0, at[wire.terminal][1])
        run(picture, [at[wire.terminal], end], PAINTS[wire.role].wire)
        parts.terminal(picture, end, wire.terminal)
    for nth, (name, colour) in enumerate(BRIDGE):
        x = 216 + 37 * nth
        run(picture, [(x, bottom - 12), (x, bottom + 22)], colour)
        parts.terminal(picture, (x, bottom - 12), name, "above")
    picture.text(272, bottom + 40, "to the cells", "c")
    return picture


def four_cells() -> Picture:
    """Draw four half-bridge cells in one bridge."""
    notes = [
        f"Before the board: E+ to E{MINUS} and A+ to A{MINUS} read",
        f"about 2 k{OHM}, E to A about 1.5 k{OHM}. Red is the middle:",
        f"1 k{OHM} to each of the others; these have 2 k{OHM}",
        "between them. Other colours: the meter decides.",
    ]
    picture = _titled("Four half-bridge cells", FOUR.in_words, notes, 404)
    _ring(picture)
    _middles(picture)
    corners = ((64, 108), (296, 108), (296, 340), (64, 340))
    for number, at in enumerate(corners, start=1):
        parts.half_bridge(picture, at, number)
    return picture


def _ring(picture: Picture) -> None:
    sides: list[tuple[list[Point], Point, str]] = [
        ([(94, 92), (266, 92)], (180, 83), "c"),
        ([(312, 138), (312, 310)], (306, 228), "e"),
        ([(266, 356), (94, 356)], (180, 376), "c"),
        ([(48, 310), (48, 138)], (54, 228), ""),
    ]
    for ((_, colour), _), (way, (x, y), style) in zip(FOUR.links, sides, strict=True):
        run(picture, way, SLEEVES[colour])
        picture.text(x, y, colour, style)


def _middles(picture: Picture) -> None:
    picture.shape("rect", x=122, y=166, width=116, height=116, rx=6, fill="#e4ecf5", stroke=BLACK)
    picture.text(180, 220, "to the", "c note")
    picture.text(180, 237, "board", "c note")
    corners = ((140, 184, 94), (220, 184, 266), (220, 264, 266), (140, 264, 94))
    for (name, [(_, colour)]), (x, y, edge) in zip(FOUR.terminals.items(), corners, strict=True):
        level = 126 if y < 220 else 322
        run(picture, [(edge, level), (x, level), (x, y)], SLEEVES[colour])
        parts.terminal(picture, (x, y))
        at_left = x < 180
        picture.text(x + 9 if at_left else x - 9, y + 5, name, "b" if at_left else "b e")
        picture.text(118 if at_left else 242, 119 if y < 220 else 341, colour, "c")


def two_cells() -> Picture:
    """Draw two half-bridge cells in one bridge, for one side of a seat."""
    notes = [
        f"Before the board: E+ to E{MINUS} and A+ to A{MINUS} read",
        f"about 1 k{OHM}, E to A about 0.75 k{OHM}.",
    ]
    picture = _titled("Two half-bridge cells, one side", TWO.in_words, notes, 300)
    starts = {1: ((64.0, 137.0), (64.0, 197.0)), 2: ((296.0, 137.0), (296.0, 197.0))}
    for nth, (name, rail, words) in enumerate((("E+", 84.0, 76.0), (f"E{MINUS}", 250.0, 272.0))):
        for cell, colour in TWO.terminals[name]:
            start = starts[cell][nth]
            run(picture, [start, (start[0], rail), (180, rail)], SLEEVES[colour])
            picture.text(120 if cell == 1 else 240, words, colour, "c")
        parts.terminal(picture, (180, rail), name, "above")
    for name, x, edge in (("A+", 146.0, 94.0), (f"A{MINUS}", 214.0, 266.0)):
        [(cell, colour)] = TWO.terminals[name]
        run(picture, [(edge, 167), (x, 167)], SLEEVES[colour])
        picture.text(120 if cell == 1 else 240, 188, colour, "c")
        parts.terminal(picture, (x, 167), name, "above")
    parts.half_bridge(picture, (64, 167), 1)
    parts.half_bridge(picture, (296, 167), 2)
    return picture


def single_cell() -> Picture:
    """Draw one full-bridge cell."""
    words = (
        "Red to E plus, black to E minus, white to A minus, green to A plus; the shield to ground."
    )
    notes = [
        "Colours differ: the cell's own sheet decides. White",
        "and green exchanged only turn the sign, which",
        "calibration takes. The shield goes to GND at the",
        f"board only. A 350 {OHM} cell: E+ to E{MINUS} 350 to 450 {OHM},",
        f"A+ to A{MINUS} about 350 {OHM}.",
    ]
    picture = _titled("One full-bridge cell", words, notes, 286)
    parts.bar_cell(picture, (30, 74), (300, 56))
    parts.circuit_board(picture, (30, 214), (300, 52))
    wires: list[tuple[str, str, str]] = [
        *((name, colour, words) for (name, colour), words in zip(BRIDGE, _COLOURS, strict=True)),
        ("GND", "#8a93a3", "shield"),
    ]
    for nth, (name, colour, sleeve) in enumerate(wires):
        at: Point = (62.0 + 59 * nth, 226.0)
        run(picture, [(at[0], 130), at], colour)
        parts.terminal(picture, at)
        picture.text(at[0], 252, name, "b c")
        picture.text(at[0] + 7, 178, sleeve)
    return picture


_COLOURS = ("red", "black", "white", "green")


def _titled(title: str, words: str, notes: list[str], below: float) -> Picture:
    picture = Picture(title, words, below + 17 * len(notes))
    picture.text(14, 28, title, "title")
    picture.lines(14, below + 4, notes)
    return picture
