"""What sitting, and its reminders, make of a signal."""

from dataclasses import replace

from unsit.core import reminders as reminding
from unsit.core import sitting as sittings
from unsit.core.events import BoutEnded, Event, GaveUp, MoveDue, MoveReminder, SatBack, StoodUp
from unsit.core.instant import Instant
from unsit.core.sitting import BecameDue, Happening, Signal
from unsit.core.turn.underway import Turn

_REMINDER_SIGNALS: dict[type[Happening], reminding.Signal] = {
    BecameDue: reminding.Signal.DUE,
    StoodUp: reminding.Signal.STOOD_UP,
    SatBack: reminding.Signal.SAT_BACK,
    BoutEnded: reminding.Signal.BOUT_OVER,
}


def sit(turn: Turn, signal: Signal, at: Instant) -> None:
    """The sitting after a signal; what happened is told, and reminded of."""
    sitting, happened = sittings.step(turn.chair.sitting, signal, at)
    turn.change(sitting=sitting)
    _tell(turn, happened, at)


def remind(turn: Turn, at: Instant) -> None:
    """The time of the next reminder: it sounds, or the chair gives up."""
    signal = reminding.when_over(turn.chair.reminders, turn.chair.rules)
    _signal_reminders(turn, signal, at)
    bout = at - turn.chair.sitting.open_bout().started
    if signal is reminding.Signal.SPENT:
        turn.owe(GaveUp(at, bout))
        return
    turn.owe(MoveReminder(at, bout, turn.chair.reminders.count, turn.chair.silent))
    turn.sound()


def finish(turn: Turn, at: Instant) -> None:
    """Closes an open bout, because nothing is known beyond this instant."""
    sitting, happened = sittings.close(turn.chair.sitting, at)
    turn.change(sitting=sitting)
    _tell(turn, happened, at)
    turn.silence()


def _tell(turn: Turn, happened: tuple[Happening, ...], at: Instant) -> None:
    for happening in happened:
        turn.owe(_as_event(turn, happening))
        if (signal := _REMINDER_SIGNALS.get(type(happening))) is not None:
            _signal_reminders(turn, signal, at)
        if isinstance(happening, BecameDue):
            turn.sound()


def _as_event(turn: Turn, happening: Happening) -> Event:
    match happening:
        case BecameDue():
            return MoveDue(happening.at, happening.bout, turn.chair.silent)
        case BoutEnded():
            return _ended(turn, happening)
        case _:
            return happening


def _ended(turn: Turn, bout: BoutEnded) -> BoutEnded:
    shifts, count = turn.chair.shifts, turn.chair.reminders.count
    if shifts is not None:
        turn.change(shifts=0)
    return replace(bout, reminders=count, shifts=shifts)


def _signal_reminders(turn: Turn, signal: reminding.Signal, at: Instant) -> None:
    reminders = reminding.step(turn.chair.reminders, signal, turn.chair.rules, at)
    swallowed = signal is reminding.Signal.DUE or (
        signal is reminding.Signal.SAT_BACK and reminders.owed
    )
    if swallowed and turn.chair.held:
        reminders = reminding.owe(reminders, at)
    turn.change(reminders=reminders)
