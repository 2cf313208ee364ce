"""Faults of cells, their wires and their converters, detected from the readings."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant


class Missing(Enum):
    """Reason for a missing reading."""

    SILENT = "silent"
    SATURATED = "saturated"
    SHORTED = "shorted"
    CORRUPTED = "corrupted"


class CellFaultReason(Enum):
    """Reason of a fault of the load cells.

    silent: no conversion comes. saturated: readings are beyond the converter's range, or beyond
    what cells carry.
    shorted: the data wire stays low. corrupted: all frames are refused.
    stuck: the counts never change, which the noise of a working cell rules out, or somebody has
    been on the seat for longer than people sit. flapping: the load jumps between an empty seat, a
    person and what no seat carries. drifting: the load is far below zero.
    uncalibrated: the empty seat was never tared.
    """

    SILENT = "silent"
    SATURATED = "saturated"
    SHORTED = "shorted"
    CORRUPTED = "corrupted"
    STUCK = "stuck"
    FLAPPING = "flapping"
    DRIFTING = "drifting"
    UNCALIBRATED = "uncalibrated"


Raw = int | float | Missing
"""Counts of a cell, or the reason why there are none."""


def counts_of(raws: Sequence[Raw]) -> list[float]:
    """Return the counts, without the missing readings."""
    return [raw for raw in raws if not isinstance(raw, Missing)]


MISSING_FOR = timedelta(seconds=3)
"""Time without a reading that is a fault."""

STUCK_FOR = timedelta(seconds=4)
STUCK_READINGS = 12
"""Equal counts for at least this time and in at least this many readings are a fault."""

SUSPICIOUS_READINGS = 3
"""Equal readings after which the scale is read faster, to confirm the fault sooner."""

FLAPPING_JUMPS = 18
FLAPPING_WITHIN = timedelta(seconds=5)
FLAPPING_KG = 10.0
"""Jumps of this size from one zone of ``LoadZone`` to another that no body makes within this time.
Two seconds in which 8 of 20 conversions are corrupted make 16. Jumps within a zone do not count: a
person who bounces on a stool is a person in all readings."""

CAPACITY_KG = 400.0
"""Load, up or down, beyond which a reading is wrong: twice the rated load of four cells of 50 kg.
"""

DRIFTING_FOR = timedelta(seconds=4)
DRIFTING_KG = 10.0
"""A median this far below the tare for this time is a fault."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault and the instant from which readings are invalid."""

    reason: CellFaultReason
    since: Instant


@dataclass
class CellWatch:
    """Fault detection on the raw readings of one cell."""

    _missing: CellFault | None = None
    _same: float | None = None
    _same_since: Instant = field(default_factory=timedelta)
    _same_count: int = 0

    def watch(self, raw: Raw, at: Instant) -> CellFault | None:
        """Add a reading and return the cell's fault, if any."""
        if isinstance(raw, Missing):
            return self._watch_missing(raw, at)
        self._missing = None
        if raw != self._same:
            self._same, self._same_since, self._same_count = raw, at, 1
            return None
        self._same_count += 1
        stuck = self._same_count >= STUCK_READINGS and at - self._same_since >= STUCK_FOR
        return CellFault(CellFaultReason.STUCK, self._same_since) if stuck else None

    @property
    def is_suspicious(self) -> bool:
        """True if a fault may follow."""
        return self._missing is not None or self._same_count >= SUSPICIOUS_READINGS

    def _watch_missing(self, missing: Missing, at: Instant) -> CellFault | None:
        since = at if self._missing is None else self._missing.since
        self._missing = CellFault(CellFaultReason(missing.value), since)
        return self._missing if at - since >= MISSING_FOR else None


class LoadZone(Enum):
    """Meaning of a load."""

    BELOW_ZERO = "below zero"
    EMPTY = "empty"
    PERSON = "person"
    BEYOND = "beyond what cells carry"


class LoadWatch:
    """Fault detection on the total load."""

    def __init__(self) -> None:
        self._jumps: deque[Instant] = deque()
        self._zone: LoadZone | None = None
        self._in_zone = 0.0
        self._below_since: Instant | None = None
        self._beyond_since: Instant | None = None

    def _watch_capacity(self, load: float, at: Instant) -> CellFault | None:
        if abs(load) <= CAPACITY_KG:
            self._beyond_since = None
            return None
        self._beyond_since = at if self._beyond_since is None else self._beyond_since
        is_over = at - self._beyond_since >= MISSING_FOR
        return CellFault(CellFaultReason.SATURATED, self._beyond_since) if is_over else None

    def watch(
        self, load: float, median: float, at: Instant, empty: float, person: float
    ) -> CellFault | None:
        """Add the total load and its median in kg, and return the fault, if any.

        empty, person: largest load of an empty seat and smallest of a person who sits down, in kg.
        """
        return (
            self._watch_jumps(load, at, empty, person)
            or self._watch_capacity(load, at)
            or self._watch_drift(median, at)
        )

    def _watch_jumps(
        self, load: float, at: Instant, empty: float, person: float
    ) -> CellFault | None:
        if load >= person:
            zone = LoadZone.PERSON if load <= CAPACITY_KG else LoadZone.BEYOND
        elif load <= empty:
            zone = LoadZone.EMPTY if load > -DRIFTING_KG else LoadZone.BELOW_ZERO
        else:
            zone = None
        if zone is not None:
            if zone is not self._zone and abs(load - self._in_zone) >= FLAPPING_KG:
                self._jumps.append(at)
            self._zone, self._in_zone = zone, load
        while self._jumps and at - self._jumps[0] > FLAPPING_WITHIN:
            self._jumps.popleft()
        return (
            CellFault(CellFaultReason.FLAPPING, self._jumps[0])
            if len(self._jumps) >= FLAPPING_JUMPS
            else None
        )

    def _watch_drift(self, median: float, at: Instant) -> CellFault | None:
        if median > -DRIFTING_KG:
            self._below_since = None
            return None
        self._below_since = at if self._below_since is None else self._below_since
        drifted = at - self._below_since >= DRIFTING_FOR
        return CellFault(CellFaultReason.DRIFTING, self._below_since) if drifted else None
