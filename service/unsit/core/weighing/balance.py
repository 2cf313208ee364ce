"""Balance: where on the seat the load lies, and how it moves.

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
"""Where a cell can be, by name, as the person on the seat sees it."""

Point = tuple[float, float]

SMOOTHED_OVER = timedelta(seconds=1)
UPRIGHT_AT = 0.6
"""Who leans is upright again below this share of the limit."""

SHIFT = 0.1
SETTLED = 0.03
SHIFTS_APART = timedelta(seconds=2)
"""A shift of weight moves the centre by so much, and then rests; two are so far apart."""


class Side(Enum):
    """To which side a person leans."""

    LEFT = "left"
    RIGHT = "right"
    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Posture:
    """How a person is to be told of leaning.

    limit: how far off the middle is leaning, of 1. after: for how long.
    """

    limit: float = 0.3
    after: timedelta = timedelta(minutes=1)


def centre(names: Sequence[str], loads: Sequence[float]) -> Point | None:
    """The centre of pressure; None where there is nothing, or less, on the seat."""
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
    """What a reading brings.

    leaned: the side to which the person has begun to lean, and since when.
    upright: the leaning has ended. shifted: the person has shifted weight.
    """

    leaned: tuple[Side, Instant] | None = None
    upright: bool = False
    shifted: bool = False


class Balance:
    """Follows the centre of pressure of a person who sits."""

    def __init__(self, posture: Posture) -> None:
        self._posture = posture
        self.stand_up()

    def stand_up(self) -> None:
        """Nobody is on the seat any more."""
        self.side: Side | None = None
        self._off: tuple[Side, Instant] | None = None
        self._centre: Point | None = None
        self._rested: Point | None = None
        self._last: Instant | None = None
        self._shifted_at: Instant | None = None

    def follow(self, point: Point, at: Instant) -> Movement:
        """Takes a centre of pressure; what it brings."""
        before = self._centre
        self._smooth(point, at)
        shifted = self._is_shift(before, at)
        side = _side(self._centre or point, self._limit())
        if side is self.side:
            self._off = None
            return Movement(shifted=shifted)
        if side is None:
            self.side = self._off = None
            return Movement(upright=True, shifted=shifted)
        return self._off_centre(side, at, shifted=shifted)

    def _limit(self) -> float:
        return self._posture.limit * (UPRIGHT_AT if self.side is not None else 1.0)

    def _off_centre(self, side: Side, at: Instant, *, shifted: bool) -> Movement:
        if self._off is None or self._off[0] is not side:
            self._off = side, at
        if at - self._off[1] < self._posture.after:
            return Movement(shifted=shifted)
        was_leaning = self.side is not None
        self.side, leaned, self._off = side, self._off, None
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
        """Whether the centre has come to rest away from where it rested before."""
        if before is None or self._centre is None or self._rested is None:
            return False
        moving = _distance(before, self._centre) > SETTLED
        if moving or _distance(self._rested, self._centre) < SHIFT:
            return False
        self._rested = self._centre
        if self._shifted_at is not None and at - self._shifted_at < SHIFTS_APART:
            return False
        self._shifted_at = at
        return True


def _side(point: Point, limit: float) -> Side | None:
    """The side to which a point lies off the middle; the axis that is farther off names it."""
    x, y = point
    if max(abs(x), abs(y)) < limit:
        return None
    if abs(x) >= abs(y):
        return Side.RIGHT if x > 0 else Side.LEFT
    return Side.FORWARD if y > 0 else Side.BACK


def _distance(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])
