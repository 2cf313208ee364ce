"""Parsing of the ladder of reminders, and the volumes that a buzzer accepts."""

from datetime import timedelta

import pytest

from unsit.core.rules import Rung
from unsit.errors import SettingsError
from unsit.settings.load import load
from unsit.settings.values import parse_ladder


def test_a_ladder_is_parsed_rung_by_rung() -> None:
    assert parse_ladder("lamp 2m, tick 30% 90s,double 60%, long") == (
        Rung("lamp", None, timedelta(minutes=2)),
        Rung("tick", 30, timedelta(seconds=90)),
        Rung("double", 60),
        Rung("long"),
    )
    assert parse_ladder(" ") == ()


@pytest.mark.parametrize(
    "text",
    ["beep", "tick 0%", "tick 101%", "tick x%", "lamp 30%", "tick 2m 30%", "tick 0s", "tick soon"],
)
def test_a_bad_rung_is_refused_with_the_expected_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|makes no sound"):
        parse_ladder(text)


@pytest.mark.parametrize("flag", ["buzzer.volume=50", "reminders.ladder=tick 30%, long"])
def test_a_volume_needs_a_passive_buzzer(flag: str) -> None:
    with pytest.raises(SettingsError, match="a volume needs"):
        load(flags=[flag])

    assert load(flags=[flag, "buzzer.kind=passive"])


@pytest.mark.parametrize("text", ["25:00", "12", "noon", "12:60"])
def test_a_bad_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="00:00 to 23:59"):
        load(flags=[f"reminders.softer_from={text}"])
