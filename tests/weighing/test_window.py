"""The window of readings: median, spread, and the start of a load on one side of a limit."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.timeline import sec
from unsit.core.weighing.filters import MAX_READINGS, Window


def window_of(*loads: float, pace: float = 0.1) -> Window:
    window = Window()
    for nth, load in enumerate(loads):
        window.add(load, sec(nth * pace))
    return window


def test_five_wrong_readings_of_eleven_do_not_move_the_median() -> None:
    window = window_of(*[75.0 + nth / 100 for nth in range(6)], *[900.0] * 5)

    assert window.median == pytest.approx(75.05)


@given(
    good=st.lists(st.floats(74, 76), min_size=6, max_size=6),
    wrong=st.lists(st.floats(-800, 800), min_size=5, max_size=5),
    seed=st.integers(0, 1000),
)
def test_five_wrong_readings_in_any_order_keep_the_median_among_the_good(
    good: list[float], wrong: list[float], seed: int
) -> None:
    loads = good + wrong
    random.Random(seed).shuffle(loads)

    assert 74 <= (window_of(*loads).median or 0) <= 76


def test_an_outlier_does_not_widen_the_spread() -> None:
    assert window_of(*[75.0, 75.1] * 5, 300.0).spread() == pytest.approx(0.1)


def test_the_window_keeps_11_readings_of_5_seconds_and_3_of_any_age() -> None:
    assert len(window_of(*range(100))) == MAX_READINGS
    assert len(window_of(*range(100), pace=1.0)) == 6
    assert len(window_of(*range(100), pace=33.5)) == 3


def test_since_is_the_start_of_the_load_on_one_side() -> None:
    window = window_of(0, 0, 0, 80, 80, 80, 80, 80)

    assert window.since(15, above=True) == sec(0.3)
    assert window_of(80, 80, 0, 0, 0).since(15, above=False) == sec(0.2)
    assert window_of(0, 80, 80, 80, 0).since(15, above=True) == sec(0.1)


def test_a_cleared_window_is_empty() -> None:
    window = window_of(75, 75, 75)
    window.clear()

    assert window.median is None
    assert len(window) == 0
    assert window.span() == sec(0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_the_median_is_always_one_of_the_last_readings(loads: list[float]) -> None:
    assert window_of(*loads).median in loads[-MAX_READINGS:]
