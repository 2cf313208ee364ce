"""Refusals and silences of a broker: each message has an outcome, each refusal is named once."""

import json
import logging
import signal
from pathlib import Path
from typing import Any

import pytest

from support.chair_on_strict_broker import (
    AVAILABILITY,
    CONFIG,
    EVENT,
    EVENTS,
    LOG,
    STATE,
    chair_on,
    delivered_once_and_in_order,
    make_events,
    numbers,
)
from support.live_chair import ROOT, LiveChair
from support.mosquitto import Mosquitto, Watcher, until
from support.program import Program
from support.strict_broker import (
    LOOPBACK,
    NOT_AUTHORIZED,
    SERVER_BUSY,
    SESSION_TAKEN_OVER,
    Limits,
    StrictBroker,
)
from unsit.mqtt import connection, link, publisher


def errors(caplog: pytest.LogCaptureFixture, words: str) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and words in record.getMessage()
    ]


def refused(broker: StrictBroker) -> dict[str, str]:
    """Return what the last state says that the broker refuses."""
    states = broker.on(STATE)
    return (json.loads(states[-1])["refused"] if states else None) or {}


def outbox_of(chair: LiveChair) -> Any:
    return chair.service._outbox


def test_a_refused_log_holds_up_no_event_and_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limits = Limits(refused={LOG: NOT_AUTHORIZED})
    with StrictBroker(limits) as broker, chair_on(broker) as chair:
        broker.wait(lambda: broker.on(AVAILABILITY), "online")
        make_events(chair)
        delivered_once_and_in_order(broker, (EVENT,))
        broker.wait(lambda: LOG in refused(broker), "the state names the refusal")
        assert len(outbox_of(chair)) >= EVENTS
        assert len(broker.refused) <= 2 * connection.IN_FLIGHT_MAX

        limits.refused.clear()
        broker.wait(lambda: numbers(broker.on(LOG))[-1:] == [EVENTS], "the log comes after")
        assert numbers(broker.on(LOG)) == list(range(1, EVENTS + 1))
        broker.wait(lambda: LOG not in refused(broker), "the state shows that it is over")

    assert len(errors(caplog, f"refuses {LOG}: Not authorized")) == 1
    assert broker.violations == []


@pytest.mark.broker
def test_a_log_that_a_mosquitto_forbids_holds_up_no_event_and_no_stop(
    mosquitto_is_here: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rights = tmp_path / "acl"
    rights.write_text(f"topic readwrite #\ntopic deny {LOG}\n")
    broker = Mosquitto(tmp_path, "allow_anonymous true", f"acl_file {rights}")
    broker.start()
    watcher = Watcher(broker)
    with chair_on(broker) as chair:
        watcher.wait(AVAILABILITY)
        make_events(chair)
        watcher.wait(EVENT, lambda one: one["seq"] == EVENTS)
        watcher.wait(STATE, lambda state: LOG in (state["refused"] or {}))
        began = chair.service.loop.clock.now()
        chair.stop()
        took = chair.service.loop.clock.now() - began
    watcher.close()
    broker.stop()

    assert [one["seq"] for one in watcher.on(EVENT)] == list(range(1, EVENTS + 1))
    assert len(errors(caplog, f"refuses {LOG}: Not authorized")) == 1
    assert len(outbox_of(chair)) >= EVENTS
    assert took.total_seconds() < 1


def test_an_event_that_is_refused_again_and_again_is_set_aside_and_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "LOG_RETRY_MIN_S", 0.05)
    monkeypatch.setattr(publisher, "LOG_RETRY_MAX_S", 0.05)
    refuses_one = OneRefused(5)
    with StrictBroker(refuses_one) as broker, chair_on(broker) as chair:
        broker.wait(lambda: broker.on(AVAILABILITY), "online")
        make_events(chair)
        broker.wait(lambda: numbers(broker.on(LOG))[-1:] == [EVENTS], "the others")
        others = [number for number in range(1, EVENTS + 1) if number != 5]
        assert sorted(set(numbers(broker.on(LOG)))) == others
        until(lambda: len(outbox_of(chair)) == 1, "the others have left the outbox")
        assert len(broker.refused) == publisher.LOG_TRIES_MAX + 1

        refuses_one.number = None
        broker.drop_all()
        broker.wait(lambda: 5 in numbers(broker.on(LOG)), "tried with the next connection")


