"""``unsit forget``, on a real mosquitto."""

from pathlib import Path

import pytest

from cli.program import here
from livechair import LiveChair
from mosquitto import LOOPBACK, Mosquitto, Watcher, free_port
from unsit.settings.model import HomeAssistantSettings

pytestmark = pytest.mark.broker

MINE = [
    "homeassistant/device/unsit_test-chair/config",
    "unsit/test-chair/availability",
    "unsit/test-chair/state",
]


def forget(broker: Mosquitto, state: Path, *options: str) -> tuple[int | str | None, str]:
    """The exit code and all that was said."""
    ended = here(
        *("forget", "--set", f"mqtt.host={LOOPBACK}", "--set", f"mqtt.port={broker.port}"),
        *("--set", "chair.id=test-chair", "--state-dir", str(state), *options),
    )
    return ended.code, ended.out + ended.err


def chair_on(broker: Mosquitto, state: Path) -> LiveChair:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    return LiveChair(state, mqtt=mqtt, homeassistant=HomeAssistantSettings())


def retained(broker: Mosquitto) -> list[str]:
    """The topics that hold a message."""
    watcher = Watcher(broker)
    watcher.publish("end", "", retain=False)
    watcher.wait("end")
    watcher.close()
    return sorted(message.topic for message in watcher.received if message.retain)


def test_everything_that_a_chair_left_is_removed_and_told(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_on(broker, tmp_path)
    watcher.event("unsit/test-chair/log", "service_started")
    chair.stop()
    assert retained(broker) == MINE

    code, said = forget(broker, tmp_path)

    assert (code, said) == (0, "".join(f"removed {topic}\n" for topic in MINE))
    assert retained(broker) == []


def test_a_second_time_there_is_nothing_and_nothing_is_sent(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    code, said = forget(broker, tmp_path)

    assert code == 0
    assert "holds nothing of test-chair" in said
    watcher.publish("end", "")
    watcher.wait("end")
    assert [message.topic for message in watcher.received] == ["end"]


def test_a_chair_that_is_online_is_not_forgotten_unless_it_is_forced(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    watcher.publish(MINE[1], "online", retain=True)

    code, said = forget(broker, tmp_path)
    assert code == 69
    assert said.count("\n") == 1
    assert "systemctl stop unsit" in said
    assert retained(broker) == [MINE[1]]

    assert forget(broker, tmp_path, "--force") == (0, f"removed {MINE[1]}\n")


def test_what_an_earlier_id_left_is_removed_too(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_on(broker, tmp_path)
    watcher.event("unsit/test-chair/log", "service_started")
    chair.stop()

    code, said = forget(broker, tmp_path, "--set", "chair.id=other")

    assert code == 0
    assert said.splitlines() == [f"removed {topic}" for topic in MINE]


def test_a_broker_that_is_not_there_ends_in_one_line(tmp_path: Path) -> None:
    nobody = Mosquitto.__new__(Mosquitto)
    nobody.port = free_port()

    code, said = forget(nobody, tmp_path)

    assert code == 69
    assert said.count("\n") == 1
    assert "mqtt.host" in said


def test_a_chair_without_a_broker_has_nobody_to_forget_it(tmp_path: Path) -> None:
    ended = here("forget", "--set", "mqtt.host=none", "--state-dir", str(tmp_path))

    assert ended.code == 78
    assert "no broker" in ended.complaint
