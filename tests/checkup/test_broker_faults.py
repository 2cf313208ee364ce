"""Faults of the broker: a real mosquitto that is down, locked or closed."""

import ctypes
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Authority
from support.fixtures import missing
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, with_passwords
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import carry_out, cured_by_settings
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.settings.model import HomeAssistantSettings, MqttSettings

pytestmark = pytest.mark.broker

WITHOUT_HOME: dict[str, Any] = {"homeassistant": HomeAssistantSettings(discovery=False)}

LOGIN = {"chair": "right"}

CLONE_NEWNET = 0x40000000

Run = Callable[..., Mosquitto]


@pytest.fixture
def mosquitto(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Run]:
    """Yield a function that starts a broker with lines in its configuration."""
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
def test_a_working_broker_is_reported_step_by_step_and_keeps_nothing_of_the_check(
    mosquitto: Run, tmp_path: Path, version: str
) -> None:
    broker = mosquitto("allow_anonymous true")

    findings = faultless(checked(broker.port, tmp_path, version=version))

    assert [finding.subject for finding in findings] == [
        *("broker name", "broker port", "TLS", "login", "publish", "retained", "availability"),
        "discovery",
    ]
    watcher = Watcher(broker)
    watcher.publish("after", "everything")
    watcher.wait("after")
    watcher.close()
    assert [message.topic for message in watcher.received] == ["after"]


def test_a_broker_name_that_does_not_resolve_is_named(tmp_path: Path) -> None:
    finding = finding_of(Fault.BROKER_UNKNOWN, checked(1883, tmp_path, host="broker.invalid"))

    assert finding.words.startswith("broker.invalid: ")
    local = finding_of(Fault.BROKER_UNKNOWN, checked(1883, tmp_path, host="no-such-chair.local"))
    assert "avahi" in str(local)


def test_a_broker_that_is_down_is_named(stopped_broker: Mosquitto, tmp_path: Path) -> None:
    finding = finding_of(Fault.BROKER_DOWN, checked(stopped_broker.port, tmp_path))

    assert "Connection refused; start it (sudo systemctl start mosquitto)" in str(finding)


@pytest.fixture
def network() -> Callable[..., Any]:
    """Return a function that calls another one on a machine with no network but these routes.

    A network namespace holds for the thread that makes it.
    """

    def on_it(call: Callable[[], Any], *routes: str) -> Any:
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(_without_network(call, routes)))
        thread.start()
        thread.join()
        if answers[0] is None:
            missing("this user may not make a network namespace; run as root")
        return answers[0]

    return on_it


def _without_network(call: Callable[[], Any], routes: tuple[str, ...]) -> Any:
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        return None
    for route in routes:
        subprocess.run(["ip", *route.split()], check=True)
    return call()


def test_a_machine_without_a_network_is_named(network: Callable[..., Any], tmp_path: Path) -> None:
    by_name, by_address = network(
        lambda: [checked(1883, tmp_path, host=host) for host in ("broker.example", "192.0.2.1")]
    )

    assert "resolvectl" in str(finding_of(Fault.NAMES_UNANSWERED, by_name))
    assert "192.0.2.1:1883: Network is unreachable; connect it" in str(
        finding_of(Fault.NETWORK_DOWN, by_address)
    )


def test_a_broker_s_machine_that_does_not_answer_is_named(
    network: Callable[..., Any], tmp_path: Path
) -> None:
    routes = ("link set lo up", "route add unreachable 192.0.2.1")

    findings = network(lambda: checked(1883, tmp_path, host="192.0.2.1"), *routes)

    finding = finding_of(Fault.BROKER_UNREACHABLE, findings)
    assert "No route to host; switch it on, let its firewall pass" in str(finding)


