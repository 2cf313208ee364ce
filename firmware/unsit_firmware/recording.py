"""Recordings: CSV files with the levels of a contact, or the loads on cells, over time.

A recording of a contact, and one of two cells:

    ts,contact                          ts,grams_left,grams_right
    2026-01-05T09:00:00.000,1           2026-01-05T09:00:00.000,40000,35000
    2026-01-05T09:40:00.000,0           2026-01-05T09:00:00.200,40010,35020

Empty lines and lines that start with ``#`` are skipped. A name that ends in ``.gz`` is compressed.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import inf, isfinite
from pathlib import Path
from typing import IO, Protocol, cast

from unsit_firmware.errors import RecordingError

Level = bool | tuple[float, ...]
"""Level of a contact (True: pressed), or the load on each cell in g or counts."""

Move = tuple[timedelta, Level]
"""Time since the start, and the level from that time on."""

PLACES = (
    "left",
    "right",
    "front",
    "back",
    "left_front",
    "right_front",
    "left_back",
    "right_back",
)
"""Places of a cell among several, as the person on the seat sees them."""

CONTACT, GRAMS, RAW = "contact", "grams", "raw"

JUMP = {GRAMS: 2_000.0, RAW: 20_000.0}
"""Change between two rows (g or counts, both 2 kg) above which a body moved, not noise."""

LOAD_MAX = 1e9
"""Greatest load of a row, in g or counts."""

_LEVELS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a recording besides the time.

    kind: ``contact`` (1 pressed, 0 released), ``grams``, or ``raw`` (counts of the converter).
    places: place of each cell, see ``PLACES``. Empty for a contact and for a single cell.
    """

    kind: str = CONTACT
    places: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names in the header, without ``ts``."""
        return [f"{self.kind}_{place}" for place in self.places] or [self.kind]

    @property
    def is_load(self) -> bool:
        """True for loads, False for the levels of a contact."""
        return self.kind != CONTACT

    def level(self, cells: Sequence[str]) -> Level:
        """Return the level in a row.

        Raises ValueError with the value and what is expected.
        """
        if not self.is_load:
            return _pressed(cells[0])
        return tuple(_number(name, text) for name, text in zip(self.names, cells, strict=True))

    def is_jump(self, before: Level | None, level: Level) -> bool:
        """Return True if a body sat down, stood up or moved between two rows of loads."""
        if not isinstance(before, tuple) or not isinstance(level, tuple):
            return False
        threshold = JUMP[self.kind]
        return any(abs(now - then) > threshold for now, then in zip(level, before, strict=True))


EXPECTED_HEADER = "ts,contact or ts,grams or ts,raw (several cells: raw_left,raw_right)"


def columns_of(names: Sequence[str]) -> Columns | None:
    """Return the columns for the names of a header without ``ts``, None if they are unknown."""
    for kind in (CONTACT, GRAMS, RAW):
        if list(names) == [kind]:
            return Columns(kind)
    kind = names[0].partition("_")[0] if names else ""
    places = tuple(name.removeprefix(f"{kind}_") for name in names)
    known = len(places) > 1 and len(set(places)) == len(places) and set(places) <= set(PLACES)
    if kind not in JUMP or not known or list(names) != Columns(kind, places).names:
        return None
    return Columns(kind, places)


def _pressed(text: str) -> bool:
    try:
        return _LEVELS[text]
    except KeyError:
        raise ValueError(
            f"contact {quoted(text)} is not a level; expected 1 (pressed) or 0 (released)"
        ) from None


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > LOAD_MAX:
        raise ValueError(f"{name} {quoted(text)} is not a load; expected a number such as 81250")
    return value


def quoted(text: str) -> str:
    """Return a value for an error message: quoted, escaped and at most 40 characters."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


_CONTACT = Columns()

YEARS = range(1970, 3000)
"""Years of valid times; some systems cannot compute the local offset of others."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Summary of a recording.

    start: time of the first row; naive if the recording's times are.
    length: time from the first row to the last.
    rows: number of rows of data.
    repeats: number of rows with the level of the row before.
    jumps: number of rows at which a body sat down, stood up or moved, see ``JUMP``.
    columns: columns besides the time.
    least, greatest: least and greatest level of a row, with the loads of all cells added up.
    """

    start: datetime
    length: timedelta
    rows: int
    repeats: int
    jumps: int = 0
    columns: Columns = _CONTACT
    least: float = field(default=0.0, compare=False)
    greatest: float = field(default=0.0, compare=False)

    @property
    def says_changes(self) -> bool:
        """True if the rows are changes, each valid until the next; False for a series of readings.

        Loads count as changes if at least half of the rows after the first jump.
        """
        return not self.columns.is_load or 2 * self.jumps >= self.rows - 1


