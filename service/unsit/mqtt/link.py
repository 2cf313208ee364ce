"""Link to the broker: retries of the connection, and the messages in both directions.

A ``Link`` lasts as long as the service. It makes a ``Connection`` for each attempt; when that ends,
the next attempt follows after 1, 2, 4, ... at most 30 s. The wait begins at 1 s again only after a
connection that lasted a minute: a broker that accepts the chair and throws it out at once is not
asked every second.

Every message has an outcome. It is acknowledged, or refused by the broker (logged once with its
topic, shown in the state, its place in the window freed), or lost with the connection, which the
link ends itself if an acknowledgement takes longer than 30 s. The window of messages without an
acknowledgement is 20, or what the broker grants if that is less.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from unsit.errors import printable
from unsit.mqtt.connection import (
    Broker,
    Connection,
    Grants,
    NoAnswerError,
    make_client,
    no_answer_advice,
    packet_bytes,
    refusal_advice,
)
from unsit.mqtt.topics import OFFLINE, QOS, Topics
from unsit.runtime.loop import Loop, Timer

RETRY_MIN_S = 1
RETRY_MAX_S = 30
"""Limits of the delay in s before a retry; it doubles from the first to the second."""

LASTING_S = 60.0
"""Time in s after which a connection counts as lasting; the next retry then comes after 1 s."""

SHORT_CONNECTIONS_MAX = 3
"""Connections in a row that ended before that, after which a likely cause is named."""

ACK_TIMEOUT_S = 30
ACK_CHECK_S = 5.0
ACK_CHECKS_MAX = round(ACK_TIMEOUT_S / ACK_CHECK_S)
"""Time in s that an acknowledgement may take; period in s of the look for it, and number of looks.

A count of looks, and not an age, so that a process that stood
still for a minute reads first what has arrived meanwhile.
"""

LEARNED_MIN_BYTES = 400
"""Smallest limit of a packet in bytes that is concluded from lost connections."""

GOODBYE_MAX_S = 0.2
"""Time in s that closing the connection may take."""

REFUSALS_MAX = 20
NAMED_MAX = 200
"""Refusals that the state shows, and refusals that are logged."""

BAD_CLIENT_ID = 0x85
SESSION_TAKEN_OVER, PACKET_TOO_LARGE, PAYLOAD_INVALID = 0x8E, 0x95, 0x99
RETAIN_NOT_SUPPORTED, QOS_NOT_SUPPORTED = 0x9A, 0x9B
"""Reason codes of MQTT 5 (OASIS MQTT 5, 2.4); paho translates those of MQTT 3.1.1."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refusal of a message by the broker. of_content: another message on the topic may be taken."""

    why: str
    of_content: bool = False


Outcome = Callable[[Refusal | None], None]
"""Function that receives the outcome of a message: None if the broker has acknowledged it."""


@dataclass
class Listener:
    """Functions for the events of a link; the loop's thread calls them.

    ready: a message has its outcome, so another one may be sent.
    refused: what the broker refuses has changed.
    """

    up: Callable[[], None]
    down: Callable[[], None]
    ready: Callable[[], None]
    message: Callable[[str, bytes, bool], None]
    refused: Callable[[], None]


class Refusals:
    """Present refusals of the broker, by topic. Each is logged once in a run.

    count: messages that were refused since the start. changed: called if ``reasons`` changes.
    """

    def __init__(self, broker: Broker, changed: Callable[[], None]) -> None:
        self.count = 0
        self.reasons: dict[str, str] = {}
        self._broker = broker
        self._changed = changed
        self._of_content: set[str] = set()
        self._named: set[str] = set()

    def add(self, what: str, why: str, advice: str = "", *, of_content: bool = False) -> None:
        """Take note of a refusal.

        what: a topic, a topic filter or a feature. advice: more words for the log.
        of_content: it lasts for the connection, even if another message on the topic is accepted.
        """
        if of_content:
            self._of_content.add(what)
        if self.reasons.get(what) == why or len(self.reasons) >= REFUSALS_MAX:
            return
        self.reasons[what] = why
        self._changed()
        line = f"{what}: {why}"
        name = what if of_content else line  # a limit that is found out step by step has no end
        if name not in self._named and len(self._named) < NAMED_MAX:
            self._named.add(name)
            words = printable(line, 300)
            log.error("the broker %r refuses %s%s", self._broker, words, advice and f"; {advice}")

    def remove(self, what: str) -> None:
        """Take note that something is refused no longer."""
        if what not in self._of_content and self.reasons.pop(what, None) is not None:
            self._changed()

    def forget_content(self) -> None:
        """Take note of a new connection, which may accept what the last one did not."""
        for what in self._of_content:
            self.reasons.pop(what, None)
        self._of_content.clear()


