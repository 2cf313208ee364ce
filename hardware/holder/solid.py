"""Solids in binary STL files, and a check that they can be printed."""

import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float, float]
Triangle = tuple[Point, Point, Point]

_HEAD, _FACET = struct.Struct("<80sI"), struct.Struct("<12fH")


@dataclass(frozen=True)
class Solid:
    """Solid made of triangles; lengths are in mm.

    label: text in the file, 80 characters at most.
    triangles: corners counter-clockwise, seen from outside.
    """

    label: str
    triangles: tuple[Triangle, ...]

    @property
    def is_closed(self) -> bool:
        """True if two triangles share each edge and run along it in opposite directions."""
        edges = Counter(edge for triangle in self.triangles for edge in _edges(triangle))
        return all(count == 1 and edges[b, a] == 1 for (a, b), count in edges.items())

    @property
    def volume(self) -> float:
        """Volume in cubic millimetres, negative for a solid that is inside out."""
        return sum(_six_fold_volume(*triangle) for triangle in self.triangles) / 6

    def in_order(self) -> "Solid":
        """Return the same solid with its triangles in an order of their own.

        OpenSCAD gives them in another order each time.
        """
        turned = (min((t, (t[1], t[2], t[0]), (t[2], t[0], t[1]))) for t in self.triangles)
        return Solid(self.label, tuple(sorted(turned)))

    @property
    def size(self) -> Point:
        """Lengths along x, y and z."""
        x, y, z = zip(*(point for triangle in self.triangles for point in triangle), strict=True)
        return (max(x) - min(x), max(y) - min(y), max(z) - min(z))


def read(path: Path) -> Solid:
    """Read a binary STL file. Raises ValueError if its length does not match its header."""
    data = path.read_bytes()
    head, count = _HEAD.unpack_from(data)
    if len(data) != _HEAD.size + count * _FACET.size:
        raise ValueError(f"{path}: {len(data)} bytes do not fit {count} triangles")
    facets = (values[3:12] for values in _FACET.iter_unpack(data[_HEAD.size :]))
    triangles = tuple((tuple(v[0:3]), tuple(v[3:6]), tuple(v[6:9])) for v in facets)
    return Solid(head.rstrip(b"\0 ").decode("ascii"), triangles)


def write(solid: Solid, path: Path) -> None:
    """Write a binary STL file without normals; slicers compute them from the corners."""
    facets = [
        _FACET.pack(0, 0, 0, *(value for point in triangle for value in point), 0)
        for triangle in solid.triangles
    ]
    head = _HEAD.pack(solid.label.encode("ascii"), len(facets))
    path.write_bytes(head + b"".join(facets))


def _edges(triangle: Triangle) -> list[tuple[Point, Point]]:
    a, b, c = triangle
    return [(a, b), (b, c), (c, a)]


def _six_fold_volume(a: Point, b: Point, c: Point) -> float:
    return (
        a[0] * (b[1] * c[2] - b[2] * c[1])
        - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )
