"""The agenda: what the passing of time alone will bring, and when."""

from collections.abc import Iterator
from enum import IntEnum

from unsit.core import button, exercises, reminders, seat, sitting
from unsit.core.chair import Chair
from unsit.core.instant import Instant


class Item(IntEnum):
    """What can be due, in the order in which it happens within one instant.

    Working hours that end take their instant with them. A hold that ends lets the reminder of that
    instant sound. Time off of ``min_break`` is a break even if the person sits down at that very
    instant. A seat left at the very instant of a reminder is empty, and gets none; one taken at
    the very instant of a beat ends the exercise.
    """

    HOURS_END = 0
    HOLD_ENDS = 1
    LONG_PRESS = 2
    BREAK = 3
    SEAT_CHANGES = 4
    PACE = 5
    EXERCISE_COUNTS = 6
    LIMIT = 7
    WARNING = 8
    DUE = 9
    CUE = 10
    REMINDER = 11


Entry = tuple[Instant, Item]


def entries(chair: Chair) -> Iterator[Entry]:
    """All there is on the agenda.

    While the sensor is at fault, in doubt or not yet found again only holds and the button are on
    it. While a level has yet to hold, nothing that depends on the seat is: whether that happens is
    not known before the level has held or has gone.
    """
    if chair.closure is not None and not chair.closure.begun:
        yield chair.closure.span.start, Item.HOURS_END
    for hold in chair.holds:
        if hold.until is not None:
            yield hold.until, Item.HOLD_ENDS
    if (long_at := button.long_at(chair.button)) is not None:
        yield long_at, Item.LONG_PRESS
    if chair.fault is not None or chair.lost is not None or chair.doubt:
        return
    if (settles_at := seat.settles_at(chair.seat, chair.rules)) is not None:
        yield settles_at, Item.SEAT_CHANGES
    else:
        yield from seat_entries(chair)


def seat_entries(chair: Chair) -> Iterator[Entry]:
    """The part of the agenda that depends on who sits."""
    if (break_at := sitting.break_at(chair.sitting, chair.rules)) is not None:
        yield break_at, Item.BREAK
    if (limit_at := chair.limit_at) is not None:
        yield limit_at, Item.LIMIT
    if (warn_at := sitting.warn_at(chair.sitting, chair.rules)) is not None:
        yield warn_at, Item.WARNING
    if (due_at := sitting.due_at(chair.sitting, chair.rules)) is not None:
        yield due_at, Item.DUE
    if not chair.held and (next_at := reminders.next_at(chair.reminders)) is not None:
        yield next_at, Item.REMINDER
    yield from _coaching_entries(chair)


def _coaching_entries(chair: Chair) -> Iterator[Entry]:
    coaching, programme = chair.coaching, chair.programme
    if coaching.pacing is not None:
        yield coaching.pacing.ends, Item.PACE
    if (counts_at := exercises.counts_at(programme, coaching)) is not None:
        yield counts_at, Item.EXERCISE_COUNTS
    early_at = sitting.early_at(chair.sitting, programme.cue_after)
    if early_at is not None and exercises.has_cue(programme, coaching, chair.day_of(early_at)):
        yield early_at, Item.CUE


def deadline(chair: Chair) -> Instant | None:
    """When the chair wants a ``Tick`` if nothing else comes before, None for never."""
    return min((at for at, _ in entries(chair)), default=None)
