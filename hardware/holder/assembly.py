"""Assemblies: the place of every part, printed and bought, and the order in which they come.

Millimetres. The frame of a holder is that of its tray, which lies on its back: the seat pan is
below, the cover on top. The frame of a pair of plates has its origin in the middle of the lower
face of the lower plate; x goes to the right and y to the back of the chair.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from holder.__main__ import path
from holder.sizes import number, numbers
from holder.solid import Point, Solid, Triangle, read

PRINT, WOOD, STEEL, BRASS = "#4f8f74", "#dcb987", "#a9b2bf", "#c9a44c"
BOARD, MODULE, TIE, FOAM = "#2f6f9f", "#b4553f", "#3a3f47", "#c5d0e0"


@dataclass(frozen=True)
class Placed:
    """Part in its place.

    part: name of its STL file. at: place of its origin. step: of the assembly, from 1.
    turned: half a turn around x, before it is placed. way: distance by which the part is drawn away
    from its place, and the direction from which it comes: above if positive, below if negative.
    paint: its colour.
    """

    part: str
    at: Point
    step: int
    way: float
    paint: str
    turned: bool = False

    def solid(self, apart: float = 0.0) -> Solid:
        """Return the part in its place, or drawn away by this share of its way."""
        x, y, z = self.at
        sign = -1.0 if self.turned else 1.0
        lift = z + apart * self.way
        triangles: list[Triangle] = []
        for triangle in _solid(self.part).triangles:
            a, b, c = ((x + p[0], y + sign * p[1], lift + sign * p[2]) for p in triangle)
            triangles.append((a, b, c))
        return Solid(self.part, tuple(triangles))


@cache
def _solid(part: str) -> Solid:
    return read(path(part))


def holder(board: str) -> list[Placed]:
    """Return the tray for a board, ``zero`` or ``b``, with all that is in it and its cover."""
    wall, gap, floor = number("wall"), number("gap"), number("floor")
    size, holes = numbers(f"{board}_board"), numbers(f"{board}_holes")
    far_gap = gap if board == "zero" else number("socket_stands_out") + 1
    width = size[0] + gap + far_gap + 2 * wall
    depth = _outer_depth(board)
    high = floor + number("rim")
    first = wall + gap + number("hole_inset")
    on_board = floor + number("post") + number("board_thick")
    lug = number("lug") / 2 - 1
    inset = number("lug_inset")
    ear, ear_inset = number("ear") / 2, number("ear_inset")
    skin = number("cover_skin")
    return [
        Placed(f"tray-{board}", (0, 0, 0), 1, 0, PRINT),
        Placed(f"board-{board}", (0, 0, 0), 2, 48, BOARD),
        *(
            Placed("m25-screw", (first + x, first + y, on_board), 3, 78, STEEL)
            for x in (0, holes[0])
            for y in (0, holes[1])
        ),
        Placed(f"buzzer-{board}", (0, 0, 0), 4, 78, MODULE),
        Placed(f"converter-{board}", (0, 0, 0), 5, 78, MODULE),
        Placed(f"board-ties-{board}", (0, 0, 0), 6, 108, TIE),
        Placed(f"cable-ties-{board}", (0, 0, 0), 7, 82, TIE),
        Placed(f"cover-{board}", (0, depth, high + skin), 8, 165, PRINT, turned=True),
        *(
            Placed("m25-screw", (x, y, high + skin), 9, 195, STEEL)
            for x in (-lug, width + lug)
            for y in (inset, depth - inset)
        ),
        *(
            Placed("pan-screw", (x, y, floor), 10, 60, STEEL)
            for x in (-ear, width + ear)
            for y in (ear_inset, depth - ear_inset)
        ),
    ]


def foot() -> list[Placed]:
    """Return one cell in its foot, with the cup and the disc that belong on the upper plate."""
    apart = number("plates_apart")
    ear = (number("foot_side") + number("foot_ear")) / 2
    cup = (number("cup_wide") + number("cup_ear")) / 2
    screws = number("foot_ear_thick")
    return [
        Placed("foot", (0, 0, 0), 1, 0, PRINT),
        Placed("m6-lock-nut", (0, 0, 0), 2, 24, STEEL),
        *(Placed("wood-screw", (0, y, screws), 5, 34, STEEL) for y in (-ear, ear)),
        Placed("m6-set-screw", (0, 0, 0), 3, -26, BRASS),
        Placed("cell", (0, 0, 0), 4, 44, STEEL),
        Placed("disc", (0, 0, 0), 6, 96, BRASS),
        Placed("cup", (0, 0, apart - number("cup_high")), 6, 74, PRINT),
        *(
            Placed("wood-screw", (0, y, apart - number("cup_high")), 6, 56, STEEL, turned=True)
            for y in (-cup, cup)
        ),
    ]


def four_cells() -> list[Placed]:
    """Return two plates with four cells between them."""
    thick, apart = number("plate_thick"), number("plates_apart")
    below, above = number("sink_below"), number("sink_above")
    washer = numbers("m5_washer")[1]
    upper = thick + apart
    seat = upper + thick - above + number("bolt_play")
    corner = number("plate_side") / 2
    inset, bolts = number("cell_inset"), numbers("bolt_inset")
    cells = [(x * (corner - inset), y * (corner - inset)) for x in (-1, 1) for y in (-1, 1)]
    places = [(x * (corner - bolts[0]), y * (corner - bolts[1])) for x in (-1, 1) for y in (-1, 1)]
    lower = {"foot": 60.0, "m6-lock-nut": 75.0, "m6-set-screw": 60.0, "cell": 105.0}
    upon = {"cup": 175.0, "disc": 200.0}
    return [
        Placed("lower-plate-four", (0, 0, 0), 1, 0, WOOD),
        *(
            replace(part, at=_shift(part.at, x, y, thick), step=2, way=lower[part.part])
            for x, y in cells
            for part in foot()
            if part.part in lower
        ),
        *(Placed("m5-washer", (x, y, below - washer), 3, -95, STEEL) for x, y in places),
        *(Placed("m5-bolt", (x, y, below - washer), 3, -120, STEEL) for x, y in places),
        *(Placed("m5-nut", (x, y, thick), 4, 60, STEEL) for x, y in places),
        *(
            replace(part, at=_shift(part.at, x, y, thick), step=5, way=upon[part.part])
            for x, y in cells
            for part in foot()
            if part.part in upon
        ),
        Placed("upper-plate-four", (0, 0, upper), 6, 240, WOOD),
        *(Placed("m5-washer", (x, y, seat), 7, 290, STEEL) for x, y in places),
        *(Placed("m5-lock-nut", (x, y, seat + washer), 7, 315, STEEL) for x, y in places),
        Placed("cushion", (0, 0, upper + thick), 8, 470, FOAM),
    ]


def one_cell() -> list[Placed]:
    """Return two plates with one platform cell between them, and its corner stops."""
    thick, apart = number("plate_thick"), number("platform_apart")
    below, gap = number("sink_below"), number("corner_gap")
    length, _, high = numbers("platform_cell")
    first, second = numbers("platform_holes")
    spacer = numbers("platform_spacer")[2]
    middle = length / 2 - first - second / 2
    upper = thick + apart
    corner = number("plate_side") / 2 - number("corner_inset")
    corners = [(x, y) for x in (-corner, corner) for y in (-corner, corner)]
    holes = [length / 2 - first, length / 2 - first - second]
    head = numbers("m8_head")[1]
    return [
        Placed("lower-plate-one", (0, 0, 0), 1, 0, WOOD),
        Placed("platform-spacer", (-middle, 0, thick), 2, 40, WOOD),
        Placed("platform-cell", (0, 0, thick + spacer), 3, 80, STEEL),
        *(Placed("m8-cell-bolt", (-x, 0, below), 3, -90, STEEL) for x in holes),
        *(Placed("m8-t-nut", (x, y, 0), 4, -60, STEEL) for x, y in corners),
        *(Placed("m8-nut", (x, y, thick), 5, 70, STEEL) for x, y in corners),
        *(
            Placed("m8-bolt", (x, y, upper - gap - head), 5, 110, STEEL, turned=True)
            for x, y in corners
        ),
        Placed("platform-spacer", (middle, 0, thick + spacer + high), 6, 96, WOOD),
        Placed("upper-plate-one", (0, 0, upper), 7, 240, WOOD),
        *(
            Placed("m8-cell-bolt", (x, 0, upper + thick - below), 7, 300, STEEL, turned=True)
            for x in holes
        ),
        Placed("cushion", (0, 0, upper + thick), 8, 450, FOAM),
    ]


def mat() -> list[Placed]:
    """Return a seat with a mat, and under its pan the holder and the power bank.

    The origin is in the middle of the upper face of the pan.
    """
    pan, sheet = numbers("pan")[1], numbers("mat")[1]
    _, _, tray = _solid("tray-zero").size
    width, depth = _solid("cover-zero").size[0], _outer_depth("zero")
    below = -pan - number("cover_skin")
    side = number("plate_side") / 2
    x = -side / 2 - width / 4
    return [
        Placed("pan", (0, 0, -pan), 1, 0, STEEL),
        Placed("mat", (0, number("mat_back"), 0), 2, 90, BRASS),
        Placed("cushion", (0, 0, sheet), 3, 170, FOAM),
        Placed("tray-zero", (x, depth / 2, -pan), 4, -230, PRINT, turned=True),
        Placed("cover-zero", (x, -depth / 2, below - tray), 4, -230, PRINT),
        Placed("bank", (side / 2, 0, -pan - numbers("bank")[1]), 5, -300, TIE),
    ]


def _outer_depth(board: str) -> float:
    size = numbers(f"{board}_board")[1]
    return size + 2 * number("gap") + number("bay") + 2 * number("wall")


def _shift(at: Point, x: float, y: float, z: float) -> Point:
    return (at[0] + x, at[1] + y, at[2] + z)


def size(parts: Iterable[Placed]) -> Point:
    """Return the lengths of an assembly along x, y and z."""
    triangles = tuple(triangle for part in parts for triangle in part.solid().triangles)
    return Solid("all", triangles).size
