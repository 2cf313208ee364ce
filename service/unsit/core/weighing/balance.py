"""Balance: the centre of pressure on the seat, leaning and shifts of weight.

The centre of pressure is (0, 0) in the middle of the cells; x grows to the right and y to the
front, and 1 is all load on that side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import hypot

from unsit.core.instant import Instant

POSITIONS: dict[str, tuple[float, float]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "front": (0, 1),
    "back": (0, -1),
    "left_front": (-1, 1),
    "right_front": (1, 1),
    "left_back": (-1, -1),
    "right_back": (1, -1),
}
"""Positions of cells by name, as seen by the person on the seat."""

Point = tuple[float, float]

SMOOTHED_OVER = timedelta(seconds=1)
"""Time constant of the filter of the centre."""

UPRIGHT_AT = 0.6
"""Share of the limit below which a leaning person is upright again."""

SHIFT_DISTANCE = 0.1
"""Least distance, of 1, between two resting centres that makes a shift of weight."""

RESTING_DISTANCE = 0.03
"""A centre that moves less than this, of 1, from one reading to the next is at rest."""

SHIFT_INTERVAL = timedelta(seconds=2)
"""Least time between two shifts of weight."""


class Side(Enum):
    """Side to which a person leans."""

    LEFT = "left"
    RIGHT = "right"
    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Posture:
    """Definition of leaning.

    limit: distance of the centre from the middle, of 1. after: time for which it is exceeded.
    """

    limit: float = 0.3
    after: timedelta = timedelta(minutes=1)


def centre(names: Sequence[str], loads: Sequence[float]) -> Point | None:
    """Return the centre of pressure, None for a seat that carries no more than 0 kg."""
    total = sum(loads)
    if total <= 0:
        return None
    x = sum(POSITIONS[name][0] * load for name, load in zip(names, loads, strict=True))
    y = sum(POSITIONS[name][1] * load for name, load in zip(names, loads, strict=True))
    return _within(x / total), _within(y / total)


def _within(share: float) -> float:
    return max(-1.0, min(1.0, share))


@dataclass(frozen=True, slots=True)
class Movement:
    """Changes of posture after a reading.

    leaned: the side to which the person has begun to lean, and the instant of its beginning.
    upright: the leaning has ended. shifted: the person has shifted weight.
    """

    leaned: tuple[Side, Instant] | None = None
    upright: bool = False
    shifted: bool = False


class Balance:
    """Centre of pressure of a seated person, and the leaning that follows from it."""

    def __init__(self, posture: Posture) -> None:
        self._posture = posture
        self.stand_up()

    @property
    def deadline(self) -> Instant | None:
        """Instant from which the person leans if the centre stays off the middle, else None."""
        return None if self._off_since is None else self._off_since[1] + self._posture.after

    def stand_up(self) -> None:
        """Reset everything for an empty seat."""
        self.side: Side | None = None
        self._off_since: tuple[Side, Instant] | None = None
        self._centre: Point | None = None
        self._rested: Point | None = None
        self._last: Instant | None = None
        self._shifted_at: Instant | None = None

    def follow(self, point: Point, at: Instant) -> Movement:
        """Add a centre of pressure and return the changes."""
        before = self._centre
        self._smooth(point, at)
        shifted = self._is_shift(before, at)
        side = _side(self._centre or point, self._limit())
        if side is self.side:
            self._off_since = None
            return Movement(shifted=shifted)
        if side is None:
            self.side = self._off_since = None
            return Movement(upright=True, shifted=shifted)
        return self._leave_centre(side, at, shifted=shifted)

    def _limit(self) -> float:
        return self._posture.limit * (UPRIGHT_AT if self.side is not None else 1.0)

    def _leave_centre(self, side: Side, at: Instant, *, shifted: bool) -> Movement:
        if self._off_since is None or self._off_since[0] is not side:
            self._off_since = side, at
        if at - self._off_since[1] < self._posture.after:
            return Movement(shifted=shifted)
        was_leaning = self.side is not None
        self.side, leaned, self._off_since = side, self._off_since, None
        return Movement(leaned=leaned, upright=was_leaning, shifted=shifted)

    def _smooth(self, point: Point, at: Instant) -> None:
        if self._centre is None or self._last is None:
            self._centre = self._rested = point
        else:
            share = min((at - self._last) / SMOOTHED_OVER, 1.0)
            x, y = self._centre
            self._centre = x + share * (point[0] - x), y + share * (point[1] - y)
        self._last = at

    def _is_shift(self, before: Point | None, at: Instant) -> bool:
        """Return whether the centre has come to rest at a new place."""
        if before is None or self._centre is None or self._rested is None:
            return False
        moving = _distance(before, self._centre) > RESTING_DISTANCE
        if moving or _distance(self._rested, self._centre) < SHIFT_DISTANCE:
            return False
        self._rested = self._centre
        if self._shifted_at is not None and at - self._shifted_at < SHIFT_INTERVAL:
            return False
        self._shifted_at = at
        return True


def _side(point: Point, limit: float) -> Side | None:
    """Return the side of a point on the axis on which it is farther from the middle."""
    x, y = point
    if max(abs(x), abs(y)) < limit:
        return None
    if abs(x) >= abs(y):
        return Side.RIGHT if x > 0 else Side.LEFT
    return Side.FORWARD if y > 0 else Side.BACK


def _distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
