"""Layers of the settings, and the layer that wins."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from unsit.errors import SettingsError
from unsit.settings.load import load
from unsit.settings.model import Settings

MINUTE = timedelta(minutes=1)
KEY = "sitting.move_after"
VARIABLE = "UNSIT_SITTING__MOVE_AFTER"


def move_after(config: str | None = None, *flags: str) -> timedelta:
    return load(config, flags).settings.sitting.move_after


def put(file: Path, minutes: int) -> str:
    """Write a settings file and return its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'[sitting]\nmove_after = "{minutes}m"\n', encoding="utf-8")
    return str(file)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's own settings folder, which is empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    return tmp_path / "own" / "unsit"


def test_without_any_layer_the_defaults_are_in_force() -> None:
    loaded = load()

    assert loaded.settings == Settings()
    assert loaded.origins == {}
    assert loaded.settings.sitting.move_after == 30 * MINUTE
    assert loaded.settings.sitting.min_break == 2 * MINUTE


def test_file_environment_and_flags_override_the_layers_before_them(
    write_toml: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_toml('[sitting]\nmove_after = "41m"')
    assert move_after(file) == 41 * MINUTE

    monkeypatch.setenv(VARIABLE, "42m")
    assert move_after(file) == 42 * MINUTE

    assert move_after(file, f"{KEY}=43m") == 43 * MINUTE
    assert move_after(file, f"{KEY}=43m", f"{KEY}=44m") == 44 * MINUTE


def test_a_layer_overrides_only_the_keys_that_it_sets(
    write_toml: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_toml('[sitting]\nmove_after = "41m"\nmin_break = "3m"\n[seat]\nsit_dwell = "9s"')
    monkeypatch.setenv(VARIABLE, "42m")

    settings = load(file, ["seat.stand_dwell=8s"]).settings

    assert settings.sitting.move_after == 42 * MINUTE
    assert settings.sitting.min_break == 3 * MINUTE
    assert settings.seat.sit_dwell == timedelta(seconds=9)
    assert settings.seat.stand_dwell == timedelta(seconds=8)
    assert settings.seat.pin == 17


def test_the_origin_of_a_key_is_the_layer_that_won(
    write_toml: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_toml('[sitting]\nmove_after = "41m"\nmin_break = "3m"\n[seat]\npin = 5')
    monkeypatch.setenv(VARIABLE, "42m")

    origins = load(file, ["seat.pin=6"]).origins

    assert origins == {
        "sitting.move_after": VARIABLE,
        "sitting.min_break": file,
        "seat.pin": "--set seat.pin",
    }


@pytest.mark.parametrize(
    ("written", "seconds"), [("2700", 2700), ("90.5", 90.5), ('"45m"', 2700), ('"PT45M"', 2700)]
)
def test_a_duration_in_a_file_is_a_number_of_seconds_or_a_text(
    write_toml: Callable[[str], str], written: str, seconds: float
) -> None:
    file = write_toml(f"[sitting]\nmove_after = {written}")

    assert move_after(file) == timedelta(seconds=seconds)


def test_a_flag_can_have_spaces_around_its_parts_and_equals_signs_in_its_value() -> None:
    loaded = load(flags=["chair.name = a = b"])

    assert loaded.settings.chair.name == "a = b"


def test_an_empty_variable_is_refused_where_nothing_is_no_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "")

    with pytest.raises(SettingsError, match=f"{VARIABLE}: {KEY} = '': expected a duration"):
        load()


def test_variables_are_case_insensitive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE.lower(), "42m")

    assert move_after() == 42 * MINUTE


def test_the_users_own_file_is_found(own_folder: Path) -> None:
    put(own_folder / "unsit.toml", 51)

    assert move_after() == 51 * MINUTE


def test_the_users_own_file_is_in_the_home_directory_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    put(tmp_path / ".config" / "unsit" / "unsit.toml", 54)

    assert move_after() == 54 * MINUTE


def test_a_file_named_in_the_environment_replaces_the_usual_places(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_folder / "unsit.toml", 51)
    monkeypatch.setenv("UNSIT_CONFIG", put(tmp_path / "named.toml", 52))

    assert move_after() == 52 * MINUTE


def test_a_file_named_on_the_command_line_replaces_all_others(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_folder / "unsit.toml", 51)
    monkeypatch.setenv("UNSIT_CONFIG", put(tmp_path / "named.toml", 52))

    assert move_after(put(tmp_path / "chosen.toml", 53)) == 53 * MINUTE


def test_only_one_file_is_read(own_folder: Path, tmp_path: Path) -> None:
    put(own_folder / "unsit.toml", 51)
    chosen = tmp_path / "chosen.toml"
    chosen.write_text("[seat]\npin = 5\n", encoding="utf-8")

    assert move_after(str(chosen)) == 30 * MINUTE


def test_the_rules_of_the_core_have_the_values_of_the_settings() -> None:
    flags = {
        "seat.sit_dwell": "1s",
        "seat.stand_dwell": "2s",
        "sitting.move_after": "3s",
        "sitting.min_break": "4s",
        "reminders.repeat_every": "5s",
        "reminders.max_reminders": "6",
        "reminders.snooze_for": "7s",
        "reminders.max_snoozes": "8",
    }

    rules = load(flags=[f"{key}={value}" for key, value in flags.items()]).settings.rules()

    seconds = [rules.sit_dwell, rules.stand_dwell, rules.move_after, rules.min_break]
    assert seconds == [timedelta(seconds=n) for n in (1, 2, 3, 4)]
    assert rules.repeat_every == timedelta(seconds=5)
    assert rules.max_reminders == 6
    assert rules.snooze_for == timedelta(seconds=7)
    assert rules.max_snoozes == 8


def test_the_default_port_depends_on_tls() -> None:
    assert load().settings.mqtt.port == 1883
    assert load(flags=["mqtt.tls=true"]).settings.mqtt.port == 8883
    assert load(flags=["mqtt.tls=true", "mqtt.port=1883"]).settings.mqtt.port == 1883
