"""What the chair has told, put in order: its bouts with their reminders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from torture.truth import Truth

Record = dict[str, Any]

ONE_INSTANT = 0.5
"""Seconds between two dates of one instant, told by two services on a busy machine, at most."""


@dataclass
class Bout:
    """A bout as it was told; None for what was not told of it.

    announced: its beginning was told when it began. told: when its end was told, which is later.
    reminders: when each came, by the number that it was given, in the order told.
    """

    started: float | None
    announced: bool
    ended: float | None = None
    told: float | None = None
    cut: bool = False
    duration: float = 0.0
    seated: float = 0.0
    counted: int = 0
    reminders: list[tuple[int, float]] = field(default_factory=list)
    given_up: int = 0


class Claims:
    """What a chair told.

    log: every delivery, in any order. truth: puts its dates right. doubled: how many deliveries
    were repetitions. wrong: what cannot be, whatever happened.
    """

    def __init__(self, log: Sequence[Record], truth: Truth) -> None:
        self.wrong: list[str] = []
        self._truth = truth
        self.records = self._each_once(log)
        self.doubled = len(log) - len(self.records)
        self._check_numbers()
        self.bouts = self._bouts()

    def _each_once(self, log: Sequence[Record]) -> list[Record]:
        known: dict[str, Record] = {}
        for record in log:
            if known.setdefault(record["id"], record) != record:
                self.wrong.append(f"one id for two events: {known[record['id']]}, {record}")
        return sorted(known.values(), key=lambda record: (self._lives(record), record["seq"]))

    def _lives(self, record: Record) -> int:
        """How often the chair had lost what it knew on its disk."""
        at = self._instant(record["at"])
        return sum(outage.disk and outage.down < at for outage in self._truth.outages)

    def _check_numbers(self) -> None:
        for one, following in zip(self.records, self.records[1:], strict=False):
            if self._lives(one) != self._lives(following):
                continue
            if following["seq"] == one["seq"]:
                self.wrong.append(f"two events with one number: {one}, {following}")
            elif following["seq"] != one["seq"] + 1:
                self.wrong.append(f"no event between {one['seq']} and {following['seq']}")

    def _bouts(self) -> list[Bout]:
        bouts: list[Bout] = []
        under_way: Bout | None = None
        for record in self.records:
            kind, at = record["type"], self._instant(record["at"])
            if kind == "bout_started":
                under_way = Bout(started=at, announced=True)
                bouts.append(under_way)
            elif kind in ("move_due", "move_reminder", "gave_up", "bout_ended"):
                if under_way is None or self._is_of_another(under_way, record):
                    under_way = Bout(started=None, announced=False)
                    bouts.append(under_way)
                self._tell(under_way, record, at)
                under_way = None if kind == "bout_ended" else under_way
        return bouts

    def _is_of_another(self, bout: Bout, record: Record) -> bool:
        """Whether an end names another beginning, as a chair does that has lost what it knew."""
        if bout.started is None or "started" not in record:
            return False
        return abs(self._instant(record["started"]) - bout.started) > ONE_INSTANT

    def _tell(self, bout: Bout, record: Record, at: float) -> None:
        if record["type"] == "bout_ended":
            bout.started = self._instant(record["started"])
            bout.ended, bout.told = self._instant(record["ended"]), at
            bout.duration, bout.seated = record["duration_s"], record["seated_s"]
            bout.cut, bout.counted = record.get("cut", False), record["reminders"]
        elif record["type"] == "gave_up":
            bout.given_up += 1
        else:
            bout.reminders.append((record["reminder"], at))

    def _instant(self, text: str) -> float:
        return self._truth.right(datetime.fromisoformat(text).timestamp())
