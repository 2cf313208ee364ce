"""``unsit replay`` of long recordings: memory, the progress bar, and a closed pipe."""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.program import (
    NO_DWELL,
    UNSIT,
    Ended,
    OnTerminal,
    environment,
    run,
    write_recording,
)
from support.replayed import of_type, records_of

MEASURED = """\
import sys
from unsit.__main__ import main
code = main()
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")), file=sys.stderr)
sys.exit(code)
"""


def sawtooth(file: Path, rows: int) -> str:
    """Write a recording with a row every 10 s and a change at every 20th row."""
    start = datetime(2026, 1, 5)  # noqa: DTZ001  # recordings may be naive
    readings = (
        f"{start + n * timedelta(seconds=10):%Y-%m-%dT%H:%M:%S},{n // 20 % 2}" for n in range(rows)
    )
    return write_recording(file, *readings)


SHORT, LONG, SLOW = 5_000, 50_000, 150_000
"""Rows; the last takes several seconds, so that the bar comes on any machine."""


@pytest.fixture(scope="module")
def teeth(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Return recordings by their number of rows."""
    folder = tmp_path_factory.mktemp("teeth")
    return {rows: sawtooth(folder / f"{rows}.csv", rows) for rows in (SHORT, LONG, SLOW)}


@pytest.fixture(scope="module")
def measured(teeth: dict[int, str]) -> dict[int, Ended]:
    """Return replays without a terminal, each with its peak memory."""
    runner = (sys.executable, "-c", MEASURED)
    return {rows: run("replay", teeth[rows], "--json", runner=runner) for rows in (SHORT, LONG)}


def test_a_recording_of_ten_times_the_length_takes_no_more_memory(
    measured: dict[int, Ended],
) -> None:
    peaks = {rows: int(ended.err.split()[-2]) for rows, ended in measured.items()}

    assert peaks[LONG] - peaks[SHORT] < 1.5 * 1024  # kB


def test_a_long_recording_is_replayed_to_its_end(measured: dict[int, Ended]) -> None:
    for rows, ended in measured.items():
        events, summary = records_of(ended)
        assert ended.code == 0
        assert summary["rows"] == rows
        assert len(of_type(events, "stood_up")) == rows // 40 - 1


def test_without_a_terminal_there_is_no_progress_bar(
    measured: dict[int, Ended],
) -> None:
    for ended in measured.values():
        assert re.fullmatch(r"VmHWM:\s+\d+ kB\n\n", ended.err)
        assert "\x1b" not in ended.out


def test_a_closed_pipe_is_not_an_error(generated: Path) -> None:
    file = str(generated / "office-week.csv")
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


def test_a_terminal_shows_a_progress_bar_and_can_interrupt_it(teeth: dict[int, str]) -> None:
    with OnTerminal(*UNSIT, "replay", teeth[SLOW], *NO_DWELL) as terminal:
        terminal.wait_for("replaying")
        terminal.press_ctrl_c()
        ended = terminal.end()

    assert ended.code == 130
    assert "Traceback" not in ended.out


def test_a_progress_bar_keeps_out_of_a_file_and_nothing_of_the_output_is_lost(
    tmp_path: Path, teeth: dict[int, str]
) -> None:
    file = teeth[SLOW]
    events = tmp_path / "events.json"
    into_a_file = 'exec "$0" -m unsit replay "$1" --json > "$2"'

    with OnTerminal("sh", "-c", into_a_file, sys.executable, file, str(events)) as terminal:
        terminal.wait_for("replaying")
        ended = terminal.end()

    lines = events.read_text(encoding="utf-8").splitlines()
    assert ended.code == 0
    assert "bout_s" not in ended.out
    assert [json.loads(line)["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    assert json.loads(lines[-1])["rows"] == SLOW
