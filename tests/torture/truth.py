"""What really happened to a chair: what the person did, when the service was down, what else."""

from bisect import bisect_right
from dataclasses import dataclass, field

Edge = tuple[float, bool]
"""When, in seconds since 1970 on a clock that nobody sets, and whether the seat is pressed."""


@dataclass(slots=True)
class Outage:
    """A time without the service. up: when it had started again, None until then.

    disk: whether what it knew on its disk was spoilt meanwhile.
    """

    down: float
    up: float | None = None
    disk: bool = False


@dataclass
class Truth:
    """All that the oracle goes by.

    offsets: how far the wall clock of the chair was off at one time or another, in seconds.
    """

    began: float
    edges: list[Edge] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    offsets: list[float] = field(default_factory=lambda: [0.0])
    ended: float = 0.0

    def stays(self) -> list[tuple[float, float]]:
        """The times on the seat, each from its beginning to its end."""
        times = [at for at, _ in self.edges] + [self.ended]
        return [
            (at, until)
            for (at, pressed), until in zip(self.edges, times[1:], strict=True)
            if pressed
        ]

    def is_seated(self, at: float) -> bool:
        """Whether somebody sat."""
        index = bisect_right(self.edges, at, key=lambda edge: edge[0])
        return index > 0 and self.edges[index - 1][1]

    def seated_within(self, begin: float, end: float) -> float:
        """For how many seconds somebody sat."""
        return sum(max(0.0, min(end, b) - max(begin, a)) for a, b in self.stays())

    def right(self, told: float) -> float:
        """A date that the chair told, on the clock that nobody sets."""
        return min((told - offset for offset in self.offsets), key=self._off)

    def _off(self, at: float) -> float:
        """How far outside of the run an instant is."""
        return max(self.began - at, at - self.ended, 0.0)
