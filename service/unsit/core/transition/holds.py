"""Holds: how they start and end.

Several holds may be in force at once. ``HoldStarted`` reports the first that starts and
``HoldEnded`` the last that ends; only then is sound allowed again, and a reminder that was
swallowed sounds at once. In between, ``HoldChanged`` reports how those of sources come and go.

A source holds the chair by a message that the broker keeps, and the broker sends it again each time
the chair connects. A hold that has ended by its own end, or by a person, is therefore kept as spent
until its message is gone: the same message does not start it again.
"""

from collections.abc import Callable
from datetime import timedelta

from unsit.core.chair import Chair, ClosedSpan
from unsit.core.events import HoldChanged, HoldEnded, HoldStarted, Refuse
from unsit.core.inputs import (
    AlwaysWithinHours,
    Hold,
    Holder,
    HoldMessage,
    HoldRedated,
    OutsideHours,
    Release,
    SourcesListed,
    TopicCleared,
)
from unsit.core.instant import Instant, replace
from unsit.core.reminders import resume_reminders
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import STOPPED_BY_HOLD, end_pacing

OVERDUE_REASON = "its time is over"

SOURCE_GONE_REASON = "its message is gone"

SOURCES_MAX = 20
"""Holds of sources at a time; a chair at a desk needs some three."""

SAME_MESSAGE = timedelta(seconds=1)
"""Ends of one hold that are not farther apart are one: the broker may send a message twice."""


def start_hold(context: Transition, hold: Hold, at: Instant) -> None:
    """Start a hold, which replaces an earlier one of the same holder."""
    if hold.until is not None and hold.until <= at:
        context.emit(Refuse("the hold would be over already"))
        return
    before = context.chair
    others = tuple(other for other in before.holds if not hold.replaces(other))
    if not before.held:
        context.emit(HoldStarted(at, hold.reason))
        end_pacing(context, STOPPED_BY_HOLD, at)
    longest = before.rules.longest_hold
    if hold.until is None and longest is not None:
        hold = replace(hold, until=at + longest)
    context.change(holds=(*others, hold))
    _report_change(context, before, at)


def take_hold_message(context: Transition, received: HoldMessage, at: Instant) -> None:
    """Follow the message of a source, unless the chair has followed it before."""
    hold, chair = received.hold, context.chair
    active = _of_source(chair.holds, hold.reason)
    known = active or _of_source(chair.spent_holds, hold.reason)
    if received.is_replay and known is not None and known.message == hold.message:
        return
    if hold.until is not None and hold.until <= at:
        if received.is_replay:  # it was over before the chair could read it
            _end_holds(context, lambda other: hold.replaces(other), OVERDUE_REASON, at)
            _note_spent(context, (hold,))
        else:
            context.emit(Refuse("the hold would be over already"))
        return
    if active is None and _sources(chair.holds) >= SOURCES_MAX:
        context.emit(Refuse(f"there are {SOURCES_MAX} holds already; expected at most that many"))
        return
    _forget_spent(context, hold.reason)
    if active is None or not _is_same(active, hold, context, at):
        start_hold(context, hold, at)


def forget_unlisted_sources(context: Transition, listed: SourcesListed, at: Instant) -> None:
    """End the holds, and forget the spent ones, whose messages the broker has no longer."""

    def is_gone(hold: Hold) -> bool:
        is_kept = hold.holder is Holder.SOURCE and hold.retained
        return is_kept and hold.reason not in listed.reasons

    _end_holds(context, is_gone, SOURCE_GONE_REASON, at)
    left = tuple(hold for hold in context.chair.spent_holds if hold.reason in listed.reasons)
    context.change(spent_holds=left)


def redate_hold(context: Transition, redated: HoldRedated, at: Instant) -> None:
    """Move the end of the hold of a source to where the corrected clock has it."""
    before = context.chair
    hold = _of_source(before.holds, redated.reason)
    if hold is not None:
        others = tuple(other for other in before.holds if other != hold)
        context.change(holds=(*others, replace(hold, until=redated.until)))
        end_overdue_holds(context, at)
        _report_change(context, before, at)


def release_holds(context: Transition, request: Release, at: Instant) -> None:
    """End all holds."""
    _note_spent(context, context.chair.holds)
    _end_holds(context, lambda hold: True, request.reason, at)


def clear_topic(context: Transition, cleared: TopicCleared, at: Instant) -> None:
    """End the hold of one topic or source."""
    reason, holder = cleared.reason, cleared.holder
    _end_holds(context, lambda hold: hold.holder is holder and hold.reason == reason, reason, at)
    if holder is Holder.SOURCE:
        _forget_spent(context, reason)


