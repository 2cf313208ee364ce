"""HX711 clocked by an SPI controller: MOSI to PD_SCK, MISO from DOUT, nothing else on the bus.

The controller times the pulses, so a busy machine cannot lengthen one beyond the 50 us that the
chip allows. Two SPI bits make one pulse, so each bit of the chip is sampled twice; a frame is
refused if the two samples of a bit differ.
"""

import time
from contextlib import suppress
from typing import Any

from unsit_firmware.converters import Closing, Reading, ReadingTally, Tallied, Ticks, Trouble
from unsit_firmware.converters.hx711 import BITS, Channel, decode, settling
from unsit_firmware.errors import PinError

CLOCK_HZ = 1_000_000
"""SPI clock: a bit, and so a pulse, takes 1 us, typical in the data sheet (0.2 to 50 us)."""

FRAME = [0xAA] * (2 * BITS // 8)
TAILS = {Channel.A128: 0x80, Channel.A64: 0xA8, Channel.B32: 0xA0}
"""Last byte of a frame: 1, 3 or 2 pulses after the 24 bits select the channel.

Each byte ends low, so that PD_SCK is low in a pause between two bytes.
"""

READY = [0x00]
RESET = [0xFF] * 100 + [0x00]
"""PD_SCK high for 800 us: the chip sleeps after 60 us, and wakes up when PD_SCK is low again."""

RESET_AFTER_REFUSED = 10
"""Number of refused frames in a row after which the chip is reset."""


class HX711SPI(Tallied, Closing):
    """An HX711 on an SPI bus of its own.

    bus, device: the numbers in ``/dev/spidev<bus>.<device>``. Default 0 and 0.
    channel: input and gain. Default ``Channel.A128``.
    rate: conversions a second, 10 (default) or 80.
    spi: an open bus with ``xfer2`` and ``close`` as in spidev. Default: a new ``spidev.SpiDev``.
    ticks: a monotonic clock in seconds.

    Reads give ``Trouble.SETTLING`` for about the first second at 10 conversions a second. Raises
    PinError if the bus does not exist, may not be opened or spidev is not installed.
    """

    def __init__(
        self,
        bus: int = 0,
        device: int = 0,
        *,
        channel: Channel = Channel.A128,
        rate: int = 10,
        spi: Any = None,
        ticks: Ticks = time.monotonic,
    ) -> None:
        self._spi = _open(bus, device) if spi is None else spi
        self._ticks = ticks
        self._frame = [*FRAME, TAILS[channel]]
        self._settling = settling(rate)
        self._settled_at = 0.0
        self._channel_chosen = False
        self._refused = 0
        self._tally = ReadingTally(ticks)
        self._reset()

    @property
    def closed(self) -> bool:
        """True after ``close``."""
        return self._spi is None

    def read(self) -> Reading | Trouble:
        """Return the newest conversion, or the reason why there is none, without waiting."""
        try:
            return self._read()
        except OSError:
            return self._tally.refuse(Trouble.UNREACHABLE)

    def close(self) -> None:
        """Release the bus."""
        if self._spi is not None:
            self._spi.close()
            self._spi = None

    def _read(self) -> Reading | Trouble:
        if self._ticks() < self._settled_at:
            return self._tally.refuse(Trouble.SETTLING)
        if any(self._transfer(READY)):
            return self._tally.refuse(Trouble.NOT_READY)
        raw = _decode(self._transfer(self._frame))
        if isinstance(raw, Trouble):
            return self._refuse(raw)
        self._refused = 0
        if not self._channel_chosen:
            self._channel_chosen = True
            self._settled_at = self._ticks() + self._settling
            return self._tally.refuse(Trouble.SETTLING)
        return self._tally.accept(raw)

    def _transfer(self, content: list[int]) -> list[int]:
        answer: list[int] = self._spi.xfer2(list(content))
        return answer

    def _refuse(self, trouble: Trouble) -> Trouble:
        self._refused += 1
        if self._refused >= RESET_AFTER_REFUSED and trouble is not Trouble.SATURATED:
            self._reset()
        return self._tally.refuse(trouble)

    def _reset(self) -> None:
        self._refused, self._channel_chosen = 0, False
        with suppress(OSError):  # the next read reports a bus that does not answer
            self._transfer(RESET)
        self._settled_at = self._ticks() + self._settling


def _decode(answer: list[int]) -> int | Trouble:
    """Return the counts in the samples of a frame, which has two samples of each data bit."""
    samples = [byte >> shift & 1 for byte in answer for shift in range(7, -1, -1)]
    first, second, tail = samples[0 : 2 * BITS : 2], samples[1 : 2 * BITS : 2], samples[2 * BITS :]
    if first != second:
        return Trouble.CORRUPTED
    return decode(first + tail)


def _open(bus: int, device: int) -> Any:
    try:
        import spidev  # type: ignore[import-not-found]
    except ImportError:
        raise PinError(
            "spidev is not installed; install it: sudo apt install python3-spidev"
        ) from None
    try:
        spi = spidev.SpiDev()
        spi.open(bus, device)
        spi.mode, spi.max_speed_hz, spi.bits_per_word = 0, CLOCK_HZ, 8
    except OSError as error:
        raise PinError(
            f"/dev/spidev{bus}.{device} cannot be used: {error.strerror}; expected SPI switched on "
            "(dtparam=spi=on) and this user in the group spi"
        ) from error
    return spi
