"""Claims of a chair: the bouts and reminders that its log describes, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from torture.truth import Truth

Record = dict[str, Any]

SAME_INSTANT = 0.5
"""Seconds between the dates that two services on a busy machine give to one instant, at most."""


@dataclass
class Bout:
    """A bout as the log describes it; None for a fact that the log lacks.

    announced: the log has its ``bout_started``. logged: date of its ``bout_ended``, which is a
    break later than its end. reminders: number and date of each, in the order of the log.
    """

    started: float | None
    announced: bool
    ended: float | None = None
    logged: float | None = None
    cut: bool = False
    duration: float = 0.0
    seated: float = 0.0
    counted: int = 0
    reminders: list[tuple[int, float]] = field(default_factory=list)
    given_up: int = 0


class Claims:
    """Everything that a chair published on its log topic.

    log: every delivery, in any order. truth: corrects its dates. doubled: number of repeated
    deliveries. wrong: contradictions in the log itself.
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
        return sorted(known.values(), key=lambda record: (self._disk_losses(record), record["seq"]))

    def _disk_losses(self, record: Record) -> int:
        """Return how often the state file had been damaged before a record."""
        at = self._instant(record["at"])
        return sum(outage.disk and outage.down < at for outage in self._truth.outages)

    def _check_numbers(self) -> None:
        for one, following in zip(self.records, self.records[1:], strict=False):
            if self._disk_losses(one) != self._disk_losses(following):
                if following["seq"] <= one["seq"]:
                    self.wrong.append(f"number {following['seq']} was given again after a loss")
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
                if under_way is None or self._is_of_other_bout(under_way, record):
                    under_way = Bout(started=None, announced=False)
                    bouts.append(under_way)
                self._add(under_way, record, at)
                under_way = None if kind == "bout_ended" else under_way
        return bouts

    def _is_of_other_bout(self, bout: Bout, record: Record) -> bool:
        """Return whether an end names another beginning, as after a damaged state file."""
        if bout.started is None or "started" not in record:
            return False
        return abs(self._instant(record["started"]) - bout.started) > SAME_INSTANT

    def _add(self, bout: Bout, record: Record, at: float) -> None:
        if record["type"] == "bout_ended":
            bout.started = self._instant(record["started"])
            bout.ended, bout.logged = self._instant(record["ended"]), at
            bout.duration, bout.seated = record["duration_s"], record["seated_s"]
            bout.cut, bout.counted = record.get("cut", False), record["reminders"]
        elif record["type"] == "gave_up":
            bout.given_up += 1
        else:
            bout.reminders.append((record["reminder"], at))

    def _instant(self, text: str) -> float:
        return self._truth.corrected(datetime.fromisoformat(text).timestamp())
