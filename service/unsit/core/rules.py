"""Rules: each figure that a decision depends on, and the ladder of reminders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

LIMITS: Mapping[str, tuple[timedelta, timedelta]] = {
    "move_after": (timedelta(seconds=1), timedelta(hours=24)),
    "min_break": (timedelta(seconds=1), timedelta(hours=24)),
    "daily_limit": (timedelta(minutes=1), timedelta(hours=24)),
}
"""Least and greatest value of each duration that a command can change.

The settings, the commands and Home Assistant's entities all take them from here.
"""

SILENT_CUES = ("lamp", "event")
"""Cues without a sound: the lamp is on while it is time to move, and the event names the cue."""


@dataclass(frozen=True, slots=True)
class Tone:
    """Sound of the buzzer. volume: percent, None for the buzzer's own."""

    pattern: str
    volume: int | None = None


SOFT_TONE = Tone("short")
LIMIT_TONE = Tone("rising")
"""Sound of the daily limit."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Step of the ladder.

    cue: a pattern, or one of ``SILENT_CUES``. volume: percent, None for the buzzer's own.
    wait: time until the reminder after it, None for ``Rules.repeat_every``.
    """

    cue: str
    volume: int | None = None
    wait: timedelta | None = None

    @property
    def tone(self) -> Tone | None:
        """Tone of the rung, None for silence."""
        return None if self.cue in SILENT_CUES else Tone(self.cue, self.volume)


Ladder = tuple[Rung, ...]


def rung_at(ladder: Ladder, steps: int) -> Rung | None:
    """Return the rung after a number of steps up, from 1; None where there is no ladder.

    After the top, every further reminder stays on the last rung.
    """
    return ladder[min(max(steps, 1), len(ladder)) - 1] if ladder else None


ReminderStyle = Literal["gentle", "normal", "insistent"]

GENTLE_LADDER: Ladder = (
    Rung("lamp", wait=timedelta(minutes=5)),
    Rung("short", wait=timedelta(minutes=10)),
)
INSISTENT_LADDER: Ladder = (
    Rung("triple", wait=timedelta(minutes=2)),
    Rung("long", wait=timedelta(minutes=2)),
    Rung("insistent", wait=timedelta(minutes=2)),
)
"""Cues of the reminder styles that do not use the ladder of the settings.

A gentle chair lights the lamp before it beeps, and leaves 10 min between beeps. An insistent one
gets louder every 2 min, which is well above ``SOUNDS_APART``.
"""

SOUNDS_APART = timedelta(seconds=60)
"""Least time between a sound that is no reminder and the sounds before and after it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Figures of all decisions.

    sit_dwell, stand_dwell: how long a new level must hold before it counts.
    move_after: how long a bout lasts before it is due.
    min_break: time off the seat that is a break and ends the bout.
    credit: seconds of sitting that 1 s of a gap repays; None: gaps count as sitting.
    repeat_every, max_reminders: time between reminders, and number of reminders of a bout.
    snooze_for, max_snoozes: how far a snooze puts the next reminder off, and number of snoozes of
        a bout.
    snooze_shrink: percent by which each snooze of a bout is shorter than the one before.
    daily_snoozes: number of snoozes of a day, None for no limit.
    ladder: the cue of each reminder; empty for the buzzer's own pattern every time.
    style: ``normal`` for the ladder and ``repeat_every``; else a ladder of its own.
    softer: the tone of all reminders in the softer part of the day.
    back_too_soon: whether a soft sound marks a return before the end of a break.
    warn_before: how long before the bout is due a soft sound warns of it, None for never.
    daily_limit: time on the seat in a day after which a sound marks it, None for no limit.
    longest_hold: how long a hold without an end of its own lasts, None for no limit.
    """

    sit_dwell: timedelta = timedelta(seconds=2)
    stand_dwell: timedelta = timedelta(seconds=5)
    move_after: timedelta = timedelta(minutes=30)
    min_break: timedelta = timedelta(minutes=2)
    credit: float | None = None
    repeat_every: timedelta = timedelta(minutes=5)
    max_reminders: int = 6
    snooze_for: timedelta = timedelta(minutes=5)
    max_snoozes: int = 2
    snooze_shrink: int = 0
    daily_snoozes: int | None = None
    ladder: Ladder = ()
    style: ReminderStyle = "normal"
    softer: Tone = SOFT_TONE
    back_too_soon: bool = True
    warn_before: timedelta | None = None
    daily_limit: timedelta | None = None
    longest_hold: timedelta | None = None

    def dwell(self, *, pressed: bool) -> timedelta:
        """Return how long a level must hold before it counts."""
        return self.sit_dwell if pressed else self.stand_dwell

    def snooze_after(self, snoozes: int) -> timedelta:
        """Return how long a snooze is, after a number of others in the bout."""
        kept, whole = (100 - self.snooze_shrink) ** snoozes, 100**snoozes
        return self.snooze_for * int(kept) // int(whole)

    @property
    def cues(self) -> Ladder:
        """Ladder in force, by the style."""
        styles = {"gentle": GENTLE_LADDER, "insistent": INSISTENT_LADDER}
        return styles.get(self.style, self.ladder)

    def wait_at(self, steps: int) -> timedelta:
        """Return the time from a reminder, after a number of steps up the ladder, to the next."""
        rung = rung_at(self.cues, steps)
        return self.repeat_every if rung is None or rung.wait is None else rung.wait
