"""Changes a file of settings and keeps everything else that stands in it, comments too."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from unsit.errors import SettingsError, UnavailableError
from unsit.settings.load import load
from unsit.settings.loaded import Loaded
from unsit.settings.show import as_line
from unsit.settings.template import as_template

KEPT = ".before-setup"
"""What a copy of the file as it was is called, behind the file's own name."""

READABLE = 0o644


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """A file's text with other values. changes: by key; None takes a key out.

    Raises SettingsError for a text that is no TOML.
    """
    for key, value in changes.items():
        section, _, name = key.partition(".")
        text = _changed(text, section, name, value)
    return text


def _changed(text: str, section: str, name: str, value: Any) -> str:
    try:
        document: Any = tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(f"the file of settings is no TOML: {error}") from None
    is_there = name in document.get(section, {})
    if value is None:
        if is_there:
            document[section].remove(name)
    elif is_there or (lines := _where_its_default_stood(text, section, name, value)) is None:
        document.setdefault(section, tomlkit.table())[name] = value
    else:
        return lines
    return tomlkit.dumps(document)


def _where_its_default_stood(text: str, section: str, name: str, value: Any) -> str | None:
    """The text with a value in place of the remark that shows its default, None without one."""
    lines, within = text.splitlines(keepends=True), ""
    remark = re.compile(rf"# ?{name} (= |is not set)")
    for number, line in enumerate(lines):
        if header := re.match(r"\[(\w+)\]", line):
            within = header[1]
        elif within == section and remark.match(line):
            return "".join([*lines[:number], f"{as_line(name, value)}\n", *lines[number + 1 :]])
    return None


def begun(changes: Mapping[str, Any]) -> str:
    """A new file's text: every setting explained, and only what is given in force.

    Raises SettingsError for values that cannot be.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    return as_template(loaded(edited("", given)))


def loaded(text: str) -> Loaded:
    """The settings with a text for their file. Raises SettingsError for one that cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "unsit.toml"
        file.write_text(text, encoding="utf-8")
        return load(str(file))


def save(file: Path, text: str, *, mode: int = READABLE, keep: bool = True) -> Path | None:
    """Puts a text in the place of a file, at once or not at all; where the old one is kept.

    mode: of a new file; one that is there keeps its own. keep: copies the old one first.

    Raises UnavailableError where it cannot be written, PermissionError where this user may not.
    """
    with _errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.stat() if file.exists() else None
        kept = _keep(file) if keep and before is not None else None
        _replace(file, text, mode, before)
    return kept


def _keep(file: Path) -> Path:
    """Copies a file to the first name that is free."""
    names = (f"{file.name}{KEPT}{number or ''}" for number in count())
    copy = next(place for place in map(file.with_name, names) if not place.exists())
    shutil.copy2(file, copy)
    return copy


def _replace(file: Path, text: str, mode: int, before: os.stat_result | None) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        os.chmod(name, mode if before is None else before.st_mode & 0o7777)
        if before is not None and os.geteuid() == 0:
            os.chown(name, before.st_uid, before.st_gid)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


@contextlib.contextmanager
def _errors(file: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        where = error.filename or file
        raise PermissionError(f"{where} cannot be written by this user; use sudo") from error
    except OSError as error:
        raise UnavailableError(f"{file} cannot be written: {error.strerror}") from error