def test_a_web_server_at_the_port_is_named(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        page = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        greeter = threading.Thread(target=greet, args=(server, page, 5))
        greeter.start()
        finding = finding_of(Fault.BROKER_SPEAKS_HTTP, checked(server.getsockname()[1], tmp_path))
        greeter.join()

    assert finding.fix == "mqtt.port = 1883"


def test_something_that_is_no_broker_is_named(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        greeter = threading.Thread(target=greet, args=(server, b"220 mail.example ESMTP\r\n", 5))
        greeter.start()
        finding = finding_of(Fault.BROKER_MUTE, checked(server.getsockname()[1], tmp_path))
        greeter.join()

    assert "does not answer as one" in finding.words
    assert "set mqtt.port to 1883" in str(finding)


def greet(server: socket.socket, words: bytes, callers: int = 2) -> None:
    """Send the same answer to some callers, whatever they ask."""
    for _ in range(callers):
        caller, _ = server.accept()
        caller.recv(4096)
        caller.sendall(words)
        caller.close()


def test_a_wrong_password_is_named_with_the_user(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "wrong\n")}

    finding = finding_of(Fault.LOGIN_REFUSED, checked(broker.port, tmp_path, **login))

    assert "refuses the user chair: " in finding.words
    assert "wrong" not in finding.words
    assert "mqtt.password_file" in str(finding)
    faultless(
        checked(broker.port, tmp_path, **login | {"password_file": secret(tmp_path, "right")})
    )


def test_a_login_that_is_missing_is_told_from_one_that_is_refused(
    mosquitto: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))

    anonymous = finding_of(Fault.LOGIN_MISSING, checked(broker.port, tmp_path))
    assert "a client without a user name" in anonymous.words
    assert "set mqtt.username" in str(anonymous)
    silent = finding_of(Fault.LOGIN_MISSING, checked(broker.port, tmp_path, username="chair"))
    assert "there is no password; write the password of chair to a file" in str(silent)


def test_the_right_password_logs_in(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "right\n")}

    findings = faultless(checked(broker.port, tmp_path, **login))

    assert "logged in as chair, MQTT 5" in [finding.words for finding in findings]


def test_the_password_that_systemd_gives_the_unit_is_found(
    mosquitto: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    write(tmp_path / "root/etc/credstore/unsit.mqtt-password", "right\n")
    settings = MqttSettings(host=LOOPBACK, port=broker.port, username="chair")

    chair = installed(tmp_path, tmp_path / "root", mqtt=settings, **WITHOUT_HOME)

    faultless(check_broker(chair))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("rule", ["topic read unsit/#", "topic write unsit/#"])
def test_an_access_list_that_forbids_the_chair_is_named(
    mosquitto: Run, tmp_path: Path, rule: str, version: str
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN), f"acl_file {write_acl(tmp_path, rule)}")
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "right\n")}

    finding = finding_of(
        Fault.PUBLISH_REFUSED, checked(broker.port, tmp_path, version=version, **login)
    )

    assert "below user chair: topic readwrite unsit/test-chair/check" in str(finding)


def write_acl(folder: Path, rule: str) -> Path:
    return write(folder / "acl", f"user chair\n{rule}\n")


def test_a_broker_that_keeps_nothing_is_named(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto("allow_anonymous true", "retain_available false")

    finding_of(Fault.NOT_RETAINED, checked(broker.port, tmp_path))


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")

    findings = checked(1883, tmp_path, username="chair", password_file=absent)
    finding = finding_of(Fault.SECRET_UNREADABLE, findings)

    assert (finding.code, absent in finding.words) == (78, True)


def test_a_password_file_that_everybody_can_read_is_named(mosquitto: Run, tmp_path: Path) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    file = secret(tmp_path, "right\n", 0o644)

    finding = finding_of(
        Fault.SECRET_OPEN, checked(broker.port, tmp_path, username="chair", password_file=file)
    )

    assert finding.fix == f"sudo chmod o-rwx {file}"
    carry_out(finding.fix, tmp_path)
    faultless(checked(broker.port, tmp_path, username="chair", password_file=file))


def test_a_password_that_goes_over_the_network_without_tls_is_named(tmp_path: Path) -> None:
    mqtt = MqttSettings(
        host="broker.lan", username="chair", password_file=secret(tmp_path, "right\n")
    )
    findings = check_broker(installed(tmp_path, mqtt=mqtt, **WITHOUT_HOME))

    fault = Fault.PASSWORD_PLAIN.name.lower()
    finding = next(finding for finding in findings if finding.fault == fault)

    assert finding.words == "the password goes to broker.lan:1883 without TLS"


def test_a_certificate_with_its_key_in_it_that_every_user_can_read_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))
    own = authority.sign("chair", "DNS:chair")
    both = tmp_path / "both.pem"
    both.write_bytes(Path(own.certificate).read_bytes() + Path(own.key).read_bytes())
    both.chmod(0o644)
    trust = {"tls_ca_file": str(authority.root), "tls_certificate_file": str(both)}

    finding = finding_of(Fault.SECRET_OPEN, checked(broker.port, tmp_path, tls=True, **trust))

    assert finding.words.endswith("the file of mqtt.tls_certificate_file")


