"""Printed parts: closed, thick enough, true to published drawings, and able to be put together."""

import math
import re
import shutil
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pytest

from holder import assembly, sizes
from holder.__main__ import FOLDER, PARTS, PRINTED, label, make, path
from holder.assembly import Placed
from holder.sizes import number, numbers
from holder.slices import Spot, outlines
from holder.solid import Solid, read, write
from support.solids import blocked, box, overlap, thinnest

TOUCH = 1.0
"""Volume in cubic millimetres that parts may share where they touch: rounding of the columns."""

ASSEMBLIES = {
    "holder for a Zero": lambda: assembly.holder("zero"),
    "holder for a B board": lambda: assembly.holder("b"),
    "foot": assembly.foot,
    "a quarter of four cells": lambda: [
        part for part in assembly.four_cells() if max(part.at[:2]) <= 0
    ],
    "one cell": assembly.one_cell,
    "mat": assembly.mat,
}

CUTS_ITS_THREAD = {("m25-screw", "tray")}
"""Screws that cut their own thread: they overlap with the part into which they go."""

FLEXIBLE = ("board-ties", "cable-ties")
"""Parts that bend on the way into their place."""


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_closed_and_made_from_the_present_source(name: str) -> None:
    solid = read(path(name))

    assert solid.label == label(name), "stale; run: make holder"
    assert solid.is_closed
    assert solid.volume > 0


def test_every_stl_file_is_a_part_of_the_sources_and_all_are_small() -> None:
    files = list(FOLDER.rglob("*.stl"))

    assert {file.stem for file in files} == set(PARTS)
    assert sum(file.stat().st_size for file in files) < 1_500_000


@pytest.mark.program
@pytest.mark.skipif(shutil.which("openscad") is None, reason="needs openscad")
@pytest.mark.parametrize("name", ["foot", "cup"])
def test_openscad_makes_the_part_that_is_kept(name: str) -> None:
    assert make("openscad", name) == read(path(name))


@pytest.mark.parametrize("name", PRINTED)
def test_no_printed_part_is_thinner_than_two_widths_of_the_nozzle(name: str) -> None:
    thickness, where = thinnest(read(path(name)))

    assert thickness >= 2 * number("nozzle"), where


def test_a_wall_that_is_too_thin_is_found() -> None:
    thickness, _ = thinnest(box((0, 0, 0), (20, 0.5, 10)))

    assert thickness == pytest.approx(0.5)


# The distances that Raspberry Pi's mechanical drawings publish, not those of our source.
@pytest.mark.parametrize(("board", "span"), [("zero", (58, 23)), ("b", (58, 49))])
def test_the_holes_of_the_posts_are_where_the_drawing_of_the_board_has_them(
    board: str, span: tuple[float, float]
) -> None:
    model = outlines(read(path(f"board-{board}")), number("floor") + number("post") + 0.7)
    for holes in (
        pilots(read(path(f"tray-{board}"))),
        [middle(loop) for loop in model if width(loop) < 3],
    ):
        x, y = sorted(at[0] for at in holes), sorted(at[1] for at in holes)

        assert len(holes) == 4
        assert x[-1] - x[0] == pytest.approx(span[0], abs=0.3)
        assert y[-1] - y[0] == pytest.approx(span[1], abs=0.3)


@pytest.mark.parametrize(
    ("board", "size"), [("zero", (65, 30)), ("b", (85, 56))], ids=["zero", "b"]
)
def test_a_board_of_the_published_size_lies_on_its_posts_with_air_around(
    board: str, size: tuple[float, float]
) -> None:
    tray = read(path(f"tray-{board}"))
    holes = pilots(tray)
    left, front = min(holes)[0] - 3.5, min(y for _, y in holes) - 3.5
    high = number("floor") + number("post")
    lying = box((left, front, high), (size[0], size[1], 1.4))
    wide = box((left - 1, front - 1, high + 0.1), (size[0] + 2, size[1] + 2, 1.3))

    assert overlap(lying, tray) < TOUCH
    assert overlap(wide, tray) < TOUCH
    model = read(path(f"board-{board}"))
    assert min(x for t in model.triangles for x, _, z in t if z > high) >= left - 1.01
    assert model.size[1] == pytest.approx(size[1], abs=1.3)


