"""History file: an SQLite database beside the state file, with every event and what follows of it.

The file holds facts and what is derived from them. The facts are the events in their compact form,
which are never changed, only forgotten. Stretches, bouts and unknown times can be made again from
them at any time (``HistoryFile.rebuild``).

Events belong to a *source*: a chair that lived here, or an import. The numbers of the events of one
source ascend. A chair whose state was lost begins at number 1 again, and becomes a new source.

A command reads with ``open_history``; it needs no right to write and stops nobody::

    with open_history(file) as history:
        for bout in history.bouts(since, until):
            ...

Times are in ms since 1970 UTC, and periods include their beginning and not their end.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unsit.errors import UnavailableError
from unsit.files import open_file
from unsit.history.compact import TYPES, CompactEvent, compact, expand
from unsit.history.derived import (
    Bout,
    BoutFlags,
    Deriver,
    Row,
    Stretch,
    Unknown,
    Unwatched,
    merge_unknown,
    without_overlaps,
)
from unsit.runtime.database import connect_file, transaction
from unsit.runtime.record import Record

FILE = "history.sqlite"
"""Name of the file in the state directory."""

LAYOUT_VERSION = 1
"""Version of the layout in SQLite's ``user_version``."""

LIVED, IMPORTED = "lived", "imported"
"""Kinds of sources: a chair that keeps its history here, and a file."""

LONGEST_BOUT_MS = 31 * 24 * 3600 * 1000
"""How far before a period a bout may begin that reaches into it. ``seat.max_plausible_bout`` ends
bouts much earlier."""

_LAYOUT_1 = """
create table source (no integer primary key, kind text not null, name text, chair text not null,
  at integer);
create table event (source integer not null, seq integer not null, at integer not null,
  off integer not null, type integer not null, fields text, texts integer,
  primary key (source, seq)) without rowid;
create index event_at on event (at);
create table texts (no integer primary key, content text not null unique);
create table forgotten (start integer not null, end integer not null);
create table deriver (source integer primary key, state text not null);
create table stretch (source integer not null, start integer not null, end integer not null,
  off integer not null, bout integer not null, primary key (source, start)) without rowid;
create table bout (source integer not null, start integer not null, end integer not null,
  off integer not null, seated integer not null, due integer, response integer,
  reminders integer not null, snoozes integer not null, flags integer not null,
  primary key (source, start)) without rowid;
create table unknown (source integer not null, start integer not null, end integer not null,
  why integer not null, primary key (source, start)) without rowid;
"""
# source: no 0 for the first chair; at: when it was imported.
# event: see ``compact.CompactEvent``; texts: a row of the table of this name.
# forgotten: periods that a person has forgotten, whose events do not come back from the outbox.
# deriver: ``derived.Deriver`` after the last event of a source.
# stretch, bout, unknown: see the classes of these names in ``derived``.

_MIGRATIONS: tuple[str, ...] = (_LAYOUT_1,)
"""Statements that make layout N from layout N - 1."""

DERIVED = ("stretch", "bout", "unknown", "deriver")
"""Tables that can be made again from the events."""

_PUT_EVENT = "insert or ignore into event values (?, ?, ?, ?, ?, ?, ?)"
_EVENT = "seq, at, off, type, fields, (select content from texts where no = event.texts)"


@dataclass(frozen=True, slots=True)
class Source:
    """Origin of events. at: when it was imported, None for a chair that lived here."""

    no: int
    kind: str
    name: str | None
    chair: str
    at: int | None = None


