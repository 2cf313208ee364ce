"""Chair on a strict broker, with 60 events on demand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import Mosquitto
from support.strict_broker import LOOPBACK, StrictBroker
from unsit.settings.model import HomeAssistantSettings, SeatSettings, SittingSettings

AVAILABILITY, STATE, EVENT, LOG = (
    f"{ROOT}/{leaf}" for leaf in ("availability", "state", "event", "log")
)
CONFIG = "homeassistant/device/unsit_test-chair/config"
EVENTS = 60


@contextmanager
def chair_on(broker: StrictBroker | Mosquitto, **mqtt: Any) -> Iterator[LiveChair]:
    chair = LiveChair(
        mqtt={"host": LOOPBACK, "port": broker.port, **mqtt},
        seat=SeatSettings(sit_dwell=every(0), stand_dwell=every(0)),
        sitting=SittingSettings(move_after=every(3600), min_break=every(3600)),
        homeassistant=HomeAssistantSettings(discovery=True),
    )
    try:
        yield chair
    finally:
        chair.stop()


def make_events(chair: LiveChair) -> None:
    """Make holds begin and end until there are 60 events."""
    chair.wait("service_started")
    for number in range(EVENTS - 1):
        kind = "hold_ended" if number % 2 else "hold_started"
        chair.service.loop.call(chair.service._publisher._command, *command(number))  # type: ignore[union-attr]
        chair.wait(kind)


def command(number: int) -> tuple[str, bytes, bool]:
    return f"{ROOT}/command/hold", b"OFF" if number % 2 else b"ON", False


def numbers(payloads: list[bytes]) -> list[int]:
    return [json.loads(payload)["seq"] for payload in payloads]


def delivered_once_and_in_order(
    broker: StrictBroker, topics: tuple[str, ...] = (EVENT, LOG)
) -> None:
    for topic in topics:
        broker.wait(lambda topic=topic: len(broker.on(topic)) >= EVENTS, f"all events on {topic}")
        assert numbers(broker.on(topic)) == list(range(1, EVENTS + 1))
