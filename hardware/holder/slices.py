"""What is left of a solid at a height: its outlines, seen from above."""

from holder.solid import Point, Solid, Triangle

Spot = tuple[float, float]


def outlines(solid: Solid, height: float) -> list[list[Spot]]:
    """The closed lines in which a level plane cuts a closed solid; no corner may lie in it."""
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


def _cut(triangle: Triangle, height: float) -> tuple[Spot, Spot] | None:
    """Where a triangle goes through the plane: from the edge that rises to the one that falls."""
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
