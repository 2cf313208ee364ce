"""Test benches: a back end of gpiozero, and control of the wires at its pins."""

import importlib
import sys
import threading
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from support.fake_chip import ZERO_2_W
from support.gpio_lines import PINS, chip_control
from unsit_firmware.simulation.pins import SimulatedPins

MAT, BUZZER, BUTTON = 17, 18, 27
TIMEOUT_S = 60.0

Wave = tuple[float, float]


class Bench:
    """A back end of gpiozero, and control of the wires at its pins.

    connect: wires a pin to ground (True) or to nothing. is_high: reads the level of a pin.
    wave: returns frequency and duty cycle at a pin.
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
        self.edges: list[tuple[bool, float]] = []
        self._changed = threading.Condition()

    @property
    def levels(self) -> list[bool]:
        """Levels of the edges so far."""
        return [pressed for pressed, _ in self.edges]

    def record_edge(self, pressed: bool, age: float) -> None:
        """Record an edge; pass this as ``when_changed``."""
        with self._changed:
            self.edges.append((pressed, age))
            self._changed.notify()

    def expect(self, *levels: bool) -> None:
        """Wait for as many edges as levels are given, and check that no other edge came."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.edges) >= len(levels), TIMEOUT_S)
        assert self.levels == list(levels)

    def _wave_of_the_pin(self, number: int) -> Wave:
        pin = self.pins.pin(number)
        return pin.frequency, pin.state


Open = Callable[[pytest.MonkeyPatch], Bench]


def simulated_pins(_: pytest.MonkeyPatch) -> Bench:
    pins = SimulatedPins()

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
    import fake_rpi  # it imports numpy, which a small guest need not have

    from support.fake_rpi import RememberingGPIO

    fake_rpi.toggle_print(False)
    gpio = RememberingGPIO()
    package = ModuleType("RPi")
    monkeypatch.setattr(package, "GPIO", gpio, raising=False)
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", gpio)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.rpigpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: ZERO_2_W)
    pins = importlib.import_module("gpiozero.pins.rpigpio").RPiGPIOFactory()
    del sys.modules["gpiozero.pins.rpigpio"]  # it keeps this GPIO bound

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
    """Return the only factory of the process: after its close, no other one receives edges."""
    return importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory()


def _on_the_chip(pins: Any) -> Bench:
    chip = chip_control()
    chip.connect(BUZZER, True)  # the base resistor of the transistor keeps an undriven pin low
    for line in (MAT, BUTTON):
        chip.connect(line, False)
    return Bench(pins, chip.connect, chip.is_high)


WITHOUT_A_CHIP: list[Open] = [simulated_pins, gpiozero_s_mock, rpi_gpio]
ON_A_CHIP: dict[str, Open] = {"gpiod": gpiod, "lgpio": lgpio}

BENCHES = [ON_A_CHIP[PINS]] if PINS else WITHOUT_A_CHIP
WIRED_BENCHES = [bench for bench in BENCHES if bench is not gpiozero_s_mock]
"""Benches whose wire may exist before the device; in gpiozero's mock the pull wins."""
