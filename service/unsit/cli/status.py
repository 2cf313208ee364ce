"""``unsit status``: the chair as it is now, from the files of its state.

It works while the service runs and while it does not; then it shows the last that is known. What
only the service itself knows, such as the connection to the broker, is not in it.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from unsit.assembly.memory import Known, open_store_to_look, recall_known, settings_in_force
from unsit.cli.terminal import encodes_all
from unsit.core.day import time_seated
from unsit.core.instant import format_duration
from unsit.core.sitting import Phase
from unsit.errors import UnavailableError, UnsitError, escaped, printable
from unsit.history.store import open_history
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.state import Health, Moment, state_message
from unsit.runtime.clock import Dates, LiveClock
from unsit.runtime.documents import Store
from unsit.runtime.record import NUMBERED_SINCE, short_duration, stamp
from unsit.runtime.state_file import is_locked
from unsit.settings.file import settings_file, state_directory
from unsit.settings.load import load
from unsit.settings.model import Settings
from unsit.words import Words, words_of

SCHEMA = 1
"""Version of the JSON; it rises when a key is removed or changes its meaning."""

OF_THE_SERVICE = frozenset(
    (
        *("version", "started_at", "missed_edges", "frames_rejected", "load_kg", "signal_quality"),
        *("storage_fault", "refused", "messages_refused", "commands_rejected", NUMBERED_SINCE),
        "last_refusal",
    )
)
"""Keys of the state message that no file has."""

LABEL_WIDTH = 10
"""Width of the column of labels, at least."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that wait. oldest: date of the oldest one for the broker, None without any."""

    for_broker: int
    for_history: int
    oldest: str | None
    dropped: int


@dataclass(frozen=True, slots=True)
class Kept:
    """History on disk. first, last: dates of its events, None without any. size: in bytes.

    trouble: why it cannot be read, None if it can, or if there is none yet.
    """

    file: Path
    size: int
    first: datetime | None = None
    last: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that the command shows. at: the moment of it. state: as it is published.

    seated, longest: exact totals of the day; those of the state count in steps.
    """

    settings: Settings
    is_running: bool
    at: datetime
    phase: Phase
    due_since: datetime | None
    state: dict[str, Any]
    waiting: Waiting
    kept: Kept | None
    seated: timedelta
    longest: timedelta

    def document(self) -> dict[str, Any]:
        """Return the status for programs."""
        kept, waiting = self.kept, self.waiting
        return {
            "schema": SCHEMA,
            "chair": self.settings.chair.id,
            "running": self.is_running,
            "at": stamp(self.at),
            "state": self.state,
            "waiting": {
                "for_broker": waiting.for_broker,
                "for_history": waiting.for_history,
                "oldest_for_broker": waiting.oldest,
                "dropped": waiting.dropped,
            },
            "history": None
            if kept is None
            else {
                "file": str(kept.file),
                "bytes": kept.size,
                "first": None if kept.first is None else stamp(kept.first),
                "last": None if kept.last is None else stamp(kept.last),
                "trouble": kept.trouble,
            },
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines for people, in the language of the chair."""
        words = words_of(self.settings.chair.language)
        rows = list(_Text(self, words).rows())
        width = max(LABEL_WIDTH, *(len(label) for label, _ in rows)) + 2
        yield escaped(f"{self.settings.chair.name} ({self.settings.chair.id})")
        for label, text in rows:
            yield f"{label:{width}}{escaped(text)}"


def main(arguments: argparse.Namespace) -> None:
    """Print the status."""
    configured = load(settings_file(arguments.config, arguments.unit), arguments.flags)
    directory = state_directory(arguments.state_dir, arguments.unit)
    is_open = os.access(directory, os.R_OK | os.X_OK, effective_ids=True)
    if not is_open and os.path.lexists(directory):
        raise PermissionError(f"{directory} cannot be read by this user; use sudo")
    with closing(open_store_to_look(directory)) as store:
        is_running, clock = is_locked(directory), LiveClock()
        known = recall_known(store, clock, is_running=is_running)
        if known is None:
            raise UnavailableError(
                f"{directory}: there is no state of a chair; start the service, or name its "
                "directory: --state-dir"
            )
        settings = settings_in_force(configured, store, directory).settings
        rules = replace(
            known.chair,
            rules=settings.rules(),
            buzzer_on=settings.buzzer.enabled,
            programme=configured.programme,
        )
        status = _status(
            settings, Known(rules, known.until), clock, store, directory, is_running=is_running
        )
    if arguments.json:
        document = status.document()
        print(json.dumps(document, indent=2, ensure_ascii=not encodes_all(sys.stdout)))
    else:
        print("\n".join(status.lines()))


