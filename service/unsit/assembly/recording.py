"""Records the real sensor."""

from datetime import timedelta
from typing import Any

from unsit.assembly.devices import open_device
from unsit.core.instant import Instant
from unsit.runtime.clock import Clock
from unsit.runtime.loop import Loop
from unsit.settings.model import Settings
from unsit_firmware import PressureMat
from unsit_firmware.recording import RecordingWriter


class RecordingSession:
    """Writes every edge of the mat to a file until it is stopped.

    The dates are the wall clock's at the start plus monotonic time, so that they never go back.
    The last row says the level at the end again, so that the time up to it counts.

    Raises FileExistsError for a file that is there, PinError for a pin that cannot be used.
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
            when_changed=self._hear,
            pin_factory=pins,
        )
        try:
            self._writer = RecordingWriter(file)
        except BaseException:
            self._mat.close()
            raise
        self._loop.every(settings.seat.reread_every, self._mat.reread)

    def run(self) -> None:
        """Records until ``stop``."""
        try:
            self._write(self._mat.pressed, self._start)
            self._loop.run()
            self._write(self._mat.pressed, self._loop.clock.now())
        finally:
            self._mat.close()
            self._writer.close()

    def stop(self) -> None:
        """Ends the recording. Safe from any thread."""
        self._loop.call(self._loop.stop)

    def _hear(self, pressed: bool, age: float) -> None:
        at = self._loop.clock.now() - timedelta(seconds=age)
        self._loop.call(self._write, pressed, at)

    def _write(self, pressed: bool, at: Instant) -> None:
        self.rows += 1
        self._writer.write(self._start_date + (max(at, self._start) - self._start), pressed)
