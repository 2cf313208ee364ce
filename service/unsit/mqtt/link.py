"""The link to the broker: one paho client for each connection.

paho keeps what was not acknowledged and sends it again after a reconnect, however old it is by
then. A chair's event must not arrive as news hours later, so a lost connection takes its client
with it, and the outbox decides what is sent again.

paho's callbacks run in the connection's thread, or in the loop's own when a message cannot be
sent: they do nothing but hand over to the loop.
"""

import logging
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from unsit.mqtt.connection import Connection
from unsit.mqtt.tls import in_words
from unsit.mqtt.topics import OFFLINE, Topics
from unsit.runtime.loop import Loop

log = logging.getLogger(__name__)

QOS = 1
FIRST_RETRY = 1
LAST_RETRY = 30
"""Seconds. A retry waits twice as long as the one before, between these two, for ever."""

LONGEST_GOODBYE = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to log in. keepalive: whole seconds. tls: None for without."""

    host: str
    port: int = 1883
    version: str = "5"
    username: str | None = None
    password: str | None = None
    keepalive: int = 60
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass
class Listener:
    """Who is told; each is called in the loop's thread."""

    up: Callable[[], None]
    down: Callable[[], None]
    acknowledged: Callable[[int], None]
    message: Callable[[str, bytes, bool], None]