def _status(
    settings: Settings,
    known: Known,
    clock: LiveClock,
    store: Store,
    directory: Path,
    *,
    is_running: bool,
) -> Status:
    chair, now = known.chair, known.until
    dates = Dates(clock, settings.week().zone)
    outbox = Outbox(store.file, shelves=True)
    waiting = _waiting(outbox)
    health = Health(
        name=settings.chair.name,
        version="",
        started=now,
        events_waiting=waiting.for_broker,
        events_dropped=waiting.dropped,
        seq=outbox.last_seq,
        silent_before=settings.hours.silent_before,
        silent_after=settings.hours.silent_after,
    )
    midnight = dates.midnight(now)
    state = state_message(chair, health, Moment(now, midnight, dates.date))
    bout = chair.sitting.bout
    longest = timedelta(seconds=state["longest_bout_today_s"])
    if bout is not None and chair.sitting.phase is Phase.SITTING:
        longest = max(longest, now - max(bout.started, midnight))
    return Status(
        settings,
        is_running,
        dates.date(now),
        chair.sitting.phase,
        None if bout is None or bout.due is None else dates.date(bout.due),
        {key: value for key, value in state.items() if key not in OF_THE_SERVICE},
        waiting,
        _kept(settings, directory),
        time_seated(chair.today, now, midnight),
        longest,
    )


def _waiting(outbox: Outbox) -> Waiting:
    oldest = next((record["at"] for record in outbox.after(0, 1)), None)
    return Waiting(len(outbox), outbox.unshelved, oldest, outbox.dropped)


def _kept(settings: Settings, directory: Path) -> Kept | None:
    """Return what is known of the history, None without one."""
    file = settings.history.file(directory)
    if not os.path.lexists(file):
        return None if settings.history.kept_for is None else Kept(file, 0)
    try:
        size = file.stat().st_size
        with open_history(file) as history:
            first, last = history.extent() or (None, None)
    except (UnsitError, OSError) as error:
        return Kept(file, 0, trouble=str(error))
    return Kept(file, size, _date(first), _date(last))


def _date(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).astimezone()


class _Text:
    """Labels and texts of a status."""

    def __init__(self, status: Status, words: Words) -> None:
        self._status, self._words = status, words
        self._state = status.state

    def rows(self) -> Iterator[tuple[str, str]]:
        for key, text in (
            ("service", self._service()),
            ("seat", self._seat()),
            ("bout", self._bout()),
            ("move", self._move()),
            ("hold", self._hold()),
            ("today", self._today()),
            ("broker", self._broker()),
            ("history", self._history()),
        ):
            if text is not None:
                yield self._words.status(key), text

    def _say(self, key: str, **fields: object) -> str:
        return self._words.status(key).format_map(fields)

    def _time(self, text: str | datetime | None) -> str:
        """Return a time of day, with the date if it is not that of the status."""
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
        if at is None:
            return "?"
        is_today = at.date() == self._status.at.date()
        return f"{at:%H:%M}" if is_today else f"{at:%Y-%m-%d %H:%M}"

    def _service(self) -> str:
        if self._status.is_running:
            return self._say("runs")
        return self._say("stopped", at=f"{self._status.at:%Y-%m-%d %H:%M}")

    def _seat(self) -> str:
        if (reason := self._state["sensor_fault"]) is not None:
            return self._say("fault", reason=self._words.term(reason))
        return self._say("occupied" if self._state["occupied"] else "empty")

    def _bout(self) -> str | None:
        if (since := self._state["sitting_since"]) is None:
            return None
        is_gap = self._status.phase in (Phase.GAP, Phase.SUSPENDED_GAP)
        return self._say(
            "bout_gap" if is_gap else "bout_since",
            since=self._time(since),
            lasted=short_duration(self._state["bout_s"]),
            min_break=format_duration(self._status.settings.sitting.min_break),
        )

    def _move(self) -> str | None:
        state = self._state
        if self._status.due_since is None:
            return (
                None
                if state["due_at"] is None
                else self._say("due_at", due=self._time(state["due_at"]))
            )
        most = self._status.settings.reminders.max_reminders
        following = state["next_reminder_at"]
        reminders = self._say(
            "no_reminder" if following is None else "reminder",
            count=state["reminders"],
            most=most,
            next=self._time(following),
        )
        return f"{self._say('due', due=self._time(self._status.due_since))}; {reminders}"

    def _hold(self) -> str | None:
        if not self._state["hold"]:
            return None
        return "; ".join(map(self._one_hold, self._state["holds"]))

    def _one_hold(self, hold: dict[str, Any]) -> str:
        key = "hold_on" if hold["until"] is None else "hold_until"
        reason = printable(self._words.term(hold["reason"]))
        return self._say(key, reason=reason, until=self._time(hold["until"]))

    def _today(self) -> str:
        state = self._state
        return self._say(
            "totals",
            seated=short_duration(self._status.seated.total_seconds()),
            longest=short_duration(self._status.longest.total_seconds()),
            breaks=state["breaks_today"],
            reminders=state["reminders_today"],
        )

    def _broker(self) -> str:
        waiting = self._status.waiting
        if waiting.dropped:
            lost = self._say("dropped", count=waiting.dropped)
            return f"{self._broker_queue()}; {lost}"
        return self._broker_queue()

    def _broker_queue(self) -> str:
        waiting = self._status.waiting
        if waiting.for_broker:
            return self._say("waiting", count=waiting.for_broker, at=self._time(waiting.oldest))
        return self._say("no_broker" if self._status.settings.mqtt.host == "none" else "sent")

    def _history(self) -> str:
        kept, count = self._status.kept, self._status.waiting.for_history
        if kept is None:
            return self._say("off")
        if kept.trouble is not None:
            return self._say("unreadable", trouble=kept.trouble)
        if kept.first is None:
            return self._say("empty_history", count=count)
        first: date = kept.first.date()
        return self._say("kept", first=first, size=f"{kept.size / 1e6:.1f}", count=count)
