"""What the sensor says: edges, how sure it is of them, and how the person sits."""

from unsit.core import reminders as reminding
from unsit.core import seat as seats
from unsit.core import sitting as sittings
from unsit.core.chair import Fault
from unsit.core.effects import Cue
from unsit.core.events import LeaningEnded, LeaningStarted, SensorFault, SensorRecovered
from unsit.core.inputs import (
    Certain,
    ClockCorrected,
    Doubt,
    Lean,
    Restarted,
    Sensed,
    SensorFailed,
    SensorWorks,
    ShiftWeight,
    SitUpright,
)
from unsit.core.instant import Instant
from unsit.core.turn.absent import correct, end_absence, find, lose, sit_anew
from unsit.core.turn.coaching import FAULT, cue_leaning, stop, time_off_counts_from
from unsit.core.turn.passing import settle
from unsit.core.turn.sitting import next_sound, sit
from unsit.core.turn.underway import Turn


def feel(turn: Turn, signal: seats.Signal, at: Instant) -> None:
    """An edge of the level; none is believed while the sensor is at fault."""
    if turn.chair.fault is not None:
        return
    if turn.chair.lost is not None:
        find(turn, turn.chair.lost, pressed=signal is seats.Signal.PRESSED, at=at)
    if signal is seats.Signal.RELEASED:
        _end_lean(turn, at)
    turn.change(seat=seats.step(turn.chair.seat, signal, at))
    if turn.chair.seat.place is seats.Place.SEATED:
        sit_anew(turn, at)
    if seats.settles_at(turn.chair.seat, turn.chair.rules) == at:
        settle(turn, at)


def sense(turn: Turn, what: Sensed, at: Instant) -> None:
    """All else that the sensor says."""
    match what:
        case Restarted():
            _end_lean(turn, what.lost)
            lose(turn, what)
        case ClockCorrected():
            correct(turn, what, at)
        case Doubt():
            turn.change(doubt=True)
        case Certain():
            pass
        case SensorFailed():
            _suspend(turn, what.reason, at)
        case SensorWorks():
            _recover(turn, what, at)
        case Lean() | SitUpright() | ShiftWeight():
            _sense_posture(turn, what, at)


def _sense_posture(turn: Turn, what: Lean | SitUpright | ShiftWeight, at: Instant) -> None:
    match what:
        case Lean():
            _lean(turn, what, at)
        case SitUpright():
            _end_lean(turn, at)
        case ShiftWeight():
            if turn.chair.shifts is not None:
                turn.change(shifts=turn.chair.shifts + 1)


def _suspend(turn: Turn, reason: str, at: Instant) -> None:
    if turn.chair.fault is not None:
        return
    _end_lean(turn, at)
    since = at if turn.chair.lost is None else turn.chair.lost
    turn.change(fault=Fault(reason, since), lost=None, seat=seats.suspended(turn.chair.seat))
    turn.owe(SensorFault(at, reason))
    sit(turn, sittings.Signal.LOST, at)
    stop(turn, FAULT, at)
    turn.silence()


def _recover(turn: Turn, what: SensorWorks, at: Instant) -> None:
    """Takes up what was suspended, if the fault was shorter than a break (see ``core.sitting``)."""
    fault = turn.chair.fault
    if fault is None:
        return
    reminders = reminding.resume(turn.chair.reminders, at)
    seat = seats.found(turn.chair.seat, pressed=what.pressed)
    turn.change(fault=None, reminders=reminders, seat=seat)
    turn.owe(SensorRecovered(at, what.reason))
    time_off_counts_from(turn, at)
    is_break = at - fault.since >= turn.chair.rules.min_break
    end_absence(turn, at, is_break=is_break)
    if is_break:
        sit(turn, sittings.Signal.LOST_TOO_LONG, at)
    pressed, empty = sittings.Signal.FOUND_SEATED, sittings.Signal.FOUND_EMPTY
    sit(turn, pressed if what.pressed else empty, at)


def _lean(turn: Turn, lean: Lean, at: Instant) -> None:
    _end_lean(turn, at)
    turn.change(lean=lean)
    turn.owe(LeaningStarted(at, lean.side, lean.since))
    cue_leaning(turn, at)
    if turn.chair.seat.seated and not turn.chair.due:
        turn.sign(Cue(), next_sound=next_sound(turn.chair))


def _end_lean(turn: Turn, at: Instant) -> None:
    lean = turn.chair.lean
    if lean is not None:
        turn.change(lean=None)
        turn.owe(LeaningEnded(at, lean.side, at - lean.since))
