"""What people ask for, at the chair or from afar."""

from dataclasses import replace

from unsit.core import sitting as sittings
from unsit.core.agenda import Item
from unsit.core.effects import Refuse
from unsit.core.inputs import (
    Acknowledge,
    AlwaysWithinHours,
    Calibrate,
    Figure,
    FinishExercise,
    Hold,
    OutsideHours,
    PaceExercise,
    Release,
    Request,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    Snooze,
    StopPacing,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
    TopicCleared,
)
from unsit.core.instant import Instant
from unsit.core.turn.coaching import coach
from unsit.core.turn.holding import hush
from unsit.core.turn.passing import work_off
from unsit.core.turn.pressing import acknowledge, snooze
from unsit.core.turn.underway import Turn


def ask(turn: Turn, what: Request, at: Instant) -> None:
    """What is asked for is done, or refused with the reason."""
    match what:
        case Snooze():
            snooze(turn, at)
        case Acknowledge():
            acknowledge(turn, at)
        case Hold() | Release() | TopicCleared() | OutsideHours() | AlwaysWithinHours():
            hush(turn, what, at)
        case PaceExercise() | StopPacing() | FinishExercise():
            coach(turn, what, at)
        case SetMoveAfter() | SetMinBreak() | SetDailyLimit():
            _change_rules(turn, what, at)
        case SwitchBuzzer() | TestBuzzer():
            _ask_buzzer(turn, what)
        case Tare() | Calibrate():
            turn.owe(Refuse("this chair has no load cells"))


def _change_rules(turn: Turn, what: Figure, at: Instant) -> None:
    """From now on; what the new rules would have had happen before happens now."""
    match what:
        case SetMoveAfter():
            rules = replace(turn.chair.rules, move_after=what.value)
        case SetMinBreak():
            rules = replace(turn.chair.rules, min_break=what.value)
        case SetDailyLimit():
            rules = replace(turn.chair.rules, daily_limit=what.value)
    turn.change(rules=rules, sitting=sittings.not_before(turn.chair.sitting, at))
    work_off(turn, (at, Item.REMINDER))


def _ask_buzzer(turn: Turn, what: SwitchBuzzer | TestBuzzer) -> None:
    if isinstance(what, SwitchBuzzer):
        turn.change(buzzer_on=what.on)
    else:
        _test_buzzer(turn)


def _test_buzzer(turn: Turn) -> None:
    chair = turn.chair
    obstacles = {
        "the seat is empty, and the buzzer never sounds on an empty seat": not (chair.seat.pressed),
        "the sensor is at fault": chair.fault is not None,
        "a hold is in force": chair.held,
        "the buzzer is switched off": not chair.buzzer_on,
    }
    why = next((why for why, there in obstacles.items() if there), None)
    if why is None:
        turn.sound()
    else:
        turn.owe(Refuse(why))
