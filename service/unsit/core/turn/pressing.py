"""The button, and what it asks for: a snooze, an acknowledgement, a hold."""

from unsit.core import button as buttons
from unsit.core import reminders as reminding
from unsit.core.effects import Refuse
from unsit.core.events import Acknowledged, Snoozed
from unsit.core.instant import Instant
from unsit.core.turn.holding import toggle_hold
from unsit.core.turn.underway import Turn


def press(turn: Turn, signal: buttons.Signal, at: Instant) -> None:
    """What the finger means: a short press snoozes or acknowledges, a long one holds."""
    button, meant = buttons.step(turn.chair.button, signal, at)
    turn.change(button=button)
    if meant is buttons.Press.LONG:
        toggle_hold(turn, at)
    elif meant is buttons.Press.SHORT and _can_snooze(turn):
        snooze(turn, at)
    elif meant is buttons.Press.SHORT and turn.chair.due:
        acknowledge(turn, at)


def snooze(turn: Turn, at: Instant) -> None:
    """The next reminder is put off, or it is said why not."""
    rules = turn.chair.rules
    if not _can_snooze(turn):
        coming = reminding.is_coming(turn.chair.reminders, rules)
        turn.owe(Refuse("this bout has no snooze left" if coming else "no reminder is on its way"))
        return
    snoozed = reminding.snooze(turn.chair.reminders, rules, at)
    turn.change(reminders=snoozed)
    turn.owe(Snoozed(at, snoozed.next or at))
    turn.silence()


def acknowledge(turn: Turn, at: Instant) -> None:
    """The call to move was heard: it sounds no longer. The reminders go on."""
    if not turn.chair.due:
        turn.owe(Refuse("nothing is due that could be acknowledged"))
        return
    turn.owe(Acknowledged(at, at - turn.chair.sitting.open_bout().started))
    turn.silence()


def _can_snooze(turn: Turn) -> bool:
    return reminding.can_snooze(turn.chair.reminders, turn.chair.rules)
