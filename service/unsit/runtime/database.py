"""The layout of the state file, and what it takes to bring an older one up to it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from unsit.errors import UnavailableError

IN_MEMORY = ":memory:"

LAYOUT = """
create table if not exists documents (name text primary key, content text not null);
create table if not exists outbox (seq integer primary key, record text not null);
create table if not exists counters (name text primary key, value integer not null);
"""

VERSION = 2
"""Of the layout, kept in SQLite's ``user_version``. 1 had no more than the documents."""

ENDS = ("", "-wal", "-shm")
"""A file in use is up to three files."""

TABLES = ("documents", "outbox", "counters")

FORMER_OUTBOX = "outbox.sqlite"
"""Where the outbox was, beside a state file of layout 1."""


def connect(file: str) -> sqlite3.Connection:
    """A connection in which every statement is a transaction of its own."""
    return sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=1.0)


def in_memory() -> sqlite3.Connection:
    """An empty database of the present layout that is kept nowhere."""
    db = connect(IN_MEMORY)
    db.executescript(LAYOUT)
    return db


def open_database(file: Path) -> sqlite3.Connection:
    """The database in a file, brought up to the present layout; its folder is made.

    Commits survive a killed process at once and a cut of the power from the next synchronisation
    on, which is left to whoever writes (see ``StateFile.synchronise``).

    Raises sqlite3.Error or OSError for a file that cannot be used, UnavailableError for one that a
    newer unsit wrote; such a file is left as it is.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    db = connect(str(file))
    try:
        _check(db, file)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.execute("pragma wal_autocheckpoint = 0")
        db.execute("pragma journal_size_limit = 0")  # a journal is as long as what is in it
        _bring_up(db)
        _take_over_outbox(db, file.with_name(FORMER_OUTBOX))
    except BaseException:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection, file: Path) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version > VERSION:
        raise UnavailableError(
            f"{file}: written by a newer unsit (layout {version}, expected at most {VERSION}); "
            "update unsit, or move the file away"
        )
    (verdict,) = db.execute("pragma quick_check(1)").fetchone()
    if verdict != "ok":
        raise BrokenFileError(verdict)


class BrokenFileError(sqlite3.DatabaseError):
    """The file is a database, and part of it makes no sense."""


def is_broken(error: BaseException) -> bool:
    """Whether an error says that the file itself is bad, and not the disk or the rights to it."""
    if isinstance(error, BrokenFileError):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _bring_up(db: sqlite3.Connection) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version < VERSION:
        with transaction(db):
            for statement in LAYOUT.split(";"):
                db.execute(statement)
            db.execute(f"pragma user_version = {VERSION}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing of what is executed within."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("rollback")
        raise


def _take_over_outbox(db: sqlite3.Connection, former: Path) -> None:
    """Puts what the outbox's own file holds into this one; harmless when half of it was done."""
    if not former.exists():
        return
    with closing(connect(str(former))) as old, transaction(db):
        copy_readable(old, db)
    for end in ENDS:
        former.with_name(former.name + end).unlink(missing_ok=True)


def copy_readable(source: sqlite3.Connection, target: sqlite3.Connection) -> bool:
    """Adds to a database what can be read of another and makes sense; whether that was all.

    It is part of a transaction of the caller's. Rows that the target has already stay; of two
    counters the higher one counts.
    """
    complete = True
    for table in TABLES:
        rows: list[tuple[Any, Any]] = []
        try:
            rows += source.execute(f"select * from {table}")  # noqa: S608  # one of ours
        except sqlite3.Error:
            complete = False
        makes_sense = table == "counters"
        target.executemany(_ADD[table], [one for one in rows if makes_sense or _is_json(one[1])])
    target.execute(_COUNT_WAITING)
    return complete


_ADD = {
    "documents": "insert or ignore into documents values (?, ?)",
    "outbox": "insert or ignore into outbox values (?, ?)",
    "counters": "insert into counters values (?, ?) "
    "on conflict (name) do update set value = max(value, excluded.value)",
}

_COUNT_WAITING = """
insert into counters select 'seq', max(seq) from outbox where true having max(seq) is not null
on conflict (name) do update set value = max(value, excluded.value)
"""


def _is_json(text: Any) -> bool:
    try:
        json.loads(text)
    except (ValueError, TypeError):
        return False
    return True
