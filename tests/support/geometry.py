"""Text and wires of a picture as boxes and lines, for checks of overlaps."""

import re
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
EM = {"title": 17, "pin": 11}
WIDE, WIDE_BOLD = 0.52, 0.62
"""Width of a character in em in DejaVu Sans, which is wider than a phone's fonts."""

Point = tuple[float, float]
Line = tuple[Point, Point]


@dataclass(frozen=True)
class Box:
    """Line of text and its approximate bounds."""

    words: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Return True if the boxes overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def is_crossed_by(self, line: Line) -> bool:
        """Return True if a horizontal or vertical line crosses the box."""
        (x1, y1), (x2, y2) = line
        through = Box(
            "", min(x1, x2) - 1.5, min(y1, y2) - 1.5, max(x1, x2) + 1.5, max(y1, y2) + 1.5
        )
        return self.overlaps(through)


def boxes(root: ElementTree.Element) -> list[Box]:
    """Return the box of every line of text."""
    return [_box(text) for text in root.iter(f"{SVG}text")]


def _box(text: ElementTree.Element) -> Box:
    kinds = (text.get("class") or "").split()
    size = next((em for kind, em in EM.items() if kind in kinds), 13)
    wide = WIDE_BOLD if {"b", "title"} & set(kinds) else WIDE
    width = len(text.text or "") * size * wide
    share = next((s for kind, s in (("c", 0.5), ("e", 1.0)) if kind in kinds), 0.0)
    left, base = float(text.get("x", 0)) - width * share, float(text.get("y", 0))
    return Box(text.text or "", left, base - 0.72 * size, left + width, base + 0.05 * size)


def wires(root: ElementTree.Element) -> list[list[Line]]:
    """Return the lines of each wire from a tag to a part."""
    paths = [
        path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "3"
    ]
    return [_lines(path) for path in paths]


def _lines(path: str) -> list[Line]:
    points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]
    return list(pairwise(points))


def joints(root: ElementTree.Element) -> set[Point]:
    """Return the centres of all circles: joints and terminals."""
    return {
        (float(circle.get("cx", 0)), float(circle.get("cy", 0)))
        for circle in root.iter(f"{SVG}circle")
    }


def meeting(one: Line, other: Line) -> Point | None:
    """Return the point where two horizontal or vertical lines meet, None if they do not.

    For two lines that lie on each other, return an end of one of them.
    """
    for line, against in ((one, other), (other, one)):
        for end in line:
            if _is_on(end, against):
                return end
    level, upright = (one, other) if one[0][1] == one[1][1] else (other, one)
    place = (upright[0][0], level[0][1])
    return place if _is_on(place, level) and _is_on(place, upright) else None


def _is_on(point: Point, line: Line) -> bool:
    return all(
        min(line[0][axis], line[1][axis]) <= point[axis] <= max(line[0][axis], line[1][axis])
        for axis in (0, 1)
    )
