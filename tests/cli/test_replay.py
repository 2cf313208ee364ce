"""``unsit replay``: real recordings against the figures of the contract and the oracle."""

import csv
import functools
import gzip
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

import oracle
from cli.program import (
    NO_DWELL,
    UNSIT,
    Ended,
    OnTerminal,
    environment,
    here,
    run,
    write_recording,
)

Record = dict[str, Any]
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
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
MEASURED = """\
import sys
from unsit.__main__ import main
code = main()
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")), file=sys.stderr)
sys.exit(code)
"""

every_recording = pytest.mark.parametrize("name", RECORDINGS)
with_and_without_dwell = pytest.mark.parametrize("dwell", DWELLS, ids=["no dwell", "dwell"])


@functools.cache
def replayed(file: Path, dwell: tuple[int, int]) -> Ended:
    """A recording's replay with a ``min_break`` of a minute."""
    sit, stand = dwell
    return here(
        "replay",
        str(file),
        "--json",
        *("--set", f"seat.sit_dwell={sit}"),
        *("--set", f"seat.stand_dwell={stand}"),
        *("--set", "sitting.min_break=60s"),
    )


@functools.cache
def records_of(ended: Ended) -> tuple[list[Record], Record]:
    """The events, and the summary after them."""
    *events, summary = map(json.loads, ended.lines)
    return events, summary


def of_type(records: list[Record], *kinds: str) -> list[Record]:
    return [record for record in records if record["type"] in kinds]


