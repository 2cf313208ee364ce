"""Reminders of a bout that is due: when they sound, and when they stop.

A pair of state and signal that is not in ``TABLE`` changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from unsit.core.instant import ZERO, Instant, formerly, replace
from unsit.core.rules import Rules


class ReminderState(Enum):
    """State of the reminders. PAUSED: the person stood up. GIVEN_UP: all reminders were used."""

    QUIET = "quiet"
    REMINDING = "reminding"
    PAUSED = "paused"
    GIVEN_UP = "given up"


class ReminderSignal(Enum):
    """Change of sitting, or the end of the time until the next reminder."""

    DUE = "due"
    NEXT_OVER = "next reminder's time"
    SPENT = "max_reminders spent"
    STOOD_UP = "stood up"
    SAT_BACK = "sat back"
    BOUT_OVER = "bout over"


@dataclass(frozen=True, slots=True)
class Reminders:
    """Reminders of the bout under way.

    next: when the next reminder comes; it counts in state REMINDING only.
    count, snoozes: number of reminders and snoozes that the bout has had.
    rung: number of the last rung of the ladder; 0 before the first reminder and after an
        acknowledgement.
    swallowed: a hold has swallowed the first reminder, which comes when the hold ends, even if
        ``max_reminders`` is 0.
    left: in state PAUSED, what is left of the waiting time; None for the whole of it.
    """

    state: ReminderState = field(default=ReminderState.QUIET, metadata=formerly("mood"))
    next: Instant | None = None
    count: int = 0
    snoozes: int = 0
    rung: int = 0
    swallowed: bool = field(default=False, metadata=formerly("owed"))
    left: timedelta | None = None


def _remind(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    rung = reminders.rung + 1
    next_ = at + rules.wait_at(rung)
    return replace(reminders, count=reminders.count + 1, rung=rung, next=next_, swallowed=False)


def _pause(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    """Stop the waiting time. One that a hold has outlasted begins again after the gap."""
    left = None if reminders.next is None else reminders.next - at
    if left is not None and left < ZERO:
        left = None if reminders.swallowed else ZERO
    return replace(reminders, next=None, left=left)


def _go_on(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    """Go on with the waiting time, which stood still: no number of gaps may use it up."""
    left = rules.wait_at(reminders.rung) if reminders.left is None else reminders.left
    return replace(reminders, next=at + left, left=None)


def _stop(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    return replace(reminders, next=None)


def _forget(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    return Reminders()


Action = Callable[[Reminders, Rules, Instant], Reminders]

TABLE: dict[tuple[ReminderState, ReminderSignal], tuple[ReminderState, Action]] = {
    (ReminderState.QUIET, ReminderSignal.DUE): (ReminderState.REMINDING, _remind),
    (ReminderState.REMINDING, ReminderSignal.NEXT_OVER): (ReminderState.REMINDING, _remind),
    (ReminderState.REMINDING, ReminderSignal.SPENT): (ReminderState.GIVEN_UP, _stop),
    (ReminderState.REMINDING, ReminderSignal.STOOD_UP): (ReminderState.PAUSED, _pause),
    (ReminderState.PAUSED, ReminderSignal.SAT_BACK): (ReminderState.REMINDING, _go_on),
    (ReminderState.PAUSED, ReminderSignal.BOUT_OVER): (ReminderState.QUIET, _forget),
    (ReminderState.REMINDING, ReminderSignal.BOUT_OVER): (ReminderState.QUIET, _forget),
    (ReminderState.GIVEN_UP, ReminderSignal.BOUT_OVER): (ReminderState.QUIET, _forget),
}


def step_reminders(
    reminders: Reminders, signal: ReminderSignal, rules: Rules, at: Instant
) -> Reminders:
    """Return the reminders after a signal."""
    row = TABLE.get((reminders.state, signal))
    if row is None:
        return reminders
    state, action = row
    return replace(action(reminders, rules, at), state=state)


def next_reminder_at(reminders: Reminders) -> Instant | None:
    """Return when the next reminder, or the giving up, comes; None if neither will."""
    return reminders.next if reminders.state is ReminderState.REMINDING else None


def next_reminder_signal(reminders: Reminders, rules: Rules) -> ReminderSignal:
    """Return the signal at the time of the next reminder: a reminder, or the giving up."""
    spent = reminders.count >= rules.max_reminders and not reminders.swallowed
    return ReminderSignal.SPENT if spent else ReminderSignal.NEXT_OVER


def swallow_reminder(reminders: Reminders, at: Instant) -> Reminders:
    """Return the reminders without the sound of this instant, which comes once sound is allowed."""
    return replace(reminders, next=at, swallowed=True, rung=max(0, reminders.rung - 1))


def acknowledge_reminder(reminders: Reminders) -> Reminders:
    """Return the reminders at the foot of the ladder, because the person has noticed them."""
    return replace(reminders, rung=0)


def is_reminder_coming(reminders: Reminders, rules: Rules) -> bool:
    """Return whether a reminder will come, rather than the giving up or nothing."""
    return (
        reminders.state is ReminderState.REMINDING
        and next_reminder_signal(reminders, rules) is ReminderSignal.NEXT_OVER
    )


def can_snooze(reminders: Reminders, rules: Rules) -> bool:
    """Return whether there is a reminder to put off, and the bout has a snooze left."""
    return is_reminder_coming(reminders, rules) and reminders.snoozes < rules.max_snoozes


def snooze_reminder(reminders: Reminders, rules: Rules, at: Instant) -> Reminders:
    """Return the reminders with the next one put off, from the instant at which it would come."""
    until = max(at, reminders.next or at) + rules.snooze_after(reminders.snoozes)
    return replace(reminders, next=until, snoozes=reminders.snoozes + 1)


def resume_reminders(reminders: Reminders, at: Instant) -> Reminders:
    """Return the reminders after a hold or fault: one that would have come during it comes now."""
    if reminders.next is None:
        return reminders
    return replace(reminders, next=max(reminders.next, at))
