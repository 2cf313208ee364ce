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

The events of the last minutes are not in the file yet. A command that has read them from the state
file passes them on (``Unshelved``), and then the bout under way is among the bouts.

Times are in ms since 1970 UTC, and periods include their beginning and not their end.
"""

import json
import logging
import os
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from unsit.errors import UnavailableError
from unsit.files import open_file
from unsit.history.compact import TYPES, CompactEvent, compact, expand
from unsit.history.copy import (
    DamagedPacketError,
    EventsCopy,
    Extent,
    Line,
    Packet,
    copy_of,
    event_of,
    read_lines,
)
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
from unsit.runtime.database import (
    FILE_SUFFIXES,
    BrokenFileError,
    connect,
    connect_file,
    copied,
    transaction,
)
from unsit.runtime.record import Record

log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
"""Version of the layout in SQLite's ``user_version``."""

PAGE_BYTES = 1024
"""Size of a page of a new file. A batch changes some ten pages and writes each of them twice."""

LIVED, IMPORTED = "lived", "imported"
"""Kinds of sources: a chair that keeps its history here, and a file."""

LONGEST_BOUT_MS = 31 * 24 * 3600 * 1000
"""How far before a period a bout may begin that reaches into it. ``seat.max_plausible_bout`` ends
bouts much earlier."""

DAY_MS = 24 * 3600 * 1000

BELIEVED_AFTER_DAYS = 3
"""Days with events after which a date is believed enough to delete what is old."""

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

COPIES_MAX = 3
"""Copies of a file that is written meanwhile, after which reading is given up."""

DERIVED = ("stretch", "bout", "unknown", "deriver")
"""Tables that can be made again from the events."""

NO_EVENT = (ArithmeticError, LookupError, TypeError, ValueError)
"""Exceptions of reading an event that a disk has damaged."""

UNREADABLE = (sqlite3.DatabaseError, *NO_EVENT)
"""Exceptions of reading a file that a disk has damaged."""

_PUT_EVENT = "insert or ignore into event values (?, ?, ?, ?, ?, ?, ?)"
_BOUT = "start, end, off, seated, due, response, reminders, snoozes, flags"
_EVENT = "seq, at, off, type, fields, (select content from texts where no = event.texts)"


@dataclass(frozen=True, slots=True)
class Source:
    """Origin of events. at: when it was imported, None for a chair that lived here."""

    no: int
    kind: str
    name: str | None
    chair: str
    at: int | None = None

    def words(self) -> str:
        """Return all but the number, as JSON."""
        return json.dumps((self.kind, self.name, self.chair, self.at))


@dataclass(frozen=True, slots=True)
class Unshelved:
    """Knowledge of a chair that is in its state file and not in its history yet.

    records: events that wait for the history, in order of ``seq``.
    known_until: last moment at which the chair was watched: now if the service runs, else its last
    sign of life; None if there is no state.
    is_running: whether the service runs.
    is_seated: whether the chair holds that somebody sits on it.
    """

    records: Sequence[Record] = ()
    known_until: int | None = None
    is_running: bool = False
    is_seated: bool = False


