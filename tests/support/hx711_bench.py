"""Test bench for the HX711: a model of the chip, a driver, and simulated time."""

from dataclasses import dataclass, field

from unsit_firmware.converters import Reading, Trouble
from unsit_firmware.converters.hx711 import HX711, Channel
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.simulation.cells import HX711Chip, SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

DATA, CLOCK = 5, 6
PERIOD = 0.1
"""Seconds from one conversion to the next, at 10 conversions a second."""


@dataclass
class Time:
    """Simulated time in seconds, which only ``wait`` advances."""

    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    def nanoseconds(self) -> int:
        return round(self.seconds * 1e9)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class SimulatedSPI:
    """SPI controller in mode 0 on the chip's wires, with 1 us a bit.

    pause: seconds between two bytes. glitch: number of the sample of the next frame to read wrong.
    broken: True makes every transfer fail.
    """

    def __init__(self, chip: HX711Chip, time: Time, pause: float = 0.0) -> None:
        self.chip, self._time, self._pause = chip, time, pause
        self.glitch: int | None = None
        self.closed = False
        self.broken = False

    def xfer2(self, content: list[int]) -> list[int]:
        if self.broken:
            raise OSError(5, "Input/output error")
        answer = [self._byte(byte) for byte in content]
        if self.glitch is not None and len(content) > 1:
            answer[self.glitch // 8] ^= 0x80 >> self.glitch % 8
            self.glitch = None
        return answer

    def close(self) -> None:
        self.closed = True

    def _byte(self, byte: int) -> int:
        """Transfer a byte. MOSI changes at the start of a bit, MISO is sampled in its middle."""
        samples = 0
        for shift in range(7, -1, -1):
            self.chip.clock(bool(byte >> shift & 1))
            self._time.wait(0.5e-6)
            samples = samples << 1 | self.chip.data
            self._time.wait(0.5e-6)
        self._time.wait(self._pause)
        return samples


@dataclass
class Bench:
    """A cell, its chip, and a driver that is read once per conversion."""

    cell: SimulatedCell
    chip: HX711Chip
    driver: HX711 | HX711SPI
    time: Time
    spi: SimulatedSPI | None = None
    raws: list[int] = field(default_factory=list)

    def read(self) -> Reading | Trouble:
        """Return the next conversion."""
        self.time.wait(PERIOD)
        return self.driver.read()

    def settle(self) -> "Bench":
        """Read until there is a reading."""
        for _ in range(30):
            if isinstance(self.read(), Reading):
                return self
        raise AssertionError("the driver never settled")


def on_pins(channel: Channel = Channel.A128, rate: int = 10, noise: float = 0.0) -> Bench:
    """Return a bench whose driver clocks the chip through two simulated pins."""
    time, cell = Time(), SimulatedCell(noise=noise)
    pins = SimulatedPins(time.now)
    chip = wire_hx711(pins, DATA, CLOCK, cell, rate=rate, now=time.now)
    driver = HX711(
        DATA, CLOCK, channel=channel, rate=rate, nanoseconds=time.nanoseconds, pin_factory=pins
    )
    return Bench(cell, chip, driver, time)


def on_spi(channel: Channel = Channel.A128, rate: int = 10, noise: float = 0.0) -> Bench:
    """Return a bench whose driver clocks the chip through an SPI controller."""
    time, cell = Time(), SimulatedCell(noise=noise)
    chip = HX711Chip(cell.convert, time.now, rate=rate)
    spi = SimulatedSPI(chip, time)
    driver = HX711SPI(channel=channel, rate=rate, spi=spi, ticks=time.now)
    return Bench(cell, chip, driver, time, spi)
