"""Holds: when they start and when they end."""

from unsit.core import reminders as reminding
from unsit.core.effects import Refuse
from unsit.core.events import HoldEnded, HoldStarted
from unsit.core.inputs import Hold
from unsit.core.instant import Instant
from unsit.core.turn.underway import Turn


def start_hold(turn: Turn, hold: Hold, at: Instant) -> None:
    """No sound from here on; a hold in force gets the new end and goes on."""
    if hold.until is not None and hold.until <= at:
        turn.owe(Refuse("the hold would be over already"))
        return
    if turn.chair.hold is None:
        turn.owe(HoldStarted(at, hold.reason))
    turn.change(hold=hold)


def end_hold(turn: Turn, reason: str, at: Instant) -> None:
    """Sound is allowed again, and the reminder that was swallowed comes."""
    if turn.chair.hold is None:
        return
    turn.change(hold=None, reminders=reminding.resume(turn.chair.reminders, at))
    turn.owe(HoldEnded(at, reason))


def toggle_hold(turn: Turn, at: Instant) -> None:
    """A long press: a hold if there is none, else its end."""
    if turn.chair.hold is None:
        start_hold(turn, Hold("button"), at)
    else:
        end_hold(turn, "button", at)
