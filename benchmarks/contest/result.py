"""Results of a contender."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from contest.errors import OutOfContestError
from contest.usage import Cost


@dataclass(frozen=True, slots=True)
class Spread:
    """Best value and percentiles of durations in milliseconds."""

    best: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, milliseconds: list[float]) -> Self | None:
        """Return the percentiles of durations, None without durations."""
        if not milliseconds:
            return None
        if len(milliseconds) == 1:
            return cls(*milliseconds * 4)
        cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
        return cls(min(milliseconds), cuts[49], cuts[94], cuts[98])


@dataclass(slots=True)
class Result:
    """Results of a contender in milliseconds; None or an empty list was not measured.

    lives: from an edge to the subscriber, of the reported edges of each life.
    caught: number of reported edges of those at 50 a second.
    ready: from the start to READY=1.
    there: from the start to the birth message at the subscriber.
    replay: of ten recorded weeks.
    failure: reason why the contender was not measured further.
    """

    name: str
    cost: Cost | None = None
    lives: list[list[float]] = field(default_factory=list)
    caught: int | None = None
    ready: list[float] = field(default_factory=list)
    there: list[float] = field(default_factory=list)
    replay: list[float] = field(default_factory=list)
    failure: str | None = None

    @property
    def latency(self) -> list[float]:
        """Milliseconds from an edge to the subscriber, of all lives."""
        return [milliseconds for life in self.lives for milliseconds in life]

    @property
    def medians(self) -> list[float]:
        """Median of the milliseconds from an edge to the subscriber, of each life."""
        return [statistics.median(life) for life in self.lives if life]

    @contextmanager
    def taking_failure(self) -> Iterator[None]:
        """Record the failure of the contender in the block; the comparison goes on."""
        try:
            yield
        except OutOfContestError as failure:
            self.failure = str(failure)