@dataclass(slots=True)
class Message:
    """Message on its way to the broker, or a subscription.

    checks: looks for its acknowledgement so far.
    """

    topic: str
    payload: str = ""
    retain: bool = False
    then: Outcome | None = None
    checks: int = 0


class Link:
    """Lasting link to the broker, which connects again after every loss.

    connected: whether the broker has accepted the connection. grants: limits that it has set.
    refusals: what it refuses. commands: names of commands, to subscribe to if it has no wildcards.
    """

    def __init__(
        self, loop: Loop, broker: Broker, topics: Topics, commands: Sequence[str] = ()
    ) -> None:
        self.connected = False
        self.grants = Grants()
        self.refusals = Refusals(broker, self._refusals_changed)
        self._loop = loop
        self._broker = broker
        self._topics = topics
        self._commands = commands
        self._subscriptions: list[str] = []
        self._connection: Connection | None = None
        self._listener: Listener | None = None
        self._alive_check: Callable[[], None] | None = None
        # Messages
        self._waiting: dict[str, Message] = {}
        self._in_flight: dict[int, Message] = {}
        self._subscribing: dict[int, Message] = {}
        self._numbers = count()
        self._is_watching = False
        self._learned_bytes: int | None = None
        self._suspicions = 0
        # Attempts
        self._retry_s = RETRY_MIN_S
        self._has_warned = False
        self._has_warned_of_topic = False
        self._is_lasting = True
        self._short_connections = 0
        self._will_qos, self._will_retain = QOS, True
        self._retry: Timer | None = None

    def start(self, listener: Listener) -> None:
        """Begin to connect, and return at once."""
        self._listener = listener
        self._open()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Call ``answer`` when it is proved that the link works, or is about to retry.

        Raises LostThreadError if the connection's thread has ended.
        """
        if self._connection is not None:
            self._connection.check_alive(answer)
        elif self._retry is not None and self._retry.is_pending:
            answer()
        else:
            self._alive_check = answer

    def add_subscriptions(self, topics: Sequence[str]) -> None:
        """Subscribe to more topics than the chair's commands. Before ``start`` only."""
        self._subscriptions += topics

    def subscribe(self, topic: str, then: Outcome) -> None:
        """Subscribe to one more topic, until the connection ends. Only while ``connected``.

        then: receives the outcome, unless the connection is lost before.
        """
        if self._connection is not None:
            self._subscribe_to(topic, self._connection, then)
            self._watch(self._connection)

    @property
    def client_id(self) -> str:
        """Client id; the broker disconnects a client when another one with its id connects."""
        return self._topics.client_id()

    @property
    def room(self) -> int:
        """Number of messages that can be sent at once, without waiting for an acknowledgement."""
        if not self.connected:
            return 0
        return max(0, self.grants.in_flight - len(self._in_flight) - len(self._waiting))

    def send(
        self,
        topic: str,
        payload: str,
        *,
        retain: bool = False,
        key: str | None = None,
        then: Outcome | None = None,
    ) -> None:
        """Send a message as soon as there is room. Only while ``connected``.

        key: a later message with the same key replaces this one while it waits.
        then: receives the outcome, unless the connection is lost before.
        """
        message = Message(topic, payload, retain, then)
        self._waiting[f"{next(self._numbers)}" if key is None else f"key {key}"] = message
        self._send_waiting()

    def offer(self, topic: str, payload: str) -> bool:
        """Send a message with QoS 0 if the network takes it at once; return False if not."""
        if self._connection is None or not self.connected or not self.fits(topic, payload):
            return False
        return self._connection.offer(topic, payload)

    def refuse(self, what: str, why: str) -> None:
        """Take note of something that cannot be sent over this connection."""
        self.refusals.add(what, why, of_content=True)

    def fits(self, topic: str, payload: str) -> bool:
        """Return whether the broker takes a message of this size."""
        limit = self.grants.packet_bytes
        return limit is None or packet_bytes(topic, payload) <= limit

    def stop(self, *, is_offline_sent: bool) -> None:
        """Disconnect from the broker, and wait at most 0.2 s for a slow network.

        is_offline_sent: the chair has sent ``offline``. If not, or if it still waits for room, the
        connection ends without a farewell, so that the broker publishes the last will.
        """
        if self._retry is not None:
            self._retry.cancel()
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_offline_sent and not self._waiting:
            connection.disconnect()
        else:
            connection.drop()
        if self.connected:
            connection.ended.wait(GOODBYE_MAX_S)
        self.connected = False

    def _open(self) -> None:
        answer, self._alive_check = self._alive_check, None
        if answer is not None:
            answer()
        client = make_client(self._broker, self.client_id)
        client.will_set(
            self._topics.availability, OFFLINE, self._will_qos, retain=self._will_retain
        )
        connection = Connection(client, self._ended)
        client.user_data_set(connection)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        self._connection = connection
        broker = self._broker
        connection.start(broker.host, broker.port, broker.keepalive)

    # The methods below run in the connection's thread and only hand over.

    def _on_connect(
        self,
        _: Client,
        connection: Connection,
        flags: ConnectFlags,
        reason: ReasonCode,
        more: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._hand_over(connection, self._refused, reason.value, str(reason))
        else:
            self._hand_over(connection, self._up, Grants.of(more))

    def _on_disconnect(
        self,
        _: Client,
        connection: Connection,
        flags: DisconnectFlags,
        reason: ReasonCode,
        more: Properties | None,
    ) -> None:
        code = reason.value if flags.is_disconnect_packet_from_server else None
        self._hand_over(connection, self._lost, str(reason), code)

    def _on_publish(
        self, _: Client, connection: Connection, mid: int, reason: ReasonCode, more: Properties
    ) -> None:
        refusal = None
        if reason.is_failure:
            refusal = Refusal(str(reason), reason.value in (PACKET_TOO_LARGE, PAYLOAD_INVALID))
        self._hand_over(connection, self._settled, mid, refusal)

    def _on_subscribe(
        self,
        _: Client,
        connection: Connection,
        mid: int,
        reasons: Sequence[ReasonCode],
        more: Properties | None,
    ) -> None:
        failure = next((str(reason) for reason in reasons if reason.is_failure), None)
        self._hand_over(connection, self._subscribed, mid, failure)

    def _on_message(self, _: Client, connection: Connection, message: MQTTMessage) -> None:
        connection.message_received()
        self._loop.call(self._handle_message, connection, message)

    def _ended(self, connection: Connection, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self._hand_over(connection, self._failed, error)
        elif error is not None:  # paho raises anything for bytes that are no MQTT
            log.debug("the connection has ended with an error", exc_info=error)
            reason = f"it sends what the client cannot read: {printable(repr(error))}"
            self._hand_over(connection, self._failed, ConnectionError(reason))
        self._hand_over(connection, self._retry_later)

    def _hand_over(self, connection: Connection, act: Callable[..., None], *args: Any) -> None:
        self._loop.call(self._if_current, connection, act, args)

    # The methods below run in the loop's thread.

    def _if_current(
        self, connection: Connection, act: Callable[..., None], args: tuple[Any, ...]
    ) -> None:
        if connection is self._connection:
            act(*args)

    def _started_listener(self) -> Listener:
        if self._listener is None:
            raise AssertionError("the link was not started")
        return self._listener

    def _refusals_changed(self) -> None:
        if self.connected:
            self._started_listener().refused()

    # Attempts

    def _up(self, granted: Grants) -> None:
        level = logging.INFO if self._short_connections <= 1 else logging.DEBUG
        log.log(level, "connected to the broker %r", self._broker)
        connection = self._connection
        if connection is None:
            return
        self._has_warned = False
        self._is_lasting = False
        self._is_watching = False
        self._loop.after_real(LASTING_S, lambda: self._if_current(connection, self._has_lasted, ()))
        self._accept(granted)
        self.connected = True
        self._subscribe(connection)
        self._started_listener().up()

    def _accept(self, granted: Grants) -> None:
        """Keep to what the broker grants, and name what it does not."""
        learned = self._learned_bytes
        self.refusals.forget_content()
        if learned is not None and (granted.packet_bytes is None or granted.packet_bytes > learned):
            granted = replace(granted, packet_bytes=learned)
            self.refuse(
                f"packets above {learned} bytes", "connections ended while larger ones were sent"
            )
        for what in self.grants.shortfalls().keys() - granted.shortfalls().keys():
            self.refusals.remove(what)
        self.grants = granted
        for what, why in granted.shortfalls().items():
            self.refusals.add(what, why)

    def _has_lasted(self) -> None:
        """Take note that the connection has lasted, so that its end is no sign of a fault."""
        if self._short_connections > 1:
            log.info("connected to the broker %r, for a minute now", self._broker)
        self._is_lasting = True
        self._short_connections = self._suspicions = 0
        self._retry_s = RETRY_MIN_S
        self.refusals.remove(self._own_id)

    @property
    def _own_id(self) -> str:
        return f"the client id {self.client_id}"

    def _failed(self, error: OSError) -> None:
        if self.connected or isinstance(error, NoAnswerError):
            self._lost(str(error))
        else:
            self._warn_once("cannot reach the broker %r: %s", self._describe(error))

    def _refused(self, code: int, reason: str) -> None:
        advice = refusal_advice(self._broker, code)
        if code == BAD_CLIENT_ID:
            advice = f"; the client id is {self.client_id}, from mqtt.prefix and chair.id"
        elif code == RETAIN_NOT_SUPPORTED:
            self._will_retain = False
            advice = "; the last will is not retained from now on"
        elif code == QOS_NOT_SUPPORTED:
            self._will_qos = 0
            advice = "; the last will has QoS 0 from now on"
        self._warn_once("the broker %r refuses the connection: %s", reason + advice)

    def _warn_once(self, what: str, why: str) -> None:
        """Log a warning, and its repetitions before the next connection for debugging only."""
        level = logging.DEBUG if self._has_warned else logging.WARNING
        log.log(level, what + "; trying again for ever, at least every 30 s", self._broker, why)
        self._has_warned = True

    def _lost(self, reason: str, code: int | None = None) -> None:
        if not self.connected:
            self._warn_once("the broker %r does not answer: %s", self._reason_of_no_answer(reason))
            return
        if not self._is_lasting:
            self._short_connections += 1
            self._name_cause(reason, code)
        level = logging.WARNING if self._short_connections <= 1 else logging.DEBUG
        log.log(level, "lost the broker %r: %s; connecting again", self._broker, reason)
        self.connected = False
        self._waiting.clear()
        self._in_flight.clear()
        self._subscribing.clear()
        self._started_listener().down()

    def _name_cause(self, reason: str, code: int | None) -> None:
        """Name why connections end soon after the broker has accepted them."""
        largest = self._suspect_size(code)
        if code == PACKET_TOO_LARGE:
            return
        advice = (
            "another client has this id: two cards copied from one image? give each chair a "
            "chair.id of its own"
        )
        if code == SESSION_TAKEN_OVER:
            self.refusals.add(self._own_id, f"{reason}; {advice}")
        elif (
            self._short_connections >= SHORT_CONNECTIONS_MAX
            and self._own_id not in self.refusals.reasons
        ):
            why = f"connections end soon after they begin ({reason}); perhaps {advice}"
            if largest:
                why += f"; or it does not take a message of {largest} bytes"
            self.refusals.add(self._own_id, why)

    def _suspect_size(self, code: int | None) -> int:
        """Return the size of the message that may have been too large for the broker, 0 for none.

        A broker may end the connection for that without having set a limit before. If it says so,
        or if it happened three times while a large message was on its way, only half of that size
        is sent from then on. The next attempt comes soon, as it will be different.
        """
        sizes = [packet_bytes(sent.topic, sent.payload) for sent in self._in_flight.values()]
        half = max(sizes, default=0) // 2
        if half < LEARNED_MIN_BYTES or code == SESSION_TAKEN_OVER:
            self._suspicions = 0
            return 0
        self._suspicions += 1
        if code == PACKET_TOO_LARGE or self._suspicions >= SHORT_CONNECTIONS_MAX:
            self._learned_bytes = half
            self._retry_s = RETRY_MIN_S
        return max(sizes)

    def _reason_of_no_answer(self, reason: str) -> str:
        if self._broker.tls is None:
            return f"{reason}; {no_answer_advice(self._broker)}"
        error = None if self._connection is None else self._connection.tls_error
        if error is not None:
            return self._describe(error)
        # The broker's alert is lost if its reset of the connection arrives first.
        return (
            f"{reason}; if it asks for a certificate, or does not trust the chair's, see "
            "mqtt.tls_certificate_file"
        )

    def _describe(self, error: OSError) -> str:
        if self._broker.tls is None:
            return str(error)
        from unsit.mqtt.tls import describe_error  # loads OpenSSL

        return describe_error(error)

    def _retry_later(self) -> None:
        """Plan the next attempt after the end of a connection or of an attempt."""
        self._connection = None
        self._retry = self._loop.after_real(self._retry_s, self._open_again)
        self._retry_s = min(self._retry_s * 2, RETRY_MAX_S)

    def _open_again(self) -> None:
        if self._connection is None:
            self._open()

    # Messages to the broker

    def _send_waiting(self) -> None:
        while self._waiting and len(self._in_flight) < self.grants.in_flight:
            self._send(self._waiting.pop(next(iter(self._waiting))))

    def _send(self, message: Message) -> None:
        connection = self._connection
        if connection is None or not self.connected:
            return
        if not self.fits(message.topic, message.payload):
            why = f"packets above {self.grants.packet_bytes} bytes"
            refusal = Refusal(why, of_content=True)
            self._hand_over(connection, self._tell_outcome, message, refusal)
            return
        qos, retain = self.grants.qos, message.retain and self.grants.retain
        mid = connection.publish(message.topic, message.payload, qos, retain=retain)
        self._in_flight[mid] = message
        self._watch(connection)

    def _settled(self, mid: int, refusal: Refusal | None) -> None:
        message = self._in_flight.pop(mid, None)
        if message is not None:
            self._send_waiting()
            self._tell_outcome(message, refusal)

    def _tell_outcome(self, message: Message, refusal: Refusal | None) -> None:
        if refusal is None:
            self.refusals.remove(message.topic)
        else:
            self.refusals.count += 1
            advice = (
                f"a message of {packet_bytes(message.topic, message.payload)} bytes is not sent"
            )
            self.refusals.add(
                message.topic,
                refusal.why,
                advice if refusal.of_content else "allow it in the broker's acl_file",
                of_content=refusal.of_content,
            )
        if message.then is not None:
            message.then(refusal)
        self._started_listener().ready()

    def _watch(self, connection: Connection) -> None:
        """Look for acknowledgements that do not come, while any are missing."""
        if not self._is_watching:
            self._is_watching = True
            self._loop.after_real(
                ACK_CHECK_S, lambda: self._if_current(connection, self._check, (connection,))
            )

    def _check(self, connection: Connection) -> None:
        self._is_watching = False
        for message in (*self._in_flight.values(), *self._subscribing.values()):
            message.checks += 1
        late = [sent for sent in self._subscribing.values() if sent.checks > ACK_CHECKS_MAX]
        for message in late:
            self.refusals.add(message.topic, f"no answer to the subscription in {ACK_TIMEOUT_S} s")
        self._subscribing = {
            mid: sent for mid, sent in self._subscribing.items() if sent not in late
        }
        oldest = next(iter(self._in_flight.values()), None)
        if oldest is not None and oldest.checks > ACK_CHECKS_MAX:
            self._lost(f"no acknowledgement of a message on {oldest.topic} in {ACK_TIMEOUT_S} s")
            connection.disconnect()
            self._retry_later()
        elif self._in_flight or self._subscribing:
            self._watch(connection)

    # Messages from the broker

    def _subscribe(self, connection: Connection) -> None:
        commands = [self._topics.commands]
        if not self.grants.wildcards:
            commands = [self._topics.command(name) for name in self._commands]
        for topic in (*commands, *self._subscriptions):
            self._subscribe_to(topic, connection)
        self._watch(connection)

    def _subscribe_to(
        self, topic: str, connection: Connection, then: Outcome | None = None
    ) -> None:
        mid = connection.subscribe(topic, **self._subscribe_options())
        if mid is not None:
            self._subscribing[mid] = Message(topic, then=then)

    def _subscribe_options(self) -> dict[str, Any]:
        if self._broker.version == "5":
            return {"options": SubscribeOptions(qos=QOS, retainAsPublished=True)}
        return {"qos": QOS}

    def _subscribed(self, mid: int, failure: str | None) -> None:
        subscription = self._subscribing.pop(mid, None)
        if subscription is None:
            return
        if failure is None:
            self.refusals.remove(subscription.topic)
        else:
            why = f"the subscription: {failure}"
            self.refusals.add(subscription.topic, why, "its messages do not arrive")
        if subscription.then is not None:
            subscription.then(None if failure is None else Refusal(failure))

    def _handle_message(self, connection: Connection, message: MQTTMessage) -> None:
        self._if_current(connection, self._pass_on, (message,))
        connection.message_handled()

    def _pass_on(self, message: MQTTMessage) -> None:
        try:
            topic: str = message.topic
        except UnicodeDecodeError as error:  # paho decodes it only now
            level = logging.DEBUG if self._has_warned_of_topic else logging.WARNING
            log.log(level, "a topic that is not UTF-8 is ignored: %s", printable(error.object))
            self._has_warned_of_topic = True
            return
        payload, is_retained = bytes(message.payload), bool(message.retain)
        self._started_listener().message(topic, payload, is_retained)
