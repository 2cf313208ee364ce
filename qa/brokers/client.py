"""Clients beside the chair: one that receives, and one question whether a broker answers."""

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from support.mosquitto import LOOPBACK

TIMEOUT_S = 30.0
"""Time in s after which an expected message counts as missing."""


@dataclass(frozen=True)
class Heard:
    """Message that a client has received."""

    topic: str
    payload: bytes
    retained: bool

    @property
    def content(self) -> Any:
        """Content of the JSON, or the text if it is none."""
        try:
            return json.loads(self.payload)
        except ValueError:
            return self.payload.decode(errors="replace")


class Observer:
    """Client with MQTT 3.1.1, which every broker speaks, for the length of a ``with`` block."""

    def __init__(self, port: int, *filters: str) -> None:
        self._messages: list[Heard] = []
        self._changed = threading.Condition()
        self._filters = filters
        self._unsubscribed = len(filters)
        self._client = _client()
        self._client.on_message = self._take
        self._client.on_subscribe = lambda *_: self._count_subscription()
        self._client.connect(LOOPBACK, port)
        self._client.loop_start()
        for topic in filters:
            self._client.subscribe(topic, 1)
        with self._changed:
            subscribed = self._changed.wait_for(lambda: self._unsubscribed <= 0, TIMEOUT_S)
        assert subscribed, f"the broker does not acknowledge a subscription to {filters}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send a message with QoS 1."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(TIMEOUT_S)

    def heard(self, topic: str) -> list[Heard]:
        """Return the messages on a topic so far, in order of arrival."""
        with self._changed:
            return [message for message in self._messages if message.topic == topic]

    def wait(
        self,
        topic: str,
        found: Callable[[Heard], bool] = lambda message: bool(message.payload),
        timeout: float = TIMEOUT_S,
    ) -> Heard | None:
        """Return the last message on a topic once ``found`` holds for it, None if it never does."""

        def last() -> Heard | None:
            on_topic = [message for message in self._messages if message.topic == topic]
            return on_topic[-1] if on_topic and found(on_topic[-1]) else None

        with self._changed:
            return self._changed.wait_for(last, timeout)

    def wait_until(self, is_done: Callable[[], bool], timeout: float = TIMEOUT_S) -> bool:
        """Wait until what has arrived fulfils a condition; return whether it does."""
        with self._changed:
            return self._changed.wait_for(is_done, timeout)

    def wait_for_number(self, topic: str, number: int, timeout: float = TIMEOUT_S) -> bool:
        """Wait until an event with a number has arrived on a topic."""
        return (
            self.wait(topic, lambda message: message.content.get("seq", 0) >= number, timeout)
            is not None
        )

    def numbers(self, topic: str) -> list[int]:
        """Return the numbers of the events on a topic, in order of arrival.

        A refused command has none.
        """
        return [message.content["seq"] for message in self.heard(topic) if "seq" in message.content]

    def _count_subscription(self) -> None:
        with self._changed:
            self._unsubscribed -= 1
            self._changed.notify_all()

    def _take(self, client: Client, data: Any, message: MQTTMessage) -> None:
        with self._changed:
            self._messages.append(
                Heard(message.topic, bytes(message.payload), bool(message.retain))
            )
            self._changed.notify_all()


def late(
    port: int, topic: str, timeout: float = 5.0, *, matching: str | None = None
) -> Heard | None:
    """Return the retained message on a topic, as a client receives it that subscribes only now.

    matching: a filter to subscribe to instead of the topic itself.
    """
    with Observer(port, matching or topic) as observer:
        return observer.wait(topic, lambda message: message.retained, timeout)


def answers(port: int) -> bool:
    """Return whether a broker at a port answers a client, if only to refuse it."""
    answered = threading.Event()
    client = _client()
    client.on_connect = lambda *_: answered.set()
    with contextlib.suppress(OSError):
        client.connect(LOOPBACK, port)
        end = time.monotonic() + 2.0
        while not answered.is_set() and time.monotonic() < end and client.socket() is not None:
            client.loop(0.1)
        client.disconnect()
    return answered.is_set()


def _client() -> Client:
    name = f"observer-{uuid.uuid4().hex[:8]}"
    return Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv311)
