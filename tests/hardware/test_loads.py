"""Weights that plates and cells bear, and the words and pictures about them."""

import math
import re
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from holder import assembly, loads
from holder.sizes import number, numbers
from wiring.__main__ import PICTURES
from wiring.tables import rows

BUILD = (Path(__file__).parents[2] / "hardware" / "build.md").read_text(encoding="utf-8")
SVG = "{http://www.w3.org/2000/svg}"
SIDES = (*numbers("plate_sides"), number("plate_side"))


def section(title: str) -> str:
    """Return the text of the build guide under a heading, with the headings below it."""
    level, rest = re.split(rf"^(#+) {re.escape(title)}$", BUILD, maxsplit=1, flags=re.M)[1:]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.M)[0]


@pytest.mark.parametrize("side", SIDES)
def test_the_shares_of_four_cells_add_up_to_the_weight(side: float) -> None:
    span = side - 2 * number("cell_inset")
    forward, lean = (side / 2 - loads.EDGE) / span, loads.LEAN / span
    shares = [(0.5 + x * forward) * (0.5 + y * lean) for x, y in product((-1, 1), repeat=2)]

    assert sum(shares) == pytest.approx(1)
    assert loads.share_on_edge(side) == pytest.approx(max(shares))
    assert min(shares) > 0, "no cell lifts off"


@pytest.mark.parametrize("side", SIDES)
def test_a_heavy_person_on_the_edge_overloads_no_cell_and_breaks_nothing(side: float) -> None:
    assert loads.weighed_on_edge(side) * loads.share_on_edge(side) == pytest.approx(50)
    assert loads.held_by_feet(side) > loads.CHAIR
    assert loads.held_by_plate(side, number("plate_thick")) > 3 * loads.limit(side)
    assert loads.limit(side) == loads.limit_on_one_cell(side) == loads.CHAIR
    # Without a stop, a cell would be bent beyond its rating by a light person who sits down hard.
    assert number("cell_rated") / loads.share_on_edge(side) / loads.SUDDEN < 50


def test_the_guide_says_the_strengths_and_the_places_that_are_counted() -> None:
    weights = section("Weights")

    strength, long, safety = (33, 0.7, 1.2)
    assert strength * long / safety == pytest.approx(loads.PLYWOOD_STRENGTH)
    assert f"{strength} N/mm² for birch plywood" in weights
    assert f"{long} of it for long loads, divided by {safety} for safety" in weights
    assert f"{loads.PETG_STRENGTH:g} N/mm² for printed PETG" in weights
    assert f"is {loads.EDGE / 10:g} cm behind the front edge and {loads.LEAN / 10:g} cm" in weights
    assert loads.SUDDEN == 2
    assert "counts double" in weights
    assert f"never more than {loads.CHAIR:g} kg" in weights


def test_softwood_is_enough_on_four_cells_and_not_on_one() -> None:
    side, thick = number("plate_side"), number("plate_thick")

    assert loads.held_by_plate(side, thick) / 2 > loads.CHAIR
    assert loads.held_by_plate_on_one_cell(side, thick) / 2 < loads.CHAIR
    assert "enough on four cells, not on one" in BUILD


def test_a_plate_holds_less_if_it_is_larger_or_thinner() -> None:
    assert loads.held_by_plate(500, 18) < loads.held_by_plate(450, 18)
    assert loads.held_by_plate(450, 12) < loads.held_by_plate(450, 18)
    assert loads.held_by_plate_on_one_cell(450, 12) < loads.held_by_plate_on_one_cell(450, 18)


