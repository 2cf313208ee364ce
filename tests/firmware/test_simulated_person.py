"""Simulated person on a contact, described by the environment."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from unsit_firmware import FirmwareError, PressureMat, ScriptError
from unsit_firmware.simulation import scripted_pins
from unsit_firmware.simulation.pins import SimulatedPins

TIMEOUT_S = 60.0


@pytest.fixture
def opened() -> Iterator[list[SimulatedPins]]:
    """Keep pins to close at the end, so that their persons stop."""
    opened: list[SimulatedPins] = []
    yield opened
    for pins in opened:
        pins.close()


def test_without_variables_there_is_no_person(opened: list[SimulatedPins]) -> None:
    others = set(threading.enumerate())
    opened.append(scripted_pins(environment={"UNSIT_SIM_PIN": "x", "UNSIT_SIM_SPEED": "x"}))
    assert set(threading.enumerate()) <= others


def test_the_person_of_a_script_sits_on_pin_17_by_default(
    opened: list[SimulatedPins],
) -> None:
    opened.append(scripted_pins(environment={"UNSIT_SIM_SCRIPT": "sit 1h"}))
    with PressureMat(17, pin_factory=opened[0]) as mat:
        assert mat.wait_for_active(TIMEOUT_S)
        assert mat.pressed


def test_a_recording_wins_over_a_script(opened: list[SimulatedPins], tmp_path: Path) -> None:
    (tmp_path / "chair.csv").write_text("ts,contact\n2026-01-05T09:00:00,1\n")
    environment = {
        "UNSIT_SIM_SCRIPT": "stand 1h",
        "UNSIT_SIM_RECORDING": str(tmp_path / "chair.csv"),
    }
    opened.append(scripted_pins(environment=environment))
    with PressureMat(17, pin_factory=opened[0]) as mat:
        assert mat.wait_for_active(TIMEOUT_S)


def test_the_person_leaves_when_the_pins_are_closed(opened: list[SimulatedPins]) -> None:
    others = set(threading.enumerate())
    opened.append(scripted_pins(environment={"UNSIT_SIM_SCRIPT": "sit 1h"}))
    [person] = set(threading.enumerate()) - others
    opened[0].close()
    assert not person.is_alive()


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("UNSIT_SIM_PIN", "GPIO17", "17"),
        ("UNSIT_SIM_PIN", "17.0", "17"),
        ("UNSIT_SIM_PIN", "", "17"),
        ("UNSIT_SIM_SPEED", "fast", "1"),
        ("UNSIT_SIM_SPEED", "60x", "1"),
        ("UNSIT_SIM_SPEED", "", "1"),
    ],
)
def test_a_wrong_number_is_an_error_with_its_name_the_value_and_an_example(
    name: str, value: str, example: str
) -> None:
    with pytest.raises(ScriptError) as refusal:
        scripted_pins(environment={"UNSIT_SIM_SCRIPT": "sit 1h", name: value})
    assert str(refusal.value) == f"{name}={value!r} is not a number; for example {example}"


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"UNSIT_SIM_RECORDING": "/nowhere/chair.csv"}, "there is no such file"),
        ({"UNSIT_SIM_SCRIPT": "sit 1s", "UNSIT_SIM_SPEED": "0"}, "speed 0.0 is out of range"),
        ({"UNSIT_SIM_SCRIPT": "sit 1s", "UNSIT_SIM_SPEED": "nan"}, "speed nan is out of range"),
        ({"UNSIT_SIM_SCRIPT": "sit 1s", "UNSIT_SIM_PIN": "99"}, "UNSIT_SIM_PIN=99 is no pin"),
        ({"UNSIT_SIM_SCRIPT": "sit 99999999999h"}, "lasts too long"),
        ({"UNSIT_SIM_SCRIPT": ", ".join(["sit 9999999999h"] * 3)}, "lasts too long"),
    ],
)
def test_a_person_that_cannot_be_is_refused_before_the_pins_are_there(
    environment: dict[str, str], why: str
) -> None:
    with pytest.raises(FirmwareError, match=why):
        scripted_pins(environment=environment)
