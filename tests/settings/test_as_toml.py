"""The settings in force, shown as a settings file."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.settings.edit import as_toml
from unsit.settings.exercises import BUILTIN
from unsit.settings.load import known_keys, load
from unsit.settings.model import ChairSettings, Loaded, Settings

WriteToml = Callable[[str], str]

EVERY_KEY = {
    "chair.id": "kitchen-1",
    "chair.name": 'Sofa "left" \\ #1 für alle',
    "chair.language": "de",
    "seat.kind": "load_cell",
    "seat.pin": "5",
    "seat.normally_closed": "true",
    "seat.sit_dwell": "0",
    "seat.stand_dwell": "1.25",
    "seat.reread_every": "61s",
    "seat.max_plausible_bout": "12h",
    "sitting.move_after": "1h30m",
    "sitting.min_break": "PT90S",
    "sitting.credit": "15",
    "sitting.daily_limit": "8h",
    "reminders.back_too_soon": "false",
    "reminders.repeat_every": "0.001h",
    "load_cell.converter": "hx711",
    "load_cell.cells": "left, right",
    "load_cell.at": "12:13, 19:26",
    "load_cell.gain": "64",
    "load_cell.rate": "80",
    "load_cell.sit_load": "12.5",
    "load_cell.stand_load": "6",
    "load_cell.least_load": "20",
    "load_cell.limits": "sitter",
    "load_cell.lean_limit": "0.25",
    "load_cell.lean_after": "90s",
    "load_cell.publish_load": "true",
    "load_cell.calibration": "cells.json",
    "reminders.max_reminders": "9",
    "reminders.snooze_for": "7m",
    "reminders.max_snoozes": "0",
    "reminders.snooze_shrink": "50",
    "reminders.daily_snoozes": "8",
    "reminders.ladder": "lamp 2m, tick 30% 90s, double, long",
    "reminders.style": "gentle",
    "reminders.warn_before": "2m",
    "reminders.softer_from": "13:30",
    "reminders.softer_pattern": "tick",
    "hold.longest": "2h",
    "hold.topics": "teams/in-call, office/calendar",
    "hold.values": "true, in a call",
    "hours.monday": "09:00-12:30, 13:30-18:00",
    "hours.tuesday": "09:00-18:00",
    "hours.wednesday": "22:00-02:00",
    "hours.thursday": "00:00-24:00",
    "hours.friday": "9:00-13:00",
    "hours.saturday": " ",
    "hours.sunday": " ",
    "hours.quiet": "22:00-07:00",
    "hours.silent_before": "08:30",
    "hours.silent_after": "19:00",
    "hours.days_off": "2026-12-24, 2027-08-01..2027-08-14",
    "hours.timezone": "Europe/Berlin",
    "buzzer.kind": "passive",
    "buzzer.pin": "6",
    "buzzer.active_high": "false",
    "buzzer.pattern": "rising",
    "buzzer.volume": "60",
    "buzzer.enabled": "false",
    "button.pin": "7",
    "led.pin": "8",
    "mqtt.host": "broker.example",
    "mqtt.port": "18883",
    "mqtt.version": "3.1.1",
    "mqtt.username": "chair",
    "mqtt.password_file": "mqtt.password",
    "mqtt.tls": "true",
    "mqtt.tls_ca_file": "ca.pem",
    "mqtt.tls_certificate_file": "chair.pem",
    "mqtt.tls_key_file": "chair.key",
    "mqtt.tls_verify": "false",
    "mqtt.prefix": "home/unsit",
    "mqtt.keepalive": "59m59.999s",
    "mqtt.heartbeat": "2m",
    "mqtt.fresh_for": "3m",
    "homeassistant.discovery": "false",
    "homeassistant.discovery_prefix": "house",
    "homeassistant.birth_topic": "house/status",
    "homeassistant.time_entities": "false",
    "homeassistant.docs_url": "https://chair.example/report",
    "homeassistant.area": "Office",
    "exercises.enabled": "true",
    "exercises.file": str(BUILTIN),
    "exercises.builtin": "false",
    "exercises.without": "walk, feet_flat",
    "exercises.harder": "glute_bridge",
    "exercises.offer_after": "20m",
    "exercises.cue_after": "3m",
    "exercises.button": "pace",
    "history.keep": "90d",
    "history.path": "/srv/history.sqlite",
}


def line_of(shown: str, section: str, key: str) -> str:
    """Return the line of a key."""
    _, _, rest = shown.partition(f"[{section}]\n")
    return next(line for line in rest.splitlines() if key in line.split())


def test_every_key_has_an_example() -> None:
    assert set(EVERY_KEY) == set(known_keys())


def test_the_output_read_as_a_file_gives_the_same_settings(
    write_toml: WriteToml,
) -> None:
    loaded = load(flags=[f"{key}={value}" for key, value in EVERY_KEY.items()])

    again = load(write_toml(as_toml(loaded)))

    assert again.settings == loaded.settings
    assert again.settings != Settings()


def test_the_defaults_read_as_a_file_give_the_defaults(write_toml: WriteToml) -> None:
    again = load(write_toml(as_toml(load())))

    assert again.settings == Settings()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), min_size=1))
def test_any_name_is_shown_as_a_toml_string(name: str) -> None:
    settings = Settings(chair=ChairSettings(name=name[:64]))

    shown = tomllib.loads(as_toml(Loaded(settings, {})))

    assert shown["chair"]["name"] == name[:64]


def test_every_value_is_shown_with_its_origin(
    write_toml: WriteToml, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_toml('[sitting]\nmove_after = "45m"')
    monkeypatch.setenv("UNSIT_SITTING__MIN_BREAK", "3m")

    shown = as_toml(load(file, ["seat.pin=5"]))

    assert line_of(shown, "sitting", "move_after").split("  # ") == [
        'move_after = "45m"'.ljust(32),
        file,
    ]
    assert line_of(shown, "sitting", "min_break").endswith("  # UNSIT_SITTING__MIN_BREAK")
    assert line_of(shown, "seat", "pin").endswith("  # --set seat.pin")
    assert line_of(shown, "buzzer", "pin").endswith("  # default")


def test_a_setting_without_a_value_is_shown_as_a_comment() -> None:
    shown = as_toml(load())

    assert line_of(shown, "button", "pin").startswith("# pin is not set")


def test_every_key_is_shown_once() -> None:
    shown = as_toml(load())

    lines = [line for line in shown.splitlines() if line and not line.startswith("[")]
    assert len(lines) == len(known_keys())


def test_the_password_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "mqtt.password"
    secret.write_text("correct horse", encoding="utf-8")

    shown = as_toml(load(flags=["mqtt.username=chair", f"mqtt.password_file={secret}"]))

    assert str(secret) in shown
    assert "correct horse" not in shown
