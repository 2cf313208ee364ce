"""Seat on load cells: converters, calibration file, and the scale that feeds the chair."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from unsit.core.chair import ActiveFault
from unsit.core.events import SeatCalibrated, SeatCornerWeighed, SeatTared
from unsit.core.inputs import Input, LoadCellRequest, Tare
from unsit.core.instant import Instant
from unsit.core.weighing.balance import Posture
from unsit.core.weighing.calibration import (
    Calibration,
    CalibrationRefused,
    CellCalibration,
    SeatNotEmpty,
    WeightUnnoticed,
    judge,
    judge_corners,
    measure,
    missing_corners,
    nominal,
    readable,
    span,
    tare,
    weigh_corner,
)
from unsit.core.weighing.faults import CellFaultReason, Missing, Raw
from unsit.core.weighing.occupancy import Limits
from unsit.core.weighing.scale import MIDDLE, Behaviour, Scale
from unsit.errors import SettingsError, UnavailableError
from unsit.files import UnsafePathError, read_bytes, replace_file
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.runtime.record import stamp
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import Settings
from unsit_firmware.converters import Converter, Reading, Trouble
from unsit_firmware.errors import PinError
from unsit_firmware.recording import GRAMS, Columns, Level
from unsit_firmware.simulation.cells import NOISE, SimulatedCells

# Passed on to packages that may not import the hardware package.
__all__ = ["Converter"]

log = logging.getLogger(__name__)

Feed = Callable[[Input, Instant], object]
"""Takes an input of the chair and its instant."""

CALIBRATION_FILE = "load_cells.json"

IDLE_INTERVAL, BUSY_INTERVAL = timedelta(seconds=0.4), timedelta(seconds=0.1)
"""Time from a reading to the next: while the load rests, and while it changes."""

PINNED_CONVERSIONS = 2_000
"""Conversions of all cells that a replay clocks bit by bit through the driver, a quarter of a
second of work; it reads the later ones directly."""

SWAY = 0.003
"""Standard deviation of a sitting body's load as a share of it, for recordings whose rows do not
show it because each lasts until the next."""


# Converters

_MISSING = {
    Trouble.NOT_READY: Missing.SILENT,
    Trouble.SETTLING: Missing.SILENT,
    Trouble.UNREACHABLE: Missing.SILENT,
    Trouble.SATURATED: Missing.SATURATED,
    Trouble.DATA_LOW: Missing.SHORTED,
    Trouble.CORRUPTED: Missing.CORRUPTED,
    Trouble.SLOW_CLOCK: Missing.CORRUPTED,
}


def raw_of(outcome: Reading | Trouble) -> Raw:
    """Return a converter's outcome in the terms of the scale."""
    return outcome.raw if isinstance(outcome, Reading) else _MISSING[outcome]


def open_converters(settings: LoadCellSettings, pins: Any) -> list[Converter]:
    """Open a converter for each cell, in their order. Raises PinError for an unusable one."""
    with ExitStack() as opened:
        converters = [
            opened.enter_context(closing(_open(settings, place, pins)))
            for place in settings.wired_at
        ]
        opened.pop_all()
        return converters


def _open(settings: LoadCellSettings, place: str, pins: Any) -> Converter:
    numbers = [int(number) for number in re.findall(r"\d+", place)]
    try:
        return _converter(settings, numbers, pins)
    except PinError:
        raise
    except Exception as error:  # the errors of the back ends share no base
        raise PinError(f"load_cell.at = {place}: it cannot be used: {error}") from error


def _converter(settings: LoadCellSettings, numbers: list[int], pins: Any) -> Converter:
    """Open a converter; only the module of its kind is imported."""
    match settings.converter:
        case "hx711":
            from unsit_firmware.converters.hx711 import HX711, Channel

            data, clock = numbers
            channel = Channel[settings.input_and_gain]
            return HX711(data, clock, channel=channel, rate=settings.rate, pin_factory=pins)
        case "hx711_spi":
            from unsit_firmware.converters.hx711 import Channel
            from unsit_firmware.converters.hx711_spi import HX711SPI

            bus, device = numbers
            channel = Channel[settings.input_and_gain]
            return HX711SPI(bus, device, channel=channel, rate=settings.rate)
        case "nau7802":
            from unsit_firmware.converters.nau7802 import NAU7802

            bus, input_number = [*numbers, 1][:2]
            return NAU7802(bus, channel=input_number, gain=settings.gain, rate=settings.rate)
        case "iio":
            from unsit_firmware.converters.iio import IIOConverter

            number, input_number = [*numbers, 0][:2]
            return IIOConverter(f"iio:device{number}", input_number)


# Calibration file


