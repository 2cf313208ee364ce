"""What the core wants done: sounds, a light, and events told."""

from dataclasses import dataclass

from unsit.core.events import Event
from unsit.core.ladder import Tone


@dataclass(frozen=True, slots=True)
class Sound:
    """Play a tone from its beginning; None for the buzzer's own pattern."""

    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A soft sign, such as that the person leans; not the call to move."""


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


Effect = Event | Sound | Cue | Silence | Light | Refuse
