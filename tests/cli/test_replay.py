"""``unsit replay``: real recordings against the figures of the contract and the oracle."""

import csv
import functools
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

import oracle
from cli.program import (
    here,
)
from cli.replayed import Record, of_type, records_of, replayed

Key = tuple[str, int, int]

US = 1_000_000

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

DWELLS = ((0, 0), (2, 5))

every_recording = pytest.mark.parametrize("name", RECORDINGS)

with_and_without_dwell = pytest.mark.parametrize("dwell", DWELLS, ids=["no dwell", "dwell"])


def rows_of(file: Path) -> tuple[datetime, list[tuple[int, bool]]]:
    """The start of a recording and its rows, in microseconds from there."""
    with file.open(newline="", encoding="utf-8") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [((at - start) // timedelta(microseconds=1), level == "1") for at, level in rows]


BEYOND_THE_ORACLE = {"back_too_soon", "sitting_cue", "exercise_due", "exercise_done"}
"""Of exercises, or says of a gap that it was too short; the oracle says that there was one."""


@functools.cache
def owed(file: Path, dwell: tuple[int, int]) -> list[oracle.Event]:
    """What the oracle says of a recording with the settings of ``replayed``."""
    sit, stand = dwell
    rules = oracle.Rules(sit * US, stand * US, 1800 * US, 60 * US, 300 * US, 6)
    return oracle.expected(rows_of(file)[1], rules)


def as_oracle(record: Record, start: datetime) -> oracle.Event:
    """A record as the oracle writes it."""
    base = ("id", "seq", "chair", "silent", "exercise", "exercise_name")
    event = {
        key.removesuffix("_s"): _as_oracle(key, value, start)
        for key, value in record.items()
        if key not in base
    }
    return {"open": False} | event if record["type"] == "bout_ended" else event


def _as_oracle(key: str, value: Any, start: datetime) -> Any:
    if key in ("at", "started", "ended"):
        date = datetime.fromisoformat(value).replace(tzinfo=None)
        return (date - start) // timedelta(microseconds=1)
    if key.endswith("_s") and value is not None:
        return round(value * US)
    return value


def test_all_recordings_are_replayed_below(recordings: Path) -> None:
    found = recordings.glob("*/*_edges.csv")

    assert sorted(str(file.relative_to(recordings)) for file in found) == sorted(RECORDINGS)


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
def test_a_recording_replays_without_a_word_on_standard_error(
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    ended = replayed(recordings / name, dwell)

    assert (ended.code, ended.err) == (0, "")


@with_and_without_dwell
@every_recording
def test_a_recording_gives_every_event_that_the_oracle_says_it_owes(
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    start, _ = rows_of(recordings / name)
    events, _ = records_of(replayed(recordings / name, dwell))

    given = [as_oracle(event, start) for event in events if event["type"] not in BEYOND_THE_ORACLE]

    expected = owed(recordings / name, dwell)
    assert len(given) == len(expected)
    for event, right in zip(given, expected, strict=True):
        assert event == right


@with_and_without_dwell
@every_recording
def test_the_summary_has_the_oracles_totals_and_what_the_recording_holds(
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    _, summary = records_of(replayed(recordings / name, dwell))
    _, rows = rows_of(recordings / name)
    totals = oracle.summary(owed(recordings / name, dwell))

    assert summary.pop("wall_s") >= 0
    assert summary == {
        "type": "summary",
        "recording": str(recordings / name),
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
def test_events_are_numbered_without_a_hole_and_never_go_back_in_time(
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recordings / name, dwell))
    times = [datetime.fromisoformat(event["at"]) for event in events]
    identities = [event["id"] for event in events]

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert all(earlier < later for earlier, later in pairwise(identities))


@with_and_without_dwell
@every_recording
def test_a_bout_is_due_once_at_most_and_before_any_reminder(
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recordings / name, dwell))
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
    recordings: Path, name: str, dwell: tuple[int, int]
) -> None:
    events, _ = records_of(replayed(recordings / name, dwell))

    durations = [
        value
        for event in events
        for key, value in event.items()
        if key.endswith("_s") and value is not None
    ]

    assert min(durations) >= 0
    for bout in of_type(events, "bout_ended"):
        assert bout["seated_s"] <= bout["duration_s"]
        assert bout["started"] <= bout["ended"] <= bout["at"]
