"""Faults of the broker: a real mosquitto that is down, locked or closed."""

import ctypes
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Authority
from support.fixtures import being_nobody, missing
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, own_address, with_passwords
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import Cure
from support.strict_broker import StrictBroker
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Installation
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

pytestmark = pytest.mark.broker

WITHOUT_HOME: dict[str, Any] = {"homeassistant": HomeAssistantSettings(discovery=False)}

LOGIN = {"chair": "right"}

CLONE_NEWNET = 0x40000000

Run = Callable[..., Mosquitto]
StandIn = Callable[[str, str], None]


@pytest.fixture
def mosquitto(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Run]:
    """Yield a function that starts a broker with lines in its configuration."""
    brokers: list[Mosquitto] = []

    def run(*lines: str, **where: Any) -> Mosquitto:
        folder = tmp_path / f"broker {len(brokers)}"
        folder.mkdir()
        broker = Mosquitto(folder, *lines, **where)
        brokers.append(broker)
        broker.start()
        return broker

    yield run
    for broker in brokers:
        broker.stop()


def chair_at(port: int, tmp_path: Path, **mqtt: Any) -> Installation:
    given: dict[str, Any] = {"host": LOOPBACK, "port": port} | mqtt
    return installed(tmp_path, mqtt=MqttSettings(**given), **WITHOUT_HOME)


def checked(port: int, tmp_path: Path, **mqtt: Any) -> list[Finding]:
    return list(check_broker(chair_at(port, tmp_path, **mqtt)))


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


def test_a_broker_name_that_does_not_resolve_is_named_until_the_settings_have_another(
    cure: Cure, tmp_path: Path
) -> None:
    hosts = ["broker.invalid"]
    with StrictBroker() as broker:
        finding = cure.by_hand(
            Fault.BROKER_UNKNOWN,
            lambda: checked(broker.port, tmp_path, host=hosts[-1]),
            "set mqtt.host to its name or address",
            lambda: hosts.append("localhost"),
        )

    assert finding.words.startswith("broker.invalid: ")
    local = finding_of(Fault.BROKER_UNKNOWN, checked(1883, tmp_path, host="no-such-chair.local"))
    assert "apt install libnss-mdns avahi-daemon" in str(local)


def test_a_broker_that_is_down_is_named_until_it_is_started(
    cure: Cure, stopped_broker: Mosquitto, stand_in: StandIn, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    stand_in("systemctl", f"[ \"$*\" = 'start mosquitto' ] && touch {started}")

    finding = cure.by_command(
        Fault.BROKER_DOWN,
        lambda: checked(stopped_broker.port, tmp_path),
        then=lambda: stopped_broker.start() if started.exists() else None,
    )

    assert "Connection refused; start it (sudo systemctl start mosquitto)" in str(finding)


def test_a_broker_on_this_machine_that_is_not_installed_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    address = own_address()

    finding = finding_of(Fault.BROKER_DOWN, checked(1884, tmp_path, host=address))

    has_mosquitto = Path("/usr/sbin/mosquitto").exists()
    assert ("apt install mosquitto" in str(finding)) is not has_mosquitto


def test_a_broker_at_its_usual_port_is_found_from_another_one(cure: Cure, tmp_path: Path) -> None:
    address = own_address()
    with StrictBroker(address=address, port=1883):
        finding = cure.by_settings(
            Fault.BROKER_DOWN, check_broker, chair_at(1884, tmp_path, host=address)
        )

    assert finding.fix == "mqtt.port = 1883"


@pytest.fixture
def on_another_machine() -> Callable[[Callable[[], None]], None]:
    """Return a function that calls another one on a machine with no network.

    A network namespace holds for the thread that makes it, and for those that this one starts.
    """

    def without_network(call: Callable[[], None]) -> bool:
        if ctypes.CDLL(None).unshare(CLONE_NEWNET):
            return False
        call()
        return True

    def on_it(call: Callable[[], None]) -> None:
        with ThreadPoolExecutor(1) as thread:
            if not thread.submit(without_network, call).result():
                missing("this user may not make a network namespace; run as root")

    return on_it


def ip(*commands: str) -> None:
    """Change the network of this thread's machine."""
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)


