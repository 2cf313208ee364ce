"""Settings that a child process reads: they arrive whole, as do refusals and the child's end."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from unsit.errors import SettingsError, UnavailableError
from unsit.settings.apart import SettingsReading
from unsit.settings.load import load

WriteToml = Callable[[str], str]

WITHOUT_THE_VALIDATOR = """
import sys
from unsit.settings.apart import SettingsReading
from unsit.cli import serve
loaded = SettingsReading(flags=["sitting.move_after=45m"]).result()
print(loaded.settings.sitting.move_after, *{"pydantic", "pydantic_core"} & set(sys.modules))
"""


def test_what_the_child_reads_is_what_the_parent_would_have_read(write_toml: WriteToml) -> None:
    file = write_toml('[sitting]\nmove_after = "45m"\n[button]\npin = 27')
    flags = ["chair.name=Büro"]

    assert SettingsReading(file, flags).result() == load(file, flags)


def test_a_refusal_is_the_same_error(write_toml: WriteToml) -> None:
    file = write_toml("[seat]\npin = 99")

    with pytest.raises(SettingsError) as alone:
        load(file)
    with pytest.raises(SettingsError) as apart:
        SettingsReading(file).result()

    assert str(apart.value) == str(alone.value)
    assert "in _validate" in "".join(apart.value.__notes__)


def test_a_child_that_ends_without_a_word_is_an_error_that_says_how_it_ended(
    tmp_path: Path,
) -> None:
    nobody_writes = tmp_path / "chair.toml"
    os.mkfifo(nobody_writes)
    reading = SettingsReading(str(nobody_writes))

    os.kill(reading._child, signal.SIGKILL)

    with pytest.raises(UnavailableError, match="ended with -9; if memory is short"):
        reading.result()


def test_the_parent_never_has_the_validator_in_memory() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_VALIDATOR], capture_output=True, text=True, timeout=60
    )

    assert (ended.stdout, ended.stderr) == ("0:45:00\n", "")
