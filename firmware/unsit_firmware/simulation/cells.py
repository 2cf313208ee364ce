"""Simulated load cells, and a bit-exact model of the HX711 that reads them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import hypot
from typing import Any

from unsit_firmware.converters import (
    LARGEST,
    SMALLEST,
    Converter,
    Reading,
    ReadingTally,
    Tallied,
    Trouble,
    checked,
)
from unsit_firmware.converters.hx711 import BITS, HX711, POWER_DOWN_S, Channel
from unsit_firmware.simulation.pins import SimulatedPin, SimulatedPins

SETTLING_CONVERSIONS = 4

CONVERSION_S = 0.1
"""Time of one conversion at the slower rate of the chip."""

TICK_S = 0.001
"""Error of a simulated clock that adds tenths of a second."""

Convert = Callable[[Channel], float]
"""Function from a channel to its signal in counts. Beyond its range the converter saturates."""


class Defect(Enum):
    """Defects of the wiring.

    CUT: the data wire is cut, and high through its pull-up.
    DATA_LOW: the data wire is short-circuited to ground.
    UNPOWERED: the chip has no supply, and pulls the data wire low through its input diodes.
    """

    CUT = "cut"
    DATA_LOW = "data low"
    UNPOWERED = "unpowered"


@dataclass
class Figures:
    """Numbers of conversions, complete frames and power-downs of the chip, for tests."""

    conversions: int = 0
    frames: int = 0
    power_downs: int = 0


class HX711Chip:
    """Model of an HX711: ``clock`` sets PD_SCK, ``data`` is DOUT.

    convert: source of the signal, see ``Convert``.
    now: a monotonic clock in seconds.
    rate: conversions a second, 10 (default) or 80.
    steady: True makes the chip's time stand still within a frame, so that a busy machine, which
        holds the driver up between two edges, does not send the chip to sleep. Default False.
    bit_errors: probability that a bit is read wrong, 0 to 1. Default 0.
    chance: random generator for the bit errors. Default: one with a fixed seed.

    ``defect`` breaks the wiring while it is set; ``figures`` counts what the chip has done.
    """

    def __init__(
        self,
        convert: Convert,
        now: Callable[[], float],
        *,
        rate: int = 10,
        steady: bool = False,
        bit_errors: float = 0.0,
        chance: random.Random | None = None,
    ) -> None:
        self.defect: Defect | None = None
        self.figures = Figures()
        self.bit_errors = bit_errors
        self._convert, self._period = convert, 1 / rate
        self._ticks, self._now = now, self._time_between_frames if steady else now
        self._chance = chance or random.Random(1)  # noqa: S311  # a model's noise
        self._clock_high = False
        self._rose = 0.0
        self._pulses = 0
        self._wake_up()

    @property
    def data(self) -> bool:
        """Level of DOUT."""
        if self.defect is not None:
            return self.defect is Defect.CUT
        now = self._now()
        if self._sleeps(now):
            return True
        self._pass_time(now)
        wrong = self.bit_errors and self._pulses and self._chance.random() < self.bit_errors
        return self._level is not bool(wrong)

    def clock(self, high: bool) -> None:
        """Set the level of PD_SCK."""
        if high is self._clock_high:
            return
        now = self._now()
        slept = self._sleeps(now)
        self._clock_high = high
        if high:
            self._rose = now
            self._pass_time(now)
            self._rise()
        elif slept:
            self.figures.power_downs += 1
            self._wake_up()

    def _time_between_frames(self) -> float:
        in_frame = self._clock_high or 0 < self._pulses <= BITS
        return self._rose if in_frame else self._ticks()

    def _sleeps(self, now: float) -> bool:
        return self._clock_high and now - self._rose > POWER_DOWN_S

    def _wake_up(self) -> None:
        self._channel = self._before = Channel.A128
        self._pulses = 0
        self._word = 0
        self._level = True
        self._next = self._due = self._now() + SETTLING_CONVERSIONS * self._period

    def _pass_time(self, now: float) -> None:
        """Update the result with the conversions since the last call, but not within a frame."""
        if now < self._next or 0 < self._pulses <= BITS:
            return
        passed = int((now - self._next) / self._period) + 1
        self._next += passed * self._period
        self.figures.conversions += passed
        counts = round(self._convert(self._channel))
        self._word = max(SMALLEST, min(LARGEST, counts)) & (2**BITS - 1)
        self._pulses, self._level = 0, False

    def _rise(self) -> None:
        if self._level and self._pulses == 0:
            return  # there is no conversion to read
        self._pulses += 1
        if self._pulses <= BITS:
            self._level = bool(self._word >> (BITS - self._pulses) & 1)
            return
        self._level = True
        if self._pulses == Channel.A128.value:
            self.figures.frames += 1
        self._choose_channel()

    def _choose_channel(self) -> None:
        """Select the channel of the next conversion by the pulses after the bits.

        A change of the channel delays the conversion by the settling time.
        """
        if self._pulses == Channel.A128.value:
            self._before, self._due = self._channel, self._next
        self._channel = Channel(min(self._pulses, Channel.A64.value))
        changed = self._channel is not self._before
        self._next = self._now() + SETTLING_CONVERSIONS * self._period if changed else self._due


COUNTS_PER_KG = 10_737.0
"""Counts per kg at gain 128, four 50 kg half-bridge cells of 1 mV/V: 2**23 * 256 * 0.001 / 200."""

NOISE = 21.0
"""Standard deviation of the noise in counts: 50 nV rms (data sheet) in steps of 2.4 nV."""

GAINS = {Channel.A128: 1.0, Channel.A64: 0.5, Channel.B32: 0.25}


class SimulatedCell:
    """A load cell with a weight on it.

    noise: standard deviation of the noise in counts. Default ``NOISE``.
    seed: seed of the noise. Default 1.

    Weigh 10 kg without noise::

        cell = SimulatedCell(noise=0)
        cell.set_kilograms(10)
    """

    def __init__(self, *, noise: float = NOISE, seed: int = 1) -> None:
        self._counts = self._sway = 0.0
        self._noise = noise
        self._chance = random.Random(seed)  # noqa: S311  # a model's noise

    def set_kilograms(self, load: float) -> None:
        """Set the load on the cell in kg."""
        self._counts = load * COUNTS_PER_KG

    def set_raw(self, counts: float) -> None:
        """Set the signal of the bridge in counts at gain 128."""
        self._counts = float(counts)

    def set_sway(self, counts: float) -> None:
        """Set how much a body on the cell moves: the standard deviation in counts at gain 128."""
        self._sway = counts

    def convert(self, channel: Channel) -> float:
        """Return one conversion in counts. Both inputs of the chip are wired to this cell."""
        return (self._counts + self._next_noise()) * GAINS[channel]

    def _next_noise(self) -> float:
        """Return the noise in counts.

        Without noise, a fraction of a count makes the result vary between two whole counts.
        """
        if self._noise or self._sway:
            return self._chance.gauss(0, hypot(self._noise, self._sway))
        return 0.0 if self._counts.is_integer() else self._chance.uniform(-0.5, 0.5)


class _ClockPin(SimulatedPin):
    """Pin that drives PD_SCK."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.chip: HX711Chip | None = None
        super().__init__(factory, info)

    def _change_state(self, value: float) -> bool:
        changed = super()._change_state(value)
        if changed and self.chip is not None:
            self.chip.clock(bool(value))
        return changed


