"""``unsit silence``: the buzzer's pin off, whatever else is wrong."""

from pathlib import Path

import pytest

from cli.program import run
from unsit.settings.buzzer import buzzer_settings
from unsit.settings.model import BuzzerSettings

ON_SIMULATED_PINS = {"GPIOZERO_PIN_FACTORY": "unsit_sim"}
ON_PINS_THAT_ARE_NOT_THERE = {
    "GPIOZERO_PIN_FACTORY": "gpiod",
    "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip99",
}


@pytest.fixture
def complaints() -> list[str]:
    return []


def test_it_says_nothing_when_all_is_well() -> None:
    ended = run("silence", env=ON_SIMULATED_PINS)

    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_damaged_file_is_said_and_does_not_stop_it(tmp_path: Path) -> None:
    file = tmp_path / "chair.toml"
    file.write_text("[buzzer\npin = 5")

    ended = run("silence", "--config", str(file), env=ON_SIMULATED_PINS)

    assert ended.code == 0
    assert ended.complaint.startswith(f"unsit: {file}: not TOML: ")
    assert ended.complaint.endswith("; the buzzer is taken to be where it is by default")


def test_a_chair_without_a_buzzer_needs_no_pins() -> None:
    ended = run("silence", "--set", "buzzer.kind=none", env=ON_PINS_THAT_ARE_NOT_THERE)

    assert (ended.code, ended.err) == (0, "")


def test_pins_that_are_not_there_are_69() -> None:
    ended = run("silence", env=ON_PINS_THAT_ARE_NOT_THERE)

    assert ended.code == 69
    assert "/dev/gpiochip99 cannot be opened" in ended.complaint


def test_the_pin_is_read_from_file_environment_and_flags_the_later_winning(
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
        ("buzzer.pin=28", "buzzer.pin = '28' cannot be; 18 is taken"),
        ("buzzer.pin=loud", "buzzer.pin = 'loud' cannot be; 18 is taken"),
        ("buzzer.active_high=perhaps", "buzzer.active_high = 'perhaps' cannot be; True is taken"),
    ],
)
def test_a_value_that_cannot_be_is_said_and_the_default_taken(
    flag: str, complaint: str, tmp_path: Path, complaints: list[str]
) -> None:
    empty = tmp_path / "chair.toml"
    empty.touch()

    assert buzzer_settings(str(empty), [flag], complaints.append) == BuzzerSettings()
    assert complaints == [complaint]


@pytest.mark.parametrize("content", ["buzzer = 3", "buzzer = [1]"])
def test_a_section_that_is_none_is_said(
    content: str, tmp_path: Path, complaints: list[str]
) -> None:
    file = tmp_path / "chair.toml"
    file.write_text(content)

    assert buzzer_settings(str(file), [], complaints.append) == BuzzerSettings()
    assert len(complaints) == 1
