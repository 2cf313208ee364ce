"""Somebody else on the broker: sees every message of the chair as any client would."""

import queue
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from unsit.demo.broker import LOOPBACK, Running


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came over the broker."""

    topic: str
    payload: str


class Observer:
    """Subscribes to all topics of a prefix; the messages wait in ``messages``."""

    def __init__(self, broker: Running, prefix: str) -> None:
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._subscribed = queue.SimpleQueue[bool]()
        self._filter = f"{prefix}/#"
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            protocol=MQTTv5 if broker.version == "5" else MQTTv311,
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect(LOOPBACK, broker.port)
        self._client.loop_start()
        self._subscribed.get(timeout=10)

    def close(self) -> None:
        """Leaves the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(self._filter, 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed.put(True)

    def _on_message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        self.messages.put(Message(message.topic, message.payload.decode()))