class CalibrationStore:
    """Calibration file of a chair's cells.

    cells: name of each cell. A file of other cells is refused.
    """

    def __init__(self, file: Path, cells: tuple[str, ...]) -> None:
        self.file = file
        self.cells = cells

    def load(self) -> Calibration:
        """Return the calibration, or the nominal one if there is no file.

        Raises SettingsError for a file that is no calibration, or belongs to other cells.
        Raises PermissionError for a file that this user may not read.
        """
        try:
            content = json.loads(read_bytes(self.file))
        except FileNotFoundError:
            return nominal(len(self.cells))
        except (PermissionError, UnsafePathError):
            raise
        except (OSError, ValueError) as error:
            raise self._bad(error) from None
        return self._read(content)

    def save(self, calibration: Calibration) -> None:
        """Replace the file, or leave the old one whole. Raises UnavailableError."""
        content = asdict(calibration)
        content["cells"] = dict(zip(self.cells, content["cells"], strict=True))
        try:
            replace_file(self.file, json.dumps(content, indent=2).encode(), mode=0o644)
        except UnsafePathError:
            raise
        except OSError as error:
            raise UnavailableError(
                f"{self.file}: the calibration cannot be written: {error.strerror}"
            ) from error

    def _read(self, content: Any) -> Calibration:
        try:
            cells = content.pop("cells")
            calibrated = tuple(CellCalibration(**cell) for cell in cells.values())
            corners = {
                corner: tuple(map(float, counts))
                for corner, counts in content.pop("corners", {}).items()
                if len(counts) == len(calibrated)
            }
            calibration = Calibration(calibrated, **content, corners=corners)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._bad(error) from None
        if tuple(cells) != self.cells:
            raise SettingsError(
                f"{self.file}: the calibration is of the cells {', '.join(cells)}, expected "
                f"{', '.join(self.cells)}; run: unsit calibrate"
            )
        return calibration

    def _bad(self, error: Exception) -> SettingsError:
        return SettingsError(f"{self.file}: {error}; expected a file made by unsit calibrate")


def store_of(settings: Settings, state_directory: Path) -> CalibrationStore:
    """Return the calibration file of the settings, by default in the state directory."""
    chosen = settings.load_cell.calibration
    file = Path(chosen) if chosen is not None else state_directory / CALIBRATION_FILE
    return CalibrationStore(file, settings.load_cell.names)


# Pace of the readings

Pace = Callable[[Scale, Instant, timedelta], timedelta | None]
"""Rule for the time between readings of the cells.

It takes the scale after a reading, the instant of the reading, and the time since
``WeighedSeat.poke``. It returns the time to the next reading, None to wait for the next ``poke``.
"""


def steadily(scale: Scale, at: Instant, since_poke: timedelta) -> timedelta | None:
    """Read a real seat: every 0.4 s while the load rests, every 0.1 s while it changes."""
    return BUSY_INTERVAL if scale.is_restless(at) else IDLE_INTERVAL


def when_poked(scale: Scale, at: Instant, since_poke: timedelta) -> timedelta | None:
    """Read a recording in which each row is one reading: at each ``poke`` alone."""
    return None


BUSY_AFTER_POKE = timedelta(seconds=1.5)

SETTLES_WITHIN = timedelta(seconds=6)
"""Time from a row until the window of the scale is full of its load."""


