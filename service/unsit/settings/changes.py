"""Settings that commands changed while the service ran, kept over its restarts.

The later of command and configuration wins. A change is kept with the configured value that it
replaced, and with a mark of the settings file as it was at that moment. It is dropped at the next
start if one of the two is another one, and with ``unsit config --reset``. Example: move_after is
30m, a command sets 50m; after a restart 50m is in force until somebody saves the file again.

The mark is made of the content and of the date of the file. It is compared with the former mark,
never with a clock: the clock may be wrong, and two changes can come within a second.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Any

from unsit.core.inputs import (
    ChangeSettings,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    SetReminderStyle,
    SetSilentAfter,
    SetSilentBefore,
    SettingRequest,
    SwitchBuzzer,
)
from unsit.core.rules import LIMITS
from unsit.files import digest
from unsit.settings.model import ORIGIN_DEFAULT, Loaded, Settings
from unsit.settings.values import (
    format_duration,
    parse_duration_within,
    parse_style,
    parse_time,
)

Value = timedelta | bool | str | None
Document = dict[str, dict[str, Any]]
"""For each changed setting its ``value``, the configured value (``instead_of``), and ``file``."""

REQUESTS: Mapping[str, Callable[[Any], SettingRequest]] = {
    "sitting.move_after": SetMoveAfter,
    "sitting.min_break": SetMinBreak,
    "sitting.daily_limit": SetDailyLimit,
    "buzzer.enabled": SwitchBuzzer,
    "reminders.style": SetReminderStyle,
    "hours.silent_before": SetSilentBefore,
    "hours.silent_after": SetSilentAfter,
}
"""Requests that change a setting, by its key."""

CHANGEABLE = tuple(REQUESTS)
OPTIONAL = ("sitting.daily_limit", "hours.silent_before", "hours.silent_after")

RESET = "unsit config --reset"
"""Source of a reset that a person asked for on this machine."""

_RESET_FILE = "reset-"
"""Beginning of the names of files that ask for a reset; the key of the setting follows."""

_FILE_MAX_BYTES = 1_000_000
"""Size of a settings file whose content is part of its mark."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of the configured settings.

    file: the settings file, None for none. origins: see ``Loaded``.
    directory: where ``request_reset`` leaves its requests, None for nowhere.
    """

    file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None

    @classmethod
    def of(cls, loaded: Loaded, directory: Path | None) -> "Sources":
        """Return the sources of settings that were loaded for a state directory."""
        file = None if loaded.file is None else Path(loaded.file)
        return cls(file, loaded.origins, directory)


@dataclass(frozen=True, slots=True)
class Change:
    """Change of a setting. source: who or what changed it."""

    key: str
    before: Value
    after: Value
    source: str

    def __str__(self) -> str:
        return f"{self.key}: {in_words(self.before)} becomes {in_words(self.after)}"


class Changes:
    """Changed settings of a running service.

    configured: the settings that it was started with. sources: where they come from.
    overridden: kept changes that are not in force, after ``restore``.
    """

    def __init__(self, configured: Settings, sources: Sources | None = None) -> None:
        self._configured = configured
        self._sources = sources or Sources()
        self._in_force = {key: _value(configured, key) for key in CHANGEABLE}
        self._file_marks: dict[str, str] = {}
        self.overridden: tuple[Change, ...] = ()

    def restore(self, kept: Document) -> Settings:
        """Return the settings in force with what the last run has kept.

        Raises ValueError, TypeError or KeyError for a document that ``document`` did not make.
        """
        settings = self._configured
        standing, self.overridden = _judge(settings, kept, self._sources)
        for key, value in standing.items():
            self._in_force[key] = value
            with suppress(KeyError):  # a version that made no marks has kept it
                self._file_marks[key] = kept[key]["file"]
        return with_values(settings, standing)

    def note(self, in_force: Mapping[str, Value], source: str) -> tuple[Change, ...]:
        """Note the values in force, and return what has changed since the last call."""
        if in_force == self._in_force:
            return ()
        before, self._in_force = self._in_force, dict(in_force)
        changed = [key for key in in_force if in_force[key] != before[key]]
        self._file_marks |= dict.fromkeys(changed, file_mark(self._sources.file))
        return tuple(Change(key, before[key], in_force[key], source) for key in changed)

    def document(self) -> Document:
        """Return the values in force that differ from the configured ones, for the state file."""
        return {
            key: {
                "value": to_json(value),
                "instead_of": to_json(_value(self._configured, key)),
                **({"file": self._file_marks[key]} if key in self._file_marks else {}),
            }
            for key, value in self._in_force.items()
            if value != _value(self._configured, key)
        }

    def reset_request(self, names: Iterable[str]) -> ChangeSettings:
        """Return the request that restores the configured values of some settings.

        names: keys, or their last parts; none for all settings. Raises ValueError for another name.
        """
        keys = keys_of(names)
        return ChangeSettings(
            tuple(REQUESTS[key](_value(self._configured, key)) for key in keys or CHANGEABLE)
        )

    def requested_resets(self) -> tuple[str, ...]:
        """Return the keys of the resets that were asked for and not done yet."""
        return requested_resets(self._sources.directory)

    def forget_resets(self, keys: Collection[str]) -> None:
        """Remove requests that are done. Raises OSError."""
        if self._sources.directory is not None:
            for key in keys:
                (self._sources.directory / f"{_RESET_FILE}{key}").unlink(missing_ok=True)


def with_changes(loaded: Loaded, kept: Document, directory: Path | None = None) -> Loaded:
    """Return the settings with the kept changes that are in force, and the origins of both.

    directory: the state directory, for resets that were asked for; None for none.

    Raises ValueError, TypeError or KeyError for a document that ``Changes`` did not make.
    """
    settings, origins = loaded.settings, dict(loaded.origins)
    standing, _ = _judge(settings, kept, Sources.of(loaded, directory))
    for key in standing:
        configured = in_words(_value(settings, key))
        origin = origins.get(key, ORIGIN_DEFAULT)
        origins[key] = f"changed by a command, instead of {configured} ({origin})"
    return replace(loaded, settings=with_values(settings, standing), origins=origins)


def _judge(
    configured: Settings, kept: Document, sources: Sources
) -> tuple[dict[str, Value], tuple[Change, ...]]:
    """Return the kept values that are in force, and those that something later has overridden."""
    standing: dict[str, Value] = {}
    overridden: list[Change] = []
    resets = requested_resets(sources.directory)
    mark = None
    for key, change in dict(kept).items():
        after = _value(configured, key)
        value = _parse(key, change["value"])
        source = None
        if "file" in change:
            mark = mark or file_mark(sources.file)
            if change["file"] != mark:
                source = str(sources.file or ORIGIN_DEFAULT)
        if to_json(after) != change["instead_of"]:
            source = sources.origins.get(key, ORIGIN_DEFAULT)
        if key in resets:
            source = RESET
        if source is None:
            standing[key] = value
        elif value != after:
            overridden.append(Change(key, value, after, source))
    hours = {key: value for key, value in standing.items() if key.startswith("hours.")}
    try:
        with_values(configured, hours)
    except ValueError:  # the configuration names a time that does not go with the kept one
        for key, value in hours.items():
            after = _value(configured, key)
            overridden.append(Change(key, value, after, sources.origins.get(key, ORIGIN_DEFAULT)))
            del standing[key]
    return standing, tuple(overridden)


def differences(configured: Settings, in_force: Settings) -> dict[str, Change]:
    """Return the changes from the settings in force back to the configured ones, by key."""
    pairs = {key: (_value(in_force, key), _value(configured, key)) for key in CHANGEABLE}
    return {
        key: Change(key, before, after, RESET)
        for key, (before, after) in pairs.items()
        if before != after
    }


def keys_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of settings that a command can change, by their whole or short names.

    Raises ValueError for another name.
    """
    short = {key.partition(".")[2]: key for key in CHANGEABLE}
    short |= {"buzzer": "buzzer.enabled", "reminder_style": "reminders.style"}
    keys = []
    for name in names:
        key = short.get(name, name)
        if key not in CHANGEABLE:
            raise ValueError(f"read {name!r}; expected one of {', '.join(CHANGEABLE)}")
        keys.append(key)
    return tuple(keys)


