"""Visibility of the service to other users of the machine: no password, no open port."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from support import chair_program, marker_password
from support.live_chair import ROOT
from support.mosquitto import Mosquitto, Watcher, with_passwords
from support.program import Program, here

pytestmark = pytest.mark.broker

LISTENING = "0A"
"""State of a listening socket in /proc/net/tcp."""


@pytest.fixture
def guarded(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """Start a broker that requires the marker password."""
    broker = Mosquitto(tmp_path, *with_passwords(tmp_path, {"chair": marker_password.PASSWORD}))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def chair(guarded: Mosquitto, tmp_path: Path) -> Iterator[Program]:
    with chair_program.chair_on(
        guarded, tmp_path / "state", "mqtt.username=chair", debug=True
    ) as program:
        program.wait_for("connected to the broker")
        yield program


def test_the_credential_is_accepted_and_is_in_no_output_and_no_file(
    chair: Program, guarded: Mosquitto, tmp_path: Path
) -> None:
    watcher = Watcher(guarded, login=("chair", marker_password.PASSWORD))
    chair.say("contact\n1\n")
    watcher.event(f"{ROOT}/log", "bout_started")
    watcher.publish(f"{ROOT}/command/nonsense", "")
    watcher.event(f"{ROOT}/event", "command_rejected")
    watcher.close()

    ended = chair.stop()  # this searches the output for the password

    assert "command nonsense rejected" in ended.err
    for file in (tmp_path / "state").iterdir():
        assert marker_password.PASSWORD.encode() not in file.read_bytes()


def test_neither_the_process_list_nor_the_environment_of_the_service_shows_the_password(
    chair: Program,
) -> None:
    seen = _of_all(chair.pid, "cmdline") + _of_all(chair.pid, "environ")

    assert b"CREDENTIALS_DIRECTORY" in seen
    assert marker_password.PASSWORD.encode() not in seen


def test_the_service_listens_on_no_port(chair: Program) -> None:
    mine = _sockets_of(chair.pid)

    assert mine, "a connected chair has a socket at least"
    assert not mine & _listening(chair.pid)


def test_config_shows_the_file_of_the_password_and_not_the_password(tmp_path: Path) -> None:
    file = marker_password.leave_in(tmp_path / "secrets") / marker_password.CREDENTIAL

    ended = here("config", "--set", "mqtt.username=chair", "--set", f"mqtt.password_file={file}")

    assert str(file) in ended.out  # this searches the output for the password


def _of_all(pid: int, file: str) -> bytes:
    """Return a file of /proc for a process and its children."""
    tasks = Path(f"/proc/{pid}/task")
    children = []
    for task in tasks.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
            children += (task / "children").read_text().split()
    return b"".join(Path(f"/proc/{one}/{file}").read_bytes() for one in (pid, *children))


def _sockets_of(pid: int) -> set[str]:
    """Return the inodes of the sockets that a process has open."""
    links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}


def _listening(pid: int) -> set[str]:
    """Return the inodes of the sockets that accept connections or datagrams."""
    net = Path(f"/proc/{pid}/net")
    streams = [row for name in ("tcp", "tcp6") for row in _rows(net / name) if row[3] == LISTENING]
    datagrams = [row for name in ("udp", "udp6") for row in _rows(net / name)]
    local = [row for row in _rows(net / "unix") if int(row[3], 16) & 0x10000]
    return {row[9] for row in streams + datagrams} | {row[6] for row in local}


def _rows(table: Path) -> list[list[str]]:
    return [line.split() for line in table.read_text().splitlines()[1:]]