@contextmanager
def name_server(address: str) -> Iterator[None]:
    """Answer every question for the address of a name with 127.0.0.1 for the length of a block."""
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        while not over.is_set():
            question, caller = server.recvfrom(512)
            asks_for_ipv4 = question[12:].partition(b"\0")[2][:2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if asks_for_ipv4 else b""
            header = question[:2] + b"\x81\x80\0\1\0" + bytes([bool(answer)]) + b"\0\0\0\0"
            end = 12 + len(question[12:].partition(b"\0")[0]) + 5
            server.sendto(header + question[12:end] + answer, caller)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"\0" * 17, (address, 53))
            thread.join()


def test_a_machine_on_which_no_name_server_answers_is_named_until_it_is_connected(
    cure: Cure, on_another_machine: Callable[..., None], tmp_path: Path
) -> None:
    known = re.search(r"^nameserver (\d+\.\S+)", Path("/etc/resolv.conf").read_text(), re.M)
    address = known[1] if known else LOOPBACK

    def try_it() -> None:
        with ExitStack() as connected:

            def connect() -> None:
                ip("link set lo up", f"addr add {address}/32 dev lo")
                connected.enter_context(name_server(address))
                connected.enter_context(StrictBroker(port=1883))

            finding = cure.by_hand(
                Fault.NAMES_UNANSWERED,
                lambda: checked(1883, tmp_path, host="broker.example"),
                "connect this machine to the network",
                connect,
            )
        assert "resolvectl" in str(finding)

    on_another_machine(try_it)


@pytest.mark.parametrize(
    ("fault", "before", "words", "asks", "after"),
    [
        (
            Fault.NETWORK_DOWN,
            (),
            "192.0.2.1:1883: Network is unreachable",
            "connect it to the network",
            ("link set lo up",),
        ),
        (
            Fault.BROKER_UNREACHABLE,
            ("link set lo up", "route add unreachable 192.0.2.1"),
            "192.0.2.1:1883: No route to host",
            "switch it on, let its firewall pass",
            ("route del unreachable 192.0.2.1",),
        ),
    ],
)
def test_a_way_to_the_broker_that_is_missing_is_named_until_it_is_there(
    cure: Cure,
    on_another_machine: Callable[..., None],
    tmp_path: Path,
    fault: Fault,
    before: tuple[str, ...],
    words: str,
    asks: str,
    after: tuple[str, ...],
) -> None:
    def try_it() -> None:
        ip(*before)
        with ExitStack() as connected:

            def connect() -> None:
                ip(*after, "addr add 192.0.2.1/32 dev lo")
                connected.enter_context(StrictBroker(address="192.0.2.1", port=1883))

            finding = cure.by_hand(
                fault, lambda: checked(1883, tmp_path, host="192.0.2.1"), asks, connect
            )
        assert finding.words == words

    on_another_machine(try_it)


def test_a_web_server_at_the_port_is_named_with_the_port_of_the_broker(
    cure: Cure, tmp_path: Path
) -> None:
    address = own_address()
    page = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with StrictBroker(address=address, port=1883), greeting(page, address) as port:
        finding = cure.by_settings(
            Fault.BROKER_SPEAKS_HTTP, check_broker, chair_at(port, tmp_path, host=address)
        )

    assert finding.fix == "mqtt.port = 1883"


def test_something_that_is_no_broker_is_named_with_the_port_of_the_broker(
    cure: Cure, tmp_path: Path
) -> None:
    address = own_address()
    with greeting(b"220 mail.example ESMTP\r\n", address) as port:
        alone = finding_of(Fault.BROKER_MUTE, checked(port, tmp_path, host=address))
        with StrictBroker(address=address, port=1883):
            cure.by_settings(
                Fault.BROKER_MUTE, check_broker, chair_at(port, tmp_path, host=address)
            )

    assert "does not answer as one" in alone.words
    assert "set mqtt.port to 1883" in str(alone)


@contextmanager
def greeting(words: bytes, address: str = LOOPBACK) -> Iterator[int]:
    """Send the same to everybody who connects, whatever they ask. Yields the port."""
    with socket.create_server((address, 0)) as server:
        port = server.getsockname()[1]
        greeter = threading.Thread(target=greet, args=(server, words))
        greeter.start()
        try:
            yield port
        finally:
            with socket.create_connection((address, port)) as last:
                last.sendall(b"no more")
            greeter.join()


