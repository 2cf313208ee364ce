"""Drawings of the parts. ``at`` is the centre of a part."""

from wiring.board import INK, Point, joint
from wiring.svg import Picture

LINE = {"fill": "none", "stroke": INK, "stroke_width": 2.5, "stroke_linejoin": "round"}


def resistor(picture: Picture, at: Point, *, upright: bool = False) -> None:
    """Draw a resistor, a box 40 long and 14 wide, without its wires."""
    (x, y), (width, height) = at, (14, 40) if upright else (40, 14)
    box = {"x": x - width / 2, "y": y - height / 2, "width": width, "height": height, "rx": 3}
    picture.shape("rect", **box, **{**LINE, "fill": "#f0e2c4"})


def capacitor(picture: Picture, at: Point, *, upright: bool = False) -> tuple[Point, Point]:
    """Draw a capacitor of two plates, 8 apart. Return the points of its two wires."""
    x, y = at
    plates = f"M{x - 11} {y - 4}H{x + 11}M{x - 11} {y + 4}H{x + 11}"
    if not upright:
        plates = f"M{x - 4} {y - 11}V{y + 11}M{x + 4} {y - 11}V{y + 11}"
    picture.shape("path", d=plates, **LINE)
    return ((x, y - 4), (x, y + 4)) if upright else ((x - 4, y), (x + 4, y))


def diode(picture: Picture, at: Point) -> None:
    """Draw an upright diode with its stripe at the top."""
    x, y = at
    picture.shape("path", d=f"M{x - 10} {y + 9}H{x + 10}L{x} {y - 9}Z", **{**LINE, "fill": INK})
    picture.shape("path", d=f"M{x - 11} {y - 10}H{x + 11}", **LINE)


def npn(picture: Picture, at: Point) -> tuple[Point, Point, Point]:
    """Draw the symbol of an NPN transistor. Return the points of base, collector and emitter."""
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=24, **{**LINE, "fill": "#ffffff"})
    picture.shape("path", d=f"M{x - 24} {y}H{x - 9}M{x - 9} {y - 14}V{y + 14}", **LINE)
    picture.shape("path", d=f"M{x - 9} {y - 6}L{x + 8} {y - 16}V{y - 24}", **LINE)
    picture.shape("path", d=f"M{x - 9} {y + 6}L{x + 8} {y + 16}V{y + 24}", **LINE)
    picture.shape("path", d=f"M{x + 8} {y + 16}l-9 -1.2l4.4 -6.6Z", fill=INK)
    return (x - 24, y), (x + 8, y - 24), (x + 8, y + 24)


def to92(picture: Picture, at: Point, legs: str) -> None:
    """Draw a transistor in its case, flat face to the front, with the letters of its legs."""
    x, y = at
    picture.shape(
        "path", d=f"M{x - 17} {y + 12}V{y - 8}Q{x} {y - 20} {x + 17} {y - 8}V{y + 12}Z", fill=INK
    )
    for nth, leg in enumerate(legs):
        at_x = x + 12 * (nth - 1)
        picture.shape("path", d=f"M{at_x} {y + 12}v16", **{**LINE, "stroke": "#8a93a3"})
        picture.text(at_x, y + 42, leg, "b c")


def buzzer(picture: Picture, at: Point, radius: float = 32) -> None:
    """Draw a round buzzer from above, with its hole."""
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=radius, fill=INK)
    picture.shape("circle", cx=x, cy=y, r=radius - 6, fill="none", stroke="#4a5566")
    picture.shape("circle", cx=x, cy=y, r=5, fill="#fbfaf7")


def piezo(picture: Picture, at: Point) -> None:
    """Draw a piezo disc of brass and ceramic."""
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=42, fill="#d9b25f", stroke=INK, stroke_width=2)
    picture.shape("circle", cx=x, cy=y, r=28, fill="#fbfaf7", stroke="#8a93a3", stroke_width=2)


