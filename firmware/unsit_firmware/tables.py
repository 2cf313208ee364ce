"""Tables of other tools and of spreadsheets, read as recordings.

    recording = open_recording("seat.csv", naming(["ts=Zeit,kg=Last"]))
    print(recording.read_as)  # separated by ';'; "Zeit" as ts (UNIX time in s), "Last" as kg
    print(*recording.moves())

A table names its columns as it likes, is separated by commas, semicolons or tabs, has decimal
points or commas, and its times are ISO 8601, the German 05.01.2026 09:00:00, or UNIX time in s or
ms. What can be read in two ways, such as 1,234 or 5/1/2026, is refused, never guessed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import IO

from unsit_firmware.errors import RecordingError
from unsit_firmware.recording import (
    CONTACT,
    EXPECTED_HEADER,
    GRAMS,
    LOAD_MAX,
    PLACES,
    RAW,
    YEARS,
    Columns,
    CsvRows,
    Level,
    Recording,
    check_order,
    columns_of,
    open_lines,
    quoted,
)

KG = "kg"
"""Role of a column with kilograms, which are read as ``GRAMS``."""

ROLES = ("ts", CONTACT, GRAMS, KG, RAW)

PRESSED = {"1", "true", "on", "yes", "1.0"}
RELEASED = {"0", "false", "off", "no", "0.0"}

POINT, COMMA = ".", ","
DECIMALS = {"point": POINT, "comma": COMMA}
"""Names of the decimal separators on a command line."""

SECONDS, MILLISECONDS = "UNIX time in s", "UNIX time in ms"
ISO, DOTTED = "ISO 8601", "day.month.year"

_UNIX_FROM, _UNIX_TO = 946_684_800, 4_102_444_800
"""UNIX times in s of the years 2000 and 2100. What lies outside is another clock or unit."""

_GROUPING = re.compile(r"[ '\u00a0\u202f]")
_PLAIN = re.compile(r"[+-]?(\d+|\d*[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = {
    POINT: re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    COMMA: re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DOTTED_TIME = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?"
)
_SLASHED_TIME = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}\b.*")


def naming(texts: Iterable[str]) -> dict[str, str]:
    """Return the column of each role, from texts such as ``ts=Zeit,grams_left=L``.

    Raises ValueError with the text and what is expected.
    """
    named: dict[str, str] = {}
    for text in texts:
        for pair in text.split(","):
            role, equals, name = (part.strip() for part in pair.partition("="))
            if not equals or not name or role.partition("_")[0] not in ROLES:
                raise ValueError(
                    f"{quoted(pair)} names no column; expected ts=NAME and contact=NAME, "
                    "grams=NAME, kg=NAME or raw=NAME"
                )
            if role in named:
                raise ValueError(f"{role} is named twice; expected one column for each")
            named[role] = name
    if named and ("ts" not in named or _columns(list(named)) is None):
        roles = ", ".join(named)
        raise ValueError(
            f"{roles} make no recording; expected ts and one of {CONTACT}, {GRAMS}, {KG}, {RAW}, "
            f"or several of one kind such as {GRAMS}_left, {GRAMS}_right ({', '.join(PLACES)})"
        )
    return named


def _columns(roles: Sequence[str]) -> Columns | None:
    """Return the columns of a recording with these roles besides ``ts``, None for no recording."""
    values = [role for role in roles if role != "ts"]
    return columns_of([re.sub(f"^{KG}(?=_|$)", GRAMS, role) for role in values])


def open_recording(
    file: str, named: Mapping[str, str] | None = None, decimal: str | None = None
) -> Recording:
    """Return a recording in a file, which may be a table of another tool.

    named: name or number (from 1) of the column of each role, see ``naming``. By default the
    columns have the names of the roles. decimal: ``POINT`` or ``COMMA``, None to find out.

    Raises RecordingError for a table that is no recording, or that can be read in two ways.
    """
    if not named and decimal is None and _is_native(file):
        return Recording(file)
    form = _form_of(file, named or {}, decimal)
    return Recording(file, form)


def _is_native(file: str) -> bool:
    """Return whether a file is a recording of ours, good or bad, so that its errors are ours."""
    with open_lines(file) as lines:
        cells = CsvRows(file, lines).cells
        try:
            header = next(cells, None)
            if header and (header[0] != "ts" or columns_of(header[1:]) is None):
                return False
            first = next(cells, None)
        except RecordingError:
            return True
    return not first or _PLAIN.fullmatch(first[0]) is None


@dataclass(frozen=True, slots=True)
class Form:
    """Form of a table.

    names: of the columns that are used, ts first, as the table has them. places: their places in a
    row, and ``width`` the number of columns. roles: their roles.
    times: form of the times. decimal: decimal separator. header: the first row has names.
    """

    columns: Columns
    roles: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[int, ...]
    width: int
    delimiter: str
    times: str
    decimal: str
    header: bool

    def __str__(self) -> str:
        """Say what was taken for what, in one line."""
        separated = {";": "semicolons", "\t": "tabs", ",": "commas"}[self.delimiter]
        said = [f"columns between {separated}"]
        if self.columns.is_load:
            said.append(f"decimal {'points' if self.decimal == POINT else 'commas'}")
        said += [
            f"{quoted(name)} as {role}{f' ({self.times})' if role == 'ts' else ''}"
            for name, role in zip(self.names, self.roles, strict=True)
        ]
        return ", ".join(said)

    def rows(self, file: str, lines: IO[bytes]) -> Iterator[tuple[datetime, Level]]:
        """Yield the time and the level of each row. Raises RecordingError with the line."""
        rows = CsvRows(file, lines, self.delimiter)
        if self.header:
            next(rows.cells, None)
        before: datetime | None = None
        for row in rows.cells:
            if len(row) != self.width:
                raise rows.error(
                    f"read {quoted(self.delimiter.join(row))}; expected {self.width} value(s), "
                    f"like the first row" + self._hint_of_commas(row)
                )
            ts, *values = (row[place].strip() for place in self.places)
            try:
                at = _time(self.names[0], ts, self.times, self.decimal)
                if before is not None:
                    check_order(ts, at, before)
                level = self._level(values)
            except ValueError as error:
                raise rows.error(str(error)) from None
            before = at
            yield at, level
        if before is None:
            raise rows.error("nothing is recorded; expected rows below the names")

    def _hint_of_commas(self, row: Sequence[str]) -> str:
        if self.delimiter != COMMA or len(row) <= self.width:
            return ""
        return "; a number with a decimal comma needs quotes, or semicolons between the columns"

    def _level(self, values: Sequence[str]) -> Level:
        if not self.columns.is_load:
            return _pressed(self.names[1], values[0])
        return tuple(
            _load(name, text, self.decimal, kilograms=role.startswith(KG))
            for name, role, text in zip(self.names[1:], self.roles[1:], values, strict=True)
        )


# From the cells to values


def _pressed(name: str, text: str) -> bool:
    word = text.lower()
    if word not in PRESSED | RELEASED:
        raise ValueError(
            f"{name} {quoted(text)} is not a level; expected 1 or 0, on or off, true or false, "
            "yes or no"
        )
    return word in PRESSED


def _decimal(text: str, decimal: str) -> Decimal | None:
    """Return a number, None for what is none."""
    compact = _GROUPING.sub("", text)
    is_grouped = compact != text
    if is_grouped and re.fullmatch(r"[+-]?\d{1,3}([ '\u00a0\u202f]\d{3})+([.,]\d+)?", text) is None:
        return None
    if _GROUPED[decimal].fullmatch(compact):
        compact = compact.replace(POINT if decimal == COMMA else COMMA, "")
    if not compact.isascii() or not _PLAIN.fullmatch(compact):
        return None
    if (COMMA if decimal == POINT else POINT) in compact:
        return None
    return Decimal(compact.replace(COMMA, POINT))


def _load(name: str, text: str, decimal: str, *, kilograms: bool) -> float:
    number = _decimal(text, decimal)
    value = None if number is None else float(number) * (1000 if kilograms else 1)
    if value is None or abs(value) > LOAD_MAX:
        mark = "point" if decimal == POINT else "comma"
        raise ValueError(
            f"{name} {quoted(text)} is not a load; expected a number with a decimal {mark}"
        )
    return value


def _time(name: str, text: str, form: str, decimal: str) -> datetime:
    """Return a time. Raises ValueError with what is expected."""
    readers: dict[str, Callable[[str], datetime | None]] = {
        SECONDS: lambda text: _unix_time(text, decimal, 1),
        MILLISECONDS: lambda text: _unix_time(text, decimal, 1000),
        DOTTED: _dotted_time,
        ISO: _iso_time,
    }
    at = readers[form](text)
    if at is None:
        example = {
            SECONDS: "1767603600.25",
            MILLISECONDS: "1767603600250",
            DOTTED: "05.01.2026 09:00:00",
            ISO: "2026-01-05T09:00:00.100",
        }[form]
        raise ValueError(f"{name} {quoted(text)} is not a time; expected {form} like {example}")
    return at


def _iso_time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if len(text) > len("2026-01-05") and at.year in YEARS else None


def _dotted_time(text: str) -> datetime | None:
    match = _DOTTED_TIME.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, fraction = match.groups()
    microseconds = int((fraction or "").ljust(6, "0"))
    try:
        at = datetime(  # noqa: DTZ001  # as written, without an offset
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microseconds
        )
    except ValueError:
        return None
    return at if at.year in YEARS else None


def _unix_time(text: str, decimal: str, per_second: int) -> datetime | None:
    number = _decimal(text, decimal) if _PLAIN.fullmatch(text) else None
    if number is None or not _UNIX_FROM <= number / per_second < _UNIX_TO:
        return None
    microseconds = int(number * 1_000_000 / per_second)
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return at.astimezone()


# From the table to its form


def _form_of(file: str, named: Mapping[str, str], decimal: str | None) -> Form:
    with open_lines(file) as lines:
        rows = CsvRows(file, lines, delimiter=None)
        first = next(rows.cells, None)
        if first is None:
            raise rows.error(f"there is nothing in it; expected {EXPECTED_HEADER}")
        cells = [cell.strip() for cell in first]
        roles, places, header = _find_columns(rows, cells, named)
        columns = _columns(roles)
        if columns is None:
            raise AssertionError(f"{roles} make no recording and were not refused")
        second = next(rows.cells, None) if header else first
        if second is None:
            raise rows.error("nothing is recorded; expected rows below the names")
        ts = second[places[0]].strip() if places[0] < len(second) else ""
        times = _form_of_time(rows, cells[places[0]] if header else "ts", ts)
    names = tuple(cells[place] if header else f"column {place + 1}" for place in places)
    form = Form(
        columns,
        tuple(roles),
        names,
        tuple(places),
        len(cells),
        rows.delimiter,
        times,
        POINT,
        header,
    )
    return replace(form, decimal=decimal or _decimal_of(file, form))


def _find_columns(
    rows: CsvRows, cells: Sequence[str], named: Mapping[str, str]
) -> tuple[list[str], list[int], bool]:
    """Return the roles, their places in a row, and whether the first row has names."""
    if not named:
        roles = [cell.lower() for cell in cells]
        if roles[:1] != ["ts"] or _columns(roles) is None:
            raise rows.error(_unknown(cells))
        return roles, list(range(len(roles))), True
    roles = list(named)
    roles.sort(key=lambda role: role != "ts")
    places = [_place(rows, cells, named[role]) for role in roles]
    if len(set(places)) < len(places):
        raise rows.error("two roles have one column; expected a column for each")
    is_numbered = all(named[role].isdigit() and named[role] not in cells for role in roles)
    return roles, places, not (is_numbered and _looks_like_time(cells[places[0]]))


def _unknown(cells: Sequence[str]) -> str:
    return (
        f"unknown header {quoted(','.join(cells))}; expected {EXPECTED_HEADER}, or name the "
        "columns: --columns ts=NAME,grams=NAME (contact, grams, kg or raw)"
    )


def _place(rows: CsvRows, cells: Sequence[str], name: str) -> int:
    for matching in (name.__eq__, lambda cell: cell.lower() == name.lower()):
        found = [place for place, cell in enumerate(cells) if matching(cell)]
        if len(found) > 1:
            raise rows.error(
                f"{len(found)} columns are named {quoted(name)}; expected one, give its number"
            )
        if found:
            return found[0]
    if name.isdigit() and 1 <= int(name) <= len(cells):
        return int(name) - 1
    raise rows.error(
        f"no column is named {quoted(name)}; expected one of "
        f"{', '.join(map(quoted, cells[:12]))}, or a number from 1 to {len(cells)}"
    )


def _looks_like_time(text: str) -> bool:
    return (
        bool(_iso_time(text) or _dotted_time(text) or _PLAIN.fullmatch(text))
        or _SLASHED_TIME.fullmatch(text) is not None
    )


def _form_of_time(rows: CsvRows, name: str, text: str) -> str:
    """Return the form of the first time, which is that of all."""
    if _PLAIN.fullmatch(text):
        for form, per_second in ((SECONDS, 1), (MILLISECONDS, 1000)):
            for decimal in (POINT, COMMA):
                if _unix_time(text, decimal, per_second) is not None:
                    return form
        raise rows.error(
            f"{name} {quoted(text)} is no date: a number of the years 2000 to 2100 is expected, in "
            "seconds since 1970 such as 1767603600 or milliseconds such as 1767603600250; for "
            "another clock write ISO 8601"
        )
    if _SLASHED_TIME.fullmatch(text):
        raise rows.error(
            f"{name} {quoted(text)} may begin with the day or with the month; expected ISO 8601 "
            "like 2026-01-05T09:00:00"
        )
    return DOTTED if re.match(r"\d{1,2}\.\d{1,2}\.\d{4}", text) else ISO


def _decimal_of(file: str, form: Form) -> str:
    """Return the decimal separator of a table, from all its numbers.

    A number such as 1,234 or 1.234 can be read in two ways: it proves nothing, and is an error if
    no other number of the table does.
    """
    numeric = list(form.places[1:]) if form.columns.is_load else []
    if form.times in (SECONDS, MILLISECONDS):
        numeric.append(form.places[0])
    proof: dict[str, tuple[int, str]] = {}
    doubtful: tuple[int, str] | None = None
    with open_lines(file) as lines:
        rows = CsvRows(file, lines, form.delimiter)
        if form.header:
            next(rows.cells, None)
        for row in rows.cells:
            for text in (row[place].strip() for place in numeric if place < len(row)):
                if COMMA not in text and POINT not in text:
                    continue
                mark = _proves(_GROUPING.sub("", text), form.delimiter)
                if mark is None:
                    doubtful = doubtful or (rows.line, text)
                else:
                    proof.setdefault(mark, (rows.line, text))
        if len(proof) == len(DECIMALS):
            (earlier, first), (rows.line, second) = sorted(proof.values())
            raise rows.error(
                f"{quoted(second)} has another decimal separator than {quoted(first)} in line "
                f"{earlier}; expected one throughout"
            )
        if not proof and doubtful is not None:
            rows.line, text = doubtful
            raise rows.error(
                f"{quoted(text)} may be thousands or have decimals, and no other number tells; "
                "expected --decimal point or --decimal comma"
            )
    return next(iter(proof), POINT)


def _proves(text: str, delimiter: str) -> str | None:
    """Return the decimal separator that a number proves, None for either."""
    commas, points = text.count(COMMA), text.count(POINT)
    if commas and points:
        return POINT if text.rindex(POINT) > text.rindex(COMMA) else COMMA
    if commas + points > 1:
        return POINT if commas else COMMA  # 1,234,567 has no decimals
    if delimiter == COMMA and points:
        return POINT  # as everywhere where commas separate columns
    if _EITHER.fullmatch(text):
        return None
    return POINT if points else COMMA
