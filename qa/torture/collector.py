"""Subscriber with a session that outlives its connections, as a recorder would have."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from support.mosquitto import LOOPBACK

SESSION_S = 3600
"""The broker keeps undelivered messages that long."""


class Collector:
    """Receiver of everything that a chair publishes, over a connection that no fault touches.

    log: every delivery on the log topic, in order of arrival. rejected: number of rejected
    commands. state: the last state message.
    """

    def __init__(self, port: int, root: str) -> None:
        self.log: list[dict[str, Any]] = []
        self.rejected = 0
        self.state: dict[str, Any] = {}
        self._root = root
        self._is_subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=f"collector-{root}", protocol=MQTTv5
        )
        self._client.on_connect = lambda client, *_: client.subscribe(f"{root}/#", 1)
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.on_disconnect = lambda *_: self._is_subscribed.clear()
        self._client.on_message = lambda client, _, message: self._take(message)
        self._client.reconnect_delay_set(1, 1)
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho types it not
        session.SessionExpiryInterval = SESSION_S
        self._client.connect(LOOPBACK, port, clean_start=False, properties=session)
        self._client.loop_start()

    def wait_until_subscribed(self, timeout_s: float) -> bool:
        """Return whether it is subscribed, and so receives everything from now on."""
        return self._is_subscribed.wait(timeout_s)

    def expect_another_broker(self) -> None:
        """Forget the subscription before the broker ends; it is made again with the next one."""
        self._is_subscribed.clear()

    def command(self, name: str, payload: bytes) -> None:
        """Publish a command to the chair."""
        self._client.publish(f"{self._root}/command/{name}", payload, 1)

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until a condition is true; return whether it became true in time."""
        end = time.monotonic() + timeout_s
        while not condition() and time.monotonic() < end:
            threading.Event().wait(0.05)
        return condition()

    def close(self) -> None:
        """Disconnect from the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, message: MQTTMessage) -> None:
        leaf = message.topic.removeprefix(f"{self._root}/")
        if leaf == "log":
            self.log.append(json.loads(message.payload))
        elif leaf == "state" and message.payload:
            self.state = json.loads(message.payload)
        elif leaf == "event":
            self.rejected += json.loads(message.payload)["type"] == "command_rejected"
