"""Simulated person on a load cell, described by the environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.mosquitto import until
from unsit_firmware import ScriptError
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulation import scripted_pins
from unsit_firmware.simulation.cells import COUNTS_PER_KG


@contextmanager
def driver(**environment: str) -> Iterator[HX711]:
    pins = scripted_pins(environment={"UNSIT_SIM_HX711": "5:6"} | environment)
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
        scripted_pins(environment={"UNSIT_SIM_RECORDING": str(file)})


@pytest.mark.parametrize(
    ("environment", "loads"),
    [
        ({"UNSIT_SIM_SCRIPT": "sit 1h", "UNSIT_SIM_LOAD": "70"}, (35, 35)),
        (
            {"UNSIT_SIM_RECORDING": "grams_left,grams_right\n2026-01-05T09:00:00,50000,20000\n"},
            (50, 20),
        ),
        ({"UNSIT_SIM_RECORDING": "grams\n2026-01-05T09:00:00,70000\n"}, (35, 35)),
    ],
)
def test_several_cells_share_a_load_or_have_a_column_each(
    tmp_path: Path, environment: dict[str, str], loads: tuple[float, float]
) -> None:
    if "UNSIT_SIM_RECORDING" in environment:
        file = tmp_path / "a.csv"
        file.write_text(f"ts,{environment['UNSIT_SIM_RECORDING']}")
        environment = {"UNSIT_SIM_RECORDING": str(file)}
    pins = scripted_pins(environment=environment | {"UNSIT_SIM_HX711": "5:6,12:13"})
    with HX711(5, 6, pin_factory=pins) as left, HX711(12, 13, pin_factory=pins) as right:
        expect(left, loads[0])
        expect(right, loads[1])
    pins.close()


@pytest.mark.parametrize("wires", ["5", "5:", "five:six", "5:99", ""])
def test_wires_that_are_no_pins_are_refused(wires: str) -> None:
    environment = {"UNSIT_SIM_SCRIPT": "sit 1h", "UNSIT_SIM_HX711": wires}

    with pytest.raises(ScriptError, match=r"UNSIT_SIM_HX711='.*' are no pins; for example 5:6"):
        scripted_pins(environment=environment)
