"""The seat: a new level counts once it has held.

Everything that decides whether the seat is seated or empty is the table in this file. A pair that
is not in the table is a level said twice, and changes nothing.
"""

from dataclasses import dataclass, replace
from enum import Enum

from unsit.core.instant import Instant
from unsit.core.rules import Rules


class Place(Enum):
    """Where the person is, as far as the sensor can tell."""

    EMPTY = "empty"
    SITTING_DOWN = "sitting down"
    SEATED = "seated"
    STANDING_UP = "standing up"


class Signal(Enum):
    """What the sensor, or the time since its last edge, says."""

    PRESSED = "pressed"
    RELEASED = "released"
    HELD = "held for the dwell"


TABLE: dict[tuple[Place, Signal], Place] = {
    (Place.EMPTY, Signal.PRESSED): Place.SITTING_DOWN,
    (Place.SITTING_DOWN, Signal.RELEASED): Place.EMPTY,
    (Place.SITTING_DOWN, Signal.HELD): Place.SEATED,
    (Place.SEATED, Signal.RELEASED): Place.STANDING_UP,
    (Place.STANDING_UP, Signal.PRESSED): Place.SEATED,
    (Place.STANDING_UP, Signal.HELD): Place.EMPTY,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """The seat as the sensor has it.

    edge: the instant of the edge whose level has yet to hold, None while the level is settled.
    blips: how many levels did not hold. settled: how many did.
    """

    place: Place = Place.EMPTY
    edge: Instant | None = None
    blips: int = 0
    settled: int = 0

    @property
    def pressed(self) -> bool:
        """The raw level, without waiting for the dwell."""
        return self.place in (Place.SITTING_DOWN, Place.SEATED)

    @property
    def seated(self) -> bool:
        """The settled level."""
        return self.place in (Place.SEATED, Place.STANDING_UP)


def step(seat: Seat, signal: Signal, at: Instant) -> Seat:
    """The seat after a signal at an instant."""
    place = TABLE.get((seat.place, signal))
    if place is None:
        return seat
    if signal is Signal.HELD:
        return replace(seat, place=place, edge=None, settled=seat.settled + 1)
    if seat.edge is None:
        return replace(seat, place=place, edge=at)
    return replace(seat, place=place, edge=None, blips=seat.blips + 1)


def suspended(seat: Seat) -> Seat:
    """The seat when its sensor fails: a level that has yet to hold never will."""
    return found(seat, pressed=seat.seated)


def found(seat: Seat, *, pressed: bool) -> Seat:
    """The seat with a level that is certain without a dwell."""
    return replace(seat, place=Place.SEATED if pressed else Place.EMPTY, edge=None)


def settles_at(seat: Seat, rules: Rules) -> Instant | None:
    """When the level will have held, None while it is settled."""
    if seat.edge is None:
        return None
    return seat.edge + (rules.sit_dwell if seat.pressed else rules.stand_dwell)
