"""Durations as people write them."""

import re
from datetime import timedelta
from typing import Annotated, Any

from unsit.settings.passing import Before

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
"""ISO 8601 without years and months, which have no length of their own."""

_EXPECTED = "expected a duration like 30m, 1h30m, 90s, 2.5 (seconds) or PT30M"


def parse_duration(text: str) -> timedelta:
    """A duration from ``30m``, ``1h30m``, ``90s``, ``2.5`` (seconds) or ISO 8601.

    Raises ValueError with what is expected.
    """
    text = text.strip()
    parts = _PARTS.fullmatch(text) or _ISO.fullmatch(text)
    try:
        if text and parts is not None:
            return timedelta(**{unit: float(n) for unit, n in parts.groupdict("0").items()})
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise ValueError(_EXPECTED) from None


def format_duration(duration: timedelta) -> str:
    """A duration as ``parse_duration`` reads it back: ``1h30m``, ``2.5s``, ``0s``."""
    seconds = duration.total_seconds()
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "m"), (round(seconds, 6), "s")]
    return "".join(f"{value:g}{unit}" for value, unit in parts if value) or "0s"


def _read(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    return parse_duration(str(value))


Duration = Annotated[timedelta, Before(_read)]
"""A time delta that is written in the forms above; a bare number is seconds."""
