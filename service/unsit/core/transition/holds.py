"""Holds: how they start and end.

Several holds may be in force at once. ``HoldStarted`` reports the first that starts and
``HoldEnded`` the last that ends; only then is sound allowed again, and a reminder that was
swallowed sounds at once.
"""

from collections.abc import Callable

from unsit.core.chair import ClosedSpan
from unsit.core.events import HoldEnded, HoldStarted, Refuse
from unsit.core.inputs import AlwaysWithinHours, Hold, Holder, OutsideHours, Release, TopicCleared
from unsit.core.instant import Instant, replace
from unsit.core.reminders import resume_reminders
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import STOPPED_BY_HOLD, end_pacing

OVERDUE_REASON = "its time is over"


def start_hold(context: Transition, hold: Hold, at: Instant) -> None:
    """Start a hold, which replaces an earlier one of the same holder."""
    if hold.until is not None and hold.until <= at:
        context.emit(Refuse("the hold would be over already"))
        return
    others = tuple(other for other in context.chair.holds if not hold.replaces(other))
    if not context.chair.held:
        context.emit(HoldStarted(at, hold.reason))
        end_pacing(context, STOPPED_BY_HOLD, at)
    longest = context.chair.rules.longest_hold
    if hold.until is None and longest is not None:
        hold = replace(hold, until=at + longest)
    context.change(holds=(*others, hold))


def release_holds(context: Transition, request: Release, at: Instant) -> None:
    """End all holds."""
    _end_holds(context, lambda hold: True, request.reason, at)


def clear_topic(context: Transition, cleared: TopicCleared, at: Instant) -> None:
    """End the hold of one topic."""
    reason = cleared.reason
    _end_holds(
        context,
        lambda hold: hold.holder is Holder.TOPIC and hold.reason == reason,
        reason,
        at,
    )


def toggle_hold(context: Transition, at: Instant) -> None:
    """Start a hold if there is none, else end all holds."""
    if context.chair.held:
        release_holds(context, Release("button"), at)
    else:
        start_hold(context, Hold("button"), at)


def end_overdue_holds(context: Transition, at: Instant) -> None:
    """End each hold whose time is over."""
    _end_holds(
        context, lambda hold: hold.until is not None and hold.until <= at, OVERDUE_REASON, at
    )


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
    left = tuple(hold for hold in context.chair.holds if not is_over(hold))
    if left == context.chair.holds:
        return
    context.change(holds=left)
    if not left:
        context.change(reminders=resume_reminders(context.chair.reminders, at))
        context.emit(HoldEnded(at, reason))
