"""Deadlines: what the passing of time alone brings, when, and running it."""

from collections.abc import Callable, Iterator
from enum import IntEnum

from unsit.core.button import long_press_at
from unsit.core.chair import Chair
from unsit.core.exercises import counts_at, has_cue
from unsit.core.instant import Instant
from unsit.core.reminders import next_reminder_at
from unsit.core.seat import SeatSignal, settles_at, step_seat
from unsit.core.sitting import SittingSignal, break_at, due_at, lasted_at, warning_at
from unsit.core.transition.bouts import advance_sitting, reach_daily_limit, remind, warn_soon_due
from unsit.core.transition.button import end_long_press
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import count_by_itself, cue_early, pace_next_stage
from unsit.core.transition.holds import end_overdue_holds, start_closed_span


class DeadlineKind(IntEnum):
    """Kind of a deadline. The number is the order of deadlines at the same instant.

    - The end of the working hours comes first: its hold silences all that follows.
    - A hold that ends lets the reminder of the same instant sound.
    - Time off the seat of exactly ``min_break`` is a break, even if the person sits down then.
    - A seat that is left at the instant of a reminder is empty, and gets none. A seat that is
      taken at the instant of a beat ends the paced exercise.
    """

    HOURS_END = 0
    HOLD_ENDS = 1
    LONG_PRESS = 2
    BREAK = 3
    SEAT_CHANGES = 4
    PACE = 5
    EXERCISE_COUNTS = 6
    LIMIT = 7
    WARNING = 8
    DUE = 9
    CUE = 10
    REMINDER = 11


Deadline = tuple[Instant, DeadlineKind]


def deadlines(chair: Chair) -> Iterator[Deadline]:
    """Yield all deadlines of the chair.

    Only holds and the button have deadlines while the seat is not known: during a sensor fault,
    after a restart until the first level, and while the level is uncertain. While a level has yet
    to hold, its dwell is the only deadline that depends on the seat: whether anything else happens
    depends on the outcome.
    """
    if chair.closed_span is not None and not chair.closed_span.begun:
        yield chair.closed_span.span.start, DeadlineKind.HOURS_END
    for hold in chair.holds:
        if hold.until is not None:
            yield hold.until, DeadlineKind.HOLD_ENDS
    if (at := long_press_at(chair.button)) is not None:
        yield at, DeadlineKind.LONG_PRESS
    if chair.fault is not None or chair.down_since is not None or chair.level_uncertain:
        return
    if (at := settles_at(chair.seat, chair.rules)) is not None:
        yield at, DeadlineKind.SEAT_CHANGES
    else:
        yield from seat_deadlines(chair)


def seat_deadlines(chair: Chair) -> Iterator[Deadline]:
    """Yield the deadlines that depend on the settled level of the seat."""
    sitting, rules = chair.sitting, chair.rules
    if (at := break_at(sitting, rules)) is not None:
        yield at, DeadlineKind.BREAK
    if (at := chair.limit_at) is not None:
        yield at, DeadlineKind.LIMIT
    if (at := warning_at(sitting, rules)) is not None:
        yield at, DeadlineKind.WARNING
    if (at := due_at(sitting, rules)) is not None:
        yield at, DeadlineKind.DUE
    if not chair.held and (at := next_reminder_at(chair.reminders)) is not None:
        yield at, DeadlineKind.REMINDER
    yield from _exercise_deadlines(chair)


def _exercise_deadlines(chair: Chair) -> Iterator[Deadline]:
    coaching, programme = chair.coaching, chair.programme
    if coaching.pacing is not None:
        yield coaching.pacing.ends, DeadlineKind.PACE
    if (at := counts_at(programme, coaching)) is not None:
        yield at, DeadlineKind.EXERCISE_COUNTS
    at = lasted_at(chair.sitting, programme.cue_after)
    if at is not None and has_cue(programme, coaching, chair.day_of(at)):
        yield at, DeadlineKind.CUE


def next_deadline(chair: Chair) -> Instant | None:
    """Return when the chair needs a ``Tick`` if no other input comes before, None for never."""
    return min((at for at, _ in deadlines(chair)), default=None)


def run_due(context: Transition, last: Deadline) -> None:
    """Run the deadlines in order, up to and including ``last``."""
    _run(context, deadlines, last)


def settle_level(context: Transition, at: Instant) -> None:
    """Settle a level that has held.

    Deadlines that had to wait for it, up to the instant of its edge, run first.
    """
    edge = context.chair.seat.edge
    if edge is None:
        return
    _run(context, seat_deadlines, (edge, DeadlineKind.SEAT_CHANGES))
    is_pressed = context.chair.seat.pressed
    context.change(seat=step_seat(context.chair.seat, SeatSignal.HELD, at))
    signal = SittingSignal.SAT_DOWN if is_pressed else SittingSignal.STOOD_UP
    advance_sitting(context, signal, edge)


def _run(
    context: Transition, pending: Callable[[Chair], Iterator[Deadline]], last: Deadline
) -> None:
    while (first := min(pending(context.chair), default=None)) is not None and first <= last:
        at, kind = first
        _HANDLERS[kind](context, at)


def _end_bout(context: Transition, at: Instant) -> None:
    advance_sitting(context, SittingSignal.MIN_BREAK_OVER, at)


def _become_due(context: Transition, at: Instant) -> None:
    advance_sitting(context, SittingSignal.MOVE_AFTER_OVER, at)


_HANDLERS: dict[DeadlineKind, Callable[[Transition, Instant], None]] = {
    DeadlineKind.HOURS_END: start_closed_span,
    DeadlineKind.HOLD_ENDS: end_overdue_holds,
    DeadlineKind.LONG_PRESS: end_long_press,
    DeadlineKind.BREAK: _end_bout,
    DeadlineKind.SEAT_CHANGES: settle_level,
    DeadlineKind.PACE: pace_next_stage,
    DeadlineKind.EXERCISE_COUNTS: count_by_itself,
    DeadlineKind.LIMIT: reach_daily_limit,
    DeadlineKind.WARNING: warn_soon_due,
    DeadlineKind.DUE: _become_due,
    DeadlineKind.CUE: cue_early,
    DeadlineKind.REMINDER: remind,
}
