"""The outbox: records wait here until the broker has acknowledged them.

A SQLite file, so that a killed process loses nothing; the number of the last record is kept with
them and goes on counting after a restart. In memory it serves where nothing need be kept.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from unsit.errors import UnavailableError
from unsit.runtime.database import IN_MEMORY, open_database
from unsit.runtime.record import Record

_SCHEMA = """
create table if not exists outbox (seq integer primary key, record text not null);
create table if not exists counters (name text primary key, value integer not null);
"""


class Outbox:
    """Records in order of ``seq``; used from one thread at a time.

    file: where, or IN_MEMORY.
    capacity: how many may wait; beyond that the oldest go, and ``dropped`` counts them.

    Raises UnavailableError for a file that cannot be used.
    """

    def __init__(self, file: str = IN_MEMORY, capacity: int = 10_000) -> None:
        self._file = file
        self._capacity = capacity
        with self._errors():
            self._db = open_database(file, lambda db: db.executescript(_SCHEMA))
            (self._length,) = self._db.execute("select count(*) from outbox").fetchone()
        self._newest: Record | None = None

    @property
    def last_seq(self) -> int:
        """The number of the last record ever put in, 0 if there was none."""
        (waiting,) = self._db.execute("select max(seq) from outbox").fetchone()
        return max(waiting or 0, self._counter("seq"))

    @property
    def dropped(self) -> int:
        """How many records were let go unsent because too many waited."""
        return self._counter("dropped")

    def __len__(self) -> int:
        return int(self._length)

    def put(self, record: Record) -> None:
        """Adds the next record."""
        with self._errors():
            self._db.execute(
                "insert into outbox values (?, ?)", (record["seq"], json.dumps(record))
            )
        self._length += 1
        self._newest = record
        if self._length > self._capacity:
            self._drop(self._length - self._capacity)

    def after(self, seq: int, most: int) -> list[Record]:
        """The oldest records beyond a number, at most so many."""
        if self._newest is not None and self._newest["seq"] == seq + 1:
            return [self._newest]  # what was just put need not be read back
        rows = self._db.execute(
            "select record from outbox where seq > ? order by seq limit ?", (seq, most)
        )
        return [json.loads(text) for (text,) in rows]

    def remove(self, seq: int) -> None:
        """Takes out a record that has arrived."""
        with self._errors(), self._transaction():
            self._count("seq", max(seq, self._counter("seq")))
            self._length -= self._db.execute("delete from outbox where seq = ?", (seq,)).rowcount
        if self._newest is not None and self._newest["seq"] == seq:
            self._newest = None

    def close(self) -> None:
        """Ends the use of the file."""
        self._db.close()

    def _drop(self, surplus: int) -> None:
        with self._errors(), self._transaction():
            self._db.execute(
                "delete from outbox where seq in (select seq from outbox order by seq limit ?)",
                (surplus,),
            )
            self._count("dropped", self.dropped + surplus)
        self._length -= surplus

    def _counter(self, name: str) -> int:
        row = self._db.execute("select value from counters where name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _count(self, name: str, value: int) -> None:
        self._db.execute("insert or replace into counters values (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._db:
            self._db.execute("begin immediate")
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise UnavailableError(f"{self._file}: the outbox cannot be used: {error}") from error
