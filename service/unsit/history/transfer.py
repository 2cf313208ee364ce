"""Transfer: events into a history from files, and out of it into a file.

The format is JSON lines: one event a line, as on the topic ``log``, from ``unsit replay --json``
and from an export. A name that ends in ``.gz`` is compressed.
"""

import gzip
import json
import os
import re
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

from unsit.errors import UnavailableError, UnsitError, UsageError, printable, quoted
from unsit.files import open_file
from unsit.history.compact import CompactEvent, compact, expand
from unsit.history.copy import EventsCopy, event_of, is_copy
from unsit.history.store import DAY_MS, IMPORTED, HistoryFile, Source, is_sound
from unsit.runtime.database import connect
from unsit.runtime.record import NUMBERED_SINCE, Record

STANDARD_STREAM = "-"
"""Name for standard input or output in place of a file."""

LINE_MAX_CHARACTERS = 1_000_000
"""Characters of a line that are read; an event of the chair has some hundred."""

WITHOUT_NUMBER = ("summary", "command_rejected", "events_gone")
"""Types of messages that are no events and are passed over: the end of a replay, two answers."""

_CHAIR = re.compile(r"[^\W_][\w.-]{0,99}")


class EventsFileError(UnsitError, ValueError):
    """A file of events cannot be read; the message starts with ``FILE:LINE:``."""

    exit_code = os.EX_DATAERR

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{printable(file)}:{line}: {problem}")


@dataclass
class Imported:
    """Result of an import.

    new, known: events that were added, and that were there already. first, last: dates of the new
    ones in ms since 1970 UTC, None without any.
    """

    new: int = 0
    known: int = 0
    first: int | None = None
    last: int | None = None

    def count(self, event: CompactEvent, *, is_new: bool) -> None:
        """Count one event."""
        if not is_new:
            self.known += 1
            return
        self.new += 1
        self.first = event.at if self.first is None else min(self.first, event.at)
        self.last = event.at if self.last is None else max(self.last, event.at)


def read_events(name: str) -> Iterator[tuple[int, Record]]:
    """Yield the number of the line and the event of each line of a file.

    name: the path, or ``-`` for standard input.

    Raises EventsFileError for a line that is no event, UnavailableError for a missing file.
    """
    number = 0
    if name != STANDARD_STREAM and is_copy(Path(name)):
        for _, words, copied in EventsCopy(Path(name), None).content():
            chair = json.loads(words)[2]
            for line in copied:
                number += 1
                if is_sound(event := event_of(line), chair):
                    yield number, expand(event, chair)
        return
    try:
        with _lines(name) as lines:
            while line := lines.readline(LINE_MAX_CHARACTERS + 1):
                number += 1
                if len(line) > LINE_MAX_CHARACTERS:
                    _refuse(
                        name, number, f"the line is longer than {LINE_MAX_CHARACTERS} characters"
                    )
                if (record := _record(name, number, line.strip().lstrip("\ufeff"))) is not None:
                    yield number, record
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        _refuse(name, number + 1, f"the compressed data end or are damaged here: {error}")
    except UnicodeDecodeError:
        _refuse(name, number + 1, "not UTF-8 text; expected one event a line, as JSON")


def is_events_file(name: str) -> bool:
    """Return whether a file has JSON lines, and is no recording: its first sign is a brace.

    The copy of a history has events, too. A file that is damaged is what its name says.

    Raises UnavailableError for a missing file.
    """
    if name == STANDARD_STREAM or is_copy(Path(name)):
        return True
    with (
        suppress(EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError),
        _lines(name) as lines,
    ):
        for _ in range(1000):
            line = lines.readline(4096)
            if not line or line.strip(" \t\r\n\ufeff"):
                return line.lstrip(" \t\ufeff").startswith("{")
        return False
    return ".json" in name


@contextmanager
def _lines(name: str) -> Iterator[IO[str]]:
    if name == STANDARD_STREAM:
        yield sys.stdin
        return
    try:
        if name.endswith(".gz"):
            opened: IO[str] = gzip.open(name, "rt", encoding="utf-8")  # noqa: SIM115
        else:
            opened = open(name, encoding="utf-8")  # noqa: SIM115
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else error
        raise UnavailableError(f"{name}: {words}; expected a file of events") from None
    with opened:
        try:
            yield opened
        except IsADirectoryError:
            raise UnavailableError(f"{name}: this is a directory; expected a file") from None


def _record(name: str, number: int, line: str) -> Record | None:
    """Return the event of a line, None for a line without one. Raises EventsFileError."""
    if not line:
        return None
    expected = 'expected one event, like {"id": ..., "seq": 7, "chair": "desk", ...}'
    try:
        record = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        _refuse(name, number, f"not JSON ({error}), read {quoted(line, 60)}; {expected}")
    if not isinstance(record, dict):
        _refuse(name, number, f"read {quoted(line, 60)}; {expected}")
    if record.get("type") in WITHOUT_NUMBER and "seq" not in record:
        return None
    missing = [key for key in ("id", "seq", "chair", "at", "type") if key not in record]
    if missing:
        _refuse(name, number, f"{missing[0]} is missing in {quoted(line, 60)}; {expected}")
    record.pop(NUMBERED_SINCE, None)  # only the topic log has it
    return record


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _refuse(name: str, number: int, problem: str) -> NoReturn:
    raise EventsFileError(name, number, problem)


