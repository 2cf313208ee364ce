"""SQLite files as the service keeps them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

IN_MEMORY = ":memory:"


def open_database(file: str, prepare: Callable[[sqlite3.Connection], object]) -> sqlite3.Connection:
    """A database in which every statement is a transaction of its own, and its folder.

    file: where, or IN_MEMORY. prepare: makes its tables; a file that it refuses is left as it is.

    Raises sqlite3.Error or OSError for a file that cannot be used, and what ``prepare`` raises.
    """
    if file != IN_MEMORY:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        prepare(db)
        # WAL with normal synchronisation survives a killed process without a wait for the disk.
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
    except BaseException:
        db.close()
        raise
    return db
