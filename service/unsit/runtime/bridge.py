"""The bridge from the clock of a service that was, to the clock of the one that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import Clock

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment on all the clocks that there are.

    epoch: names what the monotonic clock counts from; it is another one after a reboot.
    at: the moment on that clock. date: the same moment on the wall clock.
    """

    epoch: str
    at: Instant
    date: datetime

    @classmethod
    def of(cls, clock: Clock) -> "Mark":
        """This moment."""
        now = clock.now()
        return cls(clock.epoch, now, clock.wall(now))

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        at = self.at // MICROSECOND
        return {"epoch": self.epoch, "at": at, "date": self.date.isoformat()}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Mark":
        """From what was kept.

        Raises KeyError, TypeError or ValueError for what is no such document.
        """
        date = datetime.fromisoformat(document["date"])
        if date.tzinfo is None:
            raise ValueError(f"read {document['date']!r}; expected a date with an offset")
        return cls(str(document["epoch"]), int(document["at"]) * MICROSECOND, date)


class Bridge:
    """How instants of before are to be read on today's clock.

    mark: a moment of the service that was. known: the last one at which it is known to have been
        there; of no account if it is of another epoch or earlier.
    later: how much later every instant of before is on today's clock.
    lost: the last moment of before, on today's clock. told: the same as the wall clock has it,
        which may be after now, where nothing else tells; None where the monotonic clock does.

    In one epoch, instants are what they were, whatever the wall clock has done. In another the
    wall clock tells how long it was; one that is not even past the last moment of before is wrong,
    and then it was at least as long as this machine runs already.
    """

    def __init__(self, mark: Mark, known: Mark, clock: Clock) -> None:
        last = known if known.epoch == mark.epoch and known.at > mark.at else mark
        now = clock.now()
        is_reboot = last.epoch != clock.epoch
        away = clock.wall(now) - last.date if is_reboot else now - last.at
        self.told: Instant | None = now - away if is_reboot else None
        if away < ZERO:
            away = max(now, ZERO)
        self.lost = now - away
        self.later = self.lost - last.at
