"""Truth about a chair: edges of the person, outages of the service, settings of the clock."""

from bisect import bisect_right
from dataclasses import dataclass, field

Edge = tuple[float, bool]
"""Seconds since 1970 on a clock that is never set, and whether the seat is pressed."""


@dataclass(slots=True)
class Outage:
    """Time without the service. up: when it had started again, None until then.

    disk: whether its state file was damaged meanwhile.
    """

    down: float
    up: float | None = None
    disk: bool = False


@dataclass
class Truth:
    """All facts that the oracle compares the log with.

    offsets: each error that the wall clock of the chair had at some time, in seconds.
    """

    began: float
    edges: list[Edge] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    offsets: list[float] = field(default_factory=lambda: [0.0])
    ended: float = 0.0

    def stays(self) -> list[tuple[float, float]]:
        """Return the times on the seat, each from its beginning to its end."""
        times = [at for at, _ in self.edges] + [self.ended]
        return [
            (at, until)
            for (at, pressed), until in zip(self.edges, times[1:], strict=True)
            if pressed
        ]

    def is_seated(self, at: float) -> bool:
        """Return whether the person sat at an instant."""
        index = bisect_right(self.edges, at, key=lambda edge: edge[0])
        return index > 0 and self.edges[index - 1][1]

    def seated_within(self, begin: float, end: float) -> float:
        """Return the seconds on the seat within a span."""
        return sum(max(0.0, min(end, b) - max(begin, a)) for a, b in self.stays())

    def corrected(self, date: float) -> float:
        """Return a date of the chair on the clock that is never set."""
        return min((date - offset for offset in self.offsets), key=self._outside)

    def _outside(self, at: float) -> float:
        """Return the seconds by which an instant lies outside of the run."""
        return max(self.began - at, at - self.ended, 0.0)
