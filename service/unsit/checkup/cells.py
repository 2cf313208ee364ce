"""Load cells: their bus, whether each converter answers, what it reads, and their calibration."""

import threading
from collections.abc import Callable, Sequence
from statistics import fmean

from unsit.assembly.calibrations import CalibrationStore
from unsit.assembly.converters import Converter, raw_of
from unsit.assembly.errors import PinError, PinPermissionError
from unsit.assembly.weighed import store_of
from unsit.checkup.buses import bus_of_cells
from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.installation import Installation
from unsit.checkup.pins import held
from unsit.checkup.processes import running_services
from unsit.checkup.pulls import is_undriven
from unsit.core.weighing.calibration import Calibration, nominal
from unsit.core.weighing.faults import Missing, Raw
from unsit.core.weighing.procedure import STILL
from unsit.errors import SettingsError

ENOUGH = 15
LONGEST = 32
APART = 0.1
"""Readings, looks at most, and the seconds between two looks."""

OpenConverters = Callable[[], Sequence[Converter]]

_FAULTS = {
    Missing.SILENT: Fault.CELLS_SILENT,
    Missing.SATURATED: Fault.CELLS_SATURATED,
    Missing.SHORTED: Fault.CELLS_SHORTED,
    Missing.CORRUPTED: Fault.CELLS_CORRUPTED,
}


def check_bus(installation: Installation) -> Findings:
    """Whether the bus that the converters need is switched on."""
    bus = bus_of_cells(installation.settings)
    if bus is None:
        return
    for device in map(bus.device_of, installation.settings.load_cell.wired_at):
        if installation.machine.path(device).exists():
            yield fine(bus.name, f"switched on: {device} is there")
        else:
            yield found(bus.off, bus.name, f"{device} is not there")


def check_cells(installation: Installation, pins: object, open_them: OpenConverters) -> Findings:
    """What the converters read, and whether that can be made into kilograms.

    open_them: opens the converters, in the order of the cells.
    """
    if installation.settings.seat.kind == "mat":
        return
    calibration, said = _calibration(store_of(installation.settings, installation.state))
    yield said
    busy = _in_use(installation, pins)
    if busy is not None:
        yield busy
        return
    try:
        unplugged = list(_unplugged(installation, pins))
        converters = [] if unplugged else open_them()
    except PinError as error:
        yield _cannot_open(error)
        return
    yield from unplugged or _readings(
        converters, installation.settings.load_cell.names, calibration
    )


def _cannot_open(error: PinError) -> Finding:
    words, _, mend = str(error).partition("; ")
    closed = isinstance(error, PinPermissionError) or isinstance(error.__cause__, PermissionError)
    return found(Fault.NOT_IN_GROUP if closed else Fault.CELLS_ABSENT, "load_cell", words, mend)


def _in_use(installation: Installation, pins: object) -> Finding | None:
    """Who uses the converters now; reading a bus beside a service would garble both."""
    for key, pin in installation.settings.load_cell.pins().items():
        holder = held(installation, key.replace("load_cell.at ", ""), pin, pins)
        if holder is not None:
            return holder
    services = running_services(installation)
    if not services:
        return None
    words = f"the service reads them (pid {services[0].pid}); stop it to have them looked at"
    return fine("load_cell", words)


def _unplugged(installation: Installation, pins: object) -> Findings:
    """The data wires of HX711s at which there is no chip."""
    for key, pin in installation.settings.load_cell.pins().items():
        if " data " in key and is_undriven(key, pin, pins):
            words = f"nothing drives the data wire at GPIO{pin}"
            yield found(Fault.CELLS_SILENT, f"cell {key[-1]}", words)


def _readings(
    converters: Sequence[Converter], names: Sequence[str], calibration: Calibration
) -> Findings:
    try:
        taken = take_readings(converters)
    finally:
        for converter in converters:
            converter.close()
    for name, cell, readings in zip(names, calibration.cells, taken, strict=True):
        counts = [raw for raw in readings if not isinstance(raw, Missing)]
        if len(counts) < ENOUGH // 2 or Missing.SATURATED in readings:
            yield _missing(name, readings)
            continue
        middle = fmean(counts)
        scatter = fmean((raw - middle) ** 2 for raw in counts) ** 0.5
        kilograms = scatter / abs(cell.counts_per_kg)
        words = (
            f"{middle:.0f} counts, {cell.kilograms(middle):.1f} kg; the noise is {kilograms:.3f} kg"
        )
        if kilograms > STILL:
            yield found(Fault.CELLS_NOISY, f"cell {name}", words)
        else:
            yield fine(f"cell {name}", words)


def take_readings(converters: Sequence[Converter]) -> list[list[Raw]]:
    """What each converter gives, until all have given enough or it takes too long."""
    taken: list[list[Raw]] = [[] for _ in converters]
    pause = threading.Event()
    for _ in range(LONGEST):
        for converter, readings in zip(converters, taken, strict=True):
            readings.append(raw_of(converter.read()))
        if all(_counts(readings) >= ENOUGH for readings in taken):
            break
        pause.wait(APART)
    return taken


def _counts(readings: Sequence[Raw]) -> int:
    return sum(not isinstance(raw, Missing) for raw in readings)


def _missing(name: str, readings: Sequence[Raw]) -> Finding:
    missing = [raw for raw in readings if isinstance(raw, Missing)]
    worst = max(set(missing), key=lambda why: (why is not Missing.SILENT, missing.count(why)))
    words = f"{len(readings) - len(missing)} readings in {len(readings)} looks: {worst.value}"
    return found(_FAULTS[worst], f"cell {name}", words)


def _calibration(store: CalibrationStore) -> tuple[Calibration, Finding]:
    try:
        calibration = store.load()
    except SettingsError as error:
        return _usual(store), found(Fault.CALIBRATION_BAD, "calibration", str(error))
    except PermissionError:
        words = f"{store.file} is closed to this user"
        return _usual(store), found(Fault.STATE_CLOSED, "calibration", words)
    if calibration.tared is None:
        return calibration, found(Fault.CELLS_UNCALIBRATED, "calibration", f"none in {store.file}")
    return calibration, fine("calibration", f"tared {calibration.tared}, in {store.file}")


def _usual(store: CalibrationStore) -> Calibration:
    return nominal(len(store.cells))