# Published sizes of the small boards: length across the bay, width along it, highest part.
SMALL_BOARDS = {
    "Adafruit 4538": ("converter", 22.86, 25.4),
    "SparkFun SEN-15242": ("converter", 35.56, 25.4),
    "SparkFun SEN-13879": ("converter", 30.48, 22.86),
    "green HX711 board": ("converter", 33.5, 20.5),
    "Grove module": ("buzzer", 40, 20),
    "three-pin buzzer module": ("buzzer", 18.5, 15),
}


@pytest.mark.parametrize("board", ["zero", "b"])
@pytest.mark.parametrize("name", SMALL_BOARDS)
def test_every_small_board_lies_on_its_block_and_both_ties_reach_around_it(
    name: str, board: str
) -> None:
    place, long, wide = SMALL_BOARDS[name]
    parts = [part.solid() for part in assembly.holder(board) if part.step <= 2 or part.step == 8]
    at = (number("wall") + number(f"{place}_place"), places(board))
    high = number("floor") + number("rest_high")
    lying = box((at[0] - wide / 2, at[1] - long / 2, high), (wide, long, 13.6))
    pitch = number("rest_pillar") + numbers("tie_slot")[0]

    assert all(overlap(lying, part) < TOUCH for part in parts)
    assert long >= pitch + 3.6, "both ties lie on it"
    for side in (-1, 1):
        beside = at[0] + side * (wide / 2 + 1.5) - 1.25
        tie = box((beside, at[1] - pitch / 2 - 1.8, 3.1), (2.5, pitch + 3.6, 30))
        assert all(overlap(tie, part) < TOUCH for part in parts), "a tie gets no way down"


@pytest.mark.parametrize("board", ["zero", "b"])
def test_buzzer_and_converter_leave_room_for_each_other(board: str) -> None:
    parts = {part.part: part.solid() for part in assembly.holder(board)}

    assert overlap(parts[f"buzzer-{board}"], parts[f"converter-{board}"]) == 0
    apart = number("converter_place") - number("buzzer_place")
    assert apart - (20 + 25.4) / 2 >= 4, "two ties and a finger between them"


def test_the_sound_holes_lie_above_the_buzzer() -> None:
    cover = next(part for part in assembly.holder("zero") if part.part == "cover-zero").solid()
    holes = [
        middle(loop)
        for loop in outlines(cover, number("floor") + number("rim") + 1)
        if width(loop) == pytest.approx(number("sound_hole"), abs=0.2)
        and abs(middle(loop)[0] - number("wall") - number("buzzer_place")) < 10
    ]
    buzzer = (number("wall") + number("buzzer_place"), places("zero"))

    assert len(holes) >= 12
    assert math.dist(middle(holes), buzzer) < 1
    area = len(holes) * math.pi * number("sound_hole") ** 2 / 4
    assert area > math.pi * 6**2 / 2, "half the front of a buzzer of 12 mm"


@pytest.mark.parametrize("name", ASSEMBLIES)
def test_no_two_parts_of_an_assembly_are_in_each_others_place(name: str) -> None:
    parts = ASSEMBLIES[name]()
    solids = [part.solid() for part in parts]
    for (one, first), (other, second) in combinations(zip(parts, solids, strict=True), 2):
        if not threaded(one, other):
            assert overlap(first, second) < TOUCH, (one, other)


@pytest.mark.parametrize("name", ASSEMBLIES)
def test_every_part_comes_straight_to_its_place_past_all_that_are_there(name: str) -> None:
    parts = ASSEMBLIES[name]()
    solids = [part.solid() for part in parts]
    for part, solid in zip(parts, solids, strict=True):
        if part.way and not part.part.startswith(FLEXIBLE):
            earlier = [
                there
                for other, there in zip(parts, solids, strict=True)
                if other.step < part.step and not threaded(part, other)
            ]
            assert blocked(solid, earlier, from_above=part.way > 0) < TOUCH, part


