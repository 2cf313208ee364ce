"""Documents: dataclasses as JSON in the state file, with instants moved to this run's clock.

Example: ``Hold("meeting", timedelta(seconds=5))`` is ``{"kind": "Hold", "reason": "meeting",
"until": 5000000, …}``; times are whole microseconds.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from unsit.core.day import Span, Today
from unsit.core.instant import FORMER_NAME, NOT_KEPT, SINCE_ORIGIN, ZERO, Instant
from unsit.errors import UnavailableError
from unsit.runtime.clock import MICROSECOND
from unsit.runtime.state_file import StateFile

KIND = "kind"
"""Key with the name of the dataclass, for fields that may hold one of several."""

Document = dict[str, Any]
Kept = TypeVar("Kept")

# An upsert rewrites the row in place, which costs one page; a replacement also writes the index.
_PUT = """
insert into documents values (?, ?) on conflict (name) do update set content = excluded.content
"""


def to_document(value: Any) -> Any:
    """Return a dataclass, with everything in it, as JSON.

    Times become whole microseconds, dates ISO 8601 texts, enumerations their values, and
    dataclasses and mappings objects.

    Raises TypeError for a value of any other type.
    """
    kind: Any = type(value)
    return _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """Return the function that makes a document of a value of this type."""
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, NoneType | bool | int | float | str):
        return lambda value: value
    if issubclass(kind, timedelta):
        return lambda value: value // MICROSECOND
    if issubclass(kind, date | time):
        return lambda value: value.isoformat()
    if issubclass(kind, tuple | frozenset):
        return lambda value: [to_document(item) for item in value]
    if issubclass(kind, Mapping):
        return lambda value: {_key(key): to_document(item) for key, item in value.items()}
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    raise TypeError(f"{kind!r} cannot be kept; expected a dataclass or what one is made of")


def _dataclass_writer(kind: Any) -> Callable[[Any], Any]:
    names, name_of_kind = _kept_fields(kind), kind.__name__

    def write(value: Any) -> Document:
        document: Document = {KIND: name_of_kind}
        for name in names:
            document[name] = to_document(getattr(value, name))
        return document

    return write


def _key(key: Any) -> str:
    text = to_document(key)
    if not isinstance(text, str):
        raise TypeError(f"{key!r} is the key of a mapping; expected text")
    return text


def from_document(kind: type[Kept], document: Any, offset: timedelta = ZERO) -> Kept:
    """Return a dataclass from its document.

    offset: what to add to every instant (see ``ClockTranslation``).

    Raises ValueError, TypeError or KeyError for a document that does not fit.
    """
    try:
        value: Kept = _Reader(offset).read(kind, document)
    except OverflowError as error:
        raise ValueError(f"{kind.__name__}: a time that is out of range") from error
    return value


class _Reader:
    def __init__(self, offset: timedelta) -> None:
        self._offset = offset

    def read(self, kind: Any, document: Any) -> Any:
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Annotated:
            value = self.read(parts[0], document)
            return value + self._offset if SINCE_ORIGIN in parts[1:] else value
        if origin in (Union, UnionType):
            return self._read_one_of(parts, document)
        if origin is Literal:
            return parts[parts.index(document)]
        if origin is not None:
            return self._read_many(origin, parts, document)
        if is_dataclass(kind):
            return self._read_dataclass(kind, document)
        return _read_plain(kind, document)

    def _read_one_of(self, kinds: tuple[Any, ...], document: Any) -> Any:
        if document is None and NoneType in kinds:
            return None
        others = [kind for kind in kinds if kind is not NoneType]
        if len(others) == 1:
            return self.read(others[0], document)
        named = {str(kind.__name__): kind for kind in others if isinstance(kind, type)}
        if isinstance(document, Mapping):
            return self.read(named[document[KIND]], document)
        return self._read_first(others, document)

    def _read_first(self, kinds: list[Any], document: Any) -> Any:
        for kind in kinds:
            try:
                return self.read(kind, document)
            except (ValueError, TypeError, KeyError):
                continue
        raise ValueError(f"read {document!r}; expected one of {kinds}")

    def _read_many(self, origin: Any, parts: tuple[Any, ...], document: Any) -> Any:
        if issubclass(origin, Mapping):
            return {
                self.read(parts[0], key): self.read(parts[1], item)
                for key, item in _checked(Mapping, document).items()
            }
        items = _checked(list, document)
        if origin is tuple and parts[-1] is not Ellipsis:
            pairs = zip(parts, items, strict=True)
            return tuple(self.read(part, item) for part, item in pairs)
        return origin(self.read(parts[0], item) for item in items)

    def _read_dataclass(self, kind: Any, document: Any) -> Any:
        content = _checked(Mapping, document)
        former = _former_names(kind)
        values = {}
        for name, annotation in _annotations(kind).items():
            key = name if name in content else former.get(name, name)
            if key in content:
                values[name] = self.read(annotation, content[key])
        return kind(**values)


def _read_plain(kind: Any, document: Any) -> Any:
    if issubclass(kind, Enum):
        return kind(document)
    if kind is timedelta:
        return _checked(int, document) * MICROSECOND
    if issubclass(kind, date | time):
        return kind.fromisoformat(_checked(str, document))
    if kind is float:
        return float(_checked(int | float, document))
    return _checked(kind, document)


def _checked(kind: Any, document: Any) -> Any:
    """Return the document if it is of a type; a bool does not count as a number."""
    if not isinstance(document, kind) or (isinstance(document, bool) and kind is not bool):
        raise TypeError(f"read {document!r}; expected {kind}")
    return document


@cache
def _kept_fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init and field.metadata != NOT_KEPT)


@cache
def _former_names(kind: Any) -> dict[str, str]:
    return {
        field.name: field.metadata[FORMER_NAME]
        for field in fields(kind)
        if FORMER_NAME in field.metadata
    }


@cache
def _annotations(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in _kept_fields(kind)}


class Store:
    """Store of documents by name, in a state file."""

    def __init__(self, file: StateFile | None = None) -> None:
        self.file = file or StateFile()

    def get(self, name: str) -> Any:
        """Return a document, or None. Raises UnavailableError for a document that is not JSON."""
        rows = self.file.rows("select content from documents where name = ?", name)
        try:
            return json.loads(rows[0][0]) if rows else None
        except ValueError as error:
            raise UnavailableError(f"the document {name} cannot be read: {error}") from error

    def put(self, name: str, content: Any, *, durable: bool = True) -> None:
        """Write a document under a name; None deletes it. durable: see ``StateFile.write``."""
        if content is None:
            statement = ("delete from documents where name = ?", (name,))
            self.file.write(statement, durable=durable)
        else:
            row = (name, json.dumps(content))
            self.file.write((_PUT, row), durable=durable)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def day_from_document(document: Document, instant: Callable[[datetime], Instant]) -> Today:
    """Return the day from a document of layout 1, without an open stretch.

    instant: returns the instant of a date.

    Raises ValueError, TypeError or KeyError for a document that does not fit.
    """

    def at(text: str) -> Instant:
        return instant(datetime.fromisoformat(text))

    def spans(name: str) -> tuple[Span, ...]:
        return tuple(Span(at(start), at(end)) for start, end in document[name])

    response = document["response_s"]
    return Today(
        stretches=spans("stretches"),
        bouts=spans("bouts"),
        breaks=tuple(at(text) for text in document["breaks"]),
        reminders=tuple(at(text) for text in document["reminders"]),
        response=None if response is None else timedelta(seconds=response),
    )