class Form(Protocol):
    """Form of a file that is no recording as we write them. ``str`` says what it is read as."""

    @property
    def columns(self) -> Columns:
        """Columns besides the time."""

    def rows(self, file: str, lines: IO[bytes]) -> Iterator[tuple[datetime, Level]]:
        """Yield the time and the level of each row. Raises RecordingError with the line."""


class Recording:
    """A recording in a file.

    file: its name. form: of a table of another tool, see ``tables``. Default: as we write them.
    read_as: what was taken for what, None for a recording as we write them.

    Print a recording's length and its rows::

        recording = Recording("morning.csv.gz")
        print(recording.check().length, *recording.moves())
    """

    def __init__(self, file: str, form: Form | None = None) -> None:
        self.file = file
        self.read_as = None if form is None else str(form)
        self._form = form

    def check(self, each: Callable[[], None] = lambda: None) -> Extent:
        """Read the whole recording and return its summary.

        each: called at every row, for example to show progress.

        Raises RecordingError at the first error in the file.
        """
        start: datetime | None = None
        at, rows, repeats, jumps, before = timedelta(0), 0, 0, 0, None
        least, greatest = inf, -inf
        with open_lines(self.file) as lines:
            columns, timed = self._rows(lines)
            for ts, level in timed:
                start = start or ts
                at = ts - start
                rows += 1
                each()
                repeats += level == before
                jumps += columns.is_jump(before, level)
                before = level
                total = sum(level) if isinstance(level, tuple) else level
                least, greatest = min(least, total), max(greatest, total)
        if start is None:
            raise AssertionError("a recording without rows was not refused")
        return Extent(start, at, rows, repeats, jumps, columns, least, greatest)

    def moves(self) -> Iterator[Move]:
        """Yield the rows with their times since the first. Raises RecordingError at a wrong row."""
        start: datetime | None = None
        with open_lines(self.file) as lines:
            for ts, level in self._rows(lines)[1]:
                start = start or ts
                yield ts - start, level

    def _rows(self, lines: IO[bytes]) -> tuple[Columns, Iterator[tuple[datetime, Level]]]:
        if self._form is not None:
            return self._form.columns, self._form.rows(self.file, lines)
        reader = _Reader(self.file, lines)
        return reader.columns, reader.rows()


class LiveRows:
    """Rows of a live source, such as standard input, read as they arrive.

    name: name of the source in errors.
    lines: the lines, header first. ``ts`` may be left out.
    columns: the columns besides the time. The header is read at once.

    Raises RecordingError for an unknown header.
    """

    def __init__(self, name: str, lines: Iterable[str]) -> None:
        reader = _Reader(name, lines, may_lack_time=True)
        self.columns = reader.columns
        self._levels = reader.levels()

    def levels(self) -> Iterator[Level]:
        """Return an iterator over the levels. It raises RecordingError at a wrong row."""
        return self._levels


class RecordingWriter:
    """Writer of a recording. Each row is flushed to the kernel before ``write`` returns.

    file: name of the file; with ``.gz`` at its end the file is compressed.
    columns: the columns besides the time. Default: a contact.

    Raises FileExistsError if the file exists: a recording is never overwritten.

    Write one row::

        writer = RecordingWriter("morning.csv")
        writer.write(datetime.now(), True)
        writer.close()
    """

    def __init__(self, file: str, columns: Columns = _CONTACT) -> None:
        opens = gzip.open if file.endswith(".gz") else open
        self._out = cast("IO[str]", opens(file, "xt", encoding="utf-8", newline=""))
        self._out.write(",".join(["ts", *columns.names]) + "\n")

    def write(self, at: datetime, *values: float) -> None:
        """Add a row.

        at: written with milliseconds. values: one for each column, up to 10 significant digits.
        """
        row = ",".join(f"{value:.10g}" for value in values)
        self._out.write(f"{at.isoformat(timespec='milliseconds')},{row}\n")
        self._out.flush()

    def close(self) -> None:
        """Close the file."""
        self._out.close()


class CsvRows:
    """Rows of a CSV file, without blank lines and comments.

    delimiter: what separates the columns; None for a comma, semicolon or tab, as in the first row.
    cells: iterator over the cells of each row. line: number of the last line that was read.
    """

    def __init__(
        self, file: str, lines: Iterable[str] | Iterable[bytes], delimiter: str | None = ","
    ) -> None:
        self.line = 1
        self.delimiter = delimiter or ","
        self.cells = self._read(is_known=delimiter is not None)
        self._file = file
        self._lines: Iterable[str | bytes] = lines

    def error(self, problem: str) -> RecordingError:
        """Return an error about the last line that was read."""
        return RecordingError(self._file, self.line, problem)

    def _read(self, *, is_known: bool) -> Iterator[list[str]]:
        try:
            lines = self._data_lines()
            if not is_known:
                first = next(lines, "")
                self.delimiter = _delimiter_of(first)
                lines = chain([first] if first else [], lines)
            yield from csv.reader(lines, delimiter=self.delimiter, strict=True)
        except csv.Error as error:
            raise self.error(f"{error}; expected comma separated values") from None
        except UnicodeDecodeError:
            raise self.error("not UTF-8 text; expected a CSV file, or .gz in the name") from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self.error(f"the gzip file is damaged: {error}; expected a whole one") from None

    def _data_lines(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, start=1):
            self.line = number
            text = line if isinstance(line, str) else line.decode()
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip() and not text.startswith("#"):
                yield text


