"""``unsit replay`` of generated recordings against the true sitting that they were made from."""

import functools
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from recordings import catalogue
from recordings.catalogue import Made
from support import oracle
from support.program import NO_DWELL, here
from support.replayed import Record, records_of

pytestmark = pytest.mark.slow

RULES = oracle.Rules(
    sit_dwell=2_000_000,
    stand_dwell=5_000_000,
    move_after=1_800_000_000,
    min_break=60_000_000,
    repeat_every=300_000_000,
    max_reminders=6,
)
ZERO_DWELL = {"sit_dwell": 0, "stand_dwell": 0}

TOLERANCE_MS = 3_000
"""Cells have a row every 0.1 to 2 s, and a sit-down has the time of its first complete row."""

FAULT_DELAY_MAX_MS = 20_000


@functools.cache
def replayed(file: Path) -> list[Record]:
    """Return the events of a replay with the recording's calibration and 1 min ``min_break``.

    Cells have no dwell where it would hide a flicker; a faulty cell flickers before its fault.
    """
    made = catalogue.make(file.name)
    dwell = NO_DWELL if has_no_dwell(made) else ()
    cells = file.with_name(f"{file.name}.cells.json")
    calibration = ("--set", f"load_cell.calibration={cells}") if cells.exists() else ()
    ended = here(
        "replay", str(file), "--json", "--set", "sitting.min_break=60s", *calibration, *dwell
    )
    events, summary = records_of(ended)
    assert ended.code == 0
    assert bool(ended.err) == (summary["bouts"] == 0), "an empty seat is explained, and no other"
    return events


def has_no_dwell(made: Made) -> bool:
    """Return whether a recording is replayed without dwell."""
    return made.is_load and not made.faults


def instant_of(made: Made, record: Record) -> int:
    """Return the time of an event, in ms from the recording's midnight."""
    at, midnight = datetime.fromisoformat(record["at"]), made.date(0)
    if midnight.tzinfo is None:
        at = at.replace(tzinfo=None)
    return round((at - midnight).total_seconds() * 1000)


def expected_events(made: Made, rules: oracle.Rules) -> list[tuple[str, int]]:
    """Return type and time (ms) of the oracle's events for the true sitting."""
    edges = [(at, on) for stay in made.stays for at, on in ((stay.down, True), (stay.up, False))]
    rows = [*edges, (made.rows[-1][0], False)]
    events = oracle.expected([(at * 1000, on) for at, on in rows], rules)
    return [(str(event["type"]), oracle.number(event, "at") // 1000) for event in events]


# With the scope of the module, the tests of a recording follow each other and share its replay.
@pytest.mark.parametrize("name", catalogue.CELLS, scope="module")
def test_load_cells_give_the_events_of_the_true_sitting(recording: Path, name: str) -> None:
    made = catalogue.make(name)
    rules = replace(RULES, **ZERO_DWELL) if has_no_dwell(made) else RULES
    expected = expected_events(made, rules)
    known = {
        *("bout_started", "sat_back", "stood_up", "bout_ended", "break_ended"),
        *("move_due", "move_reminder", "gave_up"),
    }

    found = [
        (event["type"], instant_of(made, event))
        for event in replayed(recording)
        if event["type"] in known
    ]

    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    assert [at for _, at in found] == pytest.approx([at for _, at in expected], abs=TOLERANCE_MS)


@pytest.mark.parametrize("name", catalogue.MATS + catalogue.CELLS, scope="module")
def test_the_faults_of_a_sensor_are_found_and_no_other(recording: Path, name: str) -> None:
    made = catalogue.make(name)
    events = [event for event in replayed(recording) if event["type"] == "sensor_fault"]

    assert [event["reason"] for event in events] == [reason for reason, _ in made.faults]
    for event, (_, begins) in zip(events, made.faults, strict=True):
        assert 0 <= instant_of(made, event) - begins <= FAULT_DELAY_MAX_MS


@pytest.mark.parametrize(
    ("name", "sides"),
    [("cells-two.csv", ["left", "right"]), ("cells-four.csv", ["forward"])],
    scope="module",
)
def test_leaning_on_several_cells_is_found(recording: Path, sides: list[str]) -> None:
    leaned = [event["side"] for event in replayed(recording) if event["type"] == "leaning_started"]

    assert leaned == sides
