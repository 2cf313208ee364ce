"""Announcer: times of the announcement, and deletion of stale messages."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from unsit.homeassistant.announcer import (
    DELAY_MAX_S,
    DELAY_MIN_S,
    REMOVAL_S,
    Announcer,
    Trace,
    Traces,
)
from unsit.homeassistant.discovery import (
    Description,
    Equipment,
    discovery,
    discovery_topic,
    platforms_of,
)
from unsit.mqtt.link import Outcome, Refusal
from unsit.mqtt.topics import Topics

BIRTH = "homeassistant/status"
CLEARED = ""


@dataclass
class World:
    """Broker that records messages, with time that passes on demand and stored traces."""

    connected: bool = True
    packet_bytes: int | None = None
    sent: list[tuple[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    traces: Traces = field(default_factory=Traces)
    kept_when_sent: list[Traces] = field(default_factory=list)
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def send(
        self,
        topic: str,
        payload: str,
        *,
        retain: bool = False,
        key: str | None = None,
        then: Outcome | None = None,
    ) -> None:
        assert retain
        assert key is not None, "only the newest of its kind may wait"
        self.kept_when_sent.append(self.traces)
        self.sent.append((topic, json.loads(payload) if payload else CLEARED))
        self.outcomes.append(then or (lambda refusal: None))

    def fits(self, topic: str, payload: str) -> bool:
        return self.packet_bytes is None or len(payload.encode()) <= self.packet_bytes

    def refuse(self, what: str, why: str) -> None:
        self.refused.append(f"{what}: {why}")

    def call_after(self, seconds: float, act: Callable[[], None]) -> None:
        self.waiting.append((seconds, act))

    def pass_time(self) -> None:
        """Call all waiting functions."""
        waiting, self.waiting = self.waiting, []
        for _, act in waiting:
            act()

    def keep(self, traces: Traces) -> None:
        """Store the traces, converted to JSON and back."""
        self.traces = Traces.read(json.loads(json.dumps(traces.document())))

    @property
    def topics(self) -> list[str]:
        """Topics of the sent messages, in order."""
        return [topic for topic, _ in self.sent]

    def chair(
        self,
        chair: str = "my-chair",
        *,
        prefix: str = "unsit",
        discovery_prefix: str = "homeassistant",
        equipment: Equipment | None = None,
        announced: bool = True,
    ) -> Announcer:
        """Start the service again with these settings, and return its announcer."""
        self.sent, self.outcomes, self.waiting = [], [], []
        topics = Topics(prefix, chair)
        description = Description(topics, "Chair", "1", equipment=equipment or Equipment())
        return Announcer(
            self,
            topics,
            discovery_topic(discovery_prefix, chair),
            discovery(description) if announced else None,
            birth_topic=BIRTH,
            traces=self.traces,
            keep=self.keep,
            call_after=self.call_after,
        )


@pytest.fixture
def world() -> World:
    """Return a broker without any messages."""
    return World()


def config(chair: str = "my-chair", prefix: str = "homeassistant") -> str:
    return discovery_topic(prefix, chair)


def test_the_first_announcement_is_one_message(world: World) -> None:
    assert world.chair().announce()

    assert world.topics == [config()]
    assert world.waiting == []


def test_the_trace_is_stored_before_the_announcement_is_sent(world: World) -> None:
    world.chair().announce()

    current = world.kept_when_sent[0].current
    assert current is not None
    assert current.topics == {config(), "unsit/my-chair/availability", "unsit/my-chair/state"}


def test_a_birth_message_is_answered_after_a_delay(world: World) -> None:
    announcer = world.chair()

    assert announcer.topics == [BIRTH]
    delays = {announcer.delay_after(BIRTH, b"online") for _ in range(50)}
    assert all(delay is not None and DELAY_MIN_S <= delay <= DELAY_MAX_S for delay in delays)
    assert len(delays) > 1, "all chairs of a house would answer at once"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [(BIRTH, b"offline"), (BIRTH, b""), (BIRTH, b"\xff"), ("other", b"online")],
)
def test_no_other_message_is_answered(world: World, topic: str, payload: bytes) -> None:
    assert world.chair().delay_after(topic, payload) is None


def test_a_missing_entity_is_removed_before_the_new_message(world: World) -> None:
    world.chair().announce()
    world.chair(equipment=Equipment(buzzer=False)).announce()

    (_, farewell), (_, payload) = world.sent
    assert farewell["components"]["buzzer"] == {"platform": "switch"}
    assert farewell["components"]["test_buzzer"] == {"platform": "button"}
    assert "buzzer" not in payload["components"]


def test_the_same_chair_is_announced_again_with_one_message(world: World) -> None:
    world.chair().announce()
    again = world.chair()
    again.announce()
    again.announce()

    assert world.topics == [config(), config()]


def test_a_chair_of_another_id_clears_the_old_one_first(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()

    assert [topic for topic in world.sent if topic[1] == CLEARED] == [(config(), CLEARED)]
    assert world.topics == [config(), config("new-chair")]
    assert [seconds for seconds, _ in world.waiting] == [REMOVAL_S]
    world.pass_time()
    assert world.sent[2:] == [
        ("unsit/my-chair/availability", CLEARED),
        ("unsit/my-chair/state", CLEARED),
    ]


def test_a_trace_is_removed_once_all_its_topics_are_cleared(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    world.pass_time()
    for number in (0, 2):
        world.outcomes[number](None)
        assert len(world.traces.stale) == 1
    world.outcomes[3](None)

    assert world.traces.stale == ()
    world.chair("new-chair").announce()
    assert world.topics == [config("new-chair")]


def test_a_clearing_that_is_refused_leaves_the_trace(world: World) -> None:
    world.chair().announce()
    world.chair("new-chair").announce()
    world.pass_time()
    for settle in world.outcomes:
        settle(Refusal("Not authorized"))

    assert len(world.traces.stale) == 1


def test_an_unacknowledged_clearing_is_repeated_with_the_next_connection(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    world.connected = False
    world.pass_time()
    world.connected = True
    renamed.announce()

    assert world.topics == [config(), config("new-chair")] * 2


@pytest.mark.parametrize("limit", [1500, 2000, 4000, 8000])
def test_a_message_that_is_too_large_goes_in_parts_that_have_every_entity(
    world: World, limit: int
) -> None:
    world.chair().announce()
    (_, whole), *_ = world.sent
    world.packet_bytes = limit
    world.chair().announce()

    parts = [payload for _, payload in world.sent]
    assert len(parts) > 1
    assert all(len(json.dumps(part).encode()) <= limit for part in parts)
    assert all(part | {"components": {}} == whole | {"components": {}} for part in parts)
    entities = [item for part in parts for item in part["components"].items()]
    assert entities == list(whole["components"].items())
    assert world.refused == []


def test_entities_that_fit_in_no_packet_are_named_and_the_others_are_sent(world: World) -> None:
    world.chair().announce()
    (_, whole), *_ = world.sent
    frame = len(json.dumps(whole | {"components": {}}))
    world.packet_bytes = frame + 600
    world.chair().announce()

    sent = {key for _, part in world.sent for key in part["components"]}
    missing = whole["components"].keys() - sent
    assert missing
    assert sent
    [said] = world.refused
    assert said.startswith(f"entities at {config()}: {len(missing)} entities fit in no packet: ")
    assert any(key in said for key in missing)


def test_several_old_chairs_are_cleared_each_topic_once(world: World) -> None:
    world.chair().announce()
    world.chair(prefix="house").announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    world.pass_time()

    cleared = [topic for topic, payload in world.sent if payload == CLEARED]
    assert sorted(cleared) == [
        config(),
        "house/my-chair/availability",
        "house/my-chair/state",
        "unsit/my-chair/availability",
        "unsit/my-chair/state",
    ]


def test_another_prefix_leaves_the_device_and_clears_its_old_topics(world: World) -> None:
    world.chair().announce()
    world.chair(prefix="house").announce()
    world.pass_time()

    assert world.topics == [config(), "unsit/my-chair/availability", "unsit/my-chair/state"]
    assert world.sent[0][1] != CLEARED


def test_another_discovery_prefix_clears_the_old_announcement(world: World) -> None:
    world.chair().announce()
    world.chair(discovery_prefix="house").announce()

    assert world.sent[0] == (config(), CLEARED)
    assert world.topics[1] == config(prefix="house")


def test_a_chair_that_goes_back_to_its_old_id_does_not_clear_itself(world: World) -> None:
    world.chair().announce()
    world.chair("new-chair").announce()
    world.chair().announce()
    world.pass_time()

    cleared = {topic for topic, payload in world.sent if payload == CLEARED}
    assert cleared == {config("new-chair"), "unsit/new-chair/availability", "unsit/new-chair/state"}


def test_a_chair_without_discovery_sends_no_announcement_and_subscribes_to_nothing(
    world: World,
) -> None:
    announcer = world.chair(announced=False)

    assert not announcer.announce()
    assert announcer.topics == []
    assert world.sent == []


def test_a_chair_whose_discovery_is_switched_off_deletes_its_announcement(
    world: World,
) -> None:
    world.chair().announce()
    world.chair(announced=False).announce()

    assert world.sent == [(config(), CLEARED)]


def test_traces_are_read_back_unchanged() -> None:
    payload = discovery(Description(Topics("unsit", "a"), "Chair", "1"))
    trace = Trace("c", "a", "s", platforms_of(payload))
    traces = Traces(trace, (Trace(None, "x", "y"),))

    assert Traces.read(json.loads(json.dumps(traces.document()))) == traces
    with pytest.raises((KeyError, TypeError)):
        Traces.read({"current": {"topic": "t"}, "stale": []})
