"""The converters of load cells, opened as the settings say."""

import re
from collections.abc import Callable
from typing import Any

from unsit.core.weighing.faults import Missing, Raw
from unsit.settings.load_cell import LoadCellSettings
from unsit_firmware.converters.reading import Converter, Reading, Trouble
from unsit_firmware.errors import PinError

__all__ = ["Converter", "open_converters", "raw_of"]

_WHY = {
    Trouble.NOT_READY: Missing.SILENT,
    Trouble.SETTLING: Missing.SILENT,
    Trouble.UNREACHABLE: Missing.SILENT,
    Trouble.SATURATED: Missing.SATURATED,
    Trouble.DATA_LOW: Missing.SHORTED,
    Trouble.CORRUPTED: Missing.CORRUPTED,
    Trouble.SLOW_CLOCK: Missing.CORRUPTED,
}


def raw_of(outcome: Reading | Trouble) -> Raw:
    """A reading as the scale takes it."""
    return outcome.raw if isinstance(outcome, Reading) else _WHY[outcome]


def open_converters(settings: LoadCellSettings, pins: Any) -> list[Converter]:
    """A converter for each cell, in their order. Raises PinError for one that cannot be used."""
    opened: list[Converter] = []
    try:
        for where in settings.wired_at:
            opened.append(_open(settings, where, pins))
    except BaseException:
        for converter in opened:
            converter.close()
        raise
    return opened


def _open(settings: LoadCellSettings, where: str, pins: Any) -> Converter:
    numbers = [int(number) for number in re.findall(r"\d+", where)]
    try:
        return _KINDS[settings.converter](settings, where, numbers, pins)
    except PinError:
        raise
    except Exception as error:  # back ends raise errors of their own, of no common base
        raise PinError(f"load_cell.at = {where}: it cannot be used: {error}") from error


def _hx711(settings: LoadCellSettings, where: str, numbers: list[int], pins: Any) -> Converter:
    from unsit_firmware.converters.hx711 import HX711
    from unsit_firmware.converters.hx711_frame import Channel

    data, clock = numbers
    channel = Channel[settings.input_and_gain]
    return HX711(data, clock, channel=channel, rate=settings.rate, pin_factory=pins)


def _hx711_spi(settings: LoadCellSettings, where: str, numbers: list[int], pins: Any) -> Converter:
    from unsit_firmware.converters.hx711_frame import Channel
    from unsit_firmware.converters.hx711_spi import HX711SPI

    bus, device = numbers
    return HX711SPI(bus, device, channel=Channel[settings.input_and_gain], rate=settings.rate)


def _nau7802(settings: LoadCellSettings, where: str, numbers: list[int], pins: Any) -> Converter:
    from unsit_firmware.converters.nau7802 import NAU7802

    bus, channel = [*numbers, 1][:2]
    return NAU7802(bus, channel=channel, gain=settings.gain, rate=settings.rate)


def _iio(settings: LoadCellSettings, where: str, numbers: list[int], pins: Any) -> Converter:
    from unsit_firmware.converters.iio import IIOConverter

    number, channel = [*numbers, 0][:2]
    return IIOConverter(f"iio:device{number}", channel)


_KINDS: dict[str, Callable[[LoadCellSettings, str, list[int], Any], Converter]] = {
    "hx711": _hx711,
    "hx711_spi": _hx711_spi,
    "nau7802": _nau7802,
    "iio": _iio,
}
