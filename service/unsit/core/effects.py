"""What the core wants done: sounds, a light, and events told."""

from dataclasses import dataclass
from enum import Enum

from unsit.core.events import Event
from unsit.core.ladder import Tone


@dataclass(frozen=True, slots=True)
class Sound:
    """Play a tone from its beginning; None for the buzzer's own pattern."""

    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A soft sign, such as that the person leans; not the call to move."""


class Signal(Enum):
    """What the buzzer says to a person who does a paced exercise."""

    START = "start"
    RELEASE = "release"
    SWITCH = "switch side"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Beat:
    """A sound that paces an exercise for who asked for it; it may sound on an empty seat."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop whatever sounds, at once."""


@dataclass(frozen=True, slots=True)
class Light:
    """The lamp that says it is time to move."""

    on: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """A request that cannot be met now, and why; nothing has changed."""

    why: str


Effect = Event | Sound | Cue | Beat | Silence | Light | Refuse
