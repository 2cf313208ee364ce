"""Checks of the load cells: bus, calibration, converters and readings."""

import threading
from collections.abc import Callable, Sequence
from statistics import fmean

from unsit.assembly.cells import CalibrationStore, Converter, raw_of, store_of
from unsit.assembly.devices import PinError, PinPermissionError
from unsit.checkup.findings import Fault, Finding, Findings, fine, found, found_in
from unsit.checkup.machine import Installation, own_command, running_services
from unsit.checkup.pins import check_holder, is_undriven
from unsit.core.weighing.calibration import STILL, Calibration, judge_corners, nominal
from unsit.core.weighing.faults import Missing, Raw, counts_of
from unsit.errors import SettingsError

READINGS_WANTED = 15
LOOKS_MAX = 32
LOOK_INTERVAL_S = 0.1
"""Time (s) between two looks at the converters, one conversion at the slower rate."""

OpenConverters = Callable[[], Sequence[Converter]]

Pause = Callable[[float], object]
"""Function that waits for a time in s."""


def wait(seconds: float) -> None:
    """Wait in real time."""
    threading.Event().wait(seconds)


_FAULTS = {
    Missing.SILENT: Fault.CELLS_SILENT,
    Missing.SATURATED: Fault.CELLS_SATURATED,
    Missing.SHORTED: Fault.CELLS_SHORTED,
    Missing.CORRUPTED: Fault.CELLS_CORRUPTED,
}


def check_cells(
    installation: Installation,
    pins: object,
    open_converters: OpenConverters,
    pause: Pause = wait,
) -> Findings:
    """Check the calibration, and read each converter.

    open_converters: opens the converters, in the order of the cells. pause: waits between two looks
    at them. Default: in real time.
    """
    if installation.settings.seat.kind == "mat":
        return
    store = store_of(installation.settings, installation.state)
    calibration, finding = _calibration(store, calibrating(installation))
    yield finding
    busy = _in_use(installation, pins)
    if busy is not None:
        yield busy
        return
    try:
        unplugged = list(_unplugged(installation, pins))
        converters = [] if unplugged else open_converters()
    except PinError as error:
        yield _cannot_open(error)
        return
    names = installation.settings.load_cell.names
    yield from unplugged or _readings(converters, names, calibration, pause)


def _cannot_open(error: PinError) -> Finding:
    is_closed = isinstance(error, PinPermissionError) or isinstance(
        error.__cause__, PermissionError
    )
    fault = Fault.NOT_IN_GROUP if is_closed else Fault.CELLS_ABSENT
    return found_in(fault, "load_cell", error)


def _in_use(installation: Installation, pins: object) -> Finding | None:
    """Return the finding on a user of the converters; two readers of a bus garble each other."""
    for key, pin in installation.settings.load_cell.pins().items():
        holder = check_holder(installation, key.replace("load_cell.at ", ""), pin, pins)
        if holder is not None:
            return holder
    services = running_services(installation)
    if not services:
        return None
    words = f"the service reads them (pid {services[0].pid}); stop it to check them"
    return fine("load_cell", words)


def _unplugged(installation: Installation, pins: object) -> Findings:
    """Find the data wires of HX711s that no chip drives."""
    for key, pin in installation.settings.load_cell.pins().items():
        if " data " in key and is_undriven(key, pin, pins):
            words = f"nothing drives the data wire at GPIO{pin}"
            yield found(Fault.CELLS_SILENT, f"cell {key[-1]}", words)


def _readings(
    converters: Sequence[Converter],
    names: Sequence[str],
    calibration: Calibration,
    pause: Pause,
) -> Findings:
    try:
        taken = take_readings(converters, pause)
    finally:
        for converter in converters:
            converter.close()
    for name, cell, readings in zip(names, calibration.cells, taken, strict=True):
        counts = counts_of(readings)
        if len(counts) < READINGS_WANTED // 2 or Missing.SATURATED in readings:
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


def take_readings(converters: Sequence[Converter], pause: Pause = wait) -> list[list[Raw]]:
    """Return what each converter gives in up to 32 looks, 3.2 s, until each gave 15 readings."""
    taken: list[list[Raw]] = [[] for _ in converters]
    for _ in range(LOOKS_MAX):
        for converter, readings in zip(converters, taken, strict=True):
            readings.append(raw_of(converter.read()))
        if all(len(counts_of(readings)) >= READINGS_WANTED for readings in taken):
            break
        pause(LOOK_INTERVAL_S)
    return taken


def _missing(name: str, readings: Sequence[Raw]) -> Finding:
    missing = [raw for raw in readings if isinstance(raw, Missing)]
    worst = max(
        set(missing), key=lambda reason: (reason is not Missing.SILENT, missing.count(reason))
    )
    words = f"{len(readings) - len(missing)} readings in {len(readings)} looks: {worst.value}"
    return found(_FAULTS[worst], f"cell {name}", words)


def calibrating(installation: Installation) -> str:
    """Return the commands that calibrate the cells; a service that holds them stops meanwhile."""
    command = own_command(installation, "calibrate")
    if not running_services(installation):
        return command
    unit = installation.unit
    return f"sudo systemctl stop {unit}, then {command}, then sudo systemctl start {unit}"


def _calibration(store: CalibrationStore, calibrate: str) -> tuple[Calibration, Finding]:
    try:
        calibration = store.load()
    except SettingsError as error:
        finding = found(Fault.CALIBRATION_BAD, "calibration", str(error), calibrate)
        return nominal(len(store.cells)), finding
    except PermissionError:
        words = f"this user may not read {store.file}"
        return nominal(len(store.cells)), found(Fault.STATE_CLOSED, "calibration", words)
    if calibration.tared is None:
        words = f"none in {store.file}"
        return calibration, found(Fault.CELLS_UNCALIBRATED, "calibration", words, calibrate)
    words = f"tared {calibration.tared}, in {store.file}"
    corners = judge_corners(calibration, store.cells)
    if corners is None:
        return calibration, fine("calibration", f"{words}; the corners were not tested")
    if corners.wrong is not None:
        fix = f"do that, then {calibrate}"
        return calibration, found(Fault.CELLS_UNEVEN, "calibration", corners.wrong, fix)
    return calibration, fine("calibration", f"{words}; the corners agree")
