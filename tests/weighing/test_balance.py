"""Leaning and shifts of weight, from the distribution of the load on several cells."""

from collections.abc import Callable

import pytest

from support.simulated_person import Weighing
from support.timeline import sec
from unsit.core.inputs import Input, Lean, Pressed, ShiftWeight, SitUpright
from unsit.core.weighing.balance import POSITIONS, Posture, centre
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale
from unsit.settings import load_cell
from unsit_firmware import recording

PAIR = ("left", "right")
CORNERS = ("left_front", "right_front", "left_back", "right_back")


def weigh(
    cells: tuple[str, ...], shares: Callable[[float], tuple[float, ...]], end: float, kg: float = 80
) -> list[tuple[Input, float]]:
    """Weigh a load with given shares of the cells at each second, and return the inputs."""
    behaviour = Behaviour(cells, posture=Posture(limit=0.3, after=sec(60)))
    weighing = Weighing(Scale(nominal(len(cells), "simulated"), behaviour))
    for tick in range(int(end * 5)):
        at = tick / 5
        # tenths of a count, so that no cell is stuck
        raws = [share * kg * PER_KG + tick % 7 / 10 for share in shares(at)]
        weighing.read(raws, at)
    return weighing.inputs


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
def test_leaning_starts_when_the_centre_first_moved_off(
    cells: tuple[str, ...], shares: tuple[float, ...], side: str
) -> None:
    emitted = weigh(cells, lambda at: shares, end=120)

    [(lean, at)] = [(given, at) for given, at in emitted if isinstance(given, Lean)]
    assert len(emitted) == 2
    assert lean.side == side
    assert lean.since.total_seconds() < 2
    assert at == pytest.approx(60, abs=3)


def test_leaning_for_less_than_the_set_time_is_ignored() -> None:
    emitted = weigh(PAIR, lambda at: (0.8, 0.2) if at % 100 < 55 else (0.5, 0.5), end=1000)

    assert [given for given, _ in emitted if isinstance(given, Lean)] == []


def test_sitting_upright_is_reported_once_despite_a_wobble_at_the_limit() -> None:
    def shares(at: float) -> tuple[float, float]:
        left = 0.8 if at < 100 else 0.64 if at < 200 else 0.5
        return left, 1 - left

    emitted = [(given, at) for given, at in weigh(PAIR, shares, end=300) if given != ShiftWeight()]

    assert [type(what) for what, _ in emitted] == [Pressed, Lean, SitUpright]
    assert emitted[-1][1] == pytest.approx(200, abs=3)


def test_a_change_of_sides_is_upright_first() -> None:
    emitted = weigh(PAIR, lambda at: (0.8, 0.2) if at < 100 else (0.2, 0.8), end=300)

    kinds = [given for given, _ in emitted if not isinstance(given, Pressed | ShiftWeight)]
    assert [kind.side for kind in kinds if isinstance(kind, Lean)] == ["left", "right"]
    assert isinstance(kinds[1], SitUpright)


def test_each_shift_of_weight_is_counted_once() -> None:
    def shares(at: float) -> tuple[float, float]:
        left = 0.5 + 0.08 * (int(at // 20) % 2)
        return left, 1 - left

    emitted = weigh(PAIR, shares, end=200)

    assert [given for given, _ in emitted if given == ShiftWeight()] == [ShiftWeight()] * 9


def test_scale_settings_and_recordings_name_the_same_positions() -> None:
    assert set(POSITIONS) == set(recording.PLACES) == load_cell.PLACES


def test_one_cell_or_an_empty_seat_reports_no_leaning() -> None:
    assert weigh(("seat",), lambda at: (1.0,), end=200) == [(Pressed(), 0)]
    assert weigh(PAIR, lambda at: (0.9, 0.1), end=200, kg=12) == []


@pytest.mark.parametrize("name", POSITIONS)
def test_the_centre_of_a_load_on_one_cell_is_that_cell(name: str) -> None:
    names = list(POSITIONS)

    assert centre(names, [10.0 if n == name else 0.0 for n in names]) == POSITIONS[name]


def test_there_is_no_centre_without_a_load() -> None:
    assert centre(PAIR, (0.0, 0.0)) is None
    assert centre(PAIR, (-1.0, 0.5)) is None