def rows_of(file: Path) -> tuple[datetime, list[tuple[int, bool]]]:
    """The start of a recording and its rows, in microseconds from there."""
    with file.open(newline="", encoding="utf-8") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [((at - start) // timedelta(microseconds=1), level == "1") for at, level in rows]


@functools.cache
def owed(file: Path, dwell: tuple[int, int]) -> list[oracle.Event]:
    """What the oracle says of a recording with the settings of ``replayed``."""
    sit, stand = dwell
    rules = oracle.Rules(sit * US, stand * US, 1800 * US, 60 * US, 300 * US, 6)
    return oracle.expected(rows_of(file)[1], rules)


def as_oracle(record: Record, start: datetime) -> oracle.Event:
    """A record as the oracle writes it."""
    base = ("id", "seq", "chair", "silent")
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

    given = [as_oracle(event, start) for event in events]

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
    """A recording of an hour and more: a long bout with a gap, a break, and a bout under way."""
    return write_recording(tmp_path / "morning.csv", *MORNING)


def test_events_are_told_in_words_one_line_each_and_a_summary_at_last(morning: str) -> None:
    ended = here("replay", morning)

    *lines, summary = ended.lines
    assert lines == [
        "2026-01-05 09:00:00  sat down",
        "2026-01-05 09:30:00  time to move: sitting for 30m",
        "2026-01-05 09:35:00  reminder 2: sitting for 35m",
        "2026-01-05 09:40:00  stood up after 40m (10m after the call to move)",
        "2026-01-05 09:41:00  back after 1m, too soon for a break",
        "2026-01-05 09:46:00  reminder 3: sitting for 46m",
        "2026-01-05 09:51:00  reminder 4: sitting for 51m",
        "2026-01-05 09:56:00  reminder 5: sitting for 56m",
        "2026-01-05 10:00:00  stood up after 1h00m (30m after the call to move)",
        "2026-01-05 10:02:00  break: the bout lasted 1h00m, 59m of it seated",
        "2026-01-05 10:10:00  the break lasted 10m",
        "2026-01-05 10:10:00  sat down",
        "2026-01-05 10:11:00  break: the bout lasted 1m, 1m of it seated "
        "(still open at the end of the recording)",
    ]
    assert summary.startswith(
        "2 bouts, the longest 1h00m; 1h00m seated; 1 breaks; 1 times due, 5 reminders; "
        "1h11m recorded in 7 rows, replayed in "
    )


def test_a_value_said_again_is_a_row_but_no_edge(morning: str) -> None:
    _, summary = records_of(here("replay", morning, "--json"))

    assert (summary["rows"], summary["ignored_rows"]) == (7, 2)


def test_every_event_names_the_chair(morning: str) -> None:
    events, _ = records_of(here("replay", morning, "--json", "--set", "chair.id=kitchen"))

    assert {event["chair"] for event in events} == {"kitchen"}


@pytest.mark.parametrize(
    "wiring",
    ["seat.normally_closed=true", "seat.pin=4", "buzzer.kind=passive", "buzzer.kind=none"],
)
def test_how_the_chair_is_wired_changes_no_event(morning: str, wiring: str) -> None:
    assert here("replay", morning, "--set", wiring).lines[:-1] == here("replay", morning).lines[:-1]


def test_times_with_an_offset_keep_it(tmp_path: Path) -> None:
    file = write_recording(
        tmp_path / "far.csv", "2026-01-05T09:00:00+05:45,1", "2026-01-05T09:10:00+05:45,1"
    )

    events, _ = records_of(here("replay", file, "--json"))

    assert [event["at"] for event in events] == [
        "2026-01-05T09:00:00.000+05:45",
        "2026-01-05T09:10:00.000+05:45",
    ]


def test_a_recording_in_which_nobody_sits_has_a_summary_alone(tmp_path: Path) -> None:
    file = write_recording(tmp_path / "empty.csv", "2026-01-05T09:00:00,0")

    events, summary = records_of(here("replay", file, "--json"))

    assert events == []
    assert (summary["bouts"], summary["rows"], summary["recorded_s"]) == (0, 1, 0)


def naive(ended: Ended) -> list[Record]:
    """What was replayed, without the offsets and what depends on them."""
    records = [json.loads(line) for line in ended.lines]
    for record in records:
        for key in ("id", "wall_s"):
            record.pop(key, None)
        for key in ("at", "started", "ended"):
            if key in record:
                record[key] = record[key][: len("2026-01-05T09:00:00.000")]
    return records


def test_the_time_zone_of_this_machine_changes_nothing_but_the_offset(recordings: Path) -> None:
    file = str(recordings / "ordonez/seat_A_edges.csv")

    in_utc = run("replay", file, "--json", env={"TZ": "UTC0"})
    in_new_york = run("replay", file, "--json", env={"TZ": NEW_YORK})

    assert '-05:00"' in in_new_york.out
    assert "+00:00" not in in_new_york.out
    assert naive(in_utc) == naive(in_new_york)


def test_a_gzip_file_gives_the_same_as_a_plain_one(recordings: Path, tmp_path: Path) -> None:
    plain = recordings / "ordonez/bed_A_edges.csv"
    packed = tmp_path / "bed.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert here("replay", str(packed)).lines[:-1] == here("replay", str(plain)).lines[:-1]


def sawtooth(file: Path, rows: int) -> str:
    """Writes a recording with a reading every ten seconds and a change at every twentieth."""
    start = datetime(2026, 1, 5)  # noqa: DTZ001  # recordings may be naive
    readings = (
        f"{start + n * timedelta(seconds=10):%Y-%m-%dT%H:%M:%S},{n // 20 % 2}" for n in range(rows)
    )
    return write_recording(file, *readings)


SHORT, LONG = 20_000, 200_000


@pytest.fixture(scope="module")
def teeth(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Recordings by the number of their rows."""
    folder = tmp_path_factory.mktemp("teeth")
    return {rows: sawtooth(folder / f"{rows}.csv", rows) for rows in (SHORT, LONG)}


@pytest.fixture(scope="module")
def measured(teeth: dict[int, str]) -> dict[int, Ended]:
    """Replays away from any terminal, each with its peak of memory."""
    runner = (sys.executable, "-c", MEASURED)
    return {rows: run("replay", file, "--json", runner=runner) for rows, file in teeth.items()}


def test_a_recording_of_ten_times_the_length_takes_no_more_memory(
    measured: dict[int, Ended],
) -> None:
    peaks = {rows: int(ended.err.split()[-2]) for rows, ended in measured.items()}

    assert peaks[LONG] - peaks[SHORT] < 5 * 1024


def test_a_long_recording_is_replayed_to_its_end(measured: dict[int, Ended]) -> None:
    for rows, ended in measured.items():
        events, summary = records_of(ended)
        assert ended.code == 0
        assert summary["rows"] == rows
        assert len(of_type(events, "stood_up")) == rows // 40 - 1


def test_without_a_terminal_there_is_no_progress_bar_however_long_it_takes(
    measured: dict[int, Ended],
) -> None:
    for ended in measured.values():
        assert re.fullmatch(r"VmHWM:\s+\d+ kB\n\n", ended.err)
        assert "\x1b" not in ended.out


def test_a_reader_who_has_had_enough_is_no_error(recordings: Path) -> None:
    file = str(recordings / "ordonez/seat_A_edges.csv")
    program = subprocess.Popen(
        [*UNSIT, "replay", file, "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    first = program.stdout.readline()
    program.stdout.close()

    _, err = program.communicate()

    assert json.loads(first)["type"] == "bout_started"
    assert (program.returncode, err) == (0, "")


def test_a_terminal_sees_a_progress_bar_and_can_interrupt_it(teeth: dict[int, str]) -> None:
    with OnTerminal(*UNSIT, "replay", teeth[LONG], *NO_DWELL) as terminal:
        terminal.wait_for("replaying")
        terminal.press_ctrl_c()
        ended = terminal.end()

    assert ended.code == 0
    assert "Traceback" not in ended.out


def test_a_progress_bar_keeps_out_of_a_file_and_nothing_of_the_output_is_lost(
    tmp_path: Path,
) -> None:
    rows = 300_000
    file = sawtooth(tmp_path / "long.csv", rows)
    events = tmp_path / "events.json"
    into_a_file = 'exec "$0" -m unsit replay "$1" --json > "$2"'

    with OnTerminal("sh", "-c", into_a_file, sys.executable, file, str(events)) as terminal:
        terminal.wait_for("replaying")
        ended = terminal.end()

    lines = events.read_text(encoding="utf-8").splitlines()
    assert ended.code == 0
    assert "bout_s" not in ended.out
    assert [json.loads(line)["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    assert json.loads(lines[-1])["rows"] == rows


def test_a_short_replay_on_a_terminal_has_no_progress_bar(morning: str) -> None:
    with OnTerminal(*UNSIT, "replay", morning) as terminal:
        ended = terminal.end()

    assert ended.code == 0
    assert "sat down" in ended.out
    assert "replaying" not in ended.out
    assert "\x1b" not in ended.out
