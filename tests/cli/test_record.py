"""``unsit record`` on simulated pins, with a person who sits down and stands up."""

import csv
import gzip
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import IO

import pytest

from cli.program import ENDING, NO_DWELL, PATIENCE, Program, here, run

USAGE = 64
UNAVAILABLE = 69
BAD_SETTINGS = 78
PERSON = {
    "GPIOZERO_PIN_FACTORY": "unsit_sim",
    "UNSIT_SIM_SCRIPT": "sit 10s, stand 10s, sit 100h",
    "UNSIT_SIM_SPEED": "200",
}


@contextmanager
def followed(file: Path) -> Iterator[IO[str]]:
    """The lines of a file as they are written, until patience ends."""
    tail = ["timeout", str(PATIENCE), "tail", "-n", "+1", "-f", str(file)]
    with subprocess.Popen(tail, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        yield following.stdout
        following.terminate()


def wait_until_back(file: Path) -> None:
    """Waits until the person has sat, stood and sat down again."""
    seen = ""
    with followed(file) as lines:
        for line in lines:
            level = line.rstrip()[-1:]
            seen += level if level != seen[-1:] else ""
            if seen.endswith("101"):
                return
    raise AssertionError(f"the person has not come back; the levels were {seen}")


def rows_of(file: Path) -> list[tuple[datetime, str]]:
    """The rows of a recording."""
    opens = gzip.open if file.suffix == ".gz" else open
    with opens(file, "rt", encoding="utf-8") as text:
        return [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a person who sits, stands, and is seated when it is stopped."""
    file = tmp_path_factory.mktemp("recorded") / "morning.csv"
    with Program("record", str(file), env=PERSON) as program:
        program.wait_for("recording to")
        wait_until_back(file)
        assert program.stop().code == 0
    return file


def test_every_edge_is_in_the_recording(recorded: Path) -> None:
    levels = [level for level, _ in groupby(level for _, level in rows_of(recorded))]

    assert "".join(levels).lstrip("0") == "101"


def test_the_last_row_says_the_level_again_so_that_the_time_up_to_it_counts(
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


@pytest.mark.parametrize("number", ENDING)
def test_a_recording_is_ended_by_a_signal_and_says_how_much_there_is(
    tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "morning.csv"
    with Program("record", str(file), env=PERSON) as program:
        program.wait_for("recording to")
        ended = program.stop(number)

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.splitlines() == [
        f"recording to {file}; Ctrl-C ends it",
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
    file.write_text("dear to somebody", encoding="utf-8")

    ended = run("record", str(file), env=PERSON)

    assert ended.code == USAGE
    assert ended.complaint.startswith(f"unsit: {file} is there already and is not overwritten")
    assert file.read_text(encoding="utf-8") == "dear to somebody"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "morning.csv"

    ended = run("record", str(file), env=PERSON)

    assert ended.code == UNAVAILABLE
    assert ended.complaint.startswith(f"unsit: {file} cannot be written: ")


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.write_text("no folder", encoding="utf-8")
    file = in_the_way / "morning.csv"

    ended = run("record", str(file), env=PERSON)

    assert ended.code == UNAVAILABLE
    assert ended.complaint.startswith(f"unsit: {file} cannot be written: ")


def test_without_pins_there_is_an_error_and_no_file(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"

    ended = run("record", str(file), env={"GPIOZERO_PIN_FACTORY": "steam"})

    assert ended.code == UNAVAILABLE
    assert ended.complaint.startswith("unsit: this machine's pins cannot be used: ")
    assert not file.exists()


def test_a_script_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"

    ended = run("record", str(file), env=PERSON | {"UNSIT_SIM_SCRIPT": "lounge 3h"})

    assert ended.code == BAD_SETTINGS
    assert "'lounge 3h'" in ended.complaint
    assert not file.exists()
