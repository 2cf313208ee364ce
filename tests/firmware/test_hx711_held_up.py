"""Bit-banged HX711 with random delays of the program, in simulated and in real time.

``benchmarks/hx711.py`` runs the same with 100,000 frames each.
"""

import itertools
from collections.abc import Iterator

import pytest

from support import hx711_stress
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins


@pytest.mark.parametrize("seed", range(3))
def test_no_wrong_reading_passes_in_simulated_time(seed: int) -> None:
    figures = hx711_stress.delayed(frames=3000, chance=0.0005, seed=seed)

    assert figures.wrong == 0
    assert figures.accepted > 0.5 * 3000
    assert figures.rejected > 20


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Run another program on every core."""
    with hx711_stress.busy_cores():
        yield


@pytest.mark.usefixtures("busy_machine")
def test_no_wrong_reading_passes_on_busy_cores_in_real_time() -> None:
    figures = hx711_stress.on_real_time(frames=1000, chance=3e-4, seed=1)

    assert figures.wrong == 0
    assert figures.accepted > 0


def test_the_stress_finds_a_driver_without_guards() -> None:
    figures = hx711_stress.delayed(frames=3000, chance=0.0005, seed=1, longest_pulse=10.0)

    assert figures.wrong > 0


def test_every_single_wrong_sample_on_spi_is_refused() -> None:
    figures = hx711_stress.glitched(frames=3000, seed=1)

    assert figures.wrong == 0
    assert figures.rejected == 3000


def test_a_busy_machine_costs_a_simulated_converter_no_frame() -> None:
    """Each look at the clock finds it 10 ms later, far more than a pulse may take."""
    looks = itertools.count()
    pins = SimulatedPins(lambda: next(looks) * 0.01)
    chip = wire_hx711(pins, 5, 6, SimulatedCell(noise=0))

    with HX711(5, 6, pin_factory=pins) as driver:
        for _ in range(2000):
            driver.read()

    assert chip.figures.frames > 100
    assert chip.figures.power_downs == 0
    assert driver.counters.rejected == 0
