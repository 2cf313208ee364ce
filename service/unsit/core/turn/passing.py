"""The passing of time: what is on the agenda happens."""

from collections.abc import Callable, Iterator

from unsit.core import agenda
from unsit.core import button as buttons
from unsit.core import seat as seats
from unsit.core import sitting as sittings
from unsit.core.agenda import Entry, Item
from unsit.core.chair import Chair
from unsit.core.instant import Instant
from unsit.core.turn.coaching import count_by_itself, cue_early, pace_on
from unsit.core.turn.holding import end_hours, end_overdue_holds
from unsit.core.turn.pressing import press
from unsit.core.turn.sitting import limit, remind, sit, warn
from unsit.core.turn.underway import Turn


def work_off(turn: Turn, last: Entry) -> None:
    """Does what is on the agenda, in order, up to and with ``last``."""
    _work_off(turn, agenda.entries, last)


def settle(turn: Turn, at: Instant) -> None:
    """The level has held: what was waiting for that happens, then the seat changes."""
    edge = turn.chair.seat.edge
    if edge is None:
        return
    _work_off(turn, agenda.seat_entries, (edge, Item.SEAT_CHANGES))
    sat_down = turn.chair.seat.pressed
    turn.change(seat=seats.step(turn.chair.seat, seats.Signal.HELD, at))
    sit(turn, sittings.Signal.SAT_DOWN if sat_down else sittings.Signal.STOOD_UP, edge)


def _work_off(turn: Turn, entries: Callable[[Chair], Iterator[Entry]], last: Entry) -> None:
    while (entry := min(entries(turn.chair), default=None)) is not None and entry <= last:
        at, item = entry
        _ACTS[item](turn, at)


_ACTS: dict[Item, Callable[[Turn, Instant], None]] = {
    Item.HOURS_END: end_hours,
    Item.HOLD_ENDS: end_overdue_holds,
    Item.LONG_PRESS: lambda turn, at: press(turn, buttons.Signal.LONG_OVER, at),
    Item.BREAK: lambda turn, at: sit(turn, sittings.Signal.MIN_BREAK_OVER, at),
    Item.SEAT_CHANGES: settle,
    Item.PACE: pace_on,
    Item.EXERCISE_COUNTS: count_by_itself,
    Item.LIMIT: limit,
    Item.WARNING: warn,
    Item.DUE: lambda turn, at: sit(turn, sittings.Signal.MOVE_AFTER_OVER, at),
    Item.CUE: cue_early,
    Item.REMINDER: remind,
}
