"""Faults of mats in recordings, with their times."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.program import here

FAULTS = {
    "kasteren/C_bed_left_mat_edges.csv": [("stuck", "2008-11-25T23:07:36.000")],
    "kasteren/C_bed_right_mat_edges.csv": [
        ("unsettled", "2008-11-20T02:39:06.000"),
        ("stuck", "2008-11-25T22:56:05.000"),
    ],
}
"""Beds whose contact stayed closed for most of a day after the person got up.

In one night one of them comes and goes too often to be believed: 85 events in an hour.
"""


def faults_of(file: Path) -> list[tuple[str, str]]:
    events = [json.loads(line) for line in here("replay", str(file), "--json").lines]
    return [
        (event["reason"], event["at"][:23]) for event in events if event["type"] == "sensor_fault"
    ]


def test_of_the_mats_under_people_only_two_beds_are_at_fault(recordings: Path) -> None:
    found = {
        f"{file.parent.name}/{file.name}": faults
        for file in sorted(recordings.glob("*/*_edges.csv"))
        if (faults := faults_of(file))
    }
    assert found == FAULTS


def row(second: float, level: int) -> str:
    minutes, seconds = divmod(round(second, 3), 60)
    return f"2026-11-24T09:{int(minutes):02}:{seconds:06.3f},{level}\n"


@pytest.mark.parametrize(("rate", "at_fault"), [(2.0, True), (0.9, False)])
def test_a_flapping_contact_is_a_fault_and_recovers(
    tmp_path: Path, rate: float, at_fault: bool
) -> None:
    file = tmp_path / "flapping.csv"
    edges = "".join(row(number / rate, 1 - number % 2) for number in range(201))
    file.write_text("ts,contact\n" + edges + row(600, 0), encoding="utf-8")

    types = [json.loads(line)["type"] for line in here("replay", str(file), "--json").lines]
    assert ("sensor_fault" in types) is at_fault
    assert types.count("sensor_fault") == types.count("sensor_recovered")


@pytest.mark.parametrize(
    ("on", "off"), [(1.2, 0.2), (1.9, 0.5), (0.66, 0.66), (1, 1), (2.5, 5.5), (12, 12)]
)
def test_a_contact_that_never_settles_is_named_and_floods_nothing(
    tmp_path: Path, on: float, off: float
) -> None:
    file, second = tmp_path / "chatter.csv", 0.0
    with file.open("w", encoding="utf-8") as out:
        out.write("ts,contact\n")
        while second < 3500:
            out.write(row(second, 1) + row(second + on, 0))
            second += on + off
    events = [json.loads(line) for line in here("replay", str(file), "--json").lines]
    reasons = [event["reason"] for event in events if event["type"] == "sensor_fault"]
    assert reasons == ["unsettled"]
    assert len(events) <= 60


@pytest.mark.parametrize(
    ("column", "seated", "every"),
    [("contact", 1, every) for every in (60, 130, 240, 280, 310)] + [("grams", 75_000, 280)],
)
def test_gaps_of_six_seconds_take_no_reminder(
    tmp_path: Path, column: str, seated: int, every: int
) -> None:
    file, start = tmp_path / "gaps.csv", datetime(2026, 1, 5, 8)  # noqa: DTZ001  # as recorded
    levels = [(0, seated)]
    for second in range(every, 5400, every):
        levels += [(second - 6, 0), (second, seated)]
    rows = (f"{(start + timedelta(seconds=at)).isoformat()},{level}\n" for at, level in levels)
    file.write_text(f"ts,{column}\n" + "".join(rows))

    summary = json.loads(here("replay", str(file), "--json").lines[-1])
    assert (summary["bouts"], summary["move_due"], summary["reminders"]) == (1, 1, 6)
