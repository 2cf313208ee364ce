"""A simulated person on a load cell, described by the environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mosquitto import until
from unsit_firmware import ScriptError
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulated_cells import COUNTS_PER_KG
from unsit_firmware.simulation import SimulatedPins


@contextmanager
def driver(**environment: str) -> Iterator[HX711]:
    pins = SimulatedPins(environment={"UNSIT_SIM_HX711": "5:6"} | environment)
    with HX711(5, 6, pin_factory=pins) as driver:
        yield driver
    pins.close()


def expect(driver: HX711, kg: float) -> None:
    def is_near() -> bool:
        driver.read()
        return driver.raw is not None and abs(driver.raw - kg * COUNTS_PER_KG) < 500

    until(is_near, f"{kg} kg; the last was {driver.raw}")


def test_a_person_of_the_load_that_is_named_sits_on_the_cell() -> None:
    with driver(UNSIT_SIM_SCRIPT="sit 1h", UNSIT_SIM_LOAD="62.5") as cell:
        expect(cell, 62.5)


@pytest.mark.parametrize(("header", "value"), [("grams", "41000"), ("raw", "440217")])
def test_a_recording_of_loads_is_put_on_the_cell(tmp_path: Path, header: str, value: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"ts,{header}\n2026-01-05T09:00:00,{value}\n")

    with driver(UNSIT_SIM_RECORDING=str(file)) as cell:
        expect(cell, 41)


def test_a_recording_of_loads_without_a_cell_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("ts,grams\n2026-01-05T09:00:00,1\n")

    with pytest.raises(ScriptError, match="is of loads: UNSIT_SIM_HX711 must name pins"):
        SimulatedPins(environment={"UNSIT_SIM_RECORDING": str(file)})


@pytest.mark.parametrize("wires", ["5", "5:", "five:six", "5:99", ""])
def test_wires_that_are_no_pins_are_refused(wires: str) -> None:
    environment = {"UNSIT_SIM_SCRIPT": "sit 1h", "UNSIT_SIM_HX711": wires}

    with pytest.raises(ScriptError, match=r"UNSIT_SIM_HX711='.*' are no pins; for example 5:6"):
        SimulatedPins(environment=environment)
