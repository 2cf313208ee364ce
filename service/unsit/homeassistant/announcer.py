"""Announcer: sends the discovery message, and deletes retained messages of earlier settings.

Example: a chair is renamed from ``desk`` to ``office``. At the next start its announcer deletes the
messages of ``desk``, so Home Assistant removes that device, and then announces ``office``.
"""

import json
import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Protocol

from unsit.errors import UnavailableError, printable
from unsit.homeassistant.discovery import Payload, platforms_of, removal, split
from unsit.mqtt.connection import Broker
from unsit.mqtt.link import Outcome, Refusal
from unsit.mqtt.topics import ONLINE, Topics

log = logging.getLogger(__name__)

DELAY_MIN_S, DELAY_MAX_S = 1.0, 4.0
"""Limits of the random delay in s after Home Assistant's birth message.

Many chairs do not all answer at once.
"""

NAMED_MAX = 3
"""Entities that are named if they cannot be sent."""

REMOVAL_S = 2.0
"""Time in s for Home Assistant to remove a device before the device's other topics are cleared."""


class MessageSender(Protocol):
    """Link to the broker, as the announcer uses it."""

    @property
    def connected(self) -> bool:
        """True while messages can be sent."""

    def send(
        self,
        topic: str,
        payload: str,
        *,
        retain: bool = False,
        key: str | None = None,
        then: Outcome | None = None,
    ) -> None:
        """Send a message; ``then`` receives its outcome. One with the same key replaces it."""

    def fits(self, topic: str, payload: str) -> bool:
        """Return whether the broker takes a message of this size."""

    def refuse(self, what: str, why: str) -> None:
        """Take note of something that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Topics of the retained messages that a chair leaves at a broker.

    discovery: None if the chair was not announced to Home Assistant.
    platforms: platform of each entity in the discovery message, by key.
    times: topic of the message with the entities for dates and times; None if there was none.
    """

    discovery: str | None
    availability: str
    state: str
    platforms: dict[str, str] = field(default_factory=dict)
    times: str | None = None

    @property
    def announcements(self) -> set[str]:
        """Topics of the messages to Home Assistant."""
        return {topic for topic in (self.discovery, self.times) if topic is not None}

    @property
    def topics(self) -> set[str]:
        """All topics with a retained message of the chair's own."""
        return {self.availability, self.state} | self.announcements

    @property
    def holds(self) -> str:
        """Filter of the topics on which others hold the chair, with messages that are retained."""
        root, _, _ = self.availability.rpartition("/")
        return f"{root}/command/hold/+"


