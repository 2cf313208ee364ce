"""SQLite databases of the state: opening, layout, damage, and copies of what is readable.

What happens to the running service when its file cannot be used is in ``state_file``.
"""

import json
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from unsit.errors import UnavailableError
from unsit.files import UnsafePathError, folder, open_file

LAYOUT = """
create table if not exists documents (name text primary key, content text not null);
create table if not exists outbox (seq integer primary key, record text not null,
  marks integer not null default 0);
create table if not exists counters (name text primary key, value integer not null);
"""

LAYOUT_VERSION = 3
"""Version of the layout in SQLite's ``user_version``.

Version 1 had the documents only. In version 2 the outbox had no marks: all its records waited.
"""

TABLES = ("documents", "outbox", "counters")

FORMER_OUTBOX = "outbox.sqlite"
"""Name of the outbox's own file, beside a state file of layout 1."""

BROKEN_FILES_MAX = 5
"""Damaged files that are kept; older ones are deleted."""

FILE_SUFFIXES = ("", "-wal", "-shm")
"""Suffixes of the up to three files of a database in use."""

LOCK_WAIT_S = 0.01
"""Time (s) that a write on the way to the buzzer waits for another program's lock."""

LOCK_WAIT_AT_START_S = 1.0
"""Time (s) that opening waits for another program's lock."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # only for a copy in a temporary folder of its own
"""Folder in memory, see shm_overview(7)."""

_COPY_ROW = {
    "documents": "insert or ignore into documents values (?, ?)",
    "outbox": "insert or ignore into outbox values (?, ?, ?)",
    "counters": "insert into counters values (?, ?) "
    "on conflict (name) do update set value = max(value, excluded.value)",
}

_COUNT_WAITING = """
insert into counters select 'seq', max(seq) from outbox where true having max(seq) is not null
on conflict (name) do update set value = max(value, excluded.value)
"""


class BrokenFileError(sqlite3.DatabaseError):
    """Damage in a file that is a database."""


def is_lock(error: BaseException) -> bool:
    """Return whether an error means that another program uses the file at present."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)


def connect(file: str, wait_s: float = LOCK_WAIT_AT_START_S) -> sqlite3.Connection:
    """Return a connection in which every statement is a transaction of its own.

    wait_s: how long a statement waits for the lock of another program, in seconds.
    """
    is_uri = file.startswith("file:")
    return sqlite3.connect(
        file, isolation_level=None, check_same_thread=False, timeout=wait_s, uri=is_uri
    )


def connect_file(file: Path, wait_s: float = LOCK_WAIT_AT_START_S) -> sqlite3.Connection:
    """Return a connection to a file, which is made if it is missing.

    Root follows no link that another user has put in the place of the file: SQLite itself would.
    A file that is made in the directory of another user belongs to them, and so does its journal.

    Raises UnsafePathError, or an error of SQLite.
    """
    with folder(file.parent) as parent:
        if not parent.is_foreign:
            return connect(str(file), wait_s)
        if parent.status(file.name) is None:
            os.close(parent.open(file.name, os.O_RDWR | os.O_CREAT))
        expected = parent.status(file.name)
        before = set(os.listdir("/proc/self/fd"))
        db = connect(f"file:{_quoted(file)}?mode=rw", wait_s)
        # So far SQLite has opened the file and read nothing.
        opened = set(os.listdir("/proc/self/fd")) - before
        if expected is None or any(not _is_same(int(number), expected) for number in opened):
            db.close()
            raise UnsafePathError(f"{file}: it was replaced while root opened it")
        return db


def _quoted(file: Path) -> str:
    return "".join(f"%{ord(sign):02x}" if sign in "%?#" else sign for sign in str(file))


def _is_same(descriptor: int, expected: os.stat_result) -> bool:
    """Return whether a descriptor is of the expected file, or of no regular file at all."""
    try:
        found = os.fstat(descriptor)
    except OSError:  # that of the list itself
        return True
    return not stat.S_ISREG(found.st_mode) or os.path.samestat(found, expected)


def open_in_memory() -> sqlite3.Connection:
    """Return an empty database of the present layout in memory."""
    db = connect(":memory:")
    db.executescript(LAYOUT)
    return db


