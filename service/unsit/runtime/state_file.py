"""State file: an SQLite database that survives kills, power cuts, full disks and damage.

If the file cannot be written, the state goes on in memory, and returns to the file once that works
again. A file that another program has locked is no fault for some seconds. A damaged file is
renamed, and everything readable in it is copied to a new one.
"""

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from unsit.core.instant import ZERO, Instant
from unsit.errors import UnavailableError
from unsit.files import folder, open_file
from unsit.runtime.clock import LiveClock, real_time
from unsit.runtime.database import (
    FILE_SUFFIXES,
    LOCK_WAIT_AT_START_S,
    LOCK_WAIT_S,
    connect_file,
    copy_readable,
    copy_to_memory,
    is_broken,
    is_lock,
    open_copy,
    open_database,
    open_in_memory,
    replace_content,
    rest_of,
    rights_trouble,
    set_aside,
    transaction,
)
from unsit.runtime.loop import Loop

CHECKPOINT_MIN_BYTES = 1_000_000
"""Size of the journal from which its content is moved to the file."""

CHECKPOINT_URGENT_BYTES = 4_000_000
"""Size of the journal from which its content is moved at once, however many syncs there were."""

JOURNAL_WARN_BYTES = 16_000_000
"""Size of the journal that is logged: another program keeps the checkpoints from emptying it."""

CHECKPOINT_MOVES_MAX = 3
"""Moves of the journal's content in a row, if more is written meanwhile."""

CHECKPOINT_SYNCS = 4
"""Disk syncs of a checkpoint: of journal, folder and file, and of the journal's new beginning."""

SYNC_BURST = 10
"""Disk syncs that may follow each other without a pause."""

SYNC_INTERVAL = timedelta(seconds=90)
"""Time between two syncs after a burst; with the burst at most 50 syncs in any hour."""

LOCK_WAIT_AT_END_S = 4.0
"""Time (s) that closing waits for another program's lock. The unit's TimeoutStopSec allows 10."""

LOCK_FAULT = timedelta(seconds=10)
"""Time after which a lock of another program is a fault; a backup takes less."""

LOCK_RETRY = timedelta(seconds=0.25)
"""Time between two attempts to write while another program has locked the file."""

UNWRITTEN_MAX = 5000
"""Statements that wait for a locked file. With more, the whole content is written again."""

TOLD_FILE = "state.told"
"""File with the highest event number that was given."""

TOLD_DIGITS = 20
"""Digits of the number in that file, so that it is overwritten in place."""

Statement = tuple[str, tuple[Any, ...]]

log = logging.getLogger(__name__)


class ReplacedFileError(OSError):
    """Another file, or none, in the place of the file in use."""


def _now() -> datetime:
    clock = LiveClock()
    return clock.wall(clock.now())


