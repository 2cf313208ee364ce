"""Holds by reason: their messages, and their life over a real mosquitto."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.live_chair import LiveChair, every
from support.mosquitto import LOOPBACK, Mosquitto, Watcher
from unsit.core.inputs import Hold, Holder, HoldMessage, SourcesListed, TopicCleared
from unsit.core.instant import Instant
from unsit.core.transition.holds import SOURCES_MAX
from unsit.mqtt.command import CommandRejected
from unsit.mqtt.holds import AHEAD_MAX, REASON_MAX_CHARACTERS, HoldSources
from unsit.mqtt.link import Outcome, Refusal
from unsit.mqtt.topics import PAYLOAD_MAX_BYTES, Topics
from unsit.settings.model import SeatSettings, SittingSettings
from unsit.settings.values import parse_duration

NOW = timedelta(hours=1)
TOPICS = Topics("unsit", "desk")
CALL = TOPICS.command("hold/call")
MORNING = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
"""The date of ``NOW``."""


def instant_of(date: datetime) -> Instant:
    return NOW + (date - MORNING)


class RecordingLink:
    """Link that keeps what is sent, and answers the subscriptions by name."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.fences: list[bytes] = []
        self.subscriptions: list[str] = []
        self._refusal = refusal

    def send(self, topic: str, payload: str) -> None:
        assert topic == TOPICS.check
        self.fences.append(payload.encode())

    def subscribe(self, topic: str, then: Outcome) -> None:
        self.subscriptions.append(topic)
        then(self._refusal)


def sources(*known: str, flags_retained: bool = True) -> HoldSources:
    """Return a reader for a chair that knows the holds of some reasons."""
    return HoldSources(
        TOPICS, parse_duration, instant_of, lambda: known, flags_retained=flags_retained
    )


def request_of(payload: bytes, topic: str = CALL, *, retained: bool = True) -> Any:
    return sources().request_of(topic, payload, retained=retained, now=NOW)


@pytest.mark.parametrize(
    ("payload", "until"),
    [
        (b"ON", None),
        (b' "on" ', None),
        (b"30m", NOW + timedelta(minutes=30)),
        (b"PT1H30M", NOW + timedelta(minutes=90)),
        (b"2026-12-01T09:45:00+00:00", NOW + timedelta(minutes=45)),
        (b"2026-12-01T10:45:00+01:00", NOW + timedelta(minutes=45)),
        (b"2026-12-01T09:45Z", NOW + timedelta(minutes=45)),
        (b"2026-12-01 04:45:00.5-05:00", NOW + timedelta(minutes=45, seconds=0.5)),
        (b"2026-12-01T08:00:00Z", NOW - timedelta(hours=1)),
    ],
)
def test_a_message_holds_until_the_end_that_it_names(payload: bytes, until: Instant | None) -> None:
    text = payload.decode().strip(' "')
    hold = Hold("call", until, Holder.SOURCE, text, retained=True)
    assert request_of(payload) == HoldMessage(hold)


@pytest.mark.parametrize("payload", [b"", b"OFF", b"off", b'"Off"', b'""'])
def test_off_and_an_empty_message_end_the_hold_of_the_reason(payload: bytes) -> None:
    assert request_of(payload) == TopicCleared("call", Holder.SOURCE)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"5", "it has no unit"),
        (b"17.30", "it has no unit"),
        (b"17:30", "an end with date and zone"),
        (b"2026-12-01T17:30:00", "names no zone"),
        (b"2026-13-01T17:30:00Z", "an end with date and zone"),
        (b"2026-02-30T17:30:00Z", "an end with date and zone"),
        (b"2027-12-01T17:30:00Z", "within 31 days"),
        (b"25h", "1s to 24h"),
        (b"0s", "1s to 24h"),
        (b"maybe", "expected ON, OFF"),
        (b"\xff", "not UTF-8"),
        (b"{" * 65, "at most 64"),
        (b"1" * (PAYLOAD_MAX_BYTES + 1), "at most 4096"),
    ],
)
def test_an_ambiguous_or_impossible_message_is_rejected_with_what_is_expected(
    payload: bytes, why: str
) -> None:
    with pytest.raises(CommandRejected, match=why):
        request_of(payload)


@pytest.mark.parametrize(
    "reason",
    ["", "a/b", "x" * (REASON_MAX_CHARACTERS + 1), "a\nb", "\x1b[2J", "\u202egnp", "hours"],
)
def test_a_reason_that_nobody_can_read_or_that_is_the_chair_s_own_is_rejected(reason: str) -> None:
    with pytest.raises(CommandRejected, match="expected"):
        request_of(b"ON", TOPICS.command(f"hold/{reason}"))


