"""Calibration of load cells: counts to kilograms, and the procedure that measures and tests it.

``tare`` measures the empty seat and ``span`` a known weight in its middle. ``weigh_corner`` and
``judge_corners`` test the wiring with the same weight at each corner: a half bridge whose outer
wires are exchanged subtracts its load, which no resistance and no weight in the middle reveals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean, median, stdev

from unsit.core.weighing.balance import POSITIONS

NOMINAL_COUNTS_PER_KG = 10_737.0
"""Sensitivity of four 50 kg half-bridge cells of 1 mV/V at gain 128.

200 kg move the bridge by 1 mV for each volt of its supply, and a volt of supply is 1/256 V of the
converter's range in 2**23 counts: 2**23 * 256 * 0.001 / 200, rounded.
"""


@dataclass(frozen=True, slots=True)
class CellCalibration:
    """Calibration of a cell: counts at no load, and counts per kg (negative: swapped wires)."""

    zero: float = 0.0
    counts_per_kg: float = NOMINAL_COUNTS_PER_KG

    def kilograms(self, raw: float) -> float:
        """Return the load of a reading in kg."""
        return (raw - self.zero) / self.counts_per_kg


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of all cells, in the order in which they are read.

    tared, spanned: dates of the measured zero and span as text, None for never.
    noise: standard deviation of the total at no load, in kg; None if it was not measured.
    corners: counts of each cell for each kg of a known weight, by the corner it was put on.
    """

    cells: tuple[CellCalibration, ...]
    tared: str | None = None
    spanned: str | None = None
    noise: float | None = None
    corners: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def loads(self, raws: Sequence[float]) -> tuple[float, ...]:
        """Return the load on each cell in kg."""
        return tuple([cell.kilograms(raw) for cell, raw in zip(self.cells, raws, strict=True)])


def nominal(cells: int, tared: str | None = None) -> Calibration:
    """Return the nominal calibration of common cells, for use before they are calibrated."""
    return Calibration((CellCalibration(),) * cells, tared)


MIN_READINGS = 10
"""Least number of readings for a mean."""

FULL_SCALE = 2**23
"""Counts: the end of the range of a 24-bit converter."""

STILL = 0.3
"""kg. Readings that scatter more come from a seat on which something moves."""

NOT_EMPTY_KG = 15.0
"""Change since the last tare that is a person; no cell drifts that far."""

MIN_SPAN = 20.0
"""Least change by a known weight, in standard deviations of the noise; a smaller change of a single
cell says nothing about its sign."""

MAX_NONLINEARITY = 0.02
"""Largest error of a second known weight, as a share of it."""

OUTLIER_GATE = 3 * 1.4826
"""Three standard deviations in units of the median absolute deviation (Hampel 1974)."""

CHANGED_COUNTS = 100
"""Counts, 10 g of the nominal cells; readings within them are of the same load."""

NEWEST_READINGS = 3
MAX_OUTLIERS = 0.25
"""Share of outliers above which the readings are of two loads, not of one with errors."""

LIGHTEST_KG, HEAVIEST_KG = 1.0, 300.0
"""Range of known weights."""

CORNERS = ("left_front", "right_front", "left_back", "right_back")
"""Corners of a seat, as seen by the person on it, in the order in which they are tested."""

MAX_CORNER_SPREAD = 0.2
"""Largest difference between the readings at two corners, as a share of their mean. Cells of one
batch differ by up to 10 %. A half bridge that is the wrong way round makes 40 % with the weight a
tenth of the way to the corner, and more beyond."""

FELL_ALIKE = 0.4
"""Least share of the cells that rose in the whole movement for the others to be the wrong ones."""

UNEVEN_SPREAD = 0.1
"""Difference between the readings at two corners that is worth a look, as a share of their mean."""

UNMOVED = 0.05
"""Share of a known weight on nominal cells; readings below it at all corners are none."""

IDLE_SHARE = 0.25
"""Least share of a cell in a weight in the middle, as a share of an even one."""

MISPLACED = 0.1
"""Share of a known weight by which a cell elsewhere must carry more than the one at the corner."""


class CalibrationRefused(ValueError):  # noqa: N818  # named after the reply
    """Refusal of readings or weights; the message states the reason and the remedy."""


class SeatNotEmpty(CalibrationRefused):
    """Refusal of a tare because the seat carries more than at the last one. load: kg more."""

    def __init__(self, load: float) -> None:
        super().__init__(
            f"the seat carries {load:.0f} kg more than at the last tare; expected an empty seat"
        )
        self.load = load


