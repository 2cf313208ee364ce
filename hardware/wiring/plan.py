"""Wires between header and parts, from the defaults of the settings."""

from dataclasses import dataclass
from enum import Enum

from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import BuzzerSettings, SeatSettings
from wiring.header import PINS, HeaderPin, at_bcm


class Role(Enum):
    """Function of a wire; the value is its label."""

    FIVE_VOLTS = "5 V"
    THREE_VOLTS = "3.3 V"
    GROUND = "ground"
    SIGNAL = "signal"
    CLOCK = "clock"


@dataclass(frozen=True)
class Wire:
    """Wire from a pin of the header to a terminal of a part."""

    pin: HeaderPin
    terminal: str
    role: Role


@dataclass(frozen=True)
class Plan:
    """Wires of one part. setting: key of the setting that names its pins or bus."""

    part: str
    setting: str
    wires: tuple[Wire, ...]

    @property
    def in_order(self) -> tuple[Wire, ...]:
        """The wires in order of their header pins."""
        return tuple(sorted(self.wires, key=lambda wire: wire.pin.number))


BUTTON_BCM, LED_BCM = 27, 22
"""Suggested pins, free on every build and low while the Pi starts. The default is no pin."""

I2C_BUSES = {1: (2, 3), 3: (23, 24)}
"""BCM numbers of data and clock by bus: i2c_arm, and the overlay i2c-gpio,bus=3."""

SPI_BUSES = {0: (10, 9), 1: (20, 19)}
"""BCM numbers of MOSI and MISO by bus: spi0, and the overlay spi1-1cs."""

SPI1_SELECT_BCM = 16
"""Chip select of the overlay spi1-1cs; its default is the buzzer's pin."""


def _ground(number: int, terminal: str) -> Wire:
    return Wire(PINS[number], terminal, Role.GROUND)


def _volts(number: int, terminal: str) -> Wire:
    pin = PINS[number]
    return Wire(pin, terminal, Role(pin.label))


def _signal(bcm: int, terminal: str) -> Wire:
    return Wire(at_bcm(bcm), terminal, Role.SIGNAL)


def _clock(bcm: int, terminal: str) -> Wire:
    return Wire(at_bcm(bcm), terminal, Role.CLOCK)


def mat() -> Plan:
    """Return the wires of a contact mat on the pin's pull-up, behind R5 and C1."""
    wires = (_signal(SeatSettings().pin, "C1 and R5"), _ground(9, "C1 and other wire"))
    return Plan("mat", "seat.pin", wires)


def buzzer_module() -> Plan:
    """Return the wires of an active buzzer module with its own transistor."""
    wires = (
        _volts(1, "+ or VCC"),
        _signal(BuzzerSettings().pin, "S or I/O"),
        _ground(14, "\N{MINUS SIGN} or GND"),
    )
    return Plan("buzzer", "buzzer.pin", wires)


def buzzer_transistor() -> Plan:
    """Return the wires of a bare active 5 V buzzer behind a transistor."""
    wires = (
        _volts(2, "buzzer +"),
        _signal(BuzzerSettings().pin, "R1, base"),
        _ground(14, "emitter"),
    )
    return Plan("5 V buzzer", "buzzer.pin", wires)


def buzzer_piezo() -> Plan:
    """Return the wires of a passive piezo disc, directly on the pin."""
    wires = (_signal(BuzzerSettings().pin, "R3, disc"), _ground(14, "disc"))
    return Plan("piezo", "buzzer.pin", wires)


def button() -> Plan:
    """Return the wires of a push button on the pin's pull-up."""
    wires = (_signal(BUTTON_BCM, "one contact"), _ground(39, "other contact"))
    return Plan("button", "button.pin", wires)


def led() -> Plan:
    """Return the wires of an LED with its resistor."""
    return Plan("LED", "led.pin", (_signal(LED_BCM, "R4, long leg"), _ground(20, "short leg")))


def _converter(name: str, supply_name: str, data: Wire, clock: Wire) -> Plan:
    supply = (_volts(17, supply_name), _ground(25, "GND"))
    return Plan(name, "load_cell.at", (data, clock, *supply))


def _default_place(converter: str) -> list[int]:
    [where] = LoadCellSettings(converter=converter).wired_at  # type: ignore[arg-type]
    return [int(number) for number in where.replace(":", ".").split(".")]


def hx711_spi(bus: int | None = None) -> Plan:
    """Return the wires of an HX711 clocked by an SPI bus: MOSI is its clock, MISO its data.

    bus: number of the bus. Default: that of the settings.
    """
    mosi, miso = SPI_BUSES[_default_place("hx711_spi")[0] if bus is None else bus]
    return _converter("HX711 SPI", "VCC", _signal(miso, "DOUT"), _clock(mosi, "PD_SCK"))


def hx711_pins() -> Plan:
    """Return the wires of an HX711 clocked by the program."""
    data, clock = _default_place("hx711")
    return _converter("HX711", "VCC", _signal(data, "DOUT"), _clock(clock, "PD_SCK"))


def nau7802(bus: int | None = None) -> Plan:
    """Return the wires of a NAU7802 on an I2C bus. Default: the bus of the settings."""
    data, clock = I2C_BUSES[_default_place("nau7802")[0] if bus is None else bus]
    return _converter("NAU7802", "3V3", _signal(data, "SDA"), _clock(clock, "SCL"))


SEATS = (mat, nau7802, hx711_spi, hx711_pins)
"""Sensors; a chair has one of them."""

BUZZERS = (buzzer_module, buzzer_transistor, buzzer_piezo)
"""Buzzers; a chair has one of them."""

EXTRAS = (button, led)
"""Optional parts."""


def second_converters() -> tuple[Plan, ...]:
    """Return the wires of a second converter, for the other side of a seat."""
    return (nau7802(3), hx711_spi(1))
