"""``unsit silence``: switches the buzzer's pin off, even with bad settings."""

import os
from pathlib import Path

import pytest

from support.program import here, run
from unsit.settings.file import buzzer_settings
from unsit.settings.model import BuzzerSettings

ON_SIMULATED_PINS = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}
ON_MISSING_PINS = {
    "GPIOZERO_PIN_FACTORY": "gpiod",
    "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip99",
}


@pytest.fixture
def complaints() -> list[str]:
    return []


def test_it_prints_nothing_without_an_error() -> None:
    ended = run("silence", env=ON_SIMULATED_PINS)

    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_damaged_file_is_reported_and_the_default_pin_used(tmp_path: Path) -> None:
    file = tmp_path / "chair.toml"
    file.write_text("[buzzer\npin = 5")

    ended = here("silence", "--config", str(file), env=ON_SIMULATED_PINS)

    assert ended.code == 0
    assert ended.complaint.startswith(f"unsit: {file}: not TOML: ")
    assert ended.complaint.endswith("; the buzzer's default pin is used")


def test_a_chair_without_a_buzzer_needs_no_pins() -> None:
    ended = here("silence", "--set", "buzzer.kind=none", env=ON_MISSING_PINS)

    assert (ended.code, ended.err) == (0, "")


def test_missing_pins_are_an_error() -> None:
    ended = here("silence", env=ON_MISSING_PINS)

    assert ended.code == os.EX_UNAVAILABLE
    assert "/dev/gpiochip99 cannot be opened" in ended.complaint


def test_the_pin_is_read_from_file_environment_and_flags_and_the_last_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    file = tmp_path / "chair.toml"
    file.write_text('[buzzer]\npin = 5\nactive_high = false\n[sitting]\nno_such = "key"')

    def read(*flags: str) -> BuzzerSettings:
        return buzzer_settings(str(file), flags, complaints.append)

    assert read() == BuzzerSettings(pin=5, active_high=False)
    monkeypatch.setenv("UNSIT_BUZZER__PIN", "6")
    assert read() == BuzzerSettings(pin=6, active_high=False)
    flags = ("buzzer.pin=7", "buzzer.active_high=true", "sitting.move_after=what")
    assert read(*flags) == BuzzerSettings(pin=7, active_high=True)
    assert complaints == []


@pytest.mark.parametrize(
    ("flag", "complaint"),
    [
        ("buzzer.pin=28", "buzzer.pin = '28' is not valid; the default 18 is used"),
        ("buzzer.pin=loud", "buzzer.pin = 'loud' is not valid; the default 18 is used"),
        (
            "buzzer.active_high=perhaps",
            "buzzer.active_high = 'perhaps' is not valid; the default True is used",
        ),
    ],
)
def test_a_bad_value_is_reported_and_the_default_used(
    flag: str, complaint: str, tmp_path: Path, complaints: list[str]
) -> None:
    empty = tmp_path / "chair.toml"
    empty.touch()

    assert buzzer_settings(str(empty), [flag], complaints.append) == BuzzerSettings()
    assert complaints == [complaint]


@pytest.mark.parametrize("content", ["buzzer = 3", "buzzer = [1]"])
def test_a_buzzer_section_that_is_not_a_table_is_reported(
    content: str, tmp_path: Path, complaints: list[str]
) -> None:
    file = tmp_path / "chair.toml"
    file.write_text(content)

    assert buzzer_settings(str(file), [], complaints.append) == BuzzerSettings()
    assert len(complaints) == 1
