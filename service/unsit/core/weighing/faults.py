"""Faults: what a cell's readings look like when it, its wires or its converter are broken."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant


class Missing(Enum):
    """Why there is no reading where one was asked for."""

    SILENT = "silent"
    SATURATED = "saturated"
    SHORTED = "shorted"
    CORRUPTED = "corrupted"


class Reason(Enum):
    """What is wrong with the sensor.

    silent: no conversion comes. saturated: beyond the converter's range. shorted: the data wire
    stays low. corrupted: frames come and all are refused. stuck: exactly the same counts again and
    again, which the noise of a working cell rules out. flapping: jumps about faster than a body
    can. drifting: the empty seat weighs far less than nothing. uncalibrated: nobody has ever said
    what an empty seat reads as.
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

MISSING_FOR = timedelta(seconds=3)
STUCK_FOR = timedelta(seconds=4)
STUCK_READINGS = 12
SUSPICIOUS_READINGS = 3
"""From so many equal readings on the scale is read faster, to be sure sooner."""

FLAPS = 15
FLAPS_WITHIN = timedelta(seconds=5)
FLAP = 10.0
"""kg. Fifteen jumps of this size to and fro within five seconds are no body; two seconds of
corrupted conversions at 10 a second make ten."""

DRIFTED_FOR = timedelta(seconds=4)
MOST_DRIFT = 10.0
"""kg below the tare."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the instant from which on the readings cannot be believed."""

    reason: Reason
    since: Instant


@dataclass
class CellWatch:
    """Watches the raw readings of one cell."""

    _missing: Fault | None = None
    _same: float | None = None
    _same_since: Instant = field(default_factory=timedelta)
    _same_count: int = 0

    def watch(self, raw: Raw, at: Instant) -> Fault | None:
        """The fault that the cell has after a reading."""
        if isinstance(raw, Missing):
            return self._watch_missing(raw, at)
        self._missing = None
        if raw != self._same:
            self._same, self._same_since, self._same_count = raw, at, 1
            return None
        self._same_count += 1
        stuck = self._same_count >= STUCK_READINGS and at - self._same_since >= STUCK_FOR
        return Fault(Reason.STUCK, self._same_since) if stuck else None

    @property
    def is_suspicious(self) -> bool:
        """A fault may be on its way."""
        return self._missing is not None or self._same_count >= SUSPICIOUS_READINGS

    def _watch_missing(self, why: Missing, at: Instant) -> Fault | None:
        since = at if self._missing is None else self._missing.since
        self._missing = Fault(Reason(why.value), since)
        return self._missing if at - since >= MISSING_FOR else None


class LoadWatch:
    """Watches the load of all cells together."""

    def __init__(self) -> None:
        self._flaps: deque[Instant] = deque()
        self._turn = 0
        self._extreme: float | None = None
        self._below_since: Instant | None = None

    def watch(self, load: float, median: float, at: Instant) -> Fault | None:
        """The fault that the seat has after a reading of so many kg."""
        return self._watch_flaps(load, at) or self._watch_drift(median, at)

    def _watch_flaps(self, load: float, at: Instant) -> Fault | None:
        self._extreme = load if self._extreme is None else self._extreme
        step = load - self._extreme
        direction = (step > 0) - (step < 0)
        if abs(step) >= FLAP and direction != self._turn:
            self._turn = direction
            self._flaps.append(at)
        if direction == self._turn or abs(step) >= FLAP:
            self._extreme = load
        while self._flaps and at - self._flaps[0] > FLAPS_WITHIN:
            self._flaps.popleft()
        return Fault(Reason.FLAPPING, self._flaps[0]) if len(self._flaps) >= FLAPS else None

    def _watch_drift(self, median: float, at: Instant) -> Fault | None:
        if median > -MOST_DRIFT:
            self._below_since = None
            return None
        self._below_since = at if self._below_since is None else self._below_since
        drifted = at - self._below_since >= DRIFTED_FOR
        return Fault(Reason.DRIFTING, self._below_since) if drifted else None


class Faults:
    """Watches all cells, and says which fault the seat has."""

    def __init__(self, cells: int) -> None:
        self._cells = [CellWatch() for _ in range(cells)]
        self._load = LoadWatch()

    def watch_cells(self, raws: Sequence[Raw], at: Instant) -> Fault | None:
        """The first fault among the cells after their readings."""
        found = [cell.watch(raw, at) for cell, raw in zip(self._cells, raws, strict=True)]
        return next((fault for fault in found if fault is not None), None)

    def watch_load(self, load: float, median: float, at: Instant) -> Fault | None:
        """The fault of the load, when every cell has a reading."""
        return self._load.watch(load, median, at)

    @property
    def are_suspected(self) -> bool:
        """A fault may be on its way."""
        return any(cell.is_suspicious for cell in self._cells)
