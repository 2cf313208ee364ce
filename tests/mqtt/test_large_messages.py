"""Messages that are too large: cut by the socket, refused by the service, never held whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import chair_program
from support.live_chair import ROOT, LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.service_manager import SILENCE_MAX_S, ServiceManager
from support.strict_broker import Limits, StrictBroker, length
from unsit.mqtt.connection import IN_FLIGHT_MAX, RECEIVE_MAX_BYTES, CuttingSocket
from unsit.mqtt.topics import PAYLOAD_MAX_BYTES

MEGABYTE = 1_000_000


class Network:
    """Socket that gives bytes in pieces, with a pause before each, and then closes."""

    def __init__(self, data: bytes, pieces: list[int]) -> None:
        self._data = data
        self._pieces = pieces
        self._is_pausing = True

    def recv(self, size: int) -> bytes:
        self._is_pausing = not self._is_pausing
        if not self._is_pausing and self._data:
            raise BlockingIOError
        size = min(size, self._pieces[len(self._data) % len(self._pieces)])
        data, self._data = self._data[:size], self._data[size:]
        return data

    def recv_into(self, buffer: memoryview) -> int:
        data = self.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + length(len(body)) + body


def read_all(data: bytes, pieces: list[int], reads: list[int]) -> bytes:
    """Read as paho does, in reads of any size, until the network closes."""
    cutting = CuttingSocket(Network(data, pieces))
    received = b""
    for number in range(10_000_000):
        try:
            piece = cutting.recv(reads[number % len(reads)])
        except BlockingIOError:
            continue
        if not piece:
            return received
        assert len(piece) <= reads[number % len(reads)]
        received += piece
    raise AssertionError("it does not end")


sizes = st.lists(st.integers(1, 3 * RECEIVE_MAX_BYTES), min_size=1, max_size=4)


@given(st.lists(st.binary(max_size=300), max_size=8), sizes, sizes)
def test_packets_of_a_usual_size_pass_unchanged(
    bodies: list[bytes], pieces: list[int], reads: list[int]
) -> None:
    stream = b"".join(packet(0x30, body) for body in bodies)

    assert read_all(stream, pieces, reads) == stream


@given(
    st.lists(st.integers(RECEIVE_MAX_BYTES - 2, 4 * RECEIVE_MAX_BYTES), max_size=4),
    st.lists(st.integers(1000, 100_000), min_size=1, max_size=4),
    st.lists(st.integers(1000, 100_000), min_size=1, max_size=4),
)
def test_long_packets_are_cut_and_the_next_one_is_read_from_its_beginning(
    lengths: list[int], pieces: list[int], reads: list[int]
) -> None:
    small = packet(0x40, b"12")
    bodies = [bytes([number]) * size for number, size in enumerate(lengths)]
    stream = b"".join(packet(0x32, body) + small for body in bodies)
    cut = b"".join(packet(0x32, body[:RECEIVE_MAX_BYTES]) + small for body in bodies)

    assert read_all(stream, pieces, reads) == cut


def test_what_is_left_of_a_cut_message_is_refused_by_its_length() -> None:
    assert RECEIVE_MAX_BYTES - 65_535 - 100 > PAYLOAD_MAX_BYTES


def peak_bytes(process: int) -> int:
    """Return the largest resident memory of a process so far."""
    [line] = [
        line
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
        if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) * 1024


@pytest.mark.program
@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_fifty_megabytes_on_each_topic_cost_no_memory_and_the_service_lives(
    version: str, tmp_path: Path
) -> None:
    topics = [f"{ROOT}/command/hold", f"{ROOT}/command/any", "homeassistant/status", "call"]
    settings = (f"mqtt.version={version}", "hold.topics=call")
    state, event = f"{ROOT}/state", f"{ROOT}/event"

    def rejected(broker: StrictBroker) -> list[Any]:
        answers = map(json.loads, broker.on(event))
        return [answer for answer in answers if answer["type"] == "command_rejected"]

    with (
        ServiceManager(tmp_path) as manager,
        StrictBroker(Limits(honours_client=False)) as broker,
    ):
        broker.retained["homeassistant/status"] = bytes(50 * MEGABYTE)
        env = manager.environment
        with chair_program.chair_on(broker, tmp_path, *settings, env=env) as chair:
            broker.wait(lambda: broker.on(state), "online")
            before = peak_bytes(chair.pid)
            for topic in topics:
                broker.send(topic, bytes(50 * MEGABYTE))
            broker.send(f"{ROOT}/command/move_after", b"50m")
            broker.wait(
                lambda: json.loads(broker.on(state)[-1])["move_after_s"] == 3000, "it lives", 30
            )
            grown = peak_bytes(chair.pid) - before
            assert manager.longest_silence < SILENCE_MAX_S
            assert [answer["command"] for answer in rejected(broker)] == ["hold", "any"]
            assert "expected at most 4096" in rejected(broker)[0]["why"]
        assert len(broker.connections) == 1
    assert grown < MEGABYTE


@pytest.mark.broker
@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("size", [PAYLOAD_MAX_BYTES + 1, 70_000, 300_000])
def test_any_number_of_large_messages_leaves_the_way_free_for_a_command(
    version: str, size: int, broker: Mosquitto, watcher: Watcher
) -> None:
    chair = LiveChair(mqtt={"host": LOOPBACK, "port": broker.port, "version": version})
    watcher.wait(f"{ROOT}/state")
    for _ in range(2 * IN_FLIGHT_MAX + 5):
        watcher.publish(f"{ROOT}/command/move_after", bytes(size))
    watcher.publish(f"{ROOT}/command/move_after", "50m")

    chair.wait("setting_changed")
    chair.stop()
