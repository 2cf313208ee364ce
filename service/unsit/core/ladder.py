"""The ladder: what each reminder of a bout sounds like, from soft to insistent."""

from dataclasses import dataclass
from datetime import timedelta

SILENT_CUES = ("lamp", "event")
"""Rungs without a sound: the lamp is lit while it is time to move, and the event names the cue."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A sound of the buzzer. volume: percent, None for the buzzer's own."""

    pattern: str
    volume: int | None = None


SOFT = Tone("short")
LIMIT = Tone("rising")
"""What says that the daily limit is reached."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder.

    cue: a pattern, or one of ``SILENT_CUES``. volume: percent, None for the buzzer's own.
    wait: how long until the reminder after it, None for ``Rules.repeat_every``.
    """

    cue: str
    volume: int | None = None
    wait: timedelta | None = None

    @property
    def tone(self) -> Tone | None:
        """What sounds, None for nothing."""
        return None if self.cue in SILENT_CUES else Tone(self.cue, self.volume)


Ladder = tuple[Rung, ...]


def rung_at(ladder: Ladder, steps: int) -> Rung | None:
    """The rung after so many steps up, 1 for the first; who is at the top stays there."""
    return ladder[min(max(steps, 1), len(ladder)) - 1] if ladder else None
