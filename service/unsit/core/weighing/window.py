"""The last readings: their median and their spread.

In real recordings of HX711s one mean of 20 conversions in a thousand is wrong, by at least five
wrong conversions within two seconds. So the median is over eleven readings, which five cannot move.
"""

from bisect import bisect_left, insort
from collections import deque
from datetime import timedelta

from unsit.core.instant import ZERO, Instant

LENGTH = 11
LEAST = 3
"""Readings that are kept however old they are, for recordings with a row every half minute."""

OLDEST = timedelta(seconds=5)


class Window:
    """The last readings of a load, in kg.

    median: None until there is a reading.
    """

    def __init__(self) -> None:
        self.median: float | None = None
        self._readings: deque[tuple[Instant, float]] = deque()
        self._ordered: list[float] = []

    def __len__(self) -> int:
        return len(self._readings)

    def add(self, load: float, at: Instant) -> float:
        """Takes a reading; the median with it."""
        self._readings.append((at, load))
        insort(self._ordered, load)
        while self._is_too_old(at):
            _, oldest = self._readings.popleft()
            del self._ordered[bisect_left(self._ordered, oldest)]
        self.median = self._middle()
        return self.median

    def clear(self) -> None:
        """Forgets every reading."""
        self._readings.clear()
        self._ordered.clear()
        self.median = None

    def spread(self) -> float:
        """The median absolute deviation, in kg: half of the readings lie within it."""
        middle = self._ordered[len(self._ordered) // 2]
        return sorted(abs(load - middle) for load in self._ordered)[len(self._ordered) // 2]

    def span(self) -> timedelta:
        """From the oldest reading to the newest."""
        return self._readings[-1][0] - self._readings[0][0] if self._readings else ZERO

    def since(self, limit: float, *, above: bool) -> Instant:
        """When the readings that end with the newest came to one side of a limit.

        If the newest is on the other side, the newest of those on this side begins the search.
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
        if len(self._readings) <= LEAST:
            return False
        return len(self._readings) > LENGTH or now - self._readings[0][0] > OLDEST

    def _middle(self) -> float:
        """The middle reading; of two, the one nearer to the median before."""
        half = len(self._ordered) // 2
        high = self._ordered[half]
        if len(self._ordered) % 2 or self.median is None:
            return high
        low = self._ordered[half - 1]
        return low if abs(low - self.median) <= abs(high - self.median) else high
