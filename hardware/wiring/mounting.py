"""Pictures of the parts on a chair from the side, with numbered marks and a legend.

Lengths come from ``holder/sizes.scad``; only chair and cables are drawn by eye.
"""

from collections.abc import Callable, Sequence

from holder import assembly
from holder.assembly import FOAM
from holder.sizes import number, numbers
from holder.slices import outlines, turned_up
from holder.solid import Solid
from wiring.board import INK, Point
from wiring.svg import Picture

MAT, BOARD, CABLE, BANK = "#e69f00", "#2f6f56", "#0072b2", "#8a93a3"

Mark = tuple[Point, str]

SEAT = (84.0, 250.0)
"""Where the seat begins at the back, and its depth, in units."""


def under_the_seat() -> Picture:
    """Draw a chair with mat, holder and cables, the back of the chair at the left."""
    back, depth = SEAT
    scale = depth / numbers("pan")[0]
    mat = scale * numbers("mat")[0]
    mat_at = back + (depth - mat) / 2 - scale * number("mat_back")
    tray = assembly.size(part for part in assembly.holder("zero") if part.step in (1, 8))
    holder, bank = (scale * tray[0], scale * tray[2]), numbers("bank")
    pan = (138.0, scale * numbers("pan")[1])
    below = pan[0] + pan[1]
    marks: list[Mark] = [
        ((190, 112), "cushion"),
        ((mat_at + mat + 14, 136 - 8), "mat, where the sit bones press"),
        ((346, 144), "seat pan"),
        ((back + 8 + holder[0] / 2, below + 11), "holder with Pi and buzzer, screwed to the pan"),
        ((46, 128), "mat cable, out at the back"),
        ((76, 204), "tie, with a loop of slack before the holder"),
        ((292, below + 24), "or here: a power bank, strapped"),
        ((214, 250), "gas lift: never drill, clamp or heat"),
        ((132, 289), "5 V cable from near the column, with slack"),
    ]
    picture = numbered("Under the seat, from the side", marks, 350)
    _chair(picture, pan)
    thick = scale * number("cushion_thick")
    _box(picture, (mat_at, pan[0] - 5), (mat, 5), MAT, 1.5, id="mat")
    _box(picture, (back, pan[0] - 5 - thick), (depth, thick), FOAM, 12, id="cushion")
    _box(picture, (back + 8, below), holder, BOARD)
    _box(picture, (252, below), (scale * bank[0], scale * bank[1]), BANK)
    end, out, level = back + 8, back + 8 + holder[0], below + 14
    around = "H66Q54 135.5 54 148V184Q54 222 74 222Q92 222 88 204"
    _cable(picture, f"M{mat_at} 135.5{around}Q82 {level} {end} {level}")
    down = "196 172V226Q196 240 180 240Q160 240 160 254Q160 306 20 268"
    _cable(picture, f"M{out} {level}H186Q196 {level} {down}")
    _box(picture, (66, 212), (7, 20), INK)
    draw_marks(picture, marks)
    return picture


def _chair(picture: Picture, pan: tuple[float, float]) -> None:
    back, depth = SEAT
    picture.shape(
        "path", d="M40 60Q34 60 34 68L44 128H60L58 68Q58 60 50 60Z", fill=FOAM, stroke=INK
    )
    _box(picture, (back, pan[0]), (depth, pan[1]), "#5b6675", 2, id="pan")
    picture.shape("path", d="M186 145H240L228 184H198Z", fill="#5b6675", stroke=INK)
    _box(picture, (206, 184), (16, 118), "#aeb6c2")
    path = "M214 302L112 326M214 302L316 326"
    picture.shape("path", d=path, stroke="#5b6675", stroke_width=9, stroke_linecap="round")
    for x in (112, 214, 316):
        picture.shape("circle", cx=x, cy=332, r=8, fill=INK)


