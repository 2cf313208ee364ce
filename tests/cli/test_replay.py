"""``unsit replay``: generated and real recordings against the oracle and known answers."""

import csv
import functools
import gzip
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from recordings import catalogue
from support import oracle
from support.places import REAL_MATS
from support.program import here
from support.replayed import Record, of_type, records_of, replayed

Key = tuple[str, int, int]

US = 1_000_000

DWELLS = ((0, 0), (2, 5))

WITHOUT_FAULTS = tuple(name for name in catalogue.MATS if not catalogue.make(name).faults)
"""Recordings without a fault of the mat: the oracle believes every edge."""

# With the scope of the module, the tests of a recording follow each other and share its replay.
every_recording = pytest.mark.parametrize("name", WITHOUT_FAULTS + REAL_MATS, scope="module")

with_and_without_dwell = pytest.mark.parametrize(
    "dwell", DWELLS, ids=["no dwell", "dwell"], scope="module"
)


def rows_of(file: Path) -> tuple[datetime, list[tuple[int, bool]]]:
    """Return the start of a recording and its rows, in microseconds from the start."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open(newline="") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [((at - start) // timedelta(microseconds=1), level == "1") for at, level in rows]


RESTLESS = ("pulses.csv", "C_bed_right_mat_edges.csv")
"""Recordings of contacts that come and go too often for all their levels to count."""


def skip_if_damped(recording: Path, dwell: tuple[int, int]) -> None:
    if recording.name in RESTLESS and dwell != (0, 0):
        pytest.skip("the mat is restless: the oracle believes levels that the chair does not")


NOT_IN_ORACLE = {"back_too_soon", "sitting_cue", "exercise_due", "exercise_done"}
"""Events that the oracle does not model."""


@functools.cache
def expected_events(file: Path, dwell: tuple[int, int]) -> list[oracle.Event]:
    """Return the oracle's events of a recording with the settings of ``replayed``."""
    sit, stand = dwell
    rules = oracle.Rules(sit * US, stand * US, 1800 * US, 60 * US, 300 * US, 6)
    return oracle.expected(rows_of(file)[1], rules)


def as_oracle(record: Record, start: datetime) -> oracle.Event:
    """Return a record in the oracle's form."""
    base = ("id", "seq", "chair", "silent", "exercise", "exercise_name")
    event = {
        key.removesuffix("_s"): _as_oracle(key, value, start)
        for key, value in record.items()
        if key not in base
    }
    return {"open": False} | event if record["type"] == "bout_ended" else event


def _as_oracle(key: str, value: Any, start: datetime) -> Any:
    if key in ("at", "started", "ended"):
        date = datetime.fromisoformat(value)
        return ((date if start.tzinfo else date.replace(tzinfo=None)) - start) // timedelta(
            microseconds=1
        )
    if key.endswith("_s") and value is not None:
        return round(value * US)
    return value


def test_all_recordings_are_replayed_below(recordings: Path) -> None:
    found = recordings.glob("*/*_edges.csv")

    assert sorted(str(file.relative_to(recordings)) for file in found) == sorted(REAL_MATS)


@pytest.mark.parametrize(
    ("name", "bouts", "due", "seated", "longest"),
    [
        ("ordonez/seat_A_edges.csv", 69, 58, 531466, 31139),
        ("activpal_lyden/sit_7_1_edges.csv", 243, 52, 581016.3, 44574.1),
        ("activpal_palkitchen/sit_Test1-EventsEx_edges.csv", 25, 11, 51906, 10855.9),
    ],
)
def test_the_known_answers_of_the_contract(
    recordings: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    bouts: int,
    due: int,
    seated: float,
    longest: float,
) -> None:
    monkeypatch.setenv("UNSIT_SEAT__SIT_DWELL", "0")
    monkeypatch.setenv("UNSIT_SEAT__STAND_DWELL", "0")
    monkeypatch.setenv("UNSIT_SITTING__MIN_BREAK", "60s")

    _, summary = records_of(here("replay", str(recordings / name), "--json"))

    assert summary["bouts"] == bouts
    assert summary["move_due"] == due
    assert summary["seated_s"] == seated
    assert summary["longest_bout_s"] == longest


