"""Outbox: records that wait for the broker's acknowledgement or for the history, in the state file.

A record has two marks: *sent*, once the broker has acknowledged it, and *shelved*, once it is in
the history. With both it leaves the outbox, in one file and one transaction each; so a kill between
the two files repeats a step and loses nothing. Without a history, a record is shelved from the
beginning.

A killed process loses no record. The number of the last record is stored too, so that numbering
continues after a restart.
"""

import json
import logging
import os

from unsit.runtime.record import SENT_AS_NEWS, TURN, Record
from unsit.runtime.state_file import StateFile

log = logging.getLogger(__name__)

REMOVED_AT_ONCE_MAX = 50
"""Records that may wait for each arrived one to be removed at once.

Above, they are removed 50 at a time: a long backlog is not worth a write for each. A kill in
between has at most 50 of its records arrive twice.
"""

MARK_BYTES = 6
"""Random bytes in the mark of a counter: two of a million cards hardly ever have the same."""

SENT, SHELVED = 1, 2
"""Marks of a record, added up in the column ``marks``."""

_SET_COUNTER = (
    "insert into counters values (?, ?) on conflict (name) do update set value = excluded.value"
)

_DELETE_SHELVED = "delete from outbox where seq = ? and marks & 2 = 2"
_MARK_SENT = "update outbox set marks = marks | 1 where seq = ?"
_DELETE_OLDEST = "delete from outbox where seq in (select seq from outbox order by seq limit ?)"


