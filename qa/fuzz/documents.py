"""Documents of the state file, with random damage."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fuzz.drawn import Drawn
from unsit.assembly.memory import Memory, turn_document
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import StoodUp
from unsit.core.inputs import (
    ClockCorrected,
    Hold,
    Input,
    Pressed,
    Released,
    Restarted,
    SensorFailed,
    SensorWorks,
    Snooze,
    Tick,
)
from unsit.mqtt.outbox import Outbox
from unsit.runtime.clock import Dates, VirtualClock
from unsit.runtime.record import TURN, Recorder
from unsit.runtime.state_file import StateFile
from unsit.settings.model import Settings

PUT = "insert or replace into documents values (?, ?)"
ADD = "insert or replace into outbox (seq, record) values (?, ?)"
COUNT = "insert or replace into counters values ('seq', ?)"
NAMES = ("chair", "day", "known", "boot", "settings", "traces", "hold", "today")
STRANGE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, -(10**18), "", "x", "\ud800", [], {}, [[]], {"": None}),
    *("2026-01-05T09:00:00+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"),
    *("sitting", "away", float("inf"), float("nan"), 2**63),
)
SEQ = 7
LIVED: tuple[tuple[int, Input], ...] = (
    *((20, Pressed()), (40, Hold("command")), (60, Snooze()), (80, Released()), (100, Pressed())),
    (110, Tick()),
    (120, Restarted(timedelta(minutes=119), down_since_wall=timedelta(minutes=119))),
    (120, Pressed()),
)
LIFE: tuple[Input, ...] = (
    *(Pressed(), Released(), Tick(), Snooze(), ClockCorrected(timedelta(hours=1))),
    *(SensorFailed("silent"), SensorWorks("silent", pressed=True)),
)


class StateDocuments:
    """Service that starts from a damaged state file."""

    def __init__(self, folder: Path) -> None:
        self._clock = VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC), iter(()), lambda: None)
        with closing(StateFile()) as file:
            self._whole = self._documents(file)

    def take(self, data: bytes) -> None:
        """Start from one state file."""
        with closing(StateFile()) as file:
            self._start_from(file, Drawn(data))

    def _start_from(self, file: StateFile, drawn: Drawn) -> None:
        life = [(drawn.number(4000), drawn.one_of(LIFE)) for _ in range(drawn.number(8))]
        file.write((COUNT, (SEQ,)))
        for name in NAMES:
            file.write((PUT, (name, self._text(drawn, name))))
        if drawn.yes(2):
            file.write((ADD, (SEQ + 1, self._text(drawn, "turn"))))
        memory = self._memory(file)
        memory.settings()
        memory.traces()
        memory.layout_1_run()
        memory.clock_set_since_boot()
        before = memory.previous_run(Outbox(file))
        if before is not None and before.restarted is not None:
            chair = replace(before.chair, today=before.day)
            chair, _ = transition.step(chair, before.restarted, self._clock.now())
            self._go_on(chair, life)

    def _go_on(self, chair: Chair, life: list[tuple[int, Input]]) -> None:
        now = self._clock.now()
        for seconds, what in life:
            now += timedelta(seconds=seconds)
            chair, _ = transition.step(chair, what, now)

    def _memory(self, file: StateFile) -> Memory:
        return Memory(file, Settings(), self._clock, Dates(self._clock))

    def _documents(self, file: StateFile) -> dict[str, Any]:
        """Return the documents of a service that was killed in a bout, soon after a reboot."""
        chair = Chair()
        for minute, what in LIVED:
            chair, _ = transition.step(chair, what, timedelta(minutes=minute))
        memory = self._memory(file)
        memory.keep_chair(chair, SEQ, durable=True)
        memory.keep_day(chair.today)
        memory.keep_known()
        memory.clock_set_since_boot()
        rows = file.rows("select name, content from documents")
        left = Recorder("chair", self._clock.wall, SEQ, self._clock.epoch)
        away = timedelta(minutes=121)
        record = left.record(StoodUp(away, timedelta(minutes=1), None))
        turn = record | {TURN: turn_document(Released(), away, 1)}
        return {"turn": turn} | {name: json.loads(content) for name, content in rows}

    def _text(self, drawn: Drawn, name: str) -> str:
        kind = drawn.number(8)
        if kind == 0:
            return drawn.text(60).encode(errors="replace").decode()
        document = self._whole.get(name)
        for _ in range(drawn.number(3)):
            document = _damaged(drawn, document)
        text = json.dumps(document)
        return text[: drawn.number(len(text) + 1)] if kind == 1 else text


def _damaged(drawn: Drawn, document: Any) -> Any:
    """Return a document with one random part replaced or left out."""
    if not isinstance(document, dict | list) or not document or drawn.yes(8):
        return drawn.one_of(STRANGE)
    if isinstance(document, list):
        place = drawn.number(len(document))
        return [_damaged(drawn, one) if n == place else one for n, one in enumerate(document)]
    chosen = drawn.one_of(list(document))
    others = {name: one for name, one in document.items() if name != chosen}
    return others if drawn.yes(6) else others | {chosen: _damaged(drawn, document[chosen])}
