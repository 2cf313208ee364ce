"""Drawings of solids as vector graphics: flat faces with their edges, the nearest on top.

Solids are seen from the front, the right and above, without perspective. Faces that are wholly
hidden are left out, which keeps the pictures small.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise

from holder.solid import Point, Solid

Spot = tuple[float, float]

TURN, TILT = math.radians(28), math.radians(26)
"""How far the viewer stands to the right, and above."""

SMOOTH = math.cos(math.radians(40))
"""Two faces at a smaller angle are parts of one curved surface, with no edge between them."""

INK = "#1b2430"


@dataclass(frozen=True)
class View:
    """Projection to the picture.

    scale: units for a millimetre. left, top: where the origin of the solids lies in the picture.
    """

    scale: float
    left: float = 0.0
    top: float = 0.0

    def spot(self, point: Point) -> Spot:
        """Return where a point lies in the picture."""
        x, y, z = point
        across = x * math.cos(TURN) + y * math.sin(TURN)
        back = y * math.cos(TURN) - x * math.sin(TURN)
        up = z * math.cos(TILT) + back * math.sin(TILT)
        return (self.left + self.scale * across, self.top - self.scale * up)

    def bounds(self, solids: Iterable[Solid]) -> tuple[float, float, float, float]:
        """Return the least and the greatest x, and the least and the greatest y of solids."""
        spots = [self.spot(p) for solid in solids for triangle in solid.triangles for p in triangle]
        xs, ys = zip(*spots, strict=True)
        return (min(xs), max(xs), min(ys), max(ys))


def _towards_viewer(vector: Point) -> float:
    """Return the length of a vector along the line to the viewer."""
    x, y, z = vector
    back = y * math.cos(TURN) - x * math.sin(TURN)
    return z * math.sin(TILT) - back * math.cos(TILT)


@dataclass
class _Face:
    """Flat face that is turned to the viewer."""

    normal: Point
    paint: str
    loops: list[list[Point]]
    edges: list[tuple[Point, Point]]
    behind: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Path:
    """Path of a picture.

    line: where it goes, as the attribute ``d`` of SVG. fill: colour of the area, or none.
    stroke: colour of the line.
    """

    line: str
    fill: str
    stroke: str


def draw(parts: Sequence[tuple[Solid, str]], view: View) -> list[Path]:
    """Return the paths of solids with their colours, the farthest first."""
    faces = [face for solid, paint in parts for face in _faces(solid, paint)]
    paths: list[Path] = []
    for face in _find_order(faces, view):
        area = "".join(f"{_line(view, loop)}z" for loop in face.loops)
        shade = _shade(face)
        if len(face.edges) == sum(map(len, face.loops)):
            paths.append(Path(area, shade, INK))
            continue
        paths.append(Path(area, shade, shade))
        if face.edges:
            paths.append(Path("".join(_line(view, edge) for edge in face.edges), "none", INK))
    return paths


def _line(view: View, points: Iterable[Point]) -> str:
    """Return a line with lengths in tenths of a unit, each point measured from the one before."""
    spots = [(round(10 * x), round(10 * y)) for x, y in map(view.spot, points)]
    steps = [f"{_tenths(x2 - x1)} {_tenths(y2 - y1)}" for (x1, y1), (x2, y2) in pairwise(spots)]
    return f"M{_tenths(spots[0][0])} {_tenths(spots[0][1])}l" + " ".join(steps)


def _tenths(value: int) -> str:
    whole = f"{value / 10:.1f}".removesuffix(".0")
    return whole.replace("0.", ".", 1) if whole.startswith(("0.", "-0.")) else whole


def _shade(face: _Face) -> str:
    """Return the colour of a face: light from above and from the left."""
    x, y, z = face.normal
    light = 0.78 + 0.24 * z - 0.12 * x - 0.06 * y
    parts = (int(face.paint[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{min(255, round(part * light)):02x}" for part in parts)


def _faces(solid: Solid, paint: str) -> list[_Face]:
    planes: dict[tuple[int, ...], list[tuple[Point, Point]]] = defaultdict(list)
    normals: dict[tuple[Point, Point], Point] = {}
    for a, b, c in solid.triangles:
        normal = _normal(a, b, c)
        if normal is None:
            continue
        along = sum(n * p for n, p in zip(normal, a, strict=True))
        key = (*(round(500 * n) for n in normal), round(20 * along))
        for edge in ((a, b), (b, c), (c, a)):
            planes[key].append(edge)
            normals[edge] = normal
    faces = []
    for edges in planes.values():
        normal = normals[edges[0]]
        if _towards_viewer(normal) <= 1e-6:
            continue
        own = set(edges)
        outline = [(a, b) for a, b in edges if (b, a) not in own]
        sharp = [
            (a, b)
            for a, b in outline
            if (b, a) not in normals
            or _towards_viewer(normals[b, a]) <= 1e-6
            or sum(n * m for n, m in zip(normal, normals[b, a], strict=True)) < SMOOTH
        ]
        faces.append(_Face(normal, paint, _loops(outline), sharp))
    return faces


def _normal(a: Point, b: Point, c: Point) -> Point | None:
    u, v = ([q - p for p, q in zip(a, other, strict=True)] for other in (b, c))
    x, y, z = u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
    length = math.sqrt(x * x + y * y + z * z)
    return (x / length, y / length, z / length) if length > 1e-6 else None


def _loops(edges: Iterable[tuple[Point, Point]]) -> list[list[Point]]:
    onward: dict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        onward[a].append(b)
    loops = []
    while onward:
        start = next(iter(onward))
        loop, at = [start], onward[start].pop()
        while at != start and onward.get(at):
            loop.append(at)
            at = onward[at].pop()
        loops.append(loop)
        for point in [p for p, others in onward.items() if not others]:
            del onward[point]
    return loops


def _find_order(faces: list[_Face], view: View) -> list[_Face]:
    """Return the faces that can be seen, so that each comes after all that lie behind it."""
    samples: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for number, face in enumerate(faces):
        for pixel, depth in _samples(face, view):
            samples[pixel].append((depth, number))
    seen: set[int] = set()
    for stack in samples.values():
        stack.sort()
        seen.add(stack[-1][1])
        for (_, far), (_, near) in pairwise(stack):
            if far != near:
                faces[near].behind.add(far)
    return [faces[number] for number in _sorted(faces) if number in seen]


def _sorted(faces: list[_Face]) -> list[int]:
    waiting = {number: len(face.behind) for number, face in enumerate(faces)}
    before: dict[int, list[int]] = defaultdict(list)
    for number, face in enumerate(faces):
        for far in face.behind:
            before[far].append(number)
    depth = [sum(_towards_viewer(p) for p in face.loops[0]) / len(face.loops[0]) for face in faces]
    ready = [(depth[number], number) for number, count in waiting.items() if count == 0]
    heapify(ready)
    order = []
    while waiting:
        if ready:
            _, number = heappop(ready)
        else:  # faces that overlap in a ring: begin with the farthest
            number = min(waiting, key=lambda one: (waiting[one], depth[one]))
        if waiting.pop(number, None) is None:
            continue
        order.append(number)
        for near in before[number]:
            if near in waiting:
                waiting[near] -= 1
                if waiting[near] == 0:
                    heappush(ready, (depth[near], near))
    return order


def _samples(face: _Face, view: View) -> Iterable[tuple[tuple[int, int], float]]:
    """Return the pixels that a face covers, and how near it is there."""
    loops = [[view.spot(point) for point in loop] for loop in face.loops]
    normal = face.normal
    anchor = face.loops[0][0]
    facing = _towards_viewer(normal)
    # A point of the plane z = 0 for each pixel, moved to the viewer until it lies in the face.
    toward = (
        math.sin(TURN) * math.cos(TILT),
        -math.cos(TURN) * math.cos(TILT),
        math.sin(TILT),
    )
    rows = [y for loop in loops for _, y in loop]
    for row in range(math.floor(min(rows)), math.ceil(max(rows)) + 1):
        y = row + 0.37
        crossings = sorted(
            x1 + (y - y1) / (y2 - y1) * (x2 - x1)
            for loop in loops
            for (x1, y1), (x2, y2) in zip(loop, [*loop[1:], loop[0]], strict=True)
            if (y1 <= y) != (y2 <= y)
        )
        for start, end in zip(crossings[::2], crossings[1::2], strict=False):
            for column in range(math.ceil(start - 0.41), math.floor(end - 0.41) + 1):
                ground = _ground((column + 0.41, y), view)
                gap = sum(n * (p - g) for n, p, g in zip(normal, anchor, ground, strict=True))
                yield (
                    (column, row),
                    _towards_viewer(ground) + gap / facing * sum(t * t for t in toward),
                )


def _ground(spot: Spot, view: View) -> Point:
    """Return the point at the height 0 that lies at a spot of the picture."""
    across = (spot[0] - view.left) / view.scale
    back = (view.top - spot[1]) / view.scale / math.sin(TILT)
    return (
        across * math.cos(TURN) - back * math.sin(TURN),
        across * math.sin(TURN) + back * math.cos(TURN),
        0.0,
    )
