"""Faults on Home Assistant's side of a real mosquitto."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from checkup.planting import installed, named, sound
from mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.checkup.broker import check_broker
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.settings.model import HomeAssistantSettings
from unsit.settings.mqtt import MqttSettings

pytestmark = pytest.mark.broker

OWN = "homeassistant/device/unsit_test-chair/config"


def announcement(of: str) -> str:
    return json.dumps({"origin": {"name": "unsit", "sw_version": of}, "components": {}})


@pytest.fixture
def house(broker: Mosquitto) -> Iterator[Watcher]:
    """A Home Assistant, as far as a broker can tell: it listens to announcements."""
    house = Watcher(broker, "homeassistant/+/+/config")
    yield house
    house.close()


@pytest.fixture
def chair(broker: Mosquitto) -> Iterator[Watcher]:
    """A client that leaves what a chair leaves, and listens to nothing."""
    chair = Watcher(broker, "nothing/at/all")
    yield chair
    chair.close()


def checked(broker: Mosquitto, tmp_path: Path, **home: Any) -> list[Finding]:
    chair = installed(
        tmp_path,
        mqtt=MqttSettings(host=LOOPBACK, port=broker.port),
        homeassistant=HomeAssistantSettings(**home),
    )
    return list(check_broker(chair))


def test_a_chair_that_home_assistant_knows_is_told_with_what_it_says(
    broker: Mosquitto, chair: Watcher, house: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    chair.publish("unsit/test-chair/availability", "online", retain=True)
    state = json.dumps({"occupied": True, "sensor_fault": None})
    chair.publish("unsit/test-chair/state", state, retain=True)

    said = {finding.subject: finding.words for finding in sound(checked(broker, tmp_path))}

    assert said["availability"] == "the chair is online: somebody sits"
    assert said["discovery"] == f"announced at {OWN}"
    assert said["home"] == (
        "somebody listens to homeassistant/…; its birth topic is homeassistant/status"
    )


def test_a_service_that_keeps_nothing_on_disk_is_named_with_its_own_words(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("unsit/test-chair/availability", "online", retain=True)
    state = json.dumps({"occupied": False, "storage_fault": "the disk is full"})
    chair.publish("unsit/test-chair/state", state, retain=True)

    finding = named(Fault.NOTHING_KEPT, checked(broker, tmp_path))

    assert finding.words == "the service says: the disk is full"


def test_home_assistant_hears_nothing_new_from_a_check(
    broker: Mosquitto, chair: Watcher, house: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    checked(broker, tmp_path)
    chair.publish("homeassistant/device/end/config", "{}")
    house.wait("homeassistant/device/end/config")

    said = {json.dumps(words) for words in house.on(OWN)}
    assert said == {announcement(version("unsit"))}


def test_a_home_assistant_that_is_not_at_this_broker_is_named(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)

    finding = named(Fault.HOME_ABSENT, checked(broker, tmp_path))

    assert "nobody listens to homeassistant/… at this broker; add the MQTT" in str(finding)


def test_a_home_assistant_with_another_prefix_is_named_with_it(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("ha/sensor/lamp/config", json.dumps({"unique_id": "lamp"}), retain=True)

    finding = named(Fault.OTHER_PREFIX, checked(broker, tmp_path))

    assert finding.mend == (
        'homeassistant.discovery_prefix = "ha", homeassistant.birth_topic = "ha/status"'
    )
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    named(Fault.OTHER_PREFIX, checked(broker, tmp_path))


def test_a_chair_that_was_never_announced_is_named(broker: Mosquitto, tmp_path: Path) -> None:
    finding = named(Fault.NOT_ANNOUNCED, checked(broker, tmp_path))

    assert str(finding).endswith(f"nothing at {OWN}; sudo systemctl start unsit")


def test_an_announcement_of_another_version_is_named_with_both(
    broker: Mosquitto, chair: Watcher, house: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement("0.0.1"), retain=True)

    finding = named(Fault.OTHER_VERSION, checked(broker, tmp_path))

    assert f"is of unsit 0.0.1, and this is {version('unsit')}; sudo systemctl" in str(finding)


def test_an_announcement_that_an_earlier_prefix_left_is_named(
    broker: Mosquitto, chair: Watcher, house: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    chair.publish(OWN.replace("homeassistant", "old"), announcement("0.0.1"), retain=True)

    finding = named(Fault.ANNOUNCED_ELSEWHERE, checked(broker, tmp_path))

    assert "announced at old/device/unsit_test-chair/config as well" in finding.words


def test_discovery_that_is_switched_off_is_said_and_is_no_fault(
    broker: Mosquitto, tmp_path: Path
) -> None:
    said = [finding.words for finding in sound(checked(broker, tmp_path, discovery=False))]

    assert "off, by the setting homeassistant.discovery" in said
