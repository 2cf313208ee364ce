"""Blueprints and dashboard in a real Home Assistant, with a lamp and a speaker."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.fixtures import missing
from support.ha_fixture import FIXTURE_WARNINGS, IN_A_CALL, LAMP, SPEAKER, install_fixture
from support.real_home_assistant import Chair, RealHome, missing_installation

pytestmark = pytest.mark.homeassistant


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """Start a Home Assistant with a lamp, a speaker and all blueprints in use."""
    if (what := missing_installation()) is not None:
        missing(what)
    home = RealHome(tmp_path_factory.mktemp("home"))
    try:
        install_fixture(home)
        yield home
        complaints = [
            line
            for line in home.complaints()
            if not any(words in line for words in FIXTURE_WARNINGS)
        ]
        assert complaints == []
    finally:
        home.down()


@pytest.fixture
def chair(home: RealHome, tmp_path: Path) -> Iterator[Chair]:
    """Start a chair that is due after 2 s."""
    settings = ("sitting.move_after=2s", "sitting.min_break=1s", "reminders.repeat_every=1h")
    chair = Chair(home, tmp_path / "state", *settings)
    chair.start()
    home.shows(occupied="off", hold="off")
    yield chair
    chair.stop()


def test_the_dashboard_is_loaded_without_a_warning(home: RealHome) -> None:
    page = json.loads(home.program("api", "WS", "lovelace/config", '{"url_path": "chair-today"}'))

    assert [view["title"] for view in page["views"]] == ["Today"]


def test_the_lamp_is_on_while_it_is_time_to_move_and_is_then_restored(
    home: RealHome, chair: Chair
) -> None:
    assert state_of(home, LAMP)["state"] == "off"
    chair.sits()
    home.wait(lambda _: state_of(home, LAMP)["state"] == "on", "the lamp is lit")
    assert state_of(home, LAMP)["attributes"]["brightness"] == 153
    chair.rises()
    home.wait(lambda _: state_of(home, LAMP)["state"] == "off", "the lamp is as it was")


def test_the_speaker_says_that_it_is_time_to_move(home: RealHome, chair: Chair) -> None:
    chair.sits()
    home.wait(
        lambda _: "Time+to+move" in said_by(home, SPEAKER),
        "the speaker says that it is time to move",
    )


def test_a_person_who_is_still_sitting_is_notified_and_the_notification_is_removed(
    home: RealHome, chair: Chair
) -> None:
    chair.sits()
    home.wait(lambda _: "Time to move" in notified(home), "the notification")
    chair.rises()
    home.wait(lambda _: "Time to move" not in notified(home), "it is taken back")


def test_a_call_holds_the_chair_even_if_the_chair_was_unavailable_at_its_beginning(
    home: RealHome, chair: Chair
) -> None:
    turn(home, "on")
    home.shows(hold="on")
    turn(home, "off")
    home.shows(hold="off")

    chair.stop()
    home.shows(hold="unavailable")
    turn(home, "on")
    chair.start()
    home.shows(hold="on")
    turn(home, "off")
    home.shows(hold="off")


def state_of(home: RealHome, entity: str) -> dict[str, Any]:
    return dict(home.request(f"/api/states/{entity}"))


def said_by(home: RealHome, speaker: str) -> str:
    return str(state_of(home, speaker)["attributes"].get("media_content_id"))


def notified(home: RealHome) -> list[str]:
    told = json.loads(home.program("api", "WS", "persistent_notification/get"))
    return [notification["title"] for notification in told]


def turn(home: RealHome, how: str) -> None:
    home.request(f"/api/services/input_boolean/turn_{how}", {"entity_id": IN_A_CALL})
