"""The settings of holds."""

from dataclasses import dataclass
from typing import Annotated

from unsit.settings.duration import Duration
from unsit.settings.fields import HOUR, MINUTE, duration, setting
from unsit.settings.mqtt import is_a_topic
from unsit.settings.parsing import parts
from unsit.settings.passing import After


def _are_topics(text: str) -> str:
    for topic in parts(text):
        is_a_topic(topic)
    return text


def _are_values(text: str) -> str:
    if not parts(text):
        raise ValueError("expected one value or more, such as true,on")
    return text


@dataclass(frozen=True, kw_only=True)
class HoldSettings:
    """What keeps the chair from sounding for a while, and for how long at most."""

    longest: Duration = duration(
        4 * HOUR,
        MINUTE,
        24 * HOUR,
        "How long a hold lasts that names no end: the button, the switch, a topic. Then the "
        "reminder that it swallowed sounds.",
    )
    topics: Annotated[str, After(_are_topics)] = setting(
        "",
        "MQTT topics that hold the chair while they have one of the values, such as "
        "teams/in-call,office/calendar. Retained messages count.",
    )
    values: Annotated[str, After(_are_values)] = setting(
        "true,on,yes,1,busy", "The values that hold, whatever their case; all others let go."
    )

    @property
    def watched(self) -> tuple[str, ...]:
        """Each topic."""
        return parts(self.topics)

    @property
    def holding(self) -> tuple[str, ...]:
        """Each value that holds."""
        return parts(self.values)
