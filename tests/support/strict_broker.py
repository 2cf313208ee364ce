"""Strict MQTT 5 broker with limits to set: it disconnects a client that does not keep to them.

It speaks MQTT 5 and 3.1.1 with QoS 0 and 1, keeps retained messages, publishes last wills, and
hands a session over to a new client of the same id. Everything runs in one thread with asyncio.

    with StrictBroker(Limits(receive_maximum=3)) as broker:
        ...  # clients connect to broker.port
    assert broker.violations == []
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

LOOPBACK = "127.0.0.1"

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14

SUCCESS, NO_SUBSCRIBERS, SERVER_BUSY = 0x00, 0x10, 0x89
NOT_AUTHORIZED, SESSION_TAKEN_OVER, KEEP_ALIVE_TIMEOUT = 0x87, 0x8E, 0x8D
RECEIVE_MAXIMUM_EXCEEDED, PACKET_TOO_LARGE = 0x93, 0x95
RETAIN_NOT_SUPPORTED, QOS_NOT_SUPPORTED, WILDCARDS_NOT_SUPPORTED = 0x9A, 0x9B, 0xA2


@dataclass
class Limits:
    """Limits and failures of a broker; they may be changed while it runs.

    acknowledged_after_s: time until a PUBACK. A client that sends more than it may shows only then.
    refused: reason codes of PUBACK, by topic. refused_subscriptions: those of SUBACK, by filter.
    unacknowledged: topics whose messages never get a PUBACK.
    told: whether the limits are in the CONNACK; without them a client can only guess.
    reason_given: whether a DISCONNECT with the reason ends a connection.
    honours_client: whether the broker keeps to the client's own Maximum Packet Size.
    retained_by_name_only: whether a filter with wildcards brings no retained messages.
    hangs_up_on: version of MQTT that the broker does not know, and does not answer.
    round_trip_s: time by which everything from the broker comes later, as over a slow network.
    connack: reason code with which every connection is refused. server_reference: name of another
    server in that refusal.
    """

    receive_maximum: int = 65_535
    packet_bytes: int | None = None
    keepalive: int | None = None
    qos: int = 2
    retain: bool = True
    wildcards: bool = True
    acknowledged_after_s: float = 0.01
    refused: dict[str, int] = field(default_factory=dict)
    refused_subscriptions: dict[str, int] = field(default_factory=dict)
    unacknowledged: set[str] = field(default_factory=set)
    told: bool = True
    reason_given: bool = True
    honours_client: bool = True
    retained_by_name_only: bool = False
    round_trip_s: float = 0.0
    hangs_up_on: str | None = None
    connack: int | None = None
    server_reference: str | None = None

    def refusal(self, topic: str, payload: bytes) -> int | None:
        """Return the reason code with which a message is refused, None to accept it."""
        return self.refused.get(topic)


@dataclass(frozen=True)
class Published:
    """Message that a client has sent."""

    client: str
    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass
class Will:
    """Last will of a client."""

    topic: str
    payload: bytes
    retain: bool


class Violation(Exception):  # noqa: N818  # what the client has done
    """Packet that the limits do not allow, with the reason code of the disconnection."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"{code:#04x} {what}")
        self.code = code


class StrictBroker:
    """Broker on a port of this machine for the length of a ``with`` block.

    address, port: where it listens. Default: a free port of the loopback interface.
    published: messages from clients, in order; a refused one is in ``refused``.
    connections: client ids in order of their connections. violations: what clients did wrong.
    """

    def __init__(
        self, limits: Limits | None = None, *, address: str = LOOPBACK, port: int = 0
    ) -> None:
        self.limits = limits or Limits()
        self.address, self.port = address, port
        self.published: list[Published] = []
        self.refused: list[Published] = []
        self.connections: list[str] = []
        self.violations: list[str] = []
        self.retained: dict[str, bytes] = {}
        self._sessions: dict[str, _Session] = {}
        self._loop = asyncio.new_event_loop()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="strict broker", daemon=True)
        self._started = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def on(self, topic: str) -> list[bytes]:
        """Return the payloads of the messages that clients have sent on a topic."""
        return [message.payload for message in tuple(self.published) if message.topic == topic]

    def wait(self, is_done: Any, what: str, timeout: float = 15.0) -> None:
        """Wait until a condition on what clients have done holds."""
        with self._changed:
            assert self._changed.wait_for(is_done, timeout), f"waited in vain: {what}"

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to the clients that have subscribed to its topic."""
        self._loop.call_soon_threadsafe(self.route, topic, payload, retain)

    def drop_all(self) -> None:
        """End all connections without a word."""
        self._loop.call_soon_threadsafe(self._drop_all)

    def _drop_all(self) -> None:
        for session in tuple(self._sessions.values()):
            session.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, self.address, self.port, limit=2**28)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        self._drop_all()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self, writer)
        try:
            await session.serve(reader)
        except Violation as violation:
            self.note(self.violations, f"{session.name}: {violation}")
            session.end(violation.code)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            session.close()
            if self._sessions.get(session.name) is session:
                del self._sessions[session.name]
            if session.will is not None:
                self.route(session.will.topic, session.will.payload, session.will.retain)

    # What a session asks of the broker, in the broker's thread

    def note(self, notes: list[Any], what: Any) -> None:
        """Add a note, and wake up the tests that wait."""
        with self._changed:
            notes.append(what)
            self._changed.notify_all()

    def enter(self, session: "_Session") -> None:
        """Take a client, and throw out another one with its id."""
        other = self._sessions.get(session.name)
        if other is not None:
            other.end(SESSION_TAKEN_OVER)
        self._sessions[session.name] = session
        self.note(self.connections, session.name)

    def route(self, topic: str, payload: bytes, retain: bool) -> int:
        """Hand a message to its subscribers, and return their number."""
        if retain and payload:
            self.retained[topic] = payload
        elif retain:
            self.retained.pop(topic, None)
        subscribers = [
            session
            for session in self._sessions.values()
            if any(matches(pattern, topic) for pattern in session.subscriptions)
        ]
        for session in subscribers:
            session.deliver(topic, payload, retain=False)
        return len(subscribers)


class _Session:
    """One connection of a client."""

    def __init__(self, broker: StrictBroker, writer: asyncio.StreamWriter) -> None:
        self.name = "?"
        self.will: Will | None = None
        self.subscriptions: set[str] = set()
        self._broker = broker
        self._limits = broker.limits
        self._writer = writer
        self._is_v5 = True
        self._keepalive = 0
        self._packet_bytes: int | None = None
        self._unacknowledged = 0

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Answer the packets of the client until it leaves."""
        while True:
            timeout = 1.5 * self._keepalive if self._keepalive else None
            try:
                kind, flags, body, size = await asyncio.wait_for(read_packet(reader), timeout)
            except TimeoutError:
                raise Violation(KEEP_ALIVE_TIMEOUT, "nothing came in time") from None
            limit = self._limits.packet_bytes
            if limit is not None and size > limit and kind != CONNECT:
                raise Violation(PACKET_TOO_LARGE, f"{size} bytes")
            if kind == CONNECT:
                self._connect(Cursor(body))
            elif kind == PUBLISH:
                self._publish(flags, Cursor(body))
            elif kind == SUBSCRIBE:
                self._subscribe(Cursor(body))
            elif kind == UNSUBSCRIBE:
                self._unsubscribe(Cursor(body))
            elif kind == PINGREQ:
                self._write(PINGRESP, b"")
            elif kind == DISCONNECT:
                self.will = None
                return

    def deliver(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Send a message to the client with QoS 0."""
        body = text(topic) + (b"\0" if self._is_v5 else b"") + payload
        limit = self._packet_bytes if self._limits.honours_client else None
        if limit is None or len(body) + 5 <= limit:
            self._write(PUBLISH, body, flags=int(retain))

    def end(self, code: int) -> None:
        """Disconnect the client."""
        if self._is_v5 and self._limits.reason_given:
            self._write(DISCONNECT, bytes([code, 0]))
        if code == SESSION_TAKEN_OVER:
            self.will = None
        self.close()

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()

    def _connect(self, packet: "Cursor") -> None:
        packet.text()
        self._is_v5 = packet.byte() == 5
        if self._limits.hangs_up_on == ("5" if self._is_v5 else "3.1.1"):
            return self.close()
        if self._limits.connack is not None:
            return self._refuse_connection(self._limits.connack)
        flags = packet.byte()
        self._keepalive = packet.number(2)
        asked = packet.properties() if self._is_v5 else {}
        self._packet_bytes = asked.get(0x27)
        self.name = packet.text()
        if flags & 0x04:
            if self._is_v5:
                packet.properties()
            self.will = Will(packet.text(), packet.blob(), bool(flags & 0x20))
            if flags >> 3 & 3 > self._limits.qos:
                return self._refuse_connection(QOS_NOT_SUPPORTED)
            if self.will.retain and not self._limits.retain:
                return self._refuse_connection(RETAIN_NOT_SUPPORTED)
        granted = b"".join(self._granted()) if self._is_v5 and self._limits.told else b""
        self._write(CONNACK, bytes([0, 0]) + (length(len(granted)) + granted) * self._is_v5)
        if self._is_v5:  # an older client is not told, and cannot know
            self._keepalive = self._limits.keepalive or self._keepalive
        self._broker.enter(self)
        return None

    def _refuse_connection(self, code: int) -> None:
        self.will = None
        server = self._limits.server_reference
        more = b"" if server is None else b"\x1c" + text(server)
        of_v5 = bytes([0, code]) + length(len(more)) + more
        self._write(CONNACK, of_v5 if self._is_v5 else bytes([0, code if code < 6 else 5]))
        self.close()

    def _granted(self) -> Iterator[bytes]:
        limits = self._limits
        if limits.keepalive is not None:
            yield b"\x13" + limits.keepalive.to_bytes(2, "big")
        if limits.receive_maximum < 65_535:
            yield b"\x21" + limits.receive_maximum.to_bytes(2, "big")
        if limits.qos < 2:
            yield bytes([0x24, limits.qos])
        if not limits.retain:
            yield b"\x25\0"
        if limits.packet_bytes is not None:
            yield b"\x27" + limits.packet_bytes.to_bytes(4, "big")
        if not limits.wildcards:
            yield b"\x28\0"

    def _publish(self, flags: int, packet: "Cursor") -> None:
        qos, retain = flags >> 1 & 3, bool(flags & 1)
        topic = packet.text()
        mid = packet.number(2) if qos else 0
        if self._is_v5:
            packet.properties()
        message = Published(self.name, topic, packet.rest(), qos, retain)
        if qos > self._limits.qos:
            raise Violation(QOS_NOT_SUPPORTED, topic)
        if retain and not self._limits.retain:
            raise Violation(RETAIN_NOT_SUPPORTED, topic)
        if qos:
            self._unacknowledged += 1
            if self._unacknowledged > self._limits.receive_maximum:
                raise Violation(RECEIVE_MAXIMUM_EXCEEDED, topic)
        code = self._limits.refusal(topic, message.payload)
        if code is not None:
            self._broker.note(self._broker.refused, message)
        else:
            self._broker.note(self._broker.published, message)
            code = SUCCESS if self._broker.route(topic, message.payload, retain) else NO_SUBSCRIBERS
        if qos and topic not in self._limits.unacknowledged:
            loop = asyncio.get_running_loop()
            loop.call_later(self._limits.acknowledged_after_s, self._acknowledge, mid, code)

    def _acknowledge(self, mid: int, code: int) -> None:
        self._unacknowledged -= 1
        self._write(PUBACK, mid.to_bytes(2, "big") + bytes([code, 0] if self._is_v5 else []))

    def _subscribe(self, packet: "Cursor") -> None:
        mid = packet.number(2)
        if self._is_v5:
            packet.properties()
        codes, wanted = [], []
        while packet.has_more:
            pattern, options = packet.text(), packet.byte()
            code = self._limits.refused_subscriptions.get(pattern)
            if code is None and set(pattern) & set("+#") and not self._limits.wildcards:
                raise Violation(WILDCARDS_NOT_SUPPORTED, pattern)
            if code is None:
                wanted.append(pattern)
                code = min(options & 3, self._limits.qos)
            codes.append(code if self._is_v5 or code < 0x80 else 0x80)
        self.subscriptions.update(wanted)
        self._write(SUBACK, mid.to_bytes(2, "big") + b"\0" * self._is_v5 + bytes(codes))
        if self._limits.retained_by_name_only:
            wanted = [pattern for pattern in wanted if not set(pattern) & set("+#")]
        for topic, payload in self._broker.retained.items():
            if any(matches(pattern, topic) for pattern in wanted):
                self.deliver(topic, payload, retain=True)

    def _unsubscribe(self, packet: "Cursor") -> None:
        mid = packet.number(2)
        if self._is_v5:
            packet.properties()
        codes = b""
        while packet.has_more:
            self.subscriptions.discard(packet.text())
            codes += b"\0"
        self._write(UNSUBACK, mid.to_bytes(2, "big") + (b"\0" + codes) * self._is_v5)

    def _write(self, kind: int, body: bytes, flags: int = 0) -> None:
        packet = bytes([kind << 4 | flags]) + length(len(body)) + body
        if self._limits.round_trip_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._limits.round_trip_s, self._write_packet, packet)
        else:
            self._write_packet(packet)

    def _write_packet(self, packet: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(packet)


class Cursor:
    """Place in the body of a packet."""

    SIZES: ClassVar[dict[int, int]] = {
        **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
        **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
        **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
    }
    """Bytes of properties that are numbers (OASIS MQTT 5, 2.2.2.2)."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def has_more(self) -> bool:
        """True before the end of the packet."""
        return self._at < len(self._body)

    def number(self, size: int) -> int:
        """Return the next number of some bytes."""
        return int.from_bytes(self._take(size), "big")

    def byte(self) -> int:
        """Return the next byte."""
        return self.number(1)

    def blob(self) -> bytes:
        """Return the next bytes that begin with their length."""
        return self._take(self.number(2))

    def text(self) -> str:
        """Return the next text."""
        return self.blob().decode()

    def rest(self) -> bytes:
        """Return what is left."""
        return self._take(len(self._body) - self._at)

    def properties(self) -> dict[int, int]:
        """Return the numbers among the next properties."""
        end = self._variable_number() + self._at
        found = {}
        while self._at < end:
            identifier = self.byte()
            if identifier == 0x26:
                self.blob()
                self.blob()
            elif identifier == 0x0B:
                self._variable_number()
            elif identifier in self.SIZES:
                found[identifier] = self.number(self.SIZES[identifier])
            else:
                self.blob()
        return found

    def _variable_number(self) -> int:
        number = place = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << place
            place += 7
            if not byte & 0x80:
                return number

    def _take(self, size: int) -> bytes:
        taken = self._body[self._at : self._at + size]
        self._at += size
        return taken


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, int, bytes, int]:
    """Return kind, flags, body and size of the next packet."""
    first = (await reader.readexactly(1))[0]
    rest = place = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        rest |= (byte & 0x7F) << place
        place += 7
        if not byte & 0x80:
            break
    body = await reader.readexactly(rest)
    return first >> 4, first & 15, body, 1 + place // 7 + rest


def length(number: int) -> bytes:
    """Return a length as MQTT writes it."""
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def text(words: str) -> bytes:
    """Return a text as MQTT writes it."""
    return len(words.encode()).to_bytes(2, "big") + words.encode()


def matches(pattern: str, topic: str) -> bool:
    """Return whether a topic filter matches a topic."""
    levels, names = pattern.split("/"), topic.split("/")
    for place, level in enumerate(levels):
        if level == "#":
            return True
        if place >= len(names) or level not in ("+", names[place]):
            return False
    return len(levels) == len(names)