class Link:
    """Keeps a connection to the broker, for ever, and says when it is up."""

    def __init__(self, loop: Loop, broker: Broker, topics: Topics) -> None:
        self.connected = False
        self._loop = loop
        self._broker = broker
        self._topics = topics
        self._subscribed = [topics.commands]
        self._connection: Connection | None = None
        self._listener: Listener | None = None
        self._retry = FIRST_RETRY
        self._troubled = False
        self._question: Callable[[], None] | None = None
        self._waiter: threading.Thread | None = None

    def start(self, listener: Listener) -> None:
        """Begins to connect, without waiting for it."""
        self._listener = listener
        self._open()

    def ask(self, answer: Callable[[], None]) -> None:
        """Has ``answer`` called when it is proved that the link works, or tries again in time.

        Raises LostThreadError where the connection's thread has ended.
        """
        if self._connection is not None:
            self._connection.ask(answer)
        elif self._waiter is not None and self._waiter.is_alive():
            answer()
        else:
            self._question = answer

    def also(self, topics: Sequence[str]) -> None:
        """Listens to more than the chair's commands. Before ``start`` only."""
        self._subscribed += topics

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> int:
        """Sends a message; returns the number that is acknowledged. Only while ``connected``."""
        if self._connection is None:
            raise AssertionError("published on a link that was not started")
        return self._connection.publish(topic, payload, QOS, retain=retain)

    def stop(self) -> None:
        """Says goodbye to the broker; a network that is stalled does not hold this up for long."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.leave()
        if self.connected:
            connection.ended.wait(LONGEST_GOODBYE)
        self.connected = False

    def _open(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question()
        client = _client(self._broker, self._topics)
        connection = Connection(client, self._ended)
        client.user_data_set(connection)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._connection = connection
        connection.start(self._broker.host, self._broker.port, self._broker.keepalive)

    # In the connection's thread: hand over, nothing else.

    def _on_connect(
        self,
        _: Client,
        connection: Connection,
        flags: ConnectFlags,
        reason: ReasonCode,
        more: Properties | None,
    ) -> None:
        act = self._refused if reason.is_failure else self._up
        self._hand_over(connection, act, str(reason))

    def _on_disconnect(
        self,
        _: Client,
        connection: Connection,
        flags: DisconnectFlags,
        reason: ReasonCode,
        more: Properties | None,
    ) -> None:
        self._hand_over(connection, self._lost, str(reason))

    def _on_publish(
        self, _: Client, connection: Connection, mid: int, reason: ReasonCode, more: Properties
    ) -> None:
        self._hand_over(connection, self._acknowledged, mid, str(reason), reason.is_failure)

    def _on_message(self, _: Client, connection: Connection, message: MQTTMessage) -> None:
        connection.received()
        self._loop.call(self._attend, connection, message)

    def _ended(self, connection: Connection, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self._hand_over(connection, self._broke, error)
        elif error is not None:
            self._loop.fail(error)
        self._hand_over(connection, self._over)

    def _hand_over(self, connection: Connection, act: Callable[..., None], *args: Any) -> None:
        self._loop.call(self._if_current, connection, act, args)

    # In the loop's thread.

    def _if_current(
        self, connection: Connection, act: Callable[..., None], args: tuple[Any, ...]
    ) -> None:
        if connection is self._connection:
            act(*args)

    def _told(self) -> Listener:
        if self._listener is None:
            raise AssertionError("the link was not started")
        return self._listener

    def _up(self, reason: str) -> None:
        log.info("connected to the broker %r", self._broker)
        self.connected = True
        self._troubled = False
        self._retry = FIRST_RETRY
        if self._connection is not None:
            for topic in self._subscribed:
                self._connection.subscribe(topic, **self._how_to_subscribe())
        self._told().up()

    def _how_to_subscribe(self) -> dict[str, Any]:
        if self._broker.version == "5":
            return {"options": SubscribeOptions(qos=QOS, retainAsPublished=True)}
        return {"qos": QOS}

    def _broke(self, error: OSError) -> None:
        if self.connected:
            self._lost(str(error))
        else:
            self._complain("cannot reach the broker %r: %s", in_words(error))

    def _refused(self, reason: str) -> None:
        self._complain("the broker %r refuses the connection: %s", reason + self._login_advice())

    def _login_advice(self) -> str:
        if self._broker.username is None:
            return "; mqtt.username is not set"
        if self._broker.password is None:
            return "; there is no password, see mqtt.password_file"
        return "; see mqtt.username and mqtt.password_file"

    def _complain(self, what: str, why: str) -> None:
        """Says it once and aloud; the repetitions until the next connection are for debugging."""
        level = logging.DEBUG if self._troubled else logging.WARNING
        log.log(level, what + "; trying again for ever, at least every 30 s", self._broker, why)
        self._troubled = True

    def _lost(self, reason: str) -> None:
        if not self.connected:
            self._complain("the broker %r does not answer: %s", self._why_no_answer(reason))
            return
        log.warning("lost the broker %r: %s; connecting again", self._broker, reason)
        self.connected = False
        self._told().down()

    def _why_no_answer(self, reason: str) -> str:
        trouble = None if self._connection is None else self._connection.trouble
        if isinstance(trouble, ssl.SSLError):
            return in_words(trouble)
        if self._broker.tls is None:
            return f"{reason}; if it speaks TLS there, set mqtt.tls"
        # What it has against the chair is lost when its reset overtakes it.
        return (
            f"{reason}; if it asks for a certificate, or does not trust the chair's, see "
            "mqtt.tls_certificate_file"
        )

    def _over(self) -> None:
        """The connection, or the attempt at one, is over; a new client after a while."""
        self._connection = None
        self._waiter = self._loop.after_real(self._retry, self._open_again)
        self._retry = min(self._retry * 2, LAST_RETRY)

    def _open_again(self) -> None:
        if self._connection is None:
            self._open()

    def _acknowledged(self, mid: int, reason: str, refused: bool) -> None:
        if refused:
            log.error("the broker %r refuses a message: %s", self._broker, reason)
        else:
            self._told().acknowledged(mid)

    def _attend(self, connection: Connection, message: MQTTMessage) -> None:
        self._if_current(connection, self._message, (message,))
        connection.attended()

    def _message(self, message: MQTTMessage) -> None:
        self._told().message(message.topic, bytes(message.payload), bool(message.retain))


def _client(broker: Broker, topics: Topics) -> Client:
    """A paho client for one connection, with the chair's last will."""
    v5 = broker.version == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{topics.prefix}-{topics.chair}".replace("/", "-"),
        protocol=MQTTv5 if v5 else MQTTv311,
        reconnect_on_failure=False,
    )
    client.will_set(topics.availability, OFFLINE, QOS, retain=True)
    log_in(client, broker)
    return client


def log_in(client: Client, broker: Broker) -> None:
    """Gives a client, before it connects, what the broker asks for: name, password, TLS."""
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if broker.tls is not None:
        client.tls_set_context(broker.tls)