def open_database(file: Path, wait_s: float) -> sqlite3.Connection:
    """Return the database in a file, updated to the present layout; create it if it is missing.

    wait_s: how long opening waits for the lock of another program, in seconds.

    A commit survives a killed process at once, and a power cut after the next
    ``StateFile.synchronise``.

    Raises sqlite3.Error or OSError for a file that cannot be used. Raises UnavailableError for a
    file of a newer version of unsit, and does not change it.
    """
    with folder(file.parent, create=True):
        db = connect_file(file, wait_s)
    try:
        _check(db, file)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.execute("pragma wal_autocheckpoint = 0")
        db.execute("pragma journal_size_limit = 0")  # cut the journal off at its last content
        _update_layout(db)
        _take_over_outbox(db, file.with_name(FORMER_OUTBOX))
        _take_over_rest(db, rest_of(file))
        db.execute(f"pragma busy_timeout = {LOCK_WAIT_S * 1000:.0f}")
    except BaseException:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection, file: Path) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version > LAYOUT_VERSION:
        raise UnavailableError(
            f"{file}: written by a newer unsit (layout {version}, expected at most "
            f"{LAYOUT_VERSION}); update unsit, or move the file away"
        )
    (verdict,) = db.execute("pragma quick_check(1)").fetchone()
    if verdict != "ok":
        raise BrokenFileError(verdict)


def is_broken(error: BaseException) -> bool:
    """Return whether an error means that the file is damaged, not the disk or its permissions."""
    if isinstance(error, BrokenFileError):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _update_layout(db: sqlite3.Connection) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version < LAYOUT_VERSION:
        with transaction(db):
            for statement in LAYOUT.split(";"):
                db.execute(statement)
            if not _has_marks(db):
                db.execute("alter table outbox add column marks integer not null default 0")
            db.execute(f"pragma user_version = {LAYOUT_VERSION}")


def _has_marks(db: sqlite3.Connection) -> bool:
    columns = db.execute("select name from pragma_table_info('outbox')").fetchall()
    return not columns or ("marks",) in columns


def _take_over_outbox(db: sqlite3.Connection, former: Path) -> None:
    """Move the content of the outbox's former file to the database; safe to repeat."""
    if not former.exists():
        return
    with closing(connect_file(former)) as old, transaction(db):
        copy_readable(old, db)
    for suffix in FILE_SUFFIXES:
        former.with_name(former.name + suffix).unlink(missing_ok=True)


def rest_of(file: Path) -> Path:
    """Return the path of the file with what a stop could not write to the state file."""
    return file.with_name(f"{file.name}.rest")


def _take_over_rest(db: sqlite3.Connection, rest: Path) -> None:
    """Replace the content of the database by what a stop could not write to it; safe to repeat."""
    if not rest.exists():
        return
    with suppress(sqlite3.DatabaseError), closing(open_copy(rest)[0]) as kept:
        if _last_seq(kept) >= _last_seq(db):
            with transaction(db):
                replace_content(kept, db, is_complete=True)
    rest.unlink()


def _last_seq(db: sqlite3.Connection) -> int:
    rows = db.execute("select value from counters where name = 'seq'").fetchall()
    return int(rows[0][0]) if rows else 0


def copy_to_memory(db: sqlite3.Connection, error: Exception) -> tuple[sqlite3.Connection, bool]:
    """Return a copy in memory of everything readable, and whether that is everything."""
    if not is_broken(error):
        memory = connect(":memory:")
        with suppress(sqlite3.Error):
            db.backup(memory)  # a few ms, where copying 10,000 rows takes many times that
            return memory, True
        memory.close()
    memory = open_in_memory()
    with transaction(memory):
        return memory, copy_readable(db, memory)


def replace_content(
    source: sqlite3.Connection, target: sqlite3.Connection, *, is_complete: bool
) -> None:
    """Replace the rows of a database; the caller opens the transaction.

    is_complete: whether the source knows everything. If not, other documents and records stay.
    """
    for (name,) in source.execute("select name from documents").fetchall():
        target.execute("delete from documents where name = ?", (name,))
    if is_complete:
        target.execute("delete from documents")
        target.execute("delete from outbox")
    copy_readable(source, target)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit everything in a block, or nothing if it raises."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("rollback")
        raise


