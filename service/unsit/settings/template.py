"""A file of settings to begin with: every setting, with what it is for."""

import inspect
from collections.abc import Iterator
from dataclasses import Field, fields
from textwrap import wrap
from typing import Any

from unsit.settings.loaded import Loaded
from unsit.settings.model import Settings
from unsit.settings.show import as_line

_OPENING = """\
# The settings of a chair. A line that begins with a # is a remark or a default: take the # away
# and change the value. What is in force, and where it came from: unsit config
"""
_WIDTH = 98


def as_template(loaded: Loaded) -> str:
    """A commented file of settings, in which only what is no default is in force."""
    lines = [_OPENING]
    for section in fields(Settings):
        lines += [*_remark(inspect.getdoc(section.type) or ""), f"[{section.name}]", ""]
        values = getattr(loaded.settings, section.name)
        for setting in fields(section.type):  # type: ignore[arg-type]
            key = f"{section.name}.{setting.name}"
            line = as_line(setting.name, getattr(values, setting.name))
            is_put_in = key in loaded.origins or line.startswith("#")
            lines += [*_remark(_purpose(setting)), line if is_put_in else f"#{line}", ""]
    return "\n".join(lines)


def _remark(text: str) -> Iterator[str]:
    """The first paragraph of a text as comments."""
    yield from (f"# {line}" for line in wrap(text.partition("\n\n")[0], _WIDTH))


def _purpose(setting: Field[Any]) -> str:
    return str(setting.metadata["description"])
