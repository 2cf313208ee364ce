"""Holds by reason: the retained messages by which other programs hold the chair.

Example: ``ON``, retained on ``unsit/desk/command/hold/call``, keeps the chair silent during a call,
and an empty message ends that hold and no other.

The topic is the truth: with each connection the broker sends the messages that it keeps, and a hold
whose message is gone ends. To know that it has sent them all, the chair then sends a message to
itself. A broker may send none for a topic filter (RabbitMQ), so the chair asks for those that it
misses by their names, and sends another message to itself, before it concludes anything.
"""

import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from unsit.core.inputs import Hold, Holder, HoldMessage, SourcesListed, TopicCleared
from unsit.core.instant import Instant
from unsit.errors import quoted
from unsit.mqtt.command import DURATION_MAX, DURATION_MIN, CommandRejected, ParseDuration
from unsit.mqtt.link import Outcome, Refusal
from unsit.mqtt.topics import Topics, payload_text

REASON_MAX_CHARACTERS = 32
"""Length of the longest reason; a status of several holds fits on a line."""

OWN_REASONS = frozenset(("command", "button", "hours"))
"""Reasons of the chair's own holds, which no source may use."""

MESSAGE_MAX_CHARACTERS = 64
"""Length of the longest message: a date with an offset has 32."""

AHEAD_MAX = timedelta(days=31)
"""Time ahead of the latest end of a hold, such as of a holiday."""

EXPECTED = (
    "expected ON, OFF, a duration with a unit like 30m, or an end with date and zone like "
    "2026-12-01T17:30:00+01:00"
)


class FenceLink(Protocol):
    """Link to the broker, as the holds use it."""

    def send(self, topic: str, payload: str) -> None:
        """Send a message."""

    def subscribe(self, topic: str, then: Outcome) -> None:
        """Subscribe to one more topic, until the connection ends."""


InstantOf = Callable[[datetime], Instant]
"""Return the instant at which the wall clock shows a date with an offset."""


class HoldSources:
    """Reader of the messages of sources, and judge of which of them the broker still keeps.

    parse_duration: parses a duration in the form of the settings, or raises ValueError.
    instant_of: see ``InstantOf``.
    known: returns the reasons of the holds by a retained message that the chair knows.
    flags_retained: live messages say whether the broker keeps them (MQTT 5). Otherwise each is
        taken as one that it keeps.
    """

    def __init__(
        self,
        topics: Topics,
        parse_duration: ParseDuration,
        instant_of: InstantOf,
        known: Callable[[], Iterable[str]],
        *,
        flags_retained: bool = True,
    ) -> None:
        self._topics = topics
        self._parse_duration = parse_duration
        self._instant_of = instant_of
        self._known = known
        self._flags_retained = flags_retained
        self._fence: str | None = None
        self._kept: set[str] = set()
        self._is_asked_by_name = False
        self._granted: set[str] = set()

    @property
    def fence_topic(self) -> str:
        """Topic of the messages that the chair sends to itself."""
        return self._topics.check

    def is_source(self, topic: str) -> bool:
        """Return whether a topic is that of a hold by reason."""
        return topic.startswith(self._topics.command("hold/"))

    def connected(self, link: FenceLink) -> None:
        """Begin to collect what the broker keeps. The subscriptions must be on their way."""
        self._kept.clear()
        self._granted.clear()
        self._is_asked_by_name = False
        self._send_fence(link)

    def request_of(
        self, topic: str, payload: bytes, *, retained: bool, now: Instant
    ) -> HoldMessage | TopicCleared:
        """Return the request of a message. Raises CommandRejected."""
        reason = topic.removeprefix(self._topics.command("hold/"))
        try:
            text = payload_text(payload)
        except ValueError as error:
            raise CommandRejected(str(error)) from None
        if text.upper() in ("", "OFF"):
            self._kept.discard(reason)
            return TopicCleared(reason, Holder.SOURCE)
        _check_reason(reason)
        is_kept = retained or not self._flags_retained
        hold = Hold(reason, self.end_of(text, now), Holder.SOURCE, text, is_kept)
        if is_kept:
            self._kept.add(reason)
        return HoldMessage(hold, is_replay=self._fence is not None)

    def fence_arrived(self, payload: bytes, link: FenceLink) -> SourcesListed | None:
        """Return all reasons whose messages the broker keeps, None for not known yet."""
        if self._fence is None or payload != self._fence.encode():
            return None
        missed = set(self._known()) - self._kept
        if missed and not self._is_asked_by_name:
            self._is_asked_by_name = True
            for reason in sorted(missed):
                topic = self._topics.command(f"hold/{reason}")
                link.subscribe(topic, partial(self._asked_by_name, reason))
            self._send_fence(link)
            return None
        self._fence = None
        unknown = missed - self._granted
        return SourcesListed(frozenset(self._kept | unknown))

    def end_of(self, text: str, now: Instant) -> Instant | None:
        """Return when the hold of a message ends by itself, None for ``ON``.

        Raises CommandRejected for a text that is no message, or an end that is too far away.
        """
        if len(text) > MESSAGE_MAX_CHARACTERS:
            raise CommandRejected(
                f"{len(text)} characters; expected at most {MESSAGE_MAX_CHARACTERS}"
            )
        if text.upper() == "ON":
            return None
        if (date := date_of(text)) is not None:
            until = self._instant_of(date)
            if until - now > AHEAD_MAX:
                raise CommandRejected(
                    f"read {quoted(text)}; expected an end within {AHEAD_MAX.days} days of the "
                    "chair's clock"
                )
            return until
        try:
            duration = self._parse_duration(text)
        except ValueError:
            raise CommandRejected(f"read {quoted(text)}; {EXPECTED}") from None
        if text.replace(".", "").isdecimal():
            raise CommandRejected(f"read {quoted(text)}; it has no unit; {EXPECTED}")
        if not DURATION_MIN <= duration <= DURATION_MAX:
            raise CommandRejected(f"read {quoted(text)}; expected a duration of 1s to 24h")
        return now + duration

    def _asked_by_name(self, reason: str, refusal: Refusal | None) -> None:
        if refusal is None:
            self._granted.add(reason)

    def _send_fence(self, link: FenceLink) -> None:
        self._fence = f"holds {os.urandom(8).hex()}"
        link.send(self.fence_topic, self._fence)


def date_of(text: str) -> datetime | None:
    """Return the date of a message with date and offset, None for another message.

    Raises CommandRejected for a date without an offset, whose zone nobody can know.
    """
    if re.match(r"\d{4}-\d", text) is None:
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandRejected(f"read {quoted(text)}; {EXPECTED}: {error}") from None
    if date.tzinfo is None:
        raise CommandRejected(
            f"read {quoted(text)}; it names no zone; expected one like {text}+01:00 or {text}Z"
        )
    return date


def _check_reason(reason: str) -> None:
    """Raise CommandRejected for a reason that nobody could read, or that is the chair's own."""
    if not 1 <= len(reason) <= REASON_MAX_CHARACTERS or "/" in reason or not reason.isprintable():
        raise CommandRejected(
            f"the reason is {quoted(reason)}; expected 1 to {REASON_MAX_CHARACTERS} characters "
            "that can be printed, without /"
        )
    if reason.casefold() in OWN_REASONS:
        raise CommandRejected(
            f"the reason is {quoted(reason)}, which is the chair's own; expected another one"
        )