def greet(server: socket.socket, words: bytes) -> None:
    said = b""
    while said != b"no more":
        caller, _ = server.accept()
        with caller:
            said = caller.recv(4096)
            caller.sendall(words)


def test_a_wrong_password_is_named_with_the_user_until_the_right_one_is_in_the_file(
    cure: Cure, mosquitto: Run, tmp_path: Path
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {"username": "chair", "password_file": secret(tmp_path, "wrong\n")}

    finding = cure.by_hand(
        Fault.LOGIN_REFUSED,
        lambda: checked(broker.port, tmp_path, **login),
        "check mqtt.username and mqtt.password_file",
        lambda: secret(tmp_path, "right"),
    )

    assert "refuses the user chair: " in finding.words
    assert "wrong" not in finding.words


def test_a_login_that_is_missing_is_told_from_one_that_is_refused(
    cure: Cure, mosquitto: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    login: dict[str, Any] = {}

    anonymous = finding_of(Fault.LOGIN_MISSING, checked(broker.port, tmp_path))
    assert "a client without a user name" in anonymous.words
    assert "set mqtt.username" in str(anonymous)
    login["username"] = "chair"

    def write_password() -> None:
        login["password_file"] = secret(tmp_path, "right\n")

    silent = cure.by_hand(
        Fault.LOGIN_MISSING,
        lambda: checked(broker.port, tmp_path, **login),
        "write the password of chair to a file, and set mqtt.password_file",
        write_password,
    )
    assert silent.words.endswith("; there is no password")


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


LINES = (
    "topic readwrite unsit/test-chair/#",
    "topic read desk/call",
    "topic readwrite homeassistant/device/unsit_test-chair/config",
    "topic readwrite homeassistant/device/unsit_test-chair_times/config",
    "topic read homeassistant/status",
)


@pytest.mark.parametrize(
    ("user", "rule", "version"),
    [
        ("chair", "topic read unsit/#", "5"),
        ("chair", "topic write unsit/#", "3.1.1"),
        (None, "topic read unsit/#", "5"),
    ],
)
def test_an_access_list_that_forbids_the_chair_is_named_with_all_lines_that_it_needs(
    cure: Cure,
    mosquitto: Run,
    stand_in: StandIn,
    tmp_path: Path,
    user: str | None,
    rule: str,
    version: str,
) -> None:
    head = f"user {user}\n" if user else ""
    rest = f"{rule}\nuser other\ntopic other/#\n"
    acl = write(tmp_path / "acl", head + rest)
    access = with_passwords(tmp_path, LOGIN) if user else ("allow_anonymous true",)
    broker = mosquitto(*access, f"acl_file {acl}")
    login: dict[str, Any] = {}
    if user:
        login = {"username": user, "password_file": secret(tmp_path, "right\n")}
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port, version=version, **login)  # type: ignore[arg-type]  # one of both
    chair = installed(tmp_path, mqtt=mqtt, hold=HoldSettings(topics="desk/call"))
    stand_in("systemctl", "[ \"$*\" = 'reload mosquitto' ]")

    def allow() -> None:
        acl.write_text(head + "\n".join(LINES) + "\n" + rest)
        broker.reload()

    finding = cure.by_command(
        Fault.PUBLISH_REFUSED,
        lambda: check_broker(chair),
        then=allow,
        uncovers=[Fault.NOT_ANNOUNCED],  # no service announces the chair here
    )

    where = f"below user {user}" if user else "above the first user"
    assert str(finding.fix).startswith(f"in the broker's acl_file, {where}: {', '.join(LINES)}; ")


def test_a_broker_that_keeps_nothing_is_named_until_its_configuration_is_another(
    cure: Cure, mosquitto: Run, stand_in: StandIn, tmp_path: Path
) -> None:
    broker = mosquitto("allow_anonymous true", "retain_available false")
    stand_in("systemctl", "[ \"$*\" = 'restart mosquitto' ]")

    def restart_with_another_line() -> None:
        broker.stop()
        broker.change("retain_available false", "retain_available true")
        broker.start()

    cure.by_command(
        Fault.NOT_RETAINED,
        lambda: checked(broker.port, tmp_path),
        then=restart_with_another_line,
    )


@pytest.mark.parametrize("content", [None, "", "\n", "\0\0\0\0", "\xff\xfep\0w\0"])
def test_a_password_file_without_a_password_is_named_until_it_has_one(
    cure: Cure, mosquitto: Run, stand_in: StandIn, tmp_path: Path, content: str | None
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    stand_in("chgrp", f"[ \"$*\" = 'gpio {file}' ]")  # a group of the Pi
    fixed: list[Path] = []

    def check() -> list[Finding]:
        return checked(broker.port, tmp_path, username="chair", password_file=str(file))

    finding = finding_of(Fault.SECRET_UNREADABLE, check())
    assert (finding.code, str(file) in finding.words) == (78, True)
    assert str(finding.fix).startswith("put the password on line 1 of it, then ")
    fixed.append(file)

    def put() -> None:
        write(file, "right\n")

    if content is None:
        stand_in("chmod", f"touch {file} && /bin/chmod $*")
    cure.by_command(Fault.SECRET_UNREADABLE, check, then=put)


def test_a_password_file_that_is_not_for_this_user_is_named_until_root_checks(
    cure: Cure, mosquitto: Run, tmp_path: Path
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    file = secret(tmp_path, "right\n")
    users: list[AbstractContextManager[None]] = [being_nobody(Path(file)), nullcontext()]

    def check() -> list[Finding]:
        with users.pop(0):
            return checked(broker.port, tmp_path, username="chair", password_file=file)

    finding = cure.by_hand(Fault.SECRET_UNREADABLE, check, "unsit check", lambda: None)

    assert str(finding.fix).startswith("sudo ")


@pytest.mark.parametrize("key", ["tls_ca_file", "tls_certificate_file"])
def test_a_certificate_that_cannot_be_read_is_named_with_what_belongs_there(
    tmp_path: Path, key: str
) -> None:
    given: dict[str, Any] = {key: str(tmp_path / "absent")}

    finding = finding_of(Fault.SECRET_UNREADABLE, checked(8883, tmp_path, tls=True, **given))

    assert f"mqtt.{key} = " in finding.words
    assert "in PEM form" in finding.words


def test_a_password_file_that_everybody_can_read_is_named(
    cure: Cure, mosquitto: Run, tmp_path: Path
) -> None:
    broker = mosquitto(*with_passwords(tmp_path, LOGIN))
    file = secret(tmp_path, "right\n", 0o644)

    finding = cure.by_command(
        Fault.SECRET_OPEN,
        lambda: checked(broker.port, tmp_path, username="chair", password_file=file),
    )

    assert finding.fix == f"sudo chmod o-rwx {file}"


def test_a_password_that_goes_over_the_network_without_tls_is_named(
    cure: Cure, tmp_path: Path
) -> None:
    """Its broker is not there; but the password would not go out any more."""
    mqtt = MqttSettings(
        host="broker.invalid", username="chair", password_file=secret(tmp_path, "right\n")
    )

    finding = cure.by_settings(
        Fault.PASSWORD_PLAIN, check_broker, installed(tmp_path, mqtt=mqtt, **WITHOUT_HOME)
    )

    assert finding.words == "the password goes to broker.invalid:1883 without TLS"


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
    ("fault", "name", "days", "words"),
    [
        (
            Fault.CERTIFICATE_EXPIRED,
            "IP:127.0.0.1",
            -1,
            "it has expired; renew it on the broker",
        ),
        (
            Fault.CERTIFICATE_NAME,
            "DNS:*.broker.example,DNS:localhost,IP:192.0.2.1",
            2,
            'another address; it has localhost, 192.0.2.1; mqtt.host = "localhost"',
        ),
        (
            Fault.CERTIFICATE_EARLY,
            "IP:127.0.0.1",
            None,
            "it is not valid yet; set this machine's clock: sudo timedatectl set-ntp true",
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
    words: str,
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, name, days=days))

    findings = checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root))

    assert words in str(finding_of(fault, findings))


def test_an_expired_certificate_is_named_until_the_broker_has_a_new_one(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1", days=-1))

    def renew() -> None:
        broker.stop()
        authority.sign("broker", "IP:127.0.0.1")
        broker.start()

    cure.by_hand(
        Fault.CERTIFICATE_EXPIRED,
        lambda: checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root)),
        "renew it on the broker",
        renew,
    )


