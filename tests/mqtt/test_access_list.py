"""Access list for mosquitto: it allows all actions of a chair, and no others."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, until, with_passwords
from support.planted_faults import installed
from support.program import here
from unsit.checkup.broker import check_broker
from unsit.settings.model import HomeAssistantSettings, MqttSettings, SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

ACCESS_LIST = Path(__file__).parents[2] / "systemd" / "mosquitto" / "unsit.acl"
CHAIR, HOME_ASSISTANT = ("test-chair", "of the chair"), ("homeassistant", "of the home")
CONFIG = "homeassistant/device/unsit_test-chair/config"
TIMES = "homeassistant/device/unsit_test-chair_times/config"


@pytest.fixture
def guarded(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Mosquitto]:
    """Start a broker with the access list for the chair of the tests."""
    rights = tmp_path / "unsit.acl"
    rights.write_text(ACCESS_LIST.read_text().replace("chair-1a2b3c4d", CHAIR[0]))
    rights.chmod(0o600)
    passwords = with_passwords(tmp_path, dict([CHAIR, HOME_ASSISTANT]))
    broker = Mosquitto(tmp_path, *passwords, f"acl_file {rights}")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def home(guarded: Mosquitto) -> Iterator[Watcher]:
    watcher = Watcher(guarded, login=HOME_ASSISTANT)
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


def test_a_check_reports_no_refusal(
    guarded: Mosquitto, home: Watcher, tmp_path: Path, secret: Path
) -> None:
    settings = MqttSettings(
        host=LOOPBACK, port=guarded.port, username=CHAIR[0], password_file=str(secret)
    )
    chair = chair_on(guarded, tmp_path / "state", secret)
    home.wait(f"{ROOT}/state")
    findings = list(check_broker(installed(tmp_path, mqtt=settings)))
    chair.stop()

    assert [str(finding) for finding in findings if finding.verdict == "fail"] == []
    assert {"publish", "retained", "home"} <= {finding.subject for finding in findings}


def test_all_actions_of_a_chair_are_allowed(
    guarded: Mosquitto,
    home: Watcher,
    tmp_path: Path,
    secret: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    assert home.wait(CONFIG)["device"]
    assert home.wait(f"{ROOT}/availability") == "online"
    chair.seat.set(True)
    home.event(f"{ROOT}/event", "move_due")
    home.event(f"{ROOT}/log", "move_due")
    home.publish(f"{ROOT}/command/snooze", "")
    home.event(f"{ROOT}/log", "snoozed")
    home.publish("homeassistant/status", "online")
    assert home.wait(CONFIG)["device"]
    until(lambda: not len(chair.service._outbox), "all was acknowledged")
    chair.stop()
    home.wait(f"{ROOT}/availability", lambda said: said == "offline")
    assert "refuses" not in caplog.text


def test_a_chair_may_be_forgotten(
    guarded: Mosquitto, home: Watcher, tmp_path: Path, secret: Path
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    home.event(f"{ROOT}/log", "service_started")
    chair.stop()

    settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={guarded.port}", "chair.id=test-chair"]
    login = [f"mqtt.username={CHAIR[0]}", f"mqtt.password_file={secret}"]
    options = (part for setting in (*settings, *login) for part in ("--set", setting))
    ended = here("forget", "--state-dir", str(tmp_path / "state"), *options)

    assert ended.lines == [
        f"removed {topic}" for topic in (CONFIG, TIMES, f"{ROOT}/availability", f"{ROOT}/state")
    ]


def test_a_last_will_is_allowed(
    guarded: Mosquitto, home: Watcher, tmp_path: Path, secret: Path
) -> None:
    chair = chair_on(guarded, tmp_path / "state", secret)
    assert home.wait(f"{ROOT}/availability") == "online"
    link = chair.service._publisher._link  # type: ignore[union-attr]
    link._connection._client.socket().shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    home.wait(f"{ROOT}/availability", lambda said: said == "offline")
    chair.stop()


OF_OTHERS = [
    *("unsit/other/availability", "unsit/other/state", "unsit/other/event", "unsit/other/log"),
    *("unsit/other/command/hold", "unsit/test-chair/command/hold", "unsit", "unsit/test-chair"),
    *("homeassistant/device/unsit_other/config", "homeassistant/status", "elsewhere"),
]


def test_a_chair_may_not_publish_for_others_nor_send_commands(
    guarded: Mosquitto, home: Watcher
) -> None:
    chair = Watcher(guarded, login=CHAIR)
    for topic in OF_OTHERS:
        chair.publish(topic, "of a chair")
    chair.publish(f"{ROOT}/event", '{"type": "the end"}')

    home.event(f"{ROOT}/event", "the end")
    chair.close()

    assert [message.topic for message in home.received] == [f"{ROOT}/event"]


def test_a_chair_receives_its_own_commands_and_no_messages_of_others(
    guarded: Mosquitto, home: Watcher
) -> None:
    chair = Watcher(guarded, login=CHAIR)
    for topic in (*OF_OTHERS, f"{ROOT}/command/the-end"):
        home.publish(topic, "of the home")

    chair.wait(f"{ROOT}/command/the-end")
    chair.close()

    mine = {f"{ROOT}/command/hold", f"{ROOT}/command/the-end", "homeassistant/status"}
    assert {message.topic for message in chair.received} == mine
