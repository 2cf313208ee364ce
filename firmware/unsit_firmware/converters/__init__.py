"""Analog-to-digital converters of load cells: HX711 on pins or SPI, NAU7802 on I2C, kernel IIO.

Each implements ``Converter``. Import only the module of your converter: each needs another library.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self

Ticks = Callable[[], float]
"""A monotonic clock, in seconds."""

LARGEST, SMALLEST = 2**23 - 1, -(2**23)
"""Counts of a saturated 24-bit conversion, at either end of the range."""


class Trouble(Enum):
    """Reasons why a read gave no reading.

    NOT_READY: there is no new conversion.
    SETTLING: the converter has not settled; its conversions are discarded.
    SATURATED: the load is beyond the converter's range.
    DATA_LOW: the data wire is low throughout.
    CORRUPTED: the bits are not a valid frame.
    SLOW_CLOCK: the program was held up while it clocked the bits.
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
    """Return the counts, or SATURATED if they lie at an end of the converter's range."""
    return raw if SMALLEST < raw < LARGEST else Trouble.SATURATED


@dataclass(frozen=True, slots=True)
class Reading:
    """One conversion: signed 24-bit counts, and the monotonic time of the read in seconds."""

    raw: int
    ticks: float


@dataclass
class Counters:
    """Numbers of reads since the start, by result.

    frames: readings given. rejected: invalid frames. settled: frames discarded while the converter
    settled. timeouts: reads without a new conversion or without an answer.
    """

    frames: int = 0
    rejected: int = 0
    settled: int = 0
    timeouts: int = 0


class Converter(Protocol):
    """Interface of all converters."""

    @property
    def counters(self) -> Counters:
        """Numbers of reads since the start, by result."""

    @property
    def raw(self) -> int | None:
        """Counts of the last reading, None before the first."""

    def read(self) -> Reading | Trouble:
        """Return the newest conversion, or the reason why there is none, at once; never raise."""

    def close(self) -> None:
        """Release pins, bus or file. A second call does nothing."""


class ReadingTally:
    """Last reading and counters of a converter."""

    def __init__(self, ticks: Ticks) -> None:
        self.counters = Counters()
        self.last: Reading | None = None
        self._ticks = ticks

    def count(self, outcome: int | Trouble) -> Reading | Trouble:
        """Count a read by its result."""
        return self.refuse(outcome) if isinstance(outcome, Trouble) else self.accept(outcome)

    def accept(self, raw: int) -> Reading:
        """Count a reading and stamp it with the present time."""
        self.counters.frames += 1
        self.last = Reading(raw, self._ticks())
        return self.last

    def refuse(self, trouble: Trouble) -> Trouble:
        """Count a read that gave no reading."""
        match trouble:
            case Trouble.NOT_READY | Trouble.UNREACHABLE:
                self.counters.timeouts += 1
            case Trouble.SETTLING:
                self.counters.settled += 1
            case _:
                self.counters.rejected += 1
        return trouble


class Tallied:
    """Mixin with the properties that a converter reads from its tally."""

    _tally: ReadingTally

    @property
    def counters(self) -> Counters:
        """Numbers of reads since the start, by result."""
        return self._tally.counters

    @property
    def raw(self) -> int | None:
        """Counts of the last reading, None before the first."""
        return None if self._tally.last is None else self._tally.last.raw


class Closing:
    """Mixin that closes the converter at the end of a ``with`` block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Release bus or file."""
        raise NotImplementedError
