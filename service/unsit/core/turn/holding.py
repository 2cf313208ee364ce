"""Holds: when they start and when they end.

Several may be in force at once. The chair is told of the first that starts and of the last that
ends; sound is allowed again, and what was swallowed comes, when none is left.
"""

from collections.abc import Callable
from dataclasses import replace

from unsit.core import reminders as reminding
from unsit.core.chair import Closure
from unsit.core.effects import Refuse
from unsit.core.events import HoldEnded, HoldStarted
from unsit.core.inputs import (
    AlwaysWithinHours,
    Hold,
    Holder,
    OutsideHours,
    Quiet,
    Release,
    TopicCleared,
)
from unsit.core.instant import Instant
from unsit.core.turn.coaching import HELD, stop
from unsit.core.turn.underway import Turn

OVER = "its time is over"


def hush(turn: Turn, what: Quiet, at: Instant) -> None:
    """All that is asked about holds."""
    match what:
        case Hold():
            start_hold(turn, what, at)
        case Release():
            _end(turn, lambda hold: True, what.reason, at)
        case TopicCleared():
            _end(turn, lambda hold: _is_of(hold, what.reason), what.reason, at)
        case OutsideHours():
            _keep_hours(turn, what, at)
        case AlwaysWithinHours():
            turn.change(closure=None)
            _end(turn, _is_of_hours, Holder.HOURS.value, at)


def start_hold(turn: Turn, hold: Hold, at: Instant) -> None:
    """No sound from here on; a hold of the same holder is replaced."""
    if hold.until is not None and hold.until <= at:
        turn.owe(Refuse("the hold would be over already"))
        return
    others = tuple(one for one in turn.chair.holds if not hold.takes_the_place_of(one))
    if not turn.chair.held:
        turn.owe(HoldStarted(at, hold.reason))
        stop(turn, HELD, at)
    turn.change(holds=(*others, _limited(turn, hold, at)))


def end_overdue_holds(turn: Turn, at: Instant) -> None:
    """The time of a hold, or of several, is over."""
    _end(turn, lambda hold: hold.until is not None and hold.until <= at, OVER, at)


def toggle_hold(turn: Turn, at: Instant) -> None:
    """A long press: a hold if there is none, else the end of all there are."""
    if turn.chair.held:
        hush(turn, Release("button"), at)
    else:
        start_hold(turn, Hold("button"), at)


def end_hours(turn: Turn, at: Instant) -> None:
    """The working hours are over."""
    closure = turn.chair.closure
    if closure is not None:
        turn.change(closure=replace(closure, begun=True))
        start_hold(turn, Hold(Holder.HOURS.value, closure.span.until, Holder.HOURS), at)


def _limited(turn: Turn, hold: Hold, at: Instant) -> Hold:
    """The hold with an end, if holds must have one."""
    longest = turn.chair.rules.longest_hold
    if hold.until is not None or longest is None:
        return hold
    return replace(hold, until=at + longest)


def _end(turn: Turn, is_over: Callable[[Hold], bool], reason: str, at: Instant) -> None:
    """Ends some of the holds; with the last of them the reminder that was swallowed comes."""
    left = tuple(hold for hold in turn.chair.holds if not is_over(hold))
    if left == turn.chair.holds:
        return
    turn.change(holds=left)
    if not left:
        turn.change(reminders=reminding.resume(turn.chair.reminders, at))
        turn.owe(HoldEnded(at, reason))


def _keep_hours(turn: Turn, span: OutsideHours, at: Instant) -> None:
    """Takes what the calendar says now; a closure that a person has lifted stays lifted."""
    if span.until <= at:
        turn.owe(Refuse("that time outside the hours is over already"))
        return
    before = turn.chair.closure
    goes_on = before is not None and before.begun and before.span.until > at >= span.start
    if not goes_on:
        turn.change(closure=Closure(span))
        _open(turn, span, at)
        return
    turn.change(closure=Closure(span, begun=True))
    if any(map(_is_of_hours, turn.chair.holds)):
        start_hold(turn, Hold(Holder.HOURS.value, span.until, Holder.HOURS), at)


def _open(turn: Turn, span: OutsideHours, at: Instant) -> None:
    """Outside the hours from now on, or within them until the closure starts."""
    if span.start <= at:
        end_hours(turn, at)
    else:
        _end(turn, _is_of_hours, Holder.HOURS.value, at)


def _is_of_hours(hold: Hold) -> bool:
    return hold.holder is Holder.HOURS


def _is_of(hold: Hold, topic: str) -> bool:
    return hold.holder is Holder.TOPIC and hold.reason == topic
