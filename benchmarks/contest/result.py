"""What was measured of a contender."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from contest.errors import OutOfContestError
from contest.usage import Cost


@dataclass(frozen=True, slots=True)
class Spread:
    """What a few durations are like, in milliseconds."""

    best: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, milliseconds: list[float]) -> Self | None:
        """Of some durations; None of none."""
        if not milliseconds:
            return None
        if len(milliseconds) == 1:
            return cls(*milliseconds * 4)
        cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
        return cls(min(milliseconds), cuts[49], cuts[94], cuts[98])


@dataclass(slots=True)
class Result:
    """What was measured of a contender: None or an empty list was not; durations in milliseconds.

    latency: from an edge to the subscriber, of those that were told. caught: how many edges of
    those at 50 a second were told. ready: from the start to READY=1. there: from the start to the
    birth message at the subscriber. replay: of ten recorded weeks. failure: why it is out.
    """

    name: str
    cost: Cost | None = None
    latency: list[float] = field(default_factory=list)
    caught: int | None = None
    ready: list[float] = field(default_factory=list)
    there: list[float] = field(default_factory=list)
    replay: list[float] = field(default_factory=list)
    failure: str | None = None

    @contextmanager
    def taking_failure(self) -> Iterator[None]:
        """Has a contender that fails end the block, not the contest."""
        try:
            yield
        except OutOfContestError as failure:
            self.failure = str(failure)
