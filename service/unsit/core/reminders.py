"""Reminders: when to sound for a bout that is due, and when to leave a person alone.

A pair that is not in the table changes nothing: a reminder cannot be due for a bout that is not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from unsit.core.instant import Instant
from unsit.core.rules import Rules


class Mood(Enum):
    """What the reminders are at."""

    QUIET = "quiet"
    REMINDING = "reminding"
    PAUSED = "paused"
    GIVEN_UP = "given up"


class Signal(Enum):
    """What the sitting, or the time since the last reminder, says."""

    DUE = "due"
    NEXT_OVER = "next reminder's time"
    SPENT = "max_reminders spent"
    STOOD_UP = "stood up"
    SAT_BACK = "sat back"
    BOUT_OVER = "bout over"


@dataclass(frozen=True, slots=True)
class Reminders:
    """The state of reminding.

    next: when the next one comes; it counts in mood REMINDING only.
    count, snoozes: how many the bout has had.
    rung: how far up the ladder the reminders are; 0 before the first, and after an acknowledgement.
    owed: a hold swallowed the first one; it comes when the hold ends, whatever ``max_reminders``.
    """

    mood: Mood = Mood.QUIET
    next: Instant | None = None
    count: int = 0
    snoozes: int = 0
    rung: int = 0
    owed: bool = False


def _remind(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    rung = reminders.rung + 1
    wait = rules.wait_at(rung)
    return replace(reminders, count=reminders.count + 1, rung=rung, next=at + wait, owed=False)


def _start_over(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    return replace(reminders, next=at + rules.wait_at(reminders.rung))


def _stop(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    return replace(reminders, next=None)


def _forget(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    return Reminders()


Act = Callable[[Reminders, Rules, Instant], Reminders]

TABLE: dict[tuple[Mood, Signal], tuple[Mood, Act]] = {
    (Mood.QUIET, Signal.DUE): (Mood.REMINDING, _remind),
    (Mood.REMINDING, Signal.NEXT_OVER): (Mood.REMINDING, _remind),
    (Mood.REMINDING, Signal.SPENT): (Mood.GIVEN_UP, _stop),
    (Mood.REMINDING, Signal.STOOD_UP): (Mood.PAUSED, _stop),
    (Mood.PAUSED, Signal.SAT_BACK): (Mood.REMINDING, _start_over),
    (Mood.PAUSED, Signal.BOUT_OVER): (Mood.QUIET, _forget),
    (Mood.REMINDING, Signal.BOUT_OVER): (Mood.QUIET, _forget),
    (Mood.GIVEN_UP, Signal.BOUT_OVER): (Mood.QUIET, _forget),
}


def step(reminders: Reminders, signal: Signal, rules: Rules, at: Instant) -> Reminders:
    """The reminders after a signal at an instant."""
    row = TABLE.get((reminders.mood, signal))
    if row is None:
        return reminders
    mood, act = row
    return replace(act(reminders, rules, at), mood=mood)


def next_at(reminders: Reminders) -> Instant | None:
    """When the next reminder, or the giving up, comes; None when none will."""
    return reminders.next if reminders.mood is Mood.REMINDING else None


def when_over(reminders: Reminders, rules: Rules) -> Signal:
    """Which signal the time of the next reminder is."""
    spent = reminders.count >= rules.max_reminders and not reminders.owed
    return Signal.SPENT if spent else Signal.NEXT_OVER


def owe(reminders: Reminders, at: Instant) -> Reminders:
    """The reminder of this instant was not heard: it is the next one, as soon as it may sound."""
    return replace(reminders, next=at, owed=True, rung=max(0, reminders.rung - 1))


def acknowledge(reminders: Reminders) -> Reminders:
    """Somebody has heard it: the next reminder is a soft one again."""
    return replace(reminders, rung=0)


def is_coming(reminders: Reminders, rules: Rules) -> bool:
    """Whether a reminder is on its way, and not the giving up."""
    return reminders.mood is Mood.REMINDING and when_over(reminders, rules) is Signal.NEXT_OVER


def can_snooze(reminders: Reminders, rules: Rules) -> bool:
    """Whether there is a reminder to put off and a snooze left to do it with."""
    return is_coming(reminders, rules) and reminders.snoozes < rules.max_snoozes


def snooze(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    """Puts the next reminder off, counted from when it would have come."""
    until = max(at, reminders.next or at) + rules.snooze_after(reminders.snoozes)
    return replace(reminders, next=until, snoozes=reminders.snoozes + 1)


def resume(reminders: Reminders, at: Instant) -> Reminders:
    """Ends a pause for a hold: a reminder that would have come within it comes now."""
    if reminders.next is None:
        return reminders
    return replace(reminders, next=max(reminders.next, at))
