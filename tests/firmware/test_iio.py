"""IIO converter on a folder like /sys/bus/iio/devices."""

from pathlib import Path

import pytest

from unsit_firmware import PinError
from unsit_firmware.converters import Reading, Trouble
from unsit_firmware.converters.hx711_spi import HX711SPI
from unsit_firmware.converters.iio import IIOConverter


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file with the kernel's reading."""
    device = tmp_path / "iio:device0"
    device.mkdir()
    file = device / "in_voltage0_raw"
    file.write_text(f"{2**23 + 123_456}\n")
    return file


def read_soon(converter: IIOConverter) -> Reading | Trouble:
    """Return the first result after the thread has read the file."""
    while (outcome := converter.read()) is Trouble.NOT_READY:
        pass
    return outcome


def test_the_offset_of_the_kernel_driver_is_subtracted(file: Path) -> None:
    with IIOConverter(devices=file.parents[1]) as converter:
        outcome = read_soon(converter)

    assert isinstance(outcome, Reading)
    assert outcome.raw == converter.raw == 123_456


@pytest.mark.parametrize(("text", "trouble"), [("0", "saturated"), ("what", "unreachable")])
def test_a_value_that_is_no_reading_is_a_trouble(file: Path, text: str, trouble: str) -> None:
    file.write_text(text)
    with IIOConverter(devices=file.parents[1]) as converter:
        assert read_soon(converter) is Trouble(trouble)


def test_a_missing_file_is_unreachable_and_reads_again_later(file: Path) -> None:
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


def test_the_thread_ends_with_the_converter(file: Path) -> None:
    converter = IIOConverter(devices=file.parents[1])
    converter.close()
    converter.close()
    converter._thread.join(timeout=60)

    assert converter.closed
    assert not converter._thread.is_alive()


def test_a_missing_converter_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PinError, match=r"in_voltage0_raw is not there"):
        IIOConverter(devices=tmp_path)


def test_a_missing_spi_bus_is_an_error_with_the_fix() -> None:
    with pytest.raises(PinError, match=r"python3-spidev|dtparam=spi=on"):
        HX711SPI(bus=99)
