"""Settings that were changed while the service ran."""

import json
from datetime import timedelta

import pytest

from unsit.settings.changes import Document, changes, with_changes
from unsit.settings.loaded import Loaded
from unsit.settings.model import BuzzerSettings, Settings, SittingSettings

CONFIGURED = Settings(sitting=SittingSettings(move_after=timedelta(minutes=40)))
FROM = {"sitting.move_after": "/etc/unsit/unsit.toml"}
AS_CONFIGURED: dict[str, timedelta | bool] = {
    "sitting.move_after": timedelta(minutes=40),
    "sitting.min_break": timedelta(minutes=2),
    "buzzer.enabled": True,
}


def test_a_daily_limit_that_was_lifted_or_set_is_in_force_again() -> None:
    limited = Settings(sitting=SittingSettings(daily_limit=timedelta(hours=8)))
    lifted = json.loads(json.dumps(changes(limited, {"sitting.daily_limit": None})))
    put = json.loads(json.dumps(changes(Settings(), {"sitting.daily_limit": timedelta(hours=6)})))

    assert with_changes(Loaded(limited, {}), lifted).settings == Settings()
    again = with_changes(Loaded(Settings(), {}), put)
    assert again.settings.sitting.daily_limit == timedelta(hours=6)
    assert again.origins["sitting.daily_limit"].startswith("changed by a command, instead of none")


def test_no_other_setting_can_be_without_a_value() -> None:
    document = {"sitting.move_after": {"value": None, "instead_of": "30m"}}

    with pytest.raises(ValueError, match="expected"):
        with_changes(Loaded(Settings(), {}), document)


def kept(**changed: timedelta | bool) -> Document:
    """What is kept, read back as JSON has it."""
    values = AS_CONFIGURED | {key.replace("__", "."): value for key, value in changed.items()}
    document: Document = json.loads(json.dumps(changes(CONFIGURED, values)))
    return document


def test_settings_as_configured_are_not_kept() -> None:
    assert kept() == {}


def test_what_was_changed_is_in_force_again_and_says_where_it_came_from() -> None:
    document = kept(sitting__move_after=timedelta(minutes=50), buzzer__enabled=False)

    loaded = with_changes(Loaded(CONFIGURED, FROM), document)

    assert loaded.settings.sitting.move_after == timedelta(minutes=50)
    assert loaded.settings.buzzer == BuzzerSettings(enabled=False)
    assert loaded.origins == {
        "sitting.move_after": "changed by a command, instead of 40m (/etc/unsit/unsit.toml)",
        "buzzer.enabled": "changed by a command, instead of true (default)",
    }


def test_a_setting_that_is_given_another_value_has_the_last_word() -> None:
    document = kept(sitting__move_after=timedelta(minutes=50))
    edited = Loaded(Settings(sitting=SittingSettings(move_after=timedelta(minutes=20))), FROM)

    assert with_changes(edited, document) == edited


def test_only_what_commands_change_can_be_changed() -> None:
    with pytest.raises(ValueError, match=r"mqtt\.port cannot be changed"):
        with_changes(Loaded(CONFIGURED, {}), {"mqtt.port": {"value": 1, "instead_of": 1883}})


@pytest.mark.parametrize("value", ["soon", "0s", "25h"])
def test_a_kept_value_that_a_command_would_not_take_is_refused(value: str) -> None:
    document = {"sitting.move_after": {"value": value, "instead_of": "40m"}}

    with pytest.raises(ValueError, match=r"duration|1s to 24h"):
        with_changes(Loaded(CONFIGURED, FROM), document)
