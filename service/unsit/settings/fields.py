"""How the fields of the settings are made.

The limits in a field's metadata are those of pydantic's ``Field``.
"""

from collections.abc import Callable
from dataclasses import field
from datetime import timedelta
from typing import Annotated, Any

from unsit.settings.passing import Before

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def _no_bool(value: Any) -> Any:
    """Python takes true for 1; a person who wrote it meant something else."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic reports ValueErrors
    return value


Number = Annotated[int, Before(_no_bool)]


def setting(default: Any, description: str, **limits: Any) -> Any:
    """A field of a section. limits: as in pydantic's ``Field``, such as ge and le."""
    return field(default=default, metadata={"description": description, **limits})


def setting_made_by(make: Callable[[], Any], description: str, **limits: Any) -> Any:
    """A field whose default is not the same on every machine."""
    return field(default_factory=make, metadata={"description": description, **limits})


def pin(default: int | None, description: str) -> Any:
    """A BCM number on the 40-pin header."""
    return setting(default, description, ge=0, le=27)


def duration(default: timedelta | None, least: timedelta, most: timedelta, description: str) -> Any:
    """A duration between two others, these included."""
    return setting(default, description, ge=least, le=most)