def tls(folder: Path, authority: Authority, name: str, *more: str, **how: Any) -> tuple[str, ...]:
    """Return the configuration of a broker that speaks TLS with a certificate for a name."""
    signed = (
        authority.sign_for_later("broker", name)
        if how.get("days", 2) is None
        else authority.sign("broker", name, **how)
    )
    files = (f"cafile {authority.root}", f"certfile {signed.certificate}")
    return ("allow_anonymous true", *files, f"keyfile {signed.key}", *more)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_trusted_certificate_is_reported(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))

    findings = faultless(checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root)))

    assert "TLSv1.3, the broker's certificate is trusted" in [f.words for f in findings]


@pytest.mark.parametrize(
    ("fault", "name", "days", "trusted", "words"),
    [
        (
            Fault.CERTIFICATE_BAD,
            "IP:127.0.0.1",
            2,
            False,
            "an unknown authority has signed it; name that authority in",
        ),
        (
            Fault.CERTIFICATE_NAME,
            "DNS:broker.example",
            2,
            True,
            "another address; set mqtt.host to the name or address",
        ),
        (
            Fault.CERTIFICATE_EXPIRED,
            "IP:127.0.0.1",
            -1,
            True,
            "it has expired; renew it on the broker",
        ),
        (
            Fault.CERTIFICATE_EARLY,
            "IP:127.0.0.1",
            None,
            True,
            "it is not valid yet; set this machine's clock",
        ),
    ],
)
def test_an_untrusted_certificate_is_named_with_the_reason(
    mosquitto: Run,
    authority: Authority,
    tmp_path: Path,
    fault: Fault,
    name: str,
    days: int | None,
    trusted: bool,
    words: str,
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, name, days=days))
    trust = {"tls_ca_file": str(authority.root)} if trusted else {}

    assert words in str(finding_of(fault, checked(broker.port, tmp_path, tls=True, **trust)))


def test_a_broker_that_wants_a_certificate_of_the_chair_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1", "require_certificate true"))

    trust: dict[str, Any] = {"tls": True, "tls_ca_file": str(authority.root)}
    finding = finding_of(Fault.CERTIFICATE_WANTED, checked(broker.port, tmp_path, **trust))

    assert "asks for a certificate of the chair; see mqtt.tls_certificate_file" in str(finding)
    own = authority.sign("chair", "DNS:chair")
    Path(own.key).chmod(0o600)
    trust |= {"tls_certificate_file": str(own.certificate), "tls_key_file": str(own.key)}
    faultless(checked(broker.port, tmp_path, **trust))


def test_tls_on_one_side_only_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    secured = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))
    plain = installed(tmp_path, mqtt=MqttSettings(host=LOOPBACK, port=secured.port), **WITHOUT_HOME)

    finding = finding_of(Fault.BROKER_SPEAKS_TLS, check_broker(plain))

    assert finding.fix == "mqtt.tls = true"
    assert cured_by_settings(finding, plain, check_broker)
    broker = mosquitto("allow_anonymous true")
    finding = finding_of(Fault.TLS_ABSENT, checked(broker.port, tmp_path, tls=True))
    assert finding.fix == "see mqtt.port and mqtt.tls"


def test_a_certificate_that_is_not_verified_is_named(
    mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))

    mqtt = MqttSettings(host=LOOPBACK, port=broker.port, tls=True, tls_verify=False)
    chair = installed(tmp_path, mqtt=mqtt, **WITHOUT_HOME)

    finding = finding_of(Fault.CERTIFICATE_UNCHECKED, check_broker(chair))

    assert cured_by_settings(finding, chair, check_broker)


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"])
def test_a_broker_that_does_not_speak_mqtt_5_is_named(tmp_path: Path, refusal: bytes) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        greeter = threading.Thread(target=greet, args=(server, refusal))
        greeter.start()
        finding = finding_of(Fault.BROKER_OLD, checked(server.getsockname()[1], tmp_path))
        greeter.join()

    assert finding.fix == 'mqtt.version = "3.1.1"'
