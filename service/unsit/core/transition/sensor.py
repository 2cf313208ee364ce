"""Inputs of the sensor: edges, doubt about the level, faults, and posture."""

from unsit.core.chair import ActiveFault
from unsit.core.events import LeaningEnded, LeaningStarted, SensorFault, SensorRecovered, SoftTick
from unsit.core.inputs import (
    Lean,
    LevelUncertain,
    Pressed,
    Released,
    Restarted,
    SensorFailed,
    SensorWorks,
    ShiftWeight,
    SitUpright,
)
from unsit.core.instant import ZERO, Instant
from unsit.core.reminders import resume_reminders
from unsit.core.seat import (
    SeatSignal,
    SeatState,
    drop_unsettled_level,
    settles_at,
    step_seat,
    with_certain_level,
)
from unsit.core.sitting import SittingSignal
from unsit.core.transition.bouts import advance_sitting, advance_sitting_if_break, next_reminder
from unsit.core.transition.context import Transition
from unsit.core.transition.deadlines import settle_level
from unsit.core.transition.exercises import (
    STOPPED_BY_FAULT,
    cue_leaning,
    end_pacing,
    time_off_counts_from,
)
from unsit.core.transition.restart import end_absence, resume, suspend


def handle_edge(context: Transition, edge: Pressed | Released, at: Instant) -> None:
    """Apply an edge of the seat level; during a sensor fault edges are ignored."""
    if context.chair.fault is not None:
        return
    is_pressed = isinstance(edge, Pressed)
    if context.chair.down_since is not None:
        resume(context, context.chair.down_since, pressed=is_pressed, at=at)
    if not is_pressed:
        _end_lean(context, at)
    signal = SeatSignal.PRESSED if is_pressed else SeatSignal.RELEASED
    context.change(seat=step_seat(context.chair.seat, signal, at, edge.dwell or ZERO))
    if context.chair.seat.state is SeatState.SEATED:
        # The seat stays seated after a downtime; had that been a break, this is a sit-down.
        advance_sitting_if_break(context, SittingSignal.SAT_DOWN, at)
    if settles_at(context.chair.seat, context.chair.rules) == at:
        settle_level(context, at)


def handle_restart(context: Transition, restart: Restarted, at: Instant) -> None:
    """Suspend sitting since the start of the downtime."""
    _end_lean(context, restart.down_since)
    suspend(context, restart)


def mark_level_uncertain(context: Transition, received: LevelUncertain, at: Instant) -> None:
    """Stop deadlines that depend on the seat until its level is certain again."""
    context.change(level_uncertain=True)


def start_fault(context: Transition, failure: SensorFailed, at: Instant) -> None:
    """Suspend sitting and end all sound, because the sensor cannot be trusted."""
    chair = context.chair
    if chair.fault is not None:
        return
    _end_lean(context, at)
    since = at if chair.down_since is None else chair.down_since
    context.change(
        fault=ActiveFault(failure.reason, since),
        down_since=None,
        seat=drop_unsettled_level(chair.seat),
    )
    context.emit(SensorFault(at, failure.reason))
    advance_sitting(context, SittingSignal.SEAT_UNKNOWN, at)
    end_pacing(context, STOPPED_BY_FAULT, at)
    context.silence()


def recover(context: Transition, recovery: SensorWorks, at: Instant) -> None:
    """Resume sitting after a fault; a fault as long as a break has ended the bout."""
    fault = context.chair.fault
    if fault is None:
        return
    context.change(
        fault=None,
        reminders=resume_reminders(context.chair.reminders, at),
        seat=with_certain_level(context.chair.seat, pressed=recovery.pressed),
    )
    context.emit(SensorRecovered(at, recovery.reason))
    time_off_counts_from(context, at)
    end_absence(context, at)
    if at - fault.since >= context.chair.rules.min_break:
        advance_sitting(context, SittingSignal.UNKNOWN_FOR_BREAK, at)
    signal = SittingSignal.RECOVERED_SEATED if recovery.pressed else SittingSignal.RECOVERED_EMPTY
    advance_sitting(context, signal, at)


def start_lean(context: Transition, lean: Lean, at: Instant) -> None:
    """Report a lean, with its sitting cue and a soft sound unless the bout is due."""
    _end_lean(context, at)
    context.change(lean=lean)
    context.emit(LeaningStarted(at, lean.side, lean.since))
    cue_leaning(context, at)
    if context.chair.seat.seated and not context.chair.due:
        context.soft_sound(SoftTick(), next_sound=next_reminder(context.chair))


def end_lean(context: Transition, received: SitUpright, at: Instant) -> None:
    """Report the end of a lean."""
    _end_lean(context, at)


def _end_lean(context: Transition, at: Instant) -> None:
    lean = context.chair.lean
    if lean is not None:
        context.change(lean=None)
        context.emit(LeaningEnded(at, lean.side, at - lean.since))


def count_shift(context: Transition, received: ShiftWeight, at: Instant) -> None:
    """Count a shift of weight, where the sensor can report them."""
    if context.chair.shifts is not None:
        context.change(shifts=context.chair.shifts + 1)
