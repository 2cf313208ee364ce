"""Shelving: move the events of a running service from its outbox to the history.

It works in batches and in a thread of its own, because the disk may be slow: at the end of a bout,
when 64 events wait, at a start and at a stop. A history that cannot be written never touches the
chair: its events wait in the outbox, the fault is named once, and each minute is another attempt.

The file is open only during a batch. Between two of them it has no journal, and anybody may copy,
move or delete it.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from unsit.core.instant import Instant
from unsit.errors import UnavailableError
from unsit.history.copy import copy_of
from unsit.history.store import UNREADABLE, copy_of_broken, open_history, open_to_write
from unsit.runtime.database import (
    FILE_SUFFIXES,
    connect_file,
    is_broken,
    is_lock,
    rest_of,
    rights_trouble,
    set_aside,
)
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record, published

BATCH_EVENTS = 64
"""Waiting events that make a batch, whatever else happens."""

BATCH_MAX_EVENTS = 512
"""Events of one batch; a longer backlog takes several."""

BATCH_INTERVAL = timedelta(hours=1)
"""Time between two batches that the end of a bout makes. A batch writes some 50 kB to the card,
however few its events are, so a batch for each bout would write more than 1 MB a day."""

START_DELAY_S = 10.0
"""Time (s) from the start of the service to the first batch, when the machine has less to do."""

LOCK_WAIT_S = 5.0
"""Time (s) that a batch waits for the lock of another program, in its own thread."""

LOCK_WAIT_AT_END_S = 1.0
"""Time (s) that the batch of a stop waits for a lock, or for a batch under way."""

CHECK_INTERVAL = timedelta(days=7)
"""Time between two checks of the whole file, besides that of the first batch. A page that a card
has lost is found while its copy is still there."""

LOCK_FAULT = timedelta(minutes=10)
"""Time after which a lock of another program is a fault; an import takes less on most machines."""

UNREADABLE_DISK = (
    *(sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ),
    *(sqlite3.SQLITE_IOERR_CORRUPTFS, sqlite3.SQLITE_IOERR_DATA),
)
"""Errors of SQLite about a page that the disk does not give back."""

log = logging.getLogger(__name__)


class ShelfError(UnavailableError):
    """The history cannot be written; what to do about it.

    is_lock: whether another program uses it at present.
    """

    def __init__(self, message: str, *, is_lock: bool = False) -> None:
        super().__init__(message)
        self.is_lock = is_lock


class Shelf:
    """History file as the service writes it; one thread at a time uses it.

    file: path of the history. kept_for: age up to which events of this chair are kept.
    date: returns the date for names of files that are put aside.
    lock_wait_s: how long a batch waits for the lock of another program.
    """

    def __init__(
        self,
        file: Path,
        kept_for: timedelta,
        date: Callable[[], datetime],
        lock_wait_s: float = LOCK_WAIT_S,
    ) -> None:
        self._file = file
        self._lock_wait_s = lock_wait_s
        self._kept_for_ms = kept_for // timedelta(milliseconds=1)
        self._date = date
        self._is_salvaged = False
        self._checked: datetime | None = None
        self._identity: tuple[int, int] | None = None

    def shelve(self, records: Sequence[Record], lock_wait_s: float | None = None) -> None:
        """Write records and their copy through to the disk, and delete what has become too old.

        The first call, and one each week, reads the whole file and its copy to find damage. A
        damaged file is put aside, and made again from what is readable of it and from the copy; if
        only the content was damaged, once in a run.
        lock_wait_s: as above, for this batch only.

        Raises ShelfError if that is not possible now; then nothing of the records is written.
        """
        lock_wait_s = self._lock_wait_s if lock_wait_s is None else lock_wait_s
        try:
            self._notice_replacement()
            try:
                self._write(records, lock_wait_s)
            except UNREADABLE as error:
                if not _is_damage(error) or (self._is_salvaged and not is_broken(error)):
                    raise
                self._is_salvaged = True
                self._salvage(error, records[0]["chair"] if records else "", lock_wait_s)
                self._write(records, lock_wait_s)
        except ShelfError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise self._shelf_error(error) from error

    def read(self, first: int, last: int, newest: int) -> list[Record]:
        """Return the stored events of these numbers, see ``History.numbered``; from any thread.

        Raises ShelfError if the history cannot be read now.
        """
        try:
            if not os.path.lexists(self._file):
                return []
            with open_history(self._file) as history:
                return history.numbered(first, last, newest)
        except (sqlite3.Error, OSError) as error:
            raise self._shelf_error(error) from error

    def _write(self, records: Sequence[Record], lock_wait_s: float) -> None:
        self._adopt()
        with closing(open_to_write(self._file, lock_wait_s)) as history:
            if self._is_check_due():
                history.check()
                self._checked = self._date()
            history.append(records)
            history.forget_old(self._kept_for_ms)
            history.copy_events()
        status = os.stat(self._file)
        self._identity = status.st_dev, status.st_ino

    def _is_check_due(self) -> bool:
        return self._checked is None or abs(self._date() - self._checked) >= CHECK_INTERVAL

    def _notice_replacement(self) -> None:
        """Log that a person has moved or deleted the file: the history begins again with it."""
        if self._identity is None:
            return
        try:
            status = os.stat(self._file)
        except FileNotFoundError:
            log.warning("%s: it was deleted while the service runs; a new one begins", self._file)
        else:
            if (status.st_dev, status.st_ino) == self._identity:
                return
            log.warning("%s: another file took its place while the service runs", self._file)
        self._identity = self._checked = None

    def _salvage(self, error: Exception, chair: str, lock_wait_s: float) -> None:
        """Put a damaged file aside, with a new one of all that it and its copy have in its place.

        The new file is complete before the damaged one is renamed, so that a kill at any time
        leaves one of them, or both.
        """
        new = self._new_file()
        for suffix in FILE_SUFFIXES:
            Path(f"{new}{suffix}").unlink(missing_ok=True)
        with (
            closing(open_to_write(new, lock_wait_s, has_copy=False)) as history,
            closing(connect_file(self._file, lock_wait_s)) as broken,
        ):
            history.restore(broken, chair, copy_of_broken(self._file, broken))
        aside = set_aside(self._file, "broken", self._date())
        self._adopt()
        log.error("%s is broken (%s): it is now %s", self._file, error, aside)

    def _new_file(self) -> Path:
        return rest_of(self._file)

    def _adopt(self) -> None:
        """Use the new file of a salvage that a kill has interrupted after the renaming."""
        new = self._new_file()
        if not os.path.lexists(self._file) and new.is_file() and not new.is_symlink():
            os.replace(new, self._file)

    def _shelf_error(self, error: Exception) -> ShelfError:
        if is_lock(error):
            words = f"another program has locked it; find it with: sudo fuser -v {self._file}"
            return ShelfError(f"{self._file}: {words}", is_lock=True)
        if isinstance(error, UnavailableError):
            return ShelfError(str(error))
        for path in (f"{self._file}{suffix}" for suffix in FILE_SUFFIXES[1:]):
            if os.path.islink(path):  # SQLite says only that it cannot open a file
                return ShelfError(f"{path}: a link, which SQLite does not follow; delete it")
        trouble = rights_trouble(self._file) or rights_trouble(copy_of(self._file))
        return ShelfError(trouble or f"{self._file}: {error}")


def _is_damage(error: Exception) -> bool:
    """Return whether an error is about the content of the file, not about a write or rights.

    A damaged file may also look like another database (``SQLITE_ERROR``: no such table).
    """
    if not isinstance(error, sqlite3.Error):
        return True
    code = getattr(error, "sqlite_errorcode", 0)
    return is_broken(error) or code in (sqlite3.SQLITE_ERROR, *UNREADABLE_DISK)


class Outbox(Protocol):
    """Outbox as shelving uses it, see ``unsit.mqtt.outbox``."""

    @property
    def unshelved(self) -> int:
        """Number of records that wait for the history."""

    def for_history(self, limit: int) -> list[Record]:
        """Return the oldest records that are not shelved."""

    def mark_shelved(self, seq: int) -> None:
        """Mark all records up to a number as shelved."""

    def write_through(self) -> None:
        """Write all records through to the disk. Safe from any thread."""


class Shelving:
    """Scheduler of batches, used in the loop's thread.

    trouble: what is wrong with the history and how to fix it, None if nothing is.
    """

    def __init__(self, loop: Loop, outbox: Outbox, shelf: Shelf) -> None:
        self.trouble: str | None = None
        self._loop = loop
        self._outbox = outbox
        self._shelf = shelf
        self._is_running = self._is_finished = False
        self._is_wanted = False
        self._locked_since: Instant | None = None
        self._last: Instant | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Shelve what a previous run has left, in a while."""
        self._loop.after_real(START_DELAY_S, self._begin_with_backlog)

    def note_bout_end(self) -> None:
        """Shelve soon, unless the last batch was just now."""
        self._is_wanted = True

    def request(self) -> None:
        """Begin a batch if one is wanted. Call it once the chair is kept, and each minute."""
        if self.trouble is None and self._locked_since is None and self._is_due():
            self._begin()

    def retry(self) -> None:
        """Begin a batch if one is wanted or has failed; call it each minute."""
        if self.trouble is not None or self._locked_since is not None or self._is_due():
            self._begin()

    def read(
        self, first: int, last: int, newest: int, then: Callable[[list[Record], str | None], None]
    ) -> None:
        """Read events in a thread of their own; pass them, or why not, to ``then`` in the loop."""

        def read() -> None:
            try:
                records, why = self._shelf.read(first, last, newest), None
            except Exception as error:
                records, why = [], f"the history cannot be read: {error}"
            self._loop.call(then, records, why)

        threading.Thread(target=read, name="history reader", daemon=True).start()

    def finish(self) -> None:
        """Shelve everything that waits, at the end; give up if the disk does not let it."""
        self._is_finished = True
        if self._thread is not None:
            self._thread.join(LOCK_WAIT_AT_END_S)
            if self._thread.is_alive():
                return
        while records := self._records():
            try:
                self._outbox.write_through()
                self._shelf.shelve(records, LOCK_WAIT_AT_END_S)
            except Exception as error:
                if str(error) != self.trouble:
                    log.error("%s; %d events are not in the history yet", error, len(records))
                return
            self._outbox.mark_shelved(records[-1]["seq"])

    def _is_due(self) -> bool:
        if self._outbox.unshelved >= BATCH_EVENTS:
            return True
        now = self._loop.clock.now()
        return self._is_wanted and (self._last is None or now - self._last >= BATCH_INTERVAL)

    def _begin_with_backlog(self) -> None:
        if not self._is_finished:
            self._is_wanted = True
            self._begin()

    def _begin(self) -> None:
        if self._is_running or self._is_finished or not (records := self._records()):
            return
        self._is_running, self._is_wanted = True, False
        self._last = self._loop.clock.now()
        self._thread = threading.Thread(
            target=self._shelve, args=(records,), name="history", daemon=True
        )
        self._thread.start()

    def _records(self) -> list[Record]:
        return [published(record) for record in self._outbox.for_history(BATCH_MAX_EVENTS)]

    def _shelve(self, records: Sequence[Record]) -> None:
        try:
            # Else a loss of power could take back numbers that the history has already.
            self._outbox.write_through()
            self._shelf.shelve(records)
        except Exception as error:
            self._loop.call(self._failed, error)
        else:
            self._loop.call(self._done, records[-1]["seq"])

    def _done(self, seq: int) -> None:
        self._is_running = False
        self._outbox.mark_shelved(seq)
        if self.trouble is not None:
            log.warning("the history can be written again; what happened meanwhile is in it")
        self.trouble, self._locked_since = None, None
        self.request()

    def _failed(self, error: Exception) -> None:
        self._is_running, self._is_wanted = False, True
        now = self._loop.clock.now()
        if isinstance(error, ShelfError) and error.is_lock:
            self._locked_since = now if self._locked_since is None else self._locked_since
            if now - self._locked_since < LOCK_FAULT:
                log.debug("%s; trying again", error)
                return
        if str(error) != self.trouble:
            log.error("%s; events wait in the outbox until the history can be written", error)
        self.trouble = str(error)
