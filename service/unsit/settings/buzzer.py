"""The buzzer's settings, read without the validator and whatever else is wrong.

For a command that must silence the pin at once, even where the file has been damaged since.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from unsit.errors import UnsitError
from unsit.settings.file import find_file, read_file, split_flag, variable
from unsit.settings.model import BuzzerSettings

Complain = Callable[[str], None]

_PINS = range(28)
_SWITCH = {"true": True, "false": False, "1": True, "0": False}


def buzzer_settings(config: str | None, flags: Sequence[str], complain: Complain) -> BuzzerSettings:
    """Where the buzzer is; the default, and a complaint, for what cannot be read."""
    given = dict(_layers(config, flags, complain))
    default = BuzzerSettings()
    pin = _value(given, "pin", _pin, default.pin, complain)
    active_high = _value(given, "active_high", _switch, default.active_high, complain)
    kind = "none" if given.get("kind") == "none" else default.kind
    return BuzzerSettings(kind=kind, pin=pin, active_high=active_high)


def _layers(
    config: str | None, flags: Sequence[str], complain: Complain
) -> Iterator[tuple[str, Any]]:
    try:
        file = find_file(config)
        yield from ({} if file is None else read_file(file).get("buzzer", {})).items()
    except (UnsitError, OSError, AttributeError) as error:
        complain(f"{error}; the buzzer is taken to be where it is by default")
    for name in ("kind", "pin", "active_high"):
        if text := os.environ.get(variable(f"buzzer.{name}")):
            yield name, text
    for key, text in map(split_flag, flags):
        if key.startswith("buzzer."):
            yield key.removeprefix("buzzer."), text


def _value(
    given: dict[str, Any],
    name: str,
    read: Callable[[Any], Any],
    default: Any,
    complain: Complain,
) -> Any:
    if name not in given:
        return default
    try:
        return read(given[name])
    except (ValueError, KeyError, TypeError):
        complain(f"buzzer.{name} = {given[name]!r} cannot be; {default} is taken")
        return default


def _pin(value: Any) -> int:
    return _PINS[_PINS.index(int(value))]


def _switch(value: Any) -> bool:
    return value if isinstance(value, bool) else _SWITCH[str(value).lower()]
