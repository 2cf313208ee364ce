"""Bouts: advance sitting, and make events, reminders and sounds of what changed in it."""

from unsit.core.chair import Chair
from unsit.core.day import time_seated, with_bout_since
from unsit.core.events import (
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    DailyLimitReached,
    GaveUp,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    SoftTick,
    Sound,
    StoodUp,
)
from unsit.core.inputs import Finish
from unsit.core.instant import Instant, replace
from unsit.core.reminders import (
    ReminderSignal,
    is_reminder_coming,
    next_reminder_at,
    next_reminder_signal,
    step_reminders,
    swallow_reminder,
)
from unsit.core.rules import LIMIT_TONE, rung_at
from unsit.core.sitting import (
    BecameDue,
    Phase,
    Sitting,
    SittingChange,
    SittingSignal,
    close_sitting,
    due_at,
    step_sitting,
    with_not_before,
)
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import follow_sitting, next_exercise

_REMINDER_SIGNALS: dict[type[SittingChange], ReminderSignal] = {
    StoodUp: ReminderSignal.STOOD_UP,
    SatBack: ReminderSignal.SAT_BACK,
    BoutEnded: ReminderSignal.BOUT_OVER,
}


def advance_sitting(context: Transition, signal: SittingSignal, at: Instant) -> None:
    """Apply a signal to sitting, and report what changed."""
    chair = context.chair
    sitting, changes = step_sitting(chair.sitting, signal, at, chair.rules.credit)
    context.change(sitting=sitting)
    advance_sitting_if_break(context, signal, at)
    _report(context, changes, at)


def advance_sitting_if_break(context: Transition, signal: SittingSignal, at: Instant) -> None:
    """Apply a signal to sitting as it would be if the last downtime had been a break.

    Nothing comes due in it, because it may not be what happened.
    """
    absence = context.chair.absence
    if absence is not None and signal is not SittingSignal.MOVE_AFTER_OVER:
        credit = context.chair.rules.credit
        sitting, _ = step_sitting(absence.sitting_if_break, signal, at, credit)
        context.change(absence=replace(absence, sitting_if_break=sitting))


def split_bout(context: Transition, before: Sitting, after: Sitting, at: Instant) -> None:
    """Replace the bout under way by two. before: sitting up to a downtime. after: since then."""
    _, changes = step_sitting(before, SittingSignal.UNKNOWN_FOR_BREAK, at)
    context.change(sitting=with_not_before(after, at))
    bout = after.bout
    if bout is None:
        _report(context, changes, at)
    else:
        _report(context, (*changes, BoutStarted(bout.started)), at)
        today = with_bout_since(
            context.chair.today,
            bout.started,
            seated_since=bout.since if after.phase is Phase.SITTING else None,
            interrupted=after.phase is Phase.SUSPENDED,
        )
        context.change(today=today)
    context.silence()


def close_bout(context: Transition, finish: Finish, at: Instant) -> None:
    """Close an open bout at the end of a recording."""
    sitting, changes = close_sitting(context.chair.sitting, at)
    context.change(sitting=sitting)
    _report(context, changes, at)
    context.silence()


def warn_soon_due(context: Transition, at: Instant) -> None:
    """Warn that the bout will soon be due."""
    bout, due = context.chair.sitting.open_bout(), next_reminder(context.chair)
    if due is None:
        return
    context.change(sitting=context.chair.sitting.with_bout(warning_given=True))
    context.emit(MoveSoon(at, at - bout.started, due, context.chair.silent))
    context.soft_sound(SoftTick(), next_sound=due)


def reach_daily_limit(context: Transition, at: Instant) -> None:
    """Report that the time on the seat today has reached its limit."""
    chair = context.chair
    if chair.rules.daily_limit is None or chair.day is None:
        return
    context.change(limit_reached_on=at)
    seated = time_seated(chair.today, at, chair.day.start_of(at))
    context.emit(DailyLimitReached(at, seated, chair.silent))
    context.soft_sound(Sound(LIMIT_TONE), next_sound=next_reminder(chair))


