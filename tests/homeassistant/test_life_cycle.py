"""Order of the messages to Home Assistant over a real broker, without Home Assistant."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessage

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.settings.model import (
    BuzzerSettings,
    HomeAssistantSettings,
    SeatSettings,
    SittingSettings,
)

pytestmark = pytest.mark.broker

CONFIG = "homeassistant/device/unsit_test-chair/config"
TIMES = "homeassistant/device/unsit_test-chair_times/config"
AVAILABILITY, STATE, EVENT, LOG = (
    f"{ROOT}/{leaf}" for leaf in ("availability", "state", "event", "log")
)
BIRTH = "homeassistant/status"


@contextmanager
def chair_on(broker: Mosquitto, state: Path | None = None, **sections: Any) -> Iterator[LiveChair]:
    quick: dict[str, Any] = {
        "seat": SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
        "sitting": SittingSettings(move_after=every(60), min_break=every(60)),
        "homeassistant": HomeAssistantSettings(),
    }
    chair = LiveChair(state, mqtt={"host": LOOPBACK, "port": broker.port}, **(quick | sections))
    try:
        yield chair
    finally:
        chair.stop()


def topics(messages: list[MQTTMessage]) -> list[str]:
    return [message.topic for message in messages]


def test_a_connecting_chair_is_announced_before_all_other_messages(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker):
        watcher.event(EVENT, "service_started")

        assert topics(watcher.received)[:4] == [CONFIG, TIMES, AVAILABILITY, STATE]
        late = Watcher(broker, CONFIG)
        assert late.wait(CONFIG)["device"]["identifiers"] == ["unsit_test-chair"]
        late.close()


def test_after_a_birth_message_the_chair_repeats_all_messages_in_order(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker):
        watcher.event(LOG, "service_started")
        watcher.publish(BIRTH, "online")
        watcher.wait(BIRTH)
        before = len(watcher.received)
        watcher.wait(STATE)

        assert topics(watcher.received[before:]) == [CONFIG, TIMES, AVAILABILITY, STATE]
        assert all(message.qos == 1 for message in watcher.received[before:])


def test_many_birth_messages_are_answered_once_and_need_no_threads(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker):
        watcher.event(EVENT, "service_started")
        before = threading.active_count()
        for _ in range(20):
            watcher.publish(BIRTH, "online")
        watcher.publish(f"{ROOT}/command/move_after", "50m")
        watcher.wait(STATE, lambda state: state["move_after_s"] == 3000)
        assert threading.active_count() <= before + 1, "a sync of the disk may have one"
        watcher.wait(CONFIG)
        watcher.wait(AVAILABILITY)

    assert len(watcher.on(CONFIG)) == 2


def test_events_during_an_announcement_are_sent_after_it(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        watcher.event(LOG, "service_started")
        watcher.publish(BIRTH, "online")
        watcher.publish(f"{ROOT}/command/move_after", "50m")
        watcher.wait(STATE, lambda state: state["move_after_s"] == 3000)  # it has seen the birth
        before = len(watcher.received)
        chair.seat.set(True)
        watcher.event(EVENT, "bout_started")

        said = topics(watcher.received[before:])
        assert said.index(CONFIG) < said.index(EVENT)


def test_a_broker_that_lost_its_retained_messages_gets_them_again(
    broker: Mosquitto, tmp_path: Path
) -> None:
    with chair_on(broker) as chair:
        chair.wait("service_started")
        broker.stop()
        (tmp_path / "mosquitto.db").unlink(missing_ok=True)
        broker.start()
        watcher = Watcher(broker)
        watcher.wait(CONFIG)
        watcher.wait(AVAILABILITY, lambda word: word == "online")
        watcher.wait(STATE)
        watcher.close()


def test_a_chair_without_discovery_is_not_announced(broker: Mosquitto, watcher: Watcher) -> None:
    with chair_on(broker, homeassistant=HomeAssistantSettings(discovery=False)):
        watcher.event(LOG, "service_started")
        watcher.publish(BIRTH, "online")
        watcher.publish(f"{ROOT}/command/hold", "ON")
        watcher.event(LOG, "hold_started")

        assert CONFIG not in topics(watcher.received)


def test_less_equipment_removes_its_entities(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path):
        watcher.wait(CONFIG, lambda payload: "buzzer" in payload["components"])
    with chair_on(broker, tmp_path, buzzer=BuzzerSettings(kind="none")):
        farewell = watcher.wait(CONFIG)
        payload = watcher.wait(CONFIG)

    assert farewell["components"]["buzzer"] == {"platform": "switch"}
    assert "buzzer" not in payload["components"]


def test_a_stopping_chair_sends_the_events_that_wait_for_the_announcement(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker):
        watcher.wait(AVAILABILITY)
    watcher.event(LOG, "service_stopped")

    kinds = [json.loads(m.payload)["type"] for m in watcher.received if m.topic == LOG]
    assert kinds == ["service_started", "service_stopped"]


def test_events_wait_only_until_the_broker_has_them(broker: Mosquitto, watcher: Watcher) -> None:
    with chair_on(broker):
        assert watcher.wait(STATE)["events_waiting"] == 1
        watcher.event(LOG, "service_started")

        assert watcher.wait(STATE)["events_waiting"] == 0


def test_changed_settings_are_restored_after_a_restart(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path):
        watcher.wait(STATE)
        for command, payload in (("move_after", "50m"), ("buzzer", "OFF"), ("hold", "20m")):
            watcher.publish(f"{ROOT}/command/{command}", payload)
        held = watcher.wait(STATE, lambda state: state["hold"])
    watcher.wait(AVAILABILITY, lambda word: word == "offline")
    with chair_on(broker, tmp_path):
        again = watcher.wait(STATE)

    assert (again["move_after_s"], again["buzzer"], again["hold"]) == (3000, False, True)
    assert again["hold_until"][:19] == held["hold_until"][:19]


def test_a_hold_from_before_a_restart_ends_by_itself(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path):
        watcher.wait(STATE)
        watcher.publish(f"{ROOT}/command/hold", "4s")
        watcher.wait(STATE, lambda state: state["hold"])
    watcher.wait(AVAILABILITY, lambda word: word == "offline")
    with chair_on(broker, tmp_path):
        assert watcher.wait(STATE)["hold"]
        assert watcher.event(LOG, "hold_ended")["reason"] == "its time is over"


def test_the_totals_of_the_day_survive_a_restart(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path, sitting=SittingSettings(move_after=every(1))) as chair:
        chair.seat.set(True)
        chair.wait("move_due")
        chair.seat.set(False)
        chair.wait("stood_up")
        before = watcher.wait(STATE, lambda state: state["response_s"] is not None)
    watcher.wait(AVAILABILITY, lambda word: word == "offline")
    with chair_on(broker, tmp_path):
        again = watcher.wait(STATE)

    kept = ("seated_today_s", "longest_bout_today_s", "reminders_today", "response_s")
    assert {key: again[key] for key in kept} == {key: before[key] for key in kept}
    assert again["reminders_today"] == 1


def test_midnight_is_published_even_if_nobody_sits(broker: Mosquitto, watcher: Watcher) -> None:
    before_midnight = datetime(2026, 11, 24, 23, 58, 30).astimezone()
    mqtt = {"host": LOOPBACK, "port": broker.port}
    chair = LiveChair(speed=60.0, start=before_midnight, mqtt=mqtt)
    try:
        first = watcher.wait(STATE)
        later = watcher.wait(STATE, lambda state: state["today_since"] != first["today_since"])
    finally:
        chair.stop()

    assert first["today_since"][:10] == "2026-11-24"
    assert later["today_since"][:19] == "2026-11-25T00:00:00"
