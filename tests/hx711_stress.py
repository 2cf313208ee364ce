"""What the HX711's drivers make of a machine that holds them up, and of a noisy wire.

Used by the tests in short and by ``benchmarks/hx711.py`` in full.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench_hx711 import PERIOD, SimulatedSPI, Time
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.converters.hx711_frame import LONGEST_PULSE
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.converters.reading import Counters, Reading
from unsit_firmware.hx711_chip import HX711Chip
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedPin, SimulatedPins

LARGEST = 8_388_606
NAP = 0.0005


@dataclass
class Figures:
    """How many frames were read, and how."""

    asked: int = 0
    accepted: int = 0
    wrong: int = 0
    rejected: int = 0

    @property
    def discarded(self) -> float:
        """The share of reads that gave no reading, those while the chip woke up included."""
        return 1 - self.accepted / self.asked


class HeldUpPins(SimulatedPins):
    """Pins on which the program is held up now and then between two operations."""

    def __init__(self, ticks: Callable[[], float], hold_up: Callable[[], None]) -> None:
        self.hold_up = hold_up
        super().__init__(ticks, environment={})

    def pin(self, name: int | str, pin_class: type[SimulatedPin] | None = None) -> SimulatedPin:
        pin: SimulatedPin = super().pin(name, pin_class=pin_class)
        if not isinstance(pin, _HeldUp):
            held_up = type(f"HeldUp{type(pin).__name__}", (_HeldUp, type(pin)), {})
            pin.__class__ = held_up
        return pin


class _HeldUp(SimulatedPin):
    """A pin at which the program may be held up before each operation and after it."""

    def _get_state(self) -> float:
        self.factory.hold_up()
        state: float = super()._get_state()
        self.factory.hold_up()
        return state

    def _set_state(self, value: float) -> None:
        self.factory.hold_up()
        super()._set_state(value)
        self.factory.hold_up()


def held_up(frames: int, chance: float, seed: int, longest_pulse: float = LONGEST_PULSE) -> Figures:
    """Modelled time: each operation takes a microsecond, and now and then 5 us to 30 ms more."""
    clock, dice = Time(), random.Random(seed)

    def hold_up() -> None:
        clock.wait(0.5e-6)
        if dice.random() < chance:
            clock.wait(10 ** dice.uniform(-5.3, -1.5))

    pins = HeldUpPins(clock.now, hold_up)
    return _read(pins, clock.wait, clock.nanoseconds, frames, dice, longest_pulse)


def on_real_time(frames: int, chance: float, seed: int) -> Figures:
    """Real time within a frame, held up for 5 us to 3 ms now and then.

    Before each frame the program sleeps, as the service does, and then time jumps.
    """
    dice, ahead = random.Random(seed), [0.0]

    def hold_up() -> None:
        if dice.random() < chance:
            end = time.perf_counter() + 10 ** dice.uniform(-5.3, -2.5)
            while time.perf_counter() < end:
                pass

    def wait(seconds: float) -> None:
        time.sleep(NAP)
        ahead[0] += seconds - NAP

    pins = HeldUpPins(lambda: time.perf_counter() + ahead[0], hold_up)
    return _read(pins, wait, time.perf_counter_ns, frames, dice, LONGEST_PULSE)


def glitched(frames: int, seed: int) -> Figures:
    """Frames over SPI, each with one sample read wrong, and a clean one after it."""
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
def hogged_cores() -> Iterator[None]:
    """Every core has a busy program on it."""
    hogs = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
        for hog in hogs:
            hog.wait()


def _read(
    pins: SimulatedPins,
    wait: Callable[[float], None],
    nanoseconds: Callable[[], int],
    frames: int,
    dice: random.Random,
    longest_pulse: float,
) -> Figures:
    cell, figures = SimulatedCell(noise=0), Figures()
    wire_hx711(pins, 5, 6, cell)
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