@dataclass
class Importer:
    """Import of one file into a history; use it in one transaction.

    An event goes to the source of its chair in which its date fits between those of the numbers
    before and after it, give or take a day. So an export of this chair fills what is missing, and
    events of a chair whose numbers began again do not get between others.

    name: what is imported, for new sources. at: now, in ms since 1970 UTC.
    is_apart: whether the events are of a recording, whose numbers are not those of the chair; they
    get a source of their own.
    """

    history: HistoryFile
    name: str
    at: int
    is_apart: bool = False
    imported: Imported = field(default_factory=Imported)
    _latest: dict[str, Source] = field(default_factory=dict)
    _by_chair: dict[str, list[Source]] = field(default_factory=dict)
    _ends: dict[int, tuple[int, int]] = field(default_factory=dict)
    _changed: dict[int, Source] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add an event unless it is there.

        Raises ValueError, TypeError or KeyError for a record that is no event.
        """
        chair = record["chair"]
        if not isinstance(chair, str) or not _CHAIR.fullmatch(chair):
            raise ValueError(f"chair is {chair!r}; expected an id such as desk")
        event = compact(record)
        sources = self._sources(chair)
        is_new = not any(self._has(source, event) for source in sources)
        if is_new:
            source = next((one for one in sources if self._fits(one, event)), None)
            if source is None:
                source = self.history.add_source(IMPORTED, chair, self.name, self.at)
                self._by_chair[chair].append(source)
            self.history.put(source, event)
            self._latest[chair] = source
            self._changed[source.no] = source
            if event.seq > self._end(source)[0]:
                self._ends[source.no] = event.seq, event.at
        self.imported.count(event, is_new=is_new)

    def finish(self) -> Imported:
        """Derive the rows of all sources that have changed, and return what was done."""
        for source in self._changed.values():
            self.history.rebuild(source)
        return self.imported

    def _sources(self, chair: str) -> list[Source]:
        """Return the sources that an event may belong to, the one of the last event first."""
        if chair not in self._by_chair:
            self._by_chair[chair] = [
                one
                for one in self.history.sources()
                if one.chair == chair
                and (not self.is_apart or (one.kind, one.name) == (IMPORTED, self.name))
            ]
        latest = self._latest.get(chair)
        if latest is None:
            return self._by_chair[chair]
        return [latest, *(one for one in self._by_chair[chair] if one is not latest)]

    def _has(self, source: Source, event: CompactEvent) -> bool:
        if event.seq > self._end(source)[0]:
            return False
        return self.history.event(source, event.seq) == event

    def _fits(self, source: Source, event: CompactEvent) -> bool:
        last, at = self._end(source)
        if event.seq > last:
            return not last or at <= event.at + DAY_MS
        if self.history.event(source, event.seq) is not None:
            return False
        before, after = self.history.dates_around(source, event.seq)
        return (before is None or before <= event.at + DAY_MS) and (
            after is None or event.at <= after + DAY_MS
        )

    def _end(self, source: Source) -> tuple[int, int]:
        """Return number and date of the last event of a source, zeros without any."""
        if source.no not in self._ends:
            self._ends[source.no] = self.history.end_of(source)
        return self._ends[source.no]


def import_events(
    history: HistoryFile, file: str, name: str, at: int, events: Iterable[tuple[int, Record]]
) -> Imported:
    """Import the events of a file, or nothing of it.

    file: for errors. name, at: see ``Importer``.

    Raises EventsFileError for a line that is no event.
    """
    with history.edited():
        importer = Importer(history, name, at)
        for number, record in events:
            try:
                importer.add(record)
            except (KeyError, OverflowError, TypeError, ValueError) as error:
                _refuse(file, number, f"{error}")
        return importer.finish()


@contextmanager
def new_file(name: str) -> Iterator[Callable[[str], object]]:
    """Make a new file for its owner alone; yield the function that writes text to it.

    name: the path, or ``-`` for standard output. If the block fails, the file is deleted.

    Raises UsageError for a file that exists, UnavailableError for one that cannot be written.
    """
    if name == STANDARD_STREAM:
        yield sys.stdout.write
        return
    with _created(name) as descriptor, os.fdopen(descriptor, "wb") as raw:
        if name.endswith(".gz"):
            with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
                yield lambda text: packed.write(text.encode())
        else:
            yield lambda text: raw.write(text.encode())
        raw.flush()
        os.fsync(raw.fileno())


def back_up(history: HistoryFile, name: str) -> int:
    """Copy a history, as it is at this moment, to a new file; return its size in bytes.

    The copy needs no journal beside it.

    Raises UsageError for a file that exists, UnavailableError for one that cannot be written.
    """
    with _created(name) as descriptor:
        os.close(descriptor)
        with closing(connect(name)) as copy:
            history.backup(copy)
            copy.execute("pragma journal_mode = delete")
            HistoryFile(copy).check()
    return os.path.getsize(name)


@contextmanager
def _created(name: str) -> Iterator[int]:
    """Create a file that its owner alone may read; delete it if the block fails."""
    try:
        descriptor = open_file(Path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{name} exists and is not overwritten; choose another name") from None
    except PermissionError:
        raise
    except OSError as error:
        raise UnavailableError(f"{name} cannot be written: {error.strerror}") from None
    try:
        yield descriptor
    except BaseException as error:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                os.unlink(f"{name}{suffix}")
        if isinstance(error, OSError) and not isinstance(error, UnsitError):
            raise UnavailableError(f"{name} cannot be written: {error.strerror}") from error
        if isinstance(error, sqlite3.Error):
            raise UnavailableError(f"{name} cannot be written: {error}") from error
        raise
