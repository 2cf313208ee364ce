"""``unsit history``: events in and out of the history, a copy of it, and forgetting for good."""

import argparse
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from unsit.assembly.memory import open_store_to_look
from unsit.cli.terminal import Progress
from unsit.errors import UnavailableError, UsageError, escaped, escaped_lines
from unsit.files import folder
from unsit.history.copy import copy_of
from unsit.history.store import HistoryFile, open_history, open_to_write
from unsit.history.transfer import (
    STANDARD_STREAM,
    Imported,
    Importer,
    back_up,
    import_events,
    is_events_file,
    new_file,
    read_events,
)
from unsit.runtime.clock import LiveClock, WallTime
from unsit.runtime.database import is_lock
from unsit.runtime.record import Record, published
from unsit.settings.file import settings_file, state_directory
from unsit.settings.load import load
from unsit.settings.model import Loaded

LOCK_WAIT_S = 10.0
"""Time (s) that a command waits for the service, which writes for some milliseconds."""

_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Chair whose history a command works on. state: the state directory. file: the history."""

    loaded: Loaded
    state: Path
    file: Path

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "Place":
        """Return the chair that the arguments name."""
        loaded = load(settings_file(arguments.config, arguments.unit), arguments.flags)
        state = state_directory(arguments.state_dir, arguments.unit)
        return cls(loaded, state, loaded.settings.history.file(state))

    def midnight(self, day: date) -> int:
        """Return the beginning of a day of the chair, in ms since 1970 UTC."""
        return _ms(WallTime(self.loaded.settings.week().zone).midnight(day))

    def waiting(self) -> list[Record]:
        """Return the events that the service has not put into the history yet."""
        with closing(open_store_to_look(self.state)) as store:
            query = "select record from outbox where marks & 2 = 0 order by seq"
            return [published(json.loads(text)) for (text,) in store.file.rows(query)]

    @contextmanager
    def open(self) -> Iterator[HistoryFile]:
        """Open the history to write it, also in a directory that is missing.

        Raises UnavailableError for any error of SQLite or the disk.
        """
        try:
            with folder(self.file.parent, create=True):
                pass
        except OSError as error:
            raise UnavailableError(f"{self.file.parent}: {error.strerror}") from error
        try:
            with closing(open_to_write(self.file, LOCK_WAIT_S)) as history:
                yield history
        except sqlite3.Error as error:
            if is_lock(error):
                words = f"another program writes it; try again, or: sudo fuser -v {self.file}"
                raise UnavailableError(f"{self.file}: {words}") from error
            words = f"{error}; see what is wrong with: unsit check"
            raise UnavailableError(f"{self.file}: {words}") from error


def main(arguments: argparse.Namespace) -> None:
    """Run one of the commands of the history."""
    {
        "import": import_files,
        "export": export,
        "backup": backup,
        "forget": forget,
    }[arguments.what](arguments, Place.of(arguments))


def import_files(arguments: argparse.Namespace, place: Place) -> None:
    """Import recordings and files of events, each whole or not at all."""
    with place.open() as history:
        for file in arguments.files:
            name = arguments.name or (
                "standard input" if file == STANDARD_STREAM else Path(file).name
            )
            imported = (
                import_events(history, file, name, _now(), read_events(file))
                if is_events_file(file)
                else _import_recording(arguments, place, history, file, name)
            )
            print(escaped(f"{file}: {_in_words(imported)}"))


def _import_recording(
    arguments: argparse.Namespace, place: Place, history: HistoryFile, file: str, name: str
) -> Imported:
    from unsit.assembly.simulation import replay  # gpiozero and the chair, for recordings only
    from unsit.cli.recordings import recording_of

    recording = recording_of(file, arguments.columns, arguments.decimal)
    with history.edited(), Progress() as progress:
        importer = Importer(history, name, _now(), is_apart=True)
        extent = recording.check(each=progress.step)
        progress.begin(extent.rows)
        settings, programme = place.loaded.settings, place.loaded.programme
        moves = progress.watch(recording.moves())
        replay(settings, extent, moves, importer.add, programme=programme)
        return importer.finish()


def _in_words(imported: Imported) -> str:
    known = f", {imported.known} were there already" if imported.known else ""
    if imported.first is None or imported.last is None:
        return f"0 new events{known}"
    first, last = (_date(at) for at in (imported.first, imported.last))
    return f"{imported.new} new events from {first} to {last}{known}"


def export(arguments: argparse.Namespace, place: Place) -> None:
    """Write the events of a period as they were published, those that wait included."""
    since, until = _period(arguments, place)
    waiting = {
        record["id"]: record for record in place.waiting() if _is_within(record, since, until)
    }
    count = 0
    with open_history(place.file) as history, new_file(arguments.file) as write:
        for record in history.records(since, until):
            waiting.pop(record["id"], None)
            write(f"{json.dumps(record)}\n")
            count += 1
        for record in waiting.values():
            write(f"{json.dumps(record)}\n")
            count += 1
    if arguments.file != STANDARD_STREAM:
        print(escaped(f"{arguments.file}: {count} events"))


def backup(arguments: argparse.Namespace, place: Place) -> None:
    """Copy the whole history to a new file, while the service runs."""
    with open_history(place.file):  # it says best what is wrong with the file
        pass
    with place.open() as history:
        size = back_up(history, arguments.file)
    print(escaped(f"{arguments.file}: {size / 1e6:.1f} MB"))


def forget(arguments: argparse.Namespace, place: Place) -> None:
    """Delete a period of the history for good, and say what is still elsewhere."""
    if not (arguments.all or arguments.before or arguments.since or arguments.until):
        raise UsageError("say what to forget: --before DATE, --from DATE --to DATE, or --all")
    if (arguments.since or arguments.until) and (arguments.all or arguments.before):
        raise UsageError("--from and --to do not go with --before and --all")
    if arguments.all:
        lines = forget_all(place, shrink=arguments.shrink)
    else:
        since, until = _period(arguments, place)
        if arguments.before is not None:
            until = place.midnight(arguments.before)
        lines = _forget(place, lambda history: history.forget(since, until), arguments.shrink)
    print(escaped_lines("\n".join(lines)))


def forget_all(place: Place, *, shrink: bool = False) -> list[str]:
    """Delete the whole history for good; return what was done and what is still elsewhere.

    Raises UnavailableError if another program keeps the journal from being emptied.
    """
    for file in _put_aside(place):
        file.unlink(missing_ok=True)
    return _forget(place, lambda history: history.forget_all(_now()), shrink)


def _forget(place: Place, delete: Callable[[HistoryFile], int], shrink: bool) -> list[str]:
    if not place.file.exists():
        return [f"{place.file}: there is no history", *_elsewhere(place)]
    with place.open() as history:
        count = delete(history)
        if shrink:
            history.shrink()
        is_gone = history.truncate_journal()
    if not is_gone:
        raise UnavailableError(
            f"{place.file}: {count} events are forgotten, but its journal may still have them, "
            "because another program reads the history; end it and run the command again"
        )
    return [f"{count} events are forgotten", *_elsewhere(place)]


def _put_aside(place: Place) -> list[Path]:
    """Return the damaged and replaced files beside the history, and copies of former ones."""
    files = place.file.parent.glob(f"{place.file.name}.*")
    return sorted(file for file in files if file != copy_of(place.file))


def _elsewhere(place: Place) -> Iterator[str]:
    """Yield a line for each other place in which forgotten events may be."""
    prefix, chair = place.loaded.settings.mqtt.prefix, place.loaded.settings.chair.id
    yield "what unsit cannot delete may still be in:"
    yield f"  Home Assistant, and every program that listens to {prefix}/{chair}"
    yield "  the journal of this machine (journalctl -u unsit), your exports, backups and reports"
    yield f"  {place.state}/state.sqlite: the last 50 hours, and events that wait for the broker"
    for file in _put_aside(place):
        yield f"  {file}: a file that was put aside; --all deletes it, or delete it by hand"


def _period(arguments: argparse.Namespace, place: Place) -> tuple[int | None, int | None]:
    """Return the period of --from and --to, whose days both belong to it."""
    first, last = arguments.since, arguments.until
    if first is not None and last is not None and first > last:
        raise UsageError(f"--from {first} --to {last}: expected the earlier day first")
    return (
        None if first is None else place.midnight(first),
        None if last is None else place.midnight(last + timedelta(days=1)),
    )


def _is_within(record: Record, since: int | None, until: int | None) -> bool:
    at = _ms(datetime.fromisoformat(record["at"]))
    return (since is None or since <= at) and (until is None or at < until)


def _now() -> int:
    clock = LiveClock()
    return _ms(clock.wall(clock.now()))


def _ms(at: datetime) -> int:
    return (at - _1970) // timedelta(milliseconds=1)


def _date(at: int) -> date:
    return (_1970 + timedelta(milliseconds=at)).astimezone().date()