class WeightUnnoticed(CalibrationRefused):
    """Refusal of a known weight that did not move the reading."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean and standard deviation of each cell under a constant load, in counts."""

    means: tuple[float, ...]
    noise: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Quality of a calibration.

    span: change by the known weight in counts. noise: standard deviation in kg.
    margin: load of the lightest person as a multiple of the noise. capacity: load in kg at which a
    converter reaches the end of its range. nonlinearity: error of the second weight as a share of
    it, None without one. shares: share of each cell in the known weight, empty if unknown.
    """

    span: float
    noise: float
    margin: float
    capacity: float
    nonlinearity: float | None = None
    shares: tuple[float, ...] = ()

    @property
    def is_linear(self) -> bool:
        """True if the second weight was measured correctly, or there was none."""
        return self.nonlinearity is None or abs(self.nonlinearity) <= MAX_NONLINEARITY

    @property
    def idle_cell(self) -> int | None:
        """Index of a cell that carries next to nothing of a weight in the middle, if any."""
        idle = [n for n, share in enumerate(self.shares) if share * len(self.shares) < IDLE_SHARE]
        return idle[0] if idle else None


def check_weight(weight: float) -> None:
    """Raise CalibrationRefused for a known weight in kg that is out of range."""
    if not LIGHTEST_KG <= weight <= HEAVIEST_KG:
        raise CalibrationRefused(f"{weight:g} kg; expected {LIGHTEST_KG:g} to {HEAVIEST_KG:g} kg")


def measure(readings: Sequence[Sequence[float]]) -> Measured:
    """Return mean and scatter of each cell over readings, without outliers.

    Raises CalibrationRefused for too few readings, or if the newest ones are those of another load.
    """
    if len(readings) < MIN_READINGS:
        raise CalibrationRefused(
            f"only {len(readings)} readings; expected {MIN_READINGS} or more, wait a few seconds"
        )
    if any(_is_changing(cell) for cell in zip(*readings, strict=True)):
        raise CalibrationRefused(
            "the load has just changed; wait a few seconds, and let nothing move on the seat"
        )
    cells = [_inliers(cell) for cell in zip(*readings, strict=True)]
    return Measured(
        tuple(fmean(cell) for cell in cells),
        tuple(stdev(cell) if len(cell) > 1 else 0.0 for cell in cells),
    )


def tare(
    before: Calibration, empty: Measured, date: str, *, surely_empty: bool = False
) -> Calibration:
    """Return the calibration with the empty seat as zero.

    surely_empty: a person has seen that the seat is empty, whatever it reads.

    Raises CalibrationRefused if something moves on the seat. Raises SeatNotEmpty if the seat reads
    a person more than at the last tare; a seat that reads less has only lost its zero.
    """
    _check_still(before, empty)
    load = sum(before.loads(empty.means))
    if before.tared is not None and load > NOT_EMPTY_KG and not surely_empty:
        raise SeatNotEmpty(load)
    cells = tuple(
        replace(cell, zero=mean) for cell, mean in zip(before.cells, empty.means, strict=True)
    )
    return replace(before, cells=cells, tared=date, noise=_noise(before, empty))


def span(
    tared: Calibration, loaded: Measured, weight: float, date: str, names: Sequence[str] = ()
) -> Calibration:
    """Return the calibration in which the measured load is ``weight`` kg.

    All cells get the same sensitivity and sign, since one weight cannot distinguish them.
    names: of the cells, for messages.

    Raises CalibrationRefused for a weight out of range, no tare, or a cell that moved the other way
    than the rest. Raises WeightUnnoticed for a span within the noise.
    """
    check_weight(weight)
    _check_tared(tared)
    _check_still(tared, loaded)
    steps = _steps(tared, loaded)
    _check_directions(steps, loaded, names)
    noise = max(sum(sd**2 for sd in loaded.noise) ** 0.5, 1.0)
    total = sum(steps)
    if abs(total) < MIN_SPAN * noise:
        raise WeightUnnoticed(
            f"the weight moved the reading by {abs(total):.0f} counts and the noise is "
            f"{noise:.0f}; expected {MIN_SPAN:g} times the noise, take a heavier weight or check "
            "the wiring"
        )
    cells = tuple(replace(cell, counts_per_kg=total / weight) for cell in tared.cells)
    spanned = replace(tared, cells=cells, spanned=date, corners={})
    return replace(spanned, noise=_noise(spanned, loaded))


def _check_directions(steps: Sequence[float], loaded: Measured, names: Sequence[str]) -> None:
    """Refuse cells that moved against the rest; one within its noise has no direction.

    If both directions moved alike, those that fell are named: a load rises with the pictured
    wiring, and an exchange at either of two cells is a fix.
    """
    moved = {
        _name(nth, names): step
        for nth, (step, noise) in enumerate(zip(steps, loaded.noise, strict=True))
        if abs(step) >= MIN_SPAN * max(noise, 1.0)
    }
    up = {name: step for name, step in moved.items() if step > 0}
    down = {name: step for name, step in moved.items() if step < 0}
    if not up or not down:
        return
    whole = sum(map(abs, moved.values()))
    against = up if sum(up.values()) < FELL_ALIKE * whole else down
    shown = _listed([f"{readable(name)} ({step / whole:+.0%})" for name, step in against.items()])
    raise CalibrationRefused(
        f"the {'cells' if len(against) > 1 else 'cell'} {shown} moved against the others; put the "
        "weight in the middle of the seat, and if it lies there, exchange A+ and A- there, or the "
        "white and black wires of the half bridge"
    )


def judge(
    calibration: Calibration,
    least: float,
    weight: float,
    second: tuple[Measured, float] | None = None,
    *,
    loaded: Measured | None = None,
) -> Verdict:
    """Judge a calibration.

    least: load of the lightest person in kg. weight: known weight in kg.
    second: measurement of another known weight, and its kg. loaded: measurement of the known
    weight.
    """
    noise = calibration.noise or 0.0
    span_counts = sum(abs(cell.counts_per_kg) for cell in calibration.cells)
    span_counts *= weight / len(calibration.cells)
    capacity = min((FULL_SCALE - abs(c.zero)) / abs(c.counts_per_kg) for c in calibration.cells)
    nonlinearity = None
    if second is not None:
        measured, kg = second
        nonlinearity = sum(calibration.loads(measured.means)) / kg - 1
    margin = least / noise if noise else float("inf")
    loads = () if loaded is None else calibration.loads(loaded.means)
    shares = tuple(load / sum(loads) for load in loads)
    return Verdict(span_counts, noise, margin, capacity, nonlinearity, shares)


# Corners


@dataclass(frozen=True, slots=True)
class CornerVerdict:
    """Result of the corner test.

    readings: reading at each corner as a share of their mean, 1 if all agree; negative where the
    load falls under the weight. spread: the largest reading less the smallest one.
    wrong: the cell that is wired wrongly and its wires, None if the corners agree.
    """

    readings: Mapping[str, float]
    spread: float
    wrong: str | None


def weigh_corner(tared: Calibration, loaded: Measured, weight: float, corner: str) -> Calibration:
    """Return the calibration with the reading of a known weight at a corner.

    A set of four corners is complete; the next reading begins a new one, since wires may have been
    exchanged meanwhile.

    Raises CalibrationRefused for a weight or corner that does not exist, no tare, or a seat on
    which something moves.
    """
    check_weight(weight)
    if corner not in CORNERS:
        raise CalibrationRefused(f"{corner!r} is no corner; expected {', '.join(CORNERS)}")
    _check_tared(tared)
    _check_still(tared, loaded)
    before = {} if not missing_corners(tared) else tared.corners
    counts = tuple(step / weight for step in _steps(tared, loaded))
    return replace(tared, corners={**before, corner: counts})


def missing_corners(calibration: Calibration) -> tuple[str, ...]:
    """Return the corners that have not been weighed since the last known weight in the middle."""
    return tuple(corner for corner in CORNERS if corner not in calibration.corners)


def judge_corners(calibration: Calibration, names: Sequence[str]) -> CornerVerdict | None:
    """Return the result of the corner test, None while a corner is missing.

    names: of the cells; a single one may have any name.
    """
    if missing_corners(calibration):
        return None
    loads = {
        corner: [
            counts / cell.counts_per_kg
            for counts, cell in zip(calibration.corners[corner], calibration.cells, strict=True)
        ]
        for corner in CORNERS
    }
    totals = {corner: sum(each) for corner, each in loads.items()}
    mean = fmean(abs(total) for total in totals.values())
    moved = max(abs(counts) for each in calibration.corners.values() for counts in each)
    if moved < UNMOVED * NOMINAL_COUNTS_PER_KG or mean == 0:
        wrong = (
            "the weight moves the reading at no corner: compare all wires between the cells and "
            "E+, E-, A+ and A- with the picture"
        )
        return CornerVerdict(dict.fromkeys(CORNERS, 0.0), 0.0, wrong)
    falling = sum(total < 0 for total in totals.values()) > len(CORNERS) / 2
    unit = -mean if falling else mean
    readings = {corner: total / unit for corner, total in totals.items()}
    spread = max(readings.values()) - min(readings.values())
    if spread > MAX_CORNER_SPREAD:
        return CornerVerdict(readings, spread, _uneven(readings, names))
    return CornerVerdict(readings, spread, _misplaced(loads, names))


def _uneven(readings: Mapping[str, float], names: Sequence[str]) -> str:
    """Name the cell at the corners beyond the largest gap between the readings.

    Of two halves of the seat that work against each other, the one that falls is named.
    """
    order = sorted(CORNERS, key=readings.__getitem__)
    gaps = [readings[more] - readings[less] for less, more in pairwise(order)]
    cut = gaps.index(max(gaps)) + 1
    low, high = order[:cut], order[cut:]
    wrong, rest = (low, high) if len(low) <= len(high) else (high, low)
    reads = f"{_corners(wrong, readings, names)} against {_corners(rest, readings, names)}"
    where = _places(wrong, names)
    if wrong is low:
        return (
            f"{reads}: exchange the white and black wires of the half bridge at {where}; if it "
            "reads too little even then, measure it, and let the plate lie on it"
        )
    return f"{reads}: measure the half bridge at {where} and compare its wires with the picture"


def _misplaced(loads: Mapping[str, Sequence[float]], names: Sequence[str]) -> str | None:
    """Name a cell that carries the weight at a corner where it is not."""
    if len(names) < 2:
        return None
    for corner, each in loads.items():
        most, name = max(zip(each, names, strict=True))
        near = max(
            (load for load, other in zip(each, names, strict=True) if corner in _reach(other)),
            default=0.0,
        )
        if corner not in _reach(name) and most - near > MISPLACED:
            return (
                f"the weight at {readable(corner)} lies on the cell {readable(name)}: exchange "
                "the places in load_cell.at, or the weight was not where you were asked to put it "
                "(left and right are those of the person on the seat)"
            )
    return None


def _reach(name: str) -> tuple[str, ...]:
    """Return the corners that a cell supports; ``left`` supports both on the left."""
    axes = POSITIONS.get(name, (0.0, 0.0))
    return tuple(
        corner
        for corner in CORNERS
        if all(own in (0, there) for own, there in zip(axes, POSITIONS[corner], strict=True))
    )


def _places(corners: Sequence[str], names: Sequence[str]) -> str:
    """Return the words for corners; a cell that supports just these has its own name."""
    for name in names if len(names) > 1 else ():
        if set(_reach(name)) == set(corners):
            return readable(name)
    return _listed([readable(corner) for corner in CORNERS if corner in corners])


def _corners(corners: Sequence[str], readings: Mapping[str, float], names: Sequence[str]) -> str:
    """Return the words for corners and their readings: ``left front (-62 %)``."""
    shown = " to ".join(
        dict.fromkeys(f"{100 * readings[corner]:.0f}" for corner in (corners[0], corners[-1]))
    )
    return f"{_places(corners, names)} ({shown} %)"


def readable(name: str) -> str:
    """Return the name of a cell or corner for people: ``left front``."""
    return name.replace("_", " ")


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _name(nth: int, names: Sequence[str]) -> str:
    return names[nth] if nth < len(names) else f"{nth + 1}"


def _inliers(counts: Sequence[float]) -> list[float]:
    middle, gate = _middle(counts)
    return [raw for raw in counts if abs(raw - middle) <= gate]


def _middle(counts: Sequence[float]) -> tuple[float, float]:
    """Return the median, and the distance from it within which a reading is no outlier."""
    middle = median(counts)
    return middle, OUTLIER_GATE * median(abs(raw - middle) for raw in counts)


def _is_changing(counts: Sequence[float]) -> bool:
    """Return whether the newest readings agree on another load than most, or few agree at all."""
    middle, gate = _middle(counts)
    gate = max(gate, CHANGED_COUNTS)
    far = [abs(raw - middle) > gate for raw in counts]
    newest = counts[-NEWEST_READINGS:]
    moved = all(far[-NEWEST_READINGS:]) and max(newest) - min(newest) <= 2 * gate
    return moved or sum(far) > MAX_OUTLIERS * len(counts)


def _steps(calibration: Calibration, measured: Measured) -> list[float]:
    return [mean - cell.zero for cell, mean in zip(calibration.cells, measured.means, strict=True)]


def _noise(calibration: Calibration, measured: Measured) -> float:
    """Return the standard deviation of the total in kg."""
    each = zip(calibration.cells, measured.noise, strict=True)
    return float(sum((sd / cell.counts_per_kg) ** 2 for cell, sd in each) ** 0.5)


def _check_tared(calibration: Calibration) -> None:
    if calibration.tared is None:
        raise CalibrationRefused("there is no tare yet; empty the seat and tare first")


def _check_still(calibration: Calibration, measured: Measured) -> None:
    """Refuse readings that scatter.

    An earlier calibration with far too few counts per kg does not prevent a new one: the scatter is
    judged by the nominal cells too.
    """
    noise = min(_noise(calibration, measured), _noise(nominal(len(calibration.cells)), measured))
    if noise > STILL:
        raise CalibrationRefused(
            f"the readings scatter by {noise:.2f} kg; expected less than {STILL:g} kg, "
            "let nothing move on the seat, or check the wiring"
        )