@examples(200)
@given(reason=st.text(max_size=40), payload=st.binary(max_size=80), retained=st.booleans())
def test_no_message_raises_another_error_and_each_hold_is_bounded(
    reason: str, payload: bytes, retained: bool
) -> None:
    topic = TOPICS.command(f"hold/{reason}")
    try:
        request = request_of(payload, topic, retained=retained)
    except CommandRejected:
        return
    if isinstance(request, HoldMessage):
        hold = request.hold
        assert hold.reason.isprintable()
        assert 1 <= len(hold.reason) <= REASON_MAX_CHARACTERS
        assert hold.until is None or hold.until - NOW <= AHEAD_MAX
        assert hold.retained is retained


def test_without_mqtt_5_every_message_counts_as_one_that_the_broker_keeps() -> None:
    reader = sources(flags_retained=False)
    request = reader.request_of(CALL, b"ON", retained=False, now=NOW)
    assert isinstance(request, HoldMessage)
    assert request.hold.retained


def test_only_what_comes_before_the_chair_s_own_message_is_a_repetition() -> None:
    reader, link = sources(), RecordingLink()
    reader.connected(link)
    first = reader.request_of(CALL, b"ON", retained=True, now=NOW)
    assert reader.fence_arrived(b"holds of somebody else", link) is None
    assert reader.fence_arrived(link.fences[0], link) == SourcesListed(frozenset(["call"]))
    second = reader.request_of(CALL, b"ON", retained=True, now=NOW)
    assert (first.is_replay, second.is_replay) == (True, False)  # type: ignore[union-attr]


def test_a_message_that_does_not_come_is_asked_for_by_its_name_before_its_hold_ends() -> None:
    reader, link = sources("call", "focus"), RecordingLink()
    reader.connected(link)
    assert reader.fence_arrived(link.fences[0], link) is None
    assert link.subscriptions == [CALL, TOPICS.command("hold/focus")]
    reader.request_of(CALL, b"ON", retained=True, now=NOW)
    assert reader.fence_arrived(link.fences[1], link) == SourcesListed(frozenset(["call"]))


def test_no_hold_ends_because_the_broker_refuses_to_show_its_message() -> None:
    reader, link = sources("call"), RecordingLink(Refusal("Not authorized"))
    reader.connected(link)
    reader.fence_arrived(link.fences[0], link)
    assert reader.fence_arrived(link.fences[1], link) == SourcesListed(frozenset(["call"]))


def test_the_message_of_an_earlier_connection_proves_nothing() -> None:
    reader, link = sources(), RecordingLink()
    reader.connected(link)
    reader.connected(link)
    assert reader.fence_arrived(link.fences[0], link) is None
    assert reader.fence_arrived(link.fences[1], link) == SourcesListed(frozenset())


# Over a real broker

QUICK: dict[str, Any] = {
    "seat": SeatSettings(sit_dwell=every(0.05), stand_dwell=every(0.05)),
    "sitting": SittingSettings(move_after=every(0.5), min_break=every(60)),
}
VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


@contextmanager
def chair_on(
    broker: Mosquitto, state: Path | None = None, prefix: str = "unsit", **mqtt: Any
) -> Iterator[LiveChair]:
    """Run a chair at the broker."""
    broker_of = {"host": LOOPBACK, "port": broker.port, "prefix": prefix} | mqtt
    chair = LiveChair(state, mqtt=broker_of, **QUICK)
    try:
        yield chair
    finally:
        chair.stop()


def topic(name: str, prefix: str = "unsit") -> str:
    return f"{prefix}/test-chair/{name}"


def held_by(*reasons: str) -> Any:
    """Return the condition that a state shows the holds of exactly these reasons."""
    return lambda state: {hold["reason"] for hold in state["holds"]} == set(reasons)


def held_until(watcher: Watcher, *reasons: str) -> dict[str, Any]:
    """Wait for the holds of these reasons, and return their ends by reason."""
    state = watcher.wait(topic("state"), held_by(*reasons))
    return {hold["reason"]: hold["until"] for hold in state["holds"]}


