"""Probe: a short connection to the broker beside that of a running service.

It concludes nothing from a silence. A subscription is in force when the broker has answered it, and
all retained messages have arrived when a message has come back that the probe sent after that (the
fence). The broker has 6 s for each answer, and longer while its messages arrive.

Anybody may retain anything: a long message is cut (``CuttingSocket``), and when many of them are
long, only those that were asked for by name are kept. A broker that sends what is no MQTT ends the
probe like one that hangs up.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from unsit.errors import UnavailableError, printable
from unsit.mqtt.connection import (
    Broker,
    CuttingClient,
    Grants,
    make_client,
    no_answer_advice,
    refusal_advice,
)
from unsit.mqtt.tls import describe_error

PROBE_TIMEOUT_S = 6.0
PROBE_MAX_S = 60.0
"""Time in s for the broker to answer; and the longest time, while its messages still arrive."""

KEPT_MAX_BYTES = 8_000_000
"""Bytes of messages that are kept on topics that were not asked for by name."""

WILDCARDS = set("+#")

log = logging.getLogger(__name__)


class ProbeRefused(UnavailableError):  # noqa: N818  # the name of the answer
    """Refusal of the connection by the broker, with its reason code in ``reason``.

    server: name of another server that it names instead, None if it names none.
    """

    def __init__(self, broker: Broker, reason: ReasonCode, server: str | None = None) -> None:
        advice = refusal_advice(broker, reason.value)
        super().__init__(f"the broker {broker!r} refuses the connection: {reason}{advice}")
        self.reason = reason
        self.server = server


@dataclass(frozen=True, slots=True)
class Retained:
    """Retained messages, by topic.

    failures: reasons of refused subscriptions, by topic or topic filter.
    gap: why some may be missing, None if all were read. left_out: messages that were not kept.
    """

    payloads: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    gap: str | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """Message that has arrived."""

    topic: str
    payload: bytes
    is_retained: bool


def _client_that_hands_errors_to(failed: Callable[[Exception], None]) -> type[Client]:
    """Return the kind of client whose thread ends quietly.

    paho raises anything for what is no MQTT.
    """

    class ProbeClient(CuttingClient):
        def loop_forever(self, *arguments: Any, **options: Any) -> MQTTErrorCode:
            try:
                return super().loop_forever(*arguments, **options)
            except Exception as error:
                failed(error)
                return MQTTErrorCode.MQTT_ERR_PROTOCOL

    return ProbeClient


class Probe:
    """Connection to a broker for the length of a ``with`` block.

    name: client id; the broker disconnects another client with the same id.
    fence: topic of the messages that the probe sends to itself.
    grants: limits that the broker has set. slowest_s: longest time in s until a message was
    acknowledged, None before the first.

    Entering raises ProbeRefused, or UnavailableError if no broker answers.
    """

    def __init__(self, broker: Broker, name: str, fence: str) -> None:
        self.grants = Grants()
        self.slowest_s: float | None = None
        self._broker = broker
        self._fence = fence
        # The rest changes in paho's thread, and only while ``_changed`` is held.
        self._changed = threading.Condition()
        self._answer: ReasonCode | None = None
        self._other_server: str | None = None
        self._is_over = False
        self._error: Exception | None = None
        self._messages: list[Received] = []
        self._named: set[str] = set()
        self._kept_bytes = 0
        self._left_out = 0
        self._acknowledged: dict[int, ReasonCode] = {}
        self._subscribed: dict[int, ReasonCode] = {}
        self._client = make_client(broker, name, _client_that_hands_errors_to(self._has_failed))
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        broker = self._broker
        try:
            # No limit of a packet is asked for: a broker would leave a longer message out unsaid.
            self._client.connect(broker.host, broker.port, broker.keepalive)
        except OSError as error:
            raise UnavailableError(self._trouble(describe_error(error))) from error
        self._client.loop_start()
        self._wait(lambda: self._answer is not None)
        answer = self._answer
        if answer is None:
            self.__exit__()
            raise UnavailableError(
                f"the broker {broker!r}: it does not answer as one{self._sent}; see mqtt.host and "
                "mqtt.port" + ("" if broker.tls else f"; {no_answer_advice(broker)}")
            )
        if answer.is_failure:
            self.__exit__()
            raise ProbeRefused(broker, answer, self._other_server)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def _sent(self) -> str:
        if self._error is None:
            return ""
        return f" (it sends what the client cannot read: {printable(repr(self._error))})"

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> ReasonCode | None:
        """Send a message; return the broker's reason code, or None if it does not answer."""
        began = time.monotonic()
        mid = self._client.publish(topic, payload, self.grants.qos, retain=retain).mid
        if self._wait(lambda: mid in self._acknowledged):
            self.slowest_s = max(self.slowest_s or 0.0, time.monotonic() - began)
        return self._acknowledged.get(mid)

    def subscription_failures(self, topics: Sequence[str]) -> dict[str, str]:
        """Subscribe to topics, and return the reasons of those that the broker refuses."""
        try:
            return self._subscribe(topics)
        finally:
            self._unsubscribe(topics)

    def retained(self, topics: Iterable[str]) -> Retained:
        """Return the retained messages on topics or topic filters.

        Topics are asked for by their names first. Filters are left out if the broker has no
        wildcards, and some brokers answer them with nothing.
        """
        filters = sorted(set(topics), key=lambda topic: bool(set(topic) & WILDCARDS))
        if not self.grants.wildcards:
            filters = [topic for topic in filters if not set(topic) & WILDCARDS]
        with self._changed:
            self._named = {topic for topic in filters if not set(topic) & WILDCARDS}
            self._kept_bytes = self._left_out = 0
        try:
            failures = self._subscribe([self._fence, *filters])
            came_back = self._fence not in failures and self._sends_to_itself(b"fence")
        finally:
            self._unsubscribe([self._fence, *filters])
        with self._changed:
            received, self._messages = self._messages, []
        payloads = {message.topic: message.payload for message in received if message.is_retained}
        gap = None
        if failures:
            topic, why = next(iter(failures.items()))
            gap = f"the subscription to {topic} is refused: {why}"
        elif not came_back:
            gap = f"a message on {self._fence} does not come back"
        return Retained(payloads, failures, gap, self._left_out)

    def clear(self, topics: Iterable[str]) -> None:
        """Delete the retained messages of topics. Raises UnavailableError if it does not work."""
        for topic in topics:
            answer = self.publish(topic, b"", retain=True)
            if answer is None or answer.is_failure:
                why = "it has not acknowledged" if answer is None else f"it refuses ({answer})"
                raise UnavailableError(self._trouble(f"{why} the removal of {topic}"))

    def receives_own(self, payload: bytes) -> bool:
        """Publish a message on the fence's topic and return whether the broker sends it back."""
        try:
            return not self._subscribe([self._fence]) and self._sends_to_itself(payload)
        finally:
            self._unsubscribe([self._fence])

    def _subscribe(self, topics: Sequence[str]) -> dict[str, str]:
        """Subscribe, wait for the answers, and return the reasons of refusals, by topic."""
        mids = {topic: self._client.subscribe(topic, 0)[1] for topic in topics}
        self._wait(lambda: all(mid in self._subscribed for mid in mids.values()))
        failures = {}
        for topic, mid in mids.items():
            answer = None if mid is None else self._subscribed.get(mid)
            if answer is None:
                failures[topic] = f"no answer in {PROBE_TIMEOUT_S:.0f} s"
            elif answer.is_failure:
                failures[topic] = str(answer)
        return failures

    def _unsubscribe(self, topics: Sequence[str]) -> None:
        for topic in topics:
            self._client.unsubscribe(topic)

    def _sends_to_itself(self, payload: bytes) -> bool:
        """Send a message that nobody else can have sent, and return whether it comes back."""
        own = payload + b" " + os.urandom(8).hex().encode()
        self.publish(self._fence, own)
        return self._wait(lambda: any(message.payload == own for message in self._messages))

    def _wait(self, is_done: Callable[[], bool]) -> bool:
        """Wait until something is done or the connection is over; return whether it is done."""
        end = time.monotonic() + PROBE_MAX_S
        with self._changed:
            while True:
                before = self._received_bytes
                if self._changed.wait_for(lambda: is_done() or self._is_over, PROBE_TIMEOUT_S):
                    return is_done()
                if self._received_bytes == before or time.monotonic() > end:
                    return False

    @property
    def _received_bytes(self) -> int:
        """Bytes that the broker has sent; a long message takes its time to arrive."""
        return getattr(self._client.socket(), "received_bytes", 0)

    def _trouble(self, why: str) -> str:
        return f"the broker {self._broker!r}: {why}; see mqtt.host, mqtt.port and mqtt.username"

    # The methods below run in paho's thread and only hand over.

    def _has_failed(self, error: Exception) -> None:
        log.debug("the probe has ended with an error", exc_info=error)
        with self._changed:
            self._error = error
            self._is_over = True
            self._changed.notify()

    def _on_connect(
        self, _: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        with self._changed:
            self.grants = Grants.of(more)
            self._other_server = getattr(more, "ServerReference", None)
            self._answer = reason
            self._changed.notify()

    def _on_disconnect(self, *_: Any) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def _on_publish(
        self, _: Client, data: Any, mid: int, reason: ReasonCode, more: Properties | None
    ) -> None:
        with self._changed:
            self._acknowledged[mid] = reason
            self._changed.notify()

    def _on_subscribe(
        self, _: Client, data: Any, mid: int, reasons: Sequence[ReasonCode], more: Properties | None
    ) -> None:
        with self._changed:
            self._subscribed[mid] = max(reasons, key=lambda reason: reason.value)
            self._changed.notify()

    def _on_message(self, _: Client, data: Any, message: MQTTMessage) -> None:
        try:
            topic: str = message.topic
        except UnicodeDecodeError:  # paho decodes it only now; no topic of the chair is like this
            return
        payload = bytes(message.payload)
        with self._changed:
            if topic not in self._named and topic != self._fence:
                self._kept_bytes += len(topic) + len(payload)
                if self._kept_bytes > KEPT_MAX_BYTES:
                    self._left_out += 1
                    return
            self._messages.append(Received(topic, payload, bool(message.retain)))
            self._changed.notify()
