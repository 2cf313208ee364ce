"""The outbox: records wait here until the broker has acknowledged them.

They are in the state file, so that a killed process loses nothing; the number of the last record is
kept with them and goes on counting after a restart.
"""

import json
import logging

from unsit.runtime.record import Record
from unsit.runtime.statefile import StateFile

log = logging.getLogger(__name__)

_COUNT = (
    "insert into counters values (?, ?) on conflict (name) do update set value = excluded.value"
)


class Outbox:
    """Records in order of ``seq``.

    file: where they are kept; in memory if left out.
    capacity: how many may wait; beyond that the oldest go, and ``dropped`` counts them.
    last_seq: the number of the last record ever put in, 0 if there was none.
    """

    def __init__(self, file: StateFile | None = None, capacity: int = 10_000) -> None:
        self._file = file or StateFile()
        self._capacity = capacity
        self._newest: Record | None = None
        self.recount()

    def recount(self) -> None:
        """Counts anew what is in the file."""
        ((self._length, last),) = self._file.rows("select count(*), max(seq) from outbox")
        counters = dict(self._file.rows("select name, value from counters"))
        self.last_seq = max(last or 0, counters.get("seq", 0))
        self.dropped = counters.get("dropped", 0)

    def __len__(self) -> int:
        return int(self._length)

    def put(self, record: Record) -> None:
        """Adds the next record."""
        self.last_seq = record["seq"]
        self._file.write(
            ("insert into outbox values (?, ?)", (record["seq"], json.dumps(record))),
            (_COUNT, ("seq", self.last_seq)),
        )
        self._length += 1
        self._newest = record
        if self._length > self._capacity:
            self._drop(self._length - self._capacity)

    def pass_over(self, seq: int) -> None:
        """Counts a record that nobody waits for."""
        self.last_seq = seq
        self._file.write((_COUNT, ("seq", seq)))

    def after(self, seq: int, most: int) -> list[Record]:
        """The oldest records beyond a number, at most so many."""
        if self._newest is not None and self._newest["seq"] == seq + 1:
            return [self._newest]  # what was just put need not be read back
        query = "select seq, record from outbox where seq > ? order by seq limit ?"
        return [
            record
            for number, text in self._file.rows(query, seq, most)
            if (record := self._read(number, text)) is not None
        ]

    def remove(self, seq: int) -> None:
        """Takes out a record that has arrived; harmless when it is out already."""
        waits = self._file.rows("select count(*) from outbox where seq = ?", seq)[0][0]
        self._file.write(("delete from outbox where seq = ?", (seq,)), lasting=False)
        self._length -= waits
        if self._newest is not None and self._newest["seq"] == seq:
            self._newest = None

    def _drop(self, surplus: int) -> None:
        self.dropped += surplus
        oldest = "delete from outbox where seq in (select seq from outbox order by seq limit ?)"
        self._file.write((oldest, (surplus,)), (_COUNT, ("dropped", self.dropped)))
        self._length -= surplus

    def _read(self, seq: int, text: str) -> Record | None:
        """A record, or None for one that the disk has spoilt: it is let go, and counted."""
        try:
            record: Record = json.loads(text)
        except ValueError as error:
            log.error("event %d cannot be read and is let go: %s", seq, error)
            self.remove(seq)
            self.dropped += 1
            self._file.write((_COUNT, ("dropped", self.dropped)))
            return None
        return record
