"""Recordings of a seat: CSV files with one row for each reading.

    ts,contact                          ts,grams                             ts,raw_left,raw_right
    2026-01-05T09:00:00.100+01:00,1     2026-01-05T09:00:00.100,81250

``ts`` is ISO 8601, without an offset (local time) or with one, and never decreases. ``contact``
is 1 pressed, 0 released; a value said again is not an edge. ``grams`` and ``raw`` are loads, see
``columns``. Blank lines and lines that begin with ``#`` are ignored. A name that ends in ``.gz`` is
a gzip file.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, cast

from unsit_firmware.columns import EXPECTED, Columns, columns_of, shown
from unsit_firmware.errors import RecordingError
from unsit_firmware.person import Level, Move

_CONTACT = Columns()

YEARS = range(1970, 3000)
"""Beyond these, dates cannot be given a local offset everywhere."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a recording holds.

    start: the first row's time, naive if the recording's times are.
    length: from the first row to the last.
    rows: how many rows of data there are.
    repeats: how many of them say the level of the row before again.
    jumps: between how many rows a body came, went or moved.
    columns: what the rows hold.
    """

    start: datetime
    length: timedelta
    rows: int
    repeats: int
    jumps: int = 0
    columns: Columns = _CONTACT

    @property
    def says_changes(self) -> bool:
        """Each row lasts until the next, and is not one reading of a series.

        Loads that jump at most rows are what somebody wrote down when it changed.
        """
        return not self.columns.is_load or 2 * self.jumps >= self.rows - 1


class Recording:
    """A recording in a file; ``file`` is its name."""

    def __init__(self, file: str) -> None:
        self.file = file

    def check(self, each: Callable[[], None] = lambda: None) -> Extent:
        """Reads the whole recording; ``each`` is called at every row.

        Raises RecordingError for the first thing that is wrong with it.
        """
        start: datetime | None = None
        at, rows, repeats, jumps, before = timedelta(0), 0, 0, 0, None
        with _opened(self.file) as lines:
            reader = _Reader(self.file, lines)
            for ts, level in reader.rows():
                start = start or ts
                at = ts - start
                rows += 1
                each()
                repeats += level == before
                jumps += reader.columns.is_jump(before, level)
                before = level
        if start is None:
            raise AssertionError("a recording without rows was not refused")
        return Extent(start, at, rows, repeats, jumps, reader.columns)

    def moves(self) -> Iterator[Move]:
        """The rows, their times counted from the first. Raises RecordingError as it reads."""
        start: datetime | None = None
        with _opened(self.file) as lines:
            for ts, level in _Reader(self.file, lines).rows():
                start = start or ts
                yield ts - start, level


class LiveRows:
    """Rows that come in as they happen.

    name: what to call the source in an error. lines: header first; ``ts`` may be left out.
    columns: what the rows hold; for that the header is read at once.

    Raises RecordingError for a header that is none.
    """

    def __init__(self, name: str, lines: Iterable[str]) -> None:
        self._reader = _Reader(name, lines)
        self._rows = self._reader.levels()
        self.columns = self._reader.columns

    def levels(self) -> Iterator[Level]:
        """The level of each row. Raises RecordingError at the row that is wrong."""
        return self._rows


def live_levels(name: str, lines: Iterable[str]) -> Iterator[Level]:
    """The levels in rows that come in as they happen: True pressed, False released.

    The arguments and errors are those of ``LiveRows``.
    """
    return LiveRows(name, lines).levels()


class RecordingWriter:
    """Writes a recording row by row; each row is on its way to the disk when ``write`` returns.

    columns: what the rows hold. Default: a contact.

    Raises FileExistsError for a file that is there already: a recording is never overwritten.
    """

    def __init__(self, file: str, columns: Columns = _CONTACT) -> None:
        opens = gzip.open if file.endswith(".gz") else open
        self._out = cast("IO[str]", opens(file, "xt", encoding="utf-8", newline=""))
        self._out.write(",".join(["ts", *columns.names]) + "\n")

    def write(self, at: datetime, *values: float) -> None:
        """Adds a row; ``at`` is written to the millisecond, values as short as they are exact."""
        row = ",".join(f"{value:.10g}" for value in values)
        self._out.write(f"{at.isoformat(timespec='milliseconds')},{row}\n")
        self._out.flush()

    def close(self) -> None:
        """Ends the file."""
        self._out.close()


class _Reader:
    """The rows of a recording under way, with the line it is at.

    columns: what they hold, known once the header was read.
    """

    def __init__(self, file: str, lines: Iterable[str] | Iterable[bytes]) -> None:
        self.columns = _CONTACT
        self._file = file
        self._lines: Iterable[str | bytes] = lines
        self._line = 1

    def rows(self) -> Iterator[tuple[datetime, Level]]:
        cells = self._cells()
        self._read_header(next(cells, None), may_lack_time=False)
        first = None
        for first in self._timed(cells):
            yield first
        if first is None:
            expected = ",".join(["ts", *self.columns.names])
            raise self._wrong(f"nothing is recorded; expected rows of {expected}")

    def levels(self) -> Iterator[Level]:
        """Reads the header at once, and the rows as they are asked for."""
        cells = self._cells()
        if self._read_header(next(cells, None), may_lack_time=True):
            return (level for _, level in self._timed(cells))
        return (self._level(self._checked(row, self.columns.names)) for row in cells)

    def _timed(self, cells: Iterator[list[str]]) -> Iterator[tuple[datetime, Level]]:
        names = ["ts", *self.columns.names]
        before: datetime | None = None
        for row in cells:
            ts, *values = self._checked(row, names)
            before = self._time(ts, before)
            yield before, self._level(values)

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from csv.reader(self._content(), strict=True)
        except csv.Error as error:
            raise self._wrong(f"{error}; expected comma separated values") from None
        except UnicodeDecodeError:
            raise self._wrong("not UTF-8 text; expected a CSV file, or .gz in the name") from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._wrong(f"the gzip file is damaged: {error}; expected a whole one") from None

    def _content(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, start=1):
            self._line = number
            text = line if isinstance(line, str) else line.decode()
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip() and not text.startswith("#"):
                yield text

    def _read_header(self, header: list[str] | None, *, may_lack_time: bool) -> bool:
        """Takes the columns from the header; whether it has ``ts``."""
        expected = f"expected {EXPECTED}"
        if header is None:
            raise self._wrong(f"there is nothing in it; {expected}")
        timed = header[:1] == ["ts"]
        columns = columns_of(header[1:] if timed else header)
        if columns is None or not (timed or may_lack_time):
            raise self._wrong(f"unknown header {shown(','.join(header))}; {expected}")
        self.columns = columns
        return timed

    def _checked(self, row: list[str], names: list[str]) -> list[str]:
        """The row, if it is as long as it must be."""
        if len(row) != len(names):
            raise self._wrong(
                f"read {shown(','.join(row))}; expected {len(names)} value(s): {','.join(names)}"
            )
        return row

    def _time(self, text: str, before: datetime | None) -> datetime:
        try:
            ts = datetime.fromisoformat(text)
        except ValueError:
            ts = None
        if ts is None or len(text) <= len("2026-01-05") or ts.year not in YEARS:
            raise self._wrong(
                f"ts {shown(text)} is not a time; expected ISO 8601 like 2026-01-05T09:00:00.100, "
                f"in the years {YEARS[0]} to {YEARS[-1]}"
            )
        if before is not None:
            self._check_order(text, ts, before)
        return ts

    def _check_order(self, text: str, ts: datetime, before: datetime) -> None:
        if (ts.tzinfo is None) is not (before.tzinfo is None):
            raise self._wrong(
                f"ts {shown(text)} is with an offset where others are without, or the other "
                "way round; expected one kind throughout"
            )
        if ts < before:
            raise self._wrong(
                f"ts {shown(text)} is earlier than the row before; expected {before.isoformat()} "
                "or later"
            )

    def _level(self, values: list[str]) -> Level:
        try:
            return self.columns.level(values)
        except ValueError as error:
            raise self._wrong(str(error)) from None

    def _wrong(self, what: str) -> RecordingError:
        return RecordingError(self._file, self._line, what)


def _check_rereadable(file: str) -> None:
    path = Path(file)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise RecordingError(file, 1, "this can be read only once; expected a file, save it first")


def _opened(file: str) -> IO[bytes]:
    """The file in bytes: each line is decoded by itself, so that an error names its line."""
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
