"""Restarts: restore the chair after downtime, and correct it if the wall clock is set later.

After a reboot only the wall clock measures the downtime. A machine without a battery-backed clock
starts with a date that is behind, so a downtime of a night may look like one of 10 s, and the bout
that seems to go on over it is two bouts. The chair therefore advances sitting twice until the clock
is set: as the clock has it, and as if the downtime had been a break (``Absence.sitting_if_break``).
"""

from unsit.core.chair import Chair
from unsit.core.day import without_downtime
from unsit.core.inputs import ClockCorrected, Hold, Holder, Restarted
from unsit.core.instant import ZERO, Instant, ShiftBack, moved, replace
from unsit.core.reminders import resume_reminders
from unsit.core.seat import drop_unsettled_level, with_certain_level
from unsit.core.sitting import Absence, Phase, Sitting, SittingSignal
from unsit.core.transition.bouts import advance_sitting, split_bout
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import time_off_counts_from


def suspend(context: Transition, restart: Restarted) -> None:
    """Suspend sitting from the start of the downtime until the level of the seat is known."""
    chair = context.chair
    if chair.fault is None and chair.down_since is None:
        context.change(down_since=restart.down_since, seat=drop_unsettled_level(chair.seat))
        advance_sitting(context, SittingSignal.SEAT_UNKNOWN, restart.down_since)
    if restart.down_since_wall is not None:
        chair = context.chair
        context.change(
            absence=Absence(
                restart.down_since,
                restart.down_since_wall,
                chair.holds,
                sitting_before=chair.sitting,
            )
        )


def resume(context: Transition, down_since: Instant, *, pressed: bool, at: Instant) -> None:
    """Resume sitting at the first level after a downtime, as after a sensor fault.

    A person who sat before it is assumed to have stayed; if the seat is empty, the person stood up
    just now. A downtime as long as a break ends the bout.
    """
    context.change(down_since=None, reminders=resume_reminders(context.chair.reminders, at))
    time_off_counts_from(context, at)
    sitting = context.chair.sitting
    if pressed and sitting.phase is Phase.SUSPENDED_GAP:
        # The person may have been away since the stand-up before the downtime.
        down_since = sitting.open_bout().since
    end_absence(context, at)
    if at - down_since >= context.chair.rules.min_break:
        context.change(seat=with_certain_level(context.chair.seat, pressed=False))
        advance_sitting(context, SittingSignal.UNKNOWN_FOR_BREAK, at)
    elif sitting.phase is Phase.SUSPENDED:
        advance_sitting(context, SittingSignal.STILL_SEATED, at)
    elif sitting.phase is Phase.SUSPENDED_GAP:
        context.change(seat=with_certain_level(context.chair.seat, pressed=pressed))
        signal = SittingSignal.RECOVERED_SEATED if pressed else SittingSignal.RECOVERED_EMPTY
        advance_sitting(context, signal, at)


def end_absence(context: Transition, at: Instant) -> None:
    """Record when the level of the seat is known again; call it before sitting advances."""
    absence = context.chair.absence
    if absence is not None and absence.seat_known_at is None:
        context.change(absence=replace(absence, seat_known_at=at))


def correct_clock(context: Transition, correction: ClockCorrected, at: Instant) -> None:
    """Date everything before the last downtime back, if the wall clock was behind.

    Nothing changes if the downtime was shorter than a break all the same. A downtime that has not
    ended yet is judged by its right date when it ends.
    """
    absence = context.chair.absence
    context.change(absence=None)
    if absence is None:
        return
    down_since = absence.down_since
    shift = ShiftBack(down_since, down_since - (absence.down_since_wall - correction.by))
    if shift.by <= ZERO or not _was_break(context.chair, absence, shift):
        return
    _date_back(context, absence, shift)
    if absence.seat_known_at is not None:
        _split(context, moved(absence.sitting_before, shift), absence.sitting_if_break, at)


def _split(context: Transition, before: Sitting, after: Sitting, at: Instant) -> None:
    """Split a bout that went on over the downtime, and drop a break whose length is unknown."""
    sitting = context.chair.sitting
    if sitting.bout is None:
        context.change(sitting=replace(sitting, ended=after.ended))
    elif _is_same_bout(before, sitting):
        if sitting.phase is Phase.SITTING and after.phase is Phase.AWAY:
            # A stand-up that has yet to hold happened before the downtime.
            context.change(seat=with_certain_level(context.chair.seat, pressed=False))
        split_bout(context, before, after, at)


def _is_same_bout(before: Sitting, now: Sitting) -> bool:
    return (
        before.bout is not None and now.bout is not None and before.bout.started == now.bout.started
    )


def _was_break(chair: Chair, absence: Absence, shift: ShiftBack) -> bool:
    """Return whether the downtime was as long as a break; one that has not ended may become one."""
    if absence.seat_known_at is None:
        return True
    before, away_since = absence.sitting_before, absence.down_since
    if before.phase is Phase.SUSPENDED_GAP and _is_same_bout(before, chair.sitting):
        away_since = before.open_bout().since
    return absence.seat_known_at - shift(away_since) >= chair.rules.min_break


def _date_back(context: Transition, absence: Absence, shift: ShiftBack) -> None:
    """Shift all instants before the downtime, except those that the schedule sends again."""
    chair = context.chair
    known_at = context.now if absence.seat_known_at is None else absence.seat_known_at
    context.change(today=without_downtime(chair.today, absence.down_since, known_at))
    context.chair = replace(
        moved(context.chair, shift),
        day=chair.day,
        closed_span=chair.closed_span,
        holds=tuple(_dated_back(hold, absence, shift) for hold in chair.holds),
    )


def _dated_back(hold: Hold, absence: Absence, shift: ShiftBack) -> Hold:
    """Return a hold with its end shifted; the ends of the working hours come from the schedule."""
    if hold not in absence.holds or hold.until is None or hold.holder is Holder.HOURS:
        return hold
    return replace(hold, until=hold.until - shift.by)
