"""Tare and known weights: what a calibration is made from, and what is refused."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.weighing.calibration import CellCalibration, nominal
from unsit.core.weighing.procedure import (
    CalibrationRefused,
    Measured,
    judge,
    measure,
    span,
    tare,
)

DATE = "2026-01-05T09:00:00+01:00"


def readings(*counts: float, noise: float = 20, number: int = 40) -> list[tuple[float, ...]]:
    """Readings of cells around these counts."""
    chance = random.Random(1)
    return [tuple(chance.gauss(raw, noise) for raw in counts) for _ in range(number)]


def measured(*counts: float, noise: float = 20) -> Measured:
    return measure(readings(*counts, noise=noise))


def test_readings_are_averaged_without_their_outliers() -> None:
    wrong: Sequence[tuple[float, ...]] = [(8e6,), (-8e6,), (5e6,)]

    found = measure([*readings(1000), *wrong])

    assert found.means[0] == pytest.approx(1000, abs=15)
    assert found.noise[0] == pytest.approx(20, abs=8)


def test_too_few_readings_are_refused() -> None:
    with pytest.raises(CalibrationRefused, match="only 9 readings; expected 10 or more"):
        measure(readings(1000, number=9))


def test_a_tare_and_a_known_weight_make_a_calibration() -> None:
    empty = tare(nominal(1), measured(84_000), DATE)
    full = span(empty, measured(84_000 + 20 * 9_000), 20, DATE)

    [cell] = full.cells
    assert cell.zero == pytest.approx(84_000, abs=15)
    assert cell.counts_per_kg == pytest.approx(9_000, rel=0.002)
    assert (full.tared, full.spanned) == (DATE, DATE)
    assert full.noise == pytest.approx(20 / 9_000, rel=0.4)


def test_cells_with_swapped_wires_get_a_negative_span() -> None:
    empty = tare(nominal(2), measured(1000, 2000), DATE)
    full = span(empty, measured(1000 + 100_000, 2000 - 110_000), 21, DATE)

    assert [cell.counts_per_kg > 0 for cell in full.cells] == [True, False]
    assert sum(full.loads((1000 + 100_000, 2000 - 110_000))) == pytest.approx(21, abs=0.01)


def test_a_tare_of_a_seat_with_somebody_on_it_is_refused() -> None:
    before = tare(nominal(1), measured(84_000), DATE)

    with pytest.raises(CalibrationRefused, match="carries 70 kg more than at the last tare"):
        tare(before, measured(84_000 + 70 * 10_737), DATE)


def test_a_tare_of_a_seat_on_which_something_moves_is_refused() -> None:
    with pytest.raises(CalibrationRefused, match=r"scatter by \d\.\d\d kg; expected less than 0.3"):
        tare(nominal(1), measured(84_000, noise=9_000), DATE)


def test_a_weight_that_is_lost_in_the_noise_is_refused() -> None:
    empty = tare(nominal(1), measured(84_000), DATE)

    with pytest.raises(CalibrationRefused, match=r"moved the reading by .* expected 20 times"):
        span(empty, measured(84_000 + 300), 20, DATE)


@pytest.mark.parametrize("kg", [0.0, -5.0, 0.9, 301.0, float("nan")])
def test_a_weight_out_of_range_is_refused(kg: float) -> None:
    empty = tare(nominal(1), measured(84_000), DATE)

    with pytest.raises(CalibrationRefused, match="expected 1 to 300 kg"):
        span(empty, measured(184_000), kg, DATE)


def test_a_weight_without_a_tare_is_refused() -> None:
    with pytest.raises(CalibrationRefused, match="tare first"):
        span(nominal(1), measured(184_000), 10, DATE)


def test_the_verdict_says_span_noise_margin_and_headroom() -> None:
    full = span(tare(nominal(1), measured(0), DATE), measured(200_000), 20, DATE)

    verdict = judge(full, least=15, weight=20)

    assert verdict.span == pytest.approx(200_000, rel=0.001)
    assert verdict.noise == pytest.approx(0.002, rel=0.4)
    assert verdict.margin == pytest.approx(15 / verdict.noise)
    assert verdict.most == pytest.approx(2**23 / 10_000, rel=0.01)
    assert verdict.is_straight


@pytest.mark.parametrize(("counts", "straight"), [(403_000, True), (430_000, False)])
def test_a_second_weight_shows_whether_the_cells_are_straight(counts: int, straight: bool) -> None:
    full = span(tare(nominal(1), measured(0), DATE), measured(200_000), 20, DATE)

    verdict = judge(full, least=15, weight=20, second=(measured(counts), 40))

    assert verdict.is_straight is straight
    assert verdict.crooked == pytest.approx(counts / 400_000 - 1, abs=0.001)


@given(
    zero=st.floats(-2e6, 2e6),
    per_kg=st.floats(1_000, 100_000),
    kg=st.floats(5, 100),
    swapped=st.booleans(),
)
def test_any_cell_that_is_calibrated_weighs_the_known_weight(
    zero: float, per_kg: float, kg: float, swapped: bool
) -> None:
    per_kg = -per_kg if swapped else per_kg
    empty = tare(nominal(1), measured(zero), DATE)
    full = span(empty, measured(zero + kg * per_kg), kg, DATE)

    assert CellCalibration(zero, per_kg).kilograms(zero + kg * per_kg) == pytest.approx(kg)
    assert full.loads((zero + kg * per_kg,))[0] == pytest.approx(kg, rel=0.01)