class Outbox:
    """Queue of records in order of ``seq``; its length is the number that wait for the broker.

    file: the state file, in memory if left out.
    capacity: records in the outbox. More than that drop the oldest, which ``dropped`` counts.
    shelves: whether there is a history to shelve records in.
    last_seq: number of the last record ever put in, 0 if there was none.
    unshelved: number of records that wait for the history.
    told: highest number that was ever given, also by a run whose state is lost. The next record
        must have a higher one.
    """

    def __init__(
        self, file: StateFile | None = None, capacity: int = 10_000, *, shelves: bool = False
    ) -> None:
        self._file = file or StateFile()
        self._capacity = capacity
        self._shelves = shelves
        self._newest: Record | None = None
        self._arrived: list[int] = []
        self._first_turn: int | None = None
        self._is_count_rough = False
        self.recount()
        if not shelves and self.unshelved:
            self.mark_shelved(self.last_seq)
        self.told = max(self.last_seq, self._file.told)
        if self.told > self.last_seq:
            log.warning(
                "the event numbers up to %d were given by a run whose state is lost; the next one "
                "is %d",
                *(self.told, self.told + 1),
            )

    def recount(self) -> None:
        """Count the records in the file again."""
        self.write_removals()
        ((self._length, self._sent, self.unshelved, last),) = self._file.rows(
            "select count(*) filter (where marks & 1 = 0), count(*) filter (where marks & 1 = 1), "
            "count(*) filter (where marks & 2 = 0), max(seq) from outbox"
        )
        self._is_count_rough = False
        counters = dict(self._file.rows("select name, value from counters"))
        self.last_seq: int = max(last or 0, counters.get("seq", 0))
        self.dropped = counters.get("dropped", 0)
        self._mark: int | None = counters.get("numbered_since")

    @property
    def numbered_since(self) -> str:
        """Mark of the counter, 12 hex digits: random, made with the counter and kept with it."""
        return f"{self._make_mark():0{2 * MARK_BYTES}x}"

    def _make_mark(self) -> int:
        if self._mark is None:
            self._mark = int.from_bytes(os.urandom(MARK_BYTES))
            self._file.write((_SET_COUNTER, ("numbered_since", self._mark)))
        return self._mark

    def __len__(self) -> int:
        return int(self._length)

    @property
    def is_full(self) -> bool:
        """True if the next record drops the oldest."""
        return bool(self._length + self._sent >= self._capacity)

    def put(self, record: Record, *, sent: bool = False) -> None:
        """Add the next record. One with a turn, and those after it, stay until ``end_turns``.

        sent: whether it needs no broker, because there is none.
        """
        seq = record["seq"]
        self._make_mark()
        marks = (SENT if sent else 0) | (0 if self._shelves else SHELVED)
        if marks == SENT | SHELVED:
            self._skip(seq)
            return
        self._count(seq)
        if TURN in record and self._first_turn is None:
            self._first_turn = seq
        self._file.write(
            ("insert into outbox values (?, ?, ?)", (seq, json.dumps(record), marks)),
            (_SET_COUNTER, ("seq", self.last_seq)),
        )
        self._length += not sent
        self._sent += sent
        self.unshelved += self._shelves
        self._newest = None if sent else record
        if (surplus := self._length + self._sent - self._capacity) > 0:
            self._drop(surplus)

    def end_turns(self) -> None:
        """Let the records of turns go, because the chair after them is kept now."""
        self._first_turn = None

    def note_sent_as_news(self, record: Record) -> None:
        """Remember that a record is no news any more, also over a restart."""
        marked = record | {SENT_AS_NEWS: True}
        if self._newest is not None and self._newest["seq"] == record["seq"]:
            self._newest = marked
        change = "update outbox set record = ? where seq = ?"
        self._file.write((change, (json.dumps(marked), record["seq"])), durable=False)

    def after(self, seq: int, limit: int) -> list[Record]:
        """Return the oldest records for the broker with higher numbers than this."""
        if self._newest is not None and self._newest["seq"] == seq + 1:
            return [self._newest]  # no need to read the newest record back from the disk
        if any(number > seq for number in self._arrived):
            self.write_removals()
        query = (
            "select seq, record from outbox where seq > ? and marks & 1 = 0 order by seq limit ?"
        )
        return [
            record
            for number, text in self._file.rows(query, seq, limit)
            if number not in self._arrived and (record := self._read(number, text)) is not None
        ]

    def between(self, first: int, last: int) -> list[Record]:
        """Return the records with these numbers that are still there, sent or not, in order."""
        query = "select seq, record from outbox where seq between ? and ? order by seq"
        rows = self._file.rows(query, first, last)
        return [record for number, text in rows if (record := self._read(number, text)) is not None]

    def remove(self, seq: int) -> None:
        """Mark a record as sent that has arrived; no error if it is removed already."""
        if seq in self._arrived:
            return
        if self._is_count_rough:
            self.recount()
        query = "select marks from outbox where seq = ? and marks & 1 = 0"
        for (marks,) in self._file.rows(query, seq):
            self._length -= 1
            self._sent += not marks & SHELVED
            self._arrived.append(seq)
        if self._length < REMOVED_AT_ONCE_MAX or len(self._arrived) >= REMOVED_AT_ONCE_MAX:
            self.write_removals()
        if self._newest is not None and self._newest["seq"] == seq:
            self._newest = None

    def write_removals(self) -> None:
        """Write which records have arrived, but for those of turns without the chair after them."""
        turn = self._first_turn
        arrived = [(seq,) for seq in self._arrived if turn is None or seq < turn]
        self._arrived = [] if turn is None else [seq for seq in self._arrived if seq >= turn]
        self._file.write(
            *((_DELETE_SHELVED, one) for one in arrived),
            *((_MARK_SENT, one) for one in arrived if self._shelves),
            durable=False,
        )

    # To the history

    def for_history(self, limit: int) -> list[Record]:
        """Return the oldest records that are not shelved, at most ``limit``.

        Those of turns without the chair after them have to wait.
        """
        turn = self._first_turn or self.last_seq + 1
        query = (
            "select seq, record from outbox where marks & 2 = 0 and seq < ? order by seq limit ?"
        )
        rows = self._file.rows(query, turn, limit)
        return [record for number, text in rows if (record := self._read(number, text)) is not None]

    def mark_shelved(self, seq: int) -> None:
        """Mark all records up to a number as shelved."""
        self.recount()
        ((sent, unshelved),) = self._file.rows(
            "select count(*) filter (where marks & 1 = 1), count(*) from outbox "
            "where seq <= ? and marks & 2 = 0",
            seq,
        )
        self._sent -= sent
        self.unshelved -= unshelved
        self._file.write(
            ("delete from outbox where seq <= ? and marks & 1 = 1", (seq,)),
            ("update outbox set marks = marks | 2 where seq <= ? and marks & 2 = 0", (seq,)),
            durable=False,
        )

    def write_through(self) -> None:
        """Write all records through to the disk. Safe from any thread.

        Raises OSError if the disk refuses.
        """
        self._file.write_through()

    def _skip(self, seq: int) -> None:
        """Count a record that waits for nobody."""
        self._count(seq)
        self._file.write((_SET_COUNTER, ("seq", seq)))

    def _count(self, seq: int) -> None:
        self.last_seq = seq
        self.told = max(self.told, seq)
        self._file.note_told(seq)

    def _drop(self, surplus: int) -> None:
        self.write_removals()
        self.dropped += surplus
        oldest = self._file.rows("select marks from outbox order by seq limit ?", surplus)
        for (marks,) in oldest:
            self._sent -= marks == SENT
            self._length -= not marks & SENT
            self.unshelved -= not marks & SHELVED
        self._is_count_rough = True  # in a batch, the rows that are to be deleted are still there
        self._file.write((_DELETE_OLDEST, (surplus,)), (_SET_COUNTER, ("dropped", self.dropped)))

    def _read(self, seq: int, text: str) -> Record | None:
        """Return a record, or drop and count a record that cannot be read, and return None."""
        try:
            record: Record = json.loads(text)
        except ValueError as error:
            log.error("event %d cannot be read and is let go: %s", seq, error)
            self.dropped += 1
            self._file.write(
                ("delete from outbox where seq = ?", (seq,)),
                (_SET_COUNTER, ("dropped", self.dropped)),
            )
            self.recount()
            return None
        return record
