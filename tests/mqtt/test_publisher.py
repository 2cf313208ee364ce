"""Publisher without a broker: floods of commands and of birth messages, in virtual time."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from unsit.core.events import SatBack
from unsit.core.instant import ZERO, Instant
from unsit.mqtt.command import CommandReader
from unsit.mqtt.link import Link, Listener, Outcome
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.publisher import Allowance, Publisher
from unsit.mqtt.topics import HoldTopics, Topics
from unsit.runtime.clock import VirtualClock
from unsit.runtime.loop import Loop
from unsit.runtime.record import Recorder
from unsit.runtime.state_file import StateFile
from unsit.settings.changes import Changes
from unsit.settings.model import Settings
from unsit.settings.values import parse_duration, parse_time

ROOT = "unsit/desk"
BIRTH = "homeassistant/status"


class EagerLink:
    """Link that acknowledges every message soon, and records all of them."""

    def __init__(self, loop: Loop) -> None:
        self.connected = True
        self.room = 20
        self.sent: list[str] = []
        self.offered: list[dict[str, Any]] = []
        self._loop = loop

    def start(self, listener: Listener) -> None:
        self.listener = listener

    def fits(self, topic: str, payload: str) -> bool:
        return True

    def send(self, topic: str, payload: str, *, then: Outcome | None = None, **_: Any) -> None:
        self.sent.append(topic)
        if then is not None:
            self._loop.call(then, None)

    def offer(self, topic: str, payload: str) -> bool:
        self.offered.append(json.loads(payload))
        return True


class CountingAnnouncer:
    """Announcer that counts its announcements."""

    topics = (BIRTH,)

    def __init__(self) -> None:
        self.announcements = 0

    def announce(self) -> bool:
        self.announcements += 1
        return True

    def delay_after(self, topic: str, payload: bytes) -> float | None:
        return 2.0


class World:
    """Publisher in virtual time, which receives the same message again and again.

    every: period of the message in s. The world goes on for a minute after the last one.
    """

    def __init__(
        self, file: StateFile, topic: str, payload: bytes, *, every: float, times: int
    ) -> None:
        def messages() -> Iterator[tuple[Instant, Callable[[], None]]]:
            for number in range(times):
                at = timedelta(seconds=every * number)
                yield at, lambda: self.link.listener.message(topic, payload, False)
            yield at + timedelta(seconds=70), lambda: None

        clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC), messages(), lambda: loop.stop())
        self.clock = clock
        loop = Loop(clock)
        self.link = EagerLink(loop)
        self.announcer = CountingAnnouncer()
        self.outbox = Outbox(file)
        self.publisher = Publisher(
            loop,
            cast("Link", self.link),
            Topics("unsit", "desk"),
            self.outbox,
            CommandReader(
                parse_duration, parse_time, lambda of_day: ZERO, Changes(Settings()).reset_request
            ),
            state=lambda: {"occupied": False},
            request=lambda request, topic: None,
            fresh_for=timedelta(minutes=1),
            heartbeat=timedelta(minutes=1),
            hold_topics=HoldTopics(["call"], ["on"]),
            announcer=cast("Any", self.announcer),
        )
        self.publisher.start()
        loop.run()


@pytest.fixture
def memory() -> Iterator[StateFile]:
    """Yield a state file in memory, and close it after the test."""
    with closing(StateFile()) as file:
        yield file


def test_a_flood_of_rejected_commands_is_answered_and_logged_a_few_times_and_counted(
    memory: StateFile, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        world = World(memory, f"{ROOT}/command/dance", b"", every=0.001, times=10_000)

    assert world.publisher.rejected == 10_000
    assert 20 <= len(world.link.offered) <= 25, "five at once, then two in a second"
    assert {answer["why"][:24] for answer in world.link.offered} == {"there is no such command"}
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) <= 13
    [rest] = [line for line in lines if "more commands" in line]
    assert int(rest.split()[0]) == 10_000 - len(lines) + 1


def test_a_flood_of_unreadable_hold_messages_is_logged_a_few_times(
    memory: StateFile, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        World(memory, "call", b"\xff", every=0.001, times=10_000)

    assert len(caplog.records) <= 13


def test_commands_that_are_rejected_now_and_then_are_all_answered(memory: StateFile) -> None:
    world = World(memory, f"{ROOT}/command/dance", b"", every=1, times=50)

    assert len(world.link.offered) == 50


def test_birth_messages_within_the_delay_are_answered_together(memory: StateFile) -> None:
    world = World(memory, BIRTH, b"online", every=0.05, times=20)

    assert world.announcer.announcements == 1


def test_a_flood_of_birth_messages_is_answered_once_in_ten_seconds(memory: StateFile) -> None:
    world = World(memory, BIRTH, b"online", every=0.5, times=200)

    assert 9 <= world.announcer.announcements <= 12


def test_news_goes_first_and_its_log_with_the_rest(memory: StateFile) -> None:
    world = World(memory, f"{ROOT}/command/dance", b"", every=1, times=1)
    now, monday = world.clock.now(), datetime(2026, 1, 5, tzinfo=UTC)
    recorder = Recorder("desk", lambda at: monday, epoch=world.clock.epoch)
    for _ in range(3):
        world.outbox.put(recorder.record(SatBack(now, away=ZERO)))
    world.link.sent.clear()

    world.publisher.flush_news()
    news = list(world.link.sent)
    world.publisher.flush()

    assert news == [f"{ROOT}/event"] * 3
    assert world.link.sent == news + [f"{ROOT}/log"] * 3


def test_an_allowance_fills_up_again() -> None:
    allowance = Allowance(3, timedelta(seconds=2))

    def taken(at: float) -> bool:
        return allowance.take(timedelta(seconds=at))

    assert [taken(0) for _ in range(5)] == [True, True, True, False, False]
    assert [taken(at) for at in (1.9, 2, 2.1, 4, 4.1)] == [False, True, False, True, False]
    assert [taken(100) for _ in range(5)] == [True, True, True, False, False]
    assert allowance.skipped == 7
