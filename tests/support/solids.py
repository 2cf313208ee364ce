"""Checks on solids: overlaps of two solids, ways into a place, and thin walls; lengths in mm."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from holder.solid import Point, Solid

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

FINE, COARSE = 0.5, 3.0
"""Distance of the columns in which solids are compared: for small areas, and for whole plates."""

_OFFSET = np.array([0.1371, 0.2683])
"""Keeps the columns away from edges, which lie on round numbers and on diagonals between them."""


def corners(solid: Solid) -> Array:
    """Return the triangles as an array of shape (triangles, 3 corners, 3 axes)."""
    return np.array(solid.triangles, dtype=np.float64)


@dataclass(frozen=True)
class _Area:
    """Area that two solids share, seen from above, and the distance of columns in it."""

    low: Array
    high: Array
    pitch: float


def overlap(one: Solid, other: Solid) -> float:
    """Return the volume that two solids share, in cubic millimetres."""
    area = _area(one, other)
    if area is None:
        return 0.0
    return _shared(_columns(one, area), _columns(other, area), area.pitch)


def blocked(part: Solid, others: list[Solid], *, from_above: bool) -> float:
    """Return the volume of others in the way of a part that comes to its place straight.

    from_above: downwards, else upwards from below.
    """
    total = 0.0
    for other in others:
        area = _area(part, other)
        if area is None:
            continue
        column, height, _ = _columns(part, area)
        # The part sweeps all that lies above its lowest point in a column, or below its highest.
        order = np.lexsort((height if from_above else -height, column))
        _, first = np.unique(column[order], return_index=True)
        ends = order[first]
        far = np.full(len(ends), 1e4 if from_above else -1e4)
        sweep = (
            np.concatenate([column[ends], column[ends]]),
            np.concatenate([height[ends], far]),
            np.concatenate([np.ones(len(ends)), -np.ones(len(ends))]) * (1 if from_above else -1),
        )
        total += _shared(sweep, _columns(other, area), area.pitch)
    return total


def _area(one: Solid, other: Solid) -> _Area | None:
    bounds = [(corners(solid).min((0, 1)), corners(solid).max((0, 1))) for solid in (one, other)]
    low = np.maximum(bounds[0][0], bounds[1][0])[:2]
    high = np.minimum(bounds[0][1], bounds[1][1])[:2]
    if (low >= high).any():
        return None
    return _Area(low, high, FINE if np.prod(high - low) < 30_000 else COARSE)


def _shared(
    one: tuple[Whole, Array, Array], other: tuple[Whole, Array, Array], pitch: float
) -> float:
    column = np.concatenate([one[0], other[0]])
    height = np.concatenate([one[1], other[1]])
    if not len(one[0]) or not len(other[0]):
        return 0.0
    inside = [
        np.concatenate([one[2], np.zeros(len(other[0]))]),
        np.concatenate([np.zeros(len(one[0])), other[2]]),
    ]
    order = np.lexsort((height, column))
    column, height = column[order], height[order]
    depth = [np.cumsum(steps[order]) for steps in inside]
    both = (depth[0][:-1] > 0.5) & (depth[1][:-1] > 0.5) & (column[:-1] == column[1:])
    return float(np.sum(np.diff(height)[both]) * pitch**2)


def _columns(solid: Solid, area: _Area) -> tuple[Whole, Array, Array]:
    """Return where columns enter and leave a solid.

    The arrays are the number of the column, the height, and 1 for entering or -1 for leaving.
    """
    triangles, low, high, pitch = corners(solid), area.low, area.high, area.pitch
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    starts = np.ceil((np.maximum(low, triangles.min(1)[:, :2]) - _OFFSET) / pitch)
    ends = np.floor((np.minimum(high, triangles.max(1)[:, :2]) - _OFFSET) / pitch)
    crossed = (np.abs(normals[:, 2]) > 1e-9) & (ends >= starts).all(1)
    found: list[tuple[Whole, Array, Array]] = []
    for (a, b, c), normal, start, end in zip(
        triangles[crossed], normals[crossed], starts[crossed], ends[crossed], strict=True
    ):
        rows, lines = np.meshgrid(
            np.arange(start[0], end[0] + 1), np.arange(start[1], end[1] + 1), indexing="ij"
        )
        i, j = rows.ravel(), lines.ravel()
        x, y = i * pitch + _OFFSET[0], j * pitch + _OFFSET[1]
        sign = np.sign(normal[2])
        within = np.ones(len(x), bool)
        for p, q in ((a, b), (b, c), (c, a)):
            within &= sign * ((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) >= 0
        if not within.any():
            continue
        x, y, i, j = x[within], y[within], i[within], j[within]
        height = a[2] - (normal[0] * (x - a[0]) + normal[1] * (y - a[1])) / normal[2]
        number = (i + 40_000) * 100_000 + (j + 40_000)
        found.append((number.astype(np.int64), height, np.full(len(x), -sign)))
    if not found:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    columns, heights, steps = zip(*found, strict=True)
    return np.concatenate(columns), np.concatenate(heights), np.concatenate(steps)


def thinnest(solid: Solid, reach: float = 2.0) -> tuple[float, Array]:
    """Return the least thickness of a solid and where it is, or ``reach`` where all is thicker.

    The thickness is measured from points on each triangle, straight inwards to the next surface.
    """
    triangles = corners(solid)
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    normals = np.cross(b - a, c - a)
    area = np.linalg.norm(normals, axis=1)
    real = area > 1e-3
    inward = -normals[real] / area[real, None]
    low, high = triangles.min(1) - 1e-6, triangles.max(1) + 1e-6
    weights = np.array([[1, 1, 1], [8, 1, 1], [1, 8, 1], [1, 1, 8]], dtype=np.float64)
    best, where = reach, np.zeros(3)
    for weight in weights / weights.sum(1)[:, None]:
        for start, ray in zip(np.einsum("k,tkx->tx", weight, triangles[real]), inward, strict=True):
            end = start + reach * ray
            near = (np.minimum(start, end) <= high).all(1) & (np.maximum(start, end) >= low).all(1)
            distance = _first_hit(start, ray, triangles[near])
            if distance < best:
                best, where = distance, start
    return best, where


def _first_hit(start: Array, ray: Array, triangles: Array) -> float:
    """Return the distance to the first triangle that a ray meets."""
    a, edge1, edge2 = (
        triangles[:, 0],
        triangles[:, 1] - triangles[:, 0],
        triangles[:, 2] - triangles[:, 0],
    )
    across = np.cross(ray, edge2)
    scale = np.einsum("tx,tx->t", edge1, across)
    real = np.abs(scale) > 1e-9
    a, edge1, edge2, across, scale = (one[real] for one in (a, edge1, edge2, across, scale))
    to = start - a
    u = np.einsum("tx,tx->t", to, across) / scale
    turned = np.cross(to, edge1)
    v = turned @ ray / scale
    distance = np.einsum("tx,tx->t", edge2, turned) / scale
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 1e-4)
    return float(distance[hit].min()) if hit.any() else np.inf


def box(corner: Point, size: Point) -> Solid:
    """Return a box."""
    x, y, z = ((start, start + long) for start, long in zip(corner, size, strict=True))
    faces = []
    for axis, side in product(range(3), (0, 1)):
        ring = []
        for pair in ((0, 0), (1, 0), (1, 1), (0, 1)):
            spot = [0, 0, 0]
            spot[axis] = side
            spot[(axis + 1) % 3], spot[(axis + 2) % 3] = pair
            ring.append((x[spot[0]], y[spot[1]], z[spot[2]]))
        a, b, c, d = ring if side else ring[::-1]
        faces += [(a, b, c), (a, c, d)]
    return Solid("box", tuple(faces))
