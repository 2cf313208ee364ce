"""Subscriber that stamps the messages."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from contest.errors import ContestError
from support.mosquitto import LOOPBACK


@dataclass(frozen=True, slots=True)
class Message:
    """Live message with the ``time.perf_counter`` of its callback."""

    at: float
    topic: str
    payload: bytes


class Subscriber:
    """Subscriber to every live message of a broker, without retained ones."""

    def __init__(self, port: int) -> None:
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._receive
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(LOOPBACK, port)
        self._client.loop_start()
        self._client.subscribe("#", 1)
        if not subscribed.wait(10):
            raise ContestError("the broker took no subscription within 10 s")

    def forget(self) -> None:
        """Drop the messages so far."""
        while not self._messages.empty():
            self._messages.get_nowait()

    def wait(self, matches: Callable[[Message], bool], timeout: float) -> Message | None:
        """Return the next matching message, None after the time-out in seconds."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                message = self._messages.get(timeout=left)
            except queue.Empty:
                return None
            if matches(message):
                return message
        return None

    def close(self) -> None:
        """Disconnect from the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _receive(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        at = time.perf_counter()
        if not message.retain:
            self._messages.put(Message(at, message.topic, bytes(message.payload)))
