"""Connection to the broker: pings, silence, floods and large messages."""

import queue
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, TIMEOUT_S, Mosquitto, Watcher, until
from unsit.mqtt.connection import BACKLOG_MAX, Broker, Connection, NoAnswerError, refusal_advice
from unsit.settings.model import SeatSettings

CONNACK_V5 = bytes([0x20, 3, 0, 0, 0])
PINGREQ = bytes([0xC0, 0])
PINGRESP = bytes([0xD0, 0])
MESSAGE_V5 = bytes([0x30, 4, 0, 1, ord("t"), 0])

Ends = queue.SimpleQueue[Exception | None]


@contextmanager
def connection_to(port: int, ends: Ends) -> Iterator[tuple[Client, Connection]]:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, reconnect_on_failure=False)
    up = threading.Event()
    client.on_connect = lambda *_: up.set()
    connection = Connection(client, lambda _, error: ends.put(error))
    connection.start(LOOPBACK, port, keepalive=1)
    assert up.wait(TIMEOUT_S)
    yield client, connection
    connection.disconnect()
    assert connection.ended.wait(TIMEOUT_S)


@pytest.fixture
def scripted_broker() -> Iterator[socket.socket]:
    """Open a server socket on which a test acts as the broker."""
    with socket.create_server((LOOPBACK, 0)) as server:
        server.settimeout(TIMEOUT_S)
        yield server


def accept(server: socket.socket, accepted: "queue.SimpleQueue[socket.socket]") -> None:
    peer, _ = server.accept()
    peer.settimeout(TIMEOUT_S)
    peer.recv(4096)  # CONNECT
    peer.sendall(CONNACK_V5)
    accepted.put(peer)


@contextmanager
def scripted(server: socket.socket, ends: Ends) -> Iterator[socket.socket]:
    """Connect to the scripted broker, and yield the broker's end."""
    with scripted_both(server, ends) as (peer, _, _):
        yield peer


@contextmanager
def scripted_both(
    server: socket.socket, ends: Ends
) -> Iterator[tuple[socket.socket, Client, Connection]]:
    """Connect to the scripted broker, and yield both ends."""
    accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
    threading.Thread(target=accept, args=(server, accepted), daemon=True).start()
    with connection_to(server.getsockname()[1], ends) as (client, connection):
        peer = accepted.get(timeout=TIMEOUT_S)
        yield peer, client, connection
        peer.close()


def test_a_flood_of_messages_waits_in_the_network_until_the_loop_handles_them(
    scripted_broker: socket.socket,
) -> None:
    received: queue.SimpleQueue[object] = queue.SimpleQueue()
    with scripted_both(scripted_broker, queue.SimpleQueue()) as (peer, client, connection):

        def take(*message: object) -> None:
            connection.message_received()
            received.put(message)

        client.on_message = take
        peer.sendall(MESSAGE_V5 * 3 * BACKLOG_MAX)
        for _ in range(BACKLOG_MAX):
            received.get(timeout=TIMEOUT_S)
        assert peer.recv(16) == PINGREQ  # after an idle second
        assert received.empty()
        for _ in range(2 * BACKLOG_MAX):
            connection.message_handled()
            received.get(timeout=TIMEOUT_S)


def test_an_idle_connection_pings_and_stays_open_while_it_is_answered(
    scripted_broker: socket.socket,
) -> None:
    ends: Ends = queue.SimpleQueue()
    with scripted(scripted_broker, ends) as peer:
        for _ in range(3):
            assert peer.recv(16) == PINGREQ
            peer.sendall(PINGRESP)
        assert ends.empty()
    assert ends.get(timeout=TIMEOUT_S) is None


def test_a_broker_that_does_not_answer_a_ping_counts_as_lost(
    scripted_broker: socket.socket,
) -> None:
    ends: Ends = queue.SimpleQueue()
    with scripted(scripted_broker, ends) as peer:
        assert peer.recv(16) == PINGREQ
        error = ends.get(timeout=TIMEOUT_S)
        assert peer.recv(16) == b""  # no second ping was sent
    assert isinstance(error, TimeoutError)
    assert "silent for 2 s" in str(error) or "silent for 1 s" in str(error)


def test_a_missing_broker_is_an_os_error(scripted_broker: socket.socket) -> None:
    port = scripted_broker.getsockname()[1]
    scripted_broker.close()
    ends: Ends = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    Connection(client, lambda _, error: ends.put(error)).start(LOOPBACK, port, keepalive=1)
    assert isinstance(ends.get(timeout=TIMEOUT_S), ConnectionRefusedError)