def test_a_plate_on_its_corners_bends_most_at_the_middle_of_an_edge_as_the_book_says() -> None:
    # Ritz: a polynomial deflection with the least energy, zero at the corners; side and load are 1.
    poisson, powers = 0.25, [(i, j) for i in range(0, 11, 2) for j in range(0, 11, 2)]

    def term(x: float, power: int, order: int) -> float:
        factor = math.prod(range(power - order + 1, power + 1))
        return float(factor * x ** (power - order)) if power >= order else 0.0

    def row(x: float, y: float, dx: int, dy: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return np.array([term(x, i, dx) * term(y, j, dy) for i, j in powers])

    nodes, weights = np.polynomial.legendre.leggauss(12)
    energy = np.zeros((len(powers), len(powers)))
    load = np.zeros(len(powers))
    for (x, u), (y, v) in product(zip(nodes, weights, strict=True), repeat=2):
        xx, yy, xy = (row(x, y, *order) for order in ((2, 0), (0, 2), (1, 1)))
        bending = np.outer(xx + yy, xx + yy)
        twist = np.outer(xx, yy) + np.outer(yy, xx) - 2 * np.outer(xy, xy)
        energy += u * v * (bending - (1 - poisson) * twist)
        load += u * v * row(x, y, 0, 0)
    corner = row(1, 1, 0, 0)
    system = np.block([[energy, corner[:, None]], [corner[None], np.zeros((1, 1))]])
    shape = np.linalg.lstsq(system, np.append(load, 0), rcond=None)[0][:-1]
    moment = -(row(1, 0, 0, 2) + poisson * row(1, 0, 2, 0)) @ shape / 4

    assert moment == pytest.approx(0.1527, rel=0.02)
    assert pytest.approx(moment / 0.125, rel=0.02) == loads.EDGE_MOMENT


def test_a_cell_moves_too_little_for_a_stop_that_is_printed_or_set_by_eye() -> None:
    shortest, longest = loads.cell_travel(12), loads.cell_travel(28)

    assert (round(shortest, 2), round(longest, 1)) == (0.02, 0.1)
    assert "it is 0.02 to 0.1 mm, less than a sheet of paper" in section("The stops")
    assert longest < 0.2, "a layer of print"


def test_the_corner_stops_of_one_cell_are_beyond_its_travel_and_the_bending_of_the_plate() -> None:
    bending = loads.bending_at_corner(number("plate_side"), number("plate_thick"), loads.CHAIR)

    assert bending <= 0.2
    assert number("platform_travel") + bending < number("corner_gap")
    assert "the bending of the plate (0.2 mm for 110 kg)" in BUILD
    pitch = 1.25  # of an M8 thread
    assert number("corner_gap") == pytest.approx(0.8 * pitch)
    words = f"back by eight tenths of a turn, which is {number('corner_gap'):g} mm"
    assert words in section("One cell in the chair")


def test_the_guide_has_the_heights_and_plays_of_the_sizes() -> None:
    thick = number("plate_thick")
    four, one = section("Four cells in the chair"), section("One cell in the chair")

    assert f"{2 * thick + number('plates_apart'):g} mm" in four
    assert f"{2 * thick + number('platform_apart'):g} mm" in one
    assert f"can be lifted by {number('bolt_play'):g} mm" in four
    assert f"the lock nuts hold it after {number('bolt_play'):g} mm" in four
    assert f"the cups hold it after {number('cup_play'):g} mm" in four
    assert f"{number('air_around'):g} mm between the upper plate" in four
    assert f"reads {number('cell_rated'):g} kg" in four
    assert f"some {number('mat_back') / 10:g} cm behind" in section("The mat in the chair")
    small, large = numbers("plate_sides")
    assert f"{small / 10:g} to {large / 10:g} cm" in four


@pytest.mark.parametrize(
    ("build", "titles"),
    [
        ("four-cells", ["Four cells in the chair"]),
        ("single-cell", ["One cell in the chair"]),
    ],
)
def test_every_part_and_tool_of_the_plates_is_in_a_step_and_in_the_list(
    build: str, titles: list[str]
) -> None:
    text = "\n".join(section(title) for title in titles)
    named = set(re.findall(r"\b[PFT]\d+\b", text))
    listed = {row["reference"]: row["needed"] for row in rows(build)}
    own = {name for name in listed if re.fullmatch(r"P\d|F\d|T([6-9]|1\d)", name)}

    assert named <= set(listed)
    assert {name for name in own if listed[name] != "optional"} <= named


HOLDER_PAGE = (Path(__file__).parents[2] / "hardware" / "holder" / "README.md").read_text("utf-8")

STEPS = {
    "assemble-holder": HOLDER_PAGE.partition("## Fill and close it")[2],
    "assemble-mat": section("The mat in the chair"),
    "assemble-four-cells": section("Four cells in the chair"),
    "assemble-foot": section("A foot"),
    "assemble-one-cell": section("One cell in the chair"),
}
"""Text whose first list has the steps of a picture."""


@pytest.mark.parametrize("name", STEPS)
def test_the_steps_of_a_picture_are_those_of_the_guide(name: str) -> None:
    words = ElementTree.fromstring(str(PICTURES[name]())).findtext(f"{SVG}desc") or ""
    drawn = re.findall(r"(\d+): (.+?)\.(?= \d+: |$)", words)
    numbered = re.findall(r"^(\d+)\. (.+?)(?=^\d+\. |\n\n)", STEPS[name], re.M | re.S)
    last = next((n for n, (nth, _) in enumerate(numbered) if n and nth == "1"), len(numbered))

    assert [nth for nth, _ in drawn] == [nth for nth, _ in numbered[:last]]
    for (_, meaning), (_, step) in zip(drawn, numbered, strict=False):
        for thread in re.findall(r"\b(?:M[\d.]+ x \d+|M\d\b|\d x \d+)", meaning):
            assert thread in step, (meaning, step)


def test_the_pictures_name_the_lengths_of_the_screws_in_the_sizes() -> None:
    drawn = "".join(str(PICTURES[name]()) for name in STEPS)
    for screw, length in (
        ("M2.5", "m25_long"),
        ("M5", "m5_long"),
        ("set screw M6", "m6_long"),
        ("M8", "m8_cell_long"),
        ("bolts M8", "m8_long"),
        ("wood screws 4", "wood_long"),
        ("wood screws 4", "pan_screw_long"),
    ):
        assert f"{screw} x {number(length):g}" in drawn
        listed = [row["part"] for build in ("four-cells", "single-cell") for row in rows(build)]
        end = f"{screw.split()[-1]} x {number(length):g}"
        assert any(end in part for part in listed), end


def test_the_holder_names_its_screws_in_every_list() -> None:
    for build in ("mat", "single-cell", "four-cells"):
        references = {row["reference"] for row in rows(build)}
        assert {"F1", "F2", "H1", "H2"} <= references
    assert set(re.findall(r"\b[FH]\d\b", HOLDER_PAGE)) <= {"F1", "F2", "H1"}


def test_a_list_has_as_many_screws_as_the_assembly() -> None:
    count = {
        ("four-cells", "F1"): assembly.holder("zero"),
        ("four-cells", "F3"): [part for part in assembly.foot() for _ in range(4)],
        ("four-cells", "F5"): assembly.four_cells(),
        ("single-cell", "F7"): assembly.one_cell(),
        ("single-cell", "F8"): assembly.one_cell(),
    }
    kinds = {"F1": "m25-screw", "F3": "wood-screw", "F5": "m5-bolt", "F7": "m8-bolt"}
    kinds["F8"] = "m8-cell-bolt"
    for (build, reference), parts in count.items():
        [quantity] = [int(row["quantity"]) for row in rows(build) if row["reference"] == reference]
        assert quantity == sum(part.part == kinds[reference] for part in parts), reference


def shapes(name: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(str(PICTURES[name]()))
    return {shape.get("id", ""): shape for shape in root.iter() if shape.get("id")}


def span(rectangle: ElementTree.Element) -> tuple[float, float]:
    start = float(rectangle.get("x", 0))
    return (start, start + float(rectangle.get("width", 0)))


def test_the_mat_lies_behind_the_middle_of_the_seat_by_as_much_as_the_guide_says() -> None:
    drawn = shapes("under-the-seat")
    mat, pan, cushion = (span(drawn[name]) for name in ("mat", "pan", "cushion"))
    scale = (pan[1] - pan[0]) / numbers("pan")[0]

    assert (sum(pan) - sum(mat)) / 2 == pytest.approx(scale * number("mat_back"), abs=0.1)
    assert mat[1] - mat[0] == pytest.approx(scale * numbers("mat")[0], abs=0.1)
    assert pan[0] <= cushion[0] < mat[0] < mat[1] < cushion[1] <= pan[1]
    touching = float(drawn["mat"].get("y", 0)) + float(drawn["mat"].get("height", 0))
    assert touching == pytest.approx(float(drawn["pan"].get("y", 0)), abs=0.1), "it floats"


def test_the_cushion_overhangs_the_upper_plate_nowhere() -> None:
    assert number("cushion_side") <= number("plate_side")
    drawn = shapes("sandwich")
    plate = [float(x) for x in re.findall(r"[ML]([\d.]+) ", drawn["upper-plate-four"].get("d", ""))]

    assert span(drawn["cushion"])[0] >= min(plate) - 0.1
    assert "cushion, no wider than the plate" in str(PICTURES["sandwich"]())
