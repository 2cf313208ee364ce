"""Faults on Home Assistant's side of a real mosquitto."""

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Authority
from support.live_chair import LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, with_passwords
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import Cure, named, settings_in
from support.strict_broker import StrictBroker
from unsit.assembly.broker import broker_of
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.mqtt.connection import Broker
from unsit.mqtt.link import Link
from unsit.mqtt.probe import Probe
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import LiveClock
from unsit.runtime.loop import Loop
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

pytestmark = pytest.mark.broker

OWN = "homeassistant/device/unsit_test-chair/config"
ROOT = "unsit/test-chair"
AVAILABILITY, STATE = f"{ROOT}/availability", f"{ROOT}/state"

Put = Callable[..., None]
StandIn = Callable[[str, str], None]


def announcement(of: str) -> str:
    return json.dumps({"origin": {"name": "unsit", "sw_version": of}, "components": {}})


Restarted = Callable[..., None]


@pytest.fixture
def restarted(stand_in: StandIn, tmp_path: Path) -> Iterator[Restarted]:
    """Yield a function that starts the service if systemctl was asked to restart it."""
    asked = tmp_path / "asked"
    stand_in("systemctl", f"[ \"$*\" = 'restart unsit' ] && touch {asked}")
    chairs: list[LiveChair] = []

    def restart(broker: StrictBroker | Mosquitto, **sections: Any) -> None:
        assert asked.exists()
        chair = LiveChair(mqtt={"host": LOOPBACK, "port": broker.port}, **sections)
        chairs.append(chair)
        if isinstance(broker, StrictBroker):
            broker.wait(lambda: broker.on(STATE), "the restarted service has sent its state")

    yield restart
    for chair in chairs:
        chair.stop()


@pytest.fixture
def home_assistant(broker: Mosquitto) -> Iterator[Watcher]:
    """Yield a client that listens to announcements, like Home Assistant."""
    home_assistant = Watcher(broker, "homeassistant/+/+/config")
    yield home_assistant
    home_assistant.close()


@pytest.fixture
def chair(broker: Mosquitto) -> Iterator[Watcher]:
    """Yield a client that publishes for the chair and subscribes to nothing."""
    chair = Watcher(broker, "nothing/at/all")
    yield chair
    chair.close()


def checked(broker: Mosquitto, tmp_path: Path, **home: Any) -> list[Finding]:
    chair = installed(
        tmp_path,
        mqtt=MqttSettings(host=LOOPBACK, port=broker.port),
        homeassistant=HomeAssistantSettings(**home),
    )
    return list(check_broker(chair))


