"""A thread that the service cannot do without ends, and the service with it, unpetted."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dying import end_thread
from livechair import ROOT, LiveChair
from mosquitto import Mosquitto, Watcher, until
from unsit.errors import LostThreadError

PATIENCE = 20.0


pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the end of a thread is the point
)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of a manager that waits a second for a sign of life."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
        yield manager


def told(manager: socket.socket, sign: str) -> str:
    """Waits for a message of the service that begins with a sign."""
    while not (message := manager.recv(4096).decode()).startswith(sign):
        pass
    return message


@pytest.mark.broker
def test_a_service_whose_network_thread_has_ended_ends(
    broker: Mosquitto, watcher: Watcher, manager: socket.socket
) -> None:
    chair = LiveChair(mqtt={"host": "127.0.0.1", "port": broker.port})
    assert "Watching Chair: nobody sits" in told(manager, "READY=1")
    watcher.wait(f"{ROOT}/availability")
    assert told(manager, "WATCHDOG=1")

    network = next(thread for thread in threading.enumerate() if thread.name == "broker")
    end_thread(network, lambda: watcher.publish(f"{ROOT}/command/snooze", ""))

    until(lambda: chair.failure is not None, "the service ends")
    assert isinstance(chair.failure, LostThreadError)
    assert "the thread 'broker' has ended" in str(chair.failure)
    with contextlib.suppress(LostThreadError):
        chair.stop()


@pytest.mark.broker
def test_a_broker_that_is_not_there_is_no_reason_to_be_restarted(
    stopped_broker: Mosquitto, manager: socket.socket
) -> None:
    chair = LiveChair(mqtt={"host": "127.0.0.1", "port": stopped_broker.port})

    for _ in range(5):
        assert "no broker" in told(manager, "WATCHDOG=1")
    chair.stop()
