"""The kernel's converter, on a folder that looks like /sys/bus/iio/devices."""

from pathlib import Path

import pytest

from unsit_firmware import PinError
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.converters.iio import IIOConverter
from unsit_firmware.converters.reading import Reading, Trouble


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file in which the kernel gives its reading."""
    device = tmp_path / "iio:device0"
    device.mkdir()
    file = device / "in_voltage0_raw"
    file.write_text(f"{2**23 + 123_456}\n")
    return file


def read_soon(converter: IIOConverter) -> Reading | Trouble:
    """The first outcome that is not the thread still being at it."""
    while (outcome := converter.read()) is Trouble.NOT_READY:
        pass
    return outcome


def test_the_offset_of_the_kernels_driver_is_taken_off(file: Path) -> None:
    with IIOConverter(devices=file.parents[1]) as converter:
        outcome = read_soon(converter)

    assert isinstance(outcome, Reading)
    assert outcome.raw == converter.raw == 123_456


@pytest.mark.parametrize(("text", "trouble"), [("0", "saturated"), ("what", "unreachable")])
def test_a_reading_that_is_none_is_told(file: Path, text: str, trouble: str) -> None:
    file.write_text(text)
    with IIOConverter(devices=file.parents[1]) as converter:
        assert read_soon(converter) is Trouble(trouble)


def test_a_file_that_has_gone_is_unreachable_and_comes_back(file: Path) -> None:
    with IIOConverter(devices=file.parents[1]) as converter:
        read_soon(converter)
        read_soon(converter)
        file.rename(file.with_name("gone"))
        read_soon(converter)
        gone = read_soon(converter)
        file.with_name("gone").rename(file)
        read_soon(converter)
        back = read_soon(converter)

    assert gone is Trouble.UNREACHABLE
    assert isinstance(back, Reading)


def test_its_thread_ends_with_it(file: Path) -> None:
    converter = IIOConverter(devices=file.parents[1])
    converter.close()
    converter.close()
    converter._reader.join(timeout=5)

    assert converter.closed
    assert not converter._reader.is_alive()


def test_a_converter_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PinError, match=r"in_voltage0_raw is not there"):
        IIOConverter(devices=tmp_path)


def test_an_spi_bus_that_is_not_there_is_said_with_the_mend() -> None:
    with pytest.raises(PinError, match=r"python3-spidev|dtparam=spi=on"):
        HX711SPI(bus=99)
