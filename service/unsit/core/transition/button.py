"""Presses of the button, and the snoozes and acknowledgements that they and MQTT ask for."""

from unsit.core.button import ButtonSignal, ButtonState, Press, step_button
from unsit.core.day import KEPT_FOR
from unsit.core.events import Acknowledged, ReadButton, Refuse, Snoozed
from unsit.core.inputs import Acknowledge, ButtonPressed, ButtonRead, ButtonReleased, Snooze
from unsit.core.instant import Instant
from unsit.core.reminders import (
    acknowledge_reminder,
    can_snooze,
    is_reminder_coming,
    snooze_reminder,
)
from unsit.core.transition.context import Transition
from unsit.core.transition.exercises import answer_exercise
from unsit.core.transition.holds import toggle_hold


def handle_button(context: Transition, edge: ButtonPressed | ButtonReleased, at: Instant) -> None:
    """Apply an edge of the button."""
    is_press = isinstance(edge, ButtonPressed)
    _apply(context, ButtonSignal.PRESSED if is_press else ButtonSignal.RELEASED, at)


def end_long_press(context: Transition, at: Instant) -> None:
    """Ask for the level of the pin; a press is a long one if it is still pressed."""
    _apply(context, ButtonSignal.LONG_OVER, at)
    if context.chair.button.state is ButtonState.READING:
        context.emit(ReadButton())


def take_button_level(context: Transition, read: ButtonRead, at: Instant) -> None:
    """Apply the level that was read from the button's pin."""
    signal = ButtonSignal.READ_PRESSED if read.pressed else ButtonSignal.READ_RELEASED
    _apply(context, signal, at)


def _apply(context: Transition, signal: ButtonSignal, at: Instant) -> None:
    """Advance the button, and act on a press that is complete.

    A long press starts or ends a hold. A short press answers an exercise, else it snoozes, else it
    acknowledges.
    """
    button, press = step_button(context.chair.button, signal, at)
    context.change(button=button)
    if press is Press.LONG:
        toggle_hold(context, at)
    elif press is Press.SHORT and not answer_exercise(context, at):
        if _why_no_snooze(context, at) is None:
            snooze(context, Snooze(), at)
        elif context.chair.due:
            acknowledge(context, Acknowledge(), at)


def snooze(context: Transition, request: Snooze, at: Instant) -> None:
    """Put the next reminder off, or refuse with the reason."""
    if (why_not := _why_no_snooze(context, at)) is not None:
        context.emit(Refuse(why_not))
        return
    chair = context.chair
    reminders = snooze_reminder(chair.reminders, chair.rules, at)
    recent = tuple(snoozed for snoozed in chair.snoozed_at if snoozed > at - KEPT_FOR)
    context.change(reminders=reminders, snoozed_at=(*recent, at))
    context.emit(Snoozed(at, reminders.next or at))
    context.silence()


def acknowledge(context: Transition, request: Acknowledge, at: Instant) -> None:
    """End the sound of a reminder; the next one starts at the first rung of the ladder."""
    if not context.chair.due:
        context.emit(Refuse("nothing is due that could be acknowledged"))
        return
    context.change(reminders=acknowledge_reminder(context.chair.reminders))
    context.emit(Acknowledged(at, at - context.chair.sitting.open_bout().started))
    context.silence()


def _why_no_snooze(context: Transition, at: Instant) -> str | None:
    """Return why a snooze is refused now, None if it is not."""
    reminders, rules = context.chair.reminders, context.chair.rules
    if not is_reminder_coming(reminders, rules):
        return "no reminder is on its way"
    if not can_snooze(reminders, rules):
        return "this bout has no snooze left"
    if rules.daily_snoozes is not None and context.chair.snoozes_today(at) >= rules.daily_snoozes:
        return "today has no snooze left"
    return None