def toggle_hold(context: Transition, at: Instant) -> None:
    """Start a hold if there is none, else end all holds."""
    if context.chair.held:
        release_holds(context, Release("button"), at)
    else:
        start_hold(context, Hold("button"), at)


def end_overdue_holds(context: Transition, at: Instant) -> None:
    """End each hold whose time is over."""

    def is_over(hold: Hold) -> bool:
        return hold.until is not None and hold.until <= at

    _note_spent(context, tuple(filter(is_over, context.chair.holds)))
    _end_holds(context, is_over, OVERDUE_REASON, at)


def set_outside_hours(context: Transition, span: OutsideHours, at: Instant) -> None:
    """Take the next time outside the working hours from the schedule.

    If a person has ended the hold of the time outside the hours that is still under way, it stays
    ended.
    """
    if span.until <= at:
        context.emit(Refuse("that time outside the hours is over already"))
        return
    before = context.chair.closed_span
    if before is not None and before.begun and before.span.until > at >= span.start:
        context.change(closed_span=ClosedSpan(span, begun=True))
        if any(map(_is_of_hours, context.chair.holds)):
            start_hold(context, _hold_until(span), at)
        return
    context.change(closed_span=ClosedSpan(span))
    if span.start <= at:
        start_closed_span(context, at)
    else:
        _end_holds(context, _is_of_hours, Holder.HOURS.value, at)


def set_always_within_hours(context: Transition, received: AlwaysWithinHours, at: Instant) -> None:
    """Forget the time outside the working hours, and end its hold."""
    context.change(closed_span=None)
    _end_holds(context, _is_of_hours, Holder.HOURS.value, at)


def start_closed_span(context: Transition, at: Instant) -> None:
    """Start the hold of the time outside the working hours."""
    closed = context.chair.closed_span
    if closed is not None:
        context.change(closed_span=replace(closed, begun=True))
        start_hold(context, _hold_until(closed.span), at)


def _hold_until(span: OutsideHours) -> Hold:
    return Hold(Holder.HOURS.value, span.until, Holder.HOURS)


def _is_of_hours(hold: Hold) -> bool:
    return hold.holder is Holder.HOURS


def _end_holds(
    context: Transition, is_over: Callable[[Hold], bool], reason: str, at: Instant
) -> None:
    """End some of the holds; after the last one, the reminders resume."""
    before = context.chair
    left = tuple(hold for hold in before.holds if not is_over(hold))
    if left == before.holds:
        return
    context.change(holds=left)
    if left:
        _report_change(context, before, at)
    else:
        context.change(reminders=resume_reminders(context.chair.reminders, at))
        context.emit(HoldEnded(at, reason))


def _report_change(context: Transition, before: Chair, at: Instant) -> None:
    """Report the holds in force, if one of a source has begun, has ended, or has another end."""
    chair = context.chair
    if before.held and chair.held and _ends(before.holds) != _ends(chair.holds):
        reasons = tuple(hold.reason for hold in chair.holds)
        context.emit(HoldChanged(at, reasons, chair.held_until))


def _of_source(holds: tuple[Hold, ...], reason: str) -> Hold | None:
    """Return the hold of a source, None if there is none."""
    found = (hold for hold in holds if hold.holder is Holder.SOURCE and hold.reason == reason)
    return next(found, None)


def _ends(holds: tuple[Hold, ...]) -> dict[str, Instant | None]:
    """Return the ends of the holds of sources, by reason."""
    return {hold.reason: hold.until for hold in holds if hold.holder is Holder.SOURCE}


def _sources(holds: tuple[Hold, ...]) -> int:
    return sum(hold.holder is Holder.SOURCE for hold in holds)


def _is_same(active: Hold, asked: Hold, context: Transition, at: Instant) -> bool:
    """Return whether the hold in force already ends where the one that is asked for would."""
    longest = context.chair.rules.longest_hold
    until = at + longest if asked.until is None and longest is not None else asked.until
    if (active.message, active.retained) != (asked.message, asked.retained):
        return False
    if until is None or active.until is None:
        return until == active.until
    return abs(until - active.until) <= SAME_MESSAGE


def _note_spent(context: Transition, ended: tuple[Hold, ...]) -> None:
    """Keep the holds of sources whose messages the broker has; the oldest go first."""
    kept = [hold for hold in ended if hold.holder is Holder.SOURCE and hold.retained]
    if kept:
        reasons = {hold.reason for hold in kept}
        others = (hold for hold in context.chair.spent_holds if hold.reason not in reasons)
        context.change(spent_holds=(*others, *kept)[-SOURCES_MAX:])


def _forget_spent(context: Transition, reason: str) -> None:
    left = tuple(hold for hold in context.chair.spent_holds if hold.reason != reason)
    if left != context.chair.spent_holds:
        context.change(spent_holds=left)
