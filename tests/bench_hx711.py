"""A bench for the HX711: the chip's model, a driver on it, and time that the test moves."""

from dataclasses import dataclass, field

from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.converters.hx711_frame import Channel
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.converters.reading import Reading, Trouble
from unsit_firmware.hx711_chip import HX711Chip
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedPins

DATA, CLOCK = 5, 6
PERIOD = 0.1


@dataclass
class Time:
    """Seconds that pass when the test, or what it models, says so."""

    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    def nanoseconds(self) -> int:
        return round(self.seconds * 1e9)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class SimulatedSPI:
    """An SPI controller in mode 0, one microsecond a bit, on the chip's wires.

    glitch: the number of the sample of the next frame that is to be read wrong.
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
        """MOSI changes at the beginning of a bit, MISO is sampled in its middle."""
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
    """A cell, its chip and a driver that is read once a conversion."""

    cell: SimulatedCell
    chip: HX711Chip
    driver: HX711 | HX711SPI
    time: Time
    spi: SimulatedSPI | None = None
    raws: list[int] = field(default_factory=list)

    def read(self) -> Reading | Trouble:
        """The next conversion."""
        self.time.wait(PERIOD)
        return self.driver.read()

    def settle(self) -> "Bench":
        """Reads until there is a reading."""
        for _ in range(30):
            if isinstance(self.read(), Reading):
                return self
        raise AssertionError("the driver never settled")


def on_pins(channel: Channel = Channel.A128, rate: int = 10, noise: float = 0.0) -> Bench:
    """The driver that clocks the chip through two simulated pins."""
    time, cell = Time(), SimulatedCell(noise=noise)
    pins = SimulatedPins(time.now, environment={})
    chip = wire_hx711(pins, DATA, CLOCK, cell, rate=rate)
    driver = HX711(
        DATA, CLOCK, channel=channel, rate=rate, nanoseconds=time.nanoseconds, pin_factory=pins
    )
    return Bench(cell, chip, driver, time)


def on_spi(channel: Channel = Channel.A128, rate: int = 10, noise: float = 0.0) -> Bench:
    """The driver that has an SPI controller clock the chip."""
    time, cell = Time(), SimulatedCell(noise=noise)
    chip = HX711Chip(cell.convert, time.now, rate=rate)
    spi = SimulatedSPI(chip, time)
    driver = HX711SPI(channel=channel, rate=rate, spi=spi, ticks=time.now)
    return Bench(cell, chip, driver, time, spi)
