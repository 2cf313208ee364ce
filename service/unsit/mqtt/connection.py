"""Connection to the broker: one connection of a client, and what the broker grants it."""

import os
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties

from unsit.errors import LostThreadError
from unsit.mqtt.topics import QOS

if TYPE_CHECKING:
    import ssl

BACKLOG_MAX = 20
"""Received messages that may wait for the loop before no more are read from the network."""

SILENCE_MAX_KEEPALIVES = 1.5
"""Keep-alive periods after which a silent broker counts as lost, the factor that MQTT gives."""

CONNACK_TIMEOUT_S = 10.0
"""Time in s for the broker to accept a connection or to refuse it. Some never answer a version of
MQTT that they do not speak.
"""

PROOF_MAX_AGE_S = 60.0
"""Time in s for which a round of the thread proves that it works, without waking it."""

IN_FLIGHT_MAX = 20
"""Messages that may be sent without an acknowledgement, if the broker grants that many."""

RECEIVE_MAX_BYTES = 131_072
"""Bytes of a received packet that are kept, whatever the broker sends.

Larger than any topic, so that the topic of a cut message can be read. The chair asks the broker for
no Maximum Packet Size: for each longer message with QoS 1, mosquitto 2.0.11 then keeps a place in
flight for ever, and after 20 of them it delivers no command with QoS 1 any more.
"""

CHUNK_BYTES = 65_536
CHUNKS_MAX = 64
"""Bytes that are read and dropped at once, and how often before other work has its turn."""

BAD_LOGIN = {0x86, 0x87, 0x8C}
GENERAL_REFUSAL, UNSUPPORTED_VERSION = 0x01, 0x84
"""Reason codes of MQTT 5 (OASIS MQTT 5, 2.4); paho translates those of MQTT 3.1.1."""


class NoAnswerError(TimeoutError):
    """Broker that is there, and has neither accepted nor refused the connection."""


WhenOver = Callable[["Connection", Exception | None], None]


@dataclass(frozen=True, slots=True)
class Broker:
    """Address of the broker, and login. keepalive: in whole seconds. tls: None for no TLS."""

    host: str
    port: int = 1883
    version: str = "5"
    username: str | None = None
    password: str | None = None
    keepalive: int = 60
    tls: "ssl.SSLContext | None" = None

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Grants:
    """Limits that a broker sets when it accepts the connection; without a word there are none.

    in_flight: messages without an acknowledgement. packet_bytes: size of a packet, None for any.
    qos: highest quality of service. retain, wildcards: whether retained messages, and wildcards in
    subscriptions, are available.
    """

    in_flight: int = IN_FLIGHT_MAX
    packet_bytes: int | None = None
    qos: int = QOS
    retain: bool = True
    wildcards: bool = True

    @classmethod
    def of(cls, accepted: Properties | None) -> "Grants":
        """Return the limits in the properties of a CONNACK packet."""
        return cls(
            in_flight=max(1, min(IN_FLIGHT_MAX, getattr(accepted, "ReceiveMaximum", 65_535))),
            packet_bytes=getattr(accepted, "MaximumPacketSize", None),
            qos=min(QOS, getattr(accepted, "MaximumQoS", QOS)),
            retain=getattr(accepted, "RetainAvailable", 1) != 0,
            wildcards=getattr(accepted, "WildcardSubscriptionAvailable", 1) != 0,
        )

    def shortfalls(self) -> dict[str, str]:
        """Return what the chair has to do without, and what follows from that."""
        found = {}
        if self.qos < QOS:
            found["QoS 1"] = "only QoS 0 is available; a message that the network loses is lost"
        if not self.retain:
            found["retained messages"] = (
                "not available; Home Assistant loses the chair with each start of its own, until "
                "the chair answers its birth message"
            )
        if not self.wildcards:
            found["wildcard subscriptions"] = (
                "not available; each command is subscribed to by its name, an unknown one is not "
                "answered, and there are no holds by reason"
            )
        return found