@dataclass(frozen=True, slots=True)
class Traces:
    """Trace of the chair as it is now, and traces of earlier settings that are not yet cleared."""

    current: Trace | None = None
    stale: tuple[Trace, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the traces as JSON for the state file."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Traces":
        """Return the traces from their document. Raises KeyError or TypeError for anything else."""
        current = document["current"]
        return cls(
            None if current is None else Trace(**current),
            tuple(Trace(**trace) for trace in document["stale"]),
        )


class Announcer:
    """Announcement of the chair, and deletion of what earlier announcements left.

    topic: topic of the discovery message. payload: the message, None if the chair is not to be
    announced. times: topic and message of the entities for dates and times, None without them.
    birth_topic: topic on which Home Assistant publishes that it has started.
    traces: traces of earlier runs. keep: stores the traces for the next start.
    call_after: calls a function after a delay of real time in s.
    """

    def __init__(
        self,
        sender: MessageSender,
        topics: Topics,
        topic: str,
        payload: Payload | None,
        *,
        times: tuple[str, Payload] | None = None,
        birth_topic: str,
        traces: Traces,
        keep: Callable[[Traces], None],
        call_after: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._sender = sender
        self._topic = topic
        self._payload = payload
        self._times = times
        self._traces = traces
        self._keep = keep
        self._call_after = call_after
        self._cleared: set[str] = set()
        self._birth_topic = birth_topic
        self._own = Trace(
            None if payload is None else topic,
            topics.availability,
            topics.state,
            {} if payload is None else platforms_of(payload),
            None if times is None else times[0],
        )

    @property
    def topics(self) -> list[str]:
        """Topics to subscribe to."""
        return [] if self._payload is None else [self._birth_topic]

    def announce(self) -> bool:
        """Clear stale topics, then send the discovery message; return whether there is one."""
        before = self._traces.current
        self._store_trace()
        self._clear_stale()
        if self._payload is None:
            return False
        if before is not None and before.discovery == self._topic:
            message = removal(before.platforms, self._payload)
            if message is not None:
                self._send_in_parts(self._topic, message, "removal")
        self._send_in_parts(self._topic, self._payload, "payload")
        if self._times is not None:
            self._send_in_parts(*self._times, "times")
        return True

    def delay_after(self, topic: str, payload: bytes) -> float | None:
        """Return the delay in s before a new announcement, or None if none is needed."""
        if topic != self._birth_topic or payload != ONLINE.encode():
            return None
        return random.uniform(DELAY_MIN_S, DELAY_MAX_S)  # noqa: S311  # a delay, no secret

    def _store_trace(self) -> None:
        """Store the own trace before anything is sent, so that a killed process leaves no gap."""
        stale = [*self._traces.stale]
        before = self._traces.current
        if before is not None and not before.topics <= self._own.topics:
            stale.append(before)
        stale = [trace for trace in stale if not trace.topics <= self._own.topics]
        self._set_traces(Traces(self._own, tuple(stale)))

    def _set_traces(self, traces: Traces) -> None:
        if traces != self._traces:
            self._traces = traces
            self._keep(traces)

    def _clear_stale(self) -> None:
        stale = self._traces.stale
        topics = self._uncleared(*stale)
        if topics:
            names = ", ".join(map(printable, sorted(topics)))
            log.info("deleting the retained messages of earlier settings: %s", names)
            announcements = topics & {topic for trace in stale for topic in trace.announcements}
            self._clear(announcements)
            self._call_after(REMOVAL_S, partial(self._clear, topics - announcements))

    def _clear(self, topics: set[str]) -> None:
        if self._sender.connected:
            for topic in sorted(topics):
                then = partial(self._clearing_settled, topic)
                self._sender.send(topic, "", retain=True, key=f"clear {topic}", then=then)

    def _clearing_settled(self, topic: str, refusal: Refusal | None) -> None:
        """Remove the trace of a topic once the message that clears it has arrived."""
        if refusal is None:
            self._cleared.add(topic)
            stale = tuple(trace for trace in self._traces.stale if self._uncleared(trace))
            self._set_traces(Traces(self._traces.current, stale))

    def _uncleared(self, *traces: Trace) -> set[str]:
        topics = {topic for trace in traces for topic in trace.topics}
        return topics - self._own.topics - self._cleared

    def _send_in_parts(self, topic: str, payload: Payload, key: str) -> None:
        """Send a discovery message, in several parts if the broker does not take it whole.

        Each part describes the device and some of its entities. Home Assistant adds them to those
        that it has. The broker retains the last part only; the birth message brings the others.
        """
        parts, too_large = split(payload, lambda part: self._sender.fits(topic, _text(part)))
        if too_large:
            names = ", ".join(too_large[:NAMED_MAX]) + ", …" * (len(too_large) > NAMED_MAX)
            why = f"{len(too_large)} entities fit in no packet: {names}"
            self._sender.refuse(f"entities at {topic}", why)
        for number, part in enumerate(parts):
            self._sender.send(topic, _text(part), retain=True, key=f"{key} {number}")


def _text(payload: Payload) -> str:
    return json.dumps(payload, ensure_ascii=False)


def forget(
    broker: Broker,
    chair: Topics,
    traces: Sequence[Trace],
    *,
    even_online: bool = False,
) -> list[str]:
    """Delete the retained messages of a chair and those that hold it, and return their topics.

    Home Assistant gets time to remove the device before the device's other topics are cleared.
    even_online: whether to go on if the chair is online, or if that cannot be seen. All topics are
        cleared then.

    Raises UnavailableError if the broker does not answer, or does not show or clear every topic, or
    if the chair is online, because its service would announce it again.
    """
    own = {topic for trace in traces for topic in trace.topics}
    from unsit.mqtt.probe import Probe  # not for the service

    with Probe(broker, chair.client_id("forget"), chair.check) as probe:
        retained = probe.retained(own | {trace.holds for trace in traces})
        payloads = retained.payloads
        topics = [trace.availability for trace in traces]
        online = [topic for topic in topics if payloads.get(topic) == ONLINE.encode()]
        if online and not even_online:
            raise UnavailableError(
                f"{online[0]} says {ONLINE}: the service runs and would announce itself again; "
                "stop it first (sudo systemctl stop unsit), or use --force if it does not run"
            )
        if retained.gap is not None and not even_online:
            raise UnavailableError(
                f"the broker {broker!r} does not show what it retains of {chair.chair}: "
                f"{retained.gap}; nothing was removed; use --force to remove it unseen, if the "
                "service does not run"
            )
        to_clear = own if retained.gap is not None else payloads.keys()
        announcements = {topic for trace in traces for topic in trace.announcements}
        announced = sorted(announcements & to_clear)
        probe.clear(announced)
        if announced:
            threading.Event().wait(REMOVAL_S)
        rest = sorted(to_clear - set(announced))
        probe.clear(rest)
        return [*announced, *rest]
