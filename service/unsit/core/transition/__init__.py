"""One transition of the chair: an input and its instant in, the next chair and its effects out.

    chair, effects = transition.step(chair, Pressed(), at)

A seat level counts only after its dwell. Decisions that depend on the seat are therefore made only
up to the last instant at which the level is certain: while a level has yet to hold, that is the
instant of its edge. So each event carries the instant that the rules give, however long the dwell.

``HANDLERS`` is the table of what each input does. ``deadlines`` runs what time brings before it.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from unsit.core import inputs
from unsit.core.chair import Chair
from unsit.core.events import Effect
from unsit.core.inputs import Input
from unsit.core.instant import Instant
from unsit.core.transition.bouts import close_bout
from unsit.core.transition.button import acknowledge, handle_button, snooze, take_button_level
from unsit.core.transition.context import Transition
from unsit.core.transition.deadlines import DeadlineKind, run_due
from unsit.core.transition.exercises import finish_exercise, pace_exercise, stop_pacing
from unsit.core.transition.holds import (
    clear_topic,
    forget_unlisted_sources,
    redate_hold,
    release_holds,
    set_always_within_hours,
    set_outside_hours,
    start_hold,
    take_hold_message,
)
from unsit.core.transition.requests import (
    change_settings,
    leave_to_schedule,
    play_test_sound,
    refuse_scale,
    set_daily_limit,
    set_day,
    set_min_break,
    set_move_after,
    set_reminder_style,
    switch_buzzer,
)
from unsit.core.transition.restart import correct_clock
from unsit.core.transition.sensor import (
    count_shift,
    end_lean,
    handle_edge,
    handle_restart,
    mark_level_uncertain,
    recover,
    start_fault,
    start_lean,
)

HandledInput = TypeVar("HandledInput", bound=Input)
Handler = Callable[[Transition, Input, Instant], None]

_LEVEL_IS_CERTAIN = (
    inputs.Pressed,
    inputs.Released,
    inputs.LevelConfirmed,
    inputs.SensorFailed,
    inputs.Finish,
)
"""Inputs after which the seat level is known up to their instant."""


def step(chair: Chair, received: Input, at: Instant) -> tuple[Chair, tuple[Effect, ...]]:
    """Return the chair after an input at an instant, and the effects.

    Inputs come in order of time. Deadlines before the input run first; those at the very instant
    of an edge wait for the next input, because another edge may come within that instant.
    """
    context = Transition(chair, at)
    if chair.level_uncertain and isinstance(received, _LEVEL_IS_CERTAIN):
        context.change(level_uncertain=False)
    before = context.chair
    if not isinstance(received, inputs.Restarted):  # deadlines during the downtime are not known
        is_edge = isinstance(received, inputs.Pressed | inputs.Released)
        run_due(context, (at, DeadlineKind.SEAT_CHANGES if is_edge else DeadlineKind.REMINDER))
    HANDLERS[type(received)](context, received, at)
    context.finish(before=before)
    return context.chair, tuple(context.effects)


def _ignore(
    context: Transition, received: inputs.Tick | inputs.LevelConfirmed, at: Instant
) -> None:
    """Do nothing: the deadlines up to this instant have run."""


def _row(
    kind: type[HandledInput], handler: Callable[[Transition, HandledInput, Instant], None]
) -> tuple[type[Input], Handler]:
    """Return a row of the table; its signature has the type checker compare both parts."""
    return cast("tuple[type[Input], Handler]", (kind, handler))


HANDLERS: dict[type[Input], Handler] = dict(
    (
        _row(inputs.Tick, _ignore),
        _row(inputs.Pressed, handle_edge),
        _row(inputs.Released, handle_edge),
        _row(inputs.LevelUncertain, mark_level_uncertain),
        _row(inputs.LevelConfirmed, _ignore),
        _row(inputs.SensorFailed, start_fault),
        _row(inputs.SensorWorks, recover),
        _row(inputs.Lean, start_lean),
        _row(inputs.SitUpright, end_lean),
        _row(inputs.ShiftWeight, count_shift),
        _row(inputs.Restarted, handle_restart),
        _row(inputs.ClockCorrected, correct_clock),
        _row(inputs.Finish, close_bout),
        _row(inputs.Day, set_day),
        _row(inputs.OutsideHours, set_outside_hours),
        _row(inputs.AlwaysWithinHours, set_always_within_hours),
        _row(inputs.ButtonPressed, handle_button),
        _row(inputs.ButtonReleased, handle_button),
        _row(inputs.ButtonRead, take_button_level),
        _row(inputs.Snooze, snooze),
        _row(inputs.Acknowledge, acknowledge),
        _row(inputs.Hold, start_hold),
        _row(inputs.Release, release_holds),
        _row(inputs.TopicCleared, clear_topic),
        _row(inputs.HoldMessage, take_hold_message),
        _row(inputs.SourcesListed, forget_unlisted_sources),
        _row(inputs.HoldRedated, redate_hold),
        _row(inputs.SetMoveAfter, set_move_after),
        _row(inputs.SetMinBreak, set_min_break),
        _row(inputs.SetDailyLimit, set_daily_limit),
        _row(inputs.SwitchBuzzer, switch_buzzer),
        _row(inputs.SetReminderStyle, set_reminder_style),
        _row(inputs.SetSilentBefore, leave_to_schedule),
        _row(inputs.SetSilentAfter, leave_to_schedule),
        _row(inputs.ChangeSettings, change_settings),
        _row(inputs.TestBuzzer, play_test_sound),
        _row(inputs.Tare, refuse_scale),
        _row(inputs.Calibrate, refuse_scale),
        _row(inputs.PaceExercise, pace_exercise),
        _row(inputs.StopPacing, stop_pacing),
        _row(inputs.FinishExercise, finish_exercise),
    )
)
