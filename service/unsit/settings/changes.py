"""Settings that were changed while the service ran, over those it was started with.

The last word holds: a change stays until the setting itself is given another value.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from unsit.settings.duration import format_duration, parse_duration
from unsit.settings.fields import HOUR, SECOND
from unsit.settings.loaded import DEFAULT, Loaded
from unsit.settings.model import Settings

Value = timedelta | bool | None
Document = dict[str, dict[str, Any]]
"""For each changed setting its ``value`` and what it stands ``instead_of``."""

CHANGEABLE = (
    "sitting.move_after",
    "sitting.min_break",
    "sitting.daily_limit",
    "buzzer.enabled",
)
OPTIONAL = ("sitting.daily_limit",)


def changes(configured: Settings, in_force: Mapping[str, Value]) -> Document:
    """What differs from the settings that the service was started with, to be kept."""
    return {
        key: {"value": _written(value), "instead_of": _written(_value(configured, key))}
        for key, value in in_force.items()
        if value != _value(configured, key)
    }


def with_changes(loaded: Loaded, kept: Document) -> Loaded:
    """The settings with what was kept over them, and where each came from.

    Raises ValueError, TypeError or KeyError for what is no such document.
    """
    settings, origins = loaded.settings, dict(loaded.origins)
    for key, change in dict(kept).items():
        configured = _value(settings, key)
        if _written(configured) != change["instead_of"]:
            continue
        settings = _with(
            settings, key, _read(change["value"], configured, optional=key in OPTIONAL)
        )
        origin = origins.get(key, DEFAULT)
        origins[key] = f"changed by a command, instead of {_spelt(configured)} ({origin})"
    return replace(loaded, settings=settings, origins=origins)


def _value(settings: Settings, key: str) -> Value:
    if key not in CHANGEABLE:
        raise ValueError(f"{key} cannot be changed while the service runs")
    section, _, name = key.partition(".")
    value: Value = getattr(getattr(settings, section), name)
    return value


def _with(settings: Settings, key: str, value: Value) -> Settings:
    section, _, name = key.partition(".")
    changed = replace(getattr(settings, section), **{name: value})
    sections: dict[str, Any] = {section: changed}
    return replace(settings, **sections)


def _written(value: Value) -> str | bool | None:
    return format_duration(value) if isinstance(value, timedelta) else value


def _spelt(value: Value) -> str:
    return "none" if value is None else str(_written(value)).lower()


def _read(written: Any, like: Value, *, optional: bool) -> Value:
    if written is None and optional:
        return None
    if isinstance(like, bool):
        return bool(written)
    duration = parse_duration(str(written))
    if not SECOND <= duration <= 24 * HOUR:
        raise ValueError(f"read {written!r}; expected 1s to 24h")
    return duration
