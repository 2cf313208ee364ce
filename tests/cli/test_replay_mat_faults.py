"""Which recordings of mats are not believed, and from when on."""

import json
from pathlib import Path

import pytest

from cli.program import here

STUCK = {
    "kasteren/C_bed_left_mat_edges.csv": "2008-11-25T23:07:36.000",
    "kasteren/C_bed_right_mat_edges.csv": "2008-11-25T22:56:05.000",
}
"""Beds whose contact stayed closed from the usual time of getting up for a day, or most of one."""


def faults_of(file: Path) -> list[tuple[str, str]]:
    events = [json.loads(line) for line in here("replay", str(file), "--json").lines]
    return [(one["reason"], one["at"][:23]) for one in events if one["type"] == "sensor_fault"]


def test_no_ordinary_sitting_is_taken_for_a_fault_and_what_is_stuck_is(recordings: Path) -> None:
    found = {
        f"{file.parent.name}/{file.name}": faults
        for file in sorted(recordings.glob("*/*_edges.csv"))
        if (faults := faults_of(file))
    }
    assert found == {name: [("stuck", at)] for name, at in STUCK.items()}


def row(second: float, level: int) -> str:
    minutes, seconds = divmod(second, 60)
    return f"2026-11-24T09:{int(minutes):02}:{seconds:06.3f},{level}\n"


@pytest.mark.parametrize(("rate", "at_fault"), [(2.0, True), (0.9, False)])
def test_a_contact_that_flaps_is_told_and_recovers(
    tmp_path: Path, rate: float, at_fault: bool
) -> None:
    file = tmp_path / "flapping.csv"
    edges = "".join(row(nth / rate, 1 - nth % 2) for nth in range(201))
    file.write_text("ts,contact\n" + edges + row(600, 0), encoding="utf-8")

    types = [json.loads(line)["type"] for line in here("replay", str(file), "--json").lines]
    assert ("sensor_fault" in types) is at_fault
    assert types.count("sensor_fault") == types.count("sensor_recovered")
