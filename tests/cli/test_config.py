"""``unsit config``: the settings in force and the origin of each."""

import subprocess
from pathlib import Path

import pytest

from support.program import UNSIT, environment, here
from unsit.assembly.memory import open_state
from unsit.runtime.documents import Store
from unsit.settings.edit import as_toml
from unsit.settings.load import load


def line(setting: str, origin: str) -> str:
    """Return the line that shows a setting and its origin."""
    return f"{setting:<32}  # {origin}"


def test_the_settings_are_shown_as_a_settings_file() -> None:
    ended = here("config")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == as_toml(load())


def test_every_layer_is_shown_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "chair.toml"
    file.write_text('[sitting]\nmove_after = "45m"\n', encoding="utf-8")
    monkeypatch.setenv("UNSIT_SITTING__MIN_BREAK", "3m")

    shown = here("config", "--config", str(file), "--set", "seat.pin=5").lines

    assert line('move_after = "45m"', str(file)) in shown
    assert line('min_break = "3m"', "UNSIT_SITTING__MIN_BREAK") in shown
    assert line("pin = 5", "--set seat.pin") in shown
    assert line("pin = 18", "default") in shown


def test_a_value_changed_by_a_command_is_shown_with_the_one_it_replaces(tmp_path: Path) -> None:
    store = Store(open_state(tmp_path))
    store.put("settings", {"sitting.move_after": {"value": "50m", "instead_of": "30m"}})
    store.close()

    shown = here("config", "--state-dir", str(tmp_path)).lines

    assert line('move_after = "50m"', "changed by a command, instead of 30m (default)") in shown


def test_without_state_the_settings_are_shown_and_no_state_is_created(tmp_path: Path) -> None:
    ended = here("config", "--state-dir", str(tmp_path / "nothing"))

    assert ended.out == as_toml(load())
    assert not (tmp_path / "nothing").exists()


def test_the_output_can_be_used_as_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "chair.toml"
    file.write_text(here("config", "--set", "sitting.move_after=17m").out, encoding="utf-8")

    again = here("config", "--config", str(file))

    assert line('move_after = "17m"', str(file)) in again.lines


def test_a_closed_pipe_is_not_an_error() -> None:
    program = subprocess.Popen(
        [*UNSIT, "config"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    program.stdout.close()

    _, err = program.communicate()

    assert (program.returncode, err) == (0, "")


def test_a_template_is_a_settings_file_to_edit() -> None:
    ended = here("config", "--template", "--set", "mqtt.host=broker.lan")

    assert (ended.code, ended.err) == (0, "")
    assert 'host = "broker.lan"' in ended.lines
    assert '#move_after = "30m"' in ended.lines
