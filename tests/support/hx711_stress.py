"""Stress for the HX711 drivers: a machine that delays them, and a noisy wire.

The tests run few frames of it, ``benchmarks/hx711.py`` many.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.hx711_bench import PERIOD, SimulatedSPI, Time
from unsit_firmware.converters import Counters, Reading
from unsit_firmware.converters.hx711 import HX711, PULSE_MAX_S
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.simulation.cells import HX711Chip, SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPin, SimulatedPins

LARGEST = 8_388_606
NAP = 0.0005


@dataclass
class Figures:
    """Numbers of frames, by result.

    asked: reads after the first reading. accepted: readings. wrong: readings with other counts than
    the cell gave. rejected: refused frames.
    """

    asked: int = 0
    accepted: int = 0
    wrong: int = 0
    rejected: int = 0

    @property
    def discarded(self) -> float:
        """Share of reads without a reading, including those while the chip woke up."""
        return 1 - self.accepted / self.asked


class DelayedPins(SimulatedPins):
    """Simulated pins that call ``delay`` between two operations of the program."""

    def __init__(self, ticks: Callable[[], float], delay: Callable[[], None]) -> None:
        self.delay = delay
        super().__init__(ticks)

    def pin(self, name: int | str, pin_class: type[SimulatedPin] | None = None) -> SimulatedPin:
        pin: SimulatedPin = super().pin(name, pin_class=pin_class)
        if not isinstance(pin, _DelayedPin):
            delayed_class = type(f"Delayed{type(pin).__name__}", (_DelayedPin, type(pin)), {})
            pin.__class__ = delayed_class
        return pin


class _DelayedPin(SimulatedPin):
    """Pin that calls ``delay`` before and after each operation."""

    def _get_state(self) -> float:
        self.factory.delay()
        state: float = super()._get_state()
        self.factory.delay()
        return state

    def _set_state(self, value: float) -> None:
        self.factory.delay()
        super()._set_state(value)
        self.factory.delay()


def delayed(frames: int, chance: float, seed: int, longest_pulse: float = PULSE_MAX_S) -> Figures:
    """Read frames in simulated time: an operation takes 1 us, and by chance 5 us to 30 ms more."""
    clock, dice = Time(), random.Random(seed)

    def delay() -> None:
        clock.wait(0.5e-6)
        if dice.random() < chance:
            clock.wait(10 ** dice.uniform(-5.3, -1.5))

    pins = DelayedPins(clock.now, delay)
    return _read(pins, clock.wait, clock.nanoseconds, frames, dice, longest_pulse)


def on_real_time(frames: int, chance: float, seed: int) -> Figures:
    """Read frames in real time, with delays of 5 us to 3 ms by chance.

    Before each frame the program sleeps, as the service does, and then the clock jumps ahead.
    """
    dice, ahead = random.Random(seed), [0.0]

    def delay() -> None:
        if dice.random() < chance:
            end = time.perf_counter() + 10 ** dice.uniform(-5.3, -2.5)
            while time.perf_counter() < end:
                pass

    def wait(seconds: float) -> None:
        time.sleep(NAP)
        ahead[0] += seconds - NAP

    pins = DelayedPins(lambda: time.perf_counter() + ahead[0], delay)
    return _read(pins, wait, time.perf_counter_ns, frames, dice, PULSE_MAX_S)


def glitched(frames: int, seed: int) -> Figures:
    """Read frames over SPI: each has one wrong sample, and a clean frame follows it."""
    clock, dice, cell = Time(), random.Random(seed), SimulatedCell(noise=0)
    chip = HX711Chip(cell.convert, clock.now)
    spi = SimulatedSPI(chip, clock)
    driver = HX711SPI(spi=spi, ticks=clock.now)
    figures = Figures()
    while figures.rejected < frames:
        value = _put_on(cell, dice)
        clock.wait(PERIOD)
        if driver.counters.frames:
            spi.glitch = dice.randrange(56)
        _count(driver.read(), value, figures, driver.counters)
        spi.glitch = None
        clock.wait(PERIOD)
        _count(driver.read(), value, figures, driver.counters)
    return figures


@contextmanager
def busy_cores() -> Iterator[None]:
    """Run a busy program on every core."""
    programs = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
        for program in programs:
            program.wait()


def _read(
    pins: SimulatedPins,
    wait: Callable[[float], None],
    nanoseconds: Callable[[], int],
    frames: int,
    dice: random.Random,
    longest_pulse: float,
) -> Figures:
    cell, figures = SimulatedCell(noise=0), Figures()
    wire_hx711(pins, 5, 6, cell, now=pins.ticks)
    with HX711(
        5, 6, longest_pulse=longest_pulse, nanoseconds=nanoseconds, pin_factory=pins
    ) as driver:
        for _ in range(frames):
            value = _put_on(cell, dice)
            wait(PERIOD)
            _count(driver.read(), value, figures, driver.counters)
    return figures


def _put_on(cell: SimulatedCell, dice: random.Random) -> int:
    value = dice.randint(-LARGEST, LARGEST)
    cell.set_raw(value)
    return value


def _count(outcome: object, value: int, figures: Figures, counters: Counters) -> None:
    figures.rejected = counters.rejected
    figures.asked += figures.accepted > 0
    if isinstance(outcome, Reading):
        figures.asked += figures.accepted == 0
        figures.accepted += 1
        figures.wrong += outcome.raw != value
