"""The publisher: what is sent when. It runs in the loop's thread."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from unsit.core.inputs import Request
from unsit.mqtt.command import CommandReader, CommandRejected
from unsit.mqtt.hold_topics import HoldTopics
from unsit.mqtt.link import Link, Listener
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.topics import OFFLINE, ONLINE, Topics
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record, stamp

log = logging.getLogger(__name__)

IN_FLIGHT = 20
"""How many records may be on their way to the broker without an acknowledgement."""

SETTLING = 1.5
"""Seconds that a house needs after an announcement until it listens to what is not retained."""

NOT_A_CHANGE = {
    *("at", "bout_s", "seated_today_s", "longest_bout_today_s", "shifts", "load_kg"),
    *("signal_quality", "blips", "missed_edges", "frames_rejected"),
    *("events_waiting", "events_dropped"),
}
"""Parts of the state that come along with the next message and are no reason for one."""

State = dict[str, Any]


class Announcer(Protocol):
    """What makes the chair known to a house that speaks MQTT."""

    @property
    def topics(self) -> list[str]:
        """Where the house says that it is there."""

    def announce(self) -> bool:
        """Sends the announcement, if there is one; whether there was."""

    def acknowledged(self, mid: int) -> None:
        """A message has arrived."""

    def lost(self) -> None:
        """The connection is gone."""

    def heard(self, topic: str, payload: bytes) -> float | None:
        """How many seconds after a message to announce anew, None for not at all."""


class Publisher:
    """Sends availability, state, events and the log, and takes commands.

    state: makes the state message. request: has a request decided, returns why it was refused.
    fresh_for, heartbeat: see the settings of the same name.
    hold_topics: what else is listened to, and holds the chair.
    announcer: what to announce the chair with, None for not at all.
    """

    def __init__(
        self,
        loop: Loop,
        link: Link,
        topics: Topics,
        outbox: Outbox,
        commands: CommandReader,
        *,
        state: Callable[[], State],
        request: Callable[[Request], str | None],
        fresh_for: timedelta,
        heartbeat: timedelta,
        hold_topics: HoldTopics,
        announcer: Announcer | None = None,
    ) -> None:
        self._outbox = outbox
        self._loop = loop
        self._link = link
        self._topics = topics
        self._commands = commands
        self._state = state
        self._request = request
        self._fresh_for = fresh_for
        self._heartbeat = heartbeat
        self._hold_topics = hold_topics
        self._in_flight: dict[int, int] = {}
        self._handed_over = 0
        self._sent_state: State = {}
        self._parting: Callable[[], None] | None = None
        self._last_words: set[int] = set()
        self._announcer = announcer
        self._held_back = 0

    @property
    def waiting(self) -> int:
        """How many records wait for the broker; those on their way do not."""
        return len(self._outbox) - len(self._in_flight)

    def start(self) -> None:
        """Begins to connect and to keep the heartbeat."""
        self._link.start(Listener(self._up, self._down, self._acknowledged, self._message))
        self._loop.every(self._heartbeat, self._beat)

    def state_may_have_changed(self) -> None:
        """Sends the state if it says something new."""
        if not self._link.connected:
            return
        state = self._state()
        if any(self._sent_state.get(key, ...) != state[key] for key in state.keys() - NOT_A_CHANGE):
            self._send_state(state)

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._link.connected

    def ask(self, answer: Callable[[], None]) -> None:
        """See ``Link.ask``."""
        self._link.ask(answer)

    def stop(self, then: Callable[[], None]) -> None:
        """Says ``offline`` and calls back when that and all records have arrived."""
        self._parting = then
        if not self._link.connected:
            self._part()
            return
        self._held_back = 0
        self.flush()
        last = self._link.publish(self._topics.availability, OFFLINE, retain=True)
        self._last_words.add(last)

    def close(self) -> None:
        """Ends the connection."""
        self._link.stop()

    # What the link says

    def _up(self) -> None:
        self._handed_over = 0
        self._introduce()

    def _introduce(self) -> None:
        """Says who is there: to a house first, then availability and state, then what happened."""
        if not self._link.connected or self._parting is not None:
            return
        if self._announcer is not None and self._announcer.announce():
            self._hold_back(SETTLING)
        self._link.publish(self._topics.availability, ONLINE, retain=True)
        self._send_state(self._state())
        self.flush()

    def _hold_back(self, seconds: float) -> None:
        """Keeps what is not retained back for so many seconds."""
        self._held_back += 1
        self._loop.after_real(seconds, self._let_go)

    def _let_go(self) -> None:
        self._held_back = max(0, self._held_back - 1)
        self.flush()

    def _down(self) -> None:
        self._in_flight.clear()
        self._last_words.clear()
        if self._announcer is not None:
            self._announcer.lost()
        if self._parting is not None:
            self._part()

    def _acknowledged(self, mid: int) -> None:
        self._last_words.discard(mid)
        if self._announcer is not None:
            self._announcer.acknowledged(mid)
        seq = self._in_flight.pop(mid, None)
        if seq is not None:
            self._outbox.remove(seq)
            self.flush()
            self._say_that_nothing_waits()
        if self._parting is not None and not self._last_words and not self._in_flight:
            self._part()

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._announcer is not None and topic in self._announcer.topics:
            self._answer(self._announcer.heard(topic, payload))
        elif topic in self._hold_topics.topics:
            self._hold(topic, payload)
        elif payload or not retained:
            self._command(topic, payload, retained)

    def _answer(self, delay: float | None) -> None:
        """Introduces the chair once more after a delay; until then nothing fleeting is said."""
        if delay is not None:
            self._hold_back(delay + SETTLING)
            self._loop.after_real(delay, self._introduce)

    def _hold(self, topic: str, payload: bytes) -> None:
        asked = self._hold_topics.heard(topic, payload)
        if asked is not None and (why := self._request(asked)) is not None:
            log.warning("%s does not hold the chair: %s", topic, why)

    def _command(self, topic: str, payload: bytes, retained: bool) -> None:
        name = self._topics.command_in(topic)
        try:
            now = self._loop.clock.now()
            request = self._commands.read(name, payload, retained=retained, now=now)
        except CommandRejected as rejected:
            self._reject(name, str(rejected))
            return
        if (why := self._request(request)) is not None:
            self._reject(name, why)

    # What is sent

    def flush(self) -> None:
        """Hands over the next records of the outbox, while there is room on the way."""
        room = IN_FLIGHT - len(self._in_flight)
        if not self._link.connected or self._held_back or room <= 0:
            return
        for record in self._outbox.after(self._handed_over, room):
            self._hand_over(record)

    def _hand_over(self, record: Record) -> None:
        payload = json.dumps(record)
        if self._is_fresh(record):
            self._link.publish(self._topics.event, payload)
        mid = self._link.publish(self._topics.log, payload)
        self._in_flight[mid] = self._handed_over = record["seq"]

    def _is_fresh(self, record: Record) -> bool:
        clock = self._loop.clock
        age = clock.wall(clock.now()) - datetime.fromisoformat(record["at"])
        return age <= self._fresh_for

    def _send_state(self, state: State) -> None:
        self._sent_state = state
        self._link.publish(self._topics.state, json.dumps(state), retain=True)

    def _say_that_nothing_waits(self) -> None:
        told = self._sent_state.get("events_waiting")
        if told and not self.waiting and self._parting is None:
            self._send_state(self._state())

    def _beat(self) -> None:
        if not self._link.connected:
            return
        state = self._state()
        if state["occupied"]:
            self._send_state(state)

    def _reject(self, command: str, why: str) -> None:
        log.warning("command %s rejected: %s", command, why)
        clock = self._loop.clock
        answer = {
            "type": "command_rejected",
            "chair": self._topics.chair,
            "at": stamp(clock.wall(clock.now())),
            "command": command,
            "why": why,
        }
        self._link.publish(self._topics.event, json.dumps(answer))

    def _part(self) -> None:
        then, self._parting = self._parting, None
        if then is not None:
            then()
