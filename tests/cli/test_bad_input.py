"""Bad recordings, settings and command lines: one line, and an exit code."""

import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.program import as_nobody, here, run, write_recording
from unsit.cli.parser import parser

ROW = "2026-01-05T09:00:00,1"
HEAD = f"ts,contact\n{ROW}\n"


def refused(file: Path) -> str:
    """Replay a bad recording and return the error."""
    ended = here("replay", str(file), "--json")
    assert ended.code == os.EX_DATAERR
    return ended.complaint


@pytest.mark.parametrize(
    ("content", "line", "read"),
    [
        pytest.param(f"{HEAD}2026-01-05T09:1", 3, "2026-01-05T09:1", id="truncated row"),
        pytest.param(f"{HEAD}2026-01-05T09:10:00,", 3, "''", id="truncated value"),
        pytest.param(f"{HEAD}2026-01-05T09:10:00,O\n", 3, "'O'", id="letter in a number"),
        pytest.param(f"{HEAD}2026-01-05T09:1O:00,0\n", 3, "2026-01-05T09:1O:00", id="in a time"),
        pytest.param(f"{HEAD}\n# noon\n2026-01-05T08:59:59,0\n", 5, "08:59:59", id="backwards"),
        pytest.param(f"ts,weight\n{ROW}\n", 1, "ts,weight", id="unknown column"),
        pytest.param(f"ts,contact,mood\n{ROW},5\n", 1, "ts,contact,mood", id="column too many"),
        pytest.param(f"{ROW}\n", 1, ROW, id="no header"),
        pytest.param(f"{HEAD}2026-01-05T09:10:00,0,0\n", 3, ",0,0", id="value too many"),
        pytest.param(f"{HEAD}2026-01-05T09:10:00,2\n", 3, "'2'", id="no level"),
        pytest.param(f"{HEAD}2026-01-06,0\n", 3, "2026-01-06", id="date without a time"),
        pytest.param(f"{HEAD}2026-01-05T09:10:00Z,0\n", 3, "09:10:00Z", id="offset for once"),
        pytest.param(f'{HEAD}2026-01-05T09:10:00,"0\n', 3, "", id="open quotation mark"),
        pytest.param("", 1, "", id="empty file"),
        pytest.param("# nothing yet\n\n", 2, "", id="comments alone"),
        pytest.param("ts,contact\n", 1, "", id="header alone"),
    ],
)
def test_a_bad_recording_is_refused_with_line_value_and_expectation(
    tmp_path: Path, content: str, line: int, read: str
) -> None:
    file = tmp_path / "morning.csv"
    file.write_text(content, encoding="utf-8")

    complaint = refused(file)

    assert complaint.startswith(f"{file}:{line}: ")
    assert read in complaint
    assert "expected" in complaint


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfet\x00s\x00", bytes(range(256)), b"\x00" * 9]
)
def test_a_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "morning.csv"
    file.write_bytes(content)

    complaint = refused(file)

    assert complaint.startswith(f"{file}:1: ")
    assert complaint.isprintable()


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}:1: this is a directory; expected a recording"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "missing.csv"

    assert refused(file) == f"{file}:1: there is no such file; expected a recording"


