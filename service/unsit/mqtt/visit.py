"""A short visit to the broker, under a name that disturbs nobody."""

import contextlib
import queue
import threading
from collections.abc import Iterable
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from unsit.errors import UnavailableError
from unsit.mqtt.link import QOS, Broker, log_in
from unsit.mqtt.tls import in_words

PATIENCE = 10.0
"""Seconds for the broker to answer."""

QUIET = 0.4
"""Seconds without a message after which there is no other that is retained."""


class Refused(UnavailableError):  # noqa: N818  # the name of the answer
    """The broker has answered, and does not let this client in; ``reason`` says why."""

    def __init__(self, broker: Broker, reason: ReasonCode) -> None:
        super().__init__(
            f"the broker {broker!r} refuses the connection: {reason}; see mqtt.username and "
            "mqtt.password_file"
        )
        self.reason = reason


class Visit:
    """A connection to a broker while its block lasts.

    name: the client's; another client of that name is thrown out.

    Entering raises Refused, or UnavailableError where nothing answers as a broker does.
    """

    def __init__(self, broker: Broker, name: str) -> None:
        self.keeps_retained = True
        self._broker = broker
        self._answers: queue.SimpleQueue[ReasonCode | None] = queue.SimpleQueue()
        self._messages: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
        self._acknowledged: dict[int, ReasonCode] = {}
        self._news = threading.Condition()
        protocol = MQTTv5 if broker.version == "5" else MQTTv311
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=protocol,
            reconnect_on_failure=False,
        )
        log_in(self._client, broker)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = lambda *_: self._answers.put(None)
        self._client.on_publish = self._on_publish
        self._client.on_message = lambda client, data, message: self._messages.put(message)

    def __enter__(self) -> Self:
        try:
            self._client.connect(self._broker.host, self._broker.port, self._broker.keepalive)
        except OSError as error:
            raise UnavailableError(self._trouble(in_words(error))) from error
        self._client.loop_start()
        try:
            answer = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            answer = None
        if answer is None:
            self.__exit__()
            raise UnavailableError(self._trouble("it does not answer as one"))
        if answer.is_failure:
            self.__exit__()
            raise Refused(self._broker, answer)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> ReasonCode | None:
        """Sends a message; the broker's acknowledgement, None if it gives none."""
        mid = self._client.publish(topic, payload, QOS, retain=retain).mid
        with self._news:
            self._news.wait_for(lambda: mid in self._acknowledged, PATIENCE)
            return self._acknowledged.get(mid)

    def retained(self, topics: Iterable[str]) -> dict[str, bytes]:
        """What the topics, or filters, hold; returns when the broker says no more."""
        asked = list(topics)
        for topic in asked:
            self._client.subscribe(topic, 0)
        held: dict[str, bytes] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._messages.get(timeout=QUIET)
                if message.retain:
                    held[message.topic] = bytes(message.payload)
        for topic in asked:
            self._client.unsubscribe(topic)
        return held

    def clear(self, topics: Iterable[str]) -> None:
        """Has the broker drop what the topics hold. Raises UnavailableError where it does not."""
        for topic in topics:
            if self.publish(topic, b"", retain=True) is None:
                why = f"it has not acknowledged the removal of {topic}"
                raise UnavailableError(self._trouble(why))

    def hears_itself(self, topic: str, payload: bytes) -> bool:
        """Whether a message that it publishes on a topic comes back to it."""
        self._client.subscribe(topic, QOS)
        self.publish(topic, payload)
        try:
            return bool(self._messages.get(timeout=QUIET).topic == topic)
        except queue.Empty:
            return False
        finally:
            self._client.unsubscribe(topic)

    def _trouble(self, why: str) -> str:
        return f"the broker {self._broker!r}: {why}; see mqtt.host, mqtt.port and mqtt.username"

    # In paho's own thread: hand over, nothing else.

    def _on_connect(
        self, _: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        self.keeps_retained = getattr(more, "RetainAvailable", 1) != 0
        self._answers.put(reason)

    def _on_publish(
        self, _: Client, data: Any, mid: int, reason: ReasonCode, more: Properties | None
    ) -> None:
        with self._news:
            self._acknowledged[mid] = reason
            self._news.notify()
