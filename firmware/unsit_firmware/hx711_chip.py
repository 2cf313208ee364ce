"""A model of the HX711, bit for bit: what stands behind its two wires, and how they break.

Rules and figures are those of the data sheet of AVIA Semiconductor. What the sheet leaves open is
modelled as what a driver has to fear: after a power-down the gain is that of channel A at 128.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from unsit_firmware.converters.hx711_frame import BITS, POWER_DOWN, Channel
from unsit_firmware.converters.reading import LARGEST, SMALLEST

SETTLING_CONVERSIONS = 4

Convert = Callable[[Channel], float]
"""What the converter sees at a channel, in counts; beyond its range it saturates."""


class Defect(Enum):
    """What can be wrong with the wires.

    CUT: the data wire hangs on its pull-up. DATA_LOW: it is short-circuited to ground.
    UNPOWERED: the chip is without supply, and the data wire low through its inputs.
    """

    CUT = "cut"
    DATA_LOW = "data low"
    UNPOWERED = "unpowered"


@dataclass
class Figures:
    """What the chip has been through, for tests: conversions, whole frames, power-downs."""

    conversions: int = 0
    frames: int = 0
    power_downs: int = 0


class HX711Chip:
    """The chip. ``clock`` moves PD_SCK, ``data`` is DOUT.

    convert: see ``Convert``. now: a monotonic clock in seconds. rate: conversions a second, 10
    or 80. bit_errors: the chance that a bit is read wrong. chance: what decides that.
    """

    def __init__(
        self,
        convert: Convert,
        now: Callable[[], float],
        *,
        rate: int = 10,
        bit_errors: float = 0.0,
        chance: random.Random | None = None,
    ) -> None:
        self.defect: Defect | None = None
        self.figures = Figures()
        self.bit_errors = bit_errors
        self._convert, self._now, self._period = convert, now, 1 / rate
        self._chance = chance or random.Random(1)  # noqa: S311  # a model's noise
        self._clock_high = False
        self._rose = 0.0
        self._wake_up()

    @property
    def data(self) -> bool:
        """The level of DOUT."""
        if self.defect is not None:
            return self.defect is Defect.CUT
        if self._sleeps():
            return True
        self._pass_time()
        wrong = self.bit_errors and self._pulses and self._chance.random() < self.bit_errors
        return self._level is not bool(wrong)

    def clock(self, high: bool) -> None:
        """Moves PD_SCK."""
        if high is self._clock_high:
            return
        slept = self._sleeps()
        self._clock_high = high
        if high:
            self._rose = self._now()
            self._pass_time()
            self._rise()
        elif slept:
            self.figures.power_downs += 1
            self._wake_up()

    def _sleeps(self) -> bool:
        return self._clock_high and self._now() - self._rose > POWER_DOWN

    def _wake_up(self) -> None:
        self._channel = self._before = Channel.A128
        self._pulses = 0
        self._word = 0
        self._level = True
        self._next = self._due = self._now() + SETTLING_CONVERSIONS * self._period

    def _pass_time(self) -> None:
        """Does the conversions that have ended; within a frame they leave its bits alone."""
        now = self._now()
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
            return  # no conversion is there to be read
        self._pulses += 1
        if self._pulses <= BITS:
            self._level = bool(self._word >> (BITS - self._pulses) & 1)
            return
        self._level = True
        if self._pulses == Channel.A128.value:
            self.figures.frames += 1
        self._choose_channel()

    def _choose_channel(self) -> None:
        """The pulses behind the bits choose the next conversion; a change has to settle."""
        if self._pulses == Channel.A128.value:
            self._before, self._due = self._channel, self._next
        self._channel = Channel(min(self._pulses, Channel.A64.value))
        changed = self._channel is not self._before
        self._next = self._now() + SETTLING_CONVERSIONS * self._period if changed else self._due
