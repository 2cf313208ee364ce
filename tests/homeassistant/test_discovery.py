"""Discovery message: its exact content."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from unsit.core.events import Event
from unsit.core.instant import ZERO
from unsit.homeassistant.discovery import (
    EVENT_TYPES,
    SHOWN,
    Description,
    Equipment,
    discovery,
    discovery_topic,
    entities,
    platforms_of,
    removal,
    times_discovery,
)
from unsit.mqtt.command import CommandReader, CommandRejected
from unsit.mqtt.topics import Topics
from unsit.settings.changes import Changes
from unsit.settings.model import Settings
from unsit.settings.values import parse_duration, parse_time

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
        for chair in ("east", "west")
    )

    assert "east" not in other
    assert one == other.replace("west", "east")


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


def test_a_mat_shows_at_most_fourteen_entities_until_a_person_asks_for_more() -> None:
    messages = (discovery(FULL), times_discovery(FULL))
    enabled = [
        key
        for message in messages
        for key, entity in message["components"].items()
        if entity.get("enabled_by_default", True) and "unique_id" in entity
    ]
    assert set(enabled) == SHOWN
    assert len(enabled) <= 14


def test_the_entities_for_times_are_of_the_same_device_in_a_message_of_their_own() -> None:
    main, more = discovery(FULL), times_discovery(FULL)

    assert more["device"] == main["device"]
    assert not set(more["components"]) & set(main["components"])
    assert {entity["platform"] for entity in more["components"].values()} == {"datetime", "time"}
    assert not {"datetime", "time", "date"} & set(platforms_of(main).values())


def test_the_board_and_the_pages_are_named_where_they_are_known() -> None:
    known = replace(FULL, serial="10000000abc", board="Raspberry Pi 5", url="https://chair.example")
    message = discovery(known)

    assert message["device"]["serial_number"] == "10000000abc"
    assert message["device"]["hw_version"] == "Raspberry Pi 5"
    assert message["device"]["configuration_url"] == message["origin"]["support_url"]
    unknown = {"serial_number", "hw_version", "configuration_url"}
    assert not unknown & discovery(FULL)["device"].keys()


@pytest.mark.parametrize(
    ("equipment", "missing"),
    [
        (Equipment(), {"seat_tared", "seat_calibrated", "seat_corner_weighed", "leaning_started"}),
        (Equipment(load_cell=True), {"leaning_started", "leaning_ended"}),
        (Equipment(load_cell=True, balance=True, exercises=False), {"exercise_due", "sitting_cue"}),
    ],
)
def test_the_event_entity_lists_only_what_this_chair_can_send(
    equipment: Equipment, missing: set[str]
) -> None:
    types = set(entities(equipment, FULL.topics)["event"]["event_types"])

    assert not missing & types
    assert {"move_due", "hold_changed", "command_rejected"} <= types <= set(EVENT_TYPES)


NUMBERS = {
    key: entity
    for key, entity in discovery(FULL)["components"].items()
    if entity["platform"] == "number"
}
READER = CommandReader(
    parse_duration, parse_time, lambda of_day: ZERO, Changes(Settings()).reset_request
)


def is_taken(key: str, minutes: float) -> bool:
    """Return whether the chair accepts what Home Assistant sends for a number."""
    payload = NUMBERS[key]["command_template"].replace("{{ value }}", f"{minutes:g}")
    try:
        READER.read(key, payload.encode(), retained=False, now=ZERO)
    except CommandRejected:
        return False
    return True


@examples(200)
@given(key=st.sampled_from(sorted(NUMBERS)), data=st.data())
def test_the_chair_accepts_exactly_the_numbers_that_home_assistant_offers(
    key: str, data: st.DataObject
) -> None:
    least, most, step = (NUMBERS[key][limit] for limit in ("min", "max", "step"))
    steps = data.draw(st.integers(0, round((most - least) / step)))

    assert is_taken(key, round(least + steps * step, 2))
    assert not is_taken(key, round(most + step, 2))
    assert least == 0 or not is_taken(key, round(least - step, 2))


@pytest.mark.parametrize("seconds", [1, 20, 50, 80, 119, 120, 1800, 86_399, 86_400])
def test_a_number_shows_every_second_in_its_range(seconds: int) -> None:
    """The template of the value, in Python: Home Assistant's own tests render it for real."""
    shown = seconds // 60 if seconds % 60 == 0 else math.ceil(seconds / 60 * 100) / 100

    assert NUMBERS["move_after"]["min"] <= shown <= NUMBERS["move_after"]["max"]
    assert math.floor(shown * 60 + 1e-9) == seconds