class _DataPin(SimulatedPin):
    """Pin that reads DOUT."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.chip: HX711Chip | None = None
        super().__init__(factory, info)

    def _get_state(self) -> float:
        return self._state if self.chip is None else self.chip.data


def wire_hx711(
    pins: SimulatedPins,
    data: int | str,
    clock: int | str,
    cell: SimulatedCell,
    *,
    rate: int = 10,
    now: Callable[[], float] | None = None,
) -> HX711Chip:
    """Wire an HX711 with a cell to two unused pins, and return the chip.

    data, clock: pins of DOUT and PD_SCK.
    cell: the cell that the chip reads.
    rate: conversions a second, 10 (default) or 80.
    now: the chip's clock in seconds. Default: the clock of the pins, and steady (see
        ``HX711Chip``).
    """
    chip = HX711Chip(cell.convert, now or pins.ticks, rate=rate, steady=now is None)
    pins.pin(data, pin_class=_DataPin).chip = chip
    pins.pin(clock, pin_class=_ClockPin).chip = chip
    return chip


class SimulatedCells:
    """Several cells, each read by an HX711 that has already settled.

    number: number of cells.
    ticks: a monotonic clock in seconds.
    noise: standard deviation of the noise in counts. Default ``NOISE``.
    pinned: number of conversions, of all cells together, that are clocked bit by bit through
        simulated pins and the driver. Later ones are read from the cells directly, which is much
        faster. Default None: all conversions.

    The simulated time stands still within a frame, so that a busy machine has no effect.
    """

    def __init__(
        self,
        number: int,
        ticks: Callable[[], float],
        *,
        noise: float = NOISE,
        pinned: int | None = None,
    ) -> None:
        self._cells = [SimulatedCell(noise=noise, seed=nth) for nth in range(number)]
        each = None if pinned is None else pinned // number
        self.converters: list[Converter] = [
            _SimulatedConverter(cell, ticks, each) for cell in self._cells
        ]

    def set_kilograms(self, loads: Sequence[float]) -> None:
        """Set the load on each cell in kg."""
        for cell, load in zip(self._cells, loads, strict=True):
            cell.set_kilograms(load)

    def set_sway(self, load: float) -> None:
        """Set how much a body on the cells moves, as the standard deviation of the load in kg."""
        for cell in self._cells:
            cell.set_sway(load * COUNTS_PER_KG / len(self._cells) ** 0.5)

    def set_raw(self, counts: Sequence[float]) -> None:
        """Set the signal of each bridge in counts."""
        for cell, raw in zip(self._cells, counts, strict=True):
            cell.set_raw(raw)


class _SimulatedConverter(Tallied):
    """Converter that reads a simulated cell through pins at first, and directly afterwards.

    pinned: number of conversions through pins, None for all.
    """

    def __init__(self, cell: SimulatedCell, ticks: Callable[[], float], pinned: int | None) -> None:
        self._cell, self._ticks, self._left = cell, ticks, pinned
        self._ready_at = 0.0
        self._tally = ReadingTally(ticks)
        self._driver: _PinnedDriver | None = None
        if pinned != 0:
            self._driver = _PinnedDriver(cell, ticks)
            self._tally.counters = self._driver.counters

    def read(self) -> Reading | Trouble:
        if self._driver is None:
            return self._tally.count(self._convert())
        outcome = self._driver.read()
        if isinstance(outcome, Reading):
            self._tally.last = outcome
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self.close()
        return outcome

    def close(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def _convert(self) -> int | Trouble:
        """Return the next conversion, of ten in a second like those through pins."""
        passed = int((self._ticks() - self._ready_at + TICK_S) / CONVERSION_S)
        if self._ticks() < self._ready_at - TICK_S:
            return Trouble.NOT_READY
        self._ready_at += (passed + 1) * CONVERSION_S
        return checked(max(SMALLEST, min(LARGEST, round(self._cell.convert(Channel.A128)))))


class _PinnedDriver:
    """HX711 driver on a simulated chip; time stands still while it clocks a frame."""

    _DATA, _CLOCK = 5, 6
    _WAKE_UP_READS = 40

    def __init__(self, cell: SimulatedCell, ticks: Callable[[], float]) -> None:
        self._ticks, self._now, self._start_up = ticks, 0.0, 0.0
        self._pins = SimulatedPins(lambda: self._now)
        wire_hx711(self._pins, self._DATA, self._CLOCK, cell, now=self._pins.ticks)
        self._driver = HX711(self._DATA, self._CLOCK, pin_factory=self._pins)
        self._wake_up()
        self.counters = self._driver.counters

    def read(self) -> Reading | Trouble:
        self._now = self._ticks() + self._start_up
        return self._driver.read()

    def close(self) -> None:
        self._driver.close()
        self._pins.close()

    def _wake_up(self) -> None:
        for _ in range(self._WAKE_UP_READS):
            self._start_up += 0.1
            if isinstance(self.read(), Reading):
                self._start_up += 0.1  # the next conversion is ready when the clock starts
                return
        raise AssertionError("the simulated chip never woke up")
