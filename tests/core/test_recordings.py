"""Generated and real recordings, compared with the oracle and the documented answers."""

import csv
import gzip
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from recordings import catalogue
from support import oracle
from support.against_oracle import (
    Edge,
    events_of,
    live_through,
    oracle_events,
    oracle_rows,
    oracle_rules,
)
from support.places import REAL_MATS as RECORDINGS
from support.timeline import given, sec
from unsit.core.events import BoutEnded, BoutStarted, MoveDue

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
    """Return the start of a recording and its rows."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open(newline="") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [(when - start, contact == "1") for when, contact in rows]


def test_every_real_recording_is_listed(recordings: Path) -> None:
    found = recordings.glob("*/*_edges.csv")
    assert sorted(str(file.relative_to(recordings)) for file in found) == sorted(RECORDINGS)


@pytest.mark.parametrize("dwell", DWELLS)
@pytest.mark.parametrize("figures", RULES)
@pytest.mark.parametrize("name", catalogue.MATS + RECORDINGS, scope="module")  # read it once
def test_a_recording_gives_the_oracle_events(recording: Path, figures: str, dwell: str) -> None:
    rules = replace(RULES[figures], **DWELLS[dwell]).rules
    _, edges = read(recording)
    run = live_through(edges, rules)
    events = oracle_events(run.emitted)
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
def test_a_recording_of_the_contract_gives_its_documented_events(
    recordings: Path, name: str, bouts: int, due: int, seated: float, longest: float
) -> None:
    _, edges = read(recordings / name)
    events = events_of(live_through(edges, given(min_break=60).rules).emitted)
    ended = [event for event in events if isinstance(event, BoutEnded)]
    assert sum(isinstance(event, BoutStarted) for event in events) == len(ended) == bouts
    assert sum(isinstance(event, MoveDue) for event in events) == due
    assert sum((bout.seated for bout in ended), sec(0)) == sec(seated)
    assert max(bout.duration for bout in ended) == sec(longest)


def test_the_first_due_instant_of_the_contract(recordings: Path) -> None:
    start, edges = read(recordings / "ordonez/seat_A_edges.csv")
    events = events_of(live_through(edges, given(min_break=60).rules).emitted)
    due = next(event for event in events if isinstance(event, MoveDue))
    assert start + due.at == datetime.fromisoformat("2011-11-28T11:21:41")
