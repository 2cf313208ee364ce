"""Complete service on a real mosquitto."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support import chair_program
from support.live_chair import ROOT, LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher, until
from support.program import NO_DWELL, Program
from unsit.core.events import Snoozed
from unsit.settings.model import RemindersSettings, SeatSettings, SittingSettings

pytestmark = pytest.mark.broker

AVAILABILITY, STATE, EVENT, LOG = (
    f"{ROOT}/{leaf}" for leaf in ("availability", "state", "event", "log")
)
QUICK: dict[str, Any] = {
    "seat": SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
    "sitting": SittingSettings(move_after=every(1), min_break=every(1)),
    "reminders": RemindersSettings(repeat_every=every(1)),
}


def without_marks(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages on log as the events are elsewhere: without the mark of the counter."""
    assert len({message["numbered_since"] for message in messages}) == 1
    return [
        {key: value for key, value in message.items() if key != "numbered_since"}
        for message in messages
    ]


@contextmanager
def chair_on(broker: Mosquitto, state: Path | None = None, **sections: Any) -> Iterator[LiveChair]:
    mqtt = {"host": LOOPBACK, "port": broker.port, **sections.pop("mqtt", {})}
    chair = LiveChair(state, mqtt=mqtt, **(QUICK | sections))
    try:
        yield chair
    finally:
        chair.stop()


def test_a_connecting_chair_publishes_online_and_its_state_retained(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker):
        assert watcher.wait(AVAILABILITY) == "online"
        watcher.wait(STATE)

        late = Watcher(broker)
        assert late.wait(AVAILABILITY) == "online"
        assert late.wait(STATE)["occupied"] is False
        assert all(message.retain for message in late.received)
        late.close()


def test_an_error_right_after_an_event_loses_no_line_of_the_log(
    broker: Mosquitto, watcher: Watcher
) -> None:
    def emit_and_fail(chair: LiveChair) -> None:
        loop = chair.service.loop
        chair.service.chair.emit(Snoozed(loop.clock.now(), loop.clock.now()))
        loop.fail(RuntimeError("a test"))

    chair = LiveChair(mqtt={"host": LOOPBACK, "port": broker.port}, **QUICK)
    watcher.event(EVENT, "service_started")
    chair.service.loop.call(emit_and_fail, chair)

    assert watcher.event(EVENT, "snoozed")["seq"] == 2
    with pytest.raises(RuntimeError, match="a test"):
        chair.stop()
    assert [chair.wait(kind)["seq"] for kind in ("service_started", "snoozed")] == [1, 2]


