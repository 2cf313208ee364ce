"""Settings files: print the settings as one, make a template, edit one, and save it."""

import contextlib
import inspect
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from itertools import count
from pathlib import Path
from textwrap import wrap
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from unsit.errors import SettingsError, UnavailableError, escaped
from unsit.files import UnsafePathError, copy_beside, replace_file
from unsit.settings.load import load
from unsit.settings.model import ORIGIN_DEFAULT, Loaded, Settings
from unsit.settings.values import format_duration


def as_toml(loaded: Loaded) -> str:
    """Return the settings as a settings file, with the origin of each value in a comment.

    A setting without a value is a comment.
    """
    lines: list[str] = []
    for section, values in asdict(loaded.settings).items():
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for key, value in values.items():
            origin = loaded.origins.get(f"{section}.{key}", ORIGIN_DEFAULT)
            lines.append(f"{as_line(key, value):<32}  # {escaped(origin)}")
    return "\n".join(lines) + "\n"


def as_line(key: str, value: Any) -> str:
    """Return a setting as a line of TOML; a setting without a value is a comment."""
    if value is None:
        return f"# {key} is not set"
    written = format_duration(value) if isinstance(value, timedelta) else value
    shown = json.dumps(written, ensure_ascii=False)
    return f"{key} = {''.join(map(_as_toml_shows_it, shown))}"


def _as_toml_shows_it(character: str) -> str:
    r"""Return a character, or its escape in TOML, such as ``\u009b``, if it cannot be printed."""
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


_TEMPLATE_HEAD = """\
# The settings of a chair. A line that begins with # is a comment or a default. To change a default,
# remove the # and edit the value. `unsit config` shows the settings in force and their origin.
"""
_WRAP_COLUMNS = 98


def as_template(loaded: Loaded) -> str:
    """Return a settings file that explains every setting; defaults are comments."""
    lines = [_TEMPLATE_HEAD]
    for section in fields(Settings):
        lines += [*_comment(inspect.getdoc(section.type) or ""), f"[{section.name}]", ""]
        values = getattr(loaded.settings, section.name)
        for setting in fields(section.type):  # type: ignore[arg-type]
            key = f"{section.name}.{setting.name}"
            line = as_line(setting.name, getattr(values, setting.name))
            in_force = key in loaded.origins or line.startswith("#")
            lines += [
                *_comment(setting.metadata["description"]),
                line if in_force else f"#{line}",
                "",
            ]
    return "\n".join(lines)


def _comment(text: str) -> Iterator[str]:
    """Yield the first paragraph of a text as comment lines."""
    yield from (f"# {line}" for line in wrap(text.partition("\n\n")[0], _WRAP_COLUMNS))


BACKUP_SUFFIX = ".before-setup"

WORLD_READABLE = 0o644


def edit_text(text: str, changes: Mapping[str, Any]) -> str:
    """Return the text of a settings file with changed values; its comments stay.

    changes: the new value of each key; None removes the key.

    Raises SettingsError for a text that is not TOML.
    """
    for key, value in changes.items():
        section, _, name = key.partition(".")
        text = _edit_key(text, section, name, value)
    return text


def _edit_key(text: str, section: str, name: str, value: Any) -> str:
    try:
        document: Any = tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(f"the settings file is not TOML: {error}") from None
    is_set = name in document.get(section, {})
    if value is None:
        if is_set:
            document[section].remove(name)
    elif is_set or (edited := _replace_default(text, section, name, value)) is None:
        document.setdefault(section, tomlkit.table())[name] = value
    else:
        return edited
    return tomlkit.dumps(document)


def _replace_default(text: str, section: str, name: str, value: Any) -> str | None:
    """Replace the comment that shows a key's default; return None if there is no such comment."""
    lines, current = text.splitlines(keepends=True), ""
    default = re.compile(rf"# ?{name} (= |is not set)")
    for number, line in enumerate(lines):
        if header := re.match(r"\[(\w+)\]", line):
            current = header[1]
        elif current == section and default.match(line):
            return "".join([*lines[:number], f"{as_line(name, value)}\n", *lines[number + 1 :]])
    return None


def new_text(values: Mapping[str, Any]) -> str:
    """Return a template with the given values in force; None leaves a default.

    Raises SettingsError for bad values.
    """
    given = {key: value for key, value in values.items() if value is not None}
    return as_template(load_text(edit_text("", given)))


def load_text(text: str) -> Loaded:
    """Load the text of a settings file. Raises SettingsError for bad settings."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "unsit.toml"
        file.write_text(text, encoding="utf-8")
        return load(str(file))


def save(file: Path, text: str, *, mode: int = WORLD_READABLE, keep: bool = True) -> Path | None:
    """Replace a file atomically and return the backup of the old one, None without one.

    mode: the permissions of a new file; an existing file keeps its own. keep: back up the old one.

    Raises UnavailableError if it cannot be written, PermissionError if this user may not write it.
    """
    with _errors(file):
        backup = _back_up(file) if keep and file.exists() else None
        replace_file(file, text.encode(), mode=mode)
    return backup


def _back_up(file: Path) -> Path:
    """Copy a file to the first free backup name."""
    names = (f"{file.name}{BACKUP_SUFFIX}{number or ''}" for number in count())
    free = next(name for name in names if not os.path.lexists(file.with_name(name)))
    return copy_beside(file, free)


@contextlib.contextmanager
def _errors(file: Path) -> Iterator[None]:
    try:
        yield
    except UnsafePathError:
        raise
    except PermissionError as error:
        where = error.filename or file
        raise PermissionError(f"{where} cannot be written by this user; use sudo") from error
    except OSError as error:
        raise UnavailableError(f"{file} cannot be written: {error.strerror}") from error