def test_a_part_that_is_in_the_way_is_found() -> None:
    floor, lid = box((0, 0, 0), (10, 10, 1)), box((0, 0, 5), (10, 10, 1))
    between = box((2, 2, 2), (4, 4, 1))

    assert overlap(floor, lid) == 0
    assert overlap(floor, box((0, 0, 0.5), (10, 10, 1))) == pytest.approx(50, rel=0.01)
    assert blocked(between, [floor], from_above=True) == 0
    assert blocked(between, [lid], from_above=True) == pytest.approx(16, rel=0.05)
    assert blocked(between, [floor], from_above=False) == pytest.approx(16, rel=0.05)


@pytest.mark.parametrize("board", ["zero", "b"])
def test_a_screwdriver_reaches_every_screw_of_a_closed_holder(board: str) -> None:
    parts = assembly.holder(board)
    closed = [part.solid() for part in parts if part.step < 9]
    shaft = 6.0
    for part in parts:
        if part.step >= 9:
            x, y, z = part.at
            driver = box((x - shaft / 2, y - shaft / 2, z + 0.1), (shaft, shaft, 100))
            assert all(overlap(driver, solid) < TOUCH for solid in closed), part


def test_screws_are_long_enough_and_no_longer() -> None:
    plate, pan = number("plate_thick"), numbers("pan")[1]
    least = 2 * number("wood_screw")
    for long, through, wood in (
        ("wood_long", "foot_ear_thick", plate),
        ("wood_long", "cup_high", plate),
        ("pan_screw_long", "floor", pan),
    ):
        into = number(long) - number(through)
        assert least <= into <= wood - 2, (long, through)
    for through, hole in (
        ("board_thick", number("post") + 0.6),
        ("cover_skin", number("m25_long")),
    ):
        into = number("m25_long") - number(through)
        assert 2 * number("m25") <= into <= hole, through


def test_plugs_on_the_header_have_room_for_the_bend_of_their_wires_below_the_cover() -> None:
    top = number("post") + number("board_thick") + 2.5 + number("jumper_plug")

    assert number("rim") - number("cover_lip") - top >= 5


def test_the_bolts_that_retain_the_upper_plate_end_inside_its_blind_hole() -> None:
    washer, lock_nut = numbers("m5_washer")[1], numbers("m5_lock_nut")[1]
    thick, below, above = number("plate_thick"), number("sink_below"), number("sink_above")
    under_nut = (
        washer
        + (thick - below)
        + number("plates_apart")
        + (thick - above)
        + number("bolt_play")
        + washer
    )
    beyond = number("m5_long") - under_nut - lock_nut

    assert beyond >= number("m5_pitch"), "the nylon must hold a whole thread"
    assert number("bolt_play") + washer + lock_nut + beyond <= above, "nothing presses the cushion"
    assert numbers("m5_head")[1] + washer <= below, "nothing scratches the pan"
    assert numbers("m5_washer")[0] < number("sink")


def test_a_plate_that_is_lifted_or_pushed_stays_on_its_cells() -> None:
    engaged = number("cup_ring") - 0.5
    side = (number("bolt_room") - number("m5")) / 2

    assert number("bolt_play") < engaged, "lifted, the button is still in its cup"
    assert number("cup_play") < side, "pushed, the cups hold it before a bolt is touched"
    ring = number("plates_apart") - number("cup_high")
    wall = number("foot_lip") + number("foot_deep")
    assert ring - wall >= 0.5, "the cup touches the foot only when the stop has long been"
    assert ring - number("foot_lip") - numbers("cell_frame")[0] >= 0.5


def test_the_corner_stops_of_one_cell_reach_their_nuts() -> None:
    barrel, head = numbers("m8_t_nut")[1], numbers("m8_head")[1]
    reach = number("platform_apart") - number("corner_gap") - head
    inside = number("m8_long") - reach

    assert inside - (number("plate_thick") - barrel) >= 0.8 * number("m8")
    assert inside <= number("plate_thick"), "the bolt must not press on the pan"