def test_an_announced_chair_is_reported_with_its_state(
    broker: Mosquitto, chair: Watcher, home_assistant: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    chair.publish("unsit/test-chair/availability", "online", retain=True)
    state = json.dumps({"occupied": True, "sensor_fault": None})
    chair.publish("unsit/test-chair/state", state, retain=True)

    words = {finding.subject: finding.words for finding in faultless(checked(broker, tmp_path))}

    assert words["availability"] == "the chair is online: somebody sits"
    assert words["discovery"] == f"announced at {OWN}"
    assert words["home"] == (
        "a client listens to homeassistant/…; Home Assistant's birth topic is homeassistant/status"
    )


def test_a_service_that_keeps_nothing_on_disk_is_named_with_its_own_words(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("unsit/test-chair/availability", "online", retain=True)
    state = json.dumps({"occupied": False, "storage_fault": "the disk is full"})
    chair.publish("unsit/test-chair/state", state, retain=True)

    finding = finding_of(Fault.NOTHING_KEPT, checked(broker, tmp_path))

    assert finding.words == "the service reports: the disk is full"


def with_state(broker: StrictBroker, **state: Any) -> None:
    broker.retained[STATE] = json.dumps(state).encode()


def strictly_checked(broker: StrictBroker, root: Path, **sections: Any) -> list[Finding]:
    given: dict[str, Any] = {"homeassistant": HomeAssistantSettings(discovery=False)} | sections
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
    return list(check_broker(installed(root / "state", root, mqtt=mqtt, **given)))


@pytest.mark.parametrize(
    ("state", "fault", "words", "asks"),
    [
        (
            {"sensor_fault": "silent"},
            Fault.SENSOR_AT_FAULT,
            "the service reports: silent",
            "see the reason",
        ),
        (
            {"events_dropped": 7},
            Fault.EVENTS_LOST,
            "the service reports: 7 events were dropped",
            "the count begins again with a restart of the service",
        ),
        (
            {"storage_fault": "disk"},
            Fault.NOTHING_KEPT,
            "the service reports: disk",
            "see the lines on the state",
        ),
        (
            {"storage_fault": {"a": []}},
            Fault.NOTHING_KEPT,
            "the service reports: an object",
            "see the lines on the state",
        ),
    ],
)
def test_what_the_running_service_reports_of_itself_is_no_ok(
    cure: Cure, state: dict[str, Any], fault: Fault, words: str, asks: str, tmp_path: Path
) -> None:
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"online"
        with_state(broker, **state)

        finding = cure.by_hand(
            fault,
            lambda: strictly_checked(broker, tmp_path),
            asks,
            lambda: with_state(broker, sensor_fault=None, events_dropped=0, storage_fault=None),
        )

    assert finding.words == words


def test_a_chair_that_is_online_without_a_service_here_has_a_twin(
    cure: Cure, program: Put, tmp_path: Path
) -> None:
    program("systemctl", "LoadState=loaded\nActiveState=inactive\nMainPID=0")
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"online"
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path / "state", tmp_path, mqtt=mqtt)

        cure.by_settings(Fault.ID_IN_USE, check_broker, chair)
        process = tmp_path / "proc/4713"
        write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
        assert Fault.ID_IN_USE not in named(check_broker(chair))


def test_a_service_that_the_broker_has_as_offline_is_named_until_it_is_connected(
    cure: Cure, program: Put, tmp_path: Path
) -> None:
    program("systemctl", "LoadState=loaded\nActiveState=active\nMainPID=4713")
    process = tmp_path / "proc/4713"
    write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"offline"

        finding = cure.by_hand(
            Fault.OFFLINE_THOUGH_RUNNING,
            lambda: strictly_checked(broker, tmp_path),
            "names the reason",
            lambda: broker.retained.update({AVAILABILITY: b"online"}),
        )

    assert "the service runs (pid 4713), and the broker has it as offline" in finding.words


def test_another_client_with_the_chair_s_id_is_named_with_an_id_to_take(
    cure: Cure, tmp_path: Path
) -> None:
    loop = Loop(LiveClock())
    with StrictBroker() as broker:
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path, mqtt=mqtt)
        link = Link(loop, Broker(LOOPBACK, broker.port), Topics("unsit", "test-chair"))
        link.refusals.add(link._own_id, "Session taken over; another client has this id")
        with_state(broker, refused=link.refusals.reasons)

        finding = cure.by_settings(Fault.ID_TAKEN, check_broker, chair)

    assert "the client id unsit-test-chair: Session taken over" in finding.words


