"""Settings that commands changed while the service ran."""

import json
from datetime import timedelta

import pytest

from unsit.settings.changes import Changes, Document, Value, with_changes
from unsit.settings.model import BuzzerSettings, Loaded, Settings, SittingSettings

CONFIGURED = Settings(sitting=SittingSettings(move_after=timedelta(minutes=40)))
ORIGINS = {"sitting.move_after": "/etc/unsit/unsit.toml"}
AS_CONFIGURED: dict[str, timedelta | bool] = {
    "sitting.move_after": timedelta(minutes=40),
    "sitting.min_break": timedelta(minutes=2),
    "buzzer.enabled": True,
}


def document(configured: Settings, in_force: dict[str, Value]) -> Document:
    """Return the document of changed settings, read back from JSON."""
    changes = Changes(configured)
    changes.note(in_force, "a test")
    written: Document = json.loads(json.dumps(changes.document()))
    return written


def test_a_daily_limit_that_was_removed_or_set_is_in_force_again() -> None:
    limited = Settings(sitting=SittingSettings(daily_limit=timedelta(hours=8)))
    removed = document(limited, {"sitting.daily_limit": None})
    added = document(Settings(), {"sitting.daily_limit": timedelta(hours=6)})

    assert with_changes(Loaded(limited, {}), removed).settings == Settings()
    again = with_changes(Loaded(Settings(), {}), added)
    assert again.settings.sitting.daily_limit == timedelta(hours=6)
    assert again.origins["sitting.daily_limit"].startswith("changed by a command, instead of none")


def test_no_other_setting_can_be_without_a_value() -> None:
    without_value = {"sitting.move_after": {"value": None, "instead_of": "30m"}}

    with pytest.raises(ValueError, match="expected"):
        with_changes(Loaded(Settings(), {}), without_value)


def kept(**changed: timedelta | bool) -> Document:
    """Return the kept document, read back from JSON."""
    values = AS_CONFIGURED | {key.replace("__", "."): value for key, value in changed.items()}
    return document(CONFIGURED, {**values})


def test_settings_as_configured_are_not_kept() -> None:
    assert kept() == {}


def test_a_change_is_in_force_again_with_its_origin() -> None:
    changed = kept(sitting__move_after=timedelta(minutes=50), buzzer__enabled=False)

    loaded = with_changes(Loaded(CONFIGURED, ORIGINS), changed)

    assert loaded.settings.sitting.move_after == timedelta(minutes=50)
    assert loaded.settings.buzzer == BuzzerSettings(enabled=False)
    assert loaded.origins == {
        "sitting.move_after": "changed by a command, instead of 40m (/etc/unsit/unsit.toml)",
        "buzzer.enabled": "changed by a command, instead of true (default)",
    }


def test_a_new_configured_value_replaces_the_change() -> None:
    changed = kept(sitting__move_after=timedelta(minutes=50))
    edited = Loaded(Settings(sitting=SittingSettings(move_after=timedelta(minutes=20))), ORIGINS)

    assert with_changes(edited, changed) == edited


def test_a_setting_that_no_command_changes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mqtt\.port cannot be changed"):
        with_changes(Loaded(CONFIGURED, {}), {"mqtt.port": {"value": 1, "instead_of": 1883}})


@pytest.mark.parametrize("value", ["soon", "0s", "25h"])
def test_a_kept_value_that_a_command_would_refuse_is_refused(value: str) -> None:
    refused = {"sitting.move_after": {"value": value, "instead_of": "40m"}}

    with pytest.raises(ValueError, match=r"duration|1s to 24h"):
        with_changes(Loaded(CONFIGURED, ORIGINS), refused)
