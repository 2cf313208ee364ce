"""Outbox: records that wait for the broker's acknowledgement, in the state file.

A killed process loses no record. The number of the last record is stored too, so that numbering
continues after a restart.
"""

import json
import logging

from unsit.runtime.record import SENT_AS_NEWS, TURN, Record
from unsit.runtime.state_file import StateFile

log = logging.getLogger(__name__)

REMOVED_AT_ONCE_MAX = 50
"""Records that may wait for each arrived one to be removed at once.

Above, they are removed 50 at a time: a long backlog is not worth a write for each. A kill in
between has at most 50 of its records arrive twice.
"""

_SET_COUNTER = (
    "insert into counters values (?, ?) on conflict (name) do update set value = excluded.value"
)


class Outbox:
    """Queue of records in order of ``seq``.

    file: the state file, in memory if left out.
    capacity: records that may wait. More than that drop the oldest, which ``dropped`` counts.
    last_seq: number of the last record ever put in, 0 if there was none.
    told: highest number that was ever given, also by a run whose state is lost. The next record
        must have a higher one.
    """

    def __init__(self, file: StateFile | None = None, capacity: int = 10_000) -> None:
        self._file = file or StateFile()
        self._capacity = capacity
        self._newest: Record | None = None
        self._arrived: list[int] = []
        self._first_turn: int | None = None
        self.recount()
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
        ((self._length, last),) = self._file.rows("select count(*), max(seq) from outbox")
        counters = dict(self._file.rows("select name, value from counters"))
        self.last_seq: int = max(last or 0, counters.get("seq", 0))
        self.dropped = counters.get("dropped", 0)

    def __len__(self) -> int:
        return int(self._length)

    @property
    def is_full(self) -> bool:
        """True if the next record drops the oldest."""
        return bool(self._length >= self._capacity)

    def put(self, record: Record) -> None:
        """Add the next record. One with a turn, and those after it, stay until ``end_turns``."""
        self._count(record["seq"])
        if TURN in record and self._first_turn is None:
            self._first_turn = record["seq"]
        self._file.write(
            ("insert into outbox values (?, ?)", (record["seq"], json.dumps(record))),
            (_SET_COUNTER, ("seq", self.last_seq)),
        )
        self._length += 1
        self._newest = record
        if self._length > self._capacity:
            self._drop(self._length - self._capacity)

    def end_turns(self) -> None:
        """Let the records of turns go, because the chair after them is kept now."""
        self._first_turn = None

    def skip(self, seq: int) -> None:
        """Count a record that is not to be sent."""
        self._count(seq)
        self._file.write((_SET_COUNTER, ("seq", seq)))

    def note_sent_as_news(self, record: Record) -> None:
        """Remember that a record is no news any more, also over a restart."""
        marked = record | {SENT_AS_NEWS: True}
        if self._newest is not None and self._newest["seq"] == record["seq"]:
            self._newest = marked
        change = "update outbox set record = ? where seq = ?"
        self._file.write((change, (json.dumps(marked), record["seq"])), durable=False)

    def after(self, seq: int, limit: int) -> list[Record]:
        """Return the oldest records with numbers above ``seq``, at most ``limit``."""
        if self._newest is not None and self._newest["seq"] == seq + 1:
            return [self._newest]  # no need to read the newest record back from the disk
        if any(number > seq for number in self._arrived):
            self.write_removals()
        query = "select seq, record from outbox where seq > ? order by seq limit ?"
        return [
            record
            for number, text in self._file.rows(query, seq, limit)
            if number not in self._arrived and (record := self._read(number, text)) is not None
        ]

    def remove(self, seq: int) -> None:
        """Remove a record that has arrived; no error if it is removed already."""
        if seq in self._arrived:
            return
        removed = self._file.rows("select count(*) from outbox where seq = ?", seq)[0][0]
        self._length -= removed
        self._arrived += [seq] * removed
        if self._length < REMOVED_AT_ONCE_MAX or len(self._arrived) >= REMOVED_AT_ONCE_MAX:
            self.write_removals()
        if self._newest is not None and self._newest["seq"] == seq:
            self._newest = None

    def write_removals(self) -> None:
        """Write which records have arrived, but for those of turns without the chair after them."""
        turn = self._first_turn
        arrived = [seq for seq in self._arrived if turn is None or seq < turn]
        self._arrived = [] if turn is None else [seq for seq in self._arrived if seq >= turn]
        removals = [("delete from outbox where seq = ?", (seq,)) for seq in arrived]
        self._file.write(*removals, durable=False)

    def _count(self, seq: int) -> None:
        self.last_seq = seq
        self.told = max(self.told, seq)
        self._file.note_told(seq)

    def _drop(self, surplus: int) -> None:
        self.write_removals()
        self.dropped += surplus
        oldest = "delete from outbox where seq in (select seq from outbox order by seq limit ?)"
        self._file.write((oldest, (surplus,)), (_SET_COUNTER, ("dropped", self.dropped)))
        self._length -= surplus

    def _read(self, seq: int, text: str) -> Record | None:
        """Return a record, or drop and count a record that cannot be read, and return None."""
        try:
            record: Record = json.loads(text)
        except ValueError as error:
            log.error("event %d cannot be read and is let go: %s", seq, error)
            self.remove(seq)
            self.dropped += 1
            self._file.write((_SET_COUNTER, ("dropped", self.dropped)))
            return None
        return record