def test_a_retained_command_is_named_with_the_command_that_clears_it(
    cure: Cure, broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    topic = "unsit/test-chair/command/snooze; $(touch pwned)"
    chair.publish(topic, "ON", retain=True)

    finding = cure.by_command(
        Fault.COMMAND_RETAINED, lambda: checked(broker, tmp_path, discovery=False)
    )

    assert f"a retained message on {topic} is refused" in finding.words
    assert not Path("pwned").exists()


@pytest.mark.usefixtures("mosquitto_is_here")
@pytest.mark.parametrize("trust", ["the system's", "one's own, both ways", "none"])
def test_a_topic_is_cleared_over_tls_and_with_a_login_as_the_chair_connects(
    cure: Cure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trust: str
) -> None:
    """trust: the authorities that the chair trusts; with none the broker's name may be any."""
    authority = Authority(tmp_path)
    name = "DNS:other.example" if trust == "none" else "IP:127.0.0.1"
    signed, own = authority.sign("broker", name), authority.sign("chair", "DNS:chair")
    lines = (
        f"cafile {authority.root}",
        f"certfile {signed.certificate}",
        f"keyfile {signed.key}",
        f"require_certificate {'true' if trust.endswith('both ways') else 'false'}",
    )
    broker = Mosquitto(tmp_path, *with_passwords(tmp_path, {"chair": "right"}), *lines)
    broker.start()
    password = write(tmp_path / "password", "right")
    for file in (password, own.key):
        file.chmod(0o600)
    given: dict[str, Any] = {"tls": True}
    typed = {"PASSWORD": "right"}
    if trust == "none":
        given["tls_verify"] = False
        typed["CA_FILE"] = str(authority.root)
    elif trust.endswith("both ways"):
        given |= {"tls_ca_file": str(authority.root), "tls_key_file": str(own.key)}
        given["tls_certificate_file"] = str(own.certificate)
    else:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    login: dict[str, Any] = {"username": "chair", "password_file": str(password)}
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port, **given, **login)
    mine = installed(tmp_path, mqtt=mqtt, homeassistant=HomeAssistantSettings(discovery=False))
    read = broker_of(mqtt)
    assert read is not None
    with Probe(read, "somebody", "somebody/check") as probe:
        probe.publish(f"{ROOT}/command/snooze", b"ON", retain=True)

    cure.by_command(Fault.COMMAND_RETAINED, lambda: check_broker(mine), typed=typed)

    broker.stop()


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"x" * 5000])
def test_a_hold_topic_that_cannot_be_read_is_named_with_the_command_that_clears_it(
    cure: Cure, broker: Mosquitto, chair: Watcher, tmp_path: Path, payload: bytes
) -> None:
    chair.publish("desk/call", payload, retain=True)
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
    hold, home = HoldSettings(topics="desk/call"), HomeAssistantSettings(discovery=False)
    mine = installed(tmp_path, mqtt=mqtt, hold=hold, homeassistant=home)

    cure.by_command(Fault.HOLD_UNREADABLE, lambda: check_broker(mine))


