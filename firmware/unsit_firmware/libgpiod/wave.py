"""A square wave in software, made by a thread that lives only while there is a wave."""

import threading
import time
from collections.abc import Callable


class SquareWave:
    """Switches an output on and off so many times a second.

    drive: sets the output's level; the wave has it to itself until ``stop``.
    frequency: Hz, more than 0. duty: share of each period that is high, 0 to 1; at 0 and 1 the
        level is steady and there is no thread. Default 0.
    """

    def __init__(self, drive: Callable[[bool], None], frequency: float, duty: float = 0.0) -> None:
        self._drive = drive
        self._turn = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.change(frequency, duty)

    def change(self, frequency: float, duty: float) -> None:
        """Makes it another wave, from the next edge on."""
        self.frequency, self.duty = frequency, duty
        self._high, self._low = duty / frequency, (1 - duty) / frequency
        if self._high > 0 and self._low > 0:
            self._start()
        else:
            self._hold(duty > 0)

    def stop(self) -> None:
        """Ends with the output low; when it returns, the wave drives nothing any more."""
        self._hold(False)

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=self._swing, args=(self._end,), name="wave", daemon=True
        )
        self._thread.start()

    def _hold(self, level: bool) -> None:
        with self._turn:
            self._end.set()
            self._thread = None
            self._drive(level)

    def _swing(self, end: threading.Event) -> None:
        level, edge = True, time.monotonic()
        while self._edge(end, level):
            edge += self._high if level else self._low
            edge = max(edge, time.monotonic())  # what a busy machine lost is not caught up with
            level = not level
            if end.wait(edge - time.monotonic()):
                return

    def _edge(self, end: threading.Event, level: bool) -> bool:
        with self._turn:
            if end.is_set():
                return False
            self._drive(level)
            return True
