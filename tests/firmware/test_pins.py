"""Finding the pins of this machine, and the reasons where there are none."""

import sys

import pytest
from gpiozero import Device

from unsit_firmware import FirmwareError, PinError, ScriptError
from unsit_firmware.pins import BACK_ENDS, machine_pins
from unsit_firmware.simulation import SimulatedPins


@pytest.fixture(autouse=True)
def _no_pins_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)


def test_the_environment_can_choose_simulated_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "unsit_sim")
    pins = machine_pins()
    assert type(pins) is SimulatedPins
    assert machine_pins() is pins
    pins.close()


def test_pins_that_a_program_has_chosen_already_are_used(
    monkeypatch: pytest.MonkeyPatch, pins: SimulatedPins
) -> None:
    monkeypatch.setattr(Device, "pin_factory", pins)
    assert machine_pins() is pins


def test_a_machine_without_pins_is_an_error_with_the_reason_of_each_back_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for back_end in BACK_ENDS:
        monkeypatch.setitem(sys.modules, f"gpiozero.pins.{back_end}", None)
    with pytest.raises(PinError, match=r"^this machine's pins cannot be used: ") as error:
        machine_pins()
    for back_end in BACK_ENDS:
        assert f"{back_end}: import of gpiozero.pins.{back_end} halted" in str(error.value)
    assert "Falling back" not in str(error.value)
    assert str(error.value).endswith("or try it without pins: unsit demo")
    assert "\n" not in str(error.value)


def test_an_unknown_back_end_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "abacus")
    with pytest.raises(PinError, match="'abacus'"):
        machine_pins()


def test_a_back_end_whose_library_is_not_installed_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "pigpio")
    monkeypatch.setitem(sys.modules, "pigpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.pigpio", raising=False)
    with pytest.raises(PinError, match="pigpio"):
        machine_pins()


def test_a_bad_script_of_the_simulated_person_is_reported_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "unsit_sim")
    monkeypatch.setenv("UNSIT_SIM_SCRIPT", "sit down")
    with pytest.raises(ScriptError, match="'sit down'"):
        machine_pins()


def test_a_pin_error_is_an_os_error_of_this_package() -> None:
    assert issubclass(PinError, FirmwareError)
    assert issubclass(PinError, OSError)