def test_the_package_of_the_command_that_clears_a_topic_is_named_where_it_is_missing(
    broker: Mosquitto, chair: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair.publish(f"{ROOT}/command/snooze", "ON", retain=True)
    monkeypatch.setenv("PATH", str(tmp_path))

    finding = finding_of(Fault.COMMAND_RETAINED, checked(broker, tmp_path, discovery=False))

    fix = str(finding.fix)
    package = "sudo apt update && sudo apt install mosquitto-clients"
    assert fix.startswith(f"{package}, then mosquitto_pub --host ")


@pytest.mark.parametrize(
    ("leaf", "payload", "why"),
    [
        ("state", b"{" * 1000, "is not JSON that can be read"),
        ("state", b"[1, 2]", "is no JSON object"),
        ("state", b'{"a": "' + b"x" * 200_000 + b'"}', "has more than 65536 bytes"),
        ("availability", b"perhaps", "says perhaps; expected online or offline"),
    ],
)
def test_a_message_that_the_chair_has_not_sent_is_named_and_the_service_replaces_it(
    cure: Cure, restarted: Restarted, leaf: str, payload: bytes, why: str, tmp_path: Path
) -> None:
    topic = f"unsit/test-chair/{leaf}"
    with StrictBroker() as broker:
        broker.retained[topic] = payload

        finding = cure.by_command(
            Fault.MESSAGE_SPOILT,
            lambda: strictly_checked(broker, tmp_path),
            then=lambda: restarted(broker),
        )

        assert finding.words == f"{topic} {why}"


def test_nobody_can_fill_the_screen_of_a_check_from_outside(tmp_path: Path) -> None:
    with StrictBroker() as broker:
        refused = {f"unsit/test-chair/{number}": "no" for number in range(5000)}
        with_state(broker, refused=refused)
        broker.retained |= {f"{ROOT}/command/{number}": b"x" * 400 for number in range(500)}
        broker.retained |= {
            f"x{number}/device/unsit_test-chair/config": b"{}" for number in range(500)
        }
        home = HomeAssistantSettings()
        findings = strictly_checked(broker, tmp_path, homeassistant=home)

    assert len(findings) < 30
    assert "497 more like this" in {finding.words for finding in findings}


def test_home_assistant_hears_nothing_new_from_a_check(
    broker: Mosquitto, chair: Watcher, home_assistant: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    checked(broker, tmp_path)
    chair.publish("homeassistant/device/end/config", "{}")
    home_assistant.wait("homeassistant/device/end/config")

    payloads = {json.dumps(payload) for payload in home_assistant.on(OWN)}
    assert payloads == {announcement(version("unsit"))}


def test_a_home_assistant_that_is_not_at_this_broker_is_named_until_it_listens(
    cure: Cure, broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    listeners: list[Watcher] = []

    finding = cure.by_hand(
        Fault.HOME_ABSENT,
        lambda: checked(broker, tmp_path),
        "add the MQTT integration in Home Assistant",
        lambda: listeners.append(Watcher(broker, "homeassistant/#")),
    )

    listeners[0].close()
    assert "no client listens to homeassistant/… at this broker" in finding.words


def test_a_home_assistant_with_another_prefix_is_named_with_it(
    cure: Cure, broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("ha/sensor/lamp/config", json.dumps({"unique_id": "lamp"}), retain=True)
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
    mine = installed(tmp_path, mqtt=mqtt, homeassistant=HomeAssistantSettings())

    finding = cure.by_settings(Fault.OTHER_PREFIX, check_broker, mine)

    assert settings_in(str(finding.fix)) == {
        "homeassistant.discovery_prefix": "ha",
        "homeassistant.birth_topic": "ha/status",
    }
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    finding_of(Fault.OTHER_PREFIX, checked(broker, tmp_path))


@pytest.mark.parametrize(
    ("fault", "retained"),
    [(Fault.NOT_ANNOUNCED, None), (Fault.OTHER_VERSION, "0.0.1"), (Fault.OTHER_VERSION, "9.0")],
)
def test_an_announcement_that_is_missing_or_of_another_version_is_named_until_a_restart(
    cure: Cure, restarted: Restarted, tmp_path: Path, fault: Fault, retained: str | None
) -> None:
    with StrictBroker() as broker:
        if retained is not None:
            broker.retained[OWN] = announcement(retained).encode()

        def restart() -> None:
            restarted(broker, homeassistant=HomeAssistantSettings())
            broker.wait(lambda: broker.on(OWN), "the restarted service has announced the chair")
            mine = json.loads(broker.retained[OWN])
            mine["origin"]["sw_version"] = version("unsit")  # that of a chair of the tests is 0
            broker.retained[OWN] = json.dumps(mine).encode()

        finding = cure.by_command(
            fault,
            lambda: strictly_checked(broker, tmp_path, homeassistant=HomeAssistantSettings()),
            then=restart,
            uncovers=[Fault.HOME_ABSENT],
        )

    here = version("unsit")
    expected = f"{OWN} is of unsit {retained}, and this is unsit {here}"
    assert finding.words == (expected if retained else f"nothing at {OWN}")


def test_an_announcement_that_an_earlier_prefix_left_is_named_with_the_command_that_clears_it(
    cure: Cure, broker: Mosquitto, chair: Watcher, home_assistant: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    chair.publish(OWN.replace("homeassistant", "old"), announcement("0.0.1"), retain=True)

    finding = cure.by_command(Fault.ANNOUNCED_ELSEWHERE, lambda: checked(broker, tmp_path))

    assert "announced at old/device/unsit_test-chair/config too" in finding.words


def test_discovery_that_is_switched_off_is_reported_and_is_no_fault(
    broker: Mosquitto, tmp_path: Path
) -> None:
    words = [finding.words for finding in faultless(checked(broker, tmp_path, discovery=False))]

    assert "off, by the setting homeassistant.discovery" in words


def test_foreign_content_of_a_topic_is_shown_escaped_and_cannot_break_the_check(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("unsit/test-chair/availability", "on\x1b[2Jline\nok  forged", retain=True)
    chair.publish("unsit/test-chair/state", "[" * 100_000, retain=True)
    chair.publish(OWN, '{"origin": 5}', retain=True)

    findings = checked(broker, tmp_path)

    words = [finding.words for finding in findings if finding.fault == "message_spoilt"]
    assert words == [
        f"{STATE} has more than 65536 bytes",
        rf"{AVAILABILITY} says on\x1b[2Jline\nok forged; expected online or offline",
    ]
    assert "is of unsit None" in finding_of(Fault.OTHER_VERSION, findings).words
