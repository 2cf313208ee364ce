"""Values of settings: their text forms, their parsers, and the fields of a section.

Lists are ``a,b``, durations ``1h30m``, times of day ``13:30``, ladders ``lamp 2m, tick 30%, long``.

The validators are objects that pydantic finds and this module does not need, because the running
service does not import pydantic.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Annotated, Any, Literal, get_args

from unsit.core.instant import format_duration as format_duration
from unsit.core.rules import SILENT_CUES, Ladder, ReminderStyle, Rung


@dataclass(frozen=True, slots=True)
class Validation:
    """Annotation of a type: pydantic calls ``check`` with a value; ValueError refuses it.

    before: with the raw value, before pydantic's own validation. Default: with the valid value.
    """

    check: Callable[[Any], Any]
    before: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Implement pydantic's protocol of custom types."""
        from pydantic_core.core_schema import (
            no_info_after_validator_function,
            no_info_before_validator_function,
        )

        if self.before:
            return no_info_before_validator_function(self.check, handler(source))
        return no_info_after_validator_function(self.check, handler(source))


def parsable_by(parse: Callable[[str], object]) -> Validation:
    """Return an annotation that keeps a text, or None, if ``parse`` accepts it."""

    def check(text: str | None) -> str | None:
        if text is not None:
            parse(text)
        return text

    return Validation(check)


def split_list(text: str) -> tuple[str, ...]:
    """Split a text at its commas, strip every part and drop the empty ones."""
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def parse_time(text: str) -> time:
    """Parse a time of day like ``13:30``. Raises ValueError with what is expected."""
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip())
    if found is None or int(found[1]) > 23:
        raise ValueError("expected a time of day from 00:00 to 23:59, like 13:30")
    return time(int(found[1]), int(found[2]))


SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def _refuse_bool(value: Any) -> Any:
    """Refuse true and false, which Python would accept as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic reports ValueErrors
    return value


Number = Annotated[int, Validation(_refuse_bool, before=True)]


def setting(default: Any, description: str, **limits: Any) -> Any:
    """Return a field of a section. limits: those of pydantic's ``Field``, such as ge and le."""
    return field(default=default, metadata={"description": description, **limits})


def pin(default: int | None, description: str) -> Any:
    """Return a field for a BCM number on the 40-pin header."""
    return setting(default, description, ge=0, le=27)


def duration(default: timedelta | None, least: timedelta, most: timedelta, description: str) -> Any:
    """Return a field for a duration from ``least`` to ``most``."""
    return setting(default, description, ge=least, le=most)


_PARTS = re.compile(
    r"(?:(?P<days>\d+(?:\.\d+)?)d)?\s*(?:(?P<hours>\d+(?:\.\d+)?)h)?\s*"
    r"(?:(?P<minutes>\d+(?:\.\d+)?)m)?\s*(?:(?P<seconds>\d+(?:\.\d+)?)s)?"
)
_ISO = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
"""ISO 8601 without years and months, which have no fixed length."""

_EXPECTED_DURATION = "expected a duration like 30m, 1h30m, 90s, 2.5 (seconds) or PT30M"


def parse_duration(text: str) -> timedelta:
    """Parse a duration: ``30m``, ``1h30m``, ``90s``, ``2.5`` (seconds) or ISO 8601.

    Raises ValueError with what is expected.
    """
    text = text.strip()
    parts = _PARTS.fullmatch(text) or _ISO.fullmatch(text)
    try:
        if text and parts is not None:
            return timedelta(**{unit: float(n) for unit, n in parts.groupdict("0").items()})
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise ValueError(_EXPECTED_DURATION) from None


def parse_duration_within(text: str, limits: tuple[timedelta, timedelta]) -> timedelta:
    """Parse a duration between two others. Raises ValueError with what is expected."""
    duration, (least, most) = parse_duration(text), limits
    if not least <= duration <= most:
        expected = f"expected {format_duration(least)} to {format_duration(most)}"
        raise ValueError(f"read {text!r}; {expected}")
    return duration


def parse_duration_up_to_a_day(text: str) -> timedelta:
    """Parse a duration from 1 s to 24 h. Raises ValueError with what is expected."""
    return parse_duration_within(text, (SECOND, 24 * HOUR))


def parse_style(text: str) -> ReminderStyle:
    """Parse a style of the reminders. Raises ValueError with what is expected."""
    styles: dict[str, ReminderStyle] = {style: style for style in get_args(ReminderStyle)}
    try:
        return styles[text.strip().lower()]
    except KeyError:
        raise ValueError(f"expected one of {', '.join(styles)}") from None


YEAR = timedelta(days=365.25)
KEEP_MIN, KEEP_MAX = timedelta(days=1), 100 * YEAR

_YEARS = re.compile(r"(\d+(?:\.\d+)?)y")


def parse_keep(text: str) -> timedelta | None:
    """Parse how long a history is kept: ``5y``, ``90d`` or another duration; None for ``off``.

    Raises ValueError with what is expected.
    """
    expected = "expected off, or 1d to 100y, like 5y, 90d or P13W"
    text = text.strip()
    if text == "off":
        return None
    try:
        years = _YEARS.fullmatch(text)
        kept = parse_duration(text) if years is None else float(years[1]) * YEAR
    except (ValueError, OverflowError):
        raise ValueError(expected) from None
    if not KEEP_MIN <= kept <= KEEP_MAX:
        raise ValueError(expected)
    return kept


def _as_duration(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(str(value))


Duration = Annotated[timedelta, Validation(_as_duration, before=True)]
"""A time delta in one of the forms of ``parse_duration``; a bare number is in seconds."""

PatternName = Literal["tick", "short", "double", "triple", "long", "rising", "insistent"]

CUES = (*SILENT_CUES, *get_args(PatternName))

_VOLUME = re.compile(r"(\d{1,3})%")


def parse_ladder(text: str) -> Ladder:
    """Parse the rungs of a ladder: ``lamp 2m, tick 30% 2m, triple, long``.

    A rung is a cue, optionally its volume, and optionally the time until the next rung.
    Raises ValueError with what is expected.
    """
    return tuple(_rungs(text))


def _rungs(text: str) -> Iterator[Rung]:
    for part in split_list(text):
        cue, *more = part.split()
        if cue not in CUES:
            raise ValueError(f"read {cue!r}; expected one of {', '.join(CUES)}")
        volume = _parse_volume(more.pop(0), cue) if more and more[0].endswith("%") else None
        until_next = parse_duration_up_to_a_day(more.pop(0)) if more else None
        if more:
            raise ValueError(f"read {part!r}; expected a cue, a volume like 30%, a time like 2m")
        yield Rung(cue, volume, until_next)


def _parse_volume(text: str, cue: str) -> int:
    found = _VOLUME.fullmatch(text)
    if cue in SILENT_CUES:
        raise ValueError(f"read {text!r}; {cue} makes no sound")
    if found is None or not 1 <= int(found[1]) <= 100:
        raise ValueError(f"read {text!r}; expected a volume from 1% to 100%")
    return int(found[1])


LadderText = Annotated[str, parsable_by(parse_ladder)]
