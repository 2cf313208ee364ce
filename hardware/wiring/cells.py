"""The pictures of converters, and of load cells joined to a bridge."""

from wiring import parts, plan
from wiring.board import PAINTS, Point, run
from wiring.pictures import begin
from wiring.plan import Plan
from wiring.svg import Picture

OHM = "\N{GREEK CAPITAL LETTER OMEGA}"
MINUS = "\N{MINUS SIGN}"
RED, BLACK, WHITE, GREEN = "#d0342c", "#1b2430", "#ffffff", "#2e9e5b"
BRIDGE = (("E+", RED), (f"E{MINUS}", BLACK), (f"A{MINUS}", WHITE), ("A+", GREEN))
"""The terminals of a bridge, in the order and the colours in which most boards have them."""


def nau7802() -> Picture:
    """A NAU7802 on I2C."""
    notes = [
        "3V3 is also VIN. No resistor:",
        "the Pi has pull-ups on SDA and SCL.",
    ]
    return _converter(plan.nau7802(), "NAU7802 on I2C", "NAU7802", notes)


def hx711_spi() -> Picture:
    """An HX711 clocked by SPI."""
    notes = [
        "PD_SCK is also SCK, DOUT is also DT. VCC, and",
        "VDD where there is one: both to 3.3 V, so that",
        "DOUT is never above it. Nothing else on this bus.",
    ]
    return _converter(plan.hx711_spi(), "HX711 on SPI", "HX711", notes)


def hx711_pins() -> Picture:
    """An HX711 clocked by the program."""
    notes = [
        "PD_SCK is also SCK, DOUT is also DT. VCC, and",
        "VDD where there is one: both to 3.3 V, so that",
        "DOUT is never above 3.3 V.",
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
        parts.cord(picture, [(x, bottom - 12), (x, bottom + 22)], colour)
        parts.terminal(picture, (x, bottom - 12), name, "above")
    picture.text(272, bottom + 40, "to the cells", "c")
    return picture


def four_cells() -> Picture:
    """Four half-bridge cells in one bridge."""
    words = (
        "Cells 1 to 4 stand in a ring. White of 1 to white of 2, black of 2 to black of 3, white "
        "of 3 to white of 4, black of 4 to black of 1. Red of 1 is E plus, red of 2 is A plus, red "
        "of 3 is E minus, red of 4 is A minus."
    )
    picture = _titled("Four half-bridge cells", words, _FOUR_NOTES, 404)
    _ring(picture)
    _middles(picture)
    corners = ((64, 108), (296, 108), (296, 340), (64, 340))
    for number, at in enumerate(corners, start=1):
        parts.half_bridge(picture, at, number)
    return picture


_FOUR_NOTES = [
    f"Before the board: E+ to E{MINUS} and A+ to A{MINUS} read",
    f"about 2 k{OHM}, E to A about 1.5 k{OHM}. Red is the middle:",
    f"1 k{OHM} to each of the others; these have 2 k{OHM}",
    "between them. Other colours: the meter decides.",
]


def _ring(picture: Picture) -> None:
    parts.cord(picture, [(94, 92), (266, 92)], WHITE)
    parts.cord(picture, [(312, 138), (312, 310)], BLACK)
    parts.cord(picture, [(266, 356), (94, 356)], WHITE)
    parts.cord(picture, [(48, 310), (48, 138)], BLACK)
    for y in (83, 376):
        picture.text(180, y, "white", "c")
    picture.text(306, 228, "black", "e")
    picture.text(54, 228, "black")


def _middles(picture: Picture) -> None:
    picture.shape("rect", x=122, y=166, width=116, height=116, rx=6, fill="#e4ecf5", stroke=BLACK)
    picture.text(180, 220, "to the", "c note")
    picture.text(180, 237, "board", "c note")
    for x, y, name, edge in (
        *((140, 184, "E+", 94), (220, 184, "A+", 266)),
        *((220, 264, f"E{MINUS}", 266), (140, 264, f"A{MINUS}", 94)),
    ):
        level = 126 if y < 220 else 322
        parts.cord(picture, [(edge, level), (x, level), (x, y)], RED)
        parts.terminal(picture, (x, y))
        inward = x + 9 if x < 180 else x - 9
        picture.text(inward, y + 5, name, "b" if x < 180 else "b e")
    for x in (118, 242):
        picture.text(x, 119, "red", "c")
        picture.text(x, 341, "red", "c")


def two_cells() -> Picture:
    """Two half-bridge cells in one bridge: one side of a seat."""
    words = (
        "White of cell 1 and black of cell 2 are E plus, black of 1 and white of 2 are E minus. "
        "Red of 1 is A plus, red of 2 is A minus."
    )
    notes = [
        f"Before the board: E+ to E{MINUS} and A+ to A{MINUS} read",
        f"about 1 k{OHM}, E to A about 0.75 k{OHM}.",
    ]
    picture = _titled("Two half-bridge cells, one side", words, notes, 300)
    for rail, start, end in ((84, WHITE, BLACK), (250, BLACK, WHITE)):
        toward = 137 if rail == 84 else 197
        parts.cord(picture, [(64, toward), (64, rail), (180, rail)], start)
        parts.cord(picture, [(296, toward), (296, rail), (180, rail)], end)
    for x, edge in ((146, 94), (214, 266)):
        parts.cord(picture, [(edge, 167), (x, 167)], RED)
    parts.half_bridge(picture, (64, 167), 1)
    parts.half_bridge(picture, (296, 167), 2)
    for x, y, name in (
        (180, 84, "E+"),
        (180, 250, f"E{MINUS}"),
        (146, 167, "A+"),
        (214, 167, f"A{MINUS}"),
    ):
        parts.terminal(picture, (x, y), name, "above")
    _rail_names(picture)
    return picture


def _rail_names(picture: Picture) -> None:
    for x, y, name in (
        *((120, 76, "white"), (240, 76, "black"), (120, 272, "black"), (240, 272, "white")),
        *((120, 188, "red"), (240, 188, "red")),
    ):
        picture.text(x, y, name, "c")


def single_cell() -> Picture:
    """One full-bridge cell."""
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
        parts.cord(picture, [(at[0], 130), at], colour)
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
