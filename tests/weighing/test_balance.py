"""Leaning and shifts of weight, from where the load lies on several cells."""

from collections.abc import Callable

import pytest

from sitter import Weighing
from timeline import sec
from unsit.core.inputs import Input, Lean, Pressed, ShiftWeight, SitUpright
from unsit.core.weighing.balance import POSITIONS, Posture, centre
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale
from unsit.settings import load_cell
from unsit_firmware import columns

PAIR = ("left", "right")
CORNERS = ("left_front", "right_front", "left_back", "right_back")


def weigh(
    cells: tuple[str, ...], shares: Callable[[float], tuple[float, ...]], end: float, kg: float = 80
) -> list[tuple[Input, float]]:
    """What a scale tells of so many kg that lie on its cells in shares of time."""
    behaviour = Behaviour(cells, posture=Posture(limit=0.3, after=sec(60)))
    weighing = Weighing(Scale(nominal(len(cells), "simulated"), behaviour))
    for tick in range(int(end * 5)):
        at = tick / 5
        # a tenth of a count each time, so that no cell is stuck
        raws = [share * kg * PER_KG + tick % 7 / 10 for share in shares(at)]
        weighing.read(raws, at)
    return weighing.told


@pytest.mark.parametrize(
    ("cells", "shares", "side"),
    [
        (PAIR, (0.8, 0.2), "left"),
        (PAIR, (0.3, 0.7), "right"),
        (("front", "back"), (0.7, 0.3), "forward"),
        (("front", "back"), (0.1, 0.9), "back"),
        (CORNERS, (0.4, 0.4, 0.1, 0.1), "forward"),
        (CORNERS, (0.45, 0.1, 0.35, 0.1), "left"),
    ],
)
def test_who_stays_off_centre_leans_to_that_side_since_the_beginning(
    cells: tuple[str, ...], shares: tuple[float, ...], side: str
) -> None:
    told = weigh(cells, lambda at: shares, end=120)

    [(lean, at)] = [(what, at) for what, at in told if isinstance(what, Lean)]
    assert len(told) == 2
    assert lean.side == side
    assert lean.since.total_seconds() < 2
    assert at == pytest.approx(60, abs=3)


def test_who_leans_for_less_than_the_set_time_is_left_alone() -> None:
    told = weigh(PAIR, lambda at: (0.8, 0.2) if at % 100 < 55 else (0.5, 0.5), end=1000)

    assert [what for what, _ in told if isinstance(what, Lean)] == []


def test_who_sits_upright_again_is_told_once_and_not_for_a_wobble_at_the_limit() -> None:
    def shares(at: float) -> tuple[float, float]:
        left = 0.8 if at < 100 else 0.64 if at < 200 else 0.5
        return left, 1 - left

    told = [(what, at) for what, at in weigh(PAIR, shares, end=300) if what != ShiftWeight()]

    assert [type(what) for what, _ in told] == [Pressed, Lean, SitUpright]
    assert told[-1][1] == pytest.approx(200, abs=3)


def test_who_changes_sides_is_upright_first() -> None:
    told = weigh(PAIR, lambda at: (0.8, 0.2) if at < 100 else (0.2, 0.8), end=300)

    kinds = [what for what, _ in told if not isinstance(what, Pressed | ShiftWeight)]
    assert [kind.side for kind in kinds if isinstance(kind, Lean)] == ["left", "right"]
    assert isinstance(kinds[1], SitUpright)


def test_each_shift_of_weight_is_counted_once() -> None:
    def shares(at: float) -> tuple[float, float]:
        left = 0.5 + 0.08 * (int(at // 20) % 2)
        return left, 1 - left

    told = weigh(PAIR, shares, end=200)

    assert [what for what, _ in told if what == ShiftWeight()] == [ShiftWeight()] * 9


def test_the_scale_the_settings_and_recordings_know_the_same_places() -> None:
    assert set(POSITIONS) == set(columns.PLACES) == load_cell.PLACES


def test_a_seat_of_one_cell_or_without_anybody_knows_no_leaning() -> None:
    assert weigh(("seat",), lambda at: (1.0,), end=200) == [(Pressed(), 0)]
    assert weigh(PAIR, lambda at: (0.9, 0.1), end=200, kg=12) == []


@pytest.mark.parametrize("name", POSITIONS)
def test_the_centre_of_a_load_on_one_cell_is_that_cell(name: str) -> None:
    names = list(POSITIONS)

    assert centre(names, [10.0 if n == name else 0.0 for n in names]) == POSITIONS[name]


def test_there_is_no_centre_without_a_load() -> None:
    assert centre(PAIR, (0.0, 0.0)) is None
    assert centre(PAIR, (-1.0, 0.5)) is None
