"""The announcer: has Home Assistant know the chair as it is, and nothing that it was."""

import json
import logging
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Protocol

from unsit.homeassistant.discovery import Payload, platforms_of, removal
from unsit.mqtt.topics import ONLINE, Topics

log = logging.getLogger(__name__)

EARLIEST, LATEST = 1.0, 4.0
"""Seconds after Home Assistant's birth message; many chairs do not answer it all at once."""

UNTIL_REMOVED = 2.0
"""Seconds that Home Assistant is given to let go of a topic before it is cleared."""


class Wire(Protocol):
    """What the announcer needs of the link to the broker."""

    @property
    def connected(self) -> bool:
        """Whether messages can be handed over."""

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> int:
        """Hands a message over; returns the number that is acknowledged."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The retained messages that a chair leaves with a broker.

    discovery: None if Home Assistant was not told of it.
    platforms: of each entity in the discovery message.
    """

    discovery: str | None
    availability: str
    state: str
    platforms: dict[str, str] = field(default_factory=dict)

    @property
    def topics(self) -> set[str]:
        """All topics that hold a retained message."""
        return {self.availability, self.state} | ({self.discovery} if self.discovery else set())


@dataclass(frozen=True, slots=True)
class Traces:
    """What was left: by the chair as it is now, and by what it was before and not yet cleared."""

    current: Trace | None = None
    stale: tuple[Trace, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Traces":
        """From what was kept. Raises KeyError or TypeError for what is no such document."""
        current = document["current"]
        return cls(
            None if current is None else Trace(**current),
            tuple(Trace(**trace) for trace in document["stale"]),
        )


class Announcer:
    """Announces the chair, and clears away what an earlier announcement left.

    topic: of the discovery message. payload: the message; None for a chair that Home Assistant is
    not to be told of.
    birth_topic: where Home Assistant says that it is there.
    traces: what was left before. keep: keeps it for the next start.
    later: has a function called after so many real seconds.
    """

    def __init__(
        self,
        wire: Wire,
        topics: Topics,
        topic: str,
        payload: Payload | None,
        *,
        birth_topic: str,
        traces: Traces,
        keep: Callable[[Traces], None],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._wire = wire
        self._topic = topic
        self._payload = payload
        self._traces = traces
        self._keep = keep
        self._later = later
        self._clearing: dict[int, str] = {}
        self._cleared: set[str] = set()
        self._birth_topic = birth_topic
        self._mine = Trace(
            None if payload is None else topic,
            topics.availability,
            topics.state,
            {} if payload is None else platforms_of(payload),
        )

    @property
    def topics(self) -> list[str]:
        """What to subscribe to."""
        return [] if self._payload is None else [self._birth_topic]

    def announce(self) -> bool:
        """Clears what is stale, then sends the discovery message; whether there is one."""
        before = self._traces.current
        self._remember()
        self._clear_stale()
        if self._payload is None:
            return False
        if before is not None and before.discovery == self._topic:
            self._remove_entities(before.platforms, self._payload)
        self._publish(self._topic, self._payload)
        return True

    def heard(self, topic: str, payload: bytes) -> float | None:
        """How many seconds after a message to announce anew, None for not at all."""
        if topic != self._birth_topic or payload != ONLINE.encode():
            return None
        return random.uniform(EARLIEST, LATEST)  # noqa: S311  # no secret, it spreads the load

    def lost(self) -> None:
        """The connection is gone, and what was not acknowledged with it."""
        self._clearing.clear()

    def acknowledged(self, mid: int) -> None:
        """A message has arrived; what was cleared by it can be forgotten."""
        topic = self._clearing.pop(mid, None)
        if topic is None:
            return
        self._cleared.add(topic)
        stale = tuple(trace for trace in self._traces.stale if self._left_of(trace))
        self._set(Traces(self._traces.current, stale))

    def _remember(self) -> None:
        """Before anything is sent, so that a killed process leaves nothing unknown."""
        stale = [*self._traces.stale]
        before = self._traces.current
        if before is not None and not before.topics <= self._mine.topics:
            stale.append(before)
        stale = [trace for trace in stale if not trace.topics <= self._mine.topics]
        self._set(Traces(self._mine, tuple(stale)))

    def _set(self, traces: Traces) -> None:
        if traces != self._traces:
            self._traces = traces
            self._keep(traces)

    def _clear_stale(self) -> None:
        left = self._left_of(*self._traces.stale) - set(self._clearing.values())
        announced = {trace.discovery for trace in self._traces.stale if trace.discovery} & left
        if left:
            log.info("clearing what the chair left at %s", ", ".join(sorted(left)))
            self._clear(announced)
            self._later(UNTIL_REMOVED, partial(self._clear, left - announced))

    def _clear(self, topics: set[str]) -> None:
        if self._wire.connected:
            for topic in sorted(topics):
                self._clearing[self._wire.publish(topic, "", retain=True)] = topic

    def _left_of(self, *traces: Trace) -> set[str]:
        left = {topic for trace in traces for topic in trace.topics}
        return left - self._mine.topics - self._cleared

    def _remove_entities(self, platforms: dict[str, str], payload: Payload) -> None:
        farewell = removal(platforms, payload)
        if farewell is not None:
            self._publish(self._topic, farewell)

    def _publish(self, topic: str, payload: Payload) -> None:
        self._wire.publish(topic, json.dumps(payload, ensure_ascii=False), retain=True)
