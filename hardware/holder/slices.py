"""Slices of a solid: its outlines at a height, seen from above."""

from holder.solid import Point, Solid, Triangle

Spot = tuple[float, float]


def outlines(solid: Solid, height: float) -> list[list[Spot]]:
    """Return the closed lines in which a horizontal plane cuts a closed solid.

    No corner of the solid may lie in the plane.
    """
    onward = dict(cut for triangle in solid.triangles if (cut := _cut(triangle, height)))
    loops = []
    while onward:
        start, spot = onward.popitem()
        loop = [start]
        while spot != start:
            loop.append(spot)
            spot = onward.pop(spot)
        loops.append(loop)
    return loops


def turned_up(solid: Solid) -> Solid:
    """Return a solid that lies on its back: what was up is at the back, the front is up."""
    return Solid(
        solid.label,
        tuple(
            ((a[0], a[2], -a[1]), (b[0], b[2], -b[1]), (c[0], c[2], -c[1]))
            for a, b, c in solid.triangles
        ),
    )


def _cut(triangle: Triangle, height: float) -> tuple[Spot, Spot] | None:
    """Return the line in which the plane cuts a triangle, from its rising to its falling edge."""
    a, b, c = triangle
    up = down = None
    for low, high in ((a, b), (b, c), (c, a)):
        if low[2] < height < high[2]:
            up = _through(low, high, height)
        elif high[2] < height < low[2]:
            down = _through(high, low, height)
    return (up, down) if up and down else None


def _through(low: Point, high: Point, height: float) -> Spot:
    share = (height - low[2]) / (high[2] - low[2])
    return (low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1]))
