"""Messages to systemd, over a real socket."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from unsit.runtime.systemd import notify

Listen = Callable[[str], socket.socket]
TIMEOUT_S = 60.0


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Return a function that opens the socket of a manager at an address."""
    opened: list[socket.socket] = []

    def listen(address: str) -> socket.socket:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.append(manager)
        manager.bind(address)
        manager.settimeout(TIMEOUT_S)
        return manager

    yield listen
    for manager in opened:
        manager.close()


def test_a_message_arrives_at_a_socket_in_the_file_system(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(tmp_path / "notify")
    manager = listen(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    notify("READY=1\nSTATUS=Watching")

    assert manager.recv(1024) == b"READY=1\nSTATUS=Watching"


def test_a_message_arrives_at_an_abstract_socket(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"unsit-{tmp_path.name}"
    manager = listen(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")

    notify("STOPPING=1")

    assert manager.recv(1024) == b"STOPPING=1"


def test_every_message_is_one_datagram(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(tmp_path / "notify")
    manager = listen(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    notify("READY=1")
    notify("STATUS=für alle")

    assert [manager.recv(1024), manager.recv(1024)] == [b"READY=1", "STATUS=für alle".encode()]


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_manager_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)

    notify("READY=1")


def test_a_manager_that_cannot_be_reached_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nonexistent/notify")
    assert notify("READY=1") is None  # type: ignore[func-returns-value]  # it returns at all
