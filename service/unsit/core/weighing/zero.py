"""Auto-zero: follows the drift of an empty seat, and only that.

Drift is slow and a bag is not. What comes at once is a thing on the seat: it is remembered as
resting there and never tared away, however long it stays. What comes slowly is drift: it moves the
zero, while the seat is empty and quiet, at most so fast and at most so far.
"""

from datetime import timedelta

from unsit.core.instant import ZERO, Instant

QUIET_FOR = timedelta(minutes=2)
QUIET_SPREAD = 0.2
"""kg: the median absolute deviation of readings that are quiet."""

THING = 0.5
"""kg. A step of this size is a thing that came or went; less is drift."""

LIES_AFTER = timedelta(seconds=10)
SLEW = 0.1
"""kg a minute."""

FARTHEST = 3.0
"""kg from the tare."""


class Zero:
    """The drift of an empty seat since its tare, in kg."""

    def __init__(self) -> None:
        self.drift = 0.0
        self._quiet_since: Instant | None = None
        self._thing: tuple[float, Instant] | None = None
        self._last: Instant | None = None

    def follow(self, load: float, spread: float, resting: float, at: Instant) -> float:
        """Takes a reading of the empty seat; what rests on it from now on, in kg.

        load: the filtered load, with the drift so far taken off. spread: see ``Window.spread``.
        """
        passed, self._last = at - (self._last or at), at
        if spread > QUIET_SPREAD:
            self.disturb()
            return resting
        if abs(load - resting) >= THING:
            return self._notice(load, resting, at)
        self._thing = None
        self._quiet_since = at if self._quiet_since is None else self._quiet_since
        if at - self._quiet_since >= QUIET_FOR:
            self._move(load - resting, passed)
        return resting

    def disturb(self) -> None:
        """The seat is not empty, or not quiet: begin to wait again."""
        self._quiet_since = self._thing = None

    def sit(self) -> None:
        """A person sits: what the scale says next of the empty seat is another time's."""
        self.disturb()
        self._last = None

    def tare(self) -> None:
        """The empty seat was measured: no drift."""
        self.drift = 0.0
        self.disturb()

    def _notice(self, load: float, resting: float, at: Instant) -> float:
        """A thing may have come or gone; it rests there when it has lain still for a while."""
        self._quiet_since = None
        if self._thing is None or abs(load - self._thing[0]) >= THING:
            self._thing = load, at
        if at - self._thing[1] < LIES_AFTER:
            return resting
        self._thing = None
        return load

    def _move(self, by: float, passed: timedelta) -> None:
        most = SLEW * (passed / timedelta(minutes=1)) if passed > ZERO else 0.0
        moved = self.drift + max(-most, min(most, by))
        self.drift = max(-FARTHEST, min(FARTHEST, moved))
