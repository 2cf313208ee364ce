"""What the service still knows after a restart."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from unsit.core import turn
from unsit.core.chair import Chair
from unsit.core.inputs import ClockCorrected, Hold, Holder, Pressed, Released, Restarted, Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.today import Today
from unsit.errors import UnavailableError
from unsit.homeassistant.announcer import Traces
from unsit.runtime import codec, daybook
from unsit.runtime.bridge import Bridge, Mark
from unsit.runtime.clock import Clock
from unsit.runtime.dates import Dates
from unsit.runtime.statefile import StateFile, look_into_state
from unsit.runtime.store import Store
from unsit.settings.changes import changes, with_changes
from unsit.settings.loaded import Loaded
from unsit.settings.model import Settings

log = logging.getLogger(__name__)

FILE = "state.sqlite"
SETTINGS, TRACES = "settings", "traces"
CHAIR, DAY, KNOWN = "chair", "day", "known"
BOOT = "boot"
"""The first moment of a service since the machine was started."""

FORMER_HOLD, FORMER_DAY = "hold", "today"
"""What layout 1 of the state file had instead of a chair and a day."""

LONGEST_TRIAL = timedelta(hours=1)
WIDEST_STEP = timedelta(days=366 * 9999)
"""More than there is between any two dates."""

NO_SUCH_DOCUMENT = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(RecursionError, TypeError, ValueError),
)
"""What reading a document may raise that a disk has spoilt."""

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Before:
    """What was before a restart.

    chair: as it was. day: likewise. restarted: since when nothing is known of the seat, None where
    nothing was.
    """

    chair: Chair
    day: Today
    restarted: Restarted | None


class Memory:
    """Keeps what must outlive the service, and writes it only when it changes.

    file: where. configured: the settings that the service was started with.
    """

    def __init__(self, file: StateFile, configured: Settings, clock: Clock, dates: Dates) -> None:
        self.file = file
        self._store = Store(file)
        self._configured = configured
        self._clock = clock
        self._dates = dates
        self._kept: dict[str, Any] = {}

    def settings(self) -> Settings:
        """The settings in force."""
        return settings_in_force(Loaded(self._configured, {}), self._store).settings

    def before(self, last_seq: int) -> Before | None:
        """What was known before the restart, in the instants of today's clock; None for nothing.

        last_seq: the number of the last event; a chair of another moment is not believed.
        """
        return _recall(self._store, CHAIR, lambda kept: self._read(kept, last_seq), None)

    def clock_set_since_boot(self) -> timedelta:
        """How far the wall clock was set forward since this was first called in this boot."""
        by = _recall(self._store, BOOT, self._set_since, None)
        if by is None:
            self._store.put(BOOT, self._mark().document())
            return ZERO
        return by

    def _set_since(self, kept: Mapping[str, Any]) -> timedelta | None:
        first = Mark.read(kept)
        is_of_this_boot = first.epoch == self._clock.epoch
        return self._clock.wall(first.at) - first.date if is_of_this_boot else None

    def former(self) -> Before | None:
        """The same from a state file of layout 1, which knew of no chair."""
        none: tuple[Hold, ...] = ()
        holds = _recall(self._store, FORMER_HOLD, self._read_holds, none)
        dates = self._dates
        day = _recall(self._store, FORMER_DAY, lambda kept: daybook.read(kept, dates.instant), None)
        if not holds and day is None:
            return None
        return Before(Chair(holds=holds), day or Today(), None)

    def traces(self) -> Traces:
        """The retained messages that were left with the broker."""
        return recall_traces(self._store)

    def together(self) -> AbstractContextManager[None]:
        """Keeps all that is kept within as a whole or not at all."""
        return self.file.together()

    def keep_chair(self, chair: Chair, seq: int, *, lasting: bool) -> None:
        """Keeps the chair, and what people have changed about it.

        seq: the number of the last event. lasting: see ``StateFile.write``.
        """
        self._keep(SETTINGS, changes(self._configured, _changeable(chair)) or None)
        for former in (FORMER_HOLD, FORMER_DAY):
            self._keep(former, None)
        written = codec.written(chair)
        if self._is_new(CHAIR, (written, seq)):
            content = {"mark": self._mark().document(), "seq": seq, "chair": written}
            self._store.put(CHAIR, content, lasting=lasting)

    def keep_day(self, day: Today) -> None:
        """Keeps what today adds up to."""
        if self._is_new(DAY, day):
            content = {"mark": self._mark().document(), "day": codec.written(day)}
            self._store.put(DAY, content)

    def keep_known(self) -> None:
        """Keeps that up to now nothing has happened but what is kept."""
        self._store.put(KNOWN, self._mark().document(), lasting=False)

    def keep_traces(self, traces: Traces) -> None:
        """Keeps what is left with the broker."""
        self._keep(TRACES, traces.document())

    def close(self) -> None:
        """Ends the use of the file."""
        self.file.close()

    def _mark(self) -> Mark:
        return Mark.of(self._clock)

    def _read(self, kept: Mapping[str, Any], last_seq: int) -> Before:
        if kept["seq"] != last_seq:
            raise ValueError(f"it is of event {kept['seq']} and the last one is {last_seq}")
        mark = Mark.read(kept["mark"])
        known = _recall(self._store, KNOWN, Mark.read, mark)
        bridge = Bridge(mark, known, self._clock)
        chair = codec.read(Chair, kept["chair"], bridge.later)
        restarted = Restarted(bridge.lost, bridge.told)
        _try(chair, restarted, self._clock.now())
        day = _recall(self._store, DAY, lambda day: self._read_day(day, mark, bridge), Today())
        return Before(chair, day, restarted)

    def _read_day(self, kept: Mapping[str, Any], of_chair: Mark, bridge: Bridge) -> Today:
        mark = Mark.read(kept["mark"])
        if mark.epoch != of_chair.epoch:
            bridge = Bridge(mark, mark, self._clock)
        day = codec.read(Today, kept["day"], bridge.later)
        _try(Chair(today=day), Restarted(bridge.lost, told=bridge.lost), self._clock.now())
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


def settings_in_force(loaded: Loaded, store: Store) -> Loaded:
    """The settings with what was changed while the service ran, and where each came from."""
    return _recall(store, SETTINGS, lambda kept: with_changes(loaded, kept), loaded)


def recall_chair(store: Store, clock: Clock) -> Chair | None:
    """The chair as it was kept last, in the instants of a clock; None for none that can be read."""

    def read(kept: Mapping[str, Any]) -> Chair:
        mark = Mark.read(kept["mark"])
        return codec.read(Chair, kept["chair"], Bridge(mark, mark, clock).later)

    return _recall(store, CHAIR, read, None)


def recall_traces(store: Store) -> Traces:
    """The retained messages that were left with the broker."""
    return _recall(store, TRACES, Traces.read, Traces())


def open_state(directory: Path | None) -> StateFile:
    """The state file of a directory of state, None for memory."""
    return StateFile(None if directory is None else directory / FILE)


def open_store_to_look(directory: Path) -> Store:
    """What a directory of state holds; nothing in it is changed or made."""
    return Store(look_into_state(directory / FILE))


def _recall(store: Store, name: str, read: Callable[[Any], Known], otherwise: Known) -> Known:
    """What was kept under a name; one that cannot be read is told of and passed over."""
    try:
        kept = store.get(name)
        return otherwise if kept is None else read(kept)
    except (UnavailableError, *NO_SUCH_DOCUMENT) as error:
        log.warning("%s of the state cannot be read and is passed over: %r", name, error)
        return otherwise


def _try(chair: Chair, restarted: Restarted, now: Instant) -> None:
    """Has a chair live through a sit-down, a clock that is set, and a break, to no effect.

    Raises what the core raises for a chair that contradicts itself: better now than at every start.
    """
    later = now + LONGEST_TRIAL
    for what, at in (
        (restarted, now),
        (Pressed(), now),
        (Tick(), later),
        (ClockCorrected(WIDEST_STEP), later),
        (Released(), later),
    ):
        chair, _ = turn.step(chair, what, at)


def _changeable(chair: Chair) -> dict[str, Any]:
    return {
        "sitting.move_after": chair.rules.move_after,
        "sitting.min_break": chair.rules.min_break,
        "sitting.daily_limit": chair.rules.daily_limit,
        "buzzer.enabled": chair.buzzer_on,
    }