class HistoryFile:
    """Open history, for reading and writing; one thread uses it.

    Every method that changes something is one transaction.

    copy: second place of the events, None for none.

    Raises sqlite3.Error or OSError from all methods if the file cannot be used.
    """

    def __init__(self, db: sqlite3.Connection, copy: EventsCopy | None = None) -> None:
        db.text_factory = _text
        self._db = db
        self._copy = copy

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

    @contextmanager
    def edited(self) -> Iterator[None]:
        """Make one transaction of a block that changes other events than the last ones.

        The copy is removed before the commit, and made again after it, so that it never has what
        the history has not.
        """
        with self.transaction():
            yield
            if self._copy is not None:
                self._copy.delete()
        self._rewrite_copy()

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

        A record whose number is passed, and that is no repeat, comes from a chair whose state was
        lost: it and those after it are a new source.
        """
        with self.transaction():
            forgotten = self._db.execute("select start, end from forgotten").fetchall()
            source: Source | None = None
            deriver = Deriver()
            for record in records:
                try:
                    event = compact(record)
                except (KeyError, TypeError, ValueError) as error:
                    log.error("an event cannot be put into the history: %r", error)
                    continue
                if forgotten and _touches(event, forgotten):
                    continue
                if source is None or source.chair != record["chair"]:
                    if source is not None:
                        self._keep_deriver(source, deriver)
                    source = self._living(record["chair"])
                    deriver = self._deriver(source)
                if event.seq <= deriver.seq:
                    if self.event(source, event.seq) == event:
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
                with suppress(*NO_EVENT):  # a damaged one, which a reader leaves out too
                    self._put_rows(source, list(deriver.feed(event)))
            if deriver.seq:
                self._keep_deriver(source, deriver)

    # Forgetting

    def forget_old(self, keep_ms: int) -> int:
        """Delete what is older than ``keep_ms`` of the chairs that live here; return the events.

        Whole bouts go. What was imported stays. The newest date that is believed is the last one of
        the third day with events, counted from the end: a clock that is years ahead for a while
        deletes nothing.
        """
        with self.transaction():
            cutoff = self._believed_now() - keep_ms
            return sum(
                self._forget_before(source, cutoff)
                for source in self.sources()
                if source.kind == LIVED and self._first_date(source) < cutoff - DAY_MS
            )

    def _believed_now(self) -> int:
        at: int | None = 2**62
        for _ in range(BELIEVED_AFTER_DAYS):
            (at,) = self._db.execute("select max(at) from event where at < ?", (at,)).fetchone()
            if at is None:
                return -(2**62)
            newest, at = at, at // DAY_MS * DAY_MS
        return newest

    def _first_date(self, source: Source) -> int:
        query = "select at from event where source = ? order by seq limit 1"
        row = self._db.execute(query, (source.no,)).fetchone()
        return 2**62 if row is None else int(row[0])

    def _forget_before(self, source: Source, cutoff: int) -> int:
        """Delete the events of a source up to the last end of a bout before a date."""
        deriver = self._deriver(source)
        if deriver.blind_since is not None:
            cutoff = min(cutoff, deriver.blind_since)
        (first_kept,) = self._db.execute(
            "select min(seq) from event where source = ? and at >= ?", (source.no, cutoff)
        ).fetchone()
        row = self._db.execute(
            "select seq, at from event where source = ? and seq < ? and type = ? "
            "order by seq desc limit 1",
            (source.no, 2**62 if first_kept is None else first_kept, TYPES.index("bout_ended")),
        ).fetchone()
        if row is None:
            return 0
        seq, at = row
        # A stretch or bout may begin at the very end of the last one; an unknown time that does
        # follows from an event that goes.
        for table, is_before in (("stretch", "<"), ("bout", "<"), ("unknown", "<=")):
            query = f"delete from {table} where source = ? and start {is_before} ?"  # noqa: S608
            self._db.execute(query, (source.no, at))
        if self._copy is not None:
            self._copy.trim(source.no, seq + 1)
        query = "delete from event where source = ? and seq <= ?"
        return self._db.execute(query, (source.no, seq)).rowcount

    def forget(self, since: int | None, until: int | None) -> int:
        """Delete a period for good, with every bout that reaches into it; return the events.

        It is deleted in all sources, and derived rows are made again. What still waits in the
        outbox from that time does not come back. since, until: None for no limit.
        """
        start, end = -(2**62) if since is None else since, 2**62 if until is None else until
        with self.edited():
            self._db.execute("insert into forgotten values (?, ?)", (start, end))
            count = sum(self._forget_of(source, start, end) for source in self.sources())
            self._db.execute(
                "delete from texts where no not in "
                "(select texts from event where texts is not null)"
            )
        return count

    def forget_all(self, now: int) -> int:
        """Delete everything for good; return the events. Nothing before ``now`` comes back."""
        with self.edited():
            (count,) = self._db.execute("select count(*) from event").fetchone()
            for table in ("source", "event", "texts", "forgotten", *DERIVED):
                self._db.execute(f"delete from {table}")  # noqa: S608
            self._db.execute("insert into forgotten values (?, ?)", (-(2**62), now))
        return int(count)

    def _forget_of(self, source: Source, start: int, end: int) -> int:
        no = source.no
        (first,) = self._db.execute(
            "select min(start) from bout where source = ? and start < ? and end > ?",
            (no, end, start),
        ).fetchone()
        first, last = start if first is None else min(start, first), end
        for began, ended, at in self._ends_of_bouts(source, start):
            if began >= end and at >= end:
                break
            if (began < end and ended > start) or at < end:
                first, last = min(first, began), max(last, at + 1)
        count = self._db.execute(
            "delete from event where source = ? and at >= ? and at < ?", (no, first, last)
        ).rowcount
        if count:
            self.rebuild(source)
        (left,) = self._db.execute(
            "select exists (select 1 from event where source = ?)", (no,)
        ).fetchone()
        if not left:
            self._db.execute("delete from source where no = ?", (no,))
        return count

    def _ends_of_bouts(self, source: Source, since: int) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and date of the events that end a bout, from a date on."""
        query = f"select {_EVENT} from event where source = ? and at >= ? and type = ? order by at"  # noqa: S608
        for row in self._db.execute(query, (source.no, since, TYPES.index("bout_ended"))):
            event = CompactEvent(*row)
            values = event.values()
            began, ended = values.get("started"), values.get("ended")
            if isinstance(began, int) and isinstance(ended, int):
                yield began, ended, event.at

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk. It needs as much room meanwhile."""
        self._db.execute("vacuum")

    def truncate_journal(self) -> bool:
        """Move the journal into the file and leave nothing in it; return whether that worked.

        It does not while another program reads the history.
        """
        (is_busy, _, _) = self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
        return not is_busy

    # Damage and copies

    def copy_events(self) -> None:
        """Add to the copy what it has not yet, and write that through to the disk."""
        if self._copy is None:
            return
        with self.transaction():
            copied = self._copy.extents()
            for source in self.sources():
                if copied.get(source.no, Extent()).last < self.end_of(source)[0]:
                    self._copy.follow(source.no, source.words(), self._lines)

    def check(self) -> None:
        """Raise BrokenFileError for a damaged file, or one that lacks an event of its copy.

        It reads all of both. A copy that is damaged, or lacks an event, is made again.
        """
        (verdict,) = self._db.execute("pragma quick_check(1)").fetchone()
        if verdict != "ok":
            raise BrokenFileError(verdict)
        if self._copy is None:
            return
        with self.transaction():
            packets = self._copy.packets()
            in_history = sum(self._is_in_history(packet) for packet in packets)
            if in_history == len(packets) and self._copy.extents() == self._extents():
                return
        log.info("%s: it is made again, because it is damaged or lacks events", self._copy.file)
        self._rewrite_copy()

    def _is_in_history(self, packet: Packet) -> bool:
        """Return whether a packet is whole and has all events of its extent.

        Raises BrokenFileError if the history lacks any of its events.
        """
        if self._copy is None:
            return True
        try:
            _, copied = self._copy.read(packet)
        except (DamagedPacketError, OSError):
            return False
        kept = read_lines(self._db, packet.source, packet.first, last=packet.last)
        if copied == kept:
            return True
        here = set(map(event_of, kept))
        for line in copied:
            if (event := event_of(line)) not in here:
                raise BrokenFileError(f"event {event.seq} is not as its copy has it")
        return False

    def _extents(self) -> dict[int, Extent]:
        query = "select source, count(*), min(seq), max(seq) from event group by source"
        return {source: Extent(*extent) for source, *extent in self._db.execute(query)}

    def _lines(self, source: int, first: int, limit: int) -> list[Line]:
        return read_lines(self._db, source, first, limit)

    def _rewrite_copy(self) -> None:
        if self._copy is not None:
            with self.transaction():
                sources = [(source.no, source.words()) for source in self.sources()]
                self._copy.rewrite(sources, self._lines)

    def restore(self, broken: sqlite3.Connection, chair: str, copy: EventsCopy) -> None:
        """Put everything readable of a damaged history, and of its copy, into this empty one.

        chair: whose events they are, if nothing says it.
        """
        readable = HistoryFile(broken)
        with self.transaction():
            forgotten: list[tuple[int, int]] = []
            with suppress(*UNREADABLE):
                forgotten = broken.execute("select start, end from forgotten").fetchall()
                self._db.executemany("insert into forgotten values (?, ?)", forgotten)
            sources: dict[int, Source] = {}
            for no, words, lines in copy.content():
                source = self._restored(sources, Source(no, *json.loads(words)))
                for event in map(event_of, lines):
                    if not _touches(event, forgotten):
                        self.put(source, event)
            for source in readable.readable_sources() or [Source(0, LIVED, None, chair)]:
                self._restored(sources, source)
                for event in readable.readable_events(source):
                    if is_sound(event, source.chair):
                        self.put(source, event)
            for source in sources.values():
                self.rebuild(source)
            if (tag := copy.tag) is not None:
                self._db.execute(f"pragma application_id = {tag}")

    def _restored(self, sources: dict[int, Source], source: Source) -> Source:
        """Add a source with its number, unless it is there; return the one that is there."""
        if source.no not in sources:
            sources[source.no] = source
            row = (source.no, source.kind, source.name, source.chair, source.at)
            self._db.execute("insert into source values (?, ?, ?, ?, ?)", row)
        return sources[source.no]

    def readable_sources(self) -> list[Source]:
        """Return the sources of a damaged history, none if they cannot be read."""
        with suppress(*UNREADABLE):
            return self.sources()
        return []

    def readable_events(self, source: Source) -> Iterator[CompactEvent]:
        """Yield the events of a source from both ends up to where the file is damaged."""
        reached = 0
        with suppress(*UNREADABLE):
            for event in self.events_of(source):
                reached = event.seq
                yield event
        query = f"select {_EVENT} from event where source = ? and seq > ? order by seq desc"  # noqa: S608
        with suppress(*UNREADABLE):
            for row in self._db.execute(query, (source.no, reached)):
                yield CompactEvent(*row)

    def backup(self, copy: sqlite3.Connection) -> None:
        """Copy the whole history, as it is at one moment, to another database."""
        self._db.backup(copy)

    def events_of(self, source: Source, after: int = 0) -> Iterator[CompactEvent]:
        """Yield the events of a source with numbers above ``after``, in order."""
        query = f"select {_EVENT} from event where source = ? and seq > ? order by seq"  # noqa: S608
        for row in self._db.execute(query, (source.no, after)):
            yield CompactEvent(*row)

    def has(self, record: Record) -> bool:
        """Return whether a record of a chair that lives here is stored."""
        lived = [one for one in self.sources() if one.kind == LIVED]
        try:
            return any(
                one.chair == record["chair"] and self.event(one, record["seq"]) == compact(record)
                for one in lived[-1:]
            )
        except (KeyError, TypeError, ValueError):
            return False

    def put_under_way(self, known_until: int | None, *, has_stayed: bool) -> int | None:
        """Store what is under way as if it had ended; return the end of the bout, None without one.

        It is for a copy in memory: see ``Deriver.end_here``.
        """
        lived = [one for one in self.sources() if one.kind == LIVED]
        if not lived:
            return None
        deriver = self._deriver(lived[-1])
        until = deriver.last if known_until is None else known_until
        if until is None:
            return None
        rows = list(deriver.end_here(until, has_stayed=has_stayed))
        self._put_rows(lived[-1], rows)
        return max((row.end for row in rows if isinstance(row, Bout)), default=None)

    def event(self, source: Source, seq: int) -> CompactEvent | None:
        """Return the event of a source with a number, None if there is none."""
        query = f"select {_EVENT} from event where source = ? and seq = ?"  # noqa: S608
        row = self._db.execute(query, (source.no, seq)).fetchone()
        return None if row is None else CompactEvent(*row)

    def end_of(self, source: Source) -> tuple[int, int]:
        """Return number and date of the last event of a source, zeros without any."""
        query = "select seq, at from event where source = ? order by seq desc limit 1"
        seq, at = self._db.execute(query, (source.no,)).fetchone() or (0, 0)
        return seq, at

    def dates_around(self, source: Source, seq: int) -> tuple[int | None, int | None]:
        """Return the dates of the events before and after a number, None where there is none."""
        query = "select at from event where source = ? and seq {} ? order by seq {} limit 1"
        (before, after) = (
            self._db.execute(query.format(*way), (source.no, seq)).fetchone()
            for way in (("<", "desc"), (">", "asc"))
        )
        return (None if before is None else before[0]), (None if after is None else after[0])

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

    db: the file. later: a history in memory with the events that are not in the file yet.
    watched_until: the moment up to which the seat is known to have been watched since the last
    event; None for not at all.
    """

    def __init__(
        self, db: sqlite3.Connection, later: sqlite3.Connection, watched_until: int | None = None
    ) -> None:
        self._db = db
        self._later = later
        self._watched_until = watched_until
        self._sources = HistoryFile(later).sources()
        self._extents: dict[int, tuple[int | None, int | None]] = {}

    @property
    def sources(self) -> Sequence[Source]:
        """All sources; those with a lower number count first."""
        return self._sources

    def extent(self) -> tuple[int, int] | None:
        """Return the dates of the first and the last event by date, None without any."""
        first, last = self._ends("select (select min(at) from event), (select max(at) from event)")
        return None if first is None or last is None else (first, last)

    @property
    def under_way(self) -> Bout | None:
        """Bout that has not ended, up to the last moment at which the person was known to sit."""
        for source in self._sources:
            query = f"select {_BOUT} from bout where source = ? and flags = ?"  # noqa: S608
            for row in self._later.execute(query, (source.no, int(BoutFlags.UNDER_WAY))):
                return _bout(row)
        return None

    def bouts(self, since: int, until: int) -> list[Bout]:
        """Return the bouts that overlap a period, in order; they may reach beyond it.

        The bout under way is among them.
        """
        return [bout for _, bout in self._bouts(since, until)]

    def stretches(self, since: int, until: int) -> list[Stretch]:
        """Return the stretches of ``bouts`` that overlap a period, in order.

        They may reach beyond the period.
        """
        found: list[Stretch] = []
        kept: dict[int, set[int]] = {}
        for source, bout in self._bouts(since, until):
            kept.setdefault(source, set()).add(bout.start)
        for source, starts in kept.items():
            rows = self._rows("stretch", "start, end, off, bout", source, since, until)
            found += [Stretch(*row) for row in rows if row[3] in starts]
        return sorted(found, key=lambda one: one.start)

    def unknown(self, since: int, until: int) -> list[Unknown]:
        """Return the parts of a period in which nobody saw a seat, in order and cut to it.

        They are no time without sitting.
        """
        watched = []
        for source in self._sources:
            first, last = self._extent_of(source)
            if first is None or last is None:
                continue
            if source.no == self._living and self._watched_until is not None:
                last = max(last, self._watched_until)
            rows = self._rows("unknown", "start, end, why", source.no, since, until)
            unknown = [Unknown(start, end, Unwatched(why)) for start, end, why in rows]
            watched.append((first, last, unknown))
        return list(merge_unknown(watched, since, until))

    def dates(self, kind: str, since: int, until: int) -> list[tuple[int, int]]:
        """Return date and offset (min east of UTC) of the events of a type in a period, in order.

        One that follows a bout of its source that does not count is left out with it. This reads
        the events of the period alone, where ``records`` reads all of a source.
        """
        query = (
            "select at, off, source from event where at >= ? and at < ? and type = ? order by at"
        )
        stored, later = self._both(query, since, until, TYPES.index(kind))
        rows = sorted([*stored, *later]) if later else stored
        day_before = since - DAY_MS
        counting = {(source, bout.start) for source, bout in self._bouts(day_before, until)}
        begun = {
            source: [start for (start,) in self._rows("bout", "start", source, day_before, until)]
            for source in {source for _, _, source in rows}
        }
        found = []
        for at, off, source in rows:
            before = bisect_right(begun[source], at)
            if not before or (source, begun[source][before - 1]) in counting:
                found.append((at, off))
        return found

    def records(
        self, since: int | None = None, until: int | None = None, types: Sequence[str] = ()
    ) -> Iterator[Record]:
        """Yield the records of a period as they were published, source by source.

        types: only records of these types; none for all. A record that a disk has damaged is
        logged and left out.
        """
        numbers = [TYPES.index(name) for name in types]
        of_types = f" and type in ({', '.join(map(str, numbers))})" if types else ""
        for source in self._sources:
            query = (
                f"select {_EVENT} from event where source = ? and at >= ? and at < ?{of_types} "  # noqa: S608
                "order by seq"
            )
            start, end = -(2**62) if since is None else since, 2**62 if until is None else until
            for row in chain(*(db.execute(query, (source.no, start, end)) for db in self._files)):
                event = CompactEvent(*row)
                if is_sound(event, source.chair):
                    yield expand(event, source.chair)

    def numbered(self, first: int, last: int, newest: int) -> list[Record]:
        """Return the events ``first`` to ``last`` of the chair that lives here, as published.

        newest: the last number that the chair has given. A history that knows a higher one was
            numbered by another counter, and has none of these events.
        """
        lived = [source for source in self._sources if source.kind == LIVED]
        if not lived or HistoryFile(self._db).end_of(lived[-1])[0] > newest:
            return []
        query = f"select {_EVENT} from event where source = ? and seq between ? and ? order by seq"  # noqa: S608
        rows = self._db.execute(query, (lived[-1].no, first, last))
        events = [CompactEvent(*row) for row in rows]
        chair = lived[-1].chair
        return [expand(event, chair) for event in events if is_sound(event, chair)]

    def _extent_of(self, source: Source) -> tuple[int | None, int | None]:
        """Return the dates of the first and the last event of a source; they are read once."""
        if source.no not in self._extents:
            query = "select min(at), max(at) from event where source = ?"
            self._extents[source.no] = self._ends(query, source.no)
        return self._extents[source.no]

    def _ends(self, query: str, *values: Any) -> tuple[int | None, int | None]:
        """Return the least first and the greatest second column of a query of one row."""
        rows = [row for rows in self._both(query, *values) for row in rows if row[0] is not None]
        firsts, lasts = (sorted(row[column] for row in rows) for column in (0, 1))
        return (firsts[0], lasts[-1]) if rows else (None, None)

    @property
    def _files(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        return self._db, self._later

    def _both(self, query: str, *values: Any) -> Iterator[list[Any]]:
        """Yield the rows of a query of the file, and those of what is not in it yet."""
        return (db.execute(query, values).fetchall() for db in self._files)

    @property
    def _living(self) -> int | None:
        lived = [source.no for source in self._sources if source.kind == LIVED]
        return lived[-1] if lived else None

    def _bouts(self, since: int, until: int) -> list[tuple[int, Bout]]:
        return without_overlaps(
            (source.no, _bout(row))
            for source in self._sources
            for row in self._rows("bout", _BOUT, source.no, since, until)
        )

    def _rows(self, table: str, columns: str, source: int, since: int, until: int) -> Any:
        query = (
            f"select {columns} from {table} "  # noqa: S608  # names of this module
            "where source = ? and start > ? and start < ? and end > ? order by start"
        )
        stored, later = self._both(query, source, since - LONGEST_BOUT_MS, until, since)
        by_start = {row[0]: row for row in (*stored, *later)} if later else {}
        return sorted(by_start.values()) if later else stored


def _bout(row: tuple[Any, ...]) -> Bout:
    values = *row[:-1], BoutFlags(row[-1])
    return Bout(*values)


@contextmanager
def open_history(file: Path, unshelved: Unshelved | None = None) -> Iterator[History]:
    """Open a history to read it for a ``with`` block; it is neither changed nor made.

    The service may write it meanwhile; everything that is read is of one moment.

    unshelved: what the state file says beyond it, read before this call, so that an event that is
    moved meanwhile is not missed; None to read the file alone. With events in it the file may be
    missing.

    Raises UnavailableError for a file that is missing, or of a newer version of unsit, or damaged;
    PermissionError for one that this user may not read.
    """
    with closing(_empty_in_memory()) as empty, closing(_empty_in_memory()) as later:
        if unshelved is not None and unshelved.records and not os.path.lexists(file):
            yield _with_unshelved(empty, later, unshelved)
            return
        _check_rights(file)
        try:
            with _connected_to_read(file) as db:
                db.execute("pragma query_only = on")
                _check_version(db, file)
                db.execute("begin")
                yield _with_unshelved(db, later, unshelved)
        except sqlite3.Error as error:
            words = f"{error}; see what is wrong with: unsit check"
            raise UnavailableError(f"{file}: {words}") from error


def _empty_in_memory() -> sqlite3.Connection:
    db = connect(":memory:")
    _update_layout(db)
    return db


def _with_unshelved(
    db: sqlite3.Connection, later: sqlite3.Connection, unshelved: Unshelved | None
) -> History:
    """Return a history with what is not in it yet. later: an empty one in memory, for that."""
    stored, added = HistoryFile(db), HistoryFile(later)
    for table, marks in (("source", "?, ?, ?, ?, ?"), ("forgotten", "?, ?"), ("deriver", "?, ?")):
        rows = db.execute(f"select * from {table}")  # noqa: S608
        later.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608
    if unshelved is None:
        return History(db, later)
    watched_until = unshelved.known_until if unshelved.is_running else None
    try:
        added.append([record for record in unshelved.records if not stored.has(record)])
        end = added.put_under_way(
            unshelved.known_until, has_stayed=unshelved.is_running and unshelved.is_seated
        )
    except NO_EVENT as error:
        log.warning("what happened last cannot be read and is left out: %r", error)
        return History(db, later, watched_until)
    return History(db, later, watched_until if unshelved.is_running else end)


def open_to_write(file: Path, wait_s: float, *, has_copy: bool = True) -> HistoryFile:
    """Open a history to write it; create it, for its owner alone, if it is missing.

    wait_s: how long a statement waits for the lock of another program, in seconds. has_copy: False
    for a history without a second place of its events. A copy that belongs to another history, such
    as one that was deleted, is put aside.

    A commit is on the disk when it returns.

    Raises UnavailableError for a file of a newer version of unsit, sqlite3.Error or OSError for one
    that cannot be used.
    """
    is_missing = not os.path.lexists(file)
    os.close(open_file(file, os.O_RDWR | os.O_CREAT, 0o600))
    db = connect_file(file, wait_s)
    try:
        _check_version(db, file)
        db.execute(f"pragma page_size = {PAGE_BYTES}")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute("pragma journal_size_limit = 0")
        db.execute("pragma secure_delete = on")
        _update_layout(db)
        if not has_copy:
            return HistoryFile(db)
        copy = EventsCopy(copy_of(file), _tag(db, None if is_missing else copy_of(file)))
        if copy.is_foreign():
            former = copy.put_aside()
            log.warning(
                "%s was the copy of another history and is now %s; delete it, or bring its events "
                "back with: unsit history import",
                *(copy.file, former),
            )
    except BaseException:
        db.close()
        raise
    return HistoryFile(db, copy)


def copy_of_broken(file: Path, broken: sqlite3.Connection) -> EventsCopy:
    """Return the copy of a damaged history, whose tag may be unreadable."""
    tag = None
    with suppress(*UNREADABLE):
        (tag,) = broken.execute("pragma application_id").fetchone()
    return EventsCopy(copy_of(file), tag or None)


def _tag(db: sqlite3.Connection, copy: Path | None) -> int:
    """Return the number that tells a history from others; give it one if it has none.

    copy: the file whose number it gets if there is one, because a file that a disk has emptied has
    lost its own.
    """
    (tag,) = db.execute("pragma application_id").fetchone()
    if not tag:
        packets = [] if copy is None else EventsCopy(copy, None).packets()
        tag = packets[0].tag if packets else int.from_bytes(os.urandom(4)) % (2**31 - 1) + 1
        db.execute(f"pragma application_id = {tag}")
    return int(tag)


def _text(content: bytes) -> str:
    """Return a text that a disk may have damaged."""
    return content.decode(errors="replace")


def is_sound(event: CompactEvent, chair: str) -> bool:
    """Return whether an event is one; log it if the disk has damaged it."""
    try:
        event.values()
        record = expand(event, chair)
        if all(isinstance(record[key], str) for key in ("chair", "at", "type")):
            return True
    except UNREADABLE:
        pass
    log.warning("event %s of %s is damaged and is left out", event.seq, chair)
    return False


def _touches(event: CompactEvent, periods: Iterable[tuple[int, int]]) -> bool:
    """Return whether an event, or the bout that it ends, lies in one of the periods."""
    started = event.values().get("started")
    moments = (event.at, started if isinstance(started, int) else event.at)
    return any(start <= at < end for start, end in periods for at in moments)


def _check_rights(file: Path) -> None:
    """Raise the error of a history that is missing, or that this user may not read."""
    try:
        os.stat(file)
        os.close(open_file(file, os.O_RDONLY))
    except FileNotFoundError:
        raise UnavailableError(
            f"{file}: there is no history; the service writes one, unless history.keep is off"
        ) from None
    except PermissionError:
        raise PermissionError(f"{file} cannot be read by this user; use sudo") from None


@contextmanager
def _connected_to_read(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that this user may not be allowed to write, for a ``with`` block.

    SQLite reads a database only through the index of its journal. Where this user cannot make that
    file, and the service has not made it, a copy is read.
    """
    index = f"{file}{FILE_SUFFIXES[-1]}"
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        with closing(connect_file(file)) as db:
            yield db
    elif os.path.exists(index):
        with closing(connect(f"{file.absolute().as_uri()}?mode=ro")) as db:
            yield db
    else:
        with _copied_whole(file) as copy, closing(connect(str(copy))) as db:
            yield db


@contextmanager
def _copied_whole(file: Path) -> Iterator[Path]:
    """Copy a database between two batches of the service, for a ``with`` block."""
    for _ in range(COPIES_MAX):
        before = os.stat(file)
        with copied(file) as copy:
            after = os.stat(file)
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                yield copy
                return
    raise UnavailableError(f"{file}: it changes all the time; try again later")


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
