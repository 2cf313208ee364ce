"""The store: what the service must still know after a restart, as small JSON documents.

A SQLite file, so that a killed process leaves either the old document or the new one.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from unsit.errors import UnavailableError
from unsit.runtime.database import IN_MEMORY, open_database

VERSION = 1
"""The layout of the file, kept in SQLite's ``user_version``."""

_SCHEMA = f"""
create table if not exists documents (name text primary key, content text not null);
pragma user_version = {VERSION};
"""


class Store:
    """Documents by name; used from one thread at a time.

    file: where, or IN_MEMORY.

    Raises UnavailableError for a file that cannot be used, or that a newer unsit wrote.
    """

    def __init__(self, file: str = IN_MEMORY) -> None:
        self._file = file
        with self._errors():
            self._db = open_database(file, self._prepare)

    def get(self, name: str) -> Any:
        """A document, None where there is none."""
        with self._errors():
            query = "select content from documents where name = ?"
            row = self._db.execute(query, (name,)).fetchone()
            return None if row is None else json.loads(row[0])

    def put(self, name: str, content: Any) -> None:
        """Keeps a document in place of the one of that name. None takes it away."""
        with self._errors():
            if content is None:
                self._db.execute("delete from documents where name = ?", (name,))
            else:
                row = (name, json.dumps(content))
                self._db.execute("insert or replace into documents values (?, ?)", row)

    def close(self) -> None:
        """Ends the use of the file."""
        self._db.close()

    def _prepare(self, db: sqlite3.Connection) -> None:
        (version,) = db.execute("pragma user_version").fetchone()
        if version > VERSION:
            raise UnavailableError(
                f"{self._file}: written by a newer unsit (layout {version}, expected at most "
                f"{VERSION}); update unsit, or move the file away"
            )
        if version < VERSION:
            db.executescript(_SCHEMA)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except UnavailableError:
            raise
        except (sqlite3.Error, OSError, ValueError) as error:
            raise UnavailableError(f"{self._file}: cannot be used: {error}") from error
