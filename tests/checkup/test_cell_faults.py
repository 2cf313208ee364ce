"""Faults of load cells: converters unplugged, at their end, without their bus."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from support.miswired import SEATS, calibrate
from support.nau7802_model import ModelledNAU7802
from support.planted_faults import VirtualTime, faultless, installed, write
from support.remedies import Cure
from unsit.assembly.cells import Converter, open_converters, store_of
from unsit.checkup.cells import OpenConverters, calibrating, check_cells
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.pins import check_bus
from unsit.cli.calibrate import save_result
from unsit.cli.parser import parser
from unsit.settings.file import state_directory
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import SeatSettings
from unsit_firmware.converters.hx711_spi import HX711SPI, READY
from unsit_firmware.converters.nau7802 import NAU7802
from unsit_firmware.simulation.cells import Defect, HX711Chip, SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

StandIn = Callable[[str, str], None]

CALIBRATED = (
    '{"cells": {"seat": {"zero": 0, "counts_per_kg": 10737}}, "tared": "2026-01-05", "noise": 0.1}'
)
SEAT = SeatSettings(kind="load_cell")


@pytest.fixture
def cell() -> SimulatedCell:
    return SimulatedCell()


@pytest.fixture
def pins(virtual_pins: SimulatedPins) -> SimulatedPins:
    return virtual_pins


@pytest.fixture
def chip(pins: SimulatedPins, cell: SimulatedCell) -> HX711Chip:
    """Return an HX711 on the default pins, which reads the cell."""
    return wire_hx711(pins, 5, 6, cell)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    write(tmp_path / "load_cells.json", CALIBRATED)
    return tmp_path


ON_I2C = LoadCellSettings(converter="nau7802")
ON_PINS = LoadCellSettings(converter="hx711")


Cells = Callable[..., list[Finding]]


@pytest.fixture
def cells(virtual: VirtualTime, state: Path, pins: SimulatedPins) -> Cells:
    """Return a function that checks the cells on the pins, or converters that it opens."""

    def check(
        settings: LoadCellSettings = ON_PINS,
        converters: OpenConverters | None = None,
        state: Path = state,
        pins: SimulatedPins = pins,
    ) -> list[Finding]:
        opens = converters or (lambda: open_converters(settings, pins))
        chair = installed(state, state, seat=SEAT, load_cell=settings)
        return list(check_cells(chair, pins, opens, virtual.pause))

    return check


def calibrated(arguments: list[str]) -> None:
    """Do what the arguments of unsit ask for, with a person and four cells in virtual time."""
    options = parser().parse_args(arguments)
    assert options.command == "calibrate"
    chair = installed(state_directory(options.state_dir, options.unit), load_cell=ON_PINS)
    outcome = calibrate(SEATS[0]).calibration
    assert outcome is not None
    save_result(store_of(chair.settings, chair.state), lambda: outcome)


@pytest.mark.usefixtures("chip")
def test_a_cell_that_answers_is_reported_with_its_counts_load_and_noise(
    cell: SimulatedCell, cells: Cells
) -> None:
    cell.set_kilograms(12.5)

    calibration, seat = faultless(cells())

    assert calibration.words.startswith("tared 2026-01-05, in ")
    assert calibration.words.endswith("; the corners were not tested")
    assert "12.5 kg; the noise is 0.00" in seat.words


def test_an_hx711_that_is_unplugged_is_named_until_it_is_wired(
    cure: Cure, cell: SimulatedCell, cells: Cells, virtual: VirtualTime
) -> None:
    boards = [SimulatedPins(virtual)]

    def wire() -> None:
        boards.append(SimulatedPins(virtual))
        wire_hx711(boards[-1], 5, 6, cell)

    asks = "check its supply, data and clock wires"
    finding = cure.by_hand(Fault.CELLS_SILENT, lambda: cells(pins=boards[-1]), asks, wire)

    assert finding.words == "nothing drives the data wire at GPIO5"
    for board in boards:
        board.close()


@pytest.mark.usefixtures("chip")
def test_an_hx711_at_the_end_of_its_range_is_named_until_the_wire_is_joined(
    cure: Cure, cell: SimulatedCell, cells: Cells
) -> None:
    cell.set_raw(2**23)

    cure.by_hand(
        Fault.CELLS_SATURATED,
        cells,
        "look for a broken or swapped wire of the bridge",
        lambda: cell.set_kilograms(0),
    )


def test_a_data_wire_that_is_shorted_to_ground_is_named_until_it_is_free(
    cure: Cure, chip: HX711Chip, cells: Cells
) -> None:
    chip.defect = Defect.DATA_LOW

    def part() -> None:
        chip.defect = None

    asks = "look for a short of the data wire to ground"
    cure.by_hand(Fault.CELLS_SHORTED, cells, asks, part)


@pytest.mark.usefixtures("chip")
def test_cells_that_scatter_are_named_until_the_seat_is_still(
    cure: Cure, cell: SimulatedCell, cells: Cells
) -> None:
    cell.set_sway(10_000)

    cure.by_hand(Fault.CELLS_NOISY, cells, "keep the seat still", lambda: cell.set_sway(0))


@pytest.mark.usefixtures("chip")
def test_cells_that_were_never_calibrated_are_named(
    cure: Cure, cells: Cells, tmp_path: Path
) -> None:
    new = tmp_path / "new"

    finding = cure.by_command(Fault.CELLS_UNCALIBRATED, lambda: cells(state=new), unsit=calibrated)

    assert str(finding.fix).endswith(f"unsit calibrate --state-dir {new}")


@pytest.mark.usefixtures("chip")
def test_a_service_that_holds_the_cells_is_stopped_while_they_are_calibrated(
    cure: Cure, stand_in: StandIn, virtual: VirtualTime, pins: SimulatedPins, tmp_path: Path
) -> None:
    root, state = tmp_path / "root", tmp_path / "state"
    process = root / "proc/4713"
    write(process / "cmdline", "python3\0/opt/unsit/bin/unsit\0run\0")
    (process / "fd").mkdir()
    (process / "fd/7").symlink_to(write(state / "state.sqlite", ""))
    away = tmp_path / "away"
    stand_in(
        "systemctl",
        f"case $* in 'stop unsit') mv {process} {away};; 'start unsit') mv {away} {process};; esac",
    )
    chair = installed(state, root, seat=SEAT, load_cell=ON_PINS)

    def calibrated_alone(arguments: list[str]) -> None:
        assert not process.exists()
        calibrated(arguments)

    finding = cure.by_command(
        Fault.CELLS_UNCALIBRATED,
        lambda: check_cells(chair, pins, lambda: open_converters(ON_PINS, pins), virtual.pause),
        unsit=calibrated_alone,
    )

    assert process.exists()
    assert str(finding.fix).startswith("sudo systemctl stop unsit, then ")


@pytest.mark.parametrize(
    ("unit", "file", "options"),
    [
        ("unsit", None, ""),
        ("unsit", "/etc/unsit/unsit.toml", ""),
        ("unsit", "/srv/a chair.toml", " --config '/srv/a chair.toml'"),
        ("unsit@left", "/etc/unsit/left.toml", " --unit unsit@left"),
    ],
)
def test_the_command_that_calibrates_names_the_chair_and_what_it_would_not_find_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unit: str, file: str | None, options: str
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SUDO_UID", raising=False)
    place = None if file is None else Path(file)
    chair = replace(installed(tmp_path, tmp_path / "root"), unit=unit, file=place)

    programs = Path(sys.prefix, "bin")
    monkeypatch.setenv("PATH", str(programs))

    assert calibrating(chair) == f"unsit calibrate{options}"
    monkeypatch.setenv("PATH", "/usr/bin")  # a shell without the virtual environment
    assert calibrating(chair) == f"{programs}/unsit calibrate{options}"
    monkeypatch.setenv("SUDO_UID", "1000")  # the check was run with sudo
    assert calibrating(chair) == f"sudo {programs}/unsit calibrate{options}"


CORNERS = {corner: [10_000.0] for corner in ("left_front", "right_front", "right_back")}


@pytest.mark.usefixtures("chip")
def test_corners_that_agree_are_reported(cells: Cells, state: Path) -> None:
    agreeing = json.loads(CALIBRATED) | {"corners": CORNERS | {"left_back": [10_000]}}
    write(state / "load_cells.json", json.dumps(agreeing))

    assert faultless(cells())[0].words.endswith("; the corners agree")


@pytest.mark.usefixtures("chip")
def test_corners_that_read_differently_are_named_until_the_wires_are_exchanged(
    cure: Cure, cells: Cells, state: Path
) -> None:
    tested = json.loads(CALIBRATED) | {"corners": CORNERS | {"left_back": [-10_000]}}
    write(state / "load_cells.json", json.dumps(tested))

    finding = cure.by_command(Fault.CELLS_UNEVEN, cells, unsit=calibrated)

    assert "exchange the white and black wires of the half bridge at left back" in finding.words


@pytest.mark.usefixtures("chip")
@pytest.mark.parametrize("content", ["{", "", "[]", "\0" * 100, '{"cells": {"other": {}}}'])
def test_a_damaged_calibration_is_named_and_the_cells_are_read_all_the_same(
    cure: Cure, cells: Cells, state: Path, content: str
) -> None:
    write(state / "load_cells.json", content)

    finding = cure.by_command(Fault.CALIBRATION_BAD, cells, unsit=calibrated)

    assert finding.code == 78
    assert cells()[-1].subject == "cell seat"


def bus(root: Path, converter: str, at: str = "") -> list[Finding]:
    settings = LoadCellSettings(converter=converter, at=at)  # type: ignore[arg-type]  # its name
    return list(check_bus(installed(root, root, seat=SEAT, load_cell=settings)))


@pytest.mark.parametrize(
    ("converter", "fault", "switch"),
    [("hx711_spi", Fault.SPI_OFF, "do_spi 0"), ("nau7802", Fault.I2C_OFF, "do_i2c 0")],
)
def test_a_first_bus_that_is_switched_off_is_named_with_raspi_config(
    cure: Cure, stand_in: StandIn, tmp_path: Path, converter: str, fault: Fault, switch: str
) -> None:
    write(tmp_path / "usr/bin/raspi-config", "")
    on, dev = tmp_path / "on", tmp_path / "dev"
    stand_in("raspi-config", f'[ "$*" != "nonint {switch}" ] || touch {on}')
    stand_in("reboot", f"mkdir {dev}; cp {on} {dev}/spidev0.0; cp {on} {dev}/i2c-1")

    cure.by_command(fault, lambda: bus(tmp_path, converter))


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
    cure: Cure,
    stand_in: StandIn,
    tmp_path: Path,
    converter: str,
    at: str,
    device: str,
    fault: Fault,
    line: str,
    config: str,
) -> None:
    file = write(tmp_path / config, "# the firmware's settings\n")
    (tmp_path / "dev").mkdir()
    as_firmware = f"grep -qx {line} {file} && touch {tmp_path}/dev/{device}"
    stand_in("reboot", "# a person who does it later")

    def check() -> list[Finding]:
        return bus(tmp_path, converter, at)

    finding = cure.by_command(fault, check, root=tmp_path, uncovers=[Fault.BUS_WAITS])

    assert finding.fix == f"echo {line} | sudo tee -a /{config}, then sudo reboot"
    stand_in("reboot", as_firmware)
    assert cure.by_command(Fault.BUS_WAITS, check).fix == "sudo reboot"


def test_the_lines_for_second_buses_are_those_of_the_wiring() -> None:
    page = (Path(__file__).parents[2] / "hardware/wiring.md").read_text(encoding="utf-8")

    for converter, at in (("nau7802", "1"), ("nau7802", "3"), ("hx711_spi", "1.0")):
        [finding] = bus(Path("/nowhere"), converter, at)
        line = str(finding.fix).split()[1]
        assert f"| `{converter}`, `{at}` | `{line}` |" in page


def test_an_i2c_bus_without_its_module_is_named_with_the_module(
    cure: Cure, stand_in: StandIn, tmp_path: Path
) -> None:
    write(tmp_path / "sys/bus/i2c/devices/i2c-1/name", "bcm2835 (i2c@7e804000)")
    for folder in ("etc/modules-load.d", "dev"):
        (tmp_path / folder).mkdir(parents=True)
    stand_in("modprobe", f"[ $* != i2c-dev ] || touch {tmp_path}/dev/i2c-1")

    cure.by_command(Fault.I2C_WITHOUT_DEVICE, lambda: bus(tmp_path, "nau7802"), root=tmp_path)

    assert (tmp_path / "etc/modules-load.d/unsit.conf").read_text() == "i2c-dev\n"


def test_a_nau7802_that_does_not_answer_is_named_until_it_is_wired(
    cure: Cure, cells: Cells, virtual: VirtualTime
) -> None:
    models = [ModelledNAU7802(virtual)]
    models[0].absent = True

    cure.by_hand(
        Fault.CELLS_SILENT,
        lambda: cells(ON_I2C, lambda: [NAU7802(smbus=models[-1], ticks=virtual)]),
        "check its supply, data and clock wires",
        lambda: models.append(ModelledNAU7802(virtual)),
    )

    assert all(model.closed for model in models)


def test_a_nau7802_that_answers_is_read(cells: Cells, virtual: VirtualTime) -> None:
    model = ModelledNAU7802(virtual)
    model.counts = 107_370

    findings = cells(ON_I2C, lambda: [NAU7802(smbus=model, ticks=virtual)])

    assert "107370 counts, 10.0 kg" in faultless(findings)[-1].words


@pytest.mark.usefixtures("chip")
def test_a_converter_that_is_not_there_is_named_until_the_settings_name_the_one_that_is(
    cure: Cure, cells: Cells
) -> None:
    chosen = [LoadCellSettings(converter="iio")]

    def correct() -> None:
        chosen[0] = ON_PINS

    asks = "check load_cell.converter and load_cell.at"
    finding = cure.by_hand(Fault.CELLS_ABSENT, lambda: cells(chosen[0]), asks, correct)

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


def test_a_converter_of_which_all_readings_are_refused_is_named_until_the_bus_is_quiet(
    cure: Cure, cells: Cells, virtual: VirtualTime
) -> None:
    garbled: list[Converter] = [HX711SPI(spi=GarbledBus(), ticks=virtual)]
    alone: list[Converter] = [NAU7802(smbus=ModelledNAU7802(virtual), ticks=virtual)]
    at_the_bus = [garbled]

    cure.by_hand(
        Fault.CELLS_CORRUPTED,
        lambda: cells(ON_I2C, lambda: at_the_bus[-1]),
        "put nothing else on the bus",
        lambda: at_the_bus.append(alone),
    )
