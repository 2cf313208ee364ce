"""The access list for mosquitto: a chair may do what it does, and nothing else."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkup.planting import installed
from cli.program import here
from livechair import ROOT, LiveChair, every
from mosquitto import LOOPBACK, Mosquitto, Watcher, until, with_passwords
from unsit.checkup.broker import check_broker
from unsit.settings.model import HomeAssistantSettings, SeatSettings, SittingSettings
from unsit.settings.mqtt import MqttSettings

pytestmark = pytest.mark.broker

ACCESS_LIST = Path(__file__).parents[2] / "systemd" / "mosquitto" / "unsit.acl"
CHAIR, HOUSE = ("test-chair", "of the chair"), ("homeassistant", "of the house")
CONFIG = "homeassistant/device/unsit_test-chair/config"


@pytest.fixture
def guarded(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that goes by the access list, written for the chair of the tests."""
    rights = tmp_path / "unsit.acl"
    rights.write_text(ACCESS_LIST.read_text().replace("chair-1a2b3c4d", CHAIR[0]))
    rights.chmod(0o600)
    passwords = with_passwords(tmp_path, dict([CHAIR, HOUSE]))
    broker = Mosquitto(tmp_path, *passwords, f"acl_file {rights}")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def house(guarded: Mosquitto) -> Iterator[Watcher]:
    watcher = Watcher(guarded, login=HOUSE)
    yield watcher
    watcher.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(CHAIR[1])
    file.chmod(0o600)
    return file


def chair_on(broker: Mosquitto, state: Path, secret: Path) -> LiveChair:
    login = {"username": CHAIR[0], "password_file": str(secret)}
    return LiveChair(
        state,
        mqtt={"host": LOOPBACK, "port": broker.port, **login},
        homeassistant=HomeAssistantSettings(),
        seat=SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
        sitting=SittingSettings(move_after=every(1), min_break=every(1)),
    )


def test_a_check_finds_nothing_that_is_refused(
    guarded: Mosquitto, house: Watcher, tmp_path: Path, secret: Path
) -> None:
    settings = MqttSettings(
        host=LOOPBACK, port=guarded.port, username=CHAIR[0], password_file=str(secret)
    )
    chair = chair_on(guarded, tmp_path / "state", secret)
    house.wait(f"{ROOT}/state")
    findings = list(check_broker(installed(tmp_path, mqtt=settings)))
    chair.stop()

    assert [str(finding) for finding in findings if finding.verdict == "fail"] == []
    assert {"publish", "retained", "home"} <= {finding.subject for finding in findings}


def test_everything_that_a_chair_does_is_allowed(
    guarded: Mosquitto,
    house: Watcher,
    tmp_path: Path,
    secret: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    assert house.wait(CONFIG)["device"]
    assert house.wait(f"{ROOT}/availability") == "online"
    chair.seat.set(True)
    house.event(f"{ROOT}/event", "move_due")
    house.event(f"{ROOT}/log", "move_due")
    house.publish(f"{ROOT}/command/snooze", "")
    house.event(f"{ROOT}/log", "snoozed")
    house.publish("homeassistant/status", "online")
    assert house.wait(CONFIG)["device"]
    until(lambda: not len(chair.service._outbox), "all was acknowledged")
    chair.stop()
    house.wait(f"{ROOT}/availability", lambda said: said == "offline")
    assert "refuses" not in caplog.text


def test_a_chair_may_be_forgotten(
    guarded: Mosquitto, house: Watcher, tmp_path: Path, secret: Path
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    house.event(f"{ROOT}/log", "service_started")
    chair.stop()

    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={guarded.port}", "chair.id=test-chair"]
    login = [f"mqtt.username={CHAIR[0]}", f"mqtt.password_file={secret}"]
    options = (part for setting in (*settings, *login) for part in ("--set", setting))
    ended = here("forget", "--state-dir", str(tmp_path / "state"), *options)

    assert ended.lines == [
        f"removed {topic}" for topic in (CONFIG, f"{ROOT}/availability", f"{ROOT}/state")
    ]


def test_a_last_will_is_allowed(
    guarded: Mosquitto, house: Watcher, tmp_path: Path, secret: Path
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    assert house.wait(f"{ROOT}/availability") == "online"
    link = chair.service._publisher._link  # type: ignore[union-attr]
    link._connection._client.socket().shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    house.wait(f"{ROOT}/availability", lambda said: said == "offline")
    chair.stop()


OF_OTHERS = [
    *("unsit/other/availability", "unsit/other/state", "unsit/other/event", "unsit/other/log"),
    *("unsit/other/command/hold", "unsit/test-chair/command/hold", "unsit", "unsit/test-chair"),
    *("homeassistant/device/unsit_other/config", "homeassistant/status", "elsewhere"),
]


def test_a_chair_may_not_speak_for_others_nor_command_anybody(
    guarded: Mosquitto, house: Watcher
) -> None:
    chair = Watcher(guarded, login=CHAIR)
    for topic in OF_OTHERS:
        chair.publish(topic, "of a chair")
    chair.publish(f"{ROOT}/event", '{"type": "the end"}')

    house.event(f"{ROOT}/event", "the end")
    chair.close()

    assert [message.topic for message in house.received] == [f"{ROOT}/event"]


def test_a_chair_hears_its_own_commands_and_nothing_of_others(
    guarded: Mosquitto, house: Watcher
) -> None:
    chair = Watcher(guarded, login=CHAIR)
    for topic in (*OF_OTHERS, f"{ROOT}/command/the-end"):
        house.publish(topic, "of the house")

    chair.wait(f"{ROOT}/command/the-end")
    chair.close()

    mine = {f"{ROOT}/command/hold", f"{ROOT}/command/the-end", "homeassistant/status"}
    assert {message.topic for message in chair.received} == mine
