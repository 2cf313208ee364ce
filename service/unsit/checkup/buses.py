"""The buses of load cells' converters: what each needs of the machine."""

from dataclasses import dataclass

from unsit.checkup.faults import Fault
from unsit.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus that is switched on or not.

    device: its file, with braces for the parts of where a converter is. library: what speaks it.
    group, kind: who may open it, and what kind of device a unit must allow. off: the fault.
    """

    name: str
    device: str
    library: str
    group: str
    kind: str
    off: Fault

    def device_of(self, where: str) -> str:
        """The file for a place such as ``0.1`` or ``1:42``."""
        return self.device.format(*where.replace(":", ".").split("."))

    @property
    def devices(self) -> str:
        """The pattern of its files' names."""
        return f"{self.device.rpartition('/')[2].partition('{')[0]}*"


BUSES = {
    "hx711_spi": Bus("SPI", "/dev/spidev{0}.{1}", "spidev", "spi", "char-spi", Fault.SPI_OFF),
    "nau7802": Bus("I2C", "/dev/i2c-{0}", "smbus2", "i2c", "char-i2c", Fault.I2C_OFF),
}
"""By ``load_cell.converter``; the others are on pins, or the kernel's."""


def bus_of_cells(settings: Settings) -> Bus | None:
    """The bus that a chair's converters need, None for none."""
    return BUSES.get(settings.load_cell.converter) if settings.seat.kind == "load_cell" else None
