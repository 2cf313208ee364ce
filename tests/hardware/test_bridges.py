"""Bridges of cells: their signal under load, and the resistances in the build guide."""

import re
from pathlib import Path

import pytest

from support.circuit import net, resistance, signal
from wiring.bridge import FOUR, MINUS, TWO, Bridge

BUILD = (Path(__file__).parents[2] / "hardware" / "build.md").read_text(encoding="utf-8")
BRIDGES = {"two": (TWO, 2), "four": (FOUR, 4)}


@pytest.mark.parametrize("name", BRIDGES)
def test_an_unloaded_bridge_gives_nothing(name: str) -> None:
    bridge, _ = BRIDGES[name]

    assert signal(net(bridge, {})) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", BRIDGES)
def test_a_load_weighs_the_same_on_every_cell(name: str) -> None:
    bridge, cells = BRIDGES[name]
    shares = [signal(net(bridge, {cell: 0.002})) for cell in range(1, cells + 1)]

    assert abs(shares[0]) > 0.0004
    assert shares == pytest.approx([shares[0]] * cells, rel=0.005)


@pytest.mark.parametrize("name", BRIDGES)
def test_loads_on_several_cells_add_up(name: str) -> None:
    bridge, cells = BRIDGES[name]
    loads = {cell: 0.0004 * cell for cell in range(1, cells + 1)}
    one_by_one = sum(signal(net(bridge, {cell: load})) for cell, load in loads.items())

    assert signal(net(bridge, loads)) == pytest.approx(one_by_one, rel=0.005)


@pytest.mark.parametrize("name", BRIDGES)
def test_the_build_guide_has_the_resistances_of_the_bridges(name: str) -> None:
    halves = net(BRIDGES[name][0], {})
    rows = re.findall(rf"^\| {name} joined: (.+?) \| about ([\d.]+) kohm \|", BUILD, re.M)

    assert rows
    for ends, kilohms in rows:
        for one, other in re.findall(rf"([EA][+{MINUS}]) to ([EA][+{MINUS}])", ends):
            assert resistance(halves, one, other) / 1000 == pytest.approx(float(kilohms), rel=0.01)


def test_two_wires_of_a_cell_exchanged_are_seen_by_the_meter_or_the_scale() -> None:
    wrong = Bridge(
        {
            **TWO.terminals,
            "E+": ((1, "white"), (2, "white")),
            f"E{MINUS}": ((1, "black"), (2, "black")),
        }
    )

    assert signal(net(wrong, {1: 0.002, 2: 0.002})) == pytest.approx(0, abs=1e-6)
