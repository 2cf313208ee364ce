"""Puts a seat on load cells together: real ones, or simulated ones under a recording."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unsit.assembly.calibrations import FILE, CalibrationStore
from unsit.assembly.converters import open_converters
from unsit.assembly.scale import (
    AfterChanges,
    Feed,
    Pace,
    Steadily,
    WeighedSeat,
    WhenAsked,
    behaviour_of,
)
from unsit.core.weighing.calibration import Calibration, nominal
from unsit.core.weighing.scale import MIDDLE, Scale
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.settings.model import Settings
from unsit_firmware.columns import GRAMS, Columns
from unsit_firmware.person import Level
from unsit_firmware.simulated_cells import NOISE, SimulatedCells

log = logging.getLogger(__name__)

THROUGH_PINS = 50_000
"""Rows of readings up to which a replay clocks every bit of them through the driver."""


def store_of(settings: Settings, state_directory: Path) -> CalibrationStore:
    """Where the chair keeps the calibration of its cells."""
    chosen = settings.load_cell.calibration
    file = Path(chosen) if chosen is not None else state_directory / FILE
    return CalibrationStore(file, settings.load_cell.names)


def real_seat(
    settings: Settings, pins: Any, store: CalibrationStore
) -> Callable[[Loop, Feed], WeighedSeat]:
    """The cells that the settings name, read steadily. Raises SettingsError for a calibration."""
    calibration = store.load()
    if calibration.tared is None:
        log.warning("the load cells were never calibrated; empty the seat and: unsit calibrate")
    cells = settings.load_cell

    def make(loop: Loop, feed: Feed) -> WeighedSeat:
        scale = Scale(calibration, behaviour_of(cells, cells.names))
        converters = open_converters(cells, pins)
        return WeighedSeat(
            loop, converters, scale, feed, pace=Steadily(), store=store, least=cells.least_load
        )

    return make


class SimulatedSeat:
    """Simulated cells under a recording's loads, and the seat on them once it is made.

    pace: how the recording is to be read. rows: how many there are, None for not known.
    """

    def __init__(
        self, settings: Settings, columns: Columns, clock: Clock, pace: Pace, rows: int | None
    ) -> None:
        self.seat: WeighedSeat | None = None
        self._settings, self._columns, self._pace = settings, columns, pace
        exact = columns.kind != GRAMS and isinstance(pace, WhenAsked)
        self._cells = SimulatedCells(
            max(len(columns.places), 1),
            lambda: clock.now().total_seconds(),
            noise=0.0 if exact else NOISE,
            through_pins=rows is None or rows <= THROUGH_PINS,
        )

    def make(self, loop: Loop, feed: Feed) -> WeighedSeat:
        """The seat; to be made once."""
        names = self._columns.places or MIDDLE
        scale = Scale(self._calibration(names), behaviour_of(self._settings.load_cell, names))
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
        """Puts a row's loads on the cells, and has them read."""
        if not isinstance(level, tuple) or self.seat is None:
            raise AssertionError(f"{level!r} is no load on a seat that was made")
        if self._columns.kind == GRAMS:
            self._cells.set_kilograms([grams / 1000 for grams in level])
        else:
            self._cells.set_raw(level)
        self.seat.poke()

    def _calibration(self, names: tuple[str, ...]) -> Calibration:
        """That of the file which the settings name, for counts; else that of usual cells."""
        file = self._settings.load_cell.calibration
        if file is None or self._columns.kind == GRAMS:
            return nominal(len(names), tared="simulated")
        return CalibrationStore(Path(file), names).load()


def pace_of(settings: Settings, columns: Columns, *, says_changes: bool, steadily: bool) -> Pace:
    """How rows are to be read.

    says_changes: each row lasts until the next. steadily: time is real, and can be read along.
    """
    if not says_changes:
        return WhenAsked()
    if steadily:
        return Steadily()
    return AfterChanges(settings.load_cell.lean_after) if columns.places else AfterChanges()