def test_a_certificate_that_is_not_valid_yet_is_named_until_the_clock_is_set(
    cure: Cure, mosquitto: Run, authority: Authority, stand_in: StandIn, tmp_path: Path
) -> None:
    """The broker gets an older certificate instead of a day that passes on this machine."""
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1", days=None))
    is_set = tmp_path / "is set"
    stand_in("timedatectl", f"[ \"$*\" = 'set-ntp true' ] && touch '{is_set}'")

    def a_day_passes() -> None:
        assert is_set.exists()
        broker.stop()
        authority.sign("broker", "IP:127.0.0.1")
        broker.start()

    cure.by_command(
        Fault.CERTIFICATE_EARLY,
        lambda: checked(broker.port, tmp_path, tls=True, tls_ca_file=str(authority.root)),
        then=a_day_passes,
    )


def test_a_certificate_for_another_name_is_named_with_the_name_to_set(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "DNS:localhost"))
    trust: dict[str, Any] = {"tls": True, "tls_ca_file": str(authority.root)}

    cure.by_settings(Fault.CERTIFICATE_NAME, check_broker, chair_at(broker.port, tmp_path, **trust))


def test_a_certificate_of_an_unknown_authority_is_named_until_the_settings_have_that(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))
    trust: dict[str, str] = {}

    finding = cure.by_hand(
        Fault.CERTIFICATE_BAD,
        lambda: checked(broker.port, tmp_path, tls=True, **trust),
        "name that authority in mqtt.tls_ca_file",
        lambda: trust.update(tls_ca_file=str(authority.root)),
    )

    assert "an unknown authority has signed it" in finding.words


