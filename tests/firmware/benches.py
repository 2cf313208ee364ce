"""Benches: each a back end of gpiozero, and hands at its pins."""

import importlib
import sys
import threading
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from fakechip import ZERO_2_W
from firmware.chips import PINS, hands
from unsit_firmware.simulation import SimulatedPins

MAT, BUZZER, BUTTON = 17, 18, 27
PATIENCE = 20.0

Wave = tuple[float, float]


class Bench:
    """A back end, and hands at its pins.

    connect: wires a pin to ground, or to nothing. wave: the frequency and duty at a pin.
    """

    def __init__(
        self,
        pins: Any,
        connect: Callable[[int, bool], None],
        is_high: Callable[[int], bool],
        wave: Callable[[int], Wave] | None = None,
    ) -> None:
        self.pins = pins
        self.close = pins.close
        self.connect = connect
        self.is_high = is_high
        self.wave = wave or self._wave_of_the_pin
        self.heard: list[tuple[bool, float]] = []
        self._news = threading.Condition()

    @property
    def levels(self) -> list[bool]:
        """The levels heard so far."""
        return [pressed for pressed, _ in self.heard]

    def hear(self, pressed: bool, age: float) -> None:
        """To be given to a contact."""
        with self._news:
            self.heard.append((pressed, age))
            self._news.notify()

    def expect(self, *levels: bool) -> None:
        """Waits until so many edges were heard, and says that they are these and no others."""
        with self._news:
            self._news.wait_for(lambda: len(self.heard) >= len(levels), PATIENCE)
        assert self.levels == list(levels)

    def _wave_of_the_pin(self, number: int) -> Wave:
        pin = self.pins.pin(number)
        return pin.frequency, pin.state


Open = Callable[[pytest.MonkeyPatch], Bench]


def simulated_pins(_: pytest.MonkeyPatch) -> Bench:
    pins = SimulatedPins(environment={})

    def connect(number: int, to_ground: bool) -> None:
        pins.pin(number).connect(False if to_ground else None)

    return Bench(pins, connect, lambda number: bool(pins.pin(number).state))


def gpiozero_s_mock(_: pytest.MonkeyPatch) -> Bench:
    pins = MockFactory(pin_class=MockPWMPin)

    def connect(number: int, to_ground: bool) -> None:
        pin = pins.pin(number)
        pin.drive_low() if to_ground else pin.drive_high()

    return Bench(pins, connect, lambda number: bool(pins.pin(number).state))


def rpi_gpio(monkeypatch: pytest.MonkeyPatch) -> Bench:
    import fake_rpi  # it brings numpy along, which a small guest can do without

    from firmware.remembering import RememberingGPIO

    fake_rpi.toggle_print(False)
    gpio = RememberingGPIO()
    package = ModuleType("RPi")
    monkeypatch.setattr(package, "GPIO", gpio, raising=False)
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", gpio)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.rpigpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: ZERO_2_W)
    pins = importlib.import_module("gpiozero.pins.rpigpio").RPiGPIOFactory()
    del sys.modules["gpiozero.pins.rpigpio"]  # it has bound this GPIO for good

    def connect(number: int, to_ground: bool) -> None:
        gpio.set_input(number, 0 if to_ground else None)

    def wave(number: int) -> Wave:
        wave = gpio.channels[number].wave
        assert wave is not None
        return wave.frequency, wave.duty

    return Bench(pins, connect, lambda number: bool(gpio.channels[number].level), wave)


def gpiod(_: pytest.MonkeyPatch) -> Bench:
    from unsit_firmware.libgpiod import GpiodFactory

    return _on_the_chip(GpiodFactory())


def lgpio(_: pytest.MonkeyPatch) -> Bench:
    bench = _on_the_chip(_lgpio_pins())
    bench.close = lambda: None
    return bench


@cache
def _lgpio_pins() -> Any:
    """The one factory of a process: once it is closed, no other hears an edge."""
    return importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory()


def _on_the_chip(pins: Any) -> Bench:
    chip = hands()
    chip.connect(BUZZER, True)  # the transistor's base, which is low while nobody drives it
    for line in (MAT, BUTTON):
        chip.connect(line, False)
    return Bench(pins, chip.connect, chip.is_high)


WITHOUT_A_CHIP: list[Open] = [simulated_pins, gpiozero_s_mock, rpi_gpio]
ON_A_CHIP: dict[str, Open] = {"gpiod": gpiod, "lgpio": lgpio}

BENCHES = [ON_A_CHIP[PINS]] if PINS else WITHOUT_A_CHIP
WIRED_BENCHES = [bench for bench in BENCHES if bench is not gpiozero_s_mock]
"""Where a wire can be there before the device; gpiozero's mock lets the pull win."""
