"""Seat: a new level counts once it has held for its dwell.

    level    ____|‾|__|‾‾‾‾‾‾‾‾‾‾‾‾|_|‾‾‾‾|_________
    settled  ___________|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|___
                     dwell                  dwell

``TABLE`` alone decides whether the seat is seated or empty. A pair that is not in it is a level
reported twice, and changes nothing.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from unsit.core.instant import ZERO, Instant, formerly, replace
from unsit.core.rules import Rules


class SeatState(Enum):
    """State of the seat. SITTING_DOWN, STANDING_UP: a new level that has yet to hold."""

    EMPTY = "empty"
    SITTING_DOWN = "sitting down"
    SEATED = "seated"
    STANDING_UP = "standing up"


class SeatSignal(Enum):
    """Edge of the sensor, or the end of the dwell after an edge."""

    PRESSED = "pressed"
    RELEASED = "released"
    HELD = "held for the dwell"


TABLE: dict[tuple[SeatState, SeatSignal], SeatState] = {
    (SeatState.EMPTY, SeatSignal.PRESSED): SeatState.SITTING_DOWN,
    (SeatState.SITTING_DOWN, SeatSignal.RELEASED): SeatState.EMPTY,
    (SeatState.SITTING_DOWN, SeatSignal.HELD): SeatState.SEATED,
    (SeatState.SEATED, SeatSignal.RELEASED): SeatState.STANDING_UP,
    (SeatState.STANDING_UP, SeatSignal.PRESSED): SeatState.SEATED,
    (SeatState.STANDING_UP, SeatSignal.HELD): SeatState.EMPTY,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Seat as its sensor reports it.

    edge: the instant of the edge whose level has yet to hold, None while the level is settled.
    blips: number of levels that did not hold. settled: number of levels that did.
    dwell: for how long the unsettled level must hold, if this is longer than the rules' dwell.
    """

    state: SeatState = field(default=SeatState.EMPTY, metadata=formerly("place"))
    edge: Instant | None = None
    blips: int = 0
    settled: int = 0
    dwell: timedelta = ZERO

    @property
    def pressed(self) -> bool:
        """Raw level, before its dwell."""
        return self.state in (SeatState.SITTING_DOWN, SeatState.SEATED)

    @property
    def seated(self) -> bool:
        """Settled level."""
        return self.state in (SeatState.SEATED, SeatState.STANDING_UP)


def step_seat(seat: Seat, signal: SeatSignal, at: Instant, dwell: timedelta = ZERO) -> Seat:
    """Return the seat after a signal. dwell: of the level that an edge brings, see ``Seat``."""
    state = TABLE.get((seat.state, signal))
    if state is None:
        return seat
    if signal is SeatSignal.HELD:
        return replace(seat, state=state, edge=None, dwell=ZERO, settled=seat.settled + 1)
    if seat.edge is None:
        return replace(seat, state=state, edge=at, dwell=dwell)
    return replace(seat, state=state, edge=None, dwell=ZERO, blips=seat.blips + 1)


def drop_unsettled_level(seat: Seat) -> Seat:
    """Return the seat at its settled level, because an unsettled one can hold no longer."""
    return with_certain_level(seat, pressed=seat.seated)


def with_certain_level(seat: Seat, *, pressed: bool) -> Seat:
    """Return the seat with a level that counts without a dwell."""
    return replace(
        seat, state=SeatState.SEATED if pressed else SeatState.EMPTY, edge=None, dwell=ZERO
    )


def settles_at(seat: Seat, rules: Rules) -> Instant | None:
    """Return when the level will have held, None while it is settled."""
    if seat.edge is None:
        return None
    return seat.edge + max(rules.dwell(pressed=seat.pressed), seat.dwell)
