"""Drawings of solids: what is nearer lies on top, what is hidden is left out."""

from itertools import permutations

import pytest

from holder.drawing import INK, Path, View, draw
from holder.solid import Point, Solid
from support.solids import box

VIEW = View(scale=4, left=100, top=200)
FAR, NEAR = "#aa0000", "#00aa00"


def is_of(path: Path, paint: str) -> bool:
    """Return True if a path is an area of a solid with this paint, red or green."""
    if path.fill == "none":
        return False
    red, green = (int(path.fill[at : at + 2], 16) for at in (1, 3))
    return red != green and (red > green) == (paint == FAR)


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (box((0, 0, 10), (10, 10, 2)), box((0, 0, 0), (10, 10, 2))),
        (box((0, 0, 0), (10, 10, 10)), box((0, 12, 0), (10, 10, 10))),
        (box((12, 0, 0), (10, 10, 10)), box((0, 2, 0), (10, 10, 10))),
    ],
    ids=["above", "in front", "to the right"],
)
def test_the_nearer_of_two_solids_is_drawn_last(near: Solid, far: Solid) -> None:
    for parts in permutations([(near, NEAR), (far, FAR)]):
        paths = draw(parts, VIEW)
        last_far = max(nth for nth, path in enumerate(paths) if is_of(path, FAR))
        first_near = min(nth for nth, path in enumerate(paths) if is_of(path, NEAR))

        assert last_far < first_near


def test_a_solid_that_is_wholly_hidden_is_left_out() -> None:
    front, behind = box((0, 0, 0), (40, 2, 40)), box((16, 20, 4), (4, 4, 4))

    assert draw([(front, NEAR), (behind, FAR)], VIEW) == draw([(front, NEAR)], VIEW)


def test_a_box_shows_three_faces_with_their_edges() -> None:
    paths = draw([(box((0, 0, 0), (10, 10, 10)), NEAR)], VIEW)

    assert len(paths) == 3
    assert {path.stroke for path in paths} == {INK}
    assert len({path.fill for path in paths}) == 3, "each side has its own light"


@pytest.mark.parametrize(
    ("way", "to_the_right", "upwards"),
    [((1.0, 0.0, 0.0), True, False), ((0.0, 1.0, 0.0), True, True), ((0.0, 0.0, 1.0), False, True)],
    ids=["right", "back", "up"],
)
def test_right_back_and_up_are_where_the_pages_say(
    way: Point, to_the_right: bool, upwards: bool
) -> None:
    x, y = VIEW.spot(way)

    assert (x > VIEW.left) == to_the_right
    assert (y < VIEW.top) == upwards
