"""Limits of a broker: kept by the service, and named where something cannot be sent."""

import json
import logging
from contextlib import closing
from pathlib import Path

import pytest

from support.chair_on_strict_broker import (
    AVAILABILITY,
    CONFIG,
    EVENT,
    EVENTS,
    LOG,
    STATE,
    chair_on,
    delivered_once_and_in_order,
    make_events,
)
from support.live_chair import ROOT
from support.mosquitto import Mosquitto, Watcher
from support.strict_broker import Limits, StrictBroker

LIMITS = {
    "none": Limits(),
    "receive maximum 1": Limits(receive_maximum=1),
    "receive maximum 3": Limits(receive_maximum=3),
    "receive maximum 10": Limits(receive_maximum=10),
    "packets of 2000 bytes": Limits(packet_bytes=2000),
    "packets of 8000 bytes": Limits(packet_bytes=8000),
    "QoS 0": Limits(qos=0),
    "QoS 1": Limits(qos=1),
    "no retained messages": Limits(retain=False),
    "no wildcards": Limits(wildcards=False),
    "all of it": Limits(3, 2000, 5, 0, retain=False, wildcards=False),
}


@pytest.mark.parametrize("name", LIMITS)
def test_sixty_events_arrive_once_and_in_order_whatever_the_broker_grants(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with StrictBroker(LIMITS[name]) as broker:
        with chair_on(broker) as chair:
            broker.wait(lambda: broker.on(AVAILABILITY), "online")
            make_events(chair)
            delivered_once_and_in_order(broker)
            broker.send(f"{ROOT}/command/hold", b"OFF")
            broker.wait(lambda: len(broker.on(LOG)) > EVENTS, "the command has arrived")

            entities = [
                key for payload in broker.on(CONFIG) for key in json.loads(payload)["components"]
            ]
            assert {"occupied", "event", "hold"} <= set(entities)
            connections = len(broker.connections)
        broker.wait(lambda: broker.on(AVAILABILITY)[-1] == b"offline", "offline")
    assert broker.violations == []
    assert connections == 1
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) <= 3


@pytest.mark.broker
@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("limit", ["max_packet_size 4000", "message_size_limit 1000"])
def test_sixty_events_arrive_once_and_in_order_over_a_mosquitto_with_a_limit(
    limit: str,
    version: str,
    tmp_path: Path,
    mosquitto_is_here: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = Mosquitto(tmp_path, "allow_anonymous true", limit)
    broker.start()
    watcher = Watcher(broker)
    with closing(watcher), chair_on(broker, version=version) as chair:
        watcher.wait(AVAILABILITY, lambda word: word == "online")
        make_events(chair)
        watcher.wait(LOG, lambda one: one["seq"] == EVENTS)
        if EVENTS not in [one["seq"] for one in watcher.on(EVENT)]:
            watcher.wait(EVENT, lambda one: one["seq"] == EVENTS)
        refused = chair.service._publisher.refused or {}  # type: ignore[union-attr]
    broker.stop()

    for topic in (EVENT, LOG):
        assert [one["seq"] for one in watcher.on(topic)] == list(range(1, EVENTS + 1))
    parts = [one["components"] for one in watcher.on(CONFIG)]
    if limit.startswith("max_packet_size"):
        assert {"occupied", "event", "hold"} <= {key for part in parts for key in part}
        assert watcher.on(STATE)
    elif version == "5":  # with 3.1.1 it acknowledges what it throws away
        assert STATE in refused
        named = [one.getMessage() for one in caplog.records if STATE in one.getMessage()]
        assert len(named) == 1
