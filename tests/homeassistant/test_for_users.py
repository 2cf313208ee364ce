"""The blueprints and the dashboard, in a real Home Assistant."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import missing
from furnishing import (
    AUTOMATIONS,
    FOR_USERS,
    IN_A_CALL,
    LAMP,
    OF_THE_FURNITURE,
    SPEAKER,
    furnish,
)
from realhome import Chair, RealHome, absence
from unsit.homeassistant.discovery import Description, discovery
from unsit.mqtt.topics import Topics

ENTITIES = {
    entity["default_entity_id"]
    for entity in discovery(Description(Topics("unsit", "my-chair"), "Chair", "1"))[
        "components"
    ].values()
}

live = pytest.mark.homeassistant


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """A Home Assistant with a lamp, a speaker and all blueprints in use."""
    if (what := absence()) is not None:
        missing(what)
    house = RealHome(tmp_path_factory.mktemp("house"))
    try:
        furnish(house)
        yield house
        complaints = [
            line
            for line in house.complaints()
            if not any(words in line for words in OF_THE_FURNITURE)
        ]
        assert complaints == []
    finally:
        house.down()


@pytest.fixture
def tenant(house: RealHome, tmp_path: Path) -> Iterator[Chair]:
    """A chair in the house, due after 2 s."""
    settings = ("sitting.move_after=2s", "sitting.min_break=1s", "reminders.repeat_every=1h")
    chair = Chair(house, tmp_path / "state", *settings)
    chair.start()
    house.shows(occupied="off", hold="off")
    yield chair
    chair.stop()


def test_the_dashboard_shows_every_entity_but_some_diagnostics() -> None:
    named = set(
        re.findall(r"[a-z_]+\.my_chair_[a-z_]+", (FOR_USERS / "dashboard.yaml").read_text())
    )
    left_out = {"sensor.my_chair_version", "sensor.my_chair_uptime", "button.my_chair_test_buzzer"}

    assert named == ENTITIES - left_out - {"sensor.my_chair_events_waiting"}


def test_every_blueprint_is_in_use_below() -> None:
    folder = FOR_USERS / "blueprints" / "automation" / "unsit"

    assert {file.stem for file in folder.iterdir()} == {name for name, _ in AUTOMATIONS.values()}


@live
def test_the_dashboard_is_loaded_without_a_complaint(house: RealHome) -> None:
    page = json.loads(house.program("api", "WS", "lovelace/config", '{"url_path": "chair-today"}'))

    assert [view["title"] for view in page["views"]] == ["Today"]


@live
def test_the_lamp_is_lit_while_it_is_time_to_move_and_is_then_as_it_was(
    house: RealHome, tenant: Chair
) -> None:
    assert state_of(house, LAMP)["state"] == "off"
    tenant.sits()
    house.wait(lambda _: state_of(house, LAMP)["state"] == "on", "the lamp is lit")
    assert state_of(house, LAMP)["attributes"]["brightness"] == 153
    tenant.rises()
    house.wait(lambda _: state_of(house, LAMP)["state"] == "off", "the lamp is as it was")


@live
def test_the_speaker_says_that_it_is_time_to_move(house: RealHome, tenant: Chair) -> None:
    tenant.sits()
    house.wait(
        lambda _: "Time+to+move" in said_by(house, SPEAKER),
        "the speaker says that it is time to move",
    )


@live
def test_who_is_still_sitting_is_notified_and_it_is_taken_back(
    house: RealHome, tenant: Chair
) -> None:
    tenant.sits()
    house.wait(lambda _: "Time to move" in notified(house), "the notification")
    tenant.rises()
    house.wait(lambda _: "Time to move" not in notified(house), "it is taken back")


@live
def test_a_call_holds_the_chair_even_if_it_was_away_when_the_call_began(
    house: RealHome, tenant: Chair
) -> None:
    turn(house, "on")
    house.shows(hold="on")
    turn(house, "off")
    house.shows(hold="off")

    tenant.stop()
    house.shows(hold="unavailable")
    turn(house, "on")
    tenant.start()
    house.shows(hold="on")
    turn(house, "off")
    house.shows(hold="off")


def state_of(house: RealHome, entity: str) -> dict[str, Any]:
    return dict(house.ask(f"/api/states/{entity}"))


def said_by(house: RealHome, speaker: str) -> str:
    return str(state_of(house, speaker)["attributes"].get("media_content_id"))


def notified(house: RealHome) -> list[str]:
    told = json.loads(house.program("api", "WS", "persistent_notification/get"))
    return [notification["title"] for notification in told]


def turn(house: RealHome, how: str) -> None:
    house.ask(f"/api/services/input_boolean/turn_{how}", {"entity_id": IN_A_CALL})