class HistoryFile:
    """Open history, for reading and writing; one thread uses it.

    Every method that changes something is one transaction.

    Raises sqlite3.Error or OSError from all methods if the file cannot be used.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def close(self) -> None:
        """Close the file. SQLite moves its journal into it, unless another program reads it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one transaction of a block; those inside it are part of it."""
        if self._db.in_transaction:
            yield
        else:
            with transaction(self._db):
                yield

    def sources(self) -> list[Source]:
        """Return all sources in the order of their numbers."""
        rows = self._db.execute("select no, kind, name, chair, at from source order by no")
        return [Source(*row) for row in rows]

    def add_source(
        self, kind: str, chair: str, name: str | None = None, at: int | None = None
    ) -> Source:
        """Add a source and return it."""
        with self.transaction():
            query = "insert into source select coalesce(max(no) + 1, 0), ?, ?, ?, ? from source"
            self._db.execute(query, (kind, name, chair, at))
            return self.sources()[-1]

    def append(self, records: Sequence[Record]) -> None:
        """Append records of the chair that lives here, in order of ``seq``; repeats are ignored.

        A record that another one with its number contradicts comes from a chair whose state was
        lost: it and those after it are a new source.
        """
        with self.transaction():
            forgotten = self._db.execute("select start, end from forgotten").fetchall()
            source: Source | None = None
            deriver = Deriver()
            for record in records:
                event = compact(record)
                if any(start <= event.at < end for start, end in forgotten):
                    continue
                if source is None or source.chair != record["chair"]:
                    if source is not None:
                        self._keep_deriver(source, deriver)
                    source = self._living(record["chair"])
                    deriver = self._deriver(source)
                if event.seq <= deriver.seq:
                    if self._event(source, event.seq) in (None, event):
                        continue
                    self._keep_deriver(source, deriver)
                    source, deriver = self.add_source(LIVED, record["chair"]), Deriver()
                self.put(source, event)
                self._put_rows(source, deriver.feed(event))
            if source is not None:
                self._keep_deriver(source, deriver)

    def put(self, source: Source, event: CompactEvent) -> bool:
        """Store an event, unless its number is there; return whether it is new.

        The caller derives its rows, or calls ``rebuild``.
        """
        texts = None if event.texts is None else self._texts(event.texts)
        row = (source.no, event.seq, event.at, event.off, event.type, event.fields, texts)
        return self._db.execute(_PUT_EVENT, row).rowcount == 1

    def rebuild(self, source: Source) -> None:
        """Make the derived rows of a source again from its events."""
        with self.transaction():
            for table in DERIVED:
                self._db.execute(f"delete from {table} where source = ?", (source.no,))  # noqa: S608
            deriver = Deriver()
            for event in self.events_of(source):
                self._put_rows(source, deriver.feed(event))
            if deriver.seq:
                self._keep_deriver(source, deriver)

    def events_of(self, source: Source, after: int = 0) -> Iterator[CompactEvent]:
        """Yield the events of a source with numbers above ``after``, in order."""
        query = f"select {_EVENT} from event where source = ? and seq > ? order by seq"  # noqa: S608
        for row in self._db.execute(query, (source.no, after)):
            yield CompactEvent(*row)

    def _event(self, source: Source, seq: int) -> CompactEvent | None:
        query = f"select {_EVENT} from event where source = ? and seq = ?"  # noqa: S608
        row = self._db.execute(query, (source.no, seq)).fetchone()
        return None if row is None else CompactEvent(*row)

    def _living(self, chair: str) -> Source:
        """Return the source of a chair that lives here: the last one of this chair."""
        lived = [one for one in self.sources() if one.kind == LIVED and one.chair == chair]
        return lived[-1] if lived else self.add_source(LIVED, chair)

    def _texts(self, content: str) -> int:
        self._db.execute("insert or ignore into texts (content) values (?)", (content,))
        (no,) = self._db.execute("select no from texts where content = ?", (content,)).fetchone()
        return int(no)

    def _deriver(self, source: Source) -> Deriver:
        query = "select state from deriver where source = ?"
        row = self._db.execute(query, (source.no,)).fetchone()
        return Deriver() if row is None else Deriver.read(row[0])

    def _keep_deriver(self, source: Source, deriver: Deriver) -> None:
        row = (source.no, deriver.document())
        self._db.execute("insert or replace into deriver values (?, ?)", row)

    def _put_rows(self, source: Source, rows: Iterable[Row]) -> None:
        for row in rows:
            match row:
                case Stretch(start, end, off, bout):
                    self._insert("stretch", source.no, start, end, off, bout)
                case Bout():
                    self._insert(
                        *("bout", source.no, row.start, row.end, row.off, row.seated, row.due),
                        *(row.response, row.reminders, row.snoozes, int(row.flags)),
                    )
                case Unknown(start, end, why):
                    self._insert("unknown", source.no, start, end, int(why))

    def _insert(self, table: str, *values: Any) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"insert or replace into {table} values ({marks})", values)  # noqa: S608


class History:
    """Open history for reading.

    Where two sources overlap, the one that was there first counts: one person sits on one chair at
    a time.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._sources = HistoryFile(db).sources()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def sources(self) -> Sequence[Source]:
        """All sources; those with a lower number count first."""
        return self._sources

    def extent(self) -> tuple[int, int] | None:
        """Return the dates of the first and the last event by date, None without any."""
        first, last = self._db.execute(
            "select (select min(at) from event), (select max(at) from event)"
        ).fetchone()
        return None if first is None else (first, last)

    def bouts(self, since: int, until: int) -> list[Bout]:
        """Return the bouts that overlap a period, in order; they may reach beyond it.

        The bout under way is not among them.
        """
        return [bout for _, bout in self._bouts(since, until)]

    def stretches(self, since: int, until: int) -> list[Stretch]:
        """Return the stretches of ``bouts`` that overlap a period, in order.

        They may reach beyond the period, and those of the bout under way are not among them.
        """
        found: list[Stretch] = []
        kept: dict[int, set[int]] = {}
        for source, bout in self._bouts(since, until):
            kept.setdefault(source, set()).add(bout.start)
        for source, starts in kept.items():
            rows = self._rows("stretch", "start, end, off, bout", source, since, until)
            found += [Stretch(*row) for row in rows if row[3] in starts]
        return sorted(found, key=lambda one: one.start)

    def unknown(self, since: int, until: int, running_until: int | None = None) -> list[Unknown]:
        """Return the parts of a period in which nobody saw a seat, in order and cut to it.

        They are no time without sitting. running_until: the moment up to which the service is known
        to have run since the last event, such as now if it runs; None for not at all.
        """
        watched = []
        for source in self._sources:
            first, last = self._db.execute(
                "select min(at), max(at) from event where source = ?", (source.no,)
            ).fetchone()
            if first is None:
                continue
            if source.kind == LIVED and source.no == self._living and running_until is not None:
                last = max(last, running_until)
            rows = self._rows("unknown", "start, end, why", source.no, since, until)
            unknown = [Unknown(start, end, Unwatched(why)) for start, end, why in rows]
            watched.append((first, last, unknown))
        return list(merge_unknown(watched, since, until))

    def records(
        self, since: int | None = None, until: int | None = None, types: Sequence[str] = ()
    ) -> Iterator[Record]:
        """Yield the records of a period as they were published, source by source.

        types: only records of these types; none for all.
        """
        numbers = [TYPES.index(name) for name in types]
        of_types = f" and type in ({', '.join(map(str, numbers))})" if types else ""
        for source in self._sources:
            query = (
                f"select {_EVENT} from event where source = ? and at >= ? and at < ?{of_types} "  # noqa: S608
                "order by seq"
            )
            start, end = -(2**62) if since is None else since, 2**62 if until is None else until
            for row in self._db.execute(query, (source.no, start, end)):
                yield expand(CompactEvent(*row), source.chair)

    @property
    def _living(self) -> int | None:
        lived = [source.no for source in self._sources if source.kind == LIVED]
        return lived[-1] if lived else None

    def _bouts(self, since: int, until: int) -> list[tuple[int, Bout]]:
        columns = "start, end, off, seated, due, response, reminders, snoozes, flags"
        found: list[tuple[int, Bout]] = []
        for source in self._sources:
            for row in self._rows("bout", columns, source.no, since, until):
                values = *row[:-1], BoutFlags(row[-1])
                found.append((source.no, Bout(*values)))
        return without_overlaps(found)

    def _rows(self, table: str, columns: str, source: int, since: int, until: int) -> Any:
        query = (
            f"select {columns} from {table} "  # noqa: S608  # names of this module
            "where source = ? and start > ? and start < ? and end > ? order by start"
        )
        return self._db.execute(query, (source, since - LONGEST_BOUT_MS, until, since))


