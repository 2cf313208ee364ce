"""The state file: all that must outlive the service, in one SQLite file.

The file is a means and not a condition. Where it cannot be used, or no longer, everything goes on
in memory, it is said why, and ``retry`` goes back to the file.
"""

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from unsit.errors import UnavailableError
from unsit.runtime.clock import LiveClock
from unsit.runtime.database import (
    ENDS,
    connect,
    copy_readable,
    in_memory,
    is_broken,
    open_database,
    transaction,
)

log = logging.getLogger(__name__)

Statement = tuple[str, tuple[Any, ...]]

CHECKPOINT_FROM = 1_000_000
"""Bytes of the journal from which it is worked into the file."""

CHECKPOINT_COST = 4
"""Journal, folder and file are synchronised, and the journal once more when it is begun anew."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # nothing but a copy for a moment, in a folder of its own
"""See shm_overview(7)."""

MOST_BROKEN = 5
"""Broken files that are kept; the oldest go."""


def today() -> datetime:
    """The date of now, for the names of files."""
    clock = LiveClock()
    return clock.wall(clock.now())


class StateFile:
    """A database that is always there; used from one thread, ``synchronise`` from any.

    file: where, None for memory on purpose. date: tells the date.
    trouble: why nothing is kept on disk just now, None while it is.
    unsynchronised: something was written that a cut of the power would take away.
    """

    def __init__(self, file: Path | None = None, date: Callable[[], datetime] = today) -> None:
        self.trouble: str | None = None
        self.unsynchronised = False
        self._file = file
        self._date = date
        self._batch: list[Statement] | None = None
        self._lasting = self._knows_file = False
        try:
            self._db = in_memory() if file is None else self._open(file)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            self._db = self._look_into_file()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query finds; what is written in a batch under way is not among it."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._leave(error)
            return self._db.execute(query, values).fetchall()

    def write(self, *statements: Statement, lasting: bool = True) -> None:
        """Executes statements, all or none; at the end of the batch if there is one.

        lasting: whether a cut of the power after a moment may not undo them.
        """
        self._lasting |= lasting and self._file is not None
        if self._batch is not None:
            self._batch += statements
        elif statements:
            self._execute(statements)

    @contextmanager
    def together(self) -> Iterator[None]:
        """A batch: what is written within is there as a whole or not at all."""
        if self._batch is not None:
            yield
            return
        statements: list[Statement] = []
        self._batch = statements
        try:
            yield
        finally:
            self._batch = None
        if statements:
            self._execute(statements)

    def retry(self) -> bool:
        """Goes back to the file if it was left and can be used again; whether it did."""
        if self.trouble is None or self._file is None:
            return False
        try:
            db = self._open(self._file)
        except (sqlite3.Error, OSError):
            return False
        try:
            self._bring_back(db)
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                db.close()
            return False
        self._db.close()
        self._db, self.trouble, self.unsynchronised = db, None, True
        log.warning("%s: can be used again; what happened meanwhile is in it", self._file)
        return True

    def synchronise(self) -> int:
        """Has what was committed reach the disk itself; how many times the disk was waited for.

        From any thread; it may take its time. Raises OSError or sqlite3.Error where the disk does
        not take it.
        """
        if self._file is None or self.trouble is not None:
            return 0
        journal = f"{self._file}-wal"
        if os.path.getsize(journal) >= CHECKPOINT_FROM:
            with closing(connect(str(self._file))) as db:
                db.execute("pragma wal_checkpoint(passive)")
            return CHECKPOINT_COST
        line = os.open(journal, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(line)
        finally:
            os.close(line)
        return 1

    def take(self, db: sqlite3.Connection) -> None:
        """Takes a database in place of its own."""
        self._db.close()
        self._db = db

    def failed(self, error: Exception) -> None:
        """Leaves the disk because of an error that ``synchronise`` met, if it is still used."""
        if self.trouble is None:
            self._leave(error)

    def close(self) -> None:
        """Ends the use of the file."""
        with suppress(sqlite3.Error):
            self._db.close()

    def _execute(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        try:
            self._commit(statements)
        except sqlite3.Error as error:
            self._leave(error)
            self._commit(statements)
        self.unsynchronised |= self._lasting
        self._lasting = False

    def _commit(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        with transaction(self._db):
            for statement, values in statements:
                self._db.execute(statement, values)

    def _leave(self, error: Exception) -> None:
        """Goes on in memory with what can be read of the file."""
        if self._file is None or self.trouble is not None:
            raise error
        self._complain(error)
        memory = in_memory()
        with transaction(memory):
            self._knows_file = copy_readable(self._db, memory)
        self.close()
        self._db = memory

    def _complain(self, error: Exception) -> None:
        said = str(error) if isinstance(error, UnavailableError) else f"{self._file}: {error}"
        self.trouble = said
        log.error("%s; state is in memory only, and lost when the service ends", said)

    def _bring_back(self, db: sqlite3.Connection) -> None:
        """Puts what is in memory in place of what the file had of it."""
        with transaction(db):
            for (name,) in self._db.execute("select name from documents").fetchall():
                db.execute("delete from documents where name = ?", (name,))
            if self._knows_file:
                db.execute("delete from documents")
                db.execute("delete from outbox")
            copy_readable(self._db, db)

    def _look_into_file(self) -> sqlite3.Connection:
        """What can be read of a file that cannot be written to."""
        try:
            return look_into(Path(str(self._file)))
        except (sqlite3.Error, OSError):
            return in_memory()

    def _open(self, file: Path) -> sqlite3.Connection:
        try:
            return open_database(file)
        except sqlite3.DatabaseError as error:
            if not is_broken(error):
                raise
            aside = self._set_aside(file)
            log.error("%s is broken (%s): it is now %s", file, error, aside)
        db = open_database(file)
        with suppress(OSError), closing(look_into(aside)) as found, transaction(db):
            copy_readable(found, db)
        return db

    def _set_aside(self, file: Path) -> Path:
        """Renames a broken file, which may still hold what somebody misses."""
        broken = f"{file.name}.broken-"
        aside = file.with_name(f"{broken}{self._date():%Y%m%dT%H%M%S}")
        for end in ENDS:
            with suppress(FileNotFoundError):
                os.replace(f"{file}{end}", f"{aside}{end}")
        times = "[0-9]" * 8 + "T" + "[0-9]" * 6
        for old in sorted(file.parent.glob(f"{broken}{times}"))[:-MOST_BROKEN]:
            for end in ENDS:
                Path(f"{old}{end}").unlink(missing_ok=True)
        return aside


def look_into(file: Path) -> sqlite3.Connection:
    """A database with what can be read of a file, which may be in use, or on a read-only disk.

    Raises sqlite3.Error or OSError for a file of which nothing can be read.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file")
    with tempfile.TemporaryDirectory(dir=_room()) as folder:
        copy = Path(folder) / file.name
        for end in ENDS[:2]:
            if os.path.exists(f"{file}{end}"):
                shutil.copyfile(f"{file}{end}", f"{copy}{end}")
        with closing(connect(str(copy))) as source:
            return _found_in(source)


def _found_in(source: sqlite3.Connection) -> sqlite3.Connection:
    found = in_memory()
    try:
        with transaction(found):
            copy_readable(source, found)
    except BaseException:
        found.close()
        raise
    return found


def _room() -> Path | None:
    """Where a copy needs no disk, which may be full; None where there is no such place."""
    return SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None


def look_into_state(file: Path) -> StateFile:
    """What a file holds, in memory; the file stays as it is, and may be in use."""
    state = StateFile()
    with suppress(sqlite3.Error, OSError):
        state.take(look_into(file))
    return state
