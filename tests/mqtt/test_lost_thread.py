"""End of the service after the end of a thread that it needs."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kill_thread import end_thread
from support.live_chair import ROOT, LiveChair
from support.mosquitto import Mosquitto, Watcher, until
from unsit.errors import LostThreadError

TIMEOUT_S = 60.0


pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the test ends a thread on purpose
)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Open the socket of a manager with a watchdog timeout of 1 s."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(TIMEOUT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
        yield manager


def received(manager: socket.socket, prefix: str) -> str:
    """Return the next message of the service that begins with ``prefix``."""
    while not (message := manager.recv(4096).decode()).startswith(prefix):
        pass
    return message


@pytest.mark.broker
def test_a_service_whose_network_thread_has_ended_ends(
    broker: Mosquitto, watcher: Watcher, manager: socket.socket
) -> None:
    chair = LiveChair(mqtt={"host": "127.0.0.1", "port": broker.port})
    assert "Watching Chair: nobody sits" in received(manager, "READY=1")
    watcher.wait(f"{ROOT}/availability")
    assert received(manager, "WATCHDOG=1")

    network = next(thread for thread in threading.enumerate() if thread.name == "broker")
    end_thread(network, lambda: watcher.publish(f"{ROOT}/command/snooze", ""))

    until(lambda: chair.failure is not None, "the service ends")
    assert isinstance(chair.failure, LostThreadError)
    assert "the thread 'broker' has ended" in str(chair.failure)
    with contextlib.suppress(LostThreadError):
        chair.stop()


@pytest.mark.broker
def test_a_missing_broker_does_not_stop_the_watchdog_messages(
    stopped_broker: Mosquitto, manager: socket.socket
) -> None:
    chair = LiveChair(mqtt={"host": "127.0.0.1", "port": stopped_broker.port})

    for _ in range(5):
        assert "no broker" in received(manager, "WATCHDOG=1")
    chair.stop()