def test_sitting_too_long_reaches_the_event_and_the_log_topic_alike(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        chair.seat.set(True)
        watcher.event(LOG, "move_due")

        assert [event["type"] for event in watcher.on(LOG)] == [
            "service_started",
            "bout_started",
            "move_due",
        ]
        assert watcher.on(EVENT) == without_marks(watcher.on(LOG))
        assert watcher.wait(STATE, lambda state: state["move_due"])["reminders"] == 1


def test_every_record_of_a_bout_is_on_the_log_topic_in_order_and_not_retained(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        chair.seat.set(True)
        watcher.event(LOG, "move_due")
        chair.seat.set(False)
        ended = watcher.event(LOG, "bout_ended")

        assert [event["seq"] for event in watcher.on(LOG)] == list(range(1, ended["seq"] + 1))
        retained = [message for message in watcher.received if message.topic in (EVENT, LOG)]
        assert not any(message.retain for message in retained)


def test_a_killed_chair_is_offline_by_its_last_will(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_program.chair_on(broker, tmp_path) as chair:
        assert watcher.wait(AVAILABILITY) == "online"
        chair.stop(signal.SIGKILL)

        assert watcher.wait(AVAILABILITY) == "offline"
        late = Watcher(broker, AVAILABILITY)
        assert late.wait(AVAILABILITY) == "offline"
        assert late.received[0].retain
        late.close()


def test_a_stopped_chair_publishes_the_event_and_then_offline_and_exits_with_0(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_program.chair_on(broker, tmp_path) as chair:
        watcher.wait(AVAILABILITY)

        assert chair.stop().code == 0

        watcher.event(LOG, "service_stopped")
        assert watcher.wait(AVAILABILITY) == "offline"


def test_the_numbers_continue_after_a_kill_without_a_gap(
    stopped_broker: Mosquitto, tmp_path: Path
) -> None:
    with chair_program.chair_on(stopped_broker, tmp_path) as chair:
        chair.say("contact\n1\n")
        chair.wait_for("sat down")
        chair.stop(signal.SIGKILL)
    stopped_broker.start()
    watcher = Watcher(stopped_broker)
    with chair_program.chair_on(stopped_broker, tmp_path):
        watcher.wait(LOG, lambda event: event["seq"] == 3)

    events = {event["seq"]: event["type"] for event in watcher.on(LOG)}
    assert events == {1: "service_started", 2: "bout_started", 3: "service_started"}
    watcher.close()


def test_the_buzzer_sounds_without_a_broker_and_the_log_arrives_later(
    stopped_broker: Mosquitto,
) -> None:
    with chair_on(stopped_broker, mqtt={"fresh_for": every(1)}) as chair:
        chair.seat.set(True)
        chair.wait_for_buzzer(True)
        due = chair.wait("move_due")
        gave_time = chair.wait("move_reminder")
        stopped_broker.start()
        watcher = Watcher(stopped_broker)

        watcher.wait(LOG, lambda event: event["seq"] == gave_time["seq"])
        sequence = [event["seq"] for event in watcher.on(LOG)]
        assert sequence == list(range(1, len(sequence) + 1))
        assert due in without_marks(watcher.on(LOG))
        assert due not in watcher.on(EVENT), "an event older than fresh_for is no news"
        watcher.close()


def test_a_broker_that_never_answers_does_not_delay_the_buzzer() -> None:
    with socket.create_server((LOOPBACK, 0)) as deaf:
        port = deaf.getsockname()[1]
        chair = LiveChair(mqtt={"host": LOOPBACK, "port": port}, **QUICK)
        chair.seat.set(True)
        chair.wait_for_buzzer(True)
        assert chair.wait("move_due")["silent"] is False
        chair.stop()


def test_a_broker_that_never_answers_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server((LOOPBACK, 0)) as deaf:
        mqtt = {"host": LOOPBACK, "port": deaf.getsockname()[1]}
        chair = LiveChair(mqtt=mqtt, **QUICK)
        for _ in range(2):
            deaf.accept()[0].close()
        until(lambda: "does not answer" in caplog.text, "the complaint")
        deaf.accept()[0].close()
        chair.stop()

    assert caplog.text.count("does not answer") == 1


def test_a_chair_connects_again_after_the_broker_was_gone(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        watcher.event(LOG, "service_started")
        broker.stop()
        chair.seat.set(True)
        chair.wait("bout_started")
        broker.start()

        assert watcher.wait(AVAILABILITY, lambda word: word == "online")
        watcher.event(LOG, "bout_started")
        watcher.publish(f"{ROOT}/command/hold", "ON")
        watcher.event(LOG, "hold_started")


def test_events_during_an_outage_of_the_broker_arrive_without_a_gap(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker, sitting=SittingSettings(min_break=every(60))) as chair:
        watcher.event(LOG, "service_started")
        chair.seat.set(True)
        chair.wait("bout_started")
        for restarts in range(6):
            chair.seat.set(False)
            chair.wait("stood_up")
            broker.start() if restarts % 2 else broker.stop()
            chair.seat.set(True)
            last = chair.wait("sat_back")

        watcher.wait(LOG, lambda event: event["seq"] == last["seq"])
        assert {event["seq"] for event in watcher.on(LOG)} == set(range(1, last["seq"] + 1))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_both_versions_of_mqtt_carry_events_and_commands(
    version: str, broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker, mqtt={"version": version}):
        watcher.wait(AVAILABILITY)
        watcher.publish(f"{ROOT}/command/move_after", "45m")

        assert watcher.wait(STATE, lambda state: state["move_after_s"] == 2700)


def test_the_state_is_sent_with_every_heartbeat_while_a_person_sits(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker, mqtt={"heartbeat": every(1)}, sitting=SittingSettings()) as chair:
        chair.seat.set(True)
        watcher.wait(STATE, lambda state: state["bout_s"] == 1)
        watcher.wait(STATE, lambda state: state["bout_s"] == 2)


@pytest.mark.parametrize(
    ("command", "payload", "answer"),
    [
        ("hold", "ON", ("hold", True)),
        ("hold", "20m", ("hold", True)),
        ("move_after", "1h", ("move_after_s", 3600)),
        ("min_break", "90", ("min_break_s", 90)),
        ("buzzer", "OFF", ("buzzer", False)),
    ],
)
def test_a_command_is_followed_by_the_new_state(
    command: str, payload: str, answer: tuple[str, Any], broker: Mosquitto, watcher: Watcher
) -> None:
    key, value = answer
    with chair_on(broker):
        watcher.wait(AVAILABILITY)
        watcher.publish(f"{ROOT}/command/{command}", payload)

        assert watcher.wait(STATE, lambda state: state[key] == value)


@pytest.mark.parametrize(
    ("command", "payload", "retain", "why"),
    [
        ("dance", "", False, "there is no such command"),
        ("move_after", "soon", False, "expected a duration"),
        ("move_after", "25h", False, "expected 1s to 24h"),
        ("buzzer", "maybe", False, "expected ON or OFF"),
        ("hold", b"\xff\xfe", False, "not UTF-8"),
        ("hold", "x" * 4097, False, "at most 4096"),
        ("hold", "ON", True, "retained"),
        ("snooze", "", False, "no reminder is on its way"),
        ("test_buzzer", "", False, "the seat is empty"),
    ],
)
def test_a_rejected_command_changes_nothing_and_is_answered_with_the_reason(
    command: str, payload: str, retain: bool, why: str, broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        watcher.wait(STATE)
        before = chair.service.chair.decider.chair
        watcher.publish(f"{ROOT}/command/{command}", payload, retain=retain)
        answer = watcher.event(EVENT, "command_rejected")

        assert answer["command"] == command
        assert why in answer["why"]
        assert chair.service.chair.decider.chair == before


def test_a_retained_command_is_rejected_at_the_start(broker: Mosquitto, watcher: Watcher) -> None:
    watcher.publish(f"{ROOT}/command/buzzer", "OFF", retain=True)
    with chair_on(broker) as chair:
        assert "retained" in watcher.event(EVENT, "command_rejected")["why"]
        assert chair.service.chair.decider.chair.buzzer_on


def test_a_snooze_over_the_broker_puts_the_reminder_off(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        chair.seat.set(True)
        due = watcher.event(LOG, "move_due")
        watcher.publish(f"{ROOT}/command/snooze", "")

        until_ = datetime.fromisoformat(watcher.event(LOG, "snoozed")["until"])
        assert until_ - datetime.fromisoformat(due["at"]) == timedelta(minutes=5, seconds=1)


def test_a_wrong_password_is_logged_and_the_chair_goes_on(
    mosquitto_is_here: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret").write_text("not the password\n")
    (tmp_path / "passwords").touch(mode=0o600)
    guarded = Mosquitto(
        tmp_path, "allow_anonymous false", f"password_file {tmp_path / 'passwords'}"
    )
    guarded.start()
    login = {"username": "chair", "password_file": str(tmp_path / "secret")}
    with chair_on(guarded, mqtt=login) as chair:
        until(lambda: "refuses the connection" in caplog.text, "the refusal is logged")
        chair.seat.set(True)
        chair.wait_for_buzzer(True)
    guarded.stop()

    assert "not the password" not in caplog.text


def test_the_messages_have_exactly_the_documented_keys(broker: Mosquitto, watcher: Watcher) -> None:
    page = (Path(__file__).parents[2] / "service" / "messages.md").read_text(encoding="utf-8")
    with chair_on(broker):
        state = watcher.wait(STATE)

    missing = [key for key in state if f"| `{key}` |" not in page]
    assert not missing, f"service/messages.md does not explain {json.dumps(missing)}"


def test_a_chair_without_tls_never_loads_openssl(broker: Mosquitto, tmp_path: Path) -> None:
    settings = {
        "UNSIT_MQTT__HOST": LOOPBACK,
        "UNSIT_MQTT__PORT": str(broker.port),
        "XDG_STATE_HOME": str(tmp_path),
    }

    with Program("run", "--simulate", "-", *NO_DWELL, env=settings) as chair:
        chair.wait_for("connected to the broker")
        chair.say("contact\n1\n")
        chair.wait_for("sat down")
        broker.stop()
        chair.wait_for("lost the broker")
        chair.wait_for("cannot reach the broker")
        broker.start()
        chair.wait_for("connected to the broker")
        libraries = Path(f"/proc/{chair.pid}/maps").read_text(encoding="utf-8")

    assert "libcrypto" not in libraries
