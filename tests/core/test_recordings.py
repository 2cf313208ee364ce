"""Real recordings, weeks of them, against the oracle and the figures of the contract."""

import csv
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import oracle
from against_oracle import (
    Edge,
    events_of,
    events_of_the_oracle,
    live_through,
    oracle_rows,
    oracle_rules,
)
from timeline import given, sec
from unsit.core.events import BoutEnded, BoutStarted, MoveDue

RECORDINGS = (
    "activpal_lyden/sit_7_1_edges.csv",
    "activpal_lyden/sit_7_2_edges.csv",
    "activpal_palkitchen/sit_Test1-EventsEx_edges.csv",
    "activpal_palkitchen/sit_Test_Events_edges.csv",
    "kasteren/C_bed_left_mat_edges.csv",
    "kasteren/C_bed_right_mat_edges.csv",
    "kasteren/C_couch_mat_edges.csv",
    "ordonez/bed_A_edges.csv",
    "ordonez/seat_A_edges.csv",
)
RULES = {
    "the defaults": given(),
    "the figures of the contract": given(min_break=60),
    "short bouts, long breaks": given(move_after=600, min_break=900, max_reminders=2),
    "restless": given(move_after=20, min_break=10, repeat_every=7, max_reminders=3),
}
DWELLS: dict[str, dict[str, Any]] = {
    "without dwell": {},
    "with dwell": {"sit_dwell": 2, "stand_dwell": 5},
}


@cache
def read(file: Path) -> tuple[datetime, list[Edge]]:
    """When the recording starts, and its rows."""
    with file.open(newline="") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [(when - start, contact == "1") for when, contact in rows]


def test_all_recordings_are_here(recordings: Path) -> None:
    found = recordings.glob("*/*_edges.csv")
    assert sorted(str(file.relative_to(recordings)) for file in found) == sorted(RECORDINGS)


@pytest.mark.parametrize("dwell", DWELLS)
@pytest.mark.parametrize("figures", RULES)
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_gives_the_events_of_the_oracle(
    recordings: Path, name: str, figures: str, dwell: str
) -> None:
    rules = replace(RULES[figures], **DWELLS[dwell]).rules
    _, edges = read(recordings / name)
    run = live_through(edges, rules)
    events = events_of_the_oracle(run.told)
    owed = oracle.expected(oracle_rows(edges), oracle_rules(rules))
    assert len(events) == len(owed)
    for event, expected in zip(events, owed, strict=True):
        assert event == expected
    assert run.chair.seat.blips == oracle.count_blips(oracle_rows(edges), oracle_rules(rules))


@pytest.mark.parametrize(
    ("name", "bouts", "due", "seated", "longest"),
    [
        ("ordonez/seat_A_edges.csv", 69, 58, 531466, 31139),
        ("activpal_lyden/sit_7_1_edges.csv", 243, 52, 581016.3, 44574.1),
        ("activpal_palkitchen/sit_Test1-EventsEx_edges.csv", 25, 11, 51906, 10855.9),
    ],
)
def test_the_known_answers_of_the_contract(
    recordings: Path, name: str, bouts: int, due: int, seated: float, longest: float
) -> None:
    _, edges = read(recordings / name)
    events = events_of(live_through(edges, given(min_break=60).rules).told)
    ended = [event for event in events if isinstance(event, BoutEnded)]
    assert sum(isinstance(event, BoutStarted) for event in events) == len(ended) == bouts
    assert sum(isinstance(event, MoveDue) for event in events) == due
    assert sum((bout.seated for bout in ended), sec(0)) == sec(seated)
    assert max(bout.duration for bout in ended) == sec(longest)


def test_the_first_due_instant_of_the_contract(recordings: Path) -> None:
    start, edges = read(recordings / "ordonez/seat_A_edges.csv")
    events = events_of(live_through(edges, given(min_break=60).rules).told)
    due = next(event for event in events if isinstance(event, MoveDue))
    assert start + due.at == datetime.fromisoformat("2011-11-28T11:21:41")