def test_a_log_that_is_refused_for_long_is_complete_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "LOG_RETRY_MIN_S", 0.01)
    monkeypatch.setattr(publisher, "LOG_RETRY_MAX_S", 0.01)
    limits = Limits(refused={LOG: NOT_AUTHORIZED})
    with StrictBroker(limits) as broker, chair_on(broker) as chair:
        broker.wait(lambda: broker.on(AVAILABILITY), "online")
        make_events(chair)
        broker.wait(lambda: len(broker.refused) > 50, "many refusals")
        limits.refused.clear()
        broker.wait(lambda: len(broker.on(LOG)) == EVENTS, "all of the log")
        assert sorted(numbers(broker.on(LOG))) == list(range(1, EVENTS + 1))
        until(lambda: not len(outbox_of(chair)), "all was acknowledged")


class OneRefused(Limits):
    """Limits of a broker that refuses one event on the topic ``log``."""

    def __init__(self, number: int | None) -> None:
        super().__init__()
        self.number = number

    def refusal(self, topic: str, payload: bytes) -> int | None:
        """Return the reason code for a message, None to accept it."""
        is_it = topic == LOG and json.loads(payload)["seq"] == self.number
        return SERVER_BUSY + 0x0E if is_it else None  # 0x97: quota exceeded


def test_a_refused_announcement_is_named_and_everything_else_arrives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with StrictBroker(Limits(refused={CONFIG: NOT_AUTHORIZED})) as broker, chair_on(broker):
        broker.wait(lambda: CONFIG in refused(broker), "the state names the refusal")
        broker.wait(lambda: broker.on(LOG), "the log")

    assert len(errors(caplog, f"refuses {CONFIG}: Not authorized")) == 1


def test_a_refused_subscription_is_named_in_the_log_and_the_state(
    caplog: pytest.LogCaptureFixture,
) -> None:
    commands = f"{ROOT}/command/#"
    limits = Limits(refused_subscriptions={commands: NOT_AUTHORIZED})
    with StrictBroker(limits) as broker, chair_on(broker):
        broker.wait(lambda: commands in refused(broker), "the state names the refusal")
        assert refused(broker)[commands] == "the subscription: Not authorized"

    assert len(errors(caplog, f"refuses {commands}")) == 1


def test_a_stop_is_quick_when_messages_are_refused_or_never_acknowledged() -> None:
    for limits in (Limits(refused={LOG: NOT_AUTHORIZED}), Limits(unacknowledged={LOG, EVENT})):
        with StrictBroker(limits) as broker, chair_on(broker) as chair:
            broker.wait(lambda: broker.on(AVAILABILITY), "online")
            chair.wait("service_started")
            started = chair.service.loop.clock.now()
            chair.stop()
            took = chair.service.loop.clock.now() - started
            broker.wait(lambda: broker.on(AVAILABILITY)[-1:] == [b"offline"], "offline")
        assert took.total_seconds() < 1


def test_a_stop_sends_offline_before_all_events_have_left() -> None:
    limits = Limits(receive_maximum=1, acknowledged_after_s=0.05)
    with StrictBroker(limits) as broker, chair_on(broker) as chair:
        broker.wait(lambda: broker.on(AVAILABILITY), "online")
        make_events(chair)
        chair.stop()

        assert broker.on(AVAILABILITY) == [b"online", b"offline"]
        assert len(broker.on(LOG)) < EVENTS
    assert broker.violations == []


def test_a_stop_that_cannot_send_offline_leaves_it_to_the_last_will() -> None:
    limits = Limits(receive_maximum=1, unacknowledged={EVENT, LOG})
    with StrictBroker(limits) as broker, chair_on(broker) as chair:
        broker.wait(lambda: broker.on(EVENT), "an event on its way")
        chair.stop()

        until(lambda: broker.retained[AVAILABILITY] == b"offline", "the last will")
        assert broker.on(AVAILABILITY) == [b"online"]


def test_what_fits_in_no_packet_is_named_once_over_all_connections(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with StrictBroker(Limits(packet_bytes=200)) as broker, chair_on(broker) as chair:
        for number in (1, 2):
            broker.wait(
                lambda number=number: len(broker.on(AVAILABILITY)) == number, "a connection"
            )
            until(lambda: STATE in (chair.service._publisher.refused or {}), "the state is named")  # type: ignore[union-attr]
            broker.drop_all()

    assert len(errors(caplog, f"refuses {STATE}: packets above 200 bytes")) == 1
    assert broker.on(STATE) == []
    assert broker.violations == []


def test_a_message_without_an_acknowledgement_ends_the_connection_and_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "ACK_CHECK_S", 0.1)
    with StrictBroker(Limits(unacknowledged={LOG})) as broker, chair_on(broker) as chair:
        broker.wait(lambda: len(broker.connections) > 1, "it connects again", 10)
        broker.limits.unacknowledged.clear()
        broker.wait(lambda: broker.on(LOG), "the log arrives")
        broker.wait(lambda: not len(outbox_of(chair)), "all was acknowledged")

    assert len(errors(caplog, f"no acknowledgement of a message on {LOG} in 30 s")) == 1


