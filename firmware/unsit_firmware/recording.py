"""Recordings of a seat: CSV files with one row for each reading.

    ts,contact
    2026-01-05T09:00:00.100+01:00,1

``ts`` is ISO 8601, without an offset (local time) or with one, and never decreases. ``contact``
is 1 pressed, 0 released; a value said again is not an edge. Blank lines and lines that begin with
``#`` are ignored. A name that ends in ``.gz`` is a gzip file.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, cast

from unsit_firmware.errors import RecordingError
from unsit_firmware.person import Move

HEADER = ["ts", "contact"]
YEARS = range(1970, 3000)
"""Beyond these, dates cannot be given a local offset everywhere."""

_LEVELS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Extent:
    """What a recording holds.

    start: the first row's time, naive if the recording's times are.
    length: from the first row to the last.
    rows: how many rows of data there are.
    repeats: how many of them say the level of the row before again.
    """

    start: datetime
    length: timedelta
    rows: int
    repeats: int


class Recording:
    """A recording in a file; ``file`` is its name."""

    def __init__(self, file: str) -> None:
        self.file = file

    def check(self, each: Callable[[], None] = lambda: None) -> Extent:
        """Reads the whole recording; ``each`` is called at every row.

        Raises RecordingError for the first thing that is wrong with it.
        """
        start: datetime | None = None
        at, rows, repeats, before = timedelta(0), 0, 0, None
        for ts, pressed in self._rows():
            start = start or ts
            at = ts - start
            rows += 1
            each()
            repeats += pressed is before
            before = pressed
        if start is None:
            raise AssertionError("a recording without rows was not refused")
        return Extent(start, at, rows, repeats)

    def moves(self) -> Iterator[Move]:
        """The rows, their times counted from the first. Raises RecordingError as it reads."""
        start: datetime | None = None
        for ts, pressed in self._rows():
            start = start or ts
            yield ts - start, pressed

    def _rows(self) -> Iterator[tuple[datetime, bool]]:
        with _opened(self.file) as lines:
            yield from _Reader(self.file, lines).rows()


def live_levels(name: str, lines: Iterable[str]) -> Iterator[bool]:
    """The levels in rows that come in as they happen: True pressed, False released.

    name: what to call the source in an error. lines: header first; the header may be ``contact``
    alone. Raises RecordingError at the row that is wrong.
    """
    return _Reader(name, lines).levels()


class RecordingWriter:
    """Writes a recording row by row; each row is on its way to the disk when ``write`` returns.

    Raises FileExistsError for a file that is there already: a recording is never overwritten.
    """

    def __init__(self, file: str) -> None:
        opens = gzip.open if file.endswith(".gz") else open
        self._out = cast("IO[str]", opens(file, "xt", encoding="utf-8", newline=""))
        self._out.write(",".join(HEADER) + "\n")

    def write(self, at: datetime, pressed: bool) -> None:
        """Adds a row; ``at`` is written to the millisecond."""
        self._out.write(f"{at.isoformat(timespec='milliseconds')},{int(pressed)}\n")
        self._out.flush()

    def close(self) -> None:
        """Ends the file."""
        self._out.close()


class _Reader:
    """The rows of a recording under way, with the line it is at."""

    def __init__(self, file: str, lines: Iterable[str] | Iterable[bytes]) -> None:
        self._file = file
        self._lines: Iterable[str | bytes] = lines
        self._line = 1

    def rows(self) -> Iterator[tuple[datetime, bool]]:
        cells = self._cells()
        self._check_header(next(cells, None), [HEADER])
        first = None
        for first in self._timed(cells):
            yield first
        if first is None:
            raise self._wrong("nothing is recorded; expected rows of ts,contact")

    def levels(self) -> Iterator[bool]:
        cells = self._cells()
        header = next(cells, None)
        self._check_header(header, [HEADER, HEADER[1:]])
        if header == HEADER:
            yield from (pressed for _, pressed in self._timed(cells))
        else:
            for row in cells:
                self._check_width(row, HEADER[1:])
                yield self._level(row[0])

    def _timed(self, cells: Iterator[list[str]]) -> Iterator[tuple[datetime, bool]]:
        before: datetime | None = None
        for row in cells:
            self._check_width(row, HEADER)
            ts = self._time(row[0], before)
            yield ts, self._level(row[1])
            before = ts

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

    def _check_header(self, header: list[str] | None, known: list[list[str]]) -> None:
        expected = "expected " + " or ".join(",".join(columns) for columns in known)
        if header is None:
            raise self._wrong(f"there is nothing in it; {expected}")
        if header not in known:
            raise self._wrong(f"unknown header {_shown(','.join(header))}; {expected}")

    def _check_width(self, row: list[str], columns: list[str]) -> None:
        if len(row) != len(columns):
            raise self._wrong(
                f"read {_shown(','.join(row))}; expected {len(columns)} value(s): "
                f"{','.join(columns)}"
            )

    def _time(self, text: str, before: datetime | None) -> datetime:
        try:
            ts = datetime.fromisoformat(text)
        except ValueError:
            ts = None
        if ts is None or len(text) <= len("2026-01-05") or ts.year not in YEARS:
            raise self._wrong(
                f"ts {_shown(text)} is not a time; expected ISO 8601 like 2026-01-05T09:00:00.100, "
                f"in the years {YEARS[0]} to {YEARS[-1]}"
            )
        if before is not None:
            self._check_order(text, ts, before)
        return ts

    def _check_order(self, text: str, ts: datetime, before: datetime) -> None:
        if (ts.tzinfo is None) is not (before.tzinfo is None):
            raise self._wrong(
                f"ts {_shown(text)} is with an offset where others are without, or the other "
                "way round; expected one kind throughout"
            )
        if ts < before:
            raise self._wrong(
                f"ts {_shown(text)} is earlier than the row before; expected {before.isoformat()} "
                "or later"
            )

    def _level(self, text: str) -> bool:
        try:
            return _LEVELS[text]
        except KeyError:
            raise self._wrong(
                f"contact {_shown(text)} is not a level; expected 1 (pressed) or 0 (released)"
            ) from None

    def _wrong(self, what: str) -> RecordingError:
        return RecordingError(self._file, self._line, what)


def _shown(text: str) -> str:
    """A value as it was read, short enough and safe for one line."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _opened(file: str) -> IO[bytes]:
    """The file in bytes: each line is decoded by itself, so that an error names its line."""
    try:
        if (path := Path(file)).exists() and not (path.is_file() or path.is_dir()):
            raise RecordingError(
                file, 1, "this can be read only once; expected a file, save it first"
            )
        return cast("IO[bytes]", gzip.open(file) if file.endswith(".gz") else open(file, "rb"))
    except FileNotFoundError:
        raise RecordingError(file, 1, "there is no such file; expected a recording") from None
    except IsADirectoryError:
        raise RecordingError(file, 1, "this is a directory; expected a recording") from None
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(file, 1, f"cannot be opened: {error}; expected a recording") from None