def request_reset(directory: Path, keys: Iterable[str]) -> None:
    """Ask the service with this state directory to restore settings.

    A running service does so within a minute and before the next command, else the next one does.
    The request is an empty file: the directory may belong to another user, who could plant a link.

    Raises OSError.
    """
    for key in keys:
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            os.close(os.open(directory / f"{_RESET_FILE}{key}", flags, 0o644))


def requested_resets(directory: Path | None) -> tuple[str, ...]:
    """Return the keys of the resets that were asked for and not done yet."""
    if directory is None:
        return ()
    return tuple(key for key in CHANGEABLE if os.path.lexists(directory / f"{_RESET_FILE}{key}"))


def file_mark(file: Path | None) -> str:
    """Return a text that changes when a settings file is saved, also with the same content."""
    if file is None:
        return "none"
    try:
        status = file.stat()
        if not S_ISREG(status.st_mode) or status.st_size > _FILE_MAX_BYTES:
            return f"{status.st_mtime_ns} {status.st_size}"
        return f"{status.st_mtime_ns} {digest(file.read_bytes(), size=16)}"
    except OSError as error:
        return f"unreadable: {error.errno}"


def _value(settings: Settings, key: str) -> Value:
    if key not in CHANGEABLE:
        raise ValueError(f"{key} cannot be changed while the service runs")
    section, _, name = key.partition(".")
    value: Value = getattr(getattr(settings, section), name)
    return value


def with_values(settings: Settings, values: Mapping[str, Value]) -> Settings:
    """Return the settings with other values of some keys.

    Raises ValueError for values that contradict each other, or the others.
    """
    changed: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        before = changed.get(section, getattr(settings, section))
        changed[section] = replace(before, **{name: value})
    return replace(settings, **changed)


def to_json(value: Value) -> str | bool | None:
    """Return a value in its form in a settings file, None for no value."""
    return format_duration(value) if isinstance(value, timedelta) else value


def in_words(value: Value) -> str:
    """Return a value as text."""
    return "none" if value is None else str(to_json(value)).lower()


def _parse(key: str, written: Any) -> Value:
    """Return a kept value. Raises ValueError for one that no command sets."""
    if written is None and key in OPTIONAL:
        return None
    if key == "buzzer.enabled":
        return bool(written)
    if key == "reminders.style":
        return parse_style(str(written))
    if key.startswith("hours."):
        return f"{parse_time(str(written)):%H:%M}"
    return parse_duration_within(str(written), LIMITS[key.partition(".")[2]])
