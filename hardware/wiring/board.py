"""The header on a picture, with the used pins marked, and wires that leave it."""

from collections.abc import Sequence
from dataclasses import dataclass

from wiring.header import PINS, ROWS, HeaderPin
from wiring.plan import Plan, Role, Wire
from wiring.svg import Picture

Point = tuple[float, float]


@dataclass(frozen=True)
class Paint:
    """Colours of the set of Okabe and Ito (2008), which colour-blind people can tell apart."""

    wire: str
    words: str


PAINTS = {
    Role.FIVE_VOLTS: Paint("#d55e00", "#ffffff"),
    Role.THREE_VOLTS: Paint("#e69f00", "#1b2430"),
    Role.GROUND: Paint("#1b2430", "#ffffff"),
    Role.SIGNAL: Paint("#0072b2", "#ffffff"),
    Role.CLOCK: Paint("#009e73", "#ffffff"),
}

TOP, PITCH = 82, 22
INNER, OUTER = 36, 66
TAG, TAG_NUMBER, TAG_NAME = 96, 24, 52
OUT = TAG + TAG_NUMBER + TAG_NAME
BOTTOM = TOP + PITCH * (ROWS - 1)
BELOW = BOTTOM + 40
"""Where there is room for notes."""


def draw_header(picture: Picture, plan: Plan) -> dict[str, Point]:
    """Draws the header and a tag for each wire; where the wires go on, by their terminals."""
    picture.shape(
        "path",
        d=f"M10 56H84Q90 56 90 62V{BOTTOM + 14}Q90 {BOTTOM + 20} 84 {BOTTOM + 20}H10Z",
        fill="#2f6f56",
    )
    used = {wire.pin.number: wire for wire in plan.wires}
    for wire in plan.in_order:
        _leader(picture, wire)
    for pin in PINS.values():
        draw_pin(picture, pin, spot(pin), used.get(pin.number))
    return {wire.terminal: _tag(picture, wire) for wire in plan.in_order}


def spot(pin: HeaderPin) -> Point:
    """The middle of a pin."""
    return (OUTER if pin.is_outer else INNER, TOP + PITCH * (pin.row - 1))


def draw_pin(picture: Picture, pin: HeaderPin, at: Point, wire: Wire | None) -> None:
    """A pin with its number, in the colour of its wire; the first has a square pad."""
    x, y = at
    fill, words = ("#d8d3c6", "#4a5566")
    if wire is not None:
        fill, words = PAINTS[wire.role].wire, PAINTS[wire.role].words
    edge = {"fill": fill, "stroke": "#fbfaf7", "stroke_width": 1.5 if wire else 0}
    if pin.number == 1:
        picture.shape("rect", x=x - 8.5, y=y - 8.5, width=17, height=17, **edge)
    else:
        picture.shape("circle", cx=x, cy=y, r=8.5, **edge)
    style = "pin b c" if wire else "pin c"
    picture.text(x, y + 4, str(pin.number), style, words)


def run(picture: Picture, points: Sequence[Point], colour: str) -> None:
    """A wire along points, with a pale edge so that it is seen over others."""
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    line = {"d": path, "fill": "none", "stroke_linejoin": "round"}
    picture.shape("path", **line, stroke="#fbfaf7", stroke_width=6)
    picture.shape("path", **line, stroke=colour, stroke_width=3, stroke_linecap="round")


def joint(picture: Picture, at: Point, colour: str = "#1b2430") -> None:
    """A place where wires are joined."""
    picture.shape("circle", cx=at[0], cy=at[1], r=4, fill=colour)


def _height(pin: HeaderPin) -> float:
    """Where a pin's wire leaves: beside an outer pin, through the gap below an inner one."""
    return spot(pin)[1] + (0 if pin.is_outer else PITCH / 2)


def _leader(picture: Picture, wire: Wire) -> None:
    x, y = spot(wire.pin)
    path = f"M{x:g} {y:g}V{_height(wire.pin):g}H{TAG}"
    picture.shape("path", d=path, fill="none", stroke=_colour(wire), stroke_width=3.5)


def _tag(picture: Picture, wire: Wire) -> Point:
    y, paint = _height(wire.pin), PAINTS[wire.role]
    box = {"y": y - 9.5, "height": 19}
    picture.shape(
        "rect", x=TAG, width=TAG_NUMBER + TAG_NAME, rx=4, **box, fill="#ffffff", stroke=paint.wire
    )
    picture.shape("rect", x=TAG, width=TAG_NUMBER, rx=4, **box, fill=paint.wire)
    middle = TAG + TAG_NUMBER / 2
    picture.text(middle, y + 4, str(wire.pin.number), "pin b c", paint.words)
    picture.text(TAG + TAG_NUMBER + TAG_NAME / 2, y + 4, wire.pin.label, "pin b c")
    return (OUT, y)


def _colour(wire: Wire) -> str:
    return PAINTS[wire.role].wire
