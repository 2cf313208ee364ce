"""``unsit run`` on simulated pins: its log, its end, and errors of pins and disk."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from support.program import NO_DWELL, Ended, Program, run, write_recording
from unsit.cli.process import STOP_SIGNALS

Start = Callable[..., Program]

STDIN = ("--simulate", "-", *NO_DWELL)
QUICK = ("--speed", "100", "--set", "sitting.move_after=10s", "--set", "sitting.min_break=10s")
"""Options that bring the first reminder after 0.1 s."""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that starts the service without a broker and with temporary state."""

    def start(*arguments: str, **more: str) -> Program:
        return Program("run", *arguments, env=no_broker(tmp_path) | more)

    return start


def no_broker(folder: Path) -> dict[str, str]:
    """Return variables for a service without a broker, its state in a folder."""
    return {"UNSIT_MQTT__HOST": "none", "XDG_STATE_HOME": str(folder / "state")}


def log_of(ended: Ended) -> list[str]:
    """Return the lines of the log without their times."""
    return [line.partition(" ")[2] for line in ended.err.splitlines()]


def test_a_recording_drives_the_pins_and_the_service_goes_on_after_its_end(
    start: Start, tmp_path: Path
) -> None:
    file = write_recording(
        tmp_path / "morning.csv", "2026-01-05T09:00:00,1", "2026-01-05T09:37:30,1"
    )

    # A busy machine may be minutes late at this speed, so the lines are minutes apart.
    with start("--simulate", file, "--speed", "500") as service:
        service.wait_for("the service has started")
        service.wait_for("sat down")
        service.wait_for("time to move: sitting for 30m")
        service.wait_for("the input has ended; the seat keeps its state and the service continues")
        service.wait_for("reminder 4: sitting for 45m")
        ended = service.stop()

    assert (ended.code, ended.out) == (0, "")
    assert log_of(ended)[-1] == "the service has stopped"


def test_rows_on_standard_input_drive_the_pins_when_they_are_read(start: Start) -> None:
    with start(*STDIN, *QUICK) as service:
        service.wait_for("the service has started")
        service.say("contact\n1\n")
        service.wait_for("sat down")
        service.wait_for("time to move")
        service.say("# leaves\n\n0\n")
        service.wait_for("stood up after")
        service.wait_for("the bout lasted")
        service.say_no_more()
        service.wait_for("the input has ended")
        ended = service.stop()

    assert (ended.code, ended.out) == (0, "")


def test_times_of_rows_on_standard_input_are_not_waited_for(start: Start) -> None:
    with start(*STDIN) as service:
        service.say("ts,contact\n2026-01-05T09:00:00,1\n")
        service.wait_for("sat down")
        service.say("2026-01-05T17:00:00,0\n")
        service.wait_for("stood up after")


def test_an_input_that_ends_at_once_does_not_end_the_service(start: Start) -> None:
    with start(*STDIN, *QUICK) as service:
        service.say("contact\n1\n")
        service.say_no_more()
        service.wait_for("the input has ended")
        service.wait_for("time to move")


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_the_service_cleanly_while_it_waits_for_input(
    start: Start, number: signal.Signals
) -> None:
    with start(*STDIN) as service:
        service.say("contact\n1\n")
        service.wait_for("sat down")
        ended = service.stop(number)

    assert (ended.code, ended.out) == (0, "")
    assert log_of(ended) == ["the service has started", "sat down", "the service has stopped"]


@pytest.mark.parametrize(
    ("rows", "line", "read"),
    [
        ("contact\n1\n2\n", 3, "'2'"),
        ("contact\n\n# sits\n1\n1,0\n", 5, "'1,0'"),
        ("ts,contact\n2026-01-05T09:00:00,1\n2026-01-05T08:00:00,0\n", 3, "08:00:00"),
        ("weight\n", 1, "'weight'"),
    ],
)
def test_a_bad_row_on_standard_input_ends_the_service_with_one_line(
    start: Start, rows: str, line: int, read: str
) -> None:
    with start(*STDIN) as service:
        service.say(rows)
        ended = service.end()

    *log, complaint = ended.err.splitlines()
    assert ended.code == os.EX_DATAERR
    assert complaint.startswith(f"-:{line}: ")
    assert read in complaint
    assert all(re.match(r"\d\d:\d\d:\d\d ", entry) for entry in log)