def until_decided(scale: Scale, at: Instant, since_poke: timedelta) -> timedelta | None:
    """Read a recording whose load rests between rows, until the scale has decided.

    Then only the readings at which the scale decides something by time are left.
    """
    if scale.is_restless(at) or since_poke < BUSY_AFTER_POKE:
        return BUSY_INTERVAL
    if since_poke < SETTLES_WITHIN or scale.is_uncertain:
        return IDLE_INTERVAL
    deadline = scale.next_deadline(at)
    return None if deadline is None else -((at - deadline) // IDLE_INTERVAL) * IDLE_INTERVAL


# Seat

_OR_FORCE = ", or tare with the payload force if it is empty"


def saturated_words(names: Sequence[str]) -> str:
    """Return how to find the wrong wire if the converters of these cells are at their end.

    In a bridge of half bridges a red wire in the place of another wire does that, and so does E in
    the place of A. No reading tells which one, but the resistances do.
    """
    return (
        f"at {' and '.join(map(readable, names))} a red wire is exchanged with a white or black "
        "one, or E with A. Take E+, E-, A+ and A- off the board and measure between them: of the "
        "four readings between an E and an A the largest ends at the wrong red wire, at its E if "
        "E+ to E- reads more than A+ to A-, at its A if it reads less; if both read the same, E "
        "and A are exchanged at the board"
    )


class WeighedSeat:
    """Seat on load cells, read in the loop's thread with one wake-up for each reading.

    converters: one for each cell, in order. feed: receives the inputs of the chair.
    store: file for a new calibration, None to keep it in memory alone.
    least: lightest person (kg) that a calibration must detect.
    """

    def __init__(
        self,
        loop: Loop,
        converters: Sequence[Converter],
        scale: Scale,
        feed: Feed,
        *,
        pace: Pace,
        store: CalibrationStore | None = None,
        least: float = Limits().least,
    ) -> None:
        self.scale = scale
        self._loop, self._converters, self._feed = loop, list(converters), feed
        self._pace, self._store, self._least = pace, store, least
        self._poked_at = loop.clock.now()
        self._raws: list[Raw] = []
        self._reading = 0

    @property
    def load(self) -> float | None:
        """Filtered load in kg, None if unknown."""
        return self.scale.load

    @property
    def rejected(self) -> int:
        """Number of frames that the converters have refused."""
        return sum(converter.counters.rejected for converter in self._converters)

    @property
    def knows_balance(self) -> bool:
        """True for several cells, which show where the load lies."""
        return len(self._converters) > 1

    def resume(self, fault: ActiveFault | None) -> None:
        """Continue after a restart with the fault of the previous run; report the level anyway."""
        self.scale.take_up(fault)

    def start(self) -> None:
        """Begin to read if the pace is steady; any other pace waits for ``poke``."""
        if self._pace is steadily:
            self.poke()

    def poke(self) -> None:
        """Read now and start the pace again."""
        self._poked_at = self._loop.clock.now()
        self._read()

    def close(self) -> None:
        """Stop reading and release the converters."""
        self._reading += 1
        while self._converters:
            self._converters.pop().close()

    def request(self, request: LoadCellRequest) -> SeatTared | SeatCalibrated | SeatCornerWeighed:
        """Take the last readings as those of an empty seat, or of a known weight.

        Raises CalibrationRefused with the reason, and changes nothing then.
        """
        fault = self.scale.fault
        measurable = {CellFaultReason.UNCALIBRATED}
        if isinstance(request, Tare):
            measurable.add(CellFaultReason.DRIFTING)  # a tare is its remedy
        if fault is not None and fault.reason not in measurable:
            raise CalibrationRefused(self._describe(fault.reason))
        if isinstance(request, Tare):
            return self._tare(surely_empty=request.surely_empty)
        if request.corner is None:
            return self._calibrate(request.weight)
        return self._weigh_corner(request.weight, request.corner)

    def _describe(self, reason: CellFaultReason) -> str:
        """Return the words for a fault that prevents a measurement, and the wires to look at."""
        words = f"the sensor is at fault: {reason.value}"
        if reason is CellFaultReason.DRIFTING:
            return f"{words}; empty the seat and tare first"
        if reason is not CellFaultReason.SATURATED:
            return words
        saturated = [
            name
            for name, raw in zip(self.scale.cells, self._raws, strict=True)
            if raw is Missing.SATURATED
        ]
        return f"{words}; {saturated_words(saturated)}"

    def _read(self) -> None:
        at = self._loop.clock.now()
        self._raws = [raw_of(converter.read()) for converter in self._converters]
        for event, instant in self.scale.weigh(self._raws, at):
            self._feed(event, instant)
        pause = self._pace(self.scale, at, at - self._poked_at)
        self._reading += 1
        if pause is not None:
            reading = self._reading
            self._loop.at(at + pause, lambda: self._read() if reading == self._reading else None)

    def _tare(self, *, surely_empty: bool) -> SeatTared:
        # A fault of the zero leaves the level as it was before; below zero nobody is on the seat.
        if self.scale.pressed and self.scale.fault is None and not surely_empty:
            raise CalibrationRefused(f"somebody is on the seat; empty it first{_OR_FORCE}")
        now = self._loop.clock.now()
        before, measured = self.scale.calibration, measure(self.scale.recent)
        try:
            self._apply(tare(before, measured, self._date(now), surely_empty=surely_empty))
        except SeatNotEmpty as error:
            raise CalibrationRefused(f"{error}{_OR_FORCE}") from None
        return SeatTared(now, self.scale.calibration.noise or 0.0)

    def _calibrate(self, weight: float) -> SeatCalibrated:
        now = self._loop.clock.now()
        before, measured = self.scale.calibration, measure(self.scale.recent)
        names = self.scale.cells
        try:
            self._apply(span(before, measured, weight, self._date(now), names))
        except WeightUnnoticed as error:
            raise CalibrationRefused(
                f"{error}: {weight:g} left_front, and so on at each corner, finds the wrong cell"
            ) from None
        verdict = judge(self.scale.calibration, self._least, weight, loaded=measured)
        shares = dict(zip(names, verdict.shares, strict=True)) if len(names) > 1 else {}
        return SeatCalibrated(now, weight, verdict.span, verdict.noise, verdict.margin, shares)

    def _weigh_corner(self, weight: float, corner: str) -> SeatCornerWeighed:
        now = self._loop.clock.now()
        before, measured = self.scale.calibration, measure(self.scale.recent)
        self._apply(weigh_corner(before, measured, weight, corner))
        calibration = self.scale.calibration
        load = sum(calibration.loads(measured.means))
        missing = missing_corners(calibration)
        verdict = judge_corners(calibration, self.scale.cells)
        if verdict is None:
            return SeatCornerWeighed(now, corner, weight, load, missing)
        return SeatCornerWeighed(
            now, corner, weight, load, readings=verdict.readings, wrong=verdict.wrong
        )

    def _apply(self, calibration: Calibration) -> None:
        self.scale.calibrate(calibration)
        if self._store is None:
            return
        try:
            self._store.save(self.scale.calibration)
        except UnavailableError as error:
            log.warning("%s; it applies until the service stops", error)

    def _date(self, now: Instant) -> str:
        return stamp(self._loop.clock.wall(now))


def behaviour_of(settings: Settings, names: tuple[str, ...]) -> Behaviour:
    """Return the behaviour of the scale of these cells from the settings."""
    cells = settings.load_cell
    limits = Limits(
        sit=cells.sit_load,
        stand=cells.stand_load,
        least=cells.least_load,
        of_sitter=cells.limits == "sitter",
    )
    posture = Posture(cells.lean_limit, cells.lean_after)
    return Behaviour(names, limits, posture, settings.seat.max_plausible_bout)


def real_seat(
    settings: Settings, pins: Any, store: CalibrationStore
) -> Callable[[Loop, Feed], WeighedSeat]:
    """Return the maker of a seat on the cells of the settings. Raises SettingsError."""
    calibration = store.load()
    if calibration.tared is None:
        log.warning("the load cells were never calibrated; empty the seat and run: unsit calibrate")
    cells = settings.load_cell

    def make(loop: Loop, feed: Feed) -> WeighedSeat:
        scale = Scale(calibration, behaviour_of(settings, cells.names))
        converters = open_converters(cells, pins)
        return WeighedSeat(
            loop, converters, scale, feed, pace=steadily, store=store, least=cells.least_load
        )

    return make


# Simulated seat


class SimulatedSeat:
    """Simulated cells under the loads of a recording, and the seat on them.

    pinned: number of conversions that are clocked bit by bit through the driver, None for all.
    """

    def __init__(
        self, settings: Settings, columns: Columns, clock: Clock, pace: Pace, pinned: int | None
    ) -> None:
        self.seat: WeighedSeat | None = None
        self._settings, self._columns, self._pace = settings, columns, pace
        exact = columns.kind != GRAMS and pace is when_poked
        self._cells = SimulatedCells(
            max(len(columns.places), 1),
            lambda: clock.now().total_seconds(),
            noise=0.0 if exact else NOISE,
            pinned=pinned,
        )

    def make(self, loop: Loop, feed: Feed) -> WeighedSeat:
        """Make the seat, once."""
        names = self._columns.places or MIDDLE
        scale = Scale(self._calibration(names), behaviour_of(self._settings, names))
        self.seat = WeighedSeat(
            loop,
            self._cells.converters,
            scale,
            feed,
            pace=self._pace,
            least=self._settings.load_cell.least_load,
        )
        return self.seat

    def put(self, level: Level) -> None:
        """Put a row's loads on the cells and read them."""
        if not isinstance(level, tuple) or self.seat is None:
            raise AssertionError(f"{level!r} is no load, or the seat is not made yet")
        if self._columns.kind == GRAMS:
            self._cells.set_kilograms([grams / 1000 for grams in level])
        else:
            self._cells.set_raw(level)
        if self._pace is not when_poked:
            grams = self._columns.kind == GRAMS
            loads = level if grams else self.seat.scale.calibration.loads(level)
            load = sum(loads) / (1000 if grams else 1)
            is_body = load >= self._settings.load_cell.least_load
            self._cells.set_sway(SWAY * load if is_body else 0.0)
        self.seat.poke()

    def _calibration(self, names: tuple[str, ...]) -> Calibration:
        """Return the calibration file's for counts, else the nominal calibration."""
        file = self._settings.load_cell.calibration
        if file is None or self._columns.kind == GRAMS:
            return nominal(len(names), tared="simulated")
        return CalibrationStore(Path(file), names).load()


def pace_of(*, says_changes: bool, in_real_time: bool) -> Pace:
    """Return the pace for the rows of a recording.

    says_changes: each row lasts until the next. in_real_time: the clock does not jump.
    """
    if not says_changes:
        return when_poked
    return steadily if in_real_time else until_decided
