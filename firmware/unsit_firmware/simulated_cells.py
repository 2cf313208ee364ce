"""Simulated load cells: a weight, the bridge under it, and an HX711 on simulated pins."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.converters.hx711_frame import Channel
from unsit_firmware.converters.reading import (
    LARGEST,
    SMALLEST,
    Converter,
    Reading,
    Tallied,
    Tally,
    Trouble,
    checked,
)
from unsit_firmware.hx711_chip import HX711Chip
from unsit_firmware.simulation import SimulatedPin, SimulatedPins

COUNTS_PER_KG = 10_737.0
"""What four 50 kg half-bridge cells of 1 mV/V give at gain 128: 2**23 * 256 * 0.001 / 200."""

NOISE = 21.0
"""Counts, standard deviation: 50 nV rms of the data sheet, in steps of 2.4 nV."""

GAINS = {Channel.A128: 1.0, Channel.A64: 0.5, Channel.B32: 0.25}


class SimulatedCell:
    """A load cell and the weight upon it.

    noise: standard deviation in counts, added to whatever is set. seed: of that noise.
    """

    def __init__(self, *, noise: float = NOISE, seed: int = 1) -> None:
        self._counts = 0.0
        self._noise = noise
        self._chance = random.Random(seed)  # noqa: S311  # a model's noise

    def set_kilograms(self, load: float) -> None:
        """Puts so much on the cell."""
        self._counts = load * COUNTS_PER_KG

    def set_raw(self, counts: float) -> None:
        """Makes the bridge give so many counts at gain 128."""
        self._counts = float(counts)

    def convert(self, channel: Channel) -> float:
        """One conversion, in counts; both inputs of the chip hang on the same cell."""
        return (self._counts + self._next_noise()) * GAINS[channel]

    def _next_noise(self) -> float:
        """Without noise, counts between two whole ones are now the one and now the other."""
        if self._noise:
            return self._chance.gauss(0, self._noise)
        return 0.0 if self._counts.is_integer() else self._chance.uniform(-0.5, 0.5)


class _ClockPin(SimulatedPin):
    """The pin that PD_SCK hangs on."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.chip: HX711Chip | None = None
        super().__init__(factory, info)

    def _change_state(self, value: float) -> bool:
        changed = super()._change_state(value)
        if changed and self.chip is not None:
            self.chip.clock(bool(value))
        return changed


class _DataPin(SimulatedPin):
    """The pin that DOUT hangs on."""

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
    """An HX711 with a cell on it, wired to two pins that nobody has used yet; gives the chip.

    now: the chip's clock. Default: that of the pins.
    """
    chip = HX711Chip(cell.convert, now or pins.ticks, rate=rate)
    pins.pin(data, pin_class=_DataPin).chip = chip
    pins.pin(clock, pin_class=_ClockPin).chip = chip
    return chip


class SimulatedCells:
    """Several cells, each with an HX711 that has been running for a while.

    number: how many. ticks: the clock in seconds. noise: see ``SimulatedCell``.
    through_pins: every conversion goes bit by bit through the pins and the driver. Default; without
        it conversions are taken as they are, which is much faster.

    No time passes within a frame, so that a machine that is held up changes nothing.
    """

    def __init__(
        self,
        number: int,
        ticks: Callable[[], float],
        *,
        noise: float = NOISE,
        through_pins: bool = True,
    ) -> None:
        self._cells = [SimulatedCell(noise=noise, seed=nth) for nth in range(number)]
        make = _PinnedConverter if through_pins else _DirectConverter
        self.converters: list[Converter] = [make(cell, ticks) for cell in self._cells]

    def set_kilograms(self, loads: Sequence[float]) -> None:
        """Puts so much on each cell."""
        for cell, load in zip(self._cells, loads, strict=True):
            cell.set_kilograms(load)

    def set_raw(self, counts: Sequence[float]) -> None:
        """Makes each bridge give so many counts."""
        for cell, raw in zip(self._cells, counts, strict=True):
            cell.set_raw(raw)


class _DirectConverter(Tallied):
    """Conversions as they are."""

    def __init__(self, cell: SimulatedCell, ticks: Callable[[], float]) -> None:
        self._cell = cell
        self._tally = Tally(ticks)

    def read(self) -> Reading | Trouble:
        raw = checked(max(SMALLEST, min(LARGEST, round(self._cell.convert(Channel.A128)))))
        return self._tally.count(raw)

    def close(self) -> None:
        pass


class _PinnedConverter:
    """The driver on a chip on simulated pins; time stands still while a frame is clocked."""

    _DATA, _CLOCK = 5, 6
    _WAKES_UP_IN = 40

    def __init__(self, cell: SimulatedCell, ticks: Callable[[], float]) -> None:
        self._ticks, self._moment, self._awake_for = ticks, 0.0, 0.0
        self._pins = SimulatedPins(lambda: self._moment, environment={})
        wire_hx711(self._pins, self._DATA, self._CLOCK, cell)
        self._driver = HX711(self._DATA, self._CLOCK, nanoseconds=lambda: 0, pin_factory=self._pins)
        self._wake_up()
        self.counters = self._driver.counters

    @property
    def raw(self) -> int | None:
        return self._driver.raw

    def read(self) -> Reading | Trouble:
        self._moment = self._ticks() + self._awake_for
        return self._driver.read()

    def close(self) -> None:
        self._driver.close()
        self._pins.close()

    def _wake_up(self) -> None:
        for _ in range(self._WAKES_UP_IN):
            self._awake_for += 0.1
            if isinstance(self.read(), Reading):
                self._awake_for += 0.1  # the next conversion is there when the clock starts
                return
        raise AssertionError("the simulated chip never woke up")
