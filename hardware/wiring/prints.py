"""Pictures of the printed parts from above, from slices of their STL files."""

from holder.__main__ import FOLDER
from holder.slices import outlines
from holder.solid import read
from wiring.board import Point
from wiring.mounting import Mark, draw_marks, numbered
from wiring.svg import Picture

FLOOR, WALL, HIGH = "#cfe0d8", "#5f9a82", "#2f6f56"


def tray() -> Picture:
    """Draw the tray for a Pi Zero."""
    marks: list[Mark] = [
        ((198, 238), "the board on its four posts"),
        ((198, 112), "room for the buzzer and joints"),
        ((38, 190), "slots for the strap, which runs behind"),
        ((38, 88), "holes for wood screws of 4 mm"),
        ((94, 138), "pairs of slots for cable ties"),
        ((312, 118), "openings for cables"),
        ((180, 294), "openings for sockets and microSD card"),
    ]
    picture = numbered("Tray, from above", marks, 334)
    _draw(picture, "tray-zero", (19, 62), 3.2, {2.5: FLOOR, 6.0: WALL, 25.0: HIGH})
    draw_marks(picture, marks)
    return picture


def foot() -> Picture:
    """Draw the foot for a half-bridge cell."""
    marks: list[Mark] = [
        ((114, 78), "wall around the cell"),
        ((114, 98), "lip: carries the frame of the cell"),
        ((180, 160), "free: the middle of the cell bends here"),
        ((180, 247), "opening for the wires"),
    ]
    picture = numbered("Foot for a cell, from above", marks, 284)
    _draw(picture, "foot", (79, 58), 5, {1.0: FLOOR, 4.5: WALL, 8.0: HIGH})
    draw_marks(picture, marks)
    return picture


def _draw(picture: Picture, name: str, corner: Point, scale: float, cuts: dict[float, str]) -> None:
    """Draw a part from above, as slices at the heights in ``cuts`` (mm) with their colours."""
    solid = read(FOLDER / f"{name}.stl")
    left = min(x for triangle in solid.triangles for x, _, _ in triangle)
    back = max(y for triangle in solid.triangles for _, y, _ in triangle)
    for height, colour in cuts.items():
        path = "".join(
            "M"
            + "L".join(
                f"{corner[0] + (x - left) * scale:.1f} {corner[1] + (back - y) * scale:.1f}"
                for x, y in loop
            )
            + "Z"
            for loop in sorted(outlines(solid, height))
        )
        picture.shape("path", d=path, fill=colour, fill_rule="evenodd", stroke="#1b2430")
