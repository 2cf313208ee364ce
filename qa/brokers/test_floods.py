"""Floods of commands over a real mosquitto: nothing is late, nothing grows, the stop is quick."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto
from support.service_manager import SILENCE_MAX_S, ServiceManager
from support.service_manager import TIMEOUT_S as WATCHDOG_S
from support.strict_broker import length, text
from unsit.settings.model import HomeAssistantSettings, SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

COMMANDS = 100_000
MOVE_AFTER_S = 6.0
LATE_MAX_S = 0.05
GROWN_MAX_KB = 5000
STOP_MAX_S = 1.0


def packet(kind: int, body: bytes) -> bytes:
    """Return an MQTT packet."""
    return bytes([kind]) + length(len(body)) + body


@contextmanager
def flood(broker: Mosquitto, payloads: list[bytes]) -> Iterator[None]:
    """Send commands to the chair with QoS 0, as fast as the broker takes them."""
    topic = text(f"{ROOT}/command/min_break")
    commands = b"".join(packet(0x30, topic + payload) for payload in payloads)
    with socket.create_connection((LOOPBACK, broker.port)) as connection:
        connection.sendall(packet(0x10, text("MQTT") + bytes([4, 2, 0, 0]) + text("flood")))
        connection.recv(4)
        sender = threading.Thread(target=send_all, args=(connection, commands), daemon=True)
        sender.start()
        yield
        connection.shutdown(socket.SHUT_RDWR)
        sender.join()


def send_all(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        connection.sendall(data)


def resident_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceManager]:
    """Yield the service manager of the chair in this process."""
    with ServiceManager(tmp_path) as manager:
        for name, value in manager.environment.items():
            monkeypatch.setenv(name, value)
        yield manager


@pytest.mark.parametrize("kind", ["refused", "accepted"])
def test_a_flood_of_commands_delays_no_sound_and_costs_no_memory(
    kind: str, broker: Mosquitto, tmp_path: Path, manager: ServiceManager
) -> None:
    chair = LiveChair(
        tmp_path / "state",
        mqtt={"host": LOOPBACK, "port": broker.port},
        seat=SeatSettings(sit_dwell=every(0), stand_dwell=every(0)),
        sitting=SittingSettings(move_after=every(MOVE_AFTER_S)),
        homeassistant=HomeAssistantSettings(),
    )
    chair.wait("service_started")
    chair.drops_records = True  # thousands of them would be memory of the test
    payloads = [b"soon"] if kind == "refused" else [b"40m", b"50m"]
    with flood(broker, payloads * (COMMANDS // len(payloads))):
        before = resident_kb()
        sat_down = time.monotonic()
        chair.seat.set(True)
        late = chair.wait_for_buzzer(True) - sat_down - MOVE_AFTER_S
        grown = resident_kb() - before
        silence, said = manager.longest_silence, len(manager.alive_at)
        stop_began = time.monotonic()
        chair.stop()
        stop_took = time.monotonic() - stop_began

    figures = f"{kind}: {late * 1000:.1f} ms late, {grown} kB more, stopped in {stop_took:.2f} s"
    assert late < LATE_MAX_S, figures
    assert grown < GROWN_MAX_KB, figures
    assert stop_took < STOP_MAX_S, figures
    assert silence < SILENCE_MAX_S, f"{silence:.2f} s without a word to the watchdog"
    assert said > MOVE_AFTER_S / WATCHDOG_S
