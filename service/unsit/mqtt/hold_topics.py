"""Topics that hold the chair: no sound while one of them has a certain value."""

import logging
from collections.abc import Iterable

from unsit.core.inputs import Hold, Holder, TopicCleared
from unsit.mqtt.payload import text_of

log = logging.getLogger(__name__)


class HoldTopics:
    """Hears what others say of themselves, such as a call under way; retained messages count.

    topics: where. values: the payloads that hold the chair, in any case; every other one, an
    empty one too, lets it go. A value that is said again asks for nothing new.
    """

    def __init__(self, topics: Iterable[str], values: Iterable[str]) -> None:
        self.topics = tuple(topics)
        self._values = frozenset(value.casefold() for value in values)
        self._holding: dict[str, bool] = {}

    def heard(self, topic: str, payload: bytes) -> Hold | TopicCleared | None:
        """What a message asks for, None for nothing."""
        try:
            holds = text_of(payload).casefold() in self._values
        except ValueError as error:
            log.warning("%s says nothing about a hold: %s", topic, error)
            return None
        if self._holding.get(topic) is holds:
            return None
        self._holding[topic] = holds
        return Hold(topic, holder=Holder.TOPIC) if holds else TopicCleared(topic)