@pytest.mark.broker
@VERSIONS
@pytest.mark.parametrize("prefix", ["unsit", "home/office"])
def test_a_retained_hold_silences_a_chair_that_starts_and_its_end_brings_the_reminder(
    broker: Mosquitto, watcher: Watcher, version: str, prefix: str
) -> None:
    watcher.publish(topic("command/hold/call", prefix), "ON", retain=True)
    with chair_on(broker, prefix=prefix, version=version) as chair:
        state = watcher.wait(topic("state", prefix), held_by("call"))
        assert state["holds"][0]["holder"] == "source"
        chair.seat.set(True)
        assert watcher.event(topic("log", prefix), "move_due")["silent"] is True
        watcher.publish(topic("command/hold/call", prefix), "", retain=True)
        assert watcher.event(topic("log", prefix), "hold_ended")["reason"] == "call"
        assert watcher.event(topic("log", prefix), "move_reminder")["silent"] is False


@pytest.mark.broker
@VERSIONS
def test_a_hold_goes_on_over_restarts_of_chair_and_broker_with_the_same_end(
    broker: Mosquitto, watcher: Watcher, version: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with chair_on(broker, state, version=version):
        watcher.wait(topic("availability"))
        watcher.publish(topic("command/hold/focus"), "30m", retain=True)
        watcher.publish(topic("command/hold/call"), "ON", retain=True)
        ends = held_until(watcher, "focus", "call")
        broker.stop()
        broker.start()
        watcher.wait(topic("availability"), lambda word: word == "online")
        assert held_until(watcher, "focus", "call") == ends
    with chair_on(broker, state, version=version):
        watcher.wait(topic("availability"), lambda word: word == "online")
        again = held_until(watcher, "focus", "call")
        assert all(is_within_ms(ends[reason], again[reason]) for reason in ends)
        watcher.publish(topic("command/hold/focus"), "OFF", retain=True)
        held_until(watcher, "call")


def is_within_ms(first: str, second: str) -> bool:
    apart = datetime.fromisoformat(first) - datetime.fromisoformat(second)
    return abs(apart) <= timedelta(milliseconds=50)


@pytest.mark.broker
@VERSIONS
def test_a_hold_whose_message_was_emptied_while_the_chair_was_away_ends_at_the_connection(
    broker: Mosquitto, watcher: Watcher, version: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with chair_on(broker, state, version=version):
        watcher.wait(topic("availability"))
        watcher.publish(topic("command/hold/call"), "ON", retain=True)
        watcher.publish(topic("command/hold"), "30m")
        held_until(watcher, "call", "command")
    watcher.publish(topic("command/hold/call"), "", retain=True)
    with chair_on(broker, state, version=version):
        watcher.event(topic("log"), "service_started")
        held_until(watcher, "command")


@pytest.mark.broker
def test_a_hold_ends_when_a_broker_comes_back_without_what_it_kept(
    broker: Mosquitto, watcher: Watcher
) -> None:
    with chair_on(broker) as chair:
        watcher.wait(topic("availability"))
        watcher.publish(topic("command/hold/call"), "ON", retain=True)
        held_until(watcher, "call")
        broker.kill(forgets=True)
        broker.start()
        assert chair.wait("hold_ended")["reason"] == "its message is gone"


@pytest.mark.broker
def test_a_message_that_was_not_retained_holds_over_a_restart_with_mqtt_5(
    broker: Mosquitto, watcher: Watcher, tmp_path: Path
) -> None:
    with chair_on(broker, tmp_path):
        watcher.wait(topic("availability"))
        watcher.publish(topic("command/hold/call"), "1h")
        held_until(watcher, "call")
    with chair_on(broker, tmp_path):
        watcher.event(topic("log"), "service_started")
        watcher.publish(topic("command/hold/focus"), "ON", retain=True)
        held_until(watcher, "call", "focus")


@pytest.mark.broker
def test_thousands_of_reasons_hold_a_bounded_number_and_the_chair_stays_in_command(
    broker: Mosquitto, watcher: Watcher
) -> None:
    for number in range(2000):
        watcher.publish(topic(f"command/hold/reason-{number}"), "ON", retain=True)
    watcher.publish(topic("command/hold/last/one"), "x" * 100_000, retain=True)
    with chair_on(broker) as chair:
        full = watcher.wait(topic("state"), lambda state: len(state["holds"]) == SOURCES_MAX)
        assert full["hold"] is True
        watcher.publish(topic("command/hold"), "OFF")
        assert chair.wait("hold_ended")["reason"] == "command"


@pytest.mark.broker
def test_a_past_end_is_rejected_where_one_sees_it(broker: Mosquitto, watcher: Watcher) -> None:
    with chair_on(broker):
        watcher.wait(topic("availability"))
        watcher.publish(topic("command/hold/focus"), "2020-01-01T00:00:00Z", retain=True)
        answer = watcher.event(topic("event"), "command_rejected")
        assert (answer["command"], answer["why"]) == (
            "hold/focus",
            "the hold would be over already",
        )
