"""HX711 on two GPIO pins: a bit-banged reader with a guard against power-down.

The chip goes to sleep when PD_SCK stays high for more than 60 us (``POWER_DOWN_S``), and the data
sheet allows a clock pulse of 50 us at most (``PULSE_MAX_S``). Linux can hold the program up within
a pulse, so every pulse is timed:

- A frame with a pulse over 50 us is discarded (``Trouble.SLOW_CLOCK``).
- After a pulse over 60 us the chip may have slept: it gets 0.5 s to settle at 10 conversions a
  second (``Trouble.SETTLING``), and a channel other than A at gain 128 is selected again.
"""

import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from gpiozero import Device

from unsit_firmware.converters import Reading, ReadingTally, Tallied, Trouble, checked

BITS = 24
PULSE_MAX_S = 50e-6
"""Longest time that PD_SCK may be high (data sheet, table "Serial Interface", T3)."""

POWER_DOWN_S = 60e-6
"""Time of PD_SCK high after which the chip goes to sleep (data sheet, "Reset and Power-Down")."""

FRAME_MAX_S = 0.01
"""Longest frame. At 80 conversions a second, the next conversion could fall into a longer one."""

NS_PER_S = 1_000_000_000


class Channel(Enum):
    """Input and gain of the next conversion; the value is the number of clock pulses in a frame."""

    A128 = 25
    B32 = 26
    A64 = 27


def settling(rate: int) -> float:
    """Return the seconds from a reset or a change of channel to a valid conversion.

    The data sheet gives 4 conversions; one more is added as a margin.
    rate: conversions a second, 10 or 80. With 10 the result is 0.5 s.
    """
    return 4 / rate + 1 / rate


def decode(bits: Sequence[int]) -> int | Trouble:
    """Return the signed counts of a frame.

    bits: the 24 data bits and the level after each further pulse, each 0 or 1.

    From the 25th pulse on, the data wire is high until the next conversion; a low level there
    makes the frame invalid. A frame of ones is refused too: a data wire without a chip reads so.
    """
    if not any(bits):
        return Trouble.DATA_LOW
    if not all(bits[BITS:]) or all(bits):
        return Trouble.CORRUPTED
    value = 0
    for bit in bits[:BITS]:
        value = value << 1 | bit
    return checked(value - 2**BITS if bits[0] else value)


class HX711(Tallied, Device):
    """An HX711 whose DOUT and PD_SCK are wired to two GPIO pins.

    data: pin of DOUT, a BCM number or any name that gpiozero takes.
    clock: pin of PD_SCK.
    channel: input and gain. Default ``Channel.A128``.
    rate: conversions a second, 10 (pin RATE low, default) or 80.
    longest_pulse: longest clock pulse that is accepted, in seconds. Default ``PULSE_MAX_S``. A
        greater value is for simulations that are slower than the chip; with a real chip it lets
        wrong readings through.
    nanoseconds: clock that times the pulses, in ns. Default: that of the pin factory if it has one,
        as simulated pins have, else the machine's performance counter.
    pin_factory: a gpiozero pin factory. Default: ``Device.pin_factory``.

    Reads give ``Trouble.SETTLING`` for the first 0.5 s (at 10 conversions a second) after the
    start, and after a pulse that may have put the chip to sleep. Raises what gpiozero raises for
    a pin that cannot be used.

    Read five times a second::

        with HX711(5, 6) as converter:
            while True:
                print(converter.read())
                time.sleep(0.2)
    """

    def __init__(
        self,
        data: int | str,
        clock: int | str,
        *,
        channel: Channel = Channel.A128,
        rate: int = 10,
        longest_pulse: float = PULSE_MAX_S,
        nanoseconds: Callable[[], int] | None = None,
        pin_factory: Any = None,
    ) -> None:
        self._data: Any = None
        self._clock: Any = None
        super().__init__(pin_factory=pin_factory)
        self._ticks = self.pin_factory.ticks
        own = getattr(self.pin_factory, "nanoseconds", time.perf_counter_ns)
        self._nanoseconds: Callable[[], int] = nanoseconds or own
        self._pulses = channel.value
        self._settling = settling(rate)
        self._pulse_max_ns = round(longest_pulse * NS_PER_S)
        self._settled_at: float | None = None  # None: the channel has not been selected
        self._tally = ReadingTally(self._ticks)
        self._open_pins(data, clock)

    @property
    def closed(self) -> bool:
        """True after ``close``."""
        return self._clock is None

    @property
    def is_ready(self) -> bool:
        """True while a conversion waits to be read."""
        return not self._data.state

    def read(self) -> Reading | Trouble:
        """Return the newest conversion, or the reason why there is none, without waiting."""
        if not self.is_ready:
            return self._tally.refuse(Trouble.NOT_READY)
        if self._settled_at is None:
            return self._select_channel()
        if self._ticks() < self._settled_at:
            return self._tally.refuse(Trouble.SETTLING)
        return self._tally.count(self._read_frame())

    def close(self) -> None:
        """Release the pins with the clock low, so that the chip stays awake."""
        for pin in (self._clock, self._data):
            if pin is not None:
                pin.close()
        if self._clock is not None:
            self.pin_factory.release_pins(self, *self._numbers)
        self._clock = self._data = None
        super().close()

    def _open_pins(self, data: int | str, clock: int | str) -> None:
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

    def _select_channel(self) -> Trouble:
        """Discard a frame of an unknown channel; its pulses select the channel of the next one."""
        trouble = self._read_frame()
        if trouble is Trouble.SLOW_CLOCK or trouble is Trouble.DATA_LOW:
            return self._tally.refuse(trouble)
        self._settled_at = self._ticks() + self._settling
        return self._tally.refuse(Trouble.SETTLING)

    def _read_frame(self) -> int | Trouble:
        clock, data, nanoseconds = self._clock, self._data, self._nanoseconds
        bits = []
        longest_ns, start_ns = 0, nanoseconds()
        for _ in range(self._pulses):
            rise_ns = nanoseconds()
            clock.state = 1
            clock.state = 0
            longest_ns = max(longest_ns, nanoseconds() - rise_ns)
            bits.append(int(data.state))
        if longest_ns > self._pulse_max_ns or nanoseconds() - start_ns > FRAME_MAX_S * NS_PER_S:
            if longest_ns > round(POWER_DOWN_S * NS_PER_S):
                self._settle_after_sleep()
            return Trouble.SLOW_CLOCK
        return decode(bits)

    def _settle_after_sleep(self) -> None:
        """Wait for the chip to settle; it wakes up on channel A at gain 128."""
        selected = self._pulses == Channel.A128.value and self._settled_at is not None
        self._settled_at = self._ticks() + self._settling if selected else None