def packet_bytes(topic: str, payload: str) -> int:
    """Return the size in bytes of a message on the wire, with MQTT 5 and QoS 1."""
    rest = 2 + len(topic.encode()) + 2 + 1 + len(payload.encode())
    length_bytes = 1 + (rest > 0x7F) + (rest > 0x3FFF) + (rest > 0x1FFFFF)
    return 1 + length_bytes + rest


class CuttingSocket:
    """Socket that cuts received packets of MQTT to ``RECEIVE_MAX_BYTES``.

    paho holds a packet as a whole, up to 256 MB, and MQTT 3.1.1 has no limit to ask for. The rest
    of a long packet is read into one small buffer and dropped; a new buffer for each piece costs
    megabytes, because the heap does not shrink. The message is still longer than any
    payload that is read (``PAYLOAD_MAX_BYTES``), so it is refused like any long one.

    received_bytes: bytes of packets so far, with those that were dropped.
    """

    def __init__(self, inner: Any) -> None:
        self.received_bytes = 0
        self._inner = inner
        self._header = bytearray()
        self._ready = b""
        self._to_pass = 0
        self._to_drop = 0
        self._scratch = memoryview(bytearray(CHUNK_BYTES))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def recv(self, size: int) -> bytes:
        """Return received bytes, at most ``size``, and b"" at the end of the connection."""
        if not (self._ready or self._to_pass) and not (self._drop() and self._read_header()):
            return b""
        if self._ready:
            data, self._ready = self._ready[:size], self._ready[size:]
            return data
        data = self._inner.recv(min(size, self._to_pass))
        self._to_pass -= len(data)
        self.received_bytes += len(data)
        return bytes(data)

    def _drop(self) -> bool:
        """Drop the rest of a long packet; return False at the end of the connection."""
        for _ in range(CHUNKS_MAX):
            if not self._to_drop:
                return True
            dropped = self._inner.recv_into(self._scratch[: min(self._to_drop, CHUNK_BYTES)])
            if not dropped:
                return False
            self._to_drop -= dropped
            self.received_bytes += dropped
        raise BlockingIOError  # the network still has data, so this is called again

    def _read_header(self) -> bool:
        """Read the fixed header of the next packet; return False at the end of the connection."""
        while len(self._header) < 2 or (self._header[-1] & 0x80 and len(self._header) < 5):
            byte = self._inner.recv(1)
            if not byte:
                return False
            self._header += byte
        rest = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(self._header[1:]))
        self._to_pass = min(rest, RECEIVE_MAX_BYTES)
        self._to_drop = rest - self._to_pass
        if self._to_drop:
            cut = [
                self._to_pass & 0x7F | 0x80,
                self._to_pass >> 7 & 0x7F | 0x80,
                self._to_pass >> 14,
            ]
            self._header[1:] = bytes(cut)
        self._ready = bytes(self._header)
        self._header.clear()
        return True


class CuttingClient(Client):
    """Client of paho that never holds more than ``RECEIVE_MAX_BYTES`` of a received packet."""

    def _create_socket(self) -> Any:
        return CuttingSocket(super()._create_socket())

    # paho asks whether each socket that has to wait is one of TLS, for which it loads OpenSSL.

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._ssl or self._sock is None:
            return super()._sock_recv(bufsize)
        return self._sock.recv(bufsize)

    def _sock_send(self, buf: bytes | bytearray) -> int:
        if self._ssl or self._sock is None:
            return super()._sock_send(buf)
        return self._sock.send(buf)


def make_client(broker: Broker, name: str, kind: type[Client] = CuttingClient) -> Client:
    """Return a client with login and TLS that is not yet connected. name: the client id."""
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=name,
        protocol=MQTTv5 if broker.version == "5" else MQTTv311,
        reconnect_on_failure=False,
    )
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if broker.tls is not None:
        client.tls_set_context(broker.tls)
    return client