def mat_pad(picture: Picture, corner: Point, size: Point) -> None:
    """Draw a pressure mat from above. ``corner`` is the upper left one."""
    (x, y), (width, height) = corner, size
    box = {"x": x, "y": y, "width": width, "height": height, "rx": 14}
    picture.shape("rect", **box, **{**LINE, "fill": "#d9dee7"})
    for row in range(4):
        for column in range(5):
            spot = {"cx": x + width * (column + 0.75) / 5.5, "cy": y + height * (row + 0.75) / 4.5}
            picture.shape("circle", **spot, r=5, fill="#8a93a3")


def push_button(picture: Picture, at: Point) -> tuple[Point, Point]:
    """Draw a push button from above. Return its upper and its lower contact."""
    x, y = at
    picture.shape("rect", x=x - 34, y=y - 34, width=68, height=68, rx=8, fill="#d9dee7", stroke=INK)
    picture.shape("circle", cx=x, cy=y, r=21, fill=INK)
    for dy in (-22, 22):
        joint(picture, (x - 34, y + dy))
    return (x - 34, y - 22), (x - 34, y + 22)


def led(picture: Picture, at: Point) -> tuple[Point, Point]:
    """Draw an LED on its side, dome to the right. Return the ends of the long and the short leg."""
    x, y = at
    legs = {**LINE, "stroke": "#8a93a3"}
    picture.shape("path", d=f"M{x - 66} {y - 11}H{x - 6}", **legs)
    picture.shape("path", d=f"M{x - 42} {y + 11}H{x - 6}", **legs)
    body = f"M{x} {y - 22}H{x + 22}A22 22 0 0 1 {x + 22} {y + 22}H{x}Z"
    picture.shape("path", d=body, fill="#e9b8b0", stroke=INK, stroke_width=2)
    picture.shape("path", d=f"M{x - 7} {y - 26}H{x}V{y + 22}H{x - 7}Z", fill="#c98f86", stroke=INK)
    return (x - 66, y - 11), (x - 42, y + 11)


def circuit_board(picture: Picture, corner: Point, size: Point) -> None:
    """Draw a small circuit board. ``corner`` is the upper left one."""
    (x, y), (width, height) = corner, size
    box = {"x": x, "y": y, "width": width, "height": height, "rx": 6}
    picture.shape("rect", **box, fill="#e4ecf5", stroke=INK, stroke_width=2)


def terminal(picture: Picture, at: Point, name: str = "", side: str = "right") -> None:
    """Draw a hole of a board with its name at the right (default) or above."""
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=5, fill="#e69f00", stroke=INK, stroke_width=1.5)
    if name and side == "right":
        picture.text(x + 10, y + 4.5, name)
    elif name:
        picture.text(x, y - 10, name, "c")


def half_bridge(picture: Picture, at: Point, number: int) -> None:
    """Draw a load cell of a body scale from below, with its number."""
    x, y = at
    picture.shape(
        "rect", x=x - 30, y=y - 30, width=60, height=60, rx=7, **{**LINE, "fill": "#d9dee7"}
    )
    picture.shape("path", d=f"M{x - 14} {y + 17}V{y - 17}H{x + 14}V{y + 17}", **LINE)
    picture.text(x, y + 6, str(number), "b c")


def bar_cell(picture: Picture, corner: Point, size: Point) -> None:
    """Draw a single-point load cell from the side, with its bore."""
    (x, y), (width, height) = corner, size
    box = {"x": x, "y": y, "width": width, "height": height, "rx": 4}
    picture.shape("rect", **box, **{**LINE, "fill": "#d9dee7"})
    middle, radius = y + height / 2, height * 0.28
    left, right = x + width * 0.38, x + width * 0.62
    picture.shape(
        "path",
        d=f"M{left} {middle - radius}H{right}A{radius} {radius} 0 0 1 {right} {middle + radius}"
        f"H{left}A{radius} {radius} 0 0 1 {left} {middle - radius}Z",
        **{**LINE, "fill": "#fbfaf7"},
    )
