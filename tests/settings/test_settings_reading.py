"""Settings that a child process reads.

The settings, its errors and its crash reach the parent,
and the next start takes them from the last one unless anything that was read has changed.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

import pytest

from unsit.cli.run import REMEMBERED, SettingsReading
from unsit.errors import SettingsError, UnavailableError
from unsit.settings.load import load

MACHINE_ID = "/etc/machine-id"

WriteToml = Callable[[str], str]

PRINT_LOADED_MODULES = """
import sys
from unsit.cli.run import SettingsReading
from unsit.cli import serve
loaded = SettingsReading(flags=["sitting.move_after=45m"]).result()
print(loaded.settings.sitting.move_after, *{"pydantic", "pydantic_core"} & set(sys.modules))
"""


def test_the_child_reads_the_same_settings_as_the_parent_would(write_toml: WriteToml) -> None:
    file = write_toml('[sitting]\nmove_after = "45m"\n[button]\npin = 27')
    flags = ["chair.name=Büro"]

    assert SettingsReading(file, flags).result() == load(file, flags)


def test_bad_settings_raise_the_same_error_in_the_parent(write_toml: WriteToml) -> None:
    file = write_toml("[seat]\npin = 99")

    with pytest.raises(SettingsError) as direct:
        load(file)
    with pytest.raises(SettingsError) as in_child:
        SettingsReading(file).result()

    assert str(in_child.value) == str(direct.value)
    assert "in _validate" in "".join(in_child.value.__notes__)


def test_a_child_that_is_killed_is_an_error_with_its_exit_code(
    tmp_path: Path,
) -> None:
    without_writer = tmp_path / "chair.toml"
    os.mkfifo(without_writer)
    reading = SettingsReading(str(without_writer))

    os.kill(reading._child, signal.SIGKILL)

    with pytest.raises(UnavailableError, match="ended with -9; if memory is short"):
        reading.result()


def test_the_parent_does_not_import_the_validator() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRINT_LOADED_MODULES], capture_output=True, text=True, timeout=60
    )

    assert (ended.stdout, ended.stderr) == ("0:45:00\n", "")


class Chair:
    """Places that settings are read from, all below one folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = folder / "state"
        self.file = folder / "chair.toml"
        self.exercises = folder / "exercises"
        self.zones = folder / "zones"
        for part in (self.state, self.exercises, self.zones):
            part.mkdir()
        self.file.write_text(
            f'[exercises]\nfile = "{self.exercises}"\n[hours]\ntimezone = "Home"\n'
        )
        self.write_exercise("rise.toml", "rise")
        (self.zones / "Home").write_bytes(Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes())
        self.flags = ["chair.name=Büro"]
        self.environment = monkeypatch.setenv
        monkeypatch.setenv("PYTHONTZPATH", str(self.zones))
        monkeypatch.setenv("UNSIT_SITTING__MOVE_AFTER", "45m")
        ZoneInfo.clear_cache()  # a fresh process has read no zone
        reset_tzpath()

    def write_exercise(self, file: str, name: str) -> None:
        text = f'[exercises.{name}]\nname = "{name}"\nsteps = ["Rise."]\nhold = "20s"\n'
        (self.exercises / file).write_text(text)

    def read(self) -> SettingsReading:
        return SettingsReading(str(self.file), self.flags, self.state)


@pytest.fixture
def chair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chair]:
    """Yield a chair whose settings were remembered at its first start."""
    chair = Chair(tmp_path, monkeypatch)
    first = chair.read()
    assert not is_remembered(first)
    first.result()
    first.remember()
    yield chair
    monkeypatch.undo()
    reset_tzpath()


def is_remembered(reading: SettingsReading) -> bool:
    return reading._remembered is not None


def test_the_next_start_takes_the_same_settings_without_a_child(chair: Chair) -> None:
    reading = chair.read()

    assert is_remembered(reading)
    assert reading.result() == load(str(chair.file), chair.flags)


def edit(file: Path) -> None:
    """Change one letter, and neither the size nor the date of a file."""
    before = file.stat()
    file.write_text(file.read_text().swapcase())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Chair], object]] = {
    "the file": lambda chair: edit(chair.file),
    "a flag": lambda chair: chair.flags.append("sitting.min_break=1m"),
    "a variable": lambda chair: chair.environment("UNSIT_SITTING__MOVE_AFTER", "50m"),
    "a new variable": lambda chair: chair.environment("unsit_seat__pin", "5"),
    "an exercise": lambda chair: edit(chair.exercises / "rise.toml"),
    "a new file of exercises": lambda chair: chair.write_exercise("more.toml", "more"),
    "a file of exercises less": lambda chair: (chair.exercises / "rise.toml").unlink(),
    "the rules of a time zone": lambda chair: (chair.zones / "Home").write_bytes(
        Path("/usr/share/zoneinfo/Asia/Tokyo").read_bytes()
    ),
    "the places of time zones": lambda chair: chair.environment("PYTHONTZPATH", "/elsewhere"),
    "the remembered file is torn": lambda chair: os.truncate(chair.state / REMEMBERED, 100),
    "the remembered file is of another shape": lambda chair: (chair.state / REMEMBERED).write_text(
        "[[]]"
    ),
    "the remembered file is gone": lambda chair: (chair.state / REMEMBERED).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_settings_are_read_anew_after_a_change(change: str, chair: Chair) -> None:
    CHANGES[change](chair)

    reading = chair.read()

    assert not is_remembered(reading)
    with suppress(SettingsError):
        reading.result()


def test_every_file_that_was_read_is_remembered_with_its_content(chair: Chair) -> None:
    read = json.loads((chair.state / REMEMBERED).read_text())["read"]

    files = [chair.file, chair.exercises, chair.exercises / "rise.toml", chair.zones / "Home"]
    assert {str(file) for file in files} <= set(read)
    assert MACHINE_ID in read or not Path(MACHINE_ID).exists()
    assert any(path.endswith("/settings/model.py") for path in read)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_remembered_file_of_another_user_is_not_believed(chair: Chair) -> None:
    os.chown(chair.state / REMEMBERED, 12345, -1)

    reading = chair.read()

    assert not is_remembered(reading)
    reading.result()


def test_bad_settings_are_not_remembered(tmp_path: Path, write_toml: WriteToml) -> None:
    reading = SettingsReading(write_toml("[seat]\npin = 99"), (), tmp_path)
    with pytest.raises(SettingsError):
        reading.result()

    reading.remember()

    assert not (tmp_path / REMEMBERED).exists()


def test_a_state_directory_that_is_gone_does_not_prevent_a_start(chair: Chair) -> None:
    (chair.state / REMEMBERED).unlink()
    chair.state.rmdir()

    reading = chair.read()
    reading.result()
    reading.remember()

    assert not chair.state.exists()
