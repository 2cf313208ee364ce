"""Instants: points in time on the monotonic clock, and how they are kept and moved."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, get_args, get_type_hints

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """Return a copy of a dataclass with slots, with some fields changed.

        It is ``dataclasses.replace`` for classes without ``__post_init__``, in half of the time: a
        step of the core makes some fifteen of them.
        """
        kind = value.__class__
        set_all, get_all, set_one = _slots(kind)
        copy = object.__new__(kind)
        for set_field, content in zip(set_all, get_all(value), strict=True):
            set_field(copy, content)
        for name, content in changes.items():
            set_one[name](copy, content)
        return copy

    @cache
    def _slots(kind):
        """Return the setters of all fields in order, a getter of them all, and setters by name."""
        names = [field.name for field in fields(kind)]
        set_one = {name: getattr(kind, name).__set__ for name in names}
        if len(names) > 1:  # attrgetter returns a tuple
            return (*set_one.values(),), attrgetter(*names), set_one
        return (*set_one.values(),), lambda one: [getattr(one, name) for name in names], set_one


SINCE_ORIGIN: Final = "since the clock's origin"

Instant = Annotated[timedelta, SINCE_ORIGIN]
"""A point in time, as the time since the clock's origin, exact to the microsecond.

Only the runtime turns instants into dates. The annotation tells instants from durations: after a
restart, instants in the state file are translated to the new clock, and durations are not.
"""

ZERO = timedelta(0)


def format_duration(duration: timedelta) -> str:
    """Format a duration as the settings write it: ``1h30m``, ``2.5s``, ``0s``."""
    seconds = duration.total_seconds()
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "m"), (round(seconds, 6), "s")]
    return "".join(f"{value:g}{unit}" for value, unit in parts if value) or "0s"


NOT_KEPT: Final = {"kept": False}
"""Metadata of a field that is left out of the state file."""

FORMER_NAME: Final = "former name"


def formerly(name: str) -> dict[str, str]:
    """Return metadata of a field that had another name in the state files of version 0.1."""
    return {FORMER_NAME: name}


@dataclass(frozen=True, slots=True)
class ShiftBack:
    """Shift of instants up to and including ``until`` back by ``by``; later ones stay."""

    until: Instant
    by: timedelta

    def __call__(self, at: Instant) -> Instant:
        """Return the instant, shifted if it is not after ``until``."""
        return at - self.by if at <= self.until else at


Moved = TypeVar("Moved")


def moved(value: Moved, move: Callable[[Instant], Instant]) -> Moved:
    """Return a dataclass with each instant moved, also in the dataclasses and tuples within it.

    A duration stays: only a field annotated as ``Instant`` is moved.
    """
    whole: Any = value
    parts = {
        name: _moved(getattr(value, name), holds_instants, move)
        for name, holds_instants in _instants_by_field(whole.__class__).items()
    }
    result: Moved = replace(whole, **parts)
    return result


def _moved(value: Any, is_instant: bool, move: Callable[[Instant], Instant]) -> Any:
    match value:
        case timedelta() if is_instant:
            return move(value)
        case tuple():
            return tuple(_moved(item, is_instant, move) for item in value)
        case _ if is_dataclass(value):
            return moved(value, move)
    return value


@cache
def _instants_by_field(kind: Any) -> dict[str, bool]:
    """Return for each field of a dataclass whether its times are instants."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _names_an_instant(hint) for name, hint in hints.items()}


def _names_an_instant(hint: Any) -> bool:
    return hint == SINCE_ORIGIN or any(map(_names_an_instant, get_args(hint)))