def test_a_file_below_a_file_is_refused(tmp_path: Path) -> None:
    file = Path(write_recording(tmp_path / "morning.csv", ROW)) / "noon.csv"

    assert refused(file).startswith(f"{file}:1: ")


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-05T09:{n // 60:02}:{n % 60:02},{n % 2}\n" for n in range(3000))
    file = tmp_path / "morning.csv.gz"
    file.write_bytes(gzip.compress(f"ts,contact\n{rows}".encode())[:-2000])

    complaint = refused(file)

    place, _, reason = complaint.partition(": ")
    assert place.startswith(f"{file}:")
    assert int(place.rpartition(":")[2]) > 1
    assert "damaged" in reason


def test_a_file_that_is_gzip_in_name_only_is_refused(tmp_path: Path) -> None:
    file = Path(write_recording(tmp_path / "morning.csv.gz", ROW))

    assert refused(file).startswith(f"{file}:1: the gzip file is damaged: ")


def test_a_gzip_file_without_the_suffix_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "morning.csv"
    file.write_bytes(gzip.compress(HEAD.encode()))

    assert refused(file).startswith(f"{file}:1: not UTF-8 text; ")


def test_a_recording_is_checked_whole_before_the_first_event(tmp_path: Path) -> None:
    hours = [f"2026-01-05T{hour:02}:00:00,{hour % 2}" for hour in range(24)]
    file = Path(write_recording(tmp_path / "day.csv", *hours, "midnight,0"))

    assert refused(file).startswith(f"{file}:26: ")


def test_a_recording_for_the_service_is_checked_before_it_starts(
    tmp_path: Path,
) -> None:
    file = write_recording(tmp_path / "day.csv", ROW, "midnight,0")

    env = {"UNSIT_MQTT__HOST": "none", "XDG_STATE_HOME": str(tmp_path)}
    ended = here("run", "--simulate", file, env=env)

    assert ended.code == os.EX_DATAERR
    assert ended.complaint.startswith(f"{file}:3: ")


def test_the_program_prints_the_same_line_without_a_traceback(tmp_path: Path) -> None:
    file = write_recording(tmp_path / "morning.csv", ROW, "noon")

    ended = run("replay", file)

    assert ended == here("replay", file)
    assert ended.complaint.startswith(f"{file}:3: ")


def test_debug_prints_a_traceback_before_the_line(tmp_path: Path) -> None:
    file = tmp_path / "missing.csv"

    ended = here("replay", str(file), "--debug")

    assert ended.code == os.EX_DATAERR
    assert ended.err.startswith("Traceback (most recent call last):\n")
    assert ended.err.splitlines()[-1].startswith(f"{file}:1: ")


def bad_settings(*arguments: str) -> str:
    ended = here(*arguments)
    assert ended.code == os.EX_CONFIG
    assert ended.complaint.startswith("unsit: ")
    return ended.complaint


@pytest.mark.parametrize("command", [["config"], ["replay", "FILE"], ["run"], ["record", "FILE"]])
def test_every_command_names_the_setting_nearest_to_an_unknown_one(
    command: list[str],
) -> None:
    assert bad_settings(*command, "--set", "sitting.moveafter=45m") == (
        "unsit: --set sitting.moveafter: there is no setting sitting.moveafter; "
        "the nearest is sitting.move_after"
    )


def test_an_unknown_setting_of_the_environment_names_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSIT_SEAT__DWELL", "3s")

    complaint = bad_settings("config")

    assert "UNSIT_SEAT__DWELL" in complaint
    assert complaint.endswith(("UNSIT_SEAT__SIT_DWELL", "UNSIT_SEAT__STAND_DWELL"))


def test_an_unknown_setting_of_the_file_names_the_nearest_one(tmp_path: Path) -> None:
    file = tmp_path / "chair.toml"
    file.write_text("[remindrs]\nmax_reminders = 3\n", encoding="utf-8")

    complaint = bad_settings("config", "--config", str(file))

    assert complaint.startswith(f"unsit: {file}: there is no setting remindrs.max_reminders")
    assert complaint.endswith("reminders.max_reminders")


@pytest.mark.parametrize(
    "setting", ["seat.pin=40", "sitting.move_after=soon", "chair.id=Ä", "seat.pin=18"]
)
def test_a_bad_value_is_an_error_of_one_line(setting: str) -> None:
    assert setting.partition("=")[0] in bad_settings("config", "--set", setting)


def test_a_setting_with_a_line_break_is_printed_in_one_line() -> None:
    assert "sitting. move_after" in bad_settings("config", "--set", "sitting.\nmove_after=45m")


def test_several_bad_lines_of_a_file_are_an_error_of_one_line(tmp_path: Path) -> None:
    file = tmp_path / "chair.toml"
    file.write_text("[seat\npin = \n\n", encoding="utf-8")

    assert bad_settings("config", "--config", str(file)).startswith(f"unsit: {file}: not TOML: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dance"], "dance"),
        (["replay"], "FILE"),
        (["replay", "a.csv", "b.csv"], "b.csv"),
        (["replay", "a.csv", "--jason"], "--jason"),
        (["record"], "FILE"),
        (["config", "--set"], "--set"),
        (["run", "--speed", "5"], "--speed needs --simulate"),
        (["run", "--simulate", "a.csv", "--speed", "0"], "0.1 to 10000"),
        (["run", "--simulate", "a.csv", "--speed", "10001"], "0.1 to 10000"),
        (["run", "--simulate", "a.csv", "--speed", "nan"], "0.1 to 10000"),
        (["run", "--simulate", "a.csv", "--speed", "fast"], "'fast'"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_an_error_of_one_line(arguments: list[str], words: str) -> None:
    ended = here(*arguments)

    assert ended.code == os.EX_USAGE
    assert ended.complaint.startswith("unsit: ")
    assert words in ended.complaint


def test_without_a_command_the_help_is_printed_as_an_error() -> None:
    ended = here()

    assert (ended.code, ended.out) == (os.EX_USAGE, "")
    assert ended.err == here("--help").out


def test_wrong_usage_ends_the_program_with_its_code() -> None:
    ended = run("dance")

    assert ended.code == os.EX_USAGE
    assert ended.complaint.endswith("; see unsit --help")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Folder that every user of this machine can read."""
    with tempfile.TemporaryDirectory(prefix="unsit-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103  # the point of it
        yield Path(folder)


@pytest.mark.parametrize("command", [["replay"], ["config", "--config"], ["run", "--simulate"]])
def test_a_file_without_read_permission_is_named(open_folder: Path, command: list[str]) -> None:
    file = open_folder / "private.csv"
    file.touch(mode=0o000)

    ended = run(*command, str(file), runner=as_nobody())

    assert ended.code == os.EX_NOPERM
    assert ended.complaint.startswith("unsit: ")
    assert str(file) in ended.complaint


STATEFUL = (  # the service goes on without a directory, see test_run.py
    "status",
    "report day",
    "config",
    "exercises",
    "check",
    "calibrate --tare --set seat.kind=load_cell",
    "forget --set mqtt.host=127.0.0.1",
)


@pytest.mark.parametrize("command", STATEFUL)
@pytest.mark.parametrize("place", ["a file", "below a file", "a long name", "a link in a circle"])
def test_a_state_directory_that_can_be_none_is_refused_in_one_line(
    tmp_path: Path, command: str, place: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    directory = {
        "a file": file,
        "below a file": file / "state",
        "a long name": tmp_path / ("x" * 300),
        "a link in a circle": circle,
    }[place]

    ended = here(*command.split(), "--state-dir", str(directory))

    assert ended.code == 64
    assert ended.complaint.startswith(f"unsit: --state-dir {directory}: ")
    assert ended.complaint.endswith("; expected a directory")


@pytest.mark.parametrize("command", ["check", "config", "calibrate", "report day", "status"])
@pytest.mark.parametrize(
    "name", ["", "../x", "unsit@", "@left", "a b", "-x", "\x1b[2J", "unsit@a/b"]
)
def test_a_unit_by_no_name_of_a_service_is_refused(command: str, name: str) -> None:
    """It would be a part of file names, such as /var/lib itself without one."""
    ended = here(*command.split(), f"--unit={name}")

    assert ended.code == 64
    assert "is no name of a service; expected unsit, or unsit@CHAIR" in ended.complaint


@pytest.mark.parametrize(
    ("given", "name"), [("unsit.service", "unsit"), ("unsit@desk.service", "unsit@desk")]
)
def test_a_unit_may_have_its_suffix(given: str, name: str) -> None:
    assert parser().parse_args(["check", "--unit", given]).unit == name
