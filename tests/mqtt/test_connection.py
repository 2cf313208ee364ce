"""The connection to the broker: it pings, gives a silent broker up, and takes what is large."""

import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from livechair import ROOT, LiveChair, every
from mosquitto import LOOPBACK, PATIENCE, Mosquitto, Watcher, until
from unsit.mqtt.connection import BACKLOG, Connection

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
    assert up.wait(PATIENCE)
    yield client, connection
    connection.leave()
    assert connection.ended.wait(PATIENCE)


@pytest.fixture
def scripted_broker() -> Iterator[socket.socket]:
    """A socket on which a test speaks for the broker."""
    with socket.create_server((LOOPBACK, 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def accept(server: socket.socket, accepted: "queue.SimpleQueue[socket.socket]") -> None:
    line, _ = server.accept()
    line.settimeout(PATIENCE)
    line.recv(4096)  # CONNECT
    line.sendall(CONNACK_V5)
    accepted.put(line)


@contextmanager
def scripted(server: socket.socket, ends: Ends) -> Iterator[socket.socket]:
    """A connection to the scripted broker; gives the broker's end of it."""
    with scripted_both(server, ends) as (line, _, _):
        yield line


@contextmanager
def scripted_both(
    server: socket.socket, ends: Ends
) -> Iterator[tuple[socket.socket, Client, Connection]]:
    """The same; gives the chair's end too."""
    accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
    threading.Thread(target=accept, args=(server, accepted), daemon=True).start()
    with connection_to(server.getsockname()[1], ends) as (client, connection):
        line = accepted.get(timeout=PATIENCE)
        yield line, client, connection
        line.close()


def test_a_flood_waits_in_the_network_until_somebody_attends_to_it(
    scripted_broker: socket.socket,
) -> None:
    received: queue.SimpleQueue[object] = queue.SimpleQueue()
    with scripted_both(scripted_broker, queue.SimpleQueue()) as (line, client, connection):

        def take(*message: object) -> None:
            connection.received()
            received.put(message)

        client.on_message = take
        line.sendall(MESSAGE_V5 * 3 * BACKLOG)
        for _ in range(BACKLOG):
            received.get(timeout=PATIENCE)
        assert line.recv(16) == PINGREQ  # an idle second later
        assert received.empty()
        for _ in range(2 * BACKLOG):
            connection.attended()
            received.get(timeout=PATIENCE)


def test_an_idle_connection_pings_and_lives_as_long_as_it_is_answered(
    scripted_broker: socket.socket,
) -> None:
    ends: Ends = queue.SimpleQueue()
    with scripted(scripted_broker, ends) as line:
        for _ in range(3):
            assert line.recv(16) == PINGREQ
            line.sendall(PINGRESP)
        assert ends.empty()
    assert ends.get(timeout=PATIENCE) is None


def test_a_broker_that_does_not_answer_a_ping_is_given_up(scripted_broker: socket.socket) -> None:
    ends: Ends = queue.SimpleQueue()
    with scripted(scripted_broker, ends) as line:
        assert line.recv(16) == PINGREQ
        error = ends.get(timeout=PATIENCE)
        assert line.recv(16) == b""  # and has heard no second ping
    assert isinstance(error, TimeoutError)
    assert "silent for 2 s" in str(error) or "silent for 1 s" in str(error)


def test_a_broker_that_is_gone_is_an_os_error(scripted_broker: socket.socket) -> None:
    port = scripted_broker.getsockname()[1]
    scripted_broker.close()
    ends: Ends = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    Connection(client, lambda _, error: ends.put(error)).start(LOOPBACK, port, keepalive=1)
    assert isinstance(ends.get(timeout=PATIENCE), ConnectionRefusedError)


def test_what_a_callback_raises_ends_the_connection_and_is_told(broker: Mosquitto) -> None:
    ends: Ends = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    client.on_connect = fail
    connection = Connection(client, lambda _, error: ends.put(error))
    connection.start(LOOPBACK, broker.port, keepalive=1)
    assert isinstance(ends.get(timeout=PATIENCE), ZeroDivisionError)
    connection.leave()


@pytest.mark.broker
def test_a_message_larger_than_the_network_takes_at_once_arrives_whole(
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
def test_a_chair_gives_a_frozen_broker_up_and_comes_back_to_it(
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
