"""Schematics and netlists: up to date, and the same circuit as the pictures and the plan."""

import re
from itertools import combinations, product
from xml.etree import ElementTree

import pytest

from wiring.circuit import HEADER, builds
from wiring.header import PINS
from wiring.plan import Plan, buzzer_module, mat, nau7802
from wiring.schematic import FOLDER, SHEETS, Line, Sheet, files
from wiring.tables import rows

CHAIRS = dict(builds())
PLANS: dict[str, tuple[Plan, Plan]] = {
    "mat": (mat(), buzzer_module()),
    "single-cell": (nau7802(), buzzer_module()),
    "four-cells": (nau7802(), buzzer_module()),
}


@pytest.fixture(scope="module", params=SHEETS)
def build(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sheet(build: str) -> Sheet:
    return SHEETS[build]()


@pytest.fixture(scope="module")
def root(build: str) -> ElementTree.Element:
    text = (FOLDER / f"{build}.svg").read_text(encoding="utf-8")
    return ElementTree.fromstring(text)  # noqa: S314  # our own file


def test_schematics_and_netlists_are_up_to_date() -> None:
    written = dict(files())

    assert {path.name for path in FOLDER.iterdir()} == {path.name for path in written}
    for path, text in written.items():
        assert path.read_text(encoding="utf-8") == text, "stale; run: make wiring"


def test_every_build_has_a_schematic_of_the_whole_circuit(build: str, sheet: Sheet) -> None:
    assert sheet.joined == {net: set(places) for net, places in CHAIRS[build].nets.items()}


def test_wires_of_two_nets_touch_nowhere_and_cross_at_right_angles_only(sheet: Sheet) -> None:
    for (_, some), (_, others) in combinations(sheet.lines.items(), 2):
        for one, other in product(some, others):
            assert not touch(one, other), (one, other)


def touch(one: Line, other: Line) -> bool:
    """Return True if two lines share a point that is not the inner crossing of both."""
    (left, low), (right, high) = bounds(one)
    (other_left, other_low), (other_right, other_high) = bounds(other)
    if left > other_right or other_left > right or low > other_high or other_low > high:
        return False
    crosses = (left < other_left < right and other_low < low < other_high) or (
        other_left < left < other_right and low < other_low < high
    )
    return not crosses


def bounds(line: Line) -> Line:
    """Return the lower left and the upper right corner of a line."""
    (x1, y1), (x2, y2) = line
    return (min(x1, x2), min(y1, y2)), (max(x1, x2), max(y1, y2))


def test_lines_that_overlap_touch_and_lines_that_cross_do_not() -> None:
    across: Line = ((0.0, 1.0), (4.0, 1.0))

    assert touch(across, ((3.0, 1.0), (9.0, 1.0)))
    assert touch(across, ((2.0, 1.0), (2.0, 5.0)))
    assert not touch(across, ((2.0, 0.0), (2.0, 5.0)))
    assert not touch(across, ((2.0, 2.0), (2.0, 5.0)))


def test_a_schematic_names_every_part_and_every_pin_of_the_header(
    build: str, root: ElementTree.Element
) -> None:
    words = [text for element in root.iter() for text in (element.text or "").split("\n")]
    for reference, part in CHAIRS[build].parts.items():
        assert any(re.match(rf"{re.escape(reference)}\b", word) for word in words), reference
        for terminal in part.terminals:
            if reference == HEADER:
                assert terminal.name in words


def test_the_parts_of_a_schematic_are_in_the_parts_list(build: str) -> None:
    listed = {row["reference"] for row in rows(build)}

    assert {reference.partition("-")[0] for reference in CHAIRS[build].parts} <= listed


def test_plan_netlist_and_header_agree_on_every_pin(build: str) -> None:
    text = (FOLDER / f"{build}.net").read_text(encoding="utf-8")
    nets = re.findall(r'\(name "([^"]+)"\)((?:\n      \(node .*)+)', text)
    pins = {
        int(pin): net
        for net, nodes in nets
        for pin in re.findall(rf'\(ref "{HEADER}"\) \(pin "(\d+)"\)', nodes)
    }

    assert set(pins) == {w.pin.number for wiring in PLANS[build] for w in wiring.wires}
    for number, net in pins.items():
        pin = PINS[number]
        assert net == (pin.label if pin.bcm is None else f"GPIO{pin.bcm}")


def test_a_schematic_can_be_read_on_a_phone(root: ElementTree.Element) -> None:
    width = float((root.get("viewBox") or "").split()[2])
    sizes = [float(text.get("font-size") or 0) for text in root.iter() if text.get("font-size")]

    assert root.get("role") == "img"
    assert min(sizes) * 390 / width >= 8, "pixels on a screen of 390"