class ToldNumber:
    """Highest event number that was given, apart from the state file.

    It is written in place after each commit, to files that exist before they are needed: beside the
    state file, and in systemd's runtime directory, which holds over a restart where the disk does
    not. Thus a number survives a kill on a full disk and on a read-only one, and a state file that
    is locked, damaged or deleted. After the commit, so that a kill in between leaves no gap.

    directory: the state directory, None for no files.
    """

    def __init__(self, directory: Path | None) -> None:
        self.value = self._written = 0
        self._owner = f"{directory}"
        runtime = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        folders = [directory, Path(runtime) if runtime else None] if directory else []
        self._files = [folder / TOLD_FILE for folder in folders if folder is not None]
        self._descriptors: dict[Path, int] = {}

    def open(self) -> None:
        """Create the files that can be created and are not open yet, and read them."""
        for file in self._files:
            if file not in self._descriptors:
                with suppress(OSError):
                    self._open(file, is_shared=file is not self._files[0])

    def write(self) -> None:
        """Write the number, unless it is written."""
        if self._written == self.value:
            return
        self._written = self.value
        for descriptor in self._descriptors.values():
            with suppress(OSError):
                os.pwrite(descriptor, self._content(), 0)

    def close(self, *, needed: bool) -> None:
        """Close the files, and delete them if the number is in the state file."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()
        for file in () if needed else self._files:
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _open(self, file: Path, *, is_shared: bool) -> None:
        descriptor = open_file(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        self._descriptors[file] = descriptor
        number, _, owner = os.pread(descriptor, 4096, 0).decode(errors="replace").partition(" ")
        is_ours = owner.rstrip("\n") == self._owner or not is_shared
        if is_ours and len(number) == TOLD_DIGITS and number.isascii() and number.isdecimal():
            self.value = max(self.value, int(number))
        os.pwrite(descriptor, self._content(), 0)
        self._written = -1  # the files may differ

    def _content(self) -> bytes:
        return f"{self.value:0{TOLD_DIGITS}} {self._owner}\n".encode()


class StateFile:
    """Database of the state, in a file or in memory; one thread uses it.

    Only ``synchronise`` and ``write_through`` may be called from any thread.

    file: path of the database, None for memory. date: returns the date for names of files.
    trouble: what is wrong with the file and how to fix it, None if nothing is.
    unsynchronised: whether a power cut would undo a durable write.
    when_locked: called when another program has locked the file, so that ``retry`` is called soon.
    when_journal_is_long: called after writes while the journal is to be moved to the file.

    While another program has the file locked, the state goes on in memory, and ``retry`` writes
    what happened meanwhile. That is in ``trouble`` only after 10 s.
    """

    def __init__(
        self,
        file: Path | None = None,
        date: Callable[[], datetime] = _now,
        real_time: Callable[[], timedelta] = real_time,
    ) -> None:
        self.trouble: str | None = None
        self.unsynchronised = False
        self.when_locked: Callable[[], None] = lambda: None
        self.when_journal_is_long: Callable[[], None] = lambda: None
        self._file = file
        self._date = date
        self._real_time = real_time
        self._batch: list[Statement] | None = None
        self._is_durable = self._knows_file = False
        self._is_in_memory = file is None
        self._identity: tuple[int, int] | None = None
        self._locked: sqlite3.Connection | None = None
        self._locked_since = ZERO
        self._unwritten: list[Statement] = []
        self._journal_limit = CHECKPOINT_MIN_BYTES
        self._has_reader = False
        self._told = ToldNumber(None if file is None else file.parent)
        try:
            self._db = open_in_memory() if file is None else self._open(file)
        except (sqlite3.Error, OSError) as error:
            self._report_trouble(error)
            self._is_in_memory = True
            self._db = self._open_readable_copy(error)
        self._told.open()

    @property
    def told(self) -> int:
        """Highest event number that was given, also by a run whose state is lost."""
        return self._told.value

    @property
    def is_locked(self) -> bool:
        """True while the state is in memory because another program has locked the file."""
        return self._locked is not None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the result of a query, without the writes of an open batch."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._go_on_in_memory(error)
            return self._db.execute(query, values).fetchall()

    def write(self, *statements: Statement, durable: bool = True) -> None:
        """Execute all statements or none, at once or at the end of the open batch.

        durable: whether to synchronise the disk soon, after which a power cut cannot undo them.
        """
        self._is_durable |= durable and self._file is not None
        if self._batch is not None:
            self._batch += statements
        elif statements:
            self._execute(statements)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect the writes of a block and execute all or none at its end."""
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

    def note_told(self, number: int) -> None:
        """Remember the number of an event; it outlives a kill even if the file is unwritable."""
        self._told.value = max(self._told.value, number)

    def retry(self) -> bool:
        """Return to the file if the state is in memory because of trouble, and report whether."""
        if not self._is_in_memory or self._file is None:
            return False
        if self._locked is not None:
            return self._write_unwritten(self._locked)
        return self._return_to(self._file)

    def check(self) -> None:
        """Notice a file that was replaced, deleted or made unwritable while it is in use.

        A file in the wrong place is no longer used: the state goes on in memory until ``retry``.
        """
        if self._is_in_memory or self._file is None:
            return
        try:
            self._check_identity(self._file)
        except OSError as error:
            self._go_on_in_memory(error)
            return
        trouble = rights_trouble(self._file)
        if trouble is not None and trouble != self.trouble:
            log.error("%s", trouble)
        self.trouble = trouble

    @property
    def checkpoint_wanted(self) -> bool:
        """True if the journal has grown until its content should be moved to the file."""
        return self._journal_size() >= self._journal_limit

    @property
    def checkpoint_is_urgent(self) -> bool:
        """True if the journal has grown so much that no limit of syncs counts."""
        return self._journal_size() >= max(CHECKPOINT_URGENT_BYTES, self._journal_limit)

    def synchronise(self) -> int:
        """Write what was committed through to the disk; return the number of disk syncs.

        It may take seconds. Call it from any thread.

        Raises OSError or sqlite3.Error if the disk refuses.
        """
        if self._file is None or self._is_in_memory:
            return 0
        journal = f"{self._file}-wal"
        if os.path.getsize(journal) >= self._journal_limit:
            with closing(connect_file(self._file)) as db:
                return CHECKPOINT_SYNCS * self._move_journal(db)
        self.write_through()
        return 1

    def write_through(self) -> None:
        """Write what was committed through to the disk, and leave the journal as long as it is.

        Safe from any thread. Raises OSError if the disk refuses.
        """
        if self._file is None or self._is_in_memory:
            return
        descriptor = os.open(f"{self._file}-wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def synchronise_failed(self, error: Exception) -> None:
        """Go on in memory after an error of ``synchronise``, unless the state is there already."""
        if is_lock(error):
            self.unsynchronised = True  # the next sync does it
        elif not self._is_in_memory:
            self._go_on_in_memory(error)

    def replace_database(self, db: sqlite3.Connection) -> None:
        """Close the present database and use another."""
        self._db.close()
        self._db = db

    def close(self) -> None:
        """Close the database. Before that, write what is in memory only if that works by now.

        It waits at most 4 s for another program's lock. If the state still cannot be written, it is
        kept in a file beside the state file, which the next start takes over.
        """
        if self._is_in_memory and self._file is not None and not self._write_at_end(self._file):
            self._keep_rest(self._file)
        is_told_kept = not self._is_in_memory and self._is_told_counted()
        with suppress(sqlite3.Error):
            self._db.close()
        if self._locked is not None:
            self._locked.close()
            self._locked = None
        self._told.close(needed=not is_told_kept)

    # Writing, and what to do when it fails

    def _execute(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        try:
            self._commit(statements)
        except sqlite3.Error as error:
            self._go_on_in_memory(error)
            self._commit(statements)
        self._told.write()
        if self._locked is not None:
            self._unwritten += statements
            if len(self._unwritten) > UNWRITTEN_MAX:
                self._give_lock_up()
        self.unsynchronised |= self._is_durable
        self._is_durable = False
        if self.checkpoint_wanted:
            self.when_journal_is_long()

    def _commit(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        with transaction(self._db):
            for statement, values in statements:
                self._db.execute(statement, values)

    def _go_on_in_memory(self, error: Exception) -> None:
        """Use a database in memory with everything readable in the file."""
        if self._file is None or self._is_in_memory:
            raise error
        memory, self._knows_file = copy_to_memory(self._db, error)
        self._is_in_memory = True
        if is_lock(error):
            self._locked, self._locked_since = self._db, self._real_time()
            self._unwritten = []
            log.debug("%s: locked by another program; trying again", self._file)
            self._db = memory
            self.when_locked()
        else:
            self._report_trouble(error)
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = memory
            if isinstance(error, ReplacedFileError):
                _remove_journal(self._file)

    def _report_trouble(self, error: Exception) -> None:
        is_complete = isinstance(error, UnavailableError | ReplacedFileError)
        trouble = str(error) if is_complete else f"{self._file}: {error}"
        if self._file is not None and (rights := rights_trouble(self._file)) is not None:
            trouble = rights
        self.trouble = trouble
        log.error("%s; state is in memory only, and lost when the service ends", trouble)

    # The way back to the file

    def _write_unwritten(self, file: sqlite3.Connection) -> bool:
        """Write what happened while another program had locked the file."""
        try:
            with transaction(file):
                for statement, values in self._unwritten:
                    file.execute(statement, values)
        except sqlite3.Error as error:
            if not is_lock(error):
                self._give_lock_up()
                self._report_trouble(error)
            elif self.trouble is None and self._real_time() - self._locked_since > LOCK_FAULT:
                self._report_trouble(
                    UnavailableError(
                        f"{self._file}: another program has locked it for more than "
                        f"{LOCK_FAULT.seconds} s; find it with: sudo fuser -v {self._file}"
                    )
                )
            return False
        self._locked, self._unwritten = None, []
        self._use_file(file)
        return True

    def _give_lock_up(self) -> None:
        """Write the whole content later, through another connection."""
        if self._locked is not None:
            self._locked.close()
        self._locked, self._unwritten = None, []

    def _return_to(self, file: Path) -> bool:
        try:
            db = self._open(file, LOCK_WAIT_S)
        except (sqlite3.Error, OSError):
            return False
        try:
            self._copy_back(db)
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                db.close()
            return False
        self._use_file(db)
        return True

    def _use_file(self, db: sqlite3.Connection) -> None:
        self.replace_database(db)
        if self.trouble is not None:
            log.warning("%s: can be used again; what happened meanwhile is in it", self._file)
        self.trouble, self._is_in_memory, self.unsynchronised = None, False, True
        self._told.open()

    def _copy_back(self, db: sqlite3.Connection) -> None:
        """Replace the content of the file by that of the memory, as far as the memory knows it."""
        with transaction(db):
            replace_content(self._db, db, is_complete=self._knows_file)

    def _write_at_end(self, file: Path) -> bool:
        if self._locked is not None:
            self._locked.execute(f"pragma busy_timeout = {LOCK_WAIT_AT_END_S * 1000:.0f}")
            return self._write_unwritten(self._locked)
        return self._return_to(file)

    def _is_told_counted(self) -> bool:
        """Return whether the numbers in the file have reached the highest that was given."""
        try:
            rows = self._db.execute("select value from counters where name = 'seq'").fetchall()
        except sqlite3.Error:
            return False
        return (rows[0][0] if rows else 0) >= self._told.value

    def _keep_rest(self, file: Path) -> None:
        """Write what is in memory to a file of its own, for the next start."""
        if not self._knows_file:
            return
        rest = rest_of(file)
        new = rest.with_name(f"{rest.name}.new")
        try:
            new.unlink(missing_ok=True)
            with closing(connect_file(new)) as db:
                self._db.backup(db)
            os.replace(new, rest)
        except (sqlite3.Error, OSError) as error:
            log.error("%s: what happened since then is lost: %s", file, error)
        else:
            log.warning("%s: what could not be written is kept in %s", file, rest)

    # Opening

    def _open_readable_copy(self, error: Exception) -> sqlite3.Connection:
        """Return a copy of everything readable in a file that cannot be written."""
        file = Path(str(self._file))
        for source in (rest_of(file), file):
            with suppress(sqlite3.Error, OSError):
                memory, is_complete = open_copy(source)
                self._knows_file = is_complete and not isinstance(error, UnavailableError)
                return memory
        return open_in_memory()

    def _open(self, file: Path, wait_s: float = LOCK_WAIT_AT_START_S) -> sqlite3.Connection:
        try:
            db = open_database(file, wait_s)
        except sqlite3.DatabaseError as error:
            if not is_broken(error):
                raise
            aside = set_aside(file, "broken", self._date())
            log.error("%s is broken (%s): it is now %s", file, error, aside)
            db = open_database(file, wait_s)
            with suppress(OSError), closing(open_copy(aside)[0]) as readable, transaction(db):
                copy_readable(readable, db)
        status = os.stat(file)
        self._identity = status.st_dev, status.st_ino
        return db

    def _check_identity(self, file: Path) -> None:
        """Raise ReplacedFileError if the file of this path is not the one that is open."""
        remedy = "stop the service before you move, delete or restore its files"
        try:
            status = os.stat(file)
        except FileNotFoundError:
            raise ReplacedFileError(
                f"{file}: it was deleted while the service runs; {remedy}"
            ) from None
        if (status.st_dev, status.st_ino) != self._identity:
            aside = set_aside(file, "replaced", self._date(), FILE_SUFFIXES[:1])
            raise ReplacedFileError(
                f"{file}: another file took its place while the service runs, which is now "
                f"{aside}; {remedy}"
            )
        if not os.path.exists(f"{file}-wal"):
            raise ReplacedFileError(f"{file}-wal: it was deleted while the service runs; {remedy}")

    # The journal

    def _journal_size(self) -> int:
        if self._file is None or self._is_in_memory:
            return 0
        try:
            return os.path.getsize(f"{self._file}-wal")
        except OSError:
            return 0

    def _move_journal(self, db: sqlite3.Connection) -> int:
        """Move the journal's content to the file; return how often that took disk syncs.

        SQLite uses the journal from its beginning again only if all of it has been moved, so what
        is written during a move is moved after it. Another program that reads an older content
        stops the move; then the next one is tried when the journal is twice as long.
        """
        moved_before = -1
        for moves in range(1, CHECKPOINT_MOVES_MAX + 1):
            _, length, moved = db.execute("pragma wal_checkpoint(passive)").fetchone()
            if moved < length:
                self._report_reader()
                break
            if moved == moved_before:
                self._journal_limit, self._has_reader = CHECKPOINT_MIN_BYTES, False
                return moves - 1
            moved_before = moved
        else:
            self._journal_limit = self._journal_size() + CHECKPOINT_MIN_BYTES
        return moves

    def _report_reader(self) -> None:
        size = self._journal_size()
        if size >= JOURNAL_WARN_BYTES and not self._has_reader:
            self._has_reader = True
            log.warning(
                "%s-wal has grown to %d MB and grows on, because another program reads the state "
                "file without an end; find it with: sudo fuser -v %s",
                *(self._file, size // 1_000_000, self._file),
            )
        self._journal_limit = 2 * size


def open_state_copy(file: Path) -> StateFile:
    """Return a copy in memory of everything readable in a state file, which may be in use."""
    state = StateFile()
    for source in (rest_of(file), file):
        with suppress(sqlite3.Error, OSError):
            state.replace_database(open_copy(source)[0])
            break
    return state


@contextmanager
def locked_directory(directory: Path) -> Iterator[None]:
    """Lock a directory of state for this process, and create it if it is missing.

    The lock ends with the process. There is no lock if the directory cannot be created or its file
    system has no locks (see flock(2)).

    Raises UnavailableError for a directory that another process has locked.
    """
    descriptor = _lock(directory)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def is_locked(directory: Path) -> bool:
    """Return whether a service keeps its state in a directory at the moment."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


class Synchroniser:
    """Scheduler of the state file's disk syncs, used in the loop's thread.

    It syncs in a thread of its own, at once if the last syncs are long ago, else later. It also
    returns to a file that another program had locked.

    returned: called after a return to the file.
    """

    def __init__(
        self, loop: Loop, file: StateFile, returned: Callable[[], None] = lambda: None
    ) -> None:
        self._loop = loop
        self._file = file
        self._since = loop.clock.now()
        self._credit = SYNC_BURST * SYNC_INTERVAL
        self._is_running = False
        self._is_planned = False
        self._is_retry_planned = False
        self._returned = returned
        self._thread: threading.Thread | None = None
        file.when_locked = self._retry_later
        file.when_journal_is_long = self.request

    def request(self) -> None:
        """Synchronise what was written, at once if the limits allow it, else as soon as they do.

        A journal that grows by writes which need no sync is moved to the file all the same.
        """
        if self._is_running:
            return
        if self._file.checkpoint_is_urgent:
            self._earn_credit(self._loop.clock.now())
            self._begin()
            return
        if self._is_planned or not (self._file.unsynchronised or self._file.checkpoint_wanted):
            return
        now = self._loop.clock.now()
        self._earn_credit(now)
        if self._credit >= SYNC_INTERVAL:
            self._begin()
        else:
            self._is_planned = True
            self._loop.at(now + (SYNC_INTERVAL - self._credit), self._run_planned)

    def retry(self) -> None:
        """Return to the file if that works, and try again soon while another program locks it."""
        if self._file.retry():
            self._returned()
            self.request()
        elif self._file.is_locked:
            self._retry_later()

    def finish(self) -> None:
        """Wait for the end of a running sync."""
        if self._thread is not None:
            self._thread.join()

    def _earn_credit(self, now: Instant) -> None:
        self._credit = min(self._credit + (now - self._since), SYNC_BURST * SYNC_INTERVAL)
        self._since = now

    def _retry_later(self) -> None:
        if not self._is_retry_planned:
            self._is_retry_planned = True
            self._loop.at(self._loop.clock.now() + LOCK_RETRY, self._run_retry)

    def _run_retry(self) -> None:
        self._is_retry_planned = False
        self.retry()

    def _run_planned(self) -> None:
        self._is_planned = False
        self.request()

    def _begin(self) -> None:
        self._is_running = True
        self._file.unsynchronised = False
        self._thread = threading.Thread(target=self._synchronise, name="disk", daemon=True)
        self._thread.start()

    def _synchronise(self) -> None:
        try:
            syncs = self._file.synchronise()
        except Exception as error:
            self._loop.call(self._failed, error)
        else:
            self._loop.call(self._done, syncs)

    def _done(self, syncs: int) -> None:
        self._credit -= syncs * SYNC_INTERVAL
        self._is_running = False
        self.request()

    def _failed(self, error: Exception) -> None:
        self._is_running = False
        self._file.synchronise_failed(error)


def _remove_journal(file: Path) -> None:
    """Remove the journal of a database that is no longer there, which would spoil the next one."""
    for suffix in FILE_SUFFIXES[1:]:
        with suppress(OSError):
            os.unlink(f"{file}{suffix}")


def _lock(directory: Path) -> int | None:
    descriptor = None
    try:
        with folder(directory, create=True) as opened:
            descriptor = os.open(".", os.O_RDONLY | os.O_CLOEXEC, dir_fd=opened.descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if descriptor is not None:
            os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            log.debug("%s: cannot be locked: %s", directory, error)
            return None
        raise UnavailableError(
            f"{directory}: another unsit keeps its state there; stop that one, or give this one a "
            "place of its own: --state-dir"
        ) from None
    return descriptor
