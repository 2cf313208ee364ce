"""Choice of the pin factory, and the errors if there is none."""

import sys
from types import ModuleType

import pytest
from gpiozero import Device

from unsit_firmware import FirmwareError, PinError, PinPermissionError, ScriptError
from unsit_firmware.pins import BACK_ENDS, choose_pins, machine_pins
from unsit_firmware.simulation.pins import SimulatedPins


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


def test_a_factory_that_the_program_has_set_is_used(
    monkeypatch: pytest.MonkeyPatch, pins: SimulatedPins
) -> None:
    monkeypatch.setattr(Device, "pin_factory", pins)
    assert machine_pins() is pins


def without(monkeypatch: pytest.MonkeyPatch, *back_ends: str) -> None:
    """Make the libraries of these back ends impossible to import."""
    for back_end in back_ends:
        module = BACK_ENDS[back_end].partition(":")[0]
        monkeypatch.setitem(sys.modules, module, None)


def test_a_machine_without_pins_is_an_error_with_the_reason_of_each_back_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, *BACK_ENDS)
    with pytest.raises(PinError, match=r"^this machine's pins cannot be used: gpiod: ") as error:
        machine_pins()
    for back_end in BACK_ENDS:
        assert f"{back_end}: import of " in str(error.value)
    assert str(error.value).endswith("or try it without pins: unsit demo")
    assert "\n" not in str(error.value)


def test_gpiod_comes_before_lgpio_and_lgpio_before_rpi_gpio() -> None:
    assert list(BACK_ENDS) == ["gpiod", "lgpio", "rpigpio"]


def test_an_unusable_back_end_is_skipped_and_the_choice_has_its_reason(
    monkeypatch: pytest.MonkeyPatch, pins: SimulatedPins
) -> None:
    without(monkeypatch, "gpiod", "lgpio")
    third = ModuleType("third")
    monkeypatch.setattr(third, "RPiGPIOFactory", lambda: pins, raising=False)
    monkeypatch.setitem(sys.modules, "gpiozero.pins.rpigpio", third)

    choice = choose_pins()

    assert choice.pins is Device.pin_factory is pins
    assert choice.name == "rpigpio"
    assert str(choice).startswith("rpigpio, because it can be used (not gpiod: import of ")
    assert "; not lgpio: import of " in str(choice)


def test_a_user_without_the_right_gets_only_that_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise PinPermissionError("you may not open the chip")

    first = ModuleType("first")
    monkeypatch.setattr(first, "GpiodFactory", refuse, raising=False)
    monkeypatch.setitem(sys.modules, "unsit_firmware.libgpiod", first)

    with pytest.raises(PermissionError, match=r"^you may not open the chip$"):
        machine_pins()


def test_a_choice_of_the_environment_wins_and_is_given_as_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "unsit_sim")

    choice = choose_pins()

    assert str(choice) == "unsit_sim, because GPIOZERO_PIN_FACTORY names it"
    choice.pins.close()


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