@contextmanager
def open_history(file: Path) -> Iterator[History]:
    """Open a history to read it for a ``with`` block; it is neither changed nor made.

    The service may write it meanwhile.

    Raises UnavailableError for a file that is missing, or of a newer version of unsit, or damaged;
    PermissionError for one that this user may not read.
    """
    if not os.path.lexists(file):
        os.stat(file.parent)
        raise UnavailableError(
            f"{file}: there is no history; the service writes one, unless history.keep is off"
        )
    try:
        db = _connect_to_read(file)
        try:
            _check_version(db, file)
            yield History(db)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise UnavailableError(f"{file}: {error}; see what is wrong with: unsit check") from error


def open_to_write(file: Path, wait_s: float) -> HistoryFile:
    """Open a history to write it; create it, for its owner alone, if it is missing.

    wait_s: how long a statement waits for the lock of another program, in seconds.

    A commit is on the disk when it returns.

    Raises UnavailableError for a file of a newer version of unsit, sqlite3.Error or OSError for one
    that cannot be used.
    """
    os.close(open_file(file, os.O_RDWR | os.O_CREAT, 0o600))
    db = connect_file(file, wait_s)
    try:
        _check_version(db, file)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute("pragma journal_size_limit = 0")
        db.execute("pragma secure_delete = on")
        _update_layout(db)
    except BaseException:
        db.close()
        raise
    return HistoryFile(db)


def _connect_to_read(file: Path) -> sqlite3.Connection:
    descriptor = open_file(file, os.O_RDONLY)  # names the missing right, where SQLite does not
    os.close(descriptor)
    if os.statvfs(file).f_flag & os.ST_RDONLY:
        db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    else:
        db = connect_file(file)
    db.execute("pragma query_only = on")
    return db


def _check_version(db: sqlite3.Connection, file: Path) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version > LAYOUT_VERSION:
        raise UnavailableError(
            f"{file}: written by a newer unsit (layout {version}, expected at most "
            f"{LAYOUT_VERSION}); update unsit, or move the file away"
        )


def _update_layout(db: sqlite3.Connection) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version == LAYOUT_VERSION:
        return
    with transaction(db):
        (version,) = db.execute("pragma user_version").fetchone()
        for number, statements in enumerate(_MIGRATIONS[version:], version + 1):
            for statement in statements.split(";"):
                db.execute(statement)
            db.execute(f"pragma user_version = {number}")
