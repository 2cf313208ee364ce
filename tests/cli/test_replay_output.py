"""``unsit replay``: its lines, its dates and the files that it reads."""

import gzip
import json
from pathlib import Path

import pytest

from support.program import (
    UNSIT,
    Ended,
    OnTerminal,
    here,
    run,
    write_recording,
)
from support.replayed import Record, records_of

NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"

MORNING = (
    "2026-01-05T09:00:00,1",
    "2026-01-05T09:40:00,0",
    "2026-01-05T09:41:00,1",
    "2026-01-05T09:41:30,1",
    "2026-01-05T10:00:00,0",
    "2026-01-05T10:10:00,1",
    "2026-01-05T10:11:00,1",
)


@pytest.fixture
def morning(tmp_path: Path) -> str:
    """Return a recording of 71 minutes: a long bout with a gap, a break, and an open bout."""
    return write_recording(tmp_path / "morning.csv", *MORNING)


def test_each_event_is_one_line_of_text_and_a_summary_comes_last(morning: str) -> None:
    ended = here("replay", morning)

    *lines, summary = ended.lines
    assert lines == [
        "2026-01-05 09:00:00  sat down",
        "2026-01-05 09:05:00  posture tip: Sit back, your weight on both sides.",
        "2026-01-05 09:30:00  time to move: sitting for 30m (exercise: hip-flexor stretch)",
        "2026-01-05 09:35:00  reminder 2: sitting for 35m",
        "2026-01-05 09:40:00  stood up after 40m (10m after the call to move)",
        "2026-01-05 09:40:00  while you are up: hip-flexor stretch",
        "2026-01-05 09:41:00  sat back down after 1m, too soon for a break",
        "2026-01-05 09:41:00  not a break: 1m too short",
        "2026-01-05 09:41:00  reminder 3: sitting for 41m",
        "2026-01-05 09:46:00  reminder 4: sitting for 46m",
        "2026-01-05 09:51:00  reminder 5: sitting for 51m",
        "2026-01-05 09:56:00  reminder 6: sitting for 56m",
        "2026-01-05 10:00:00  stood up after 1h00m (30m after the call to move)",
        "2026-01-05 10:00:00  while you are up: hip-flexor stretch",
        "2026-01-05 10:02:00  the bout lasted 1h00m, 59m of it seated",
        "2026-01-05 10:10:00  the break lasted 10m",
        "2026-01-05 10:10:00  sat down",
        "2026-01-05 10:11:00  the bout lasted 1m, 1m of it seated "
        "(still open at the end of the recording)",
    ]
    assert summary.startswith(
        "2 bouts, the longest 1h00m; 1h00m seated; 1 breaks; 1 times due, 6 reminders; "
        "1h11m recorded in 7 rows, replayed in "
    )


def test_a_repeated_value_is_a_row_but_not_an_edge(morning: str) -> None:
    _, summary = records_of(here("replay", morning, "--json"))

    assert (summary["rows"], summary["ignored_rows"]) == (7, 2)


def test_every_event_names_the_chair(morning: str) -> None:
    events, _ = records_of(here("replay", morning, "--json", "--set", "chair.id=kitchen"))

    assert {event["chair"] for event in events} == {"kitchen"}


@pytest.mark.parametrize(
    "wiring",
    ["seat.normally_closed=true", "seat.pin=4", "buzzer.kind=passive", "buzzer.kind=none"],
)
def test_the_wiring_of_the_chair_changes_no_event(morning: str, wiring: str) -> None:
    assert here("replay", morning, "--set", wiring).lines[:-1] == here("replay", morning).lines[:-1]


def test_times_with_an_offset_keep_it(tmp_path: Path) -> None:
    file = write_recording(
        tmp_path / "far.csv", "2026-01-05T09:00:00+05:45,1", "2026-01-05T09:04:00+05:45,1"
    )

    events, _ = records_of(here("replay", file, "--json"))

    assert [event["at"] for event in events] == [
        "2026-01-05T09:00:00.000+05:45",
        "2026-01-05T09:04:00.000+05:45",
    ]


def test_a_recording_without_sitting_has_only_a_summary(tmp_path: Path) -> None:
    file = write_recording(tmp_path / "empty.csv", "2026-01-05T09:00:00,0")

    events, summary = records_of(here("replay", file, "--json"))

    assert events == []
    assert (summary["bouts"], summary["rows"], summary["recorded_s"]) == (0, 1, 0)


def naive(ended: Ended) -> list[Record]:
    """Return the replayed records without UTC offsets and the fields that depend on them."""
    records = [json.loads(line) for line in ended.lines]
    for record in records:
        for key in ("id", "wall_s"):
            record.pop(key, None)
        for key in ("at", "started", "ended"):
            if key in record:
                record[key] = record[key][: len("2026-01-05T09:00:00.000")]
    return records


def test_the_time_zone_of_this_machine_changes_only_the_offset(generated: Path) -> None:
    file = str(generated / "office-week.csv")

    in_utc = run("replay", file, "--json", env={"TZ": "UTC0"})
    in_new_york = run("replay", file, "--json", env={"TZ": NEW_YORK})

    assert '-05:00"' in in_new_york.out
    assert "+00:00" not in in_new_york.out
    assert naive(in_utc) == naive(in_new_york)


def test_a_gzip_file_gives_the_same_as_a_plain_one(generated: Path, tmp_path: Path) -> None:
    plain = generated / "bouncing.csv"
    packed = tmp_path / "bed.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert here("replay", str(packed)).lines[:-1] == here("replay", str(plain)).lines[:-1]


def test_a_short_replay_on_a_terminal_has_no_progress_bar(morning: str) -> None:
    with OnTerminal(*UNSIT, "replay", morning) as terminal:
        ended = terminal.end()

    assert ended.code == 0
    assert "sat down" in ended.out
    assert "replaying" not in ended.out
    assert "\x1b" not in ended.out
