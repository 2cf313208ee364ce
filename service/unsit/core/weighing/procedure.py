"""Tare and known weights: from readings to a calibration, or to the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import copysign
from statistics import fmean, median, stdev

from unsit.core.weighing.calibration import Calibration

ENOUGH = 10
"""Readings from which on a mean is worth something."""

FULL_SCALE = 2**23
"""Counts: the largest that a 24-bit converter gives."""

STILL = 0.3
"""kg. Readings that scatter more are of a seat on which something moves."""

NOT_EMPTY = 15.0
"""kg from the tare before: so far no cell drifts, somebody sits there."""

LEAST_SPAN = 20.0
"""Standard deviations: a known weight that moves the reading less is lost in the noise."""

CROOKED = 0.02
"""A second weight that is off by more than this share is worth a warning."""

SIGMAS = 3 * 1.4826
"""Three standard deviations in units of the median absolute deviation (Hampel 1974)."""

LIGHTEST, HEAVIEST = 1.0, 300.0


class CalibrationRefused(ValueError):  # noqa: N818  # the name of the answer
    """Readings from which no calibration can be made; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the cells said while nothing changed: mean and standard deviation of each, in counts."""

    means: tuple[float, ...]
    noise: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good a calibration is.

    span: counts that the known weight moved the readings. noise: standard deviation in kg.
    margin: how many times the noise a person of least load is. most: kg until a converter is at
    its end. crooked: how far off the second weight was, as a share of it, None without one.
    """

    span: float
    noise: float
    margin: float
    most: float
    crooked: float | None = None

    @property
    def is_straight(self) -> bool:
        """The second weight was as heavy as it should be, or there was none."""
        return self.crooked is None or abs(self.crooked) <= CROOKED


def check_weight(weight: float) -> None:
    """Raises CalibrationRefused for a known weight, in kg, that is out of range."""
    if not LIGHTEST <= weight <= HEAVIEST:
        raise CalibrationRefused(f"{weight:g} kg; expected {LIGHTEST:g} to {HEAVIEST:g} kg")


def measure(readings: Sequence[Sequence[float]]) -> Measured:
    """The mean and scatter of each cell over readings, outliers left out.

    Raises CalibrationRefused for too few.
    """
    if len(readings) < ENOUGH:
        raise CalibrationRefused(
            f"only {len(readings)} readings; expected {ENOUGH} or more, wait a few seconds"
        )
    cells = [_inliers(cell) for cell in zip(*readings, strict=True)]
    return Measured(
        tuple(fmean(cell) for cell in cells),
        tuple(stdev(cell) if len(cell) > 1 else 0.0 for cell in cells),
    )


def tare(before: Calibration, empty: Measured, date: str) -> Calibration:
    """The calibration with the empty seat as zero.

    Raises CalibrationRefused where something moves on the seat, or sits on it.
    """
    _check_still(before, empty)
    load = sum(before.loads(empty.means))
    if before.tared is not None and abs(load) > NOT_EMPTY:
        raise CalibrationRefused(
            f"the seat carries {load:.0f} kg more than at the last tare; expected an empty seat"
        )
    cells = tuple(
        replace(cell, zero=mean) for cell, mean in zip(before.cells, empty.means, strict=True)
    )
    return replace(before, cells=cells, tared=date, noise=_noise(before, empty))


def span(tared: Calibration, loaded: Measured, weight: float, date: str) -> Calibration:
    """The calibration in which the load that was measured is ``weight`` kg.

    Several cells get the same sensitivity: one weight cannot tell them apart.
    Raises CalibrationRefused for a weight out of range, no tare, or a span within the noise.
    """
    check_weight(weight)
    if tared.tared is None:
        raise CalibrationRefused("there is no tare yet; empty the seat and tare first")
    _check_still(tared, loaded)
    steps = _steps(tared, loaded)
    noise = max(sum(sd**2 for sd in loaded.noise) ** 0.5, 1.0)
    total = sum(abs(step) for step in steps)
    if total < LEAST_SPAN * noise:
        raise CalibrationRefused(
            f"the weight moved the reading by {total:.0f} counts and the noise is {noise:.0f}; "
            f"expected {LEAST_SPAN:g} times the noise, take a heavier weight or check the wiring"
        )
    cells = tuple(
        replace(cell, counts_per_kg=copysign(total / weight, step))
        for cell, step in zip(tared.cells, steps, strict=True)
    )
    spanned = replace(tared, cells=cells, spanned=date)
    return replace(spanned, noise=_noise(spanned, loaded))


def judge(
    calibration: Calibration,
    least: float,
    weight: float,
    second: tuple[Measured, float] | None = None,
) -> Verdict:
    """The verdict on a calibration.

    least: kg of the lightest person. weight: kg of the known weight. second: another known weight
    and what it measured.
    """
    noise = calibration.noise or 0.0
    span_counts = sum(abs(cell.counts_per_kg) for cell in calibration.cells)
    span_counts *= weight / len(calibration.cells)
    most = min((FULL_SCALE - abs(c.zero)) / abs(c.counts_per_kg) for c in calibration.cells)
    crooked = None
    if second is not None:
        measured, kg = second
        crooked = sum(calibration.loads(measured.means)) / kg - 1
    return Verdict(span_counts, noise, least / noise if noise else float("inf"), most, crooked)


def _inliers(counts: Sequence[float]) -> list[float]:
    middle = median(counts)
    gate = SIGMAS * median(abs(raw - middle) for raw in counts)
    return [raw for raw in counts if abs(raw - middle) <= gate]


def _steps(calibration: Calibration, measured: Measured) -> list[float]:
    return [mean - cell.zero for cell, mean in zip(calibration.cells, measured.means, strict=True)]


def _noise(calibration: Calibration, measured: Measured) -> float:
    """The standard deviation of the total in kg."""
    each = zip(calibration.cells, measured.noise, strict=True)
    return float(sum((sd / cell.counts_per_kg) ** 2 for cell, sd in each) ** 0.5)


def _check_still(calibration: Calibration, measured: Measured) -> None:
    noise = _noise(calibration, measured)
    if noise > STILL:
        raise CalibrationRefused(
            f"the readings scatter by {noise:.2f} kg; expected less than {STILL:g} kg, "
            "let nothing move on the seat, or check the wiring"
        )
