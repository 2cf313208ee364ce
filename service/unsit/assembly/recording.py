"""Recordings of the real sensor, and measurements for a calibration."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from unsit.assembly.cells import Converter, open_converters, raw_of, saturated_words
from unsit.assembly.devices import open_device
from unsit.core.instant import ZERO, Instant
from unsit.core.weighing.faults import Missing, Raw, counts_of
from unsit.errors import UnavailableError
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.settings.model import Settings
from unsit_firmware import PressureMat
from unsit_firmware.recording import RAW, Columns, RecordingWriter


class RecordingSession:
    """Recording of every edge of the mat until ``stop``.

    The dates are the wall clock's at the start plus monotonic time, and thus never go back.
    The last row repeats the level, which makes the time up to it count.

    Raises FileExistsError for an existing file, PinError for a pin that cannot be used.
    """

    def __init__(self, settings: Settings, clock: Clock, pins: Any, file: str) -> None:
        self.rows = 0
        self._loop = Loop(clock)
        self._start = clock.now()
        self._start_date = clock.wall(self._start)
        self._mat: PressureMat = open_device(
            "seat.pin",
            settings.seat.pin,
            PressureMat,
            normally_closed=settings.seat.normally_closed,
            when_changed=self._on_edge,
            pin_factory=pins,
        )
        try:
            self._writer = RecordingWriter(file)
        except BaseException:
            self._mat.close()
            raise
        self._loop.every(settings.seat.reread_every, self._mat.reread)

    def run(self) -> None:
        """Record until ``stop``."""
        try:
            self._write(self._mat.pressed, self._start)
            self._loop.run()
            self._write(self._mat.pressed, self._loop.clock.now())
        finally:
            self._mat.close()
            self._writer.close()

    def stop(self) -> None:
        """End the recording. Safe from any thread."""
        self._loop.call(self._loop.stop)

    def _on_edge(self, pressed: bool, age_s: float) -> None:
        at = self._loop.clock.now() - timedelta(seconds=age_s)
        self._loop.call(self._write, pressed, at)

    def _write(self, pressed: bool, at: Instant) -> None:
        self.rows += 1
        self._writer.write(self._start_date + (max(at, self._start) - self._start), pressed)


READ_INTERVAL = timedelta(seconds=0.1)
"""Time of one conversion at the slower rate of a converter."""

READINGS = 30
"""Number of readings for a calibration, 3 s of them."""

SILENCE_MAX = timedelta(seconds=8)
MEASURE_MAX = timedelta(seconds=40)
"""Longest time for all readings, for a machine so busy that it misses most of them."""


class CellReader:
    """Reader of load cells, ten times a second. It closes the converters in the end.

    names: of the cells, in the order of the converters, for messages.
    """

    def __init__(
        self, converters: list[Converter], clock: Clock, names: Sequence[str] = ("seat",)
    ) -> None:
        self.loop = Loop(clock)
        self._converters = converters
        self._names = names
        self._reading = 0

    def measure(self) -> list[tuple[float, ...]]:
        """Return 30 readings, enough for a calibration.

        Raises UnavailableError if 8 s pass without one, or 40 s without enough.
        """
        readings: list[tuple[float, ...]] = []
        missing: list[Missing] = []
        saturated: dict[str, None] = {}
        begun = last = self.loop.clock.now()

        def take(raws: Sequence[Raw], at: Instant) -> None:
            nonlocal last
            counts = tuple(counts_of(raws))
            if len(counts) == len(raws):
                readings.append(counts)
                last = at
            else:
                missing.extend(raw for raw in raws if isinstance(raw, Missing))
                named = zip(self._names, raws, strict=True)
                saturated.update({name: None for name, raw in named if raw is Missing.SATURATED})
            silent, measured = at - last, at - begun
            if len(readings) >= READINGS or silent >= SILENCE_MAX or measured >= MEASURE_MAX:
                self.loop.stop()

        self.read(take)
        self.loop.run()
        if len(readings) < READINGS:
            raise UnavailableError(
                f"the load cells gave {len(readings)} readings in "
                f"{(self.loop.clock.now() - begun).seconds} s: "
                f"{missing[-1].value if missing else 'slow'}; check the wiring and load_cell.at"
                + (f": {saturated_words(list(saturated))}" if saturated else "")
            )
        return readings

    def read(self, take: Callable[[Sequence[Raw], Instant], None]) -> None:
        """Pass every reading to ``take``, in place of an earlier one, while the loop runs."""
        self._reading += 1
        reading = self._reading

        def again() -> None:
            if reading == self._reading:
                at = self.loop.clock.now()
                self.loop.at(at + READ_INTERVAL, again)
                take([raw_of(converter.read()) for converter in self._converters], at)

        self.loop.call(again)

    def close(self) -> None:
        """Release the converters."""
        while self._converters:
            self._converters.pop().close()


class RawRecordingSession:
    """Recording of every reading of the load cells, in counts, until ``stop``.

    The dates are the wall clock's at the start plus monotonic time, and thus never go back.

    Raises FileExistsError for an existing file, PinError for a converter that cannot be used.
    """

    def __init__(self, settings: Settings, clock: Clock, pins: Any, file: str) -> None:
        cells = settings.load_cell
        self.rows = 0
        self._start = clock.now()
        self._start_date = clock.wall(self._start)
        self._reader = CellReader(open_converters(cells, pins), clock, cells.names)
        places = cells.names if len(cells.names) > 1 else ()
        try:
            self._writer = RecordingWriter(file, Columns(RAW, places))
        except BaseException:
            self._reader.close()
            raise

    def run(self) -> None:
        """Record until ``stop``."""
        try:
            self._reader.read(self._write)
            self._reader.loop.run()
        finally:
            self._reader.close()
            self._writer.close()

    def stop(self) -> None:
        """End the recording. Safe from any thread."""
        self._reader.loop.call(self._reader.loop.stop)

    def _write(self, raws: Sequence[Raw], at: Instant) -> None:
        counts = counts_of(raws)
        if len(counts) == len(raws):
            self.rows += 1
            self._writer.write(self._start_date + max(at - self._start, ZERO), *counts)