def sandwich() -> Picture:
    """Draw the front half of two plates with cells, cut through a cell and a bolt."""
    half, thick, apart = number("plate_side") / 2, number("plate_thick"), number("plates_apart")
    scale, left, level = 1.28, 44.0, 222.0
    upper = thick + apart

    def spot(from_edge: float, height: float) -> Point:
        return (left + scale * from_edge, level - scale * height)

    cell, bolt = number("cell_inset"), numbers("bolt_inset")[1]
    marks: list[Mark] = [
        (spot(190, upper + thick + 38), "cushion, no wider than the plate"),
        (spot(190, upper + thick / 2), "upper plate: rests on the cells alone"),
        (spot(cell, upper + thick + 16), "cup and disc: keep the button in its place"),
        (spot(cell, -30), "foot with cell and stop, screwed on"),
        (spot(bolt, upper + thick + 16), "lock nut: the plate can rise 2 mm, no more"),
        (spot(bolt, -30), "bolt, held in the lower plate by a nut"),
        (spot(190, thick / 2), "lower plate, strapped to the seat pan"),
        (spot(155, thick + apart / 2), "cable, loosely looped"),
        (spot(-20, thick + apart / 2), "5 mm of air all around the upper plate"),
    ]
    picture = numbered("Four cells, cut open", marks, level + 66)
    cushion = (scale * number("cushion_side") / 2, scale * number("cushion_thick"))
    at = spot(half - number("cushion_side") / 2, upper + thick + number("cushion_thick"))
    _box(picture, at, cushion, FOAM, 3, id="cushion")
    _box(picture, spot(0, 0), (scale * half, 12), "#5b6675", 2)
    for part in assembly.four_cells():
        if part.part != "cushion":
            _cut(picture, part.solid(), part.paint, spot, half - cell, part.part)
    (x, y), (far, _) = spot(cell + 57, thick + apart / 2), spot(half, 0)
    _cable(picture, f"M{x} {y}Q{x + 20} {y + 9} {x + 40} {y}T{far} {y}")
    for mark, target in (
        (marks[2][0], spot(cell, upper)),
        (marks[3][0], spot(cell, thick + 6)),
        (marks[4][0], spot(bolt, upper + 12)),
        (marks[5][0], spot(bolt, 3)),
    ):
        draw_pointer(picture, mark, target)
    draw_marks(picture, marks)
    return picture


def _cut(
    picture: Picture,
    solid: Solid,
    paint: str,
    spot: Callable[[float, float], Point],
    side: float,
    name: str,
) -> None:
    """Draw the cut through a solid ``side`` to the left of the middle, its front half alone."""
    turned = Solid(
        solid.label,
        tuple(
            ((a[1], -a[0], a[2]), (b[1], -b[0], b[2]), (c[1], -c[0], c[2]))
            for a, b, c in solid.triangles
        ),
    )
    half = number("plate_side") / 2
    loops = [
        loop for loop in outlines(turned_up(turned), 0.13 - side) if min(y for y, _ in loop) < 0
    ]
    if not loops:
        return
    line = "".join(
        "M"
        + "L".join(f"{x:.1f} {y:.1f}" for x, y in (spot(min(y + half, half), z) for y, z in loop))
        + "Z"
        for loop in sorted(loops)
    )
    named = {"id": name} if "plate" in name else {}
    picture.shape(
        "path", d=line, fill=paint, fill_rule="evenodd", stroke=INK, stroke_width=0.8, **named
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


def draw_pointer(picture: Picture, mark: Point, target: Point) -> None:
    """Draw the line from a mark to the part that it means."""
    line = f"M{mark[0]:.1f} {mark[1]:.1f}L{target[0]:.1f} {target[1]:.1f}"
    picture.shape("path", d=line, fill="none", stroke="#ffffff", stroke_width=2.4)
    picture.shape("path", d=line, fill="none", stroke=INK, stroke_width=1)


def _mark(picture: Picture, at: Point, number: int) -> None:
    x, y = at
    picture.shape("circle", cx=x, cy=y, r=10, fill="#ffffff", stroke=INK, stroke_width=1.5)
    picture.text(x, y + 4.5, str(number), "b c")


def _box(
    picture: Picture, corner: Point, size: Point, fill: str, radius: float = 3, **named: str
) -> None:
    (x, y), (width, height) = corner, size
    box = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
    picture.shape("rect", **box, fill=fill, stroke=INK, **named)


def _cable(picture: Picture, path: str) -> None:
    line = {"d": path, "fill": "none", "stroke_linecap": "round"}
    picture.shape("path", **line, stroke="#fbfaf7", stroke_width=5.5)
    picture.shape("path", **line, stroke=CABLE, stroke_width=2.8)
