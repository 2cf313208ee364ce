"""``unsit forget``, on a real mosquitto."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from support.history_records import records, sitting
from support.live_chair import LiveChair
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, free_port
from support.program import here
from unsit.history.store import open_history, open_to_write
from unsit.settings.model import HISTORY_FILE, HomeAssistantSettings

pytestmark = pytest.mark.broker

MINE = [
    "homeassistant/device/unsit_test-chair/config",
    "homeassistant/device/unsit_test-chair_times/config",
    "unsit/test-chair/availability",
    "unsit/test-chair/state",
]
AVAILABILITY = "unsit/test-chair/availability"


def forget(broker: Mosquitto, state: Path, *options: str) -> tuple[int | str | None, str]:
    """Run ``unsit forget``; return its exit code and its output."""
    ended = here(
        *("forget", "--set", f"mqtt.host={LOOPBACK}", "--set", f"mqtt.port={broker.port}"),
        *("--set", "chair.id=test-chair", "--state-dir", str(state), *options),
    )
    return ended.code, ended.out + ended.err


def chair_on(broker: Mosquitto, state: Path) -> LiveChair:
    mqtt = {"host": LOOPBACK, "port": broker.port}
    return LiveChair(state, mqtt=mqtt, homeassistant=HomeAssistantSettings())


def retained(broker: Mosquitto) -> list[str]:
    """Return the topics with a retained message."""
    watcher = Watcher(broker)
    watcher.publish("end", "", retain=False)
    watcher.wait("end")
    watcher.close()
    return sorted(message.topic for message in watcher.received if message.retain)


def test_every_retained_message_of_a_chair_is_removed_and_printed(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_on(broker, tmp_path)
    watcher.event("unsit/test-chair/log", "service_started")
    chair.stop()
    assert retained(broker) == MINE

    code, output = forget(broker, tmp_path)

    assert (code, output) == (0, "".join(f"removed {topic}\n" for topic in MINE))
    assert retained(broker) == []


def test_the_messages_that_hold_a_chair_go_with_it(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_on(broker, tmp_path)
    watcher.event("unsit/test-chair/log", "service_started")
    chair.stop()
    holds = [f"unsit/test-chair/command/hold/{reason}" for reason in ("call", "home_assistant")]
    for topic in (*holds, "unsit/other-chair/command/hold/call"):
        watcher.publish(topic, "half past five", retain=True)

    code, output = forget(broker, tmp_path)

    assert code == 0
    assert all(f"removed {topic}\n" in output for topic in [*MINE, *holds])
    assert retained(broker) == ["unsit/other-chair/command/hold/call"]


def test_a_chair_without_messages_is_left_and_nothing_is_sent(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    code, output = forget(broker, tmp_path)

    assert code == 0
    assert "has no messages of test-chair" in output
    watcher.publish("end", "")
    watcher.wait("end")
    own = "unsit/test-chair/check"
    assert [message.topic for message in watcher.received] == [own, "end"]
    assert not any(message.retain for message in watcher.received)


def test_a_chair_that_is_online_is_forgotten_only_with_force(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    watcher.publish(AVAILABILITY, "online", retain=True)

    code, output = forget(broker, tmp_path)
    assert code == os.EX_UNAVAILABLE
    assert output.count("\n") == 1
    assert "systemctl stop unsit" in output
    assert retained(broker) == [AVAILABILITY]

    assert forget(broker, tmp_path, "--force") == (0, f"removed {AVAILABILITY}\n")


def test_the_messages_of_an_earlier_id_are_removed_too(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    chair = chair_on(broker, tmp_path)
    watcher.event("unsit/test-chair/log", "service_started")
    chair.stop()

    code, output = forget(broker, tmp_path, "--set", "chair.id=other")

    assert code == 0
    assert output.splitlines() == [f"removed {topic}" for topic in MINE]


def test_an_unreachable_broker_is_an_error_of_one_line(tmp_path: Path) -> None:
    unreachable = Mosquitto.__new__(Mosquitto)
    unreachable.port = free_port()

    code, output = forget(unreachable, tmp_path)

    assert code == os.EX_UNAVAILABLE
    assert output.count("\n") == 1
    assert "mqtt.host" in output


def test_a_chair_without_a_broker_cannot_be_forgotten(tmp_path: Path) -> None:
    ended = here("forget", "--set", "mqtt.host=none", "--state-dir", str(tmp_path))

    assert ended.code == os.EX_CONFIG
    assert "no broker" in ended.complaint


def test_the_history_is_forgotten_too_if_that_is_asked_for(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with closing(open_to_write(tmp_path / HISTORY_FILE, 1)) as history:
        history.append(records(*sitting(0, 600)))
    code, output = forget(broker, tmp_path)
    assert (code, "events" in output) == (0, False)

    code, output = forget(broker, tmp_path, "--history")

    assert code == 0
    assert "\n3 events are forgotten\n" in output
    with open_history(tmp_path / HISTORY_FILE) as kept:
        assert list(kept.records()) == []
