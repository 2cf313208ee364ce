"""A seat on load cells: its converters read in time, and what the scale makes of it."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from unsit.assembly.calibrations import CalibrationStore
from unsit.assembly.converters import raw_of
from unsit.core.chair import Fault as Suspicion
from unsit.core.events import SeatCalibrated, SeatTared
from unsit.core.inputs import Input, Measure, Tare
from unsit.core.instant import ZERO, Instant
from unsit.core.weighing.balance import Posture
from unsit.core.weighing.calibration import Calibration
from unsit.core.weighing.faults import Reason
from unsit.core.weighing.occupancy import Limits
from unsit.core.weighing.procedure import CalibrationRefused, judge, measure, span, tare
from unsit.core.weighing.scale import Behaviour, Scale
from unsit.errors import UnavailableError
from unsit.runtime.loop import Loop
from unsit.runtime.record import stamp
from unsit.settings.load_cell import LoadCellSettings
from unsit_firmware.converters.reading import Converter

log = logging.getLogger(__name__)

IDLE = timedelta(seconds=0.4)
QUICK = timedelta(seconds=0.1)

Feed = Callable[[Input, Instant], object]


class Pace(Protocol):
    """When the cells are read again."""

    def next(self, *, restless: bool, since_poke: timedelta) -> timedelta | None:
        """Time from a reading to the next; None to wait until somebody asks for it."""


class Steadily:
    """Slowly while nothing changes, and at the converter's own rate while something does."""

    def next(self, *, restless: bool, since_poke: timedelta) -> timedelta | None:
        """Always some time."""
        return QUICK if restless else IDLE


class AfterChanges:
    """For a load that is known to rest between changes: until the scale has made up its mind.

    after: how long something must last that the scale is to notice.
    """

    _QUICK_FOR = timedelta(seconds=1.5)
    _SETTLES_WITHIN = timedelta(seconds=15)

    def __init__(self, after: timedelta = ZERO) -> None:
        self._long_enough = after + self._SETTLES_WITHIN

    def next(self, *, restless: bool, since_poke: timedelta) -> timedelta | None:
        """None when a change has been followed for long enough."""
        if restless or since_poke < self._QUICK_FOR:
            return QUICK
        return IDLE if since_poke < self._long_enough else None


class WhenAsked:
    """For rows that are one reading each."""

    def next(self, *, restless: bool, since_poke: timedelta) -> timedelta | None:
        """Never by itself."""
        return None


class WeighedSeat:
    """A seat on load cells, read in the loop's thread: one wake-up for each reading.

    converters: one for each cell, in order. feed: gets what the chair is to know.
    store: where a new calibration is kept, None for nowhere.
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
        self._turn = 0

    @property
    def load(self) -> float | None:
        """The filtered load in kg, None for not known."""
        return self.scale.load

    @property
    def rejected(self) -> int:
        """How many frames the converters have refused."""
        return sum(converter.counters.rejected for converter in self._converters)

    @property
    def knows_balance(self) -> bool:
        """It has several cells, and can tell where the load lies."""
        return len(self._converters) > 1

    def take_up(self, fault: Suspicion | None) -> None:
        """Goes on after a restart with the fault that there was; the level is told in any case."""
        self.scale.take_up(fault)

    def start(self) -> None:
        """Begins to read, unless that is for somebody else to say."""
        if isinstance(self._pace, Steadily):
            self.poke()

    def poke(self) -> None:
        """Reads now, and goes on from there."""
        self._poked_at = self._loop.clock.now()
        self._read()

    def close(self) -> None:
        """Reads no more, and gives the converters back."""
        self._turn += 1
        while self._converters:
            self._converters.pop().close()

    def request(self, what: Measure) -> SeatTared | SeatCalibrated:
        """Takes the last readings as those of an empty seat, or of a known weight.

        Raises CalibrationRefused with why, and leaves everything as it was.
        """
        if self.scale.fault is not None and self.scale.fault.reason is not Reason.UNCALIBRATED:
            raise CalibrationRefused(f"the sensor is at fault: {self.scale.fault.reason.value}")
        return self._tare() if isinstance(what, Tare) else self._calibrate(what.weight)

    def _read(self) -> None:
        at = self._loop.clock.now()
        raws = [raw_of(converter.read()) for converter in self._converters]
        for what, instant in self.scale.weigh(raws, at):
            self._feed(what, instant)
        pause = self._pace.next(restless=self.scale.is_restless(at), since_poke=at - self._poked_at)
        self._turn += 1
        if pause is not None:
            turn = self._turn
            self._loop.at(at + pause, lambda: self._read() if turn == self._turn else None)

    def _tare(self) -> SeatTared:
        if self.scale.pressed:
            raise CalibrationRefused("somebody is on the seat; empty it first")
        now = self._loop.clock.now()
        before, measured = self.scale.calibration, measure(self.scale.recent)
        self._take(tare(before, measured, self._date(now)))
        return SeatTared(now, self.scale.calibration.noise or 0.0)

    def _calibrate(self, weight: float) -> SeatCalibrated:
        now = self._loop.clock.now()
        before, measured = self.scale.calibration, measure(self.scale.recent)
        self._take(span(before, measured, weight, self._date(now)))
        verdict = judge(self.scale.calibration, self._least, weight)
        return SeatCalibrated(now, weight, verdict.span, verdict.noise, verdict.margin)

    def _take(self, calibration: Calibration) -> None:
        self.scale.calibrate(calibration)
        if self._store is None:
            return
        try:
            self._store.save(self.scale.calibration)
        except UnavailableError as error:
            log.warning("%s; it is in force until the service ends", error)

    def _date(self, now: Instant) -> str:
        return stamp(self._loop.clock.wall(now))


def behaviour_of(settings: LoadCellSettings, cells: tuple[str, ...]) -> Behaviour:
    """What the scale needs to know, from the settings."""
    limits = Limits(
        sit=settings.sit_load,
        stand=settings.stand_load,
        least=settings.least_load,
        of_sitter=settings.limits == "sitter",
    )
    return Behaviour(cells, limits, Posture(settings.lean_limit, settings.lean_after))