def next_reminder(chair: Chair) -> Instant | None:
    """Return when the next reminder comes if the person stays, None if none is in sight."""
    due = due_at(chair.sitting, chair.rules)
    return due if due is not None else next_reminder_at(chair.reminders)


def remind(context: Transition, at: Instant) -> None:
    """Sound the next reminder, or give up if the bout has had all of them."""
    signal = next_reminder_signal(context.chair.reminders, context.chair.rules)
    _signal_reminders(context, signal, at)
    chair = context.chair
    bout = at - chair.sitting.open_bout().started
    if signal is ReminderSignal.SPENT:
        context.emit(GaveUp(at, bout))
        return
    rung = rung_at(chair.rules.cues, chair.reminders.rung)
    cue = None if rung is None else rung.cue
    context.emit(MoveReminder(at, bout, chair.reminders.count, chair.silent, cue))
    _sound_reminder(context, at)


def _begin_reminding(context: Transition, due: BecameDue, at: Instant) -> None:
    """Call to move; this is the first reminder."""
    # Even if a hold swallows it, which steps back down, the event names the rung of the call.
    rung = rung_at(context.chair.rules.cues, context.chair.reminders.rung + 1)
    _signal_reminders(context, ReminderSignal.DUE, at)
    cue, exercise = None if rung is None else rung.cue, next_exercise(context, due.at)
    context.emit(MoveDue(due.at, due.bout, context.chair.silent, cue, exercise))
    _sound_reminder(context, at)


def _sound_reminder(context: Transition, at: Instant) -> None:
    """Sound the rung's tone, or the softer tone in the softer part of the day."""
    chair = context.chair
    rung = rung_at(chair.rules.cues, chair.reminders.rung)
    if rung is not None and rung.tone is None:
        return
    is_softer = chair.day is not None and chair.day.is_softer(at)
    context.sound(chair.rules.softer if is_softer else None if rung is None else rung.tone)


def _report(context: Transition, changes: tuple[SittingChange, ...], at: Instant) -> None:
    """Emit what changed in sitting, and pass it to the reminders and the exercises."""
    for change in changes:
        if isinstance(change, BecameDue):
            _begin_reminding(context, change, at)
            continue
        context.emit(_with_counts(context, change) if isinstance(change, BoutEnded) else change)
        if (signal := _REMINDER_SIGNALS.get(type(change))) is not None:
            _signal_reminders(context, signal, at)
        follow_sitting(context, change)
        if isinstance(change, SatBack) and context.chair.due:
            _signal_too_soon(context, change)


def _with_counts(context: Transition, bout: BoutEnded) -> BoutEnded:
    """Return the end of a bout with its reminders and shifts of weight, which start over."""
    shifts, reminders = context.chair.shifts, context.chair.reminders.count
    if shifts is not None:
        context.change(shifts=0)
    return replace(bout, reminders=reminders, shifts=shifts)


def _signal_reminders(context: Transition, signal: ReminderSignal, at: Instant) -> None:
    """Apply a signal to the reminders; a hold swallows a first reminder until it ends."""
    reminders = step_reminders(context.chair.reminders, signal, context.chair.rules, at)
    may_sound_now = signal is ReminderSignal.DUE or (
        signal is ReminderSignal.SAT_BACK and reminders.swallowed
    )
    if may_sound_now and context.chair.held:
        reminders = swallow_reminder(reminders, at)
    context.change(reminders=reminders)


def _signal_too_soon(context: Transition, back: SatBack) -> None:
    """Report a return before the end of the break, with one soft sound in a bout."""
    rules = context.chair.rules
    context.emit(BackTooSoon(back.at, back.away, rules.min_break - back.away))
    reminders, sitting = context.chair.reminders, context.chair.sitting
    is_wanted = rules.back_too_soon and not sitting.open_bout().too_soon_signalled
    if (
        is_wanted
        and is_reminder_coming(reminders, rules)
        and context.soft_sound(SoftTick(), next_sound=reminders.next)
    ):
        context.change(sitting=sitting.with_bout(too_soon_signalled=True))
