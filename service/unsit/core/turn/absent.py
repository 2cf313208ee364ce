"""A service that was not there for a while: what it takes up, and what a set clock makes of it."""

from dataclasses import replace

from unsit.core import absence as absences
from unsit.core import exercises
from unsit.core import reminders as reminding
from unsit.core import seat as seats
from unsit.core import sitting as sittings
from unsit.core import today as days
from unsit.core.absence import Absence
from unsit.core.chair import Chair
from unsit.core.inputs import ClockCorrected, Hold, Holder, Restarted
from unsit.core.instant import ZERO, Earlier, Instant
from unsit.core.sitting import Phase, Signal, Sitting
from unsit.core.turn.coaching import time_off_counts_from
from unsit.core.turn.sitting import part, sit
from unsit.core.turn.underway import Turn


def lose(turn: Turn, what: Restarted) -> None:
    """Nothing is known of the seat from an instant on, until its level is felt again."""
    if what.told is not None:
        turn.change(absence=Absence(what.lost, what.told, turn.chair.holds))
    if turn.chair.fault is not None or turn.chair.lost is not None:
        return
    turn.change(lost=what.lost, seat=seats.suspended(turn.chair.seat))
    sit(turn, Signal.LOST, what.lost)


def find(turn: Turn, lost: Instant, *, pressed: bool, at: Instant) -> None:
    """Takes up what was lost as after a fault; the level that is felt must hold.

    Who sat before is taken to have sat meanwhile; who has not is told to have stood up now.
    """
    turn.change(lost=None, reminders=reminding.resume(turn.chair.reminders, at))
    time_off_counts_from(turn, at)
    sitting = turn.chair.sitting
    if pressed and sitting.phase is Phase.SUSPENDED_GAP:
        # Off the seat since the stand-up, for all that anybody knows.
        lost = sitting.open_bout().since
    is_break = at - lost >= turn.chair.rules.min_break
    end_absence(turn, at, is_break=is_break)
    if is_break:
        turn.change(seat=seats.found(turn.chair.seat, pressed=False))
        sit(turn, Signal.LOST_TOO_LONG, at)
    elif sitting.phase is Phase.SUSPENDED:
        sit(turn, Signal.STILL_SEATED, at)
    elif sitting.phase is Phase.SUSPENDED_GAP:
        turn.change(seat=seats.found(turn.chair.seat, pressed=pressed))
        pressed_again, empty = Signal.FOUND_SEATED, Signal.FOUND_EMPTY
        sit(turn, pressed_again if pressed else empty, at)


def end_absence(turn: Turn, at: Instant, *, is_break: bool) -> None:
    """The seat is felt again, or its sensor works again; before sitting is told of it."""
    absence = turn.chair.absence
    if absence is not None:
        found = absences.find(absence, turn.chair.sitting, at, is_break=is_break)
        turn.change(absence=found)


def sit_anew(turn: Turn, at: Instant) -> None:
    """Who is felt where somebody sat before the absence has sat down, if that was a break."""
    absence, sitting = turn.chair.absence, turn.chair.sitting
    if absence is not None:
        sat_down = Signal.SAT_DOWN
        turn.change(absence=absences.follow(absence, sitting, sat_down, at, None))


def correct(turn: Turn, what: ClockCorrected, at: Instant) -> None:
    """The wall clock is right now: what was before the last absence may be earlier than it seemed.

    An absence that was shorter than a break all the same changes nothing.
    """
    absence = turn.chair.absence
    turn.change(absence=None)
    if absence is None:
        return
    earlier = absence.corrected(what.by)
    if earlier.by <= ZERO or not _was_break(turn.chair, absence, earlier):
        return
    _date_back(turn, absence, earlier)
    if absence.found is None:
        _lose_earlier(turn, earlier)
    elif absence.before is not None and absence.anew is not None:
        _part(turn, sittings.dated_back(absence.before, earlier), absence.anew, at)


def _part(turn: Turn, before: Sitting, anew: Sitting, at: Instant) -> None:
    """Sitting as it is anew. Whoever may have left at the absence had left before it."""
    is_leaving = turn.chair.sitting.phase is Phase.SITTING and anew.phase is Phase.AWAY
    if is_leaving:
        turn.change(seat=seats.found(turn.chair.seat, pressed=False))
    part(turn, before, anew, at)


def _was_break(chair: Chair, absence: Absence, earlier: Earlier) -> bool:
    """Whether it may have been as long as a break; how long it was is open before it has ended."""
    if absence.found is None:
        return True
    before, lost = absence.before, absence.lost
    if before is not None and before.phase is Phase.SUSPENDED_GAP:
        lost = before.open_bout().since
    return absence.found - earlier(lost) >= chair.rules.min_break


def _date_back(turn: Turn, absence: Absence, earlier: Earlier) -> None:
    """What counts for a day, and when a person's hold ends."""
    chair = turn.chair
    found = turn.now if absence.found is None else absence.found
    turn.change(
        today=days.dated_back(chair.today, earlier, found),
        coaching=exercises.dated_back(chair.coaching, earlier),
        snoozed=tuple(map(earlier, chair.snoozed)),
        limit_told=None if chair.limit_told is None else earlier(chair.limit_told),
        holds=tuple(_hold_dated_back(one, absence, earlier) for one in chair.holds),
    )


def _hold_dated_back(hold: Hold, absence: Absence, earlier: Earlier) -> Hold:
    """The calendar tells anew when its own holds end."""
    if hold not in absence.holds or hold.until is None or hold.holder is Holder.HOURS:
        return hold
    return replace(hold, until=hold.until - earlier.by)


def _lose_earlier(turn: Turn, earlier: Earlier) -> None:
    """The seat has not been felt yet: what is found will be judged by the right date."""
    chair = turn.chair
    turn.change(sitting=sittings.dated_back(chair.sitting, earlier))
    if chair.lost is not None:
        turn.change(lost=earlier(chair.lost))
    if chair.fault is not None:
        turn.change(fault=replace(chair.fault, since=earlier(chair.fault.since)))
