"""Occupancy: which loads are a person.

Two limits, so that a load between them changes nothing, both counted from what lies on the seat
anyway; and a minimum, so that a cat, a coat or a bag is nobody.
"""

from dataclasses import dataclass
from datetime import timedelta

from unsit.core.instant import Instant
from unsit.core.weighing.window import Window

FADES_IN = timedelta(seconds=60)
"""How fast the sitter's load is forgotten when less of it is on the seat."""

RELEASED_AT = 0.2
"""A seat that carries less than this share of its sitter was left; what remains is drift of the
zero. A sitter who leans on armrests or a table takes off less than a third (Nag 2008)."""

TOO_LIGHT_FOR = timedelta(seconds=10)
SITTER_AFTER = timedelta(seconds=60)
LEARNING = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Loads in kg.

    sit: so much more than what lies on the seat is a person; stand: so little more is none.
    least: a load below this is never a person, whatever it is.
    of_sitter: take 25 % and 12 % of the learned sitter for sit and stand, once there is one.
    """

    sit: float = 10.0
    stand: float = 5.0
    least: float = 15.0
    of_sitter: bool = False


SIT_SHARE, STAND_SHARE = 0.25, 0.12


@dataclass(frozen=True, slots=True)
class Edge:
    """The raw level has changed, and when the readings say that it did."""

    pressed: bool
    since: Instant


class Occupancy:
    """Whether a person is on the seat, without dwell.

    pressed: the level. resting: kg that lie on the seat without anybody on it.
    """

    def __init__(self, limits: Limits) -> None:
        self.pressed = False
        self.resting = 0.0
        self._limits = limits
        self._learned: float | None = None
        self._sitter = 0.0
        self._pressed_since: Instant | None = None
        self._light_since: Instant | None = None
        self._last: Instant | None = None

    def weigh(self, window: Window, at: Instant) -> Edge | None:
        """The edge that a new reading in the window makes, if any."""
        median = window.median or 0.0
        passed, self._last = at - (self._last or at), at
        if not self.pressed:
            return self._sit_down(window, at) if median >= self._sit_limit() else None
        self._follow_sitter(median, passed)
        if median <= self._stand_limit():
            return self._stand_up(window.since(self._stand_limit(), above=False), at)
        return self._watch_light(median, at)

    def is_contrary(self, load: float) -> bool:
        """Whether a reading, taken alone, is of the other level."""
        return load <= self._stand_limit() if self.pressed else load >= self._sit_limit()

    def presume(self, load: float, at: Instant) -> None:
        """Takes a level from one load, without an edge: after a fault, and at the start."""
        self.pressed = load >= self._sit_limit()
        self._sitter, self._pressed_since, self._light_since = load, at, None

    def _sit_limit(self) -> float:
        share = self._share(SIT_SHARE)
        more = self._limits.sit if share is None else share
        return max(self.resting + more, self._limits.least)

    def _stand_limit(self) -> float:
        share = self._share(STAND_SHARE)
        least = self._limits.stand if share is None else share
        return self.resting + max(least, RELEASED_AT * (self._sitter - self.resting))

    def _share(self, share: float) -> float | None:
        if not self._limits.of_sitter or self._learned is None:
            return None
        return share * self._learned

    def _sit_down(self, window: Window, at: Instant) -> Edge:
        since = window.since(self._sit_limit(), above=True)
        self.presume(window.median or 0.0, at)
        return Edge(pressed=True, since=since)

    def _stand_up(self, since: Instant, at: Instant) -> Edge:
        if self._pressed_since is not None and at - self._pressed_since >= SITTER_AFTER:
            self._learn(self._sitter - self.resting)
        self.pressed, self._light_since = False, None
        return Edge(pressed=False, since=since)

    def _learn(self, sitter: float) -> None:
        known = sitter if self._learned is None else self._learned
        self._learned = known + LEARNING * (sitter - known)

    def _follow_sitter(self, median: float, passed: timedelta) -> None:
        fade = min(passed / FADES_IN, 1.0)
        self._sitter = max(median, self._sitter + fade * (median - self._sitter))

    def _watch_light(self, median: float, at: Instant) -> Edge | None:
        """A load that stays below the minimum is what the person left behind."""
        if median >= self._limits.least:
            self._light_since = None
            return None
        self._light_since = at if self._light_since is None else self._light_since
        if at - self._light_since < TOO_LIGHT_FOR:
            return None
        return self._stand_up(self._light_since, at)