def _delimiter_of(line: str) -> str:
    unquoted = re.sub(r'"[^"]*"', "", line)
    return next((mark for mark in (";", "\t") if mark in unquoted), ",")


class _Reader:
    """Parser of a recording's lines. The header is read at once.

    columns: the columns besides the time.
    """

    def __init__(
        self, file: str, lines: Iterable[str] | Iterable[bytes], *, may_lack_time: bool = False
    ) -> None:
        self._csv = CsvRows(file, lines)
        self.columns, self._is_timed = self._read_header(may_lack_time=may_lack_time)

    def rows(self) -> Iterator[tuple[datetime, Level]]:
        first = None
        for first in self._timed():
            yield first
        if first is None:
            expected = ",".join(["ts", *self.columns.names])
            raise self._csv.error(f"nothing is recorded; expected rows of {expected}")

    def levels(self) -> Iterator[Level]:
        """Return an iterator over the levels."""
        if self._is_timed:
            return (level for _, level in self._timed())
        names = self.columns.names
        return (self._level(self._checked(row, names)) for row in self._csv.cells)

    def _timed(self) -> Iterator[tuple[datetime, Level]]:
        names = ["ts", *self.columns.names]
        before: datetime | None = None
        for row in self._csv.cells:
            ts, *values = self._checked(row, names)
            before = self._time(ts, before)
            yield before, self._level(values)

    def _read_header(self, *, may_lack_time: bool) -> tuple[Columns, bool]:
        """Return the columns of the header, and whether it has ``ts``."""
        header = next(self._csv.cells, None)
        expected = f"expected {EXPECTED_HEADER}"
        if header is None:
            raise self._csv.error(f"there is nothing in it; {expected}")
        timed = header[:1] == ["ts"]
        columns = columns_of(header[1:] if timed else header)
        if columns is None or not (timed or may_lack_time):
            raise self._csv.error(f"unknown header {quoted(','.join(header))}; {expected}")
        return columns, timed

    def _checked(self, row: list[str], names: list[str]) -> list[str]:
        """Return the row. Raises RecordingError if its length is wrong."""
        if len(row) != len(names):
            raise self._csv.error(
                f"read {quoted(','.join(row))}; expected {len(names)} value(s): {','.join(names)}"
            )
        return row

    def _time(self, text: str, before: datetime | None) -> datetime:
        try:
            ts = datetime.fromisoformat(text)
        except ValueError:
            ts = None
        if ts is None or len(text) <= len("2026-01-05") or ts.year not in YEARS:
            raise self._csv.error(
                f"ts {quoted(text)} is not a time; expected ISO 8601 like "
                f"2026-01-05T09:00:00.100, in the years {YEARS[0]} to {YEARS[-1]}"
            )
        if before is not None:
            try:
                check_order(text, ts, before)
            except ValueError as error:
                raise self._csv.error(str(error)) from None
        return ts

    def _level(self, values: list[str]) -> Level:
        try:
            return self.columns.level(values)
        except ValueError as error:
            raise self._csv.error(str(error)) from None


def check_order(text: str, ts: datetime, before: datetime) -> None:
    """Raise ValueError for a time that does not follow the one before. text: as it is written."""
    if (ts.tzinfo is None) is not (before.tzinfo is None):
        raise ValueError(
            f"ts {quoted(text)} is with an offset where others are without, or the other "
            "way round; expected one kind throughout"
        )
    if ts < before:
        raise ValueError(
            f"ts {quoted(text)} is earlier than the row before; expected {before.isoformat()} "
            "or later"
        )


def _check_rereadable(file: str) -> None:
    path = Path(file)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise RecordingError(file, 1, "this can be read only once; expected a file, save it first")


def open_lines(file: str) -> IO[bytes]:
    """Open the file in bytes: each line is decoded alone, so that an error names its line."""
    try:
        _check_rereadable(file)
        return cast("IO[bytes]", gzip.open(file) if file.endswith(".gz") else open(file, "rb"))
    except FileNotFoundError:
        raise RecordingError(file, 1, "there is no such file; expected a recording") from None
    except IsADirectoryError:
        raise RecordingError(file, 1, "this is a directory; expected a recording") from None
    except (PermissionError, RecordingError):
        raise
    except (OSError, ValueError) as error:
        raise RecordingError(file, 1, f"cannot be opened: {error}; expected a recording") from None
