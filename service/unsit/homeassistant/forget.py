"""Has the broker, and with it Home Assistant, forget a chair."""

import contextlib
import queue
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from unsit.errors import UnavailableError
from unsit.homeassistant.announcer import UNTIL_REMOVED, Trace
from unsit.mqtt.link import QOS, Broker, log_in
from unsit.mqtt.tls import in_words
from unsit.mqtt.topics import ONLINE

PATIENCE = 10.0
"""Seconds for the broker to answer."""

QUIET = 1.0
"""Seconds without a retained message after which there is no other."""


def forget(
    broker: Broker, chair: str, traces: Sequence[Trace], *, even_online: bool = False
) -> list[str]:
    """Clears the retained messages of a chair; the topics that had one.

    Home Assistant is given time to let go of the chair before what it listens to is cleared.
    even_online: although the chair says that it is there.

    Raises UnavailableError for a broker that does not answer, and for a chair that is online: its
    service would announce it again.
    """
    with _Session(broker, f"unsit-{chair}-forget") as session:
        held = session.retained({topic for trace in traces for topic in trace.topics})
        online = [t.availability for t in traces if held.get(t.availability) == ONLINE.encode()]
        if online and not even_online:
            raise UnavailableError(
                f"{online[0]} says {ONLINE}: the service runs and would announce itself again; "
                "stop it first (sudo systemctl stop unsit), or use --force if it does not run"
            )
        announced = sorted({t.discovery for t in traces if t.discovery} & held.keys())
        session.clear(announced)
        if announced:
            threading.Event().wait(UNTIL_REMOVED)
        rest = sorted(held.keys() - set(announced))
        session.clear(rest)
        return [*announced, *rest]


class _Session:
    """A short visit to the broker, under a name that disturbs nobody."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._received: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
        protocol = MQTTv5 if broker.version == "5" else MQTTv311
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=protocol)
        log_in(self._client, broker)
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda client, data, message: self._received.put(message)

    def __enter__(self) -> Self:
        try:
            self._client.connect(self._broker.host, self._broker.port, self._broker.keepalive)
        except OSError as error:
            raise self._trouble(in_words(error)) from error
        self._client.loop_start()
        try:
            refusal = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            refusal = "it does not answer"
        if refusal is not None:
            self.__exit__()
            raise self._trouble(refusal)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def retained(self, topics: Iterable[str]) -> dict[str, bytes]:
        """Which of the topics hold a message, and what it says."""
        for topic in topics:
            self._client.subscribe(topic, QOS)
        held: dict[str, bytes] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._received.get(timeout=QUIET)
                if message.retain:
                    held[message.topic] = bytes(message.payload)
        return held

    def clear(self, topics: Iterable[str]) -> None:
        """Has the broker drop what the topics hold."""
        for topic in topics:
            sent = self._client.publish(topic, b"", QOS, retain=True)
            sent.wait_for_publish(PATIENCE)
            if not sent.is_published():
                raise self._trouble(f"it has not acknowledged the removal of {topic}")

    def _on_connect(
        self, client: Client, _: Any, flags: ConnectFlags, reason: ReasonCode, more: Any
    ) -> None:
        self._answers.put(str(reason) if reason.is_failure else None)

    def _trouble(self, why: str) -> UnavailableError:
        return UnavailableError(
            f"the broker {self._broker!r}: {why}; see mqtt.host, mqtt.port and mqtt.username"
        )
