"""One way to read every converter."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self

Ticks = Callable[[], float]
"""A monotonic clock, in seconds."""

LARGEST, SMALLEST = 2**23 - 1, -(2**23)
"""Counts that a conversion of 24 bits beyond the range reads as."""


class Trouble(Enum):
    """Why a read gave no reading.

    NOT_READY: no conversion has come. SETTLING: conversions come but are not to be used yet.
    SATURATED: beyond the converter's range. DATA_LOW: the data wire is low throughout.
    CORRUPTED: bits that cannot be. SLOW_CLOCK: the program was held up as it clocked the bits.
    UNREACHABLE: the bus or the device does not answer.
    """

    NOT_READY = "not ready"
    SETTLING = "settling"
    SATURATED = "saturated"
    DATA_LOW = "data wire low"
    CORRUPTED = "corrupted"
    SLOW_CLOCK = "slow clock"
    UNREACHABLE = "unreachable"


def checked(raw: int) -> int | Trouble:
    """The counts, if they are not those of a converter at the end of its range."""
    return raw if SMALLEST < raw < LARGEST else Trouble.SATURATED


@dataclass(frozen=True, slots=True)
class Reading:
    """One conversion: signed counts of 24 bits, and the ticks in seconds when they were read."""

    raw: int
    ticks: float


@dataclass
class Counters:
    """How the reads have gone.

    frames: readings given. rejected: frames refused because they cannot be right.
    settled: frames thrown away while the converter settled. timeouts: reads without a conversion.
    """

    frames: int = 0
    rejected: int = 0
    settled: int = 0
    timeouts: int = 0


class Converter(Protocol):
    """What every converter can do."""

    @property
    def counters(self) -> Counters:
        """How the reads have gone."""

    @property
    def raw(self) -> int | None:
        """The counts of the last reading, None before the first."""

    def read(self) -> Reading | Trouble:
        """The newest conversion, or why there is none; returns at once and never raises."""

    def close(self) -> None:
        """Gives back pins, bus or file; harmless when that was done."""


class Tally:
    """Keeps the last reading and the counters of a converter."""

    def __init__(self, ticks: Ticks) -> None:
        self.counters = Counters()
        self.last: Reading | None = None
        self._ticks = ticks

    def count(self, outcome: int | Trouble) -> Reading | Trouble:
        """Counts a read, whatever came of it."""
        return self.refuse(outcome) if isinstance(outcome, Trouble) else self.accept(outcome)

    def accept(self, raw: int) -> Reading:
        """Counts a reading; it is of now."""
        self.counters.frames += 1
        self.last = Reading(raw, self._ticks())
        return self.last

    def refuse(self, trouble: Trouble) -> Trouble:
        """Counts a read that gave none."""
        match trouble:
            case Trouble.NOT_READY | Trouble.UNREACHABLE:
                self.counters.timeouts += 1
            case Trouble.SETTLING:
                self.counters.settled += 1
            case _:
                self.counters.rejected += 1
        return trouble


class Tallied:
    """What every converter tells of its tally."""

    _tally: Tally

    @property
    def counters(self) -> Counters:
        """How the reads have gone."""
        return self._tally.counters

    @property
    def raw(self) -> int | None:
        """The counts of the last reading, None before the first."""
        return None if self._tally.last is None else self._tally.last.raw


class Closing:
    """Closes itself at the end of a ``with`` block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives back what it uses."""
        raise NotImplementedError
