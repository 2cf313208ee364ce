"""Reads the settings: defaults, over them one file, the environment, and the flags."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from unsit.errors import SettingsError
from unsit.settings.file import PREFIX, Tree, find_file, read_file, split_flag, variable
from unsit.settings.loaded import DEFAULT, Loaded
from unsit.settings.model import Settings
from unsit.settings.programme import read_programme
from unsit.words import words_of


class _Environment(BaseSettings):
    """How a setting is written in the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )


_VALIDATOR = TypeAdapter(Settings)

_LOGIN = re.compile(r"[^/\s]*@")


def load(config: str | None = None, flags: Sequence[str] = ()) -> Loaded:
    """Reads every layer of settings.

    config: the file's name; None for ``$UNSIT_CONFIG``, else the first there is of
        /etc/unsit/unsit.toml and $XDG_CONFIG_HOME/unsit/unsit.toml.
    flags: ``key=value``, such as ``sitting.move_after=45m``.

    Raises SettingsError for a file that cannot be read, an unknown key or a bad value, and for a
    bad file of exercises.
    """
    merged: Tree = {}
    origins: dict[str, str] = {}
    for origin, key, value in _layers(find_file(config), flags):
        _check_known(key, origin)
        origins[key] = origin
        _put(merged, key, value)
    settings = _validate(merged, origins)
    programme = read_programme(settings.exercises, words_of(settings.chair.language))
    return Loaded(settings, origins, programme)


def known_keys() -> list[str]:
    """Every key there is, as ``section.name``."""
    return [f"{section}.{key}" for section, keys in sections().items() for key in keys]


def sections() -> dict[str, list[str]]:
    """The names of the settings in each section."""
    return {
        section.name: [setting.name for setting in fields(section.type)]  # type: ignore[arg-type]
        for section in fields(Settings)
    }


def _layers(file: Path | None, flags: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    if file is not None:
        for key, value in _flat(read_file(file)):
            yield str(file), key, value
    _check_environment()
    for key, value in _flat(_read_environment()):
        yield variable(key), key, value
    for flag in flags:
        key, value = split_flag(flag)
        yield f"--set {key}", key, value


def _environment() -> type[BaseSettings]:
    """The settings in the form in which pydantic-settings looks for them."""
    parts: dict[str, Any] = {section.name: (section.type, ...) for section in fields(Settings)}
    return create_model("Environment", __base__=_Environment, **parts)


def _read_environment() -> Tree:
    try:
        return EnvSettingsSource(_environment())()
    except SourceError as error:
        raise SettingsError(f"the environment cannot be read: {error}") from None


def _check_environment() -> None:
    """Finds names that no setting answers to; the source passes them over in silence."""
    names = {variable(key) for key in known_keys()}
    beginnings = tuple(f"{PREFIX}{section}_".upper() for section in sections())
    leaves = {key.partition(".")[2].upper(): variable(key) for key in known_keys()}
    for given in sorted(os.environ):
        name = given.upper()
        if not name.startswith(PREFIX) or name in names:
            continue
        if "__" in name or name.startswith(beginnings):
            raise SettingsError(f"{given}: there is no such setting{_nearest(name, names)}")
        if name.removeprefix(PREFIX) in leaves:
            meant = leaves[name.removeprefix(PREFIX)]
            raise SettingsError(f"{given}: there is no such setting; did you mean {meant}?")


def _check_known(key: str, origin: str) -> None:
    known = known_keys()
    if key not in known:
        raise SettingsError(f"{origin}: there is no setting {key}{_nearest(key, known)}")


def _nearest(key: str, known: Sequence[str] | set[str]) -> str:
    found = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.0)
    return f"; the nearest is {found[0]}" if found else ""


def _validate(merged: Tree, origins: Mapping[str, str]) -> Settings:
    try:
        return _VALIDATOR.validate_python(merged)
    except ValidationError as error:
        raise SettingsError(_first_of(error, merged, origins)) from None


def _first_of(error: ValidationError, merged: Tree, origins: Mapping[str, str]) -> str:
    first, *others = error.errors()
    section, name = (*(str(part) for part in first["loc"][:2]), "", "")[:2]
    key = f"{section}.{name}".strip(".")
    what = first["msg"].removeprefix("Value error, ")
    more = f" (and {len(others)} more)" if others else ""
    if not key:
        return f"{what}{more}"
    value = merged.get(section, {}).get(name)
    return f"{origins.get(key, DEFAULT)}: {key} = {_without_login(value)!r}: {what}{more}"


def _without_login(value: Any) -> Any:
    """A value that can be shown; an address may have been written with the password in it."""
    return _LOGIN.sub("…@", value) if isinstance(value, str) else value


def _flat(tree: Tree, above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and (value or f"{above}{key}" in sections()):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _put(tree: Tree, key: str, value: Any) -> None:
    section, _, name = key.partition(".")
    tree.setdefault(section, {})[name] = value
