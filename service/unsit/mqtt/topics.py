"""Topics of a chair, topics of others that hold it, and the text of what arrives on them."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from unsit.core.inputs import Hold, Holder, TopicCleared
from unsit.errors import printable

ONLINE = "online"
OFFLINE = "offline"
"""Payloads of the availability topic; last will and clean stop both send ``offline``."""

QOS = 1
"""Quality of service of all messages and subscriptions."""

PAYLOAD_MAX_BYTES = 4096
"""Size of the largest payload that is read."""

log = logging.getLogger(__name__)


def payload_text(payload: bytes) -> str:
    """Return a payload as text, without surrounding space and the quotes of a JSON string.

    Raises ValueError for a payload that is too large or not UTF-8.
    """
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise ValueError(f"{len(payload)} bytes; expected at most {PAYLOAD_MAX_BYTES}")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    # Anything else is not parsed as JSON, which may be nested too deeply for Python.
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of a chair, all below ``<prefix>/<chair.id>``."""

    prefix: str
    chair: str

    @property
    def root(self) -> str:
        """Beginning of all topics of the chair."""
        return f"{self.prefix}/{self.chair}"

    @property
    def availability(self) -> str:
        """Topic of the retained ``online`` or ``offline``."""
        return f"{self.root}/availability"

    @property
    def state(self) -> str:
        """Topic of the retained state message, see ``unsit.mqtt.state``."""
        return f"{self.root}/state"

    @property
    def event(self) -> str:
        """Topic of fresh events, for automations, and of answers to rejected commands."""
        return f"{self.root}/event"

    @property
    def log(self) -> str:
        """Topic of every event in order of ``seq``, even late ones."""
        return f"{self.root}/log"

    @property
    def check(self) -> str:
        """Topic of messages that ``unsit check`` and ``unsit forget`` send to themselves."""
        return f"{self.root}/check"

    @property
    def commands(self) -> str:
        """Topic filter that matches all commands."""
        return f"{self.root}/command/#"

    def client_id(self, purpose: str = "") -> str:
        """Return the client id of the service, or of a command for which ``purpose`` stands.

        No two chairs have the same one: in the prefix all but letters and digits is escaped, so
        ``home/desk`` and ``home-desk`` differ, and the first ``-`` ends it.
        """
        prefix = "".join(
            sign if sign.isascii() and sign.isalnum() else f"_{ord(sign):x}_"
            for sign in self.prefix
        )
        return f"{prefix}{purpose and f'.{purpose}'}-{self.chair}"

    def command(self, name: str) -> str:
        """Return the topic of a command."""
        return f"{self.root}/command/{name}"

    def command_name(self, topic: str) -> str:
        """Return the name of the command that is sent on a topic."""
        return topic.removeprefix(f"{self.root}/command/")


class HoldTopics:
    """Topics on which other programs publish that they need silence, such as during a call.

    topics: the topics; their retained messages count too.
    values: payloads that hold the chair, in upper or lower case. Any other payload, also an empty
        one, ends the hold. A payload with the same meaning as the last one changes nothing.
    warn: logs a line on a payload that cannot be read.
    """

    def __init__(self, topics: Iterable[str], values: Iterable[str]) -> None:
        self.topics = tuple(topics)
        self._values = frozenset(value.casefold() for value in values)
        self._holding: dict[str, bool] = {}
        self.warn: Callable[[str], None] = log.warning

    def request_of(self, topic: str, payload: bytes) -> Hold | TopicCleared | None:
        """Return the request of a message, or None if it changes nothing."""
        try:
            holds = payload_text(payload).casefold() in self._values
        except ValueError as error:
            self.warn(f"{printable(topic)} says nothing about a hold: {error}")
            return None
        if self._holding.get(topic) is holds:
            return None
        self._holding[topic] = holds
        return Hold(topic, holder=Holder.TOPIC) if holds else TopicCleared(topic)
