"""Faults of load cells: converters unplugged, at their end, without their bus."""

import time
from pathlib import Path

import pytest

from checkup.planting import installed, named, sound, write
from nau7802_model import ModelledNAU7802
from unsit.assembly.converters import open_converters
from unsit.checkup.cells import check_bus, check_cells
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings
from unsit_firmware.converters.hx711_spi import HX711SPI, READY
from unsit_firmware.converters.nau7802 import NAU7802
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedPins

CALIBRATED = (
    '{"cells": {"seat": {"zero": 0, "counts_per_kg": 10737}}, "tared": "2026-01-05", "noise": 0.1}'
)
SEAT = SeatSettings(kind="load_cell")


@pytest.fixture
def cell(pins: SimulatedPins) -> SimulatedCell:
    """A cell behind an HX711 on the default pins."""
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)
    return cell


@pytest.fixture
def state(tmp_path: Path) -> Path:
    write(tmp_path / "load_cells.json", CALIBRATED)
    return tmp_path


def cells(state: Path, pins: SimulatedPins) -> list[Finding]:
    settings = LoadCellSettings(converter="hx711")
    chair = installed(state, state, seat=SEAT, load_cell=settings)
    return list(check_cells(chair, pins, lambda: open_converters(settings, pins)))


def test_a_cell_that_answers_is_told_with_its_counts_load_and_noise(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    cell.set_kilograms(12.5)

    calibration, seat = sound(cells(state, pins))

    assert calibration.words.startswith("tared 2026-01-05, in ")
    assert "12.5 kg; the noise is 0.00" in seat.words


def test_an_hx711_that_is_unplugged_is_named(pins: SimulatedPins, state: Path) -> None:
    finding = named(Fault.CELLS_SILENT, cells(state, pins))

    assert "nothing drives the data wire at GPIO5; look at its supply, data and clock" in str(
        finding
    )


def test_an_hx711_at_the_end_of_its_range_is_named(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    cell.set_raw(2**23)

    finding = named(Fault.CELLS_SATURATED, cells(state, pins))

    assert "broken or swapped wire of the bridge" in str(finding)


def test_a_data_wire_that_is_shorted_to_ground_is_named(pins: SimulatedPins, state: Path) -> None:
    pins.pin(5).connect(False)

    finding = named(Fault.CELLS_SHORTED, cells(state, pins))

    assert "short of the data wire to ground" in str(finding)


def test_cells_that_scatter_are_named(pins: SimulatedPins, state: Path) -> None:
    wire_hx711(pins, 5, 6, SimulatedCell(noise=10_000))

    finding = named(Fault.CELLS_NOISY, cells(state, pins))

    assert "shield the cells' wires" in str(finding)


def test_cells_that_were_never_calibrated_are_named(
    cell: SimulatedCell, pins: SimulatedPins, tmp_path: Path
) -> None:
    assert named(Fault.CELLS_UNCALIBRATED, cells(tmp_path, pins)).mend == "unsit calibrate"


def test_a_damaged_calibration_is_named_and_the_cells_are_read_all_the_same(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    write(state / "load_cells.json", "{")

    findings = cells(state, pins)

    assert named(Fault.CALIBRATION_BAD, findings).code == 78
    assert findings[-1].subject == "cell seat"


@pytest.mark.parametrize(
    ("converter", "fault", "switch"),
    [("hx711_spi", Fault.SPI_OFF, "do_spi 0"), ("nau7802", Fault.I2C_OFF, "do_i2c 0")],
)
def test_a_bus_that_is_switched_off_is_named(
    tmp_path: Path, converter: str, fault: Fault, switch: str
) -> None:
    settings = LoadCellSettings(converter=converter)  # type: ignore[arg-type]  # one of the names
    chair = installed(tmp_path, tmp_path, seat=SEAT, load_cell=settings)

    finding = named(fault, check_bus(chair))

    assert switch in str(finding)
    write(tmp_path / "dev" / finding.words.split()[0].removeprefix("/dev/"), "")
    sound(check_bus(chair))


def nau7802(state: Path, model: ModelledNAU7802) -> list[Finding]:
    settings = LoadCellSettings(converter="nau7802")
    chair = installed(state, state, seat=SEAT, load_cell=settings)
    return list(check_cells(chair, None, lambda: [NAU7802(smbus=model)]))


def test_a_nau7802_that_does_not_answer_is_named(state: Path) -> None:
    model = ModelledNAU7802(time.monotonic)
    model.absent = True

    named(Fault.CELLS_SILENT, nau7802(state, model))
    assert model.closed


def test_a_nau7802_that_answers_is_read(state: Path) -> None:
    model = ModelledNAU7802(time.monotonic)
    model.counts = 107_370

    assert "107370 counts, 10.0 kg" in sound(nau7802(state, model))[-1].words


def test_a_bus_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    settings = LoadCellSettings(converter="iio")
    chair = installed(tmp_path, tmp_path, seat=SEAT, load_cell=settings)

    finding = named(
        Fault.CELLS_ABSENT, check_cells(chair, None, lambda: open_converters(settings, None))
    )

    assert "in_voltage0_raw is not there" in finding.words


def test_cells_that_the_running_service_reads_are_left_to_it(tmp_path: Path) -> None:
    root, state = tmp_path / "root", tmp_path / "state"
    write(root / "proc/4713/cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
    (root / "proc/4713/fd").mkdir()
    (root / "proc/4713/fd/7").symlink_to(write(state / "state.sqlite", ""))
    write(state / "load_cells.json", CALIBRATED)
    chair = installed(state, root, seat=SEAT, load_cell=LoadCellSettings(converter="nau7802"))

    def never() -> list[NAU7802]:
        raise AssertionError("the bus of a running service was opened")

    assert "the service reads them (pid 4713)" in sound(check_cells(chair, None, never))[-1].words


class GarbledBus:
    """An SPI bus on which no bit is the same when it is sampled again."""

    def xfer2(self, content: list[int]) -> list[int]:
        return [0x00] if content == READY else [0b01100110] * len(content)

    def close(self) -> None:
        """Nothing is open."""


def test_a_converter_of_which_all_readings_are_refused_is_named(state: Path) -> None:
    chair = installed(state, state, seat=SEAT, load_cell=LoadCellSettings())

    finding = named(
        Fault.CELLS_CORRUPTED, check_cells(chair, None, lambda: [HX711SPI(spi=GarbledBus())])
    )

    assert "nothing else may be on the bus" in str(finding)
