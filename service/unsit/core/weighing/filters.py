"""Filters of load-cell readings: a median window, its recent past, own noise, automatic zero."""

from bisect import bisect_left, insort
from collections import deque
from datetime import timedelta

from unsit.core.instant import ZERO, Instant

MAX_READINGS = 11
MIN_READINGS = 3
"""Readings that are kept at any age, for recordings with a row every half minute."""

MAX_AGE = timedelta(seconds=5)


class Window:
    """Window of the last readings of a load in kg.

    median: None until there is a reading.
    """

    def __init__(self) -> None:
        self.median: float | None = None
        self._readings: deque[tuple[Instant, float]] = deque()
        self._ordered: list[float] = []

    def __len__(self) -> int:
        return len(self._readings)

    def add(self, load: float, at: Instant) -> float:
        """Add a reading and return the new median."""
        self._readings.append((at, load))
        insort(self._ordered, load)
        while self._is_too_old(at):
            _, oldest = self._readings.popleft()
            del self._ordered[bisect_left(self._ordered, oldest)]
        self.median = self._middle()
        return self.median

    def clear(self) -> None:
        """Remove all readings."""
        self._readings.clear()
        self._ordered.clear()
        self.median = None

    def spread(self) -> float:
        """Return the median absolute deviation in kg, within which half of the readings lie."""
        middle = self._ordered[len(self._ordered) // 2]
        return sorted([abs(load - middle) for load in self._ordered])[len(self._ordered) // 2]

    def span(self) -> timedelta:
        """Return the time from the oldest reading to the newest."""
        return self._readings[-1][0] - self._readings[0][0] if self._readings else ZERO

    def begin(self) -> Instant:
        """Return the instant of the oldest reading."""
        return self._readings[0][0] if self._readings else ZERO

    def since(self, limit: float, *, above: bool) -> Instant:
        """Return the first instant of the newest run of readings on one side of a limit.

        ``above=True`` with limit 15 on 0, 80, 80, 80, 0 kg is the instant of the first 80 kg.
        """
        since, found = self._readings[-1][0], False
        for at, load in reversed(self._readings):
            on_this_side = load >= limit if above else load <= limit
            if on_this_side:
                since, found = at, True
            elif found:
                break
        return since

    def _is_too_old(self, now: Instant) -> bool:
        if len(self._readings) <= MIN_READINGS:
            return False
        return len(self._readings) > MAX_READINGS or now - self._readings[0][0] > MAX_AGE

    def _middle(self) -> float:
        """Return the middle reading; of two, the one nearer to the previous median."""
        half = len(self._ordered) // 2
        high = self._ordered[half]
        if len(self._ordered) % 2 or self.median is None:
            return high
        low = self._ordered[half - 1]
        return low if abs(low - self.median) <= abs(high - self.median) else high


REMEMBERED_FOR = timedelta(seconds=30)
"""Time of which half is longer than a body takes to sit down or to leave, also on both armrests."""

LATELY = timedelta(seconds=5)
REMEMBERED_EVERY = timedelta(seconds=1)
REMEMBERED_MIN = 2
"""Medians that are kept at any age, for recordings with a row every few minutes."""


class Recent:
    """Usual load of the last 30 s, which is that before a quick change for 15 s after it.

    Drift is small in this time: cells that climb by 15 kg an hour climb by 0.1 kg. Wrong readings
    that move the median for some seconds do not move it.

    usual: kg. least, most: range of the last 5 s in kg. No burst of wrong readings raises the least
    load, or lowers the most.
    """

    def __init__(self) -> None:
        self.usual = self.least = self.most = 0.0
        self._medians: deque[tuple[Instant, float]] = deque()

    def add(self, median: float, at: Instant) -> None:
        """Add a median, at most one a second."""
        medians = self._medians
        if medians and at - medians[-1][0] < REMEMBERED_EVERY:
            return
        medians.append((at, median))
        while len(medians) > REMEMBERED_MIN and at - medians[0][0] > REMEMBERED_FOR:
            medians.popleft()
        self.usual = sorted([value for _, value in medians])[(len(medians) - 1) // 2]
        latest = [value for then, value in medians if at - then <= LATELY]
        self.least, self.most = min(latest), max(latest)

    def restart(self, median: float, at: Instant) -> None:
        """Forget all medians but this one."""
        self._medians.clear()
        self.add(median, at)


LEARNED_OVER = 1000
"""Readings over which the noise is averaged."""

LEARNED_FROM = 30
"""Readings from which the noise is known."""

SPREAD_OF_NOISE = 0.65
"""Spread of the window under noise of standard deviation 1."""

OTHER_THAN = 4.0
LEAST_KG = 0.005
"""Multiple of the noise, and kg, above which a spread comes from something else."""

MAX_NOISE_KG = 0.03
"""Spread of the window above which the noise hides the breath of a body."""

STILL_RATIO = 1.5
"""A load whose spread is less than this multiple of the noise is still."""


class Noise:
    """Noise of the cells themselves, as the mean spread of the window on an empty, quiet seat.

    measured: standard deviation of the total in kg at the calibration, None if unknown.
    """

    def __init__(self, measured: float | None = None) -> None:
        self._spread = 0.0 if measured is None else measured * SPREAD_OF_NOISE
        self._readings = 0 if measured is None else LEARNED_FROM

    def learn(self, spread: float) -> None:
        """Add the spread of the window at a reading of the empty seat.

        Spreads that are much larger than the noise known so far are a cat, or a hand.
        """
        known = self.spread
        if spread <= (QUIET_SPREAD_KG if known is None else max(OTHER_THAN * known, LEAST_KG)):
            self._readings += 1
            self._spread += (spread - self._spread) / min(self._readings, LEARNED_OVER)

    @property
    def spread(self) -> float | None:
        """Mean spread in kg, None while it is not known."""
        return self._spread if self._readings >= LEARNED_FROM else None

    def explains(self, spread: float) -> bool:
        """Return whether noise alone explains a mean spread; False while it is not known."""
        is_small = self.spread is not None and self.spread <= MAX_NOISE_KG
        return is_small and spread <= STILL_RATIO * self._spread


QUIET_FOR = timedelta(minutes=2)
"""Quiet time before the zero begins to follow the drift."""

QUIET_SPREAD_KG = 0.2
"""Largest median absolute deviation of a quiet seat."""

OBJECT_KG = 0.5
"""A step of this size is an object that was put down or taken away; a smaller one is drift."""

RESTS_AFTER = timedelta(seconds=10)
"""Time after which an object counts as resting on the seat."""

SLEW_KG_PER_MINUTE = 0.1
MAX_DRIFT_KG = 3.0


class Zero:
    """Automatic zero: the drift of an empty seat since its tare in kg."""

    def __init__(self) -> None:
        self.drift = 0.0
        self._quiet_since: Instant | None = None
        self._object: tuple[float, Instant] | None = None
        self._last: Instant | None = None

    def follow(self, load: float, spread: float, resting: float, at: Instant) -> float:
        """Add a reading of the empty seat and return the load that rests on it in kg.

        load: the filtered load less the current drift. spread: see ``Window.spread``.
        """
        passed, self._last = at - (self._last or at), at
        if spread > QUIET_SPREAD_KG:
            self.disturb()
            return resting
        if abs(load - resting) >= OBJECT_KG:
            return self._notice(load, resting, at)
        self._object = None
        self._quiet_since = at if self._quiet_since is None else self._quiet_since
        if at - self._quiet_since >= QUIET_FOR:
            self._move(load - resting, passed)
        return resting

    def disturb(self) -> None:
        """Restart the wait for a quiet, empty seat."""
        self._quiet_since = self._object = None

    @property
    def deadline(self) -> Instant | None:
        """Instant from which the object that was noticed rests on the seat, None for none."""
        return None if self._object is None else self._object[1] + RESTS_AFTER

    def sit(self) -> None:
        """Forget the last reading when a person sits down."""
        self.disturb()
        self._last = None

    def tare(self) -> None:
        """Reset the drift after a tare."""
        self.drift = 0.0
        self.disturb()

    def _notice(self, load: float, resting: float, at: Instant) -> float:
        """Return the resting load when an object may have come or gone."""
        self._quiet_since = None
        if self._object is None or abs(load - self._object[0]) >= OBJECT_KG:
            self._object = load, at
        if at - self._object[1] < RESTS_AFTER:
            return resting
        self._object = None
        return load

    def _move(self, by: float, passed: timedelta) -> None:
        most = SLEW_KG_PER_MINUTE * (passed / timedelta(minutes=1)) if passed > ZERO else 0.0
        moved = self.drift + max(-most, min(most, by))
        self.drift = max(-MAX_DRIFT_KG, min(MAX_DRIFT_KG, moved))
