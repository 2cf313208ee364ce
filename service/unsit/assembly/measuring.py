"""Reads load cells outside of a running chair: to calibrate them, and to record them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from unsit.assembly.converters import Converter, open_converters, raw_of
from unsit.core.instant import ZERO, Instant
from unsit.core.weighing.faults import Missing, Raw
from unsit.errors import UnavailableError
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.settings.model import Settings
from unsit_firmware.columns import RAW, Columns
from unsit_firmware.recording import RecordingWriter

EVERY = timedelta(seconds=0.1)
"""One conversion of a converter at its slower rate."""

READINGS = 30
SILENCE = timedelta(seconds=8)
PATIENCE = timedelta(seconds=40)
"""Where readings come, but a busy machine misses most of them."""


class CellReader:
    """Load cells that are read ten times a second, and their converters closed in the end."""

    def __init__(self, converters: list[Converter], clock: Clock) -> None:
        self.loop = Loop(clock)
        self._converters = converters
        self._turn = 0

    def measure(self) -> list[tuple[float, ...]]:
        """Enough readings to calibrate from.

        Raises UnavailableError if 8 s pass without one, or 40 s without enough.
        """
        found: list[tuple[float, ...]] = []
        missing: list[Missing] = []
        begun = heard = self.loop.clock.now()

        def take(raws: Sequence[Raw], at: Instant) -> None:
            nonlocal heard
            counts = tuple(raw for raw in raws if not isinstance(raw, Missing))
            if len(counts) == len(raws):
                found.append(counts)
                heard = at
            else:
                missing.extend(raw for raw in raws if isinstance(raw, Missing))
            if len(found) >= READINGS or at - heard >= SILENCE or at - begun >= PATIENCE:
                self.loop.stop()

        self.read(take)
        self.loop.run()
        if len(found) < READINGS:
            raise UnavailableError(
                f"the load cells gave {len(found)} readings in "
                f"{(self.loop.clock.now() - begun).seconds} s: "
                f"{missing[-1].value if missing else 'slow'}; check the wiring and load_cell.at"
            )
        return found

    def read(self, take: Callable[[Sequence[Raw], Instant], None]) -> None:
        """Gives every reading to ``take`` and to nobody else, while the loop runs."""
        self._turn += 1
        turn = self._turn

        def again() -> None:
            if turn == self._turn:
                at = self.loop.clock.now()
                self.loop.at(at + EVERY, again)
                take([raw_of(converter.read()) for converter in self._converters], at)

        self.loop.call(again)

    def close(self) -> None:
        """Gives the converters back."""
        while self._converters:
            self._converters.pop().close()


class RawRecordingSession:
    """Writes every reading of the load cells to a file, in counts, until it is stopped.

    The dates are the wall clock's at the start plus monotonic time, so that they never go back.

    Raises FileExistsError for a file that is there, PinError for a converter that cannot be used.
    """

    def __init__(self, settings: Settings, clock: Clock, pins: Any, file: str) -> None:
        cells = settings.load_cell
        self.rows = 0
        self._start = clock.now()
        self._start_date = clock.wall(self._start)
        self._reader = CellReader(open_converters(cells, pins), clock)
        places = cells.names if len(cells.names) > 1 else ()
        try:
            self._writer = RecordingWriter(file, Columns(RAW, places))
        except BaseException:
            self._reader.close()
            raise

    def run(self) -> None:
        """Records until ``stop``."""
        try:
            self._reader.read(self._write)
            self._reader.loop.run()
        finally:
            self._reader.close()
            self._writer.close()

    def stop(self) -> None:
        """Ends the recording. Safe from any thread."""
        self._reader.loop.call(self._reader.loop.stop)

    def _write(self, raws: Sequence[Raw], at: Instant) -> None:
        counts = [raw for raw in raws if not isinstance(raw, Missing)]
        if len(counts) == len(raws):
            self.rows += 1
            self._writer.write(self._start_date + max(at - self._start, ZERO), *counts)