def test_a_cell_lies_on_the_lip_of_its_foot_on_all_four_sides() -> None:
    foot = assembly.foot()
    cell = next(part for part in foot if part.part == "cell")
    pressed = replace(cell, at=(0, 0, -0.5)).solid()
    body = next(part for part in foot if part.part == "foot").solid()

    frame = number("cell") ** 2 - (number("cell") - 6) * (number("cell") - 10.5)
    assert overlap(pressed, body) / 0.5 > 0.75 * frame


@pytest.mark.parametrize("line", ["a = ;", "a = 3", "a = b;  // what", "a = f(3);  // what"])
def test_a_size_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        sizes.read(line)


def test_sizes_are_read_as_openscad_reads_them() -> None:
    text = "// A.\na = 2;  // b\nb = [a + 1, -3];  // c\nc = [[1, 2], [3, 4]];  // d\n"

    assert sizes.read(text) == {"a": 2, "b": (3, -3), "c": ((1, 2), (3, 4))}


def test_every_size_is_used_in_a_source_or_in_a_check() -> None:
    users = [FOLDER / "holder.scad", FOLDER / "bought.scad", *FOLDER.glob("*.py"), Path(__file__)]
    users += [
        *FOLDER.parent.glob("wiring/*.py"),
        FOLDER / "sizes.scad",
        Path(__file__).with_name("test_loads.py"),
    ]
    text = "\n".join(user.read_text(encoding="utf-8") for user in users)
    published = {"nau7802_adafruit", "hx711_sparkfun", "hx711_generic", "buzzer_ky"}
    for name in set(sizes.read((FOLDER / "sizes.scad").read_text(encoding="utf-8"))) - published:
        assert len(re.findall(rf"\b{name}\b", text)) > 1, name


def test_a_slice_of_a_solid_is_as_wide_as_the_solid() -> None:
    cup = read(path("cup"))
    outline = max(outlines(cup, 1.0), key=width)
    xs, ys = zip(*outline, strict=True)

    assert (max(xs) - min(xs), max(ys) - min(ys)) == pytest.approx(cup.size[:2])


def test_a_solid_with_a_hole_is_not_closed(tmp_path: Path) -> None:
    corner = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    o, x, y, z = corner
    whole = Solid("tetrahedron", ((o, y, x), (o, x, z), (o, z, y), (x, y, z)))
    write(whole, tmp_path / "solid.stl")

    assert read(tmp_path / "solid.stl") == whole
    assert whole.is_closed
    assert whole.volume == pytest.approx(1 / 6)
    assert not Solid("open", whole.triangles[:3]).is_closed
    assert not Solid("turned", (*whole.triangles[:3], (x, z, y))).is_closed


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.stl").write_bytes(path("foot").read_bytes()[:-1])

    with pytest.raises(ValueError, match="do not fit"):
        read(tmp_path / "cut.stl")


def threaded(one: Placed, other: Placed) -> bool:
    """Return True if one part cuts its thread into the other."""
    pairs = ((one.part, other.part), (other.part, one.part))
    return any(
        screw == cutter and part.startswith(into)
        for (screw, part), (cutter, into) in product(pairs, CUTS_ITS_THREAD)
    )


def pilots(tray: Solid) -> list[Spot]:
    """Return the middles of the holes in the posts; the pillars between windows are in the wall."""
    loops = [loop for loop in outlines(tray, 9.6) if width(loop) < 3]
    return [middle(loop) for loop in loops if middle(loop)[1] > number("wall")]


def places(board: str) -> float:
    """Return the middle of the places of the small boards, across the bay."""
    bay = number("wall") + 2 * number("gap") + numbers(f"{board}_board")[1]
    return bay + number("aisle") + number("place_long") / 2


def middle(loop: list[Spot]) -> Spot:
    """Return the middle of the bounds of points."""
    xs, ys = zip(*loop, strict=True)
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


def width(loop: list[Spot]) -> float:
    """Return the greater length of the bounds of points."""
    xs, ys = [x for x, _ in loop], [y for _, y in loop]
    return max(max(xs) - min(xs), max(ys) - min(ys))
