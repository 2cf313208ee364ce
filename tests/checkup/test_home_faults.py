"""Faults on Home Assistant's side of a real mosquitto."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from support.fixtures import missing
from support.live_chair import LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import cured_by_settings, is_cured, settings_in
from support.strict_broker import StrictBroker
from unsit.checkup.broker import check_broker
from unsit.checkup.findings import Fault, Finding
from unsit.mqtt.connection import Broker
from unsit.mqtt.link import Link
from unsit.mqtt.topics import Topics
from unsit.runtime.clock import LiveClock
from unsit.runtime.loop import Loop
from unsit.settings.model import HoldSettings, HomeAssistantSettings, MqttSettings

pytestmark = pytest.mark.broker

OWN = "homeassistant/device/unsit_test-chair/config"
ROOT = "unsit/test-chair"
AVAILABILITY, STATE = f"{ROOT}/availability", f"{ROOT}/state"

Put = Callable[..., None]


def announcement(of: str) -> str:
    return json.dumps({"origin": {"name": "unsit", "sw_version": of}, "components": {}})


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
    ("state", "fault", "words"),
    [
        ({"sensor_fault": "silent"}, Fault.SENSOR_AT_FAULT, "the service reports: silent"),
        ({"events_dropped": 7}, Fault.EVENTS_LOST, "the service reports: 7 events were dropped"),
        ({"storage_fault": "disk"}, Fault.NOTHING_KEPT, "the service reports: disk"),
        ({"storage_fault": {"a": []}}, Fault.NOTHING_KEPT, "the service reports: an object"),
    ],
)
def test_what_the_running_service_reports_of_itself_is_no_ok(
    state: dict[str, Any], fault: Fault, words: str, tmp_path: Path
) -> None:
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"online"
        with_state(broker, **state)

        assert finding_of(fault, strictly_checked(broker, tmp_path)).words == words
        with_state(broker, sensor_fault=None, events_dropped=0, storage_fault=None)
        assert is_cured(fault, strictly_checked(broker, tmp_path))


def test_a_chair_that_is_online_without_a_service_here_has_a_twin(
    program: Put, tmp_path: Path
) -> None:
    program("systemctl", "LoadState=loaded\nActiveState=inactive\nMainPID=0")
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"online"
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path / "state", tmp_path, mqtt=mqtt)

        finding = finding_of(Fault.ID_IN_USE, check_broker(chair))

        assert cured_by_settings(finding, chair, check_broker)
        process = tmp_path / "proc/4713"
        write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
        assert is_cured(Fault.ID_IN_USE, check_broker(chair))


def test_a_service_that_the_broker_has_as_offline_is_named(program: Put, tmp_path: Path) -> None:
    program("systemctl", "LoadState=loaded\nActiveState=active\nMainPID=4713")
    process = tmp_path / "proc/4713"
    write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
    with StrictBroker() as broker:
        broker.retained[AVAILABILITY] = b"offline"

        finding = finding_of(Fault.OFFLINE_THOUGH_RUNNING, strictly_checked(broker, tmp_path))

        assert "the service runs (pid 4713), and the broker has it as offline" in finding.words
        broker.retained[AVAILABILITY] = b"online"
        assert is_cured(Fault.OFFLINE_THOUGH_RUNNING, strictly_checked(broker, tmp_path))


def test_another_client_with_the_chair_s_id_is_named_with_an_id_to_take(tmp_path: Path) -> None:
    loop = Loop(LiveClock())
    with StrictBroker() as broker:
        mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
        chair = installed(tmp_path, mqtt=mqtt)
        link = Link(loop, Broker(LOOPBACK, broker.port), Topics("unsit", "test-chair"))
        link.refusals.add(link._own_id, "Session taken over; another client has this id")
        with_state(broker, refused=link.refusals.reasons)

        finding = finding_of(Fault.ID_TAKEN, check_broker(chair))

        assert "the client id unsit-test-chair: Session taken over" in finding.words
        assert cured_by_settings(finding, chair, check_broker)


def cleared(finding: Finding) -> None:
    """Run the command that the fix of a finding names."""
    if shutil.which("mosquitto_pub") is None:
        missing("mosquitto_pub is not installed: sudo apt install mosquitto-clients")
    subprocess.run(["sh", "-c", str(finding.fix)], check=True, timeout=30)


def test_a_retained_command_is_named_with_the_command_that_clears_it(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    topic = "unsit/test-chair/command/snooze; $(touch pwned)"
    chair.publish(topic, "ON", retain=True)

    finding = finding_of(Fault.COMMAND_RETAINED, checked(broker, tmp_path, discovery=False))

    assert f"a retained message on {topic} is refused" in finding.words
    cleared(finding)
    assert is_cured(Fault.COMMAND_RETAINED, checked(broker, tmp_path, discovery=False))
    assert not Path("pwned").exists()


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"x" * 5000])
def test_a_hold_topic_that_cannot_be_read_is_named_with_the_command_that_clears_it(
    broker: Mosquitto, chair: Watcher, tmp_path: Path, payload: bytes
) -> None:
    chair.publish("desk/call", payload, retain=True)
    mqtt = MqttSettings(host=LOOPBACK, port=broker.port)
    hold, home = HoldSettings(topics="desk/call"), HomeAssistantSettings(discovery=False)
    mine = installed(tmp_path, mqtt=mqtt, hold=hold, homeassistant=home)

    finding = finding_of(Fault.HOLD_UNREADABLE, check_broker(mine))

    cleared(finding)
    faultless(check_broker(mine))


def test_the_package_of_the_command_that_clears_a_topic_is_named_where_it_is_missing(
    broker: Mosquitto, chair: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair.publish(f"{ROOT}/command/snooze", "ON", retain=True)
    monkeypatch.setenv("PATH", str(tmp_path))

    finding = finding_of(Fault.COMMAND_RETAINED, checked(broker, tmp_path, discovery=False))

    fix = str(finding.fix)
    assert fix.startswith("sudo apt install mosquitto-clients; then mosquitto_pub --host ")


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
    leaf: str, payload: bytes, why: str, tmp_path: Path
) -> None:
    topic = f"unsit/test-chair/{leaf}"
    with StrictBroker() as broker:
        broker.retained[topic] = payload

        finding = finding_of(Fault.MESSAGE_SPOILT, strictly_checked(broker, tmp_path))

        assert finding.words == f"{topic} {why}"
        assert str(finding.fix).startswith("sudo systemctl restart unsit")
        chair = LiveChair(mqtt={"host": LOOPBACK, "port": broker.port})
        broker.wait(lambda: broker.on(STATE), "the restarted service has sent its state")
        assert is_cured(Fault.MESSAGE_SPOILT, strictly_checked(broker, tmp_path))
        chair.stop()


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


def test_a_home_assistant_that_is_not_at_this_broker_is_named(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)

    finding = finding_of(Fault.HOME_ABSENT, checked(broker, tmp_path))

    assert "no client listens to homeassistant/… at this broker; add the MQTT" in str(finding)


def test_a_home_assistant_with_another_prefix_is_named_with_it(
    broker: Mosquitto, chair: Watcher, tmp_path: Path
) -> None:
    chair.publish("ha/sensor/lamp/config", json.dumps({"unique_id": "lamp"}), retain=True)

    finding = finding_of(Fault.OTHER_PREFIX, checked(broker, tmp_path))

    assert settings_in(str(finding.fix)) == {
        "homeassistant.discovery_prefix": "ha",
        "homeassistant.birth_topic": "ha/status",
    }
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    finding_of(Fault.OTHER_PREFIX, checked(broker, tmp_path))


def test_a_chair_that_was_never_announced_is_named(broker: Mosquitto, tmp_path: Path) -> None:
    finding = finding_of(Fault.NOT_ANNOUNCED, checked(broker, tmp_path))

    assert str(finding).endswith(f"nothing at {OWN}; sudo systemctl start unsit")


def test_an_announcement_of_another_version_is_named_with_both(
    broker: Mosquitto, chair: Watcher, home_assistant: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement("0.0.1"), retain=True)

    finding = finding_of(Fault.OTHER_VERSION, checked(broker, tmp_path))

    here = version("unsit")
    assert f"is of unsit 0.0.1, and this is unsit {here}; sudo systemctl" in str(finding)


def test_an_announcement_that_an_earlier_prefix_left_is_named(
    broker: Mosquitto, chair: Watcher, home_assistant: Watcher, tmp_path: Path
) -> None:
    chair.publish(OWN, announcement(version("unsit")), retain=True)
    chair.publish(OWN.replace("homeassistant", "old"), announcement("0.0.1"), retain=True)

    finding = finding_of(Fault.ANNOUNCED_ELSEWHERE, checked(broker, tmp_path))

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
