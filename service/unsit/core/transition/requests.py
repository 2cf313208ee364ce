"""Requests that change a rule, switch or test the buzzer, or need a scale; and the day's dates."""

from unsit.core.events import Refuse
from unsit.core.inputs import (
    Calibrate,
    ChangeSettings,
    Day,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    SetReminderStyle,
    SetSilentAfter,
    SetSilentBefore,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
)
from unsit.core.instant import Instant, replace
from unsit.core.rules import Rules
from unsit.core.sitting import with_not_before
from unsit.core.transition.context import Transition
from unsit.core.transition.deadlines import DeadlineKind, run_due


def set_move_after(context: Transition, request: SetMoveAfter, at: Instant) -> None:
    """Change ``move_after``."""
    _change_rules(context, replace(context.chair.rules, move_after=request.value), at)


def set_min_break(context: Transition, request: SetMinBreak, at: Instant) -> None:
    """Change ``min_break``."""
    _change_rules(context, replace(context.chair.rules, min_break=request.value), at)


def set_daily_limit(context: Transition, request: SetDailyLimit, at: Instant) -> None:
    """Change the daily limit."""
    _change_rules(context, replace(context.chair.rules, daily_limit=request.value), at)


def set_reminder_style(context: Transition, request: SetReminderStyle, at: Instant) -> None:
    """Change the style of the reminders."""
    _change_rules(context, replace(context.chair.rules, style=request.value), at)


def leave_to_schedule(
    context: Transition, request: SetSilentBefore | SetSilentAfter, at: Instant
) -> None:
    """Do nothing: the schedule follows this request and then feeds the times outside the hours."""


def _change_rules(context: Transition, rules: Rules, at: Instant) -> None:
    """Apply rules from now on; a deadline that they would have put before now runs now."""
    context.change(rules=rules, sitting=with_not_before(context.chair.sitting, at))
    run_due(context, (at, DeadlineKind.REMINDER))


def set_day(context: Transition, day: Day, at: Instant) -> None:
    """Take the dates of the day under way."""
    context.change(day=day, sitting=with_not_before(context.chair.sitting, at))


def switch_buzzer(context: Transition, request: SwitchBuzzer, at: Instant) -> None:
    """Switch the buzzer on or off."""
    context.change(buzzer_on=request.on)


def change_settings(context: Transition, request: ChangeSettings, at: Instant) -> None:
    """Change several settings, with one outcome of all."""
    rules = context.chair.rules
    for change in request.changes:
        match change:
            case SetMoveAfter():
                rules = replace(rules, move_after=change.value)
            case SetMinBreak():
                rules = replace(rules, min_break=change.value)
            case SetDailyLimit():
                rules = replace(rules, daily_limit=change.value)
            case SetReminderStyle():
                rules = replace(rules, style=change.value)
            case SwitchBuzzer():
                switch_buzzer(context, change, at)
    _change_rules(context, rules, at)


def play_test_sound(context: Transition, request: TestBuzzer, at: Instant) -> None:
    """Sound once, or refuse where no sound is allowed."""
    chair = context.chair
    obstacles = {
        "the seat is empty, and the buzzer never sounds on an empty seat": not chair.seat.pressed,
        "the sensor is at fault": chair.fault is not None,
        "a hold is in force": chair.held,
        "the buzzer is switched off": not chair.buzzer_on,
    }
    why_not = next((why for why, is_so in obstacles.items() if is_so), None)
    if why_not is None:
        context.sound()
    else:
        context.emit(Refuse(why_not))


def refuse_scale(context: Transition, request: Tare | Calibrate, at: Instant) -> None:
    """Refuse a request for load cells; a chair that has them never passes it to the core."""
    context.emit(Refuse("this chair has no load cells"))
