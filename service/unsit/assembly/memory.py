"""Memory of the service: chair, day, changed settings and retained messages, in the state file.

Instants are kept with a mark that pairs the monotonic clock with the date. After a restart they are
translated to the clock of the new run.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.day import DayChange, Today, change_between, with_change
from unsit.core.events import Event
from unsit.core.inputs import (
    ClockCorrected,
    Hold,
    Holder,
    Input,
    Pressed,
    Released,
    Restarted,
    Tick,
)
from unsit.core.instant import ZERO, Instant
from unsit.core.programme import Programme
from unsit.core.sitting import Phase
from unsit.errors import UnavailableError
from unsit.history.store import Unshelved
from unsit.homeassistant.announcer import Traces
from unsit.mqtt.outbox import Outbox
from unsit.runtime import documents
from unsit.runtime.clock import MICROSECOND, Clock, ClockMark, ClockTranslation, Dates
from unsit.runtime.documents import Store
from unsit.runtime.record import MARK, TURN, Record, milliseconds, published
from unsit.runtime.state_file import StateFile, open_state_copy
from unsit.settings.changes import Change, Changes, Sources, differences, with_changes
from unsit.settings.hours import HoursSettings
from unsit.settings.model import Loaded, Settings

log = logging.getLogger(__name__)

FILE = "state.sqlite"
SETTINGS, TRACES = "settings", "traces"
CHAIR, DAY, KNOWN = "chair", "day", "known"
DAY_CHANGE = "day_change"
"""What has changed of the day since the document ``DAY``, which is long on a restless day."""

DAY_CHANGE_MAX = 32
"""Entries of a change after which the whole day is written again, once a minute."""

BOOT = "boot"
"""Mark of the first service since the machine booted."""

LAYOUT_1_HOLD, LAYOUT_1_DAY = "hold", "today"
"""Documents of layout 1 of the state file, in place of a chair and a day."""

TRIAL_TIME = timedelta(hours=1)
TRIAL_STEP = timedelta(days=366 * 9999)
"""Longer than the time between any two dates."""

UNREADABLE = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(RecursionError, TypeError, ValueError),
)
"""Exceptions of reading a document that a disk has damaged."""

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """Chair and day of the run before a restart.

    restarted: the downtime, for the core; None if the state file does not tell it.
    """

    chair: Chair
    day: Today
    restarted: Restarted | None


REPEATABLE = (Pressed, Released, Tick)
"""Inputs that a chair repeats from the state file: they are nothing but their kind."""


def turn_document(what: Input, at: Instant, events: int) -> list[Any]:
    """Return a turn as JSON, for its first record. what: a ``REPEATABLE`` input."""
    return [type(what).__name__, at // MICROSECOND, events]


@dataclass(frozen=True, slots=True)
class _KeptTurn:
    """Turn whose chair is not kept. mark: its moment. events: number of its events."""

    what: Input
    mark: ClockMark
    events: int

    @classmethod
    def read(cls, record: Record) -> "_KeptTurn":
        """Return the turn of its first record."""
        name, at, events = record[TURN]
        if events < 1:
            raise ValueError(f"a turn with {events} events; expected at least 1")
        what = {kind.__name__: kind for kind in REPEATABLE}[name]()
        epoch, of_event = record[MARK]
        date = datetime.fromisoformat(record["at"]) + (at - of_event) * MICROSECOND
        return cls(what, ClockMark(epoch, at * MICROSECOND, date), int(events))

    def again(self, chair: Chair, offset: timedelta) -> Chair:
        """Return the chair after the turn. offset: what to add to its instant.

        Raises ValueError if the turn has not the events that it had.
        """
        chair, effects = transition.step(chair, self.what, self.mark.at + offset)
        events = sum(isinstance(effect, Event) for effect in effects)
        if events != self.events:
            raise ValueError(f"a turn with {self.events} events makes {events} now")
        return chair


class Memory:
    """Documents of the state file, each written only when it changes.

    configured: settings that the service was started with, before any changes by people.
    sources: where those come from.
    changes: what people have changed of them. hours: the hours in force.
    """

    def __init__(
        self,
        file: StateFile,
        configured: Settings,
        clock: Clock,
        dates: Dates,
        sources: Sources | None = None,
    ) -> None:
        self.file = file
        self.changes = Changes(configured, sources)
        self.hours = configured.hours
        self._store = Store(file)
        self._configured = configured
        self._clock = clock
        self._dates = dates
        self._kept: dict[str, Any] = {}
        self._day_is_changed = self._is_change_long = False
        self._whole_day: tuple[Today, dict[str, Any]] | None = None

    def settings(self) -> Settings:
        """Return the settings in force."""
        settings = _recall(self._store, SETTINGS, self.changes.restore, self._configured)
        self.hours = settings.hours
        return settings

    def note_changes(self, chair: Chair, source: str) -> tuple[Change, ...]:
        """Note the settings of a chair, and return what has changed since the last call."""
        return self.changes.note(_changeable(chair, self.hours), source)

    def previous_run(
        self, outbox: Outbox, programme: Programme | None = None
    ) -> PreviousRun | None:
        """Return chair and day in instants of this run's clock, None if there are none.

        outbox: the events. A chair before the last of them is brought forward by the turns that are
        kept with them; if that fails, it is ignored. programme: the exercises.
        """

        def read(kept: Mapping[str, Any]) -> PreviousRun:
            turns = self._turns(kept["seq"], outbox)
            return self._read(kept, turns, programme or Programme())

        return _recall(self._store, CHAIR, read, None)

    def clock_set_since_boot(self) -> timedelta:
        """Return by how much the wall clock was set since the first call in this boot."""
        by = _recall(self._store, BOOT, self._set_since, None)
        if by is None:
            self._store.put(BOOT, self._mark().document())
            return ZERO
        return by

    def _set_since(self, kept: Mapping[str, Any]) -> timedelta | None:
        first = ClockMark.read(kept)
        is_of_this_boot = first.epoch == self._clock.epoch
        return self._clock.wall(first.at) - first.date if is_of_this_boot else None

    def layout_1_run(self) -> PreviousRun | None:
        """Return holds and day of a state file of layout 1, which had no chair; None if none."""
        no_holds: tuple[Hold, ...] = ()
        holds = _recall(self._store, LAYOUT_1_HOLD, self._read_holds, no_holds)
        read_day = partial(documents.day_from_document, instant=self._dates.instant)
        day: Today | None = _recall(self._store, LAYOUT_1_DAY, read_day, None)
        if not holds and day is None:
            return None
        return PreviousRun(Chair(holds=holds), day or Today(), None)

    def traces(self) -> Traces:
        """Return the retained messages that the broker holds."""
        return recall_traces(self._store)

    def batch(self) -> AbstractContextManager[None]:
        """Return a context in which all writes succeed together or not at all."""
        return self.file.batch()

    def keep_chair(
        self, chair: Chair, seq: int, *, durable: bool, mark: ClockMark | None = None
    ) -> None:
        """Keep the chair, and the settings that people have changed.

        seq: number of the last event. durable: see ``StateFile.write``. mark: this moment, if both
        clocks were read already.
        """
        self.changes.note(_changeable(chair, self.hours), "")
        self._keep(SETTINGS, self.changes.document() or None)
        for name in (LAYOUT_1_HOLD, LAYOUT_1_DAY):
            self._keep(name, None)
        document = documents.to_document(chair)
        if self._is_new(CHAIR, (document, seq)):
            moment = (mark or self._mark()).document()
            content = {"mark": moment, "seq": seq, "chair": document}
            self._store.put(CHAIR, content, durable=durable)

    def keep_day(self, day: Today) -> None:
        """Keep today, by a short document with what has changed since the last long one."""
        if not self._is_new(DAY, day):
            return
        if self._whole_day is None or (change := change_between(self._whole_day[0], day)) is None:
            self._keep_whole_day(day)
            return
        content = {
            "of": self._whole_day[1],
            "change": documents.to_document(change),
        }
        self._store.put(DAY_CHANGE, content)
        self._day_is_changed = True
        self._is_change_long = len(change) > DAY_CHANGE_MAX

    def shorten_day(self) -> None:
        """Write the whole day if what has changed of it is long. Not on the way to the buzzer."""
        if self._is_change_long:
            self._keep_whole_day(self._kept[DAY])

    def _keep_whole_day(self, day: Today) -> None:
        mark = self._mark().document()
        self._whole_day = day, mark
        with self.batch():
            self._store.put(DAY, {"mark": mark, "day": documents.to_document(day)})
            self._store.put(DAY_CHANGE, None)
        self._day_is_changed = self._is_change_long = False

    def keep_known(self) -> None:
        """Keep a mark: up to now nothing has happened except what is kept."""
        self._store.put(KNOWN, self._mark().document(), durable=False)

    def keep_traces(self, traces: Traces) -> None:
        """Keep the list of retained messages that the broker holds."""
        self._keep(TRACES, traces.document())

    def close(self) -> None:
        """Close the file, with the whole day in one document."""
        if self._day_is_changed:
            self._keep_whole_day(self._kept[DAY])
        self.file.close()

    def _mark(self) -> ClockMark:
        return ClockMark.of(self._clock)

    def _turns(self, seq: int, outbox: Outbox) -> list["_KeptTurn"]:
        """Return the turns since the event with a number. Raises ValueError if any is missing."""
        turns: list[_KeptTurn] = []
        number = seq
        while number < outbox.last_seq:
            record = next(iter(outbox.after(number, 1)), None)
            if record is None or record["seq"] != number + 1 or TURN not in record:
                break
            turns.append(_KeptTurn.read(record))
            number += turns[-1].events
        if number != outbox.last_seq:
            raise ValueError(f"it was kept at event {seq}, and the last event is {outbox.last_seq}")
        return turns

    def _read(
        self, kept: Mapping[str, Any], turns: Sequence["_KeptTurn"], programme: Programme
    ) -> PreviousRun:
        mark = ClockMark.read(kept["mark"])
        last = turns[-1].mark if turns else mark
        known = _recall(self._store, KNOWN, ClockMark.read, last)
        if last.at > known.at:
            known = last
        translation = ClockTranslation(mark, known, self._clock)
        chair = documents.from_document(Chair, kept["chair"], translation.offset)
        day = _recall(self._store, DAY, lambda day: self._read_day(day, mark, translation), Today())
        if turns:
            settings = self.settings()
            rules, buzzer_on = settings.rules(), settings.buzzer.enabled
            chair = replace(chair, rules=rules, buzzer_on=buzzer_on, programme=programme, today=day)
            for turn in turns:
                chair = turn.again(chair, translation.offset)
            day = chair.today
            chair = documents.from_document(Chair, documents.to_document(chair))
        restarted = Restarted(translation.down_since, translation.down_since_wall)
        _rehearse(chair, restarted, self._clock.now())
        return PreviousRun(chair, day, restarted)

    def _read_day(
        self, kept: Mapping[str, Any], of_chair: ClockMark, translation: ClockTranslation
    ) -> Today:
        mark = ClockMark.read(kept["mark"])
        if mark.epoch != of_chair.epoch:
            translation = ClockTranslation(mark, mark, self._clock)
        day = _day(self._store, kept, translation.offset)
        _rehearse(
            Chair(today=day),
            Restarted(translation.down_since, down_since_wall=translation.down_since),
            self._clock.now(),
        )
        return day

    def _read_holds(self, kept: Any) -> tuple[Hold, ...]:
        return tuple(map(self._read_hold, kept if isinstance(kept, list) else [kept]))

    def _read_hold(self, kept: Mapping[str, str | None]) -> Hold:
        until = kept["until"]
        at = None if until is None else self._dates.instant(datetime.fromisoformat(until))
        return Hold(str(kept["reason"]), at, Holder(kept.get("holder") or Holder.PERSON))

    def _keep(self, name: str, content: Any) -> None:
        if self._is_new(name, content):
            self._store.put(name, content)

    def _is_new(self, name: str, content: Any) -> bool:
        if name in self._kept and self._kept[name] == content:
            return False
        self._kept[name] = content
        return True


def settings_in_force(loaded: Loaded, store: Store, directory: Path | None = None) -> Loaded:
    """Return the settings with the changes made while the service ran, each with its source.

    directory: the state directory, for resets that were asked for; None for none.
    """
    return _recall(store, SETTINGS, lambda kept: with_changes(loaded, kept, directory), loaded)


def kept_changes(loaded: Loaded, store: Store, directory: Path | None = None) -> dict[str, Change]:
    """Return what a reset would change, by key: from the values in force to the configured ones.

    directory: as in ``settings_in_force``.
    """
    in_force = settings_in_force(loaded, store, directory).settings
    return differences(loaded.settings, in_force)


def recall_chair(store: Store, clock: Clock) -> Chair | None:
    """Return the chair that was kept last, in instants of a clock; None if unreadable."""

    def read(kept: Mapping[str, Any]) -> Chair:
        mark = ClockMark.read(kept["mark"])
        return documents.from_document(
            Chair, kept["chair"], ClockTranslation(mark, mark, clock).offset
        )

    return _recall(store, CHAIR, read, None)


@dataclass(frozen=True, slots=True)
class Known:
    """Chair of a state file, with its day, in instants of the reader's clock.

    until: up to when it is known: the last sign of life, or now if the service runs.
    """

    chair: Chair
    until: Instant


def recall_known(store: Store, clock: Clock, *, is_running: bool) -> Known | None:
    """Return what the state file says of the chair, None if it says nothing or is unreadable.

    is_running: whether a service keeps its state there at present.
    """

    def read(kept: Mapping[str, Any]) -> Known:
        mark = ClockMark.read(kept["mark"])
        known = _recall(store, KNOWN, ClockMark.read, mark)
        translation = ClockTranslation(mark, max(mark, known, key=lambda one: one.date), clock)
        chair = documents.from_document(Chair, kept["chair"], translation.offset)
        day = _recall(store, DAY, read_day, Today())
        until = clock.now() if is_running else translation.down_since
        return Known(replace(chair, today=day), until)

    def read_day(kept: Mapping[str, Any]) -> Today:
        mark = ClockMark.read(kept["mark"])
        return _day(store, kept, ClockTranslation(mark, mark, clock).offset)

    return _recall(store, CHAIR, read, None)


def recall_unshelved(store: Store, clock: Clock, *, is_running: bool) -> Unshelved:
    """Return what the history does not have yet. is_running: as in ``recall_known``."""
    outbox = Outbox(store.file, shelves=True)
    records = [published(record) for record in outbox.for_history(outbox.unshelved)]
    known = recall_known(store, clock, is_running=is_running)
    if known is None:
        return Unshelved(records)
    return Unshelved(
        records,
        milliseconds(clock.wall(known.until) + timedelta(microseconds=500)),  # to the nearest
        is_running=is_running,
        is_seated=known.chair.sitting.phase is Phase.SITTING,
    )


def _day(store: Store, kept: Mapping[str, Any], offset: timedelta) -> Today:
    """Return the day of its document, with what has changed since then."""

    def read_change(change: Mapping[str, Any]) -> DayChange | None:
        if change["of"] != kept["mark"]:
            return None
        return documents.from_document(DayChange, change["change"], offset)

    day = documents.from_document(Today, kept["day"], offset)
    change = _recall(store, DAY_CHANGE, read_change, None)
    return day if change is None else with_change(day, change)


def recall_traces(store: Store) -> Traces:
    """Return the retained messages that the broker holds."""
    return _recall(store, TRACES, Traces.read, Traces())


def open_state(directory: Path | None) -> StateFile:
    """Open the state file in a state directory, or in memory for None."""
    return StateFile(None if directory is None else directory / FILE)


def open_store_to_look(directory: Path) -> Store:
    """Open the documents of a state directory for reading; nothing in it is changed or made."""
    return Store(open_state_copy(directory / FILE))


def _recall(store: Store, name: str, read: Callable[[Any], Content], otherwise: Content) -> Content:
    """Read a document. Log one that cannot be read, and return ``otherwise``."""
    try:
        kept = store.get(name)
        return otherwise if kept is None else read(kept)
    except (UnavailableError, *UNREADABLE) as error:
        log.warning("%s in the state file cannot be read and is ignored: %r", name, error)
        return otherwise


def _rehearse(chair: Chair, restarted: Restarted, now: Instant) -> None:
    """Run a chair through a bout, a set clock and a break, and drop the result.

    Raises the core's error for a chair that contradicts itself; without this the service would
    fail at every start.
    """
    later = now + TRIAL_TIME
    for event, at in (
        (restarted, now),
        (Pressed(), now),
        (Tick(), later),
        (ClockCorrected(TRIAL_STEP), later),
        (Released(), later),
    ):
        chair, _ = transition.step(chair, event, at)


def _changeable(chair: Chair, hours: HoursSettings) -> dict[str, Any]:
    return {
        "sitting.move_after": chair.rules.move_after,
        "sitting.min_break": chair.rules.min_break,
        "sitting.daily_limit": chair.rules.daily_limit,
        "buzzer.enabled": chair.buzzer_on,
        "reminders.style": chair.rules.style,
        "hours.silent_before": hours.silent_before,
        "hours.silent_after": hours.silent_after,
    }
