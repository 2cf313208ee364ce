"""Faults of the broker: a real mosquitto that is down, locked or closed."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from checkup.planting import installed, named, sound, write
from mosquitto import LOOPBACK, Mosquitto, Watcher, with_passwords
from unsit.checkup.broker import check_broker
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.settings.model import HomeAssistantSettings
from unsit.settings.mqtt import MqttSettings

pytestmark = pytest.mark.broker

WITHOUT_HOME: dict[str, Any] = {"homeassistant": HomeAssistantSettings(discovery=False)}

LOGIN = {"chair": "right"}

Run = Callable[..., Mosquitto]


@pytest.fixture
def mosquitto(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Run]:
    """Runs a broker with lines of its own in its configuration."""
    brokers: list[Mosquitto] = []

    def run(*lines: str) -> Mosquitto:
        broker = Mosquitto(tmp_path, *lines)
        brokers.append(broker)
        broker.start()
        return broker

    yield run
    for broker in brokers:
        broker.stop()


def checked(port: int, tmp_path: Path, **mqtt: Any) -> list[Finding]:
    given: dict[str, Any] = {"host": LOOPBACK, "port": port} | mqtt
    settings = MqttSettings(**given)
    return list(check_broker(installed(tmp_path, mqtt=settings, **WITHOUT_HOME)))


def secret(folder: Path, content: str, mode: int = 0o600) -> str:
    file = write(folder / "password", content)
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_broker_that_serves_is_told_step_by_step_and_nothing_is_left_with_it(
    mosquitto: Run, tmp_path: Path, version: str
) -> None:
    broker = mosquitto("allow_anonymous true")

    findings = sound(checked(broker.port, tmp_path, version=version))

    assert [finding.subject for finding in findings] == [
        *("broker name", "broker port", "TLS", "login", "publish", "retained", "availability"),
        "discovery",
    ]
    watcher = Watcher(broker)
    watcher.publish("after", "everything")
    watcher.wait("after")
    watcher.close()
    assert [message.topic for message in watcher.received] == ["after"]


def test_a_name_that_nobody_knows_is_named(tmp_path: Path) -> None:
    finding = named(Fault.BROKER_UNKNOWN, checked(1883, tmp_path, host="broker.invalid"))

    assert finding.words.startswith("broker.invalid: ")
    local = named(Fault.BROKER_UNKNOWN, checked(1883, tmp_path, host="no-such-chair.local"))
    assert "avahi" in str(local)


def test_a_broker_that_is_down_is_named(stopped_broker: Mosquitto, tmp_path: Path) -> None:
    finding = named(Fault.BROKER_DOWN, checked(stopped_broker.port, tmp_path))

    assert "Connection refused; start it (sudo systemctl start mosquitto)" in str(finding)


def test_something_that_is_no_broker_is_named(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        greeter = threading.Thread(target=greet, args=(server, b"220 mail.example ESMTP\r\n"))
        greeter.start()
        finding = named(Fault.BROKER_MUTE, checked(server.getsockname()[1], tmp_path))
        greeter.join()

    assert "does not answer as one; mqtt.port: 1883" in str(finding)


def greet(server: socket.socket, words: bytes) -> None:
    """Says the same to two callers, whatever they want."""
    for _ in range(2):
        caller, _ = server.accept()
        caller.recv(4096)
        caller.sendall(words)
        caller.close()


def test_a_wrong_password_is_named_with_the_user(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "wrong\n")}

    finding = named(Fault.LOGIN_REFUSED, checked(broker.port, tmp_path, **login))

    assert "refuses the user chair: " in finding.words
    assert "wrong" not in finding.words
    assert "mqtt.password_file" in str(finding)
    anonymous = named(Fault.LOGIN_REFUSED, checked(broker.port, tmp_path))
    assert "a client without a name" in anonymous.words


def test_the_right_password_is_let_in(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "right\n")}

    findings = sound(checked(broker.port, tmp_path, **login))

    assert "let in as chair, MQTT 5" in [finding.words for finding in findings]


def test_the_password_that_systemd_gives_the_unit_is_found(
    mosquitto: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    write(tmp_path / "root/etc/credstore/unsit.mqtt-password", "right\n")
    settings = MqttSettings(host=LOOPBACK, port=broker.port, username="chair")

    chair = installed(tmp_path, tmp_path / "root", mqtt=settings, **WITHOUT_HOME)

    sound(check_broker(chair))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("rule", ["topic read unsit/#", "topic write unsit/#"])
def test_an_access_list_that_forbids_the_chair_is_named(
    mosquitto: Run, tmp_path: Path, rule: str, version: str
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN), f"acl_file {write_acl(tmp_path, rule)}")
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "right\n")}

    finding = named(Fault.PUBLISH_REFUSED, checked(broker.port, tmp_path, version=version, **login))

    assert "below user chair: topic readwrite unsit/test-chair/check" in str(finding)


def write_acl(folder: Path, rule: str) -> Path:
    return write(folder / "acl", f"user chair\n{rule}\n")


def test_a_broker_that_keeps_nothing_is_named(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto("allow_anonymous true", "retain_available false")

    named(Fault.NOT_RETAINED, checked(broker.port, tmp_path))


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")

    findings = checked(1883, tmp_path, username="chair", password_file=absent)
    finding = named(Fault.SECRET_UNREADABLE, findings)

    assert (finding.code, absent in finding.words) == (78, True)


def test_a_password_file_that_everybody_can_read_is_named(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    file = secret(tmp_path, "right\n", 0o644)

    finding = named(
        Fault.SECRET_OPEN, checked(broker.port, tmp_path, username="chair", password_file=file)
    )

    assert finding.mend == f"sudo chmod o-rwx {file}"


def tls(folder: Path, authority: Authority, name: str, *more: str, **how: Any) -> tuple[str, ...]:
    """Lines of a broker that speaks TLS with a certificate for a name."""
    signed = authority.sign("broker", name, **how)
    files = (f"cafile {authority.root}", f"certfile {signed.certificate}")
    return ("allow_anonymous true", *files, f"keyfile {signed.key}", *more)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_certificate_that_is_believed_is_told(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))

    findings = sound(checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root)))

    assert "TLSv1.3, the broker's certificate is believed" in [f.words for f in findings]


@pytest.mark.parametrize(
    ("name", "days", "trusted", "words"),
    [
        (
            "IP:127.0.0.1",
            2,
            False,
            "nobody trusted has signed it; name who did in",
        ),
        ("DNS:broker.example", 2, True, "another address; set mqtt.host to the name or address"),
        ("IP:127.0.0.1", -1, True, "it has expired; renew it on the broker"),
    ],
)
def test_a_certificate_that_is_not_believed_is_named_with_the_reason(
    mosquitto: Run,
    authority: Authority,
    tmp_path: Path,
    name: str,
    days: int,
    trusted: bool,
    words: str,
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, name, days=days))
    trust = {"tls_ca_file": str(authority.root)} if trusted else {}

    assert words in str(
        named(Fault.CERTIFICATE_BAD, checked(broker.port, tmp_path, tls=True, **trust))
    )


def test_a_broker_that_wants_a_certificate_of_the_chair_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1", "require_certificate true"))

    finding = named(
        Fault.CERTIFICATE_BAD,
        checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root)),
    )

    assert "asks for a certificate of the chair; see mqtt.tls_certificate_file" in str(finding)


def test_a_certificate_at_which_nobody_looks_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))

    named(Fault.CERTIFICATE_UNCHECKED, checked(broker.port, tmp_path, tls=True, tls_verify=False))


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"])
def test_a_broker_that_does_not_speak_mqtt_5_is_named(tmp_path: Path, refusal: bytes) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        greeter = threading.Thread(target=greet, args=(server, refusal))
        greeter.start()
        finding = named(Fault.BROKER_OLD, checked(server.getsockname()[1], tmp_path))
        greeter.join()

    assert finding.mend == 'mqtt.version = "3.1.1"'
