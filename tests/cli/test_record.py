"""``unsit record`` on simulated pins, with a person who sits down and stands up."""

import csv
import gzip
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import IO

import pytest

from support.program import NO_DWELL, PROGRAM_TIMEOUT_S, Program, here
from unsit.cli.process import STOP_SIGNALS

PERSON = {
    "GPIOZERO_PIN_FACTORY": "unsit_sim",
    "UNSIT_SIM_SCRIPT": "sit 10s, stand 10s, sit 100h",
    "UNSIT_SIM_SPEED": "200",
}


@contextmanager
def followed(file: Path) -> Iterator[IO[str]]:
    """Yield the lines of a file as they are written, until the timeout."""
    tail = ["timeout", str(PROGRAM_TIMEOUT_S), "tail", "-n", "+1", "-f", str(file)]
    with subprocess.Popen(tail, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        yield following.stdout
        following.terminate()


def wait_until_back(file: Path) -> None:
    """Wait until the person has sat, stood up and sat down again."""
    seen = ""
    with followed(file) as lines:
        for line in lines:
            level = line.rstrip()[-1:]
            seen += level if level != seen[-1:] else ""
            if seen.endswith("101"):
                return
    raise AssertionError(f"the person has not come back; the levels were {seen}")


def rows_of(file: Path) -> list[tuple[datetime, str]]:
    """Return the rows of a recording."""
    opens = gzip.open if file.suffix == ".gz" else open
    with opens(file, "rt", encoding="utf-8") as text:
        return [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording of a person who sits, stands, and is seated when it is stopped."""
    file = tmp_path_factory.mktemp("recorded") / "morning.csv"
    with Program("record", str(file), env=PERSON) as program:
        program.wait_for("recording to")
        wait_until_back(file)
        assert program.stop().code == 0
    return file


def test_every_edge_is_in_the_recording(recorded: Path) -> None:
    levels = [level for level, _ in groupby(level for _, level in rows_of(recorded))]

    assert "".join(levels).lstrip("0") == "101"


def test_the_last_row_repeats_the_level_so_that_the_time_up_to_it_counts(
    recorded: Path,
) -> None:
    rows = rows_of(recorded)

    assert [level for _, level in rows[-2:]] == ["1", "1"]


def test_times_have_an_offset_and_never_go_back(recorded: Path) -> None:
    times = [at for at, _ in rows_of(recorded)]

    assert all(at.tzinfo is not None for at in times)
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_a_recording_replays(recorded: Path) -> None:
    ended = here("replay", str(recorded), "--json", *NO_DWELL)

    *events, summary = map(json.loads, ended.lines)
    assert ended.code == 0
    assert [event["type"] for event in events] == [
        "bout_started",
        "stood_up",
        "sat_back",
        "bout_ended",
    ]
    assert summary["rows"] == len(rows_of(recorded))


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_a_recording_and_its_rows_are_counted(
    tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "morning.csv"
    with Program("record", str(file), env=PERSON) as program:
        program.wait_for("recording to")
        ended = program.stop(number)

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.splitlines() == [
        f"recording to {file}; Ctrl-C stops it",
        f"{len(rows_of(file))} rows in {file}",
    ]


def test_a_name_that_ends_in_gz_makes_a_gzip_file_that_replays(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv.gz"
    with Program("record", str(file), env=PERSON) as program:
        program.wait_for("recording to")
        program.stop()

    assert len(rows_of(file)) >= 2
    assert here("replay", str(file)).code == 0


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"
    file.write_text("an older recording", encoding="utf-8")

    ended = here("record", str(file), env=PERSON)

    assert ended.code == os.EX_USAGE
    assert ended.complaint.startswith(f"unsit: {file} exists and is not overwritten")
    assert file.read_text(encoding="utf-8") == "an older recording"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "morning.csv"

    ended = here("record", str(file), env=PERSON)

    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint.startswith(f"unsit: {file} cannot be written: ")


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.write_text("no folder", encoding="utf-8")
    file = in_the_way / "morning.csv"

    ended = here("record", str(file), env=PERSON)

    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint.startswith(f"unsit: {file} cannot be written: ")


def test_without_pins_there_is_an_error_and_no_file(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"

    ended = here("record", str(file), env={"GPIOZERO_PIN_FACTORY": "steam"})

    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint.startswith("unsit: this machine's pins cannot be used: ")
    assert not file.exists()


def test_a_bad_script_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"

    ended = here("record", str(file), env=PERSON | {"UNSIT_SIM_SCRIPT": "lounge 3h"})

    assert ended.code == os.EX_CONFIG
    assert "'lounge 3h'" in ended.complaint
    assert not file.exists()