def test_a_broker_that_wants_a_certificate_of_the_chair_is_named_until_it_has_one(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1", "require_certificate true"))
    trust: dict[str, Any] = {"tls": True, "tls_ca_file": str(authority.root)}
    own = authority.sign("chair", "DNS:chair")
    Path(own.key).chmod(0o600)

    finding = cure.by_hand(
        Fault.CERTIFICATE_WANTED,
        lambda: checked(broker.port, tmp_path, **trust),
        "see mqtt.tls_certificate_file and mqtt.tls_key_file",
        lambda: trust.update(tls_certificate_file=str(own.certificate), tls_key_file=str(own.key)),
    )

    assert "asks for a certificate of the chair" in finding.words


def test_tls_on_one_side_only_is_named(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    secured = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))

    finding = cure.by_settings(
        Fault.BROKER_SPEAKS_TLS,
        check_broker,
        chair_at(secured.port, tmp_path),
        uncovers=[Fault.CERTIFICATE_BAD],
    )

    assert finding.fix == "mqtt.tls = true"


def test_tls_at_a_port_without_it_is_named_with_the_port_that_has_it(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    address = own_address()
    mosquitto("allow_anonymous true", address=address, port=1883)
    trust: dict[str, Any] = {"tls": True, "tls_ca_file": str(authority.root)}
    chair = chair_at(1883, tmp_path, host=address, **trust)
    alone = finding_of(Fault.TLS_ABSENT, check_broker(chair))
    mosquitto(*tls(tmp_path, authority, f"IP:{address}"), address=address, port=8883)

    finding = cure.by_settings(Fault.TLS_ABSENT, check_broker, chair)

    assert finding.fix == "mqtt.port = 8883"
    assert alone.fix == "mqtt.tls = false, without mqtt.tls_ca_file"


def test_a_certificate_that_is_not_verified_is_named(
    cure: Cure, mosquitto: Run, authority: Authority, tmp_path: Path
) -> None:
    broker = mosquitto(*tls(tmp_path, authority, "IP:127.0.0.1"))
    trust: dict[str, Any] = {"tls": True, "tls_ca_file": str(authority.root)}

    cure.by_settings(
        Fault.CERTIFICATE_UNCHECKED,
        check_broker,
        chair_at(broker.port, tmp_path, tls_verify=False, **trust),
    )


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"])
def test_a_broker_that_does_not_speak_mqtt_5_is_named(tmp_path: Path, refusal: bytes) -> None:
    with greeting(refusal) as port:
        finding = finding_of(Fault.BROKER_OLD, checked(port, tmp_path))

    assert finding.fix == 'mqtt.version = "3.1.1"'
