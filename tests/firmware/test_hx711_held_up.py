"""The bit-banged HX711 while the program is held up at random: in modelled time, and for real.

The full measure, with 100,000 frames each, is ``benchmarks/hx711.py``.
"""

from collections.abc import Iterator

import pytest

import hx711_stress


@pytest.mark.parametrize("seed", range(3))
def test_no_wrong_reading_is_let_through_in_modelled_time(seed: int) -> None:
    figures = hx711_stress.held_up(frames=3000, chance=0.0005, seed=seed)

    assert figures.wrong == 0
    assert figures.accepted > 0.5 * 3000
    assert figures.rejected > 20


@pytest.fixture
def hogged() -> Iterator[None]:
    """Every core has something else to do."""
    with hx711_stress.hogged_cores():
        yield


@pytest.mark.usefixtures("hogged")
def test_no_wrong_reading_is_let_through_on_hogged_cores_in_real_time() -> None:
    figures = hx711_stress.on_real_time(frames=3000, chance=1e-4, seed=1)

    assert figures.wrong == 0
    assert figures.accepted > 0


def test_the_stress_itself_finds_a_driver_without_guards() -> None:
    figures = hx711_stress.held_up(frames=3000, chance=0.0005, seed=1, longest_pulse=10.0)

    assert figures.wrong > 0


def test_every_single_wrong_sample_on_spi_is_refused() -> None:
    figures = hx711_stress.glitched(frames=3000, seed=1)

    assert figures.wrong == 0
    assert figures.rejected == 3000