def copy_readable(source: sqlite3.Connection, target: sqlite3.Connection) -> bool:
    """Copy all readable and valid rows to another database; return whether all were readable.

    The caller opens the transaction. Rows of the target stay; of two counters the higher one stays.
    """
    complete = True
    for table in TABLES:
        rows: list[tuple[Any, ...]] = []
        columns = "*"
        try:
            columns = "*" if table != "outbox" or _has_marks(source) else "*, 0"
            rows += source.execute(f"select {columns} from {table}")  # noqa: S608  # one of TABLES
        except sqlite3.Error:
            complete = False
            with suppress(sqlite3.Error):  # what comes after the damage, from the other end
                query = f"select {columns} from {table} order by rowid desc"  # noqa: S608
                rows += source.execute(query)
        if table != "counters":
            rows = [row for row in rows if _is_json(row[1])]
        target.executemany(_COPY_ROW[table], rows)
    target.execute(_COUNT_WAITING)
    return complete


def _is_json(text: Any) -> bool:
    try:
        json.loads(text)
    except (ValueError, TypeError):
        return False
    return True


@contextmanager
def copied(file: Path) -> Iterator[Path]:
    """Copy a database with its journal for a ``with`` block; yield the path of the copy.

    The copy is for this user alone. Raises OSError, UnsafePathError.
    """
    # The disk may be full, so the copy is made in shared memory if there is any.
    folder_of_copy = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=folder_of_copy) as folder:
        copy = Path(folder) / file.name
        for suffix in FILE_SUFFIXES[:2]:
            if os.path.exists(f"{file}{suffix}"):
                original = os.fdopen(open_file(Path(f"{file}{suffix}"), os.O_RDONLY), "rb")
                with original, open(f"{copy}{suffix}", "wb") as duplicate:
                    shutil.copyfileobj(original, duplicate)
        yield copy


def open_copy(file: Path) -> tuple[sqlite3.Connection, bool]:
    """Return a database in memory with everything readable in a file, and whether that is all.

    The file may be in use, or on a read-only disk.

    Raises sqlite3.Error or OSError if nothing in the file is readable.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file")
    with copied(file) as copy:
        memory = open_in_memory()
        try:
            with closing(connect(str(copy))) as source, transaction(memory):
                is_complete = copy_readable(source, memory)
        except BaseException:
            memory.close()
            raise
        return memory, is_complete


def set_aside(
    file: Path, why: str, date: datetime, suffixes: tuple[str, ...] = FILE_SUFFIXES
) -> Path:
    """Rename a file, and delete the oldest of those that were renamed before; return its path."""
    prefix = f"{file.name}.{why}-"
    aside = file.with_name(f"{prefix}{date:%Y%m%dT%H%M%S}")
    for suffix in suffixes:
        with suppress(FileNotFoundError):
            os.replace(f"{file}{suffix}", f"{aside}{suffix}")
    dates = "[0-9]" * 8 + "T" + "[0-9]" * 6
    for old in sorted(file.parent.glob(f"{prefix}{dates}"))[:-BROKEN_FILES_MAX]:
        for suffix in FILE_SUFFIXES:
            Path(f"{old}{suffix}").unlink(missing_ok=True)
    return aside


def rights_trouble(file: Path) -> str | None:
    """Return what is wrong with the rights of a database, with the fix; None if nothing is."""
    for path in (file, *(Path(f"{file}{suffix}") for suffix in FILE_SUFFIXES[1:])):
        try:
            owner = path.stat().st_uid
        except OSError:
            continue
        if os.access(path, os.R_OK | os.W_OK, effective_ids=True) or _is_on_read_only_disk(path):
            continue
        if owner == os.geteuid():
            return f"{path}: its mode forbids the service to write it; run: sudo chmod u+rw {path}"
        return (
            f"{path}: it belongs to the user {owner}, and the service runs as {os.geteuid()}; run: "
            f"sudo chown --reference={file.parent} {path}"
        )
    return None


def _is_on_read_only_disk(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
