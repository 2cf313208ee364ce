"""An HX711 on two pins, clocked by the program: the fallback where SPI is not to be had.

The chip wants each clock pulse shorter than 50 us, which a program on Linux cannot promise. So each
is measured, and a frame with a long one is refused. No reading is wrong; under load some are lost.
"""

import time
from collections.abc import Callable
from typing import Any

from gpiozero import Device

from unsit_firmware.converters.hx711_frame import (
    LONGEST_PULSE,
    POWER_DOWN,
    Channel,
    decode,
    settling,
)
from unsit_firmware.converters.reading import Reading, Tallied, Tally, Trouble

LONGEST_FRAME = 0.01
"""Seconds. Beyond it, at 80 conversions a second, the next conversion could fall into the frame."""

NANO = 1e-9


class HX711(Tallied, Device):
    """An HX711 whose DOUT and PD_SCK are on two pins.

    data, clock: BCM numbers or any names that gpiozero takes, of DOUT and PD_SCK.
    channel: input and gain. rate: conversions a second, 10 (pin RATE low, default) or 80.
    longest_pulse: seconds that a clock pulse may take. More than the default is for simulations
        that are slower than the chip; with a real chip it would let wrong readings through.
    nanoseconds: measures the pulses. Default: the machine's performance counter.

    The first half second after the start, and after a pulse that may have put the chip to sleep,
    gives ``Trouble.SETTLING``. Raises what gpiozero raises for a pin that cannot be used.
    """

    def __init__(
        self,
        data: int | str,
        clock: int | str,
        *,
        channel: Channel = Channel.A128,
        rate: int = 10,
        longest_pulse: float = LONGEST_PULSE,
        nanoseconds: Callable[[], int] = time.perf_counter_ns,
        pin_factory: Any = None,
    ) -> None:
        self._data: Any = None
        self._clock: Any = None
        super().__init__(pin_factory=pin_factory)
        self._ticks = self.pin_factory.ticks
        self._nanoseconds = nanoseconds
        self._pulses = channel.value
        self._settling = settling(rate)
        self._longest_pulse = round(longest_pulse / NANO)
        self._settled_at: float | None = None
        self._tally = Tally(self._ticks)
        self._take_pins(data, clock)

    @property
    def closed(self) -> bool:
        """Whether the pins were given back."""
        return self._clock is None

    @property
    def is_ready(self) -> bool:
        """Whether a conversion waits to be read."""
        return not self._data.state

    def read(self) -> Reading | Trouble:
        """The newest conversion, or why there is none; returns at once."""
        if not self.is_ready:
            return self._tally.refuse(Trouble.NOT_READY)
        if self._settled_at is None:
            return self._choose_channel()
        if self._ticks() < self._settled_at:
            return self._tally.refuse(Trouble.SETTLING)
        raw = self._shift()
        return self._tally.count(raw)

    def close(self) -> None:
        """Gives the pins back, the clock low: the chip stays awake."""
        for pin in (self._clock, self._data):
            if pin is not None:
                pin.close()
        if self._clock is not None:
            self.pin_factory.release_pins(self, *self._numbers)
        self._clock = self._data = None
        super().close()

    def _take_pins(self, data: int | str, clock: int | str) -> None:
        self._numbers = (data, clock)
        self.pin_factory.reserve_pins(self, data, clock)
        self._data = self.pin_factory.pin(data)
        self._clock = self.pin_factory.pin(clock)
        try:
            self._data.input_with_pull("floating")
            self._clock.output_with_state(0)
        except BaseException:
            self.close()
            raise

    def _choose_channel(self) -> Trouble:
        """The first frame after a reset is of an unknown channel, and chooses the next one's."""
        trouble = self._shift()
        if trouble is Trouble.SLOW_CLOCK or trouble is Trouble.DATA_LOW:
            return self._tally.refuse(trouble)
        self._settled_at = self._ticks() + self._settling
        return self._tally.refuse(Trouble.SETTLING)

    def _shift(self) -> int | Trouble:
        clock, data, nanoseconds = self._clock, self._data, self._nanoseconds
        bits = []
        longest, began = 0, nanoseconds()
        for _ in range(self._pulses):
            rise = nanoseconds()
            clock.state = 1
            clock.state = 0
            longest = max(longest, nanoseconds() - rise)
            bits.append(int(data.state))
        if longest > self._longest_pulse or nanoseconds() - began > LONGEST_FRAME / NANO:
            self._recover(longest)
            return Trouble.SLOW_CLOCK
        return decode(bits)

    def _recover(self, longest: int) -> None:
        """A chip that may have slept has lost its channel; A at 128 is what it wakes up with."""
        if longest <= POWER_DOWN / NANO:
            return
        known = self._pulses == Channel.A128.value and self._settled_at is not None
        self._settled_at = self._ticks() + self._settling if known else None
