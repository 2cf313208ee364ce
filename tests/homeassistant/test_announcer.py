"""When Home Assistant is told of a chair, and what is cleared away."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from unsit.homeassistant.announcer import (
    EARLIEST,
    LATEST,
    UNTIL_REMOVED,
    Announcer,
    Trace,
    Traces,
)
from unsit.homeassistant.discovery import Description, discovery, discovery_topic, platforms_of
from unsit.homeassistant.entities import Equipment
from unsit.mqtt.topics import Topics

BIRTH = "homeassistant/status"
CLEARED = ""


@dataclass
class World:
    """A broker's end of the wire, time that passes on demand, and what is kept."""

    connected: bool = True
    sent: list[tuple[str, Any]] = field(default_factory=list)
    traces: Traces = field(default_factory=Traces)
    kept_when_sent: list[Traces] = field(default_factory=list)
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> int:
        assert retain
        self.kept_when_sent.append(self.traces)
        self.sent.append((topic, json.loads(payload) if payload else CLEARED))
        return len(self.sent)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.waiting.append((seconds, act))

    def pass_time(self) -> None:
        """All that waits happens."""
        waiting, self.waiting = self.waiting, []
        for _, act in waiting:
            act()

    def keep(self, traces: Traces) -> None:
        """As it comes back from the disk."""
        self.traces = Traces.read(json.loads(json.dumps(traces.document())))

    @property
    def topics(self) -> list[str]:
        """What was sent on, in order."""
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
        """The service starts anew, with these settings."""
        self.sent, self.waiting = [], []
        topics = Topics(prefix, chair)
        of = Description(topics, "Chair", "1", equipment=equipment or Equipment())
        return Announcer(
            self,
            topics,
            discovery_topic(discovery_prefix, chair),
            discovery(of) if announced else None,
            birth_topic=BIRTH,
            traces=self.traces,
            keep=self.keep,
            later=self.later,
        )


@pytest.fixture
def world() -> World:
    """A broker that nobody has told of a chair yet."""
    return World()


def config(chair: str = "my-chair", prefix: str = "homeassistant") -> str:
    return discovery_topic(prefix, chair)


def test_the_first_announcement_is_one_message(world: World) -> None:
    assert world.chair().announce()

    assert world.topics == [config()]
    assert world.waiting == []


def test_what_was_announced_is_kept_before_it_is_sent(world: World) -> None:
    world.chair().announce()

    current = world.kept_when_sent[0].current
    assert current is not None
    assert current.topics == {config(), "unsit/my-chair/availability", "unsit/my-chair/state"}


def test_the_birth_of_home_assistant_is_answered_after_a_while(world: World) -> None:
    announcer = world.chair()

    assert announcer.topics == [BIRTH]
    delays = {announcer.heard(BIRTH, b"online") for _ in range(50)}
    assert all(delay is not None and EARLIEST <= delay <= LATEST for delay in delays)
    assert len(delays) > 1, "all chairs of a house would answer at once"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [(BIRTH, b"offline"), (BIRTH, b""), (BIRTH, b"\xff"), ("other", b"online")],
)
def test_nothing_else_is_answered(world: World, topic: str, payload: bytes) -> None:
    assert world.chair().heard(topic, payload) is None


def test_an_entity_that_is_gone_is_removed_before_the_message_without_it(world: World) -> None:
    world.chair().announce()
    world.chair(equipment=Equipment(buzzer=False)).announce()

    (_, farewell), (_, payload) = world.sent
    assert farewell["components"]["buzzer"] == {"platform": "switch"}
    assert farewell["components"]["test_buzzer"] == {"platform": "button"}
    assert "buzzer" not in payload["components"]


def test_the_same_chair_once_more_is_one_message_again(world: World) -> None:
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
    assert [seconds for seconds, _ in world.waiting] == [UNTIL_REMOVED]
    world.pass_time()
    assert world.sent[2:] == [
        ("unsit/my-chair/availability", CLEARED),
        ("unsit/my-chair/state", CLEARED),
    ]


def test_what_was_cleared_is_forgotten_once_all_of_it_has_arrived(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    world.pass_time()
    for mid in (1, 3):
        renamed.acknowledged(mid)
        assert len(world.traces.stale) == 1
    renamed.acknowledged(4)

    assert world.traces.stale == ()
    world.chair("new-chair").announce()
    assert world.topics == [config("new-chair")]


def test_what_was_not_acknowledged_is_cleared_again_with_the_next_connection(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    renamed.lost()
    world.connected = False
    world.pass_time()
    world.connected = True
    renamed.announce()

    assert world.topics == [config(), config("new-chair")] * 2


def test_a_clearing_that_is_on_its_way_is_not_sent_twice(world: World) -> None:
    world.chair().announce()
    renamed = world.chair("new-chair")
    renamed.announce()
    renamed.announce()

    assert world.topics == [config(), config("new-chair"), config("new-chair")]


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


def test_a_chair_that_is_not_to_be_announced_says_nothing_and_listens_to_nothing(
    world: World,
) -> None:
    announcer = world.chair(announced=False)

    assert not announcer.announce()
    assert announcer.topics == []
    assert world.sent == []


def test_a_chair_that_is_no_longer_to_be_announced_takes_its_announcement_back(
    world: World,
) -> None:
    world.chair().announce()
    world.chair(announced=False).announce()

    assert world.sent == [(config(), CLEARED)]


def test_traces_are_read_as_they_were_kept() -> None:
    payload = discovery(Description(Topics("unsit", "a"), "Chair", "1"))
    trace = Trace("c", "a", "s", platforms_of(payload))
    traces = Traces(trace, (Trace(None, "x", "y"),))

    assert Traces.read(json.loads(json.dumps(traces.document()))) == traces
    with pytest.raises((KeyError, TypeError)):
        Traces.read({"current": {"topic": "t"}, "stale": []})
