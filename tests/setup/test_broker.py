"""``unsit setup`` and the broker: found, tried with its password, and tried again."""

import os
import pty
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkup.planting import stub, with_path
from cli.terminal import Answer, set_up
from mosquitto import LOOPBACK, Mosquitto, with_passwords
from unsit.setup.discovery import Place, find_brokers
from unsit_firmware.simulation import SimulatedPins

pytestmark = pytest.mark.broker

BEFORE: tuple[Answer, ...] = (
    ("under the cushion", "mat"),
    ("leave the seat empty", ""),
    ("Sit down", ""),
    ("Stand up again", ""),
    ("Try again", "leave"),
    ("buzzer's BCM pin", "none"),
    ("button's BCM pin", ""),
    ("LED's BCM pin", ""),
)
AFTER: tuple[Answer, ...] = (
    ("chair called", ""),
    ("room in Home Assistant", ""),
    ("Write it", "write"),
)


@pytest.fixture
def locked(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets the user chair in, with the password right."""
    broker = Mosquitto(tmp_path, *with_passwords(tmp_path, {"chair": "right"}))
    broker.start()
    yield broker
    broker.stop()


def answer(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *answers: Answer
) -> tuple[str, dict[str, object]]:
    """What was said, and the section mqtt that was written."""
    stub(folder / "programs", "systemctl", "System has not been booted with systemd", 1)
    monkeypatch.setenv("PATH", with_path(folder / "programs"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    file = folder / "settings" / "unsit.toml"
    options = ("--config", str(file), "--state-dir", str(folder / "state"))
    said = set_up(monkeypatch, *BEFORE, *answers, *AFTER, options=options)
    return said, tomllib.loads(file.read_text())["mqtt"]


def test_a_broker_that_is_named_is_tried_before_it_is_written(
    pins: SimulatedPins, broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", "eighteen"),
        ("Its port", str(broker.port)),
        ("user to log in as", "none"),
    )

    assert "'eighteen' is no port; expected 1 to 65535, mostly 1883 or 8883" in said
    assert "The broker lets the chair in, and takes and keeps its messages." in said
    assert mqtt == {"host": LOOPBACK, "port": broker.port}


def test_a_wrong_password_is_said_and_typed_again_and_the_right_one_kept_for_its_owner_alone(
    pins: SimulatedPins, locked: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", str(locked.port)),
        ("user to log in as", "chair"),
        ("password", "mistaken"),
        ("Answer again", "again"),
        ("broker's name or address", ""),
        ("Its port", ""),
        ("user to log in as", ""),
        ("password", "right"),
    )

    assert "refuses the user chair: Not authorized" in said
    assert "mistaken" not in said
    assert "right\n" not in said
    file = Path(str(mqtt["password_file"]))
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("right\n", 0o600)
    assert mqtt["username"] == "chair"


def test_a_broker_that_is_down_can_be_left_for_later(
    pins: SimulatedPins, stopped_broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", str(stopped_broker.port)),
        ("user to log in as", "none"),
        ("Answer again", "leave"),
    )

    assert "Connection refused; start it" in said
    assert mqtt["port"] == stopped_broker.port


def test_only_places_where_something_listens_are_found(
    broker: Mosquitto, stopped_broker: Mosquitto
) -> None:
    nobody = Place("192.0.2.1", 1883)

    found = find_brokers([Place(LOOPBACK, broker.port), nobody])

    assert Place(LOOPBACK, broker.port) in found
    assert nobody not in found


def test_a_broker_that_makes_itself_known_is_found(broker: Mosquitto) -> None:
    zeroconf = pytest.importorskip("zeroconf")
    network = zeroconf.Zeroconf()
    service = zeroconf.ServiceInfo(
        "_mqtt._tcp.local.",
        f"chair-{broker.port}._mqtt._tcp.local.",
        parsed_addresses=[LOOPBACK],
        port=broker.port,
    )
    network.register_service(service)
    try:
        assert Place(LOOPBACK, broker.port) in find_brokers([])
    finally:
        network.close()


def test_what_is_typed_as_a_password_is_not_shown() -> None:
    program = (
        "from unsit.cli.terminal import Terminal\n"
        "print(len(Terminal('this').secret('The password')), 'letters')"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        shown = read_until(ours, b"The password: ")
        os.write(ours, b"hush\n")
        shown += read_until(ours, b"letters")
    os.close(ours)

    assert b"4 letters" in shown
    assert b"hush" not in shown


def read_until(terminal: int, words: bytes) -> bytes:
    """What a terminal shows, up to some words."""
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 1024)
    return shown
