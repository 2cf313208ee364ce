"""Discovery message: its exact content."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from unsit.core.events import Event
from unsit.homeassistant.discovery import (
    EVENT_TYPES,
    Description,
    Equipment,
    discovery,
    discovery_topic,
    platforms_of,
    removal,
)
from unsit.mqtt.topics import Topics

EXPECTED = Path(__file__).parent / "discovery.json"

FULL = Description(
    topics=Topics("unsit", "my-chair"), name="Desk chair", version="1.2.3", area="Office"
)


def test_the_message_is_exactly_the_stored_one() -> None:
    assert discovery(FULL) == json.loads(EXPECTED.read_text(encoding="utf-8"))


def test_the_topic_names_the_chair() -> None:
    topic = discovery_topic("homeassistant", "my-chair")

    assert topic == "homeassistant/device/unsit_my-chair/config"
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", topic.split("/")[2])


def test_a_chair_without_a_buzzer_has_no_entities_for_one() -> None:
    silent = Description(
        topics=Topics("unsit", "my-chair"), name="Chair", version="1", equipment=Equipment(False)
    )
    missing = set(discovery(FULL)["components"]) - set(discovery(silent)["components"])

    assert missing == {"buzzer", "test_buzzer"}
    assert "suggested_area" not in discovery(silent)["device"]


def test_a_chair_on_load_cells_can_be_tared_and_publishes_its_load_only_on_request() -> None:
    topics = Topics("unsit", "my-chair")
    tared = Description(topics, "Chair", "1", equipment=Equipment(load_cell=True))
    weighed = Description(topics, "Chair", "1", equipment=Equipment(load_cell=True, load=True))

    on_cells = discovery(tared)["components"]
    assert set(on_cells) - set(discovery(FULL)["components"]) == {"tare"}
    assert on_cells["tare"]["command_topic"] == "unsit/my-chair/command/tare"
    assert discovery(tared)["device"]["model"] == "Chair with load cells"
    load = discovery(weighed)["components"]["load"]
    assert (load["device_class"], load["enabled_by_default"]) == ("weight", False)


def test_two_chairs_share_no_id_and_no_topic() -> None:
    one, other = (
        json.dumps(discovery(Description(Topics("unsit", chair), "Chair", "1")))
        for chair in ("left", "right")
    )

    assert "left" not in other
    assert one == other.replace("right", "left")


def test_names_do_not_change_the_id_of_an_entity() -> None:
    renamed = Description(Topics("house", "my-chair"), name="Stuhl", version="9", area=None)

    def identities(of: Description) -> list[str]:
        rows = discovery(of)["components"].values()
        return [row["unique_id"] for row in rows if row["platform"] != "device_automation"]

    assert identities(renamed) == identities(FULL)
    assert len(set(identities(FULL))) == len(identities(FULL))


@pytest.mark.parametrize("kind", get_args(Event))
def test_the_event_entity_lists_the_type_of_every_event(kind: type) -> None:
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() in EVENT_TYPES


def test_there_is_no_removal_without_a_missing_entity() -> None:
    payload = discovery(FULL)

    assert removal(platforms_of(payload), payload) is None
    assert removal({}, payload) is None


def test_a_missing_entity_is_removed_by_its_platform_alone() -> None:
    payload = discovery(FULL)
    farewell = removal(platforms_of(payload) | {"load": "sensor"}, payload)

    assert farewell is not None
    assert farewell["components"].pop("load") == {"platform": "sensor"}
    assert farewell == payload


def test_an_entity_of_another_platform_is_removed_first() -> None:
    payload = discovery(FULL)
    farewell = removal(platforms_of(payload) | {"hold": "select"}, payload)

    assert farewell is not None
    assert farewell["components"]["hold"] == {"platform": "select"}
