"""Loading of the settings: defaults, one file, the environment and the flags, the later winning."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError, create_model

from unsit.errors import SettingsError
from unsit.settings.exercises import read_programme
from unsit.settings.file import (
    BYTE_ORDER_MARK,
    PREFIX,
    Tree,
    control_character,
    environment,
    find_file,
    read_file,
    split_flag,
    variable,
)
from unsit.settings.model import ORIGIN_DEFAULT, Loaded, Settings
from unsit.words import words_of

_VALIDATOR = TypeAdapter(Settings)

LISTS = frozenset(
    (
        *("load_cell.cells", "load_cell.at", "reminders.ladder", "hold.topics", "hold.values"),
        *("hours.monday", "hours.tuesday", "hours.wednesday", "hours.thursday", "hours.friday"),
        *("hours.saturday", "hours.sunday", "hours.quiet", "hours.days_off"),
        *("exercises.without", "exercises.harder"),
    )
)
"""Settings with several parts, which a file may write in several lines."""

_BETWEEN = " \t\r\n"
"""Characters that may be between the parts of a list."""

_OPTIONAL = frozenset(
    f"{section.name}.{setting.name}"
    for section in fields(Settings)
    for setting in fields(section.type)  # type: ignore[arg-type]
    if setting.default is None
)
"""Settings that may have no value. An empty variable or flag takes away the value of a file."""

_LOGIN_IN_URL = re.compile(r"[^/\s]*@")


def load(config: str | None = None, flags: Sequence[str] = ()) -> Loaded:
    """Load the settings and the exercises that they name.

    config: the settings file; None for the one that ``find_file`` finds.
    flags: texts such as ``sitting.move_after=45m``.

    Raises SettingsError for a file that cannot be read, an unknown key, a bad value or a bad file
    of exercises.
    """
    merged: Tree = {}
    origins: dict[str, str] = {}
    file = find_file(config)
    for origin, key, value in _layers(file, flags):
        _check_known(key, origin)
        origins[key] = origin
        section, _, name = key.partition(".")
        merged.setdefault(section, {})[name] = value
    _prepare_texts(merged, origins)
    settings = _validate(merged, origins)
    programme = read_programme(settings.exercises, words_of(settings.chair.language))
    return Loaded(settings, origins, programme, None if file is None else str(file.absolute()))


def known_keys() -> list[str]:
    """Return every key, as ``section.name``."""
    return [f"{section}.{key}" for section, keys in sections().items() for key in keys]


def sections() -> dict[str, list[str]]:
    """Return the names of the settings in each section."""
    return {
        section.name: [setting.name for setting in fields(section.type)]  # type: ignore[arg-type]
        for section in fields(Settings)
    }


def _layers(file: Path | None, flags: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield origin, key and value of every setting that is given; the last one of a key wins."""
    if file is not None:
        for key, value in _flat(read_file(file)):
            yield str(file), key, value
    _check_environment()
    for key, text in _read_environment():
        yield variable(key), key, text
    for flag in flags:
        key, value = split_flag(flag)
        yield f"--set {key}", key, value


def _read_environment() -> Iterator[tuple[str, str]]:
    """Yield key and text of each variable that sets a setting, such as UNSIT_MQTT__HOST.

    pydantic-settings takes half of the time of a reading to import, and few chairs have variables.
    """
    given = environment()
    if not given:
        return
    from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

    class Environment(BaseSettings):
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")

    parts: dict[str, Any] = {section.name: (section.type, ...) for section in fields(Settings)}
    source = EnvSettingsSource(create_model("Environment", __base__=Environment, **parts))
    source.env_vars = {name.lower(): text for name, text in given.items()}
    yield from _flat(source())


def _check_environment() -> None:
    """Refuse variables that look like a setting and name none."""
    names = {variable(key) for key in known_keys()}
    section_prefixes = tuple(f"{PREFIX}{section}_".upper() for section in sections())
    variable_of_name = {key.partition(".")[2].upper(): variable(key) for key in known_keys()}
    for given in sorted(os.environ):
        name = given.lstrip(BYTE_ORDER_MARK).upper()
        if not name.startswith(PREFIX) or name in names:
            continue
        if (section := name.removeprefix(PREFIX).lower()) in sections():
            example = variable(f"{section}.{sections()[section][0]}")
            raise SettingsError(
                f"{given}: a variable sets one setting of {section}, such as {example}"
            )
        if "__" in name or name.startswith(section_prefixes):
            raise SettingsError(f"{given}: there is no such setting{_nearest(name, names)}")
        if name.removeprefix(PREFIX) in variable_of_name:
            meant = variable_of_name[name.removeprefix(PREFIX)]
            raise SettingsError(f"{given}: there is no such setting; did you mean {meant}?")


def _check_known(key: str, origin: str) -> None:
    known = known_keys()
    inner = key.partition(".")[2]
    if key not in known and inner in known:  # a whole key, such as that of a fix, below a section
        section, _, name = inner.partition(".")
        raise SettingsError(
            f"{origin}: there is no setting {key}; write {inner} as {name} below [{section}], or "
            "above the first section"
        )
    if key not in known:
        raise SettingsError(f"{origin}: there is no setting {key}{_nearest(key, known)}")


def _nearest(key: str, known: Sequence[str] | set[str]) -> str:
    found = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.0)
    return f"; the nearest is {found[0]}" if found else ""


def _prepare_texts(merged: Tree, origins: Mapping[str, str]) -> None:
    """Take an empty text as no value where there may be none; refuse control characters."""
    for section, values in merged.items():
        for name, value in values.items():
            key = f"{section}.{name}"
            if value == "" and key in _OPTIONAL:
                values[name] = None
            if isinstance(value, str):
                parts = value.split(",") if key in LISTS else [value]
                lines = [part.strip(_BETWEEN) if key in LISTS else part for part in parts]
                if (character := control_character("".join(lines))) is not None:
                    raise SettingsError(
                        f"{origins[key]}: {key} = {_shown(value)}: it has the control "
                        f"character {character}; expected only characters that can be read"
                    )


def _validate(merged: Tree, origins: Mapping[str, str]) -> Settings:
    try:
        return _VALIDATOR.validate_python(merged)
    except ValidationError as error:
        raise SettingsError(_first_of(error, merged, origins)) from None


def _first_of(error: ValidationError, merged: Tree, origins: Mapping[str, str]) -> str:
    first, *others = error.errors()
    section, name = (*(str(part) for part in first["loc"][:2]), "", "")[:2]
    key = f"{section}.{name}".strip(".")
    reason = first["msg"].removeprefix("Value error, ")
    more = f" (and {len(others)} more)" if others else ""
    if not key:
        return f"{reason}{more}"
    value = merged.get(section, {}).get(name)
    return f"{origins.get(key, ORIGIN_DEFAULT)}: {key} = {_shown(value)}: {reason}{more}"


def _shown(value: Any) -> str:
    """Return a value as its file has it, without the login of a URL, which can be a password."""
    if isinstance(value, date | time):  # TOML has these without quotation marks
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return repr(_LOGIN_IN_URL.sub("…@", value) if isinstance(value, str) else value)


def _flat(tree: Tree, above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and (value or f"{above}{key}" in sections()):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
