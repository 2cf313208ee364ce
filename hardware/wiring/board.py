"""Drawing of the header with the used pins marked, and of the wires that leave it."""

from collections.abc import Sequence
from dataclasses import dataclass

from wiring.header import PINS, ROWS, HeaderPin
from wiring.plan import Plan, Role, Wire
from wiring.svg import Picture

Point = tuple[float, float]

INK = "#1b2430"


@dataclass(frozen=True)
class Paint:
    """Colours of a wire and of the text on it.

    The set is that of Okabe and Ito (2008), which colour-blind people can distinguish.
    """

    wire: str
    words: str


PAINTS = {
    Role.FIVE_VOLTS: Paint("#d55e00", "#000000"),
    Role.THREE_VOLTS: Paint("#e69f00", "#000000"),
    Role.GROUND: Paint(INK, "#ffffff"),
    Role.SIGNAL: Paint("#0072b2", "#ffffff"),
    Role.CLOCK: Paint("#009e73", "#000000"),
}

TOP, PITCH = 82, 22
STRIP, INNER, OUTER = 80, 26, 56
"""Width of the board's strip, and distances of its two rows from its left edge."""

TAG, TAG_NUMBER, TAG_NAME = 6, 24, 52
"""Distance of a tag from the strip, and the widths of its number and its name."""

BOTTOM = TOP + PITCH * (ROWS - 1)
BELOW = BOTTOM + 40
"""Top of the space for notes."""


@dataclass(frozen=True)
class Strip:
    """Place of the header in a picture.

    left: its left edge. leftward: numbers of the pins whose wires leave to the left.
    """

    left: float = 10
    leftward: frozenset[int] = frozenset()

    def spot(self, pin: HeaderPin) -> Point:
        """Return the centre of a pin."""
        x = self.left + (OUTER if pin.is_outer else INNER)
        return (x, TOP + PITCH * (pin.row - 1))

    def level(self, pin: HeaderPin) -> float:
        """Return the height at which a pin's wire leaves the header.

        That is beside the pin, or through the gap below it to the other side.
        """
        beside = pin.is_outer or pin.number in self.leftward
        return self.spot(pin)[1] + (0 if beside else PITCH / 2)

    def tag(self, pin: HeaderPin) -> float:
        """Return the left edge of a pin's tag."""
        if pin.number in self.leftward:
            return self.left - TAG - TAG_NUMBER - TAG_NAME
        return self.left + STRIP + TAG

    def out(self, pin: HeaderPin) -> Point:
        """Return the point at which a pin's wire leaves its tag."""
        beyond = 0 if pin.number in self.leftward else TAG_NUMBER + TAG_NAME
        return (self.tag(pin) + beyond, self.level(pin))


def draw_header(picture: Picture, plan: Plan, strip: Strip) -> dict[str, Point]:
    """Draw the header with a tag for each wire.

    Return the points at which the wires leave their tags, by terminal.
    """
    draw_strip(picture, strip)
    used = {wire.pin.number: wire for wire in plan.wires}
    for wire in plan.in_order:
        _leader(picture, strip, wire)
    for pin in PINS.values():
        draw_pin(picture, pin, strip.spot(pin), used.get(pin.number))
    for wire in plan.in_order:
        _tag(picture, strip, wire)
    return {wire.terminal: strip.out(wire.pin) for wire in plan.in_order}


def draw_strip(picture: Picture, strip: Strip) -> None:
    """Draw the board under the pins."""
    box = {"x": strip.left, "y": 58, "width": STRIP, "height": BOTTOM - 36, "rx": 6}
    picture.shape("rect", **box, fill="#2f6f56")


def draw_pin(picture: Picture, pin: HeaderPin, at: Point, wire: Wire | None) -> None:
    """Draw a pin with its number, in the colour of its wire. Pin 1 has a square pad."""
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
    """Draw a wire along points, with a dark edge that makes pale colours visible on paper."""
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    line = {"d": path, "fill": "none", "stroke_linejoin": "round"}
    picture.shape("path", **line, stroke=INK, stroke_width=5)
    picture.shape("path", **line, stroke=colour, stroke_width=3)


def joint(picture: Picture, at: Point, colour: str = INK) -> None:
    """Draw a joint of wires."""
    picture.shape("circle", cx=at[0], cy=at[1], r=4.5, fill=colour, stroke=INK)


def _leader(picture: Picture, strip: Strip, wire: Wire) -> None:
    (x, y), level = strip.spot(wire.pin), strip.level(wire.pin)
    edge = strip.tag(wire.pin) + (TAG_NUMBER if wire.pin.number in strip.leftward else 0)
    path = f"M{x:g} {y:g}V{level:g}H{edge:g}"
    for colour, width in (("#fbfaf7", 5.2), (PAINTS[wire.role].wire, 3.4)):
        picture.shape("path", d=path, fill="none", stroke=colour, stroke_width=width)


def _tag(picture: Picture, strip: Strip, wire: Wire) -> None:
    x, y, paint = strip.tag(wire.pin), strip.level(wire.pin), PAINTS[wire.role]
    box = {"x": x, "y": y - 9.5, "height": 19, "rx": 4}
    picture.shape("rect", **box, width=TAG_NUMBER + TAG_NAME, fill="#ffffff", stroke=paint.wire)
    picture.shape("rect", **box, width=TAG_NUMBER, fill=paint.wire)
    picture.text(x + TAG_NUMBER / 2, y + 4, str(wire.pin.number), "pin b c", paint.words)
    picture.text(x + TAG_NUMBER + TAG_NAME / 2, y + 4, wire.pin.label, "pin b c")
