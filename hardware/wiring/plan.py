"""What is wired to which pin, from the defaults of the settings."""

from dataclasses import dataclass
from enum import Enum

from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import BuzzerSettings, SeatSettings
from wiring.header import PINS, HeaderPin, at_bcm


class Role(Enum):
    """What a wire carries."""

    FIVE_VOLTS = "5 V"
    THREE_VOLTS = "3.3 V"
    GROUND = "ground"
    SIGNAL = "signal"
    CLOCK = "clock"


@dataclass(frozen=True)
class Wire:
    """A wire from a pin of the header to a terminal of a part."""

    pin: HeaderPin
    terminal: str
    role: Role


@dataclass(frozen=True)
class Plan:
    """How one part is wired. setting: what names its pins or place."""

    part: str
    setting: str
    wires: tuple[Wire, ...]

    @property
    def in_order(self) -> tuple[Wire, ...]:
        """The wires from the first row of the header to the last."""
        return tuple(sorted(self.wires, key=lambda wire: wire.pin.number))


BUTTON_BCM, LED_BCM = 27, 22
"""Suggestions: both are off by default. Free on every build, and low while the Pi starts."""

I2C_BUSES = {1: (2, 3), 3: (23, 24)}
"""BCM numbers of data and clock: i2c_arm, and the overlay i2c-gpio,bus=3."""

SPI_BUSES = {0: (10, 9), 1: (20, 19)}
"""BCM numbers of MOSI and MISO: spi0, and the overlay spi1-1cs."""

SPI1_SELECT_BCM = 16
"""Where the overlay spi1-1cs is to have its chip select, which is the buzzer's pin otherwise."""


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
    """A contact mat on the pin's own pull-up."""
    wires = (_signal(SeatSettings().pin, "one wire"), _ground(9, "other wire"))
    return Plan("mat", "seat.pin", wires)


def buzzer_module() -> Plan:
    """An active buzzer on a board with a transistor of its own."""
    wires = (
        _volts(1, "+ or VCC"),
        _signal(BuzzerSettings().pin, "S or I/O"),
        _ground(14, "\N{MINUS SIGN} or GND"),
    )
    return Plan("buzzer", "buzzer.pin", wires)


def buzzer_transistor() -> Plan:
    """A bare active 5 V buzzer behind a transistor."""
    wires = (
        _volts(2, "buzzer +"),
        _signal(BuzzerSettings().pin, "R1, base"),
        _ground(14, "emitter"),
    )
    return Plan("5 V buzzer", "buzzer.pin", wires)


def buzzer_piezo() -> Plan:
    """A passive piezo disc, straight on the pin."""
    wires = (_signal(BuzzerSettings().pin, "R3, disc"), _ground(14, "disc"))
    return Plan("piezo", "buzzer.pin", wires)


def button() -> Plan:
    """A push button on the pin's own pull-up."""
    wires = (_signal(BUTTON_BCM, "one contact"), _ground(39, "other contact"))
    return Plan("button", "button.pin", wires)


def led() -> Plan:
    """An LED with its resistor."""
    return Plan("LED", "led.pin", (_signal(LED_BCM, "R4, long leg"), _ground(20, "short leg")))


def _converter(name: str, supply_name: str, data: Wire, clock: Wire) -> Plan:
    supply = (_volts(17, supply_name), _ground(25, "GND"))
    return Plan(name, "load_cell.at", (data, clock, *supply))


def _default_place(converter: str) -> list[int]:
    [where] = LoadCellSettings(converter=converter).wired_at  # type: ignore[arg-type]
    return [int(number) for number in where.replace(":", ".").split(".")]


def hx711_spi(bus: int | None = None) -> Plan:
    """An HX711 clocked by an SPI bus: MOSI is its clock, MISO its data. bus: by default the one
    of the settings.
    """
    mosi, miso = SPI_BUSES[_default_place("hx711_spi")[0] if bus is None else bus]
    return _converter("HX711 SPI", "VCC", _signal(miso, "DOUT"), _clock(mosi, "PD_SCK"))


def hx711_pins() -> Plan:
    """An HX711 clocked by the program."""
    data, clock = _default_place("hx711")
    return _converter("HX711", "VCC", _signal(data, "DOUT"), _clock(clock, "PD_SCK"))


def nau7802(bus: int | None = None) -> Plan:
    """A NAU7802 on an I2C bus, by default the one of the settings."""
    data, clock = I2C_BUSES[_default_place("nau7802")[0] if bus is None else bus]
    return _converter("NAU7802", "3V3", _signal(data, "SDA"), _clock(clock, "SCL"))


SEATS = (mat, nau7802, hx711_spi, hx711_pins)
"""What a chair has one of."""

BUZZERS = (buzzer_module, buzzer_transistor, buzzer_piezo)
"""What a chair has one of, besides its seat."""

EXTRAS = (button, led)
"""What a chair may have besides."""
