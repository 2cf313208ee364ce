"""The calibration of load cells: which counts are no load, and how many make a kilogram."""

from collections.abc import Sequence
from dataclasses import dataclass

NOMINAL_COUNTS_PER_KG = 10_737.0
"""What four 50 kg half-bridge cells of 1 mV/V give at gain 128.

200 kg move the bridge by 1 mV for each volt of its supply, and a volt of supply is 1/256 V of the
converter's range in 2**23 counts: 2**23 * 256 * 0.001 / 200, rounded.
"""


@dataclass(frozen=True, slots=True)
class CellCalibration:
    """One cell: the counts at no load, and what a kilogram adds (negative: swapped wires)."""

    zero: float = 0.0
    counts_per_kg: float = NOMINAL_COUNTS_PER_KG

    def kilograms(self, raw: float) -> float:
        """The load that a reading means."""
        return (raw - self.zero) / self.counts_per_kg


@dataclass(frozen=True, slots=True)
class Calibration:
    """All cells, in the order in which they are read.

    tared, spanned: when the zero and the span were measured, as dates in words; None for never.
    noise: standard deviation of the total at no load, in kg; None where it was not measured.
    """

    cells: tuple[CellCalibration, ...]
    tared: str | None = None
    spanned: str | None = None
    noise: float | None = None

    def loads(self, raws: Sequence[float]) -> tuple[float, ...]:
        """The load on each cell in kg."""
        return tuple(cell.kilograms(raw) for cell, raw in zip(self.cells, raws, strict=True))


def nominal(cells: int, tared: str | None = None) -> Calibration:
    """What cells of the usual kind give, before anybody has calibrated them or on paper."""
    return Calibration((CellCalibration(),) * cells, tared)