def test_news_that_was_acknowledged_is_not_repeated_after_a_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "ACK_CHECK_S", 0.1)
    with StrictBroker(Limits(unacknowledged={LOG})) as broker, chair_on(broker):
        broker.wait(lambda: len(broker.connections) > 2, "two connections were lost", 15)
        assert len(broker.on(LOG)) >= 2
        assert numbers(broker.on(EVENT)) == [1]


@pytest.mark.program
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_news_that_was_acknowledged_is_not_repeated_after_a_restart(
    number: signal.Signals, tmp_path: Path
) -> None:
    def start() -> Program:
        settings = [f"mqtt.host={LOOPBACK}", f"mqtt.port={broker.port}", "chair.id=test-chair"]
        options = [part for one in settings for part in ("--set", one)]
        return Program("run", "--simulate", "-", "--state-dir", str(tmp_path), *options)

    with StrictBroker(Limits(unacknowledged={LOG})) as broker:
        with start() as chair:
            broker.wait(lambda: len(broker.on(EVENT)) == 1, "news")
            for sent, payload in enumerate((b"ON", b"OFF"), start=2):  # answers come in order
                broker.send(f"{ROOT}/command/hold", payload)
                broker.wait(lambda sent=sent: len(broker.on(EVENT)) == sent, "a command")
            chair.stop(number)
        before = len(broker.on(LOG))
        with start() as chair:
            broker.wait(lambda: len(broker.on(LOG)) >= before + 2, "the log begins again")
            broker.wait(lambda: numbers(broker.on(EVENT))[-1] > 3, "later news")
            chair.stop()

    assert numbers(broker.on(LOG)).count(1) == 2
    assert numbers(broker.on(EVENT)).count(1) == 1


def test_a_session_that_is_taken_over_is_named_with_its_cause_and_not_fought_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with StrictBroker() as broker, chair_on(broker) as one, chair_on(broker) as other:
        broker.wait(lambda: len(broker.connections) >= 6, "they throw each other out", 30)
        own_id = "the client id unsit-test-chair"
        broker.wait(lambda: own_id in refused(broker), "the state names it")
        assert one.service._publisher is not other.service._publisher
    said = errors(caplog, f"refuses {own_id}: Session taken over")
    assert len(said) == 2, "each says it once"
    assert "give each chair a chair.id of its own" in said[0]
    assert len(errors(caplog, "lost the broker")) <= 4
    assert SESSION_TAKEN_OVER == link.SESSION_TAKEN_OVER


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_short_connections_without_a_reason_are_named_and_tried_less_and_less_often(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    with StrictBroker(Limits(reason_given=False)) as broker, chair_on(broker, version=version):
        for number in range(1, 4):
            broker.wait(lambda number=number: len(broker.connections) >= number, "a connection")
            broker.wait(lambda number=number: len(broker.on(AVAILABILITY)) >= number, "online")
            broker.drop_all()
        broker.wait(lambda: len(errors(caplog, "connections end soon")) == 1, "the cause", 10)

    assert len(errors(caplog, "lost the broker")) == 1


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_limit_of_which_the_broker_says_nothing_is_found_out(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "RETRY_MAX_S", 0.2)
    monkeypatch.setattr(link, "RETRY_MIN_S", 0.1)
    limits = Limits(packet_bytes=4000, told=False, reason_given=False)
    with StrictBroker(limits) as broker, chair_on(broker, version=version) as chair:
        broker.wait(lambda: broker.on(LOG), "the log arrives", 20)
        assert numbers(broker.on(LOG)) == [1]
        parts = [json.loads(payload)["components"] for payload in broker.on(CONFIG)]
        assert {"occupied", "event", "hold"} <= {key for part in parts for key in part}
        chair.wait("service_started")


def test_an_idle_chair_pings_as_often_as_the_broker_asks() -> None:
    with StrictBroker(Limits(keepalive=1)) as broker, chair_on(broker):
        broker.wait(lambda: broker.on(LOG), "the log arrives")
        with pytest.raises(AssertionError):
            broker.wait(lambda: len(broker.connections) > 1, "a lost connection", 4)
    assert broker.violations == []