def test_the_first_due_instant_of_the_contract(recordings: Path) -> None:
    events, _ = records_of(replayed(recordings / "ordonez/seat_A_edges.csv", (0, 0)))

    first = of_type(events, "move_due")[0]

    assert first["at"].startswith("2011-11-28T11:21:41.000")


@with_and_without_dwell
@every_recording
def test_a_replay_explains_an_empty_seat_and_prints_nothing_else_on_standard_error(
    recording: Path, dwell: tuple[int, int]
) -> None:
    ended = replayed(recording, dwell)

    assert ended.code == 0
    lines = ended.err.splitlines()
    is_empty = records_of(ended)[1]["bouts"] == 0
    assert len(lines) == is_empty
    assert not is_empty or "nobody sits down" in lines[0] or "never pressed" in lines[0]


@with_and_without_dwell
@every_recording
def test_a_replay_gives_the_events_of_the_oracle(recording: Path, dwell: tuple[int, int]) -> None:
    skip_if_damped(recording, dwell)
    start, _ = rows_of(recording)
    events, _ = records_of(replayed(recording, dwell))

    events_found = [
        as_oracle(event, start) for event in events if event["type"] not in NOT_IN_ORACLE
    ]

    expected = expected_events(recording, dwell)
    assert len(events_found) == len(expected)
    for event, expected_event in zip(events_found, expected, strict=True):
        assert event == expected_event


@with_and_without_dwell
@every_recording
def test_the_summary_has_the_totals_of_the_oracle_and_of_the_recording(
    recording: Path, dwell: tuple[int, int]
) -> None:
    skip_if_damped(recording, dwell)
    _, summary = records_of(replayed(recording, dwell))
    _, rows = rows_of(recording)
    totals = oracle.summary(expected_events(recording, dwell))

    assert summary["wall_s"] >= 0
    assert summary == {
        "wall_s": summary["wall_s"],
        "type": "summary",
        "recording": str(recording),
        "bouts": totals["bouts"],
        "move_due": totals["move_due"],
        "reminders": totals["reminders"],
        "seated_s": totals["seated_us"] / US,
        "longest_bout_s": totals["longest_bout_us"] / US,
        "breaks": totals["breaks"],
        "rows": len(rows),
        "ignored_rows": sum(level is before for (_, before), (_, level) in pairwise(rows)),
        "recorded_s": rows[-1][0] / US,
    }


@with_and_without_dwell
@every_recording
def test_events_are_numbered_without_a_gap_and_in_the_order_of_time(
    recording: Path, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recording, dwell))
    times = [datetime.fromisoformat(event["at"]) for event in events]
    identities = [event["id"] for event in events]

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert all(earlier < later for earlier, later in pairwise(identities))


@every_recording
def test_a_mat_causes_at_most_60_events_in_an_hour(recording: Path) -> None:
    events, _ = records_of(replayed(recording, DWELLS[1]))
    times = [datetime.fromisoformat(event["at"]) for event in events]

    lengths = (after - times[nth] for nth, after in enumerate(times[60:]))
    assert all(length > timedelta(hours=1) for length in lengths)


@with_and_without_dwell
@every_recording
def test_a_bout_is_due_at_most_once_and_before_any_reminder(
    recording: Path, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recording, dwell))
    called = of_type(events, "bout_started", "move_due", "move_reminder")

    bouts = [
        [record["reminder"] for record in group]
        for starts, group in groupby(called, lambda record: record["type"] == "bout_started")
        if not starts
    ]

    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in bouts)


@with_and_without_dwell
@every_recording
def test_no_duration_is_negative_and_nobody_sits_longer_than_the_bout(
    recording: Path, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recording, dwell))

    durations = [
        value
        for event in events
        for key, value in event.items()
        if key.endswith("_s") and value is not None
    ]

    assert min(durations, default=0) >= 0
    for bout in of_type(events, "bout_ended"):
        assert bout["seated_s"] <= bout["duration_s"]
        assert bout["started"] <= bout["ended"] <= bout["at"]
