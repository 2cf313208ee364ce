"""Frozen dataclasses as JSON documents, and back, by their annotations alone.

A field that is added takes its default where a document has none; one that was taken away is
passed over, and so is one whose metadata says ``NOT_KEPT``. Instants are told from durations by
their annotation, ``Instant``, because a document outlives the clock that they were read on.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from unsit.core.instant import NOT_KEPT, SINCE_ORIGIN, ZERO

KIND = "kind"
"""Which of several dataclasses a document is of, where a field may hold either."""

MICROSECOND = timedelta(microseconds=1)

Kept = TypeVar("Kept")


def written(value: Any) -> Any:
    """A dataclass, and whatever it holds, as JSON has it.

    Times are whole microseconds, dates ISO 8601, enumerations their values, dataclasses and
    mappings objects.

    Raises TypeError for what no document can hold.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case timedelta():
            return value // MICROSECOND
        case date() | time():
            return value.isoformat()
        case Enum():
            return value.value
        case tuple() | frozenset():
            return [written(one) for one in value]
        case Mapping():
            return {_name(name): written(one) for name, one in value.items()}
        case _ if is_dataclass(value):
            kind: Any = type(value)
            parts = {name: written(getattr(value, name)) for name in _kept(kind)}
            return {KIND: kind.__name__} | parts
    raise TypeError(f"{value!r} cannot be kept; expected a dataclass or what one is made of")


def _name(key: Any) -> str:
    name = written(key)
    if not isinstance(name, str):
        raise TypeError(f"{key!r} names a part of a mapping; expected text")
    return name


def read(kind: type[Kept], document: Any, later: timedelta = ZERO) -> Kept:
    """A dataclass from its document.

    later: how much later every instant is on the clock of today.

    Raises ValueError, TypeError or KeyError for what is no such document.
    """
    try:
        value: Kept = _Reader(later).read(kind, document)
    except OverflowError as error:
        raise ValueError(f"{kind.__name__}: a time that is out of range") from error
    return value


class _Reader:
    def __init__(self, later: timedelta) -> None:
        self._later = later

    def read(self, kind: Any, document: Any) -> Any:
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Annotated:
            value = self.read(parts[0], document)
            return value + self._later if SINCE_ORIGIN in parts[1:] else value
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
                self.read(parts[0], name): self.read(parts[1], one)
                for name, one in _checked(Mapping, document).items()
            }
        items = _checked(list, document)
        if origin is tuple and parts[-1] is not Ellipsis:
            pairs = zip(parts, items, strict=True)
            return tuple(self.read(part, one) for part, one in pairs)
        return origin(self.read(parts[0], one) for one in items)

    def _read_dataclass(self, kind: Any, document: Any) -> Any:
        held = _checked(Mapping, document)
        return kind(
            **{
                name: self.read(annotation, held[name])
                for name, annotation in _annotations(kind).items()
                if name in held
            }
        )


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
    """The document, if it is of a kind; true is no number."""
    if not isinstance(document, kind) or (isinstance(document, bool) and kind is not bool):
        raise TypeError(f"read {document!r}; expected {kind}")
    return document


@cache
def _kept(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.init and one.metadata != NOT_KEPT)


@cache
def _annotations(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in _kept(kind)}