class Connection:
    """One connection of a client, from ``start`` to ``ended``, with a thread of its own.

    client: a configured paho client that is not connected; only this class calls it from now on.
    when_over: called once, in the connection's thread, with the error that ended it or None. An
        OSError means that the broker cannot be reached, or has become silent.
    """

    def __init__(self, client: Client, when_over: WhenOver) -> None:
        self.ended = threading.Event()
        self._client = client
        self._when_over = when_over
        self._lock = threading.RLock()
        self._wake_descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._is_leaving = False
        self._socket: Any = None
        self._thread: threading.Thread | None = None
        self._has_answered = False
        self._last_received = 0.0
        self._last_round = 0.0
        self._alive_checks: list[Callable[[], None]] = []
        self._backlog = 0

    def start(self, host: str, port: int, keepalive: int) -> None:
        """Begin to connect, and return at once.

        keepalive: in seconds; the broker may answer with another one, which then counts.
        """
        target = (host, port, keepalive)
        self._thread = threading.Thread(target=self._run, args=target, name="broker", daemon=True)
        self._thread.start()

    def check_alive(self, answer: Callable[[], None]) -> None:
        """Call ``answer`` when it is proved that the connection's thread works.

        A round within the last minute is a proof, and so is the end of the connection. A thread
        that is connecting answers after that. Raises LostThreadError if the thread has ended.
        """
        with self._lock:
            if self.ended.is_set():
                answer()
            elif self._thread is None or not self._thread.is_alive():
                raise LostThreadError(
                    "the thread 'broker' has ended without an error; no messages are sent any more"
                )
            elif time.monotonic() - self._last_round < PROOF_MAX_AGE_S:
                answer()
            else:
                self._alive_checks.append(answer)
                self._wake()

    def publish(self, topic: str, payload: str, qos: int, *, retain: bool) -> int:
        """Send a message from the caller's thread; return the id that is acknowledged later."""
        with self._lock:
            mid = self._client.publish(topic, payload, qos, retain).mid
            self._wake_if_needed()
        return mid

    def offer(self, topic: str, payload: str) -> bool:
        """Send a message that nobody acknowledges, if the network takes it at once."""
        with self._lock:
            if self._client.want_write():
                return False
            self._client.publish(topic, payload, 0)
            self._wake_if_needed()
        return True

    def subscribe(self, topic: str, **options: Any) -> int | None:
        """Subscribe to a topic filter; return the id that is answered later, None without network.

        The options are those of paho.
        """
        with self._lock:
            _, mid = self._client.subscribe(topic, **options)
            self._wake_if_needed()
        return mid

    @property
    def tls_error(self) -> OSError | None:
        """Last error of the TLS socket, None if there was none."""
        error: OSError | None = getattr(self._socket, "last_error", None)
        return error

    def message_received(self) -> None:
        """Count a message that waits for the loop. In the connection's own thread only."""
        with self._lock:
            self._backlog += 1

    def message_handled(self) -> None:
        """Count a message as handled by the loop."""
        with self._lock:
            self._backlog -= 1
            if self._backlog == BACKLOG_MAX - 1:
                self._wake()

    def disconnect(self) -> None:
        """Disconnect from the broker; ``ended`` is set once the network has taken the message."""
        with self._lock:
            self._is_leaving = True
            self._client.disconnect()
            self._wake()

    def drop(self) -> None:
        """End the connection without a farewell; the broker then publishes the last will."""
        with self._lock:
            self._is_leaving = True
            self._wake()

    def _wake_if_needed(self) -> None:
        """Wake the thread if the network did not take everything at once, or is gone."""
        if self._client.want_write() or self._client.socket() is None:
            self._wake()

    def _wake(self) -> None:
        if not self.ended.is_set():
            os.eventfd_write(self._wake_descriptor, 1)

    # The methods below run in the connection's own thread.

    def _run(self, host: str, port: int, keepalive: int) -> None:
        error: Exception | None = None
        try:
            self._client.connect(host, port, keepalive)
            self._last_received = time.monotonic()
            self._serve()
        except Exception as raised:
            error = raised
        self._end()
        self._when_over(self, error)

    def _end(self) -> None:
        with self._lock:
            self.ended.set()
            os.close(self._wake_descriptor)
            self._prove_alive()
            connected: Any = self._client.socket()
            if connected is not None:
                connected.close()

    def _serve(self) -> None:
        while not self._is_leaving and (connected := self._client.socket()) is not None:
            self._socket = connected
            is_readable = self._wait(connected)
            with self._lock:
                self._handle_network(is_readable)
                self._prove_alive()

    def _prove_alive(self) -> None:
        self._last_round = time.monotonic()
        while self._alive_checks:
            self._alive_checks.pop()()

    def _wait(self, connected: Any) -> bool:
        """Wait for work, and return whether the broker has sent something."""
        takes_messages = self._backlog < BACKLOG_MAX
        pending = getattr(connected, "pending", None)
        if takes_messages and pending is not None and pending():
            return True  # poll does not report bytes that TLS has read already
        poll = select.poll()
        poll.register(self._wake_descriptor, select.POLLIN)
        events = select.POLLIN if takes_messages else 0
        poll.register(connected, events | (select.POLLOUT if self._client.want_write() else 0))
        wait = self._poll_timeout_s()
        ready = dict(poll.poll(None if wait is None else wait * 1000))
        if self._wake_descriptor in ready:
            os.eventfd_read(self._wake_descriptor)
        return bool(ready.get(connected.fileno(), 0) & ~select.POLLOUT)

    def _poll_timeout_s(self) -> float | None:
        """Return the time in s until the next ping, or until a silent broker counts as lost.

        It is None for a broker that wants no pings.
        """
        keepalive = self._client.keepalive
        silence = time.monotonic() - self._last_received
        if not self._has_answered:
            return max(self._answer_timeout_s() - silence, 0.0)
        if not keepalive:
            return None
        until = 1.0 if silence < keepalive else SILENCE_MAX_KEEPALIVES
        return max(until * keepalive - silence, 0.0)

    def _answer_timeout_s(self) -> float:
        keepalive = self._client.keepalive
        return min(CONNACK_TIMEOUT_S, SILENCE_MAX_KEEPALIVES * keepalive or CONNACK_TIMEOUT_S)

    def _handle_network(self, is_readable: bool) -> None:
        if is_readable:
            self._client.loop_read()
            self._last_received = time.monotonic()
            self._has_answered = True
        if self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()
        silence = time.monotonic() - self._last_received
        if not self._has_answered and silence >= self._answer_timeout_s():
            raise NoAnswerError(f"nothing in {silence:.0f} s")
        if 0 < SILENCE_MAX_KEEPALIVES * self._client.keepalive <= silence:
            raise TimeoutError(f"it has been silent for {silence:.0f} s")


def refusal_advice(broker: Broker, code: int) -> str:
    """Return what to set, after a semicolon, if a broker refuses a connection with a reason code.

    It is empty if no setting is the cause.
    """
    if code in (GENERAL_REFUSAL, UNSUPPORTED_VERSION):
        return f"; {_version_advice(broker)}"
    if code not in BAD_LOGIN:
        return ""
    if broker.username is None:
        return "; mqtt.username is not set"
    if broker.password is None:
        return "; there is no password, see mqtt.password_file"
    return "; see mqtt.username and mqtt.password_file"


def no_answer_advice(broker: Broker) -> str:
    """Return what to set if a broker without TLS hangs up, or never answers."""
    advice = f"if it speaks another version, {_version_advice(broker)}"
    return f"{advice}; if it speaks TLS there, set mqtt.tls"


def _version_advice(broker: Broker) -> str:
    other = "3.1.1" if broker.version == "5" else "5"
    return f'set mqtt.version = "{other}"'