def test_an_error_of_a_callback_ends_the_connection_and_is_passed_on(broker: Mosquitto) -> None:
    ends: Ends = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    client.on_connect = fail
    connection = Connection(client, lambda _, error: ends.put(error))
    connection.start(LOOPBACK, broker.port, keepalive=1)
    assert isinstance(ends.get(timeout=TIMEOUT_S), ZeroDivisionError)
    connection.disconnect()


@pytest.mark.broker
def test_a_message_larger_than_the_network_buffer_arrives_completely(
    broker: Mosquitto, watcher: Watcher
) -> None:
    large = "x" * 12_000_000
    ends: Ends = queue.SimpleQueue()
    with connection_to(broker.port, ends) as (_, connection):
        connection.publish("large", large, 1, retain=False)
        connection.publish("small", "1", 1, retain=False)
        assert watcher.wait("large") == large
        assert watcher.wait("small") == 1


@pytest.mark.broker
def test_a_chair_leaves_a_frozen_broker_and_connects_again(
    broker: Mosquitto, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    chair = LiveChair(mqtt={"host": LOOPBACK, "port": broker.port, "keepalive": every(1)})
    watcher.wait(f"{ROOT}/availability", lambda word: word == "online")
    broker.freeze()
    until(lambda: "lost the broker" in caplog.text, "the chair gives the broker up")
    broker.thaw()
    watcher.wait(f"{ROOT}/availability", lambda word: word == "online")
    chair.stop()

    assert "it has been silent for" in caplog.text


def test_an_error_of_the_client_does_not_end_the_service(
    scripted_broker: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    """Some versions of paho raise struct.error and the like for bytes that are no MQTT."""

    def fail() -> None:
        raise struct.error("unpack requires a buffer of 2 bytes")

    accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
    threading.Thread(target=accept, args=(scripted_broker, accepted), daemon=True).start()
    chair = LiveChair(
        seat=SeatSettings(sit_dwell=every(0)),
        mqtt={"host": LOOPBACK, "port": scripted_broker.getsockname()[1]},
    )
    with accepted.get(timeout=TIMEOUT_S) as peer:
        link = chair.service._publisher._link  # type: ignore[union-attr]
        until(lambda: link.connected, "it is connected")
        link._connection._client.loop_read = fail  # type: ignore[union-attr,method-assign]
        peer.sendall(bytes([0x30, 3, 0, 9, 1]))
        again, _ = scripted_broker.accept()
        again.close()
        chair.seat.set(True)
        chair.wait("bout_started")
    chair.stop()
    assert caplog.text.count("unpack requires") == 1


def test_a_topic_that_is_not_utf_8_does_not_end_the_service(
    scripted_broker: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
    threading.Thread(target=accept, args=(scripted_broker, accepted), daemon=True).start()
    chair = LiveChair(mqtt={"host": LOOPBACK, "port": scripted_broker.getsockname()[1]})
    with accepted.get(timeout=TIMEOUT_S) as peer:
        for topic in (b"\xff\x1b[2J", f"{ROOT}/command/".encode() + b"\xc3\x28", b"\xed\xa0\x80"):
            body = len(topic).to_bytes(2) + topic + b"\0payload"
            peer.sendall(bytes([0x30, len(body)]) + body)
        topic = f"{ROOT}/command/hold".encode()
        body = len(topic).to_bytes(2) + topic + b"\0ON"
        peer.sendall(bytes([0x30, len(body)]) + body)
        chair.wait("hold_started")
        chair.stop()
    assert caplog.text.count("not UTF-8") == 1
    assert "\x1b" not in caplog.text


def test_a_broker_that_never_answers_the_connection_is_not_waited_for(
    scripted_broker: socket.socket,
) -> None:
    ends: Ends = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, reconnect_on_failure=False)
    connection = Connection(client, lambda _, error: ends.put(error))

    connection.start(LOOPBACK, scripted_broker.getsockname()[1], keepalive=1)
    peer, _ = scripted_broker.accept()

    with peer:
        assert isinstance(ends.get(timeout=TIMEOUT_S), NoAnswerError)


@pytest.mark.parametrize(
    ("code", "version", "advice"),
    [
        (0x01, "5", '; set mqtt.version = "3.1.1"'),
        (0x84, "5", '; set mqtt.version = "3.1.1"'),
        (0x84, "3.1.1", '; set mqtt.version = "5"'),
        (0x86, "5", "; mqtt.username is not set"),
        (0x87, "3.1.1", "; mqtt.username is not set"),
        (0x9A, "5", ""),
        (0x88, "5", ""),
    ],
)
def test_the_reason_code_decides_which_setting_is_named(
    code: int, version: str, advice: str
) -> None:
    assert refusal_advice(Broker(LOOPBACK, version=version), code) == advice
