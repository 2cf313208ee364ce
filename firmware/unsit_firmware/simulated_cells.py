"""Simulated load cells: a weight, the bridge under it, and an HX711 on simulated pins."""

import random
from collections.abc import Callable
from typing import Any

from unsit_firmware.converters.hx711_frame import Channel
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
        self._counts = counts

    def convert(self, channel: Channel) -> float:
        """One conversion, in counts; both inputs of the chip hang on the same cell."""
        noise = self._chance.gauss(0, self._noise) if self._noise else 0.0
        return (self._counts + noise) * GAINS[channel]


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
