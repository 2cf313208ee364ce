"""``unsit setup`` and the broker: find it, try it with its password, and try it again."""

import os
import pty
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.mosquitto import LOOPBACK, Mosquitto, Watcher, with_passwords
from support.planted_faults import stub, with_path
from support.pseudo_terminal import Answer, set_up
from unsit.settings.model import machine_chair_id
from unsit.setup.questions import Address, find_brokers
from unsit_firmware.simulation.pins import SimulatedPins

pytestmark = pytest.mark.broker

BEFORE: tuple[Answer, ...] = (
    ("under the cushion", "mat"),
    ("leave the seat empty", ""),
    ("Sit down", ""),
    ("Stand up again", ""),
    ("Try again", "leave"),
    ("buzzer's pin", "none"),
    ("button's pin", ""),
    ("LED's pin", ""),
)
AFTER: tuple[Answer, ...] = (
    ("chair called", ""),
    ("room in Home Assistant", ""),
    ("Write it", "write"),
)


@pytest.fixture
def locked(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """Broker that accepts the user chair with the password right."""
    broker = Mosquitto(tmp_path, *with_passwords(tmp_path, {"chair": "right"}))
    broker.start()
    yield broker
    broker.stop()


def answer(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *answers: Answer
) -> tuple[str, dict[str, object]]:
    """Answer the questions; return the output and the written section mqtt."""
    stub(folder / "programs", "systemctl", "System has not been booted with systemd", 1)
    monkeypatch.setenv("PATH", with_path(folder / "programs"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    file = folder / "settings" / "unsit.toml"
    options = ("--config", str(file), "--state-dir", str(folder / "state"))
    output = set_up(monkeypatch, *BEFORE, *answers, *AFTER, options=options)
    return output, tomllib.loads(file.read_text())["mqtt"]


def test_a_broker_is_tried_before_it_is_written(
    pins: SimulatedPins, broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", "eighteen"),
        ("Its port", str(broker.port)),
        ("user to log in as", "none"),
    )

    assert "'eighteen' is not a port; expected 1 to 65535, mostly 1883 or 8883" in output
    assert "The broker accepts the chair and keeps its retained messages." in output
    assert mqtt == {"host": LOOPBACK, "port": broker.port}


def test_a_wrong_password_is_asked_again_and_the_right_one_is_readable_only_by_its_owner(
    pins: SimulatedPins, locked: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, mqtt = answer(
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

    assert "refuses the user chair: Not authorized" in output
    assert "mistaken" not in output
    assert "right\n" not in output
    file = Path(str(mqtt["password_file"]))
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("right\n", 0o600)
    assert mqtt["username"] == "chair"


def test_a_broker_that_is_down_can_be_left_for_later(
    pins: SimulatedPins, stopped_broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", str(stopped_broker.port)),
        ("user to log in as", "none"),
        ("Answer again", "leave"),
    )

    assert "Connection refused; start it" in output
    assert mqtt["port"] == stopped_broker.port


def test_what_anybody_has_retained_is_no_fault_of_the_broker_and_is_not_obeyed(
    pins: SimulatedPins,
    broker: Mosquitto,
    watcher: Watcher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile = b'{"sensor_fault": "\x1b[2J", "refused": {"\xe2\x80\xae": "\xc2\x9b31m"}}'
    for leaf in ("state", "availability"):
        watcher.publish(f"unsit/{machine_chair_id()}/{leaf}", hostile, retain=True)

    output, mqtt = answer(
        monkeypatch,
        tmp_path,
        ("broker's name or address", LOOPBACK),
        ("Its port", str(broker.port)),
        ("user to log in as", "none"),
    )

    assert "The broker accepts the chair and keeps its retained messages." in output
    assert all(character == "\n" or character.isprintable() for character in output)
    assert mqtt["port"] == broker.port


def test_only_addresses_where_something_listens_are_found(
    broker: Mosquitto, stopped_broker: Mosquitto
) -> None:
    unreachable = Address("192.0.2.1", 1883)

    found = find_brokers([Address(LOOPBACK, broker.port), unreachable])

    assert Address(LOOPBACK, broker.port) in found
    assert unreachable not in found


def test_a_broker_that_announces_itself_is_found(broker: Mosquitto) -> None:
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
        assert Address(LOOPBACK, broker.port) in find_brokers([])
    finally:
        network.close()


def test_a_password_is_not_shown_while_it_is_typed() -> None:
    program = (
        "from unsit.cli.terminal import Terminal\n"
        "print(len(Terminal('this').secret('The password')), 'letters')"
    )
    terminal, program_end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=program_end, stdout=program_end, stderr=program_end
    ):
        os.close(program_end)
        shown = read_until(terminal, b"The password: ")
        os.write(terminal, b"hush\n")
        shown += read_until(terminal, b"letters")
    os.close(terminal)

    assert b"4 letters" in shown
    assert b"hush" not in shown


def read_until(terminal: int, words: bytes) -> bytes:
    """Return what a terminal shows until some words appear."""
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 1024)
    return shown
