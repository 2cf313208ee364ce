"""Pictures of the parts on a chair from the side, with numbered marks and a legend."""

from collections.abc import Sequence

from wiring.board import INK, Point
from wiring.svg import Picture

STEEL, FOAM, WOOD = "#5b6675", "#c5d0e0", "#dcc39a"
MAT, BOARD, CABLE = "#e69f00", "#2f6f56", "#0072b2"

Mark = tuple[Point, str]


def under_the_seat() -> Picture:
    """Draw a chair with mat, holder and cables."""
    marks: list[Mark] = [
        ((196, 92), "cushion"),
        ((252, 130), "mat, where the sit bones press"),
        ((330, 146), "seat pan"),
        ((134, 169), "holder with Pi and buzzer, screwed or strapped"),
        ((46, 128), "mat cable, out at the back"),
        ((74, 196), "tie, with a loop of slack before the holder"),
        ((294, 165), "or here: a power bank, strapped"),
        ((214, 250), "gas lift: never drill, clamp or heat"),
        ((132, 289), "5 V cable from near the column, with slack"),
    ]
    picture = numbered("Under the seat, from the side", marks, 350)
    _chair(picture)
    _box(picture, (180, 120), (132, 7), MAT)
    _box(picture, (92, 152), (84, 34), BOARD)
    _box(picture, (262, 152), (64, 26), "#8a93a3")
    _cable(picture, "M180 123H66Q54 123 54 136V184Q54 214 74 214Q92 214 88 196Q84 178 96 178")
    _cable(picture, "M176 176Q190 176 190 192V226Q190 240 176 240Q160 240 160 254Q160 306 20 268")
    _box(picture, (66, 204), (7, 20), INK)
    draw_marks(picture, marks)
    return picture


def _chair(picture: Picture) -> None:
    picture.shape(
        "path", d="M40 60Q34 60 34 68L44 128H60L58 68Q58 60 50 60Z", fill=FOAM, stroke=INK
    )
    _box(picture, (84, 84), (250, 36), FOAM, 14)
    _box(picture, (84, 138), (250, 9), STEEL)
    picture.shape("path", d="M186 148H240L228 184H198Z", fill=STEEL, stroke=INK)
    _box(picture, (206, 184), (16, 118), "#aeb6c2")
    path = "M214 302L112 326M214 302L316 326"
    picture.shape("path", d=path, stroke=STEEL, stroke_width=9, stroke_linecap="round")
    for x in (112, 214, 316):
        picture.shape("circle", cx=x, cy=332, r=8, fill=INK)


def sandwich() -> Picture:
    """Draw half-bridge cells between two plates, under the cushion."""
    marks: list[Mark] = [
        ((180, 82), "cushion, no wider than the plate"),
        ((180, 122), "upper plate: rests on the cells alone"),
        ((40, 146), "cell, its button at the upper plate"),
        ((112, 164), "foot: carries the frame, leaves the middle free"),
        ((180, 190), "lower plate, on the seat pan"),
        ((250, 164), "cable, loosely looped"),
        ((342, 122), "5 mm of air all around"),
    ]
    picture = numbered("Cells, from the side", marks, 226)
    _box(picture, (30, 62), (300, 42), FOAM, 14)
    _box(picture, (40, 112), (280, 18), WOOD)
    _box(picture, (40, 180), (280, 18), WOOD)
    _box(picture, (20, 200), (320, 8), STEEL)
    for x in (66, 236):
        _half_bridge(picture, x)
    _cable(picture, "M128 160Q146 160 150 168T172 164T194 170T214 160T236 162")
    draw_marks(picture, marks)
    return picture


def _half_bridge(picture: Picture, x: float) -> None:
    foot = f"M{x} 180V152H{x + 5}V160H{x + 14}V174H{x + 48}V160H{x + 57}V152H{x + 62}V180Z"
    picture.shape("path", d=foot, fill=BOARD, stroke=INK)
    _box(picture, (x + 6, 150), (50, 9), "#aeb6c2")
    picture.shape(
        "path", d=f"M{x + 22} 150V141Q{x + 31} 128 {x + 40} 141V150Z", fill=STEEL, stroke=INK
    )


def numbered(title: str, marks: Sequence[Mark], below: float) -> Picture:
    """Return a picture with a title and the legend of its marks, which starts at ``below``."""
    words = " ".join(f"{nth}: {meaning}." for nth, (_, meaning) in enumerate(marks, start=1))
    picture = Picture(title, words, below + 24 * len(marks) + 4)
    picture.text(14, 28, title, "title")
    for nth, (_, meaning) in enumerate(marks, start=1):
        y = below + 24 * (nth - 1)
        _mark(picture, (24, y + 4), nth)
        picture.text(42, y + 8.5, meaning)
    return picture


def draw_marks(picture: Picture, marks: Sequence[Mark]) -> None:
    """Draw the numbered marks on the picture."""
    for nth, (at, _) in enumerate(marks, start=1):
        _mark(picture, at, nth)


def _mark(picture: Picture, at: Point, number: int) -> None:
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=10, fill="#ffffff", stroke=INK, stroke_width=1.5)
    picture.text(x, y + 4.5, str(number), "b c")


def _box(picture: Picture, corner: Point, size: Point, fill: str, radius: float = 3) -> None:
    (x, y), (width, height) = corner, size
    box = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
    picture.shape("rect", **box, fill=fill, stroke=INK)


def _cable(picture: Picture, path: str) -> None:
    line = {"d": path, "fill": "none", "stroke_linecap": "round"}
    picture.shape("path", **line, stroke="#fbfaf7", stroke_width=5.5)
    picture.shape("path", **line, stroke=CABLE, stroke_width=2.8)
