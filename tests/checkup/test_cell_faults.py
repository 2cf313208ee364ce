"""Faults of load cells: converters unplugged, at their end, without their bus."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.nau7802_model import ModelledNAU7802
from support.planted_faults import faultless, finding_of, installed, write
from support.remedies import carry_out
from unsit.assembly.cells import open_converters
from unsit.checkup.cells import check_cells
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.pins import check_bus
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings
from unsit_firmware.converters.hx711_spi import HX711SPI, READY
from unsit_firmware.converters.nau7802 import NAU7802
from unsit_firmware.simulation.cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

Put = Callable[..., None]

CALIBRATED = (
    '{"cells": {"seat": {"zero": 0, "counts_per_kg": 10737}}, "tared": "2026-01-05", "noise": 0.1}'
)
SEAT = SeatSettings(kind="load_cell")


@pytest.fixture
def cell(pins: SimulatedPins) -> SimulatedCell:
    """Return a cell behind an HX711 on the default pins."""
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


def test_a_cell_that_answers_is_reported_with_its_counts_load_and_noise(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    cell.set_kilograms(12.5)

    calibration, seat = faultless(cells(state, pins))

    assert calibration.words.startswith("tared 2026-01-05, in ")
    assert calibration.words.endswith("; the corners were not tested")
    assert "12.5 kg; the noise is 0.00" in seat.words


def test_an_hx711_that_is_unplugged_is_named(pins: SimulatedPins, state: Path) -> None:
    finding = finding_of(Fault.CELLS_SILENT, cells(state, pins))

    assert "nothing drives the data wire at GPIO5; check its supply, data and clock" in str(finding)


def test_an_hx711_at_the_end_of_its_range_is_named(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    cell.set_raw(2**23)

    finding = finding_of(Fault.CELLS_SATURATED, cells(state, pins))

    assert "broken or swapped wire of the bridge" in str(finding)


def test_a_data_wire_that_is_shorted_to_ground_is_named(pins: SimulatedPins, state: Path) -> None:
    pins.pin(5).connect(False)

    finding = finding_of(Fault.CELLS_SHORTED, cells(state, pins))

    assert "short of the data wire to ground" in str(finding)


def test_cells_that_scatter_are_named(pins: SimulatedPins, state: Path) -> None:
    wire_hx711(pins, 5, 6, SimulatedCell(noise=10_000))

    finding = finding_of(Fault.CELLS_NOISY, cells(state, pins))

    assert "shield the cells' wires" in str(finding)


def test_cells_that_were_never_calibrated_are_named(
    cell: SimulatedCell, pins: SimulatedPins, tmp_path: Path
) -> None:
    assert finding_of(Fault.CELLS_UNCALIBRATED, cells(tmp_path, pins)).fix == "unsit calibrate"


@pytest.mark.parametrize(("left_back", "agrees"), [(10_000, True), (-10_000, False)])
def test_corners_that_read_differently_are_named(
    cell: SimulatedCell, pins: SimulatedPins, state: Path, left_back: float, agrees: bool
) -> None:
    corners = {corner: [10_000.0] for corner in ("left_front", "right_front", "right_back")}
    tested = json.loads(CALIBRATED) | {"corners": corners | {"left_back": [left_back]}}
    write(state / "load_cells.json", json.dumps(tested))

    if agrees:
        assert faultless(cells(state, pins))[0].words.endswith("; the corners agree")
    else:
        named = finding_of(Fault.CELLS_UNEVEN, cells(state, pins))
        assert "exchange the white and black wires of the half bridge at left back" in str(named)


def test_a_damaged_calibration_is_named_and_the_cells_are_read_all_the_same(
    cell: SimulatedCell, pins: SimulatedPins, state: Path
) -> None:
    write(state / "load_cells.json", "{")

    findings = cells(state, pins)

    assert finding_of(Fault.CALIBRATION_BAD, findings).code == 78
    assert findings[-1].subject == "cell seat"


def bus(root: Path, converter: str, at: str = "") -> list[Finding]:
    settings = LoadCellSettings(converter=converter, at=at)  # type: ignore[arg-type]  # its name
    return list(check_bus(installed(root, root, seat=SEAT, load_cell=settings)))


@pytest.mark.parametrize(
    ("converter", "fault", "switch"),
    [("hx711_spi", Fault.SPI_OFF, "do_spi 0"), ("nau7802", Fault.I2C_OFF, "do_i2c 0")],
)
def test_a_first_bus_that_is_switched_off_is_named_with_raspi_config(
    program: Put, tmp_path: Path, converter: str, fault: Fault, switch: str
) -> None:
    program("raspi-config", "")
    write(tmp_path / "usr/bin/raspi-config", "")

    finding = finding_of(fault, bus(tmp_path, converter))

    assert switch in str(finding)
    carry_out(str(finding.fix), tmp_path)
    write(tmp_path / finding.words.split()[0].lstrip("/"), "")
    faultless(bus(tmp_path, converter))


@pytest.mark.parametrize(
    ("converter", "at", "device", "fault", "line"),
    [
        ("nau7802", "3", "i2c-3", Fault.I2C_SECOND_OFF, "dtoverlay=i2c-gpio,bus=3"),
        ("nau7802", "0", "i2c-0", Fault.I2C_SECOND_OFF, "dtparam=i2c_vc=on"),
        ("nau7802", "1", "i2c-1", Fault.I2C_OFF, "dtparam=i2c_arm=on"),
        ("hx711_spi", "1.0", "spidev1.0", Fault.SPI_SECOND_OFF, "dtoverlay=spi1-1cs,cs0_pin=16"),
        ("hx711_spi", "1.1", "spidev1.1", Fault.SPI_SECOND_OFF, "dtoverlay=spi1-2cs"),
        ("hx711_spi", "0.1", "spidev0.1", Fault.SPI_OFF, "dtparam=spi=on"),
    ],
)
@pytest.mark.parametrize("config", ["boot/firmware/config.txt", "boot/config.txt"])
def test_each_bus_is_switched_on_by_its_own_name_and_a_restart(
    tmp_path: Path, converter: str, at: str, device: str, fault: Fault, line: str, config: str
) -> None:
    write(tmp_path / config, "# the firmware's settings\n")

    finding = finding_of(fault, bus(tmp_path, converter, at))

    assert finding.fix == f"echo {line} | sudo tee -a /{config}, then restart the Pi"
    carry_out(str(finding.fix), tmp_path, tmp_path)
    waits = finding_of(Fault.BUS_WAITS, bus(tmp_path, converter, at))
    assert waits.fix == "sudo reboot"
    write(tmp_path / "dev" / device, "")
    faultless(bus(tmp_path, converter, at))


def test_the_lines_for_second_buses_are_those_of_the_wiring() -> None:
    page = (Path(__file__).parents[2] / "hardware/wiring.md").read_text(encoding="utf-8")

    for converter, at in (("nau7802", "1"), ("nau7802", "3"), ("hx711_spi", "1.0")):
        [finding] = bus(Path("/nowhere"), converter, at)
        line = str(finding.fix).split()[1]
        assert f"| `{converter}`, `{at}` | `{line}` |" in page


def test_an_i2c_bus_without_its_module_is_named_with_the_module(
    program: Put, tmp_path: Path
) -> None:
    program("modprobe", "")
    write(tmp_path / "sys/bus/i2c/devices/i2c-1/name", "bcm2835 (i2c@7e804000)")
    (tmp_path / "etc/modules-load.d").mkdir(parents=True)

    finding = finding_of(Fault.I2C_WITHOUT_DEVICE, bus(tmp_path, "nau7802"))

    carry_out(str(finding.fix), tmp_path, tmp_path)
    assert (tmp_path / "etc/modules-load.d/unsit.conf").read_text() == "i2c-dev\n"
    write(tmp_path / "dev/i2c-1", "")
    faultless(bus(tmp_path, "nau7802"))


def nau7802(state: Path, model: ModelledNAU7802) -> list[Finding]:
    settings = LoadCellSettings(converter="nau7802")
    chair = installed(state, state, seat=SEAT, load_cell=settings)
    return list(check_cells(chair, None, lambda: [NAU7802(smbus=model)]))


def test_a_nau7802_that_does_not_answer_is_named(state: Path) -> None:
    model = ModelledNAU7802(time.monotonic)
    model.absent = True

    finding_of(Fault.CELLS_SILENT, nau7802(state, model))
    assert model.closed


def test_a_nau7802_that_answers_is_read(state: Path) -> None:
    model = ModelledNAU7802(time.monotonic)
    model.counts = 107_370

    assert "107370 counts, 10.0 kg" in faultless(nau7802(state, model))[-1].words


def test_a_bus_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    settings = LoadCellSettings(converter="iio")
    chair = installed(tmp_path, tmp_path, seat=SEAT, load_cell=settings)

    finding = finding_of(
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

    assert (
        "the service reads them (pid 4713)" in faultless(check_cells(chair, None, never))[-1].words
    )


class GarbledBus:
    """SPI bus on which every bit differs when it is sampled again."""

    def xfer2(self, content: list[int]) -> list[int]:
        return [0x00] if content == READY else [0b01100110] * len(content)

    def close(self) -> None:
        """Nothing is open."""


def test_a_converter_of_which_all_readings_are_refused_is_named(state: Path) -> None:
    chair = installed(state, state, seat=SEAT, load_cell=LoadCellSettings())

    finding = finding_of(
        Fault.CELLS_CORRUPTED, check_cells(chair, None, lambda: [HX711SPI(spi=GarbledBus())])
    )

    assert "put nothing else on the bus" in str(finding)
