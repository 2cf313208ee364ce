"""The figures that the rules of sitting work with."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """How long is long: every figure that a decision depends on.

    sit_dwell, stand_dwell: how long a new level must hold before it counts.
    move_after: how long a bout may last before it is time to move.
    min_break: time off the seat from which it is a break and ends the bout.
    repeat_every, max_reminders: the distance of reminders and how many a bout gets.
    snooze_for, max_snoozes: how far a snooze moves the next reminder, and how many a bout gets.
    longest_hold: how long a hold without an end of its own lasts, None for ever.
    """

    sit_dwell: timedelta = timedelta(seconds=2)
    stand_dwell: timedelta = timedelta(seconds=5)
    move_after: timedelta = timedelta(minutes=30)
    min_break: timedelta = timedelta(minutes=2)
    repeat_every: timedelta = timedelta(minutes=5)
    max_reminders: int = 6
    snooze_for: timedelta = timedelta(minutes=5)
    max_snoozes: int = 2
    longest_hold: timedelta | None = None
