"""What the service still knows after a restart."""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from unsit.core.chair import Chair
from unsit.core.inputs import Hold, Holder
from unsit.core.instant import Instant
from unsit.core.today import Today
from unsit.errors import UnavailableError
from unsit.homeassistant.announcer import Traces
from unsit.runtime import daybook
from unsit.runtime.dates import Dates
from unsit.runtime.record import stamp
from unsit.runtime.store import Store
from unsit.settings.changes import changes, with_changes
from unsit.settings.loaded import Loaded
from unsit.settings.model import Settings

log = logging.getLogger(__name__)

FILE = "state.sqlite"
SETTINGS, HOLD, TODAY, TRACES = "settings", "hold", "today", "traces"

Known = TypeVar("Known")


class Memory:
    """Keeps what must outlive the service, and writes it only when it changes.

    configured: the settings that the service was started with.
    """

    def __init__(self, store: Store, configured: Settings, dates: Dates) -> None:
        self._store = store
        self._configured = configured
        self._dates = dates
        self._kept: dict[str, Any] = {}

    def settings(self) -> Settings:
        """The settings in force."""
        return settings_in_force(Loaded(self._configured, {}), self._store).settings

    def holds(self, now: Instant) -> tuple[Hold, ...]:
        """The holds in force, without those whose time is over."""
        none: tuple[Hold, ...] = ()
        holds = _recall(self._store, HOLD, lambda kept: tuple(map(self._read_hold, kept)), none)
        return tuple(hold for hold in holds if hold.until is None or hold.until > now)

    def today(self) -> Today:
        """What today adds up to so far."""
        return _recall(
            self._store, TODAY, lambda kept: daybook.read(kept, self._dates.instant), Today()
        )

    def traces(self) -> Traces:
        """The retained messages that were left with the broker."""
        return recall_traces(self._store)

    def keep_chair(self, chair: Chair) -> None:
        """Keeps what people have changed about the chair."""
        self._keep(SETTINGS, changes(self._configured, _changeable(chair)) or None)
        self._keep(HOLD, [self._hold_document(hold) for hold in chair.holds] or None)

    def keep_today(self, today: Today, now: Instant) -> None:
        """Keeps what today adds up to."""
        self._keep(TODAY, daybook.written(today, now, self._dates.date))

    def keep_traces(self, traces: Traces) -> None:
        """Keeps what is left with the broker."""
        self._keep(TRACES, traces.document())

    def close(self) -> None:
        """Ends the use of the file."""
        self._store.close()

    def _keep(self, name: str, content: Any) -> None:
        if name in self._kept and self._kept[name] == content:
            return
        self._kept[name] = content
        try:
            self._store.put(name, content)
        except UnavailableError as error:
            log.error("%s; what is changed from now on is forgotten by a restart", error)
            self._store.close()
            self._store = Store()

    def _hold_document(self, hold: Hold) -> dict[str, str | None]:
        until = None if hold.until is None else stamp(self._dates.date(hold.until))
        return {"reason": hold.reason, "until": until, "holder": hold.holder.value}

    def _read_hold(self, kept: Mapping[str, str | None]) -> Hold:
        until = kept["until"]
        at = None if until is None else self._dates.instant(datetime.fromisoformat(until))
        return Hold(str(kept["reason"]), at, Holder(kept["holder"]))


def settings_in_force(loaded: Loaded, store: Store) -> Loaded:
    """The settings with what was changed while the service ran, and where each came from."""
    return _recall(store, SETTINGS, lambda kept: with_changes(loaded, kept), loaded)


def recall_traces(store: Store) -> Traces:
    """The retained messages that were left with the broker."""
    return _recall(store, TRACES, Traces.read, Traces())


def open_store(directory: Path | None) -> Store:
    """The store in a directory of state; in memory, with a warning, where that cannot be."""
    if directory is None:
        return Store()
    try:
        return Store(str(directory / FILE))
    except UnavailableError as error:
        log.warning("%s; what is changed now is forgotten by a restart", error)
        return Store()


def open_store_if_there(directory: Path) -> Store:
    """The store in a directory of state; an empty one where there is none yet."""
    file = directory / FILE
    return Store(str(file)) if os.path.exists(file) else Store()


def _recall(store: Store, name: str, read: Callable[[Any], Known], otherwise: Known) -> Known:
    """What was kept under a name; one that cannot be read is told of and passed over."""
    try:
        kept = store.get(name)
        return otherwise if kept is None else read(kept)
    except (UnavailableError, ValueError, TypeError, KeyError) as error:
        log.warning("%s of the state cannot be read and is passed over: %r", name, error)
        return otherwise


def _changeable(chair: Chair) -> dict[str, Any]:
    return {
        "sitting.move_after": chair.rules.move_after,
        "sitting.min_break": chair.rules.min_break,
        "buzzer.enabled": chair.buzzer_on,
    }
