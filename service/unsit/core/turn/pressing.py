"""The button, and what it asks for: a snooze, an acknowledgement, a hold."""

from datetime import timedelta

from unsit.core import button as buttons
from unsit.core import reminders as reminding
from unsit.core.effects import Refuse
from unsit.core.events import Acknowledged, Snoozed
from unsit.core.instant import Instant
from unsit.core.turn.coaching import answer
from unsit.core.turn.holding import toggle_hold
from unsit.core.turn.underway import Turn

REMEMBERED = timedelta(hours=50)
"""How long a snooze is remembered: the longest day, and a wall clock set back by one."""


def press(turn: Turn, signal: buttons.Signal, at: Instant) -> None:
    """What the finger means: a short press snoozes or acknowledges, a long one holds."""
    button, meant = buttons.step(turn.chair.button, signal, at)
    turn.change(button=button)
    if meant is buttons.Press.LONG:
        toggle_hold(turn, at)
    elif meant is buttons.Press.SHORT and answer(turn, at):
        pass
    elif meant is buttons.Press.SHORT and _why_not(turn, at) is None:
        snooze(turn, at)
    elif meant is buttons.Press.SHORT and turn.chair.due:
        acknowledge(turn, at)


def snooze(turn: Turn, at: Instant) -> None:
    """The next reminder is put off, or it is said why not."""
    rules = turn.chair.rules
    if (why := _why_not(turn, at)) is not None:
        turn.owe(Refuse(why))
        return
    snoozed = reminding.snooze(turn.chair.reminders, rules, at)
    recent = tuple(one for one in turn.chair.snoozed if one > at - REMEMBERED)
    turn.change(reminders=snoozed, snoozed=(*recent, at))
    turn.owe(Snoozed(at, snoozed.next or at))
    turn.silence()


def acknowledge(turn: Turn, at: Instant) -> None:
    """The call to move was heard: it sounds no longer. The reminders go on, softly at first."""
    if not turn.chair.due:
        turn.owe(Refuse("nothing is due that could be acknowledged"))
        return
    turn.change(reminders=reminding.acknowledge(turn.chair.reminders))
    turn.owe(Acknowledged(at, at - turn.chair.sitting.open_bout().started))
    turn.silence()


def _why_not(turn: Turn, at: Instant) -> str | None:
    """Why there can be no snooze now, None if there can."""
    reminders, rules = turn.chair.reminders, turn.chair.rules
    if not reminding.is_coming(reminders, rules):
        return "no reminder is on its way"
    if not reminding.can_snooze(reminders, rules):
        return "this bout has no snooze left"
    if rules.daily_snoozes is not None and turn.chair.snoozes_today(at) >= rules.daily_snoozes:
        return "today has no snooze left"
    return None
