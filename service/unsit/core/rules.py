"""The figures that the rules of sitting work with."""

from dataclasses import dataclass
from datetime import timedelta

from unsit.core.ladder import SOFT, Ladder, Tone, rung_at

APART = timedelta(seconds=60)
"""A sign that is no reminder keeps this far from every other sound, before and after it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long is long: every figure that a decision depends on.

    sit_dwell, stand_dwell: how long a new level must hold before it counts.
    move_after: how long a bout may last before it is time to move.
    min_break: time off the seat from which it is a break and ends the bout.
    credit: how much sitting a time off the seat repays, as a factor; None: gaps count as sitting.
    repeat_every, max_reminders: the distance of reminders and how many a bout gets.
    snooze_for, max_snoozes: how far a snooze moves the next reminder, and how many a bout gets.
    snooze_shrink: by how many percent each snooze of a bout is shorter than the one before.
    daily_snoozes: how many a day gets, None for no limit.
    ladder: what each reminder sounds like; empty for the buzzer's own pattern every time.
    softer: what sounds instead in the softer part of the day.
    back_too_soon: whether a soft sign says so.
    warn_before: how long before the bout is due a soft sign says so, None for never.
    daily_limit: the time on the seat in a day from which a sign says so, None for no limit.
    longest_hold: how long a hold without an end of its own lasts, None for ever.
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
    softer: Tone = SOFT
    back_too_soon: bool = True
    warn_before: timedelta | None = None
    daily_limit: timedelta | None = None
    longest_hold: timedelta | None = None

    def snooze_after(self, snoozes: int) -> timedelta:
        """How long a snooze is after so many others in the bout."""
        kept, whole = (100 - self.snooze_shrink) ** snoozes, 100**snoozes
        return self.snooze_for * int(kept) // int(whole)

    def wait_at(self, steps: int) -> timedelta:
        """How long after a reminder on a rung of the ladder the next one comes."""
        rung = rung_at(self.ladder, steps)
        return self.repeat_every if rung is None or rung.wait is None else rung.wait
