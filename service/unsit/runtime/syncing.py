"""Synchronisation with the disk: soon after what matters was written, and not too often.

A commit survives a killed process by itself; only a cut of the power asks for more. Storage that
takes its time, as SD cards do, must not hold up who decides: it is waited for in another thread.
"""

import sqlite3
import threading
from datetime import timedelta

from unsit.core.instant import Instant
from unsit.runtime.loop import Loop
from unsit.runtime.statefile import StateFile

AT_ONCE = 10
"""So many synchronisations may follow each other without a pause."""

EVERY = timedelta(seconds=90)
"""Beyond that there is one in this time: 50 in the busiest hour, wherever that begins."""


class Syncing:
    """Has a state file synchronised after it was written to; called in the loop's thread."""

    def __init__(self, loop: Loop, file: StateFile) -> None:
        self._loop = loop
        self._file = file
        self._since = loop.clock.now()
        self._credit = AT_ONCE * EVERY
        self._under_way = False
        self._planned = False
        self._thread: threading.Thread | None = None

    def soon(self) -> None:
        """Synchronises what was written, now if the last time is long ago."""
        if not self._file.unsynchronised or self._under_way or self._planned:
            return
        now = self._loop.clock.now()
        self._earn(now)
        if self._credit >= EVERY:
            self._begin()
        else:
            self._planned = True
            self._loop.at(now + (EVERY - self._credit), self._now_then)

    def finish(self) -> None:
        """Waits for what is under way."""
        if self._thread is not None:
            self._thread.join()

    def _earn(self, now: Instant) -> None:
        self._credit = min(self._credit + (now - self._since), AT_ONCE * EVERY)
        self._since = now

    def _now_then(self) -> None:
        self._planned = False
        self.soon()

    def _begin(self) -> None:
        self._under_way = True
        self._file.unsynchronised = False
        self._thread = threading.Thread(target=self._synchronise, name="disk", daemon=True)
        self._thread.start()

    def _synchronise(self) -> None:
        try:
            cost = self._file.synchronise()
        except (OSError, sqlite3.Error) as error:
            self._loop.call(self._failed, error)
        else:
            self._loop.call(self._done, cost)

    def _done(self, cost: int) -> None:
        self._credit -= cost * EVERY
        self._under_way = False
        self.soon()

    def _failed(self, error: Exception) -> None:
        self._under_way = False
        self._file.failed(error)