def test_the_log_leaves_the_time_to_the_journal(start: Start) -> None:
    with start(*STDIN, JOURNAL_STREAM="8:1") as service:
        assert service.wait_for("started") == "the service has started\n"


@pytest.mark.parametrize(
    ("chosen", "named", "used"),
    [
        ("", "", "home/unsit"),
        ("", "named", "named"),
        ("chosen", "named", "chosen"),
    ],
)
def test_the_state_directory_is_the_chosen_one_else_systemds_else_the_users(
    start: Start, tmp_path: Path, chosen: str, named: str, used: str
) -> None:
    option = ["--state-dir", str(tmp_path / chosen)] if chosen else []
    env = {"STATE_DIRECTORY": str(tmp_path / named)} if named else {}

    with start(*STDIN, *option, XDG_STATE_HOME=str(tmp_path / "home"), **env) as service:
        service.wait_for("started")

    assert {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.sqlite")} == {
        f"{used}/state.sqlite"
    }


@pytest.mark.parametrize("place", ["a file", "below a file", "a long name", "a link in a circle"])
def test_without_a_state_directory_the_service_warns_and_goes_on(
    start: Start, tmp_path: Path, place: str
) -> None:
    file, circle = tmp_path / "file", tmp_path / "circle"
    file.touch()
    circle.symlink_to(circle)
    in_the_way = {
        "a file": file,
        "below a file": file / "state",
        "a long name": tmp_path / ("x" * 300),
        "a link in a circle": circle,
    }[place]

    with start(*STDIN, "--state-dir", str(in_the_way)) as service:
        warning = service.wait_for("state is in memory")
        service.say("contact\n1\n")
        service.wait_for("sat down")
        ended = service.stop()

    assert str(in_the_way) in warning
    assert "lost when the service ends" in warning
    assert ended.code == 0


def test_a_state_directory_serves_one_chair_at_a_time(start: Start, tmp_path: Path) -> None:
    with start(*STDIN) as first:
        first.wait_for("the service has started")
        second = run("run", *STDIN, env=no_broker(tmp_path))
        first.say("contact\n1\n")
        first.wait_for("sat down")
    with start(*STDIN) as third:
        third.wait_for("the service has started")

    assert second.code == os.EX_UNAVAILABLE
    assert second.complaint == (
        f"unsit: {tmp_path}/state/unsit: another unsit keeps its state there; stop that one, or "
        "give this one a place of its own: --state-dir"
    )


@pytest.mark.skipif(Path("/proc/device-tree/model").exists(), reason="this machine can have pins")
def test_a_machine_without_pins_is_an_error_with_a_fix(tmp_path: Path) -> None:
    ended = run("run", env=no_broker(tmp_path))

    assert ended.code == os.EX_UNAVAILABLE
    assert ended.complaint.startswith("unsit: this machine's pins cannot be used: ")
    assert ended.complaint.endswith(
        "run it on a Raspberry Pi as a user in the group gpio, or try it without pins: unsit demo"
    )


def test_an_unknown_back_end_is_named(tmp_path: Path) -> None:
    ended = run("run", env=no_broker(tmp_path) | {"GPIOZERO_PIN_FACTORY": "steam"})

    assert ended.code == os.EX_UNAVAILABLE
    assert "'steam'" in ended.complaint
    assert "unsit demo" in ended.complaint


def test_the_back_end_that_the_environment_names_is_used(start: Start) -> None:
    person = {"GPIOZERO_PIN_FACTORY": "unsit_sim", "UNSIT_SIM_SCRIPT": "sit 10h"}

    with start(*NO_DWELL, **person) as service:
        service.wait_for("pins: unsit_sim, because GPIOZERO_PIN_FACTORY names it")
        service.wait_for("sat down")
