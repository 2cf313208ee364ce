"""Time as the core sees it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

SINCE_ORIGIN: Final = "since the clock's origin"

Instant = Annotated[timedelta, SINCE_ORIGIN]
"""A point in time: how long after the clock's origin, exact to the microsecond.

Instants are compared and subtracted; only the runtime turns them into dates. A field that holds
one is annotated as such: what is kept over a restart is dated anew by that, and durations are not.
"""

ZERO = timedelta(0)

NOT_KEPT: Final = {"kept": False}
"""The metadata of a field that means nothing to a service that was started again."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Moves instants up to ``upto`` back by ``by``; later ones stay where they are."""

    upto: Instant
    by: timedelta

    def __call__(self, at: Instant) -> Instant:
        """The instant, moved or not."""
        return at - self.by if at <= self.upto else at
