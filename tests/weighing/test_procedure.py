"""Calibration by tare and known weights, and its refusals."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.core.weighing.calibration import (
    Calibration,
    CalibrationRefused,
    CellCalibration,
    CornerVerdict,
    Measured,
    SeatNotEmpty,
    judge,
    judge_corners,
    measure,
    missing_corners,
    nominal,
    span,
    tare,
    weigh_corner,
)

DATE = "2026-01-05T09:00:00+01:00"


def readings(*counts: float, noise: float = 20, number: int = 40) -> list[tuple[float, ...]]:
    """Return readings of cells with noise around these counts."""
    chance = random.Random(1)
    return [tuple(chance.gauss(raw, noise) for raw in counts) for _ in range(number)]


def measured(*counts: float, noise: float = 20) -> Measured:
    return measure(readings(*counts, noise=noise))


def test_readings_are_averaged_without_their_outliers() -> None:
    wrong: Sequence[tuple[float, ...]] = [(8e6,), (-8e6,), (5e6,)]

    found = measure([*readings(1000), *wrong])

    assert found.means[0] == pytest.approx(1000, abs=15)
    assert found.noise[0] == pytest.approx(20, abs=8)


@pytest.mark.parametrize("new", [3, 6, 10, 14])
def test_readings_of_two_loads_are_refused(new: int) -> None:
    changed = [*readings(1000, 50, number=20 - new), *readings(50_000, 50, number=new)]

    with pytest.raises(
        CalibrationRefused, match=r"the load has just changed; wait|the readings sca"
    ):
        tare(nominal(2), measure(changed), DATE)


@pytest.mark.parametrize("per_kg", [50.0, -50.0, 1_000_000.0])
def test_no_earlier_calibration_prevents_a_new_one(per_kg: float) -> None:
    before = Calibration((CellCalibration(0, per_kg),), tared=DATE, spanned=DATE, noise=1.0)

    empty = tare(before, measured(84_000), DATE, surely_empty=True)
    full = span(empty, measured(84_000 + 200_000), 20, DATE)

    assert full.cells[0].counts_per_kg == pytest.approx(10_000, rel=0.01)


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


def test_cells_that_all_have_swapped_wires_get_a_negative_span() -> None:
    empty = tare(nominal(2), measured(1000, 2000), DATE)
    full = span(empty, measured(1000 - 100_000, 2000 - 110_000), 21, DATE)

    assert [cell.counts_per_kg < 0 for cell in full.cells] == [True, True]
    assert sum(full.loads((1000 - 100_000, 2000 - 110_000))) == pytest.approx(21, abs=0.01)


CELLS = ("left_front", "right_front", "left_back", "right_back")
PER_KG = 4 * 10_737
ZEROS = (100_000, -40_000, 7_000, 220_000)


def on_four(*loads: float) -> Measured:
    """Return the measurement of four cells, each on a converter of its own, under loads in kg."""
    counts = (zero + PER_KG * kg for zero, kg in zip(ZEROS, loads, strict=True))
    return measured(*counts)


@pytest.mark.parametrize(
    ("loads", "named"),
    [
        ((9.6, 0.6, 0.5, -0.7), "the cell right back"),
        ((5.3, 5.2, -0.3, -0.2), "the cells left back (-3%) and right back"),
        ((2.5, -2.5, 2.5, 2.5), "the cell right front"),
        ((-2.5, 2.5, -2.5, -2.5), "the cell right front"),
        ((-2.5, 2.5, -2.5, 2.5), "the cells left front (-25%) and left back"),
    ],
)
def test_a_cell_that_moves_against_the_others_is_refused_by_its_name(
    loads: tuple[float, ...], named: str
) -> None:
    empty = tare(nominal(4), on_four(0, 0, 0, 0), DATE)

    with pytest.raises(CalibrationRefused) as refused:
        span(empty, on_four(*loads), abs(sum(loads)) or 10, DATE, CELLS)

    assert str(refused.value).startswith(named)
    assert "exchange A+ and A- there, or the white and black wires" in str(refused.value)


@given(
    share=st.floats(0, 1),
    still=st.sets(st.sampled_from(range(4)), max_size=3),
    seed=st.integers(0, 1000),
    sign=st.sampled_from([1, -1]),
)
def test_the_sign_of_a_cell_never_comes_from_noise(
    share: float, still: set[int], seed: int, sign: int
) -> None:
    moved = [nth for nth in range(4) if nth not in still]
    parts = [1 + share * nth for nth in range(len(moved))]
    weight = dict(zip(moved, (10 * part / sum(parts) for part in parts), strict=True))
    chance = random.Random(seed)

    def readings_of(loads: Sequence[float]) -> Measured:
        return measure(
            [[sign * PER_KG * kg + chance.gauss(0, 20) for kg in loads] for _ in range(30)]
        )

    empty = tare(nominal(4), readings_of((0, 0, 0, 0)), DATE)
    full = span(empty, readings_of([weight.get(nth, 0.0) for nth in range(4)]), 10, DATE, CELLS)

    for person in ((20, 20, 18, 17), (15, 15, 22, 23), (35, 10, 20, 10), (75, 0, 0, 0)):
        assert sum(full.loads(readings_of(person).means)) == pytest.approx(75, abs=0.5)


def test_a_tare_of_a_seat_with_somebody_on_it_is_refused() -> None:
    before = tare(nominal(1), measured(84_000), DATE)

    with pytest.raises(SeatNotEmpty, match="carries 70 kg more than at the last tare"):
        tare(before, measured(84_000 + 70 * 10_737), DATE)


@given(moved=st.floats(-600, 600), cells=st.integers(1, 4))
def test_a_zero_that_moved_by_any_amount_is_tared_if_a_person_says_that_the_seat_is_empty(
    moved: float, cells: int
) -> None:
    before = tare(nominal(cells), measured(*[84_000] * cells), DATE)
    now = measured(*[84_000 + moved * 10_737 / cells] * cells)

    tared = tare(before, now, DATE, surely_empty=True)

    assert sum(tared.loads(now.means)) == pytest.approx(0, abs=1e-6)


@given(below=st.floats(0, 600), cells=st.integers(1, 4))
def test_a_zero_that_moved_down_is_never_a_reason_to_refuse(below: float, cells: int) -> None:
    before = tare(nominal(cells), measured(*[84_000] * cells), DATE)
    now = measured(*[84_000 - below * 10_737 / cells] * cells)

    assert sum(tare(before, now, DATE).loads(now.means)) == pytest.approx(0, abs=1e-6)


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
    assert verdict.capacity == pytest.approx(2**23 / 10_000, rel=0.01)
    assert verdict.is_linear


@pytest.mark.parametrize(("counts", "straight"), [(403_000, True), (430_000, False)])
def test_a_second_weight_checks_the_linearity(counts: int, straight: bool) -> None:
    full = span(tare(nominal(1), measured(0), DATE), measured(200_000), 20, DATE)

    verdict = judge(full, least=15, weight=20, second=(measured(counts), 40))

    assert verdict.is_linear is straight
    assert verdict.nonlinearity == pytest.approx(counts / 400_000 - 1, abs=0.001)


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


def at_corners(*readings: float) -> CornerVerdict:
    """Return the verdict on a seat that reads these kg for 10 kg at the corners, in order."""
    calibration = span(tare(nominal(1), measured(0), DATE), measured(100_000), 10, DATE)
    for corner, kg in zip(CELLS, readings, strict=True):
        assert judge_corners(calibration, ("seat",)) is None
        calibration = weigh_corner(calibration, measured(10_000 * kg), 10, corner)
    verdict = judge_corners(calibration, ("seat",))
    assert verdict is not None
    return verdict


def test_corners_that_read_alike_are_good() -> None:
    verdict = at_corners(10, 9.5, 9.4, 10.2)

    assert verdict.wrong is None
    assert verdict.spread == pytest.approx(0.8 / 9.775, abs=0.01)


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ((-4, 15, 15, 19), "left front (-30 %) against right front, left back and right back"),
        ((11, 7, 11, 13), "right front (67 %) against left front, left back and right back"),
        ((4, 10, 4, 10), "left front and left back (57 %) against right front and right back"),
        ((9, 9, 9, 16), "right back (149 %) against left front, right front and left back"),
        ((-6, 6, -6, 6), "left front and left back (-100 %) against right front and right back"),
        ((0.1, 0, 0, 0.1), "the weight moves the reading at no corner"),
    ],
)
def test_a_corner_that_reads_otherwise_is_named(readings: tuple[float, ...], words: str) -> None:
    assert str(at_corners(*readings).wrong).startswith(words)


def test_a_side_of_its_own_converter_is_named_as_the_cell() -> None:
    names = ("left", "right")
    empty = tare(nominal(2), measured(0, 0), DATE)
    calibration = span(empty, measured(50_000, 50_000), 10, DATE, names)
    for corner in CELLS:
        counts = (90_000, 5_000) if "left" in corner else (10_000, 45_000)
        calibration = weigh_corner(calibration, measured(*counts), 10, corner)

    verdict = judge_corners(calibration, names)

    assert verdict is not None
    assert str(verdict.wrong).startswith("right (73 %) against left (127 %): exchange the white")


def test_a_fifth_corner_and_a_new_span_begin_a_new_test() -> None:
    calibration = span(tare(nominal(1), measured(0), DATE), measured(100_000), 10, DATE)
    for corner in (*CELLS, "left_back"):
        calibration = weigh_corner(calibration, measured(100_000), 10, corner)

    assert missing_corners(calibration) == ("left_front", "right_front", "right_back")
    assert tare(calibration, measured(50), DATE).corners == calibration.corners
    assert missing_corners(span(calibration, measured(100_000), 10, DATE)) == CELLS


def test_a_corner_that_does_not_exist_or_comes_before_the_tare_is_refused() -> None:
    with pytest.raises(CalibrationRefused, match="'middle' is no corner; expected left_front,"):
        weigh_corner(tare(nominal(1), measured(0), DATE), measured(9_000), 10, "middle")
    with pytest.raises(CalibrationRefused, match="tare first"):
        weigh_corner(nominal(1), measured(9_000), 10, "left_front")


def test_the_verdict_has_the_share_of_each_cell_and_the_cell_that_carries_nothing() -> None:
    empty = tare(nominal(2), measured(0, 0), DATE)
    loaded = measured(97_000, 3_000)

    verdict = judge(span(empty, loaded, 10, DATE), 15, 10, loaded=loaded)

    assert verdict.shares == pytest.approx((0.97, 0.03), abs=0.001)
    assert verdict.idle_cell == 1
