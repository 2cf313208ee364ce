"""A subscriber that stamps what it hears."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from contest.errors import ContestError
from mosquitto import LOOPBACK


@dataclass(frozen=True, slots=True)
class Heard:
    """A live message, with the instant of its callback on ``time.perf_counter``."""

    at: float
    topic: str
    payload: bytes


class Subscriber:
    """Hears every live message of a broker; what was retained from before does not count."""

    def __init__(self, port: int) -> None:
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(LOOPBACK, port)
        self._client.loop_start()
        self._client.subscribe("#", 1)
        if not subscribed.wait(10):
            raise ContestError("the broker took no subscription within 10 s")

    def forget(self) -> None:
        """Lets go of what was heard so far."""
        while not self._heard.empty():
            self._heard.get_nowait()

    def wait(self, is_it: Callable[[Heard], bool], patience: float) -> Heard | None:
        """The next message that is what one waits for; None if none comes in so many seconds."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            try:
                heard = self._heard.get(timeout=left)
            except queue.Empty:
                return None
            if is_it(heard):
                return heard
        return None

    def close(self) -> None:
        """Leaves the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        at = time.perf_counter()
        if not message.retain:
            self._heard.put(Heard(at, message.topic, bytes(message.payload)))
