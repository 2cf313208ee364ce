"""Sources of the settings: their files, the environment and the flags, read without pydantic.

Editors of other systems leave marks that nobody sees: a byte order mark at the beginning, CR LF at
the end of a line, blanks around a value. The readers here drop them, and the service, ``unsit
check``, ``unsit setup`` and ``unsit silence`` use no others.
"""

import codecs
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from unsit.errors import SettingsError, UnsitError, UsageError
from unsit.settings.model import BuzzerSettings

PREFIX = "UNSIT_"
"""Prefix of the environment variables that set a setting."""

Tree = dict[str, Any]

BYTE_ORDER_MARK = "\ufeff"

_INVISIBLE = " \t\r\n" + BYTE_ORDER_MARK
"""Characters that are dropped at both ends of a variable; Windows ends its lines with CR LF."""

_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories: control characters, halves of characters, line and paragraph separators."""

_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text after them, so that it reads as another one."""

SYSTEM_FILE = Path("/etc/unsit/unsit.toml")


def user_file() -> Path:
    """Return the place of the user's own settings file."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(home) / "unsit" / "unsit.toml"


def find_file(config: str | None) -> Path | None:
    """Return the settings file: the given one, else ``$UNSIT_CONFIG``, else an existing one.

    The system's file goes before the user's own; None if neither exists.

    Raises SettingsError for a name without a character.
    """
    name = environment().get(f"{PREFIX}CONFIG") if config is None else config
    if name is not None:
        if not name.strip():
            where = f"{PREFIX}CONFIG" if config is None else "--config"
            raise SettingsError(f"{where}: empty; expected the name of a settings file")
        return Path(name)
    return next((file for file in (SYSTEM_FILE, user_file()) if os.path.exists(file)), None)


def read_file(file: Path, expected: str = "a settings file") -> Tree:
    """Return the tables in a TOML file. Raises SettingsError if it is missing or is not TOML."""
    content = read_text(file, expected)
    import tomllib  # a start with remembered settings reads no file

    try:
        return tomllib.loads(content)
    except RecursionError:
        raise SettingsError(f"{file}: nested too deeply; expected {expected}") from None
    except ValueError as error:  # TOMLDecodeError, or a number with more digits than Python reads
        raise SettingsError(f"{file}: not TOML: {error}") from None


def read_text(file: Path, expected: str = "a settings file") -> str:
    """Return the text of a TOML file. Raises SettingsError if it is missing or is no text."""
    try:
        if not file.exists():
            raise SettingsError(f"{file}: there is no such file; expected {expected}")
        if file.is_dir():
            raise SettingsError(f"{file}: this is a directory; expected {expected}")
        return decode_text(file.read_bytes())
    except NoText as error:
        raise SettingsError(f"{file}: {error}; expected TOML") from None
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise SettingsError(f"{file}: the name is too long; expected {expected}") from None


class NoText(ValueError):  # noqa: N818  # it says what the content is not
    """Content of a file that is no text in UTF-8; the message shows none of it."""


def decode_text(content: bytes) -> str:
    """Return the text of a file without byte order marks, each line ending with a line feed.

    Raises NoText for anything but UTF-8.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _alternates(content):
        raise NoText("not UTF-8 text but UTF-16, as Windows saves Unicode; save it as UTF-8")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = len(content[: error.start].replace(b"\r\n", b"\n").splitlines() or [b""])
        raise NoText(f"not UTF-8 text in line {line}; save it as UTF-8") from None
    return text.lstrip(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")


def _alternates(content: bytes) -> bool:
    """Return whether every other byte is zero for the most part, as in UTF-16 without a mark."""
    beginning = content[:200]
    halves = (beginning[::2], beginning[1::2])
    return any(half.count(0) > len(half) / 2 for half in halves) and not all(map(_is_zero, halves))


def _is_zero(content: bytes) -> bool:
    return not content.strip(b"\0")


def control_character(text: str) -> str | None:
    """Return the name of the first character that would steer a terminal or a line of the log.

    Blanks, also wide ones, and characters that join others (as in some emoji) are none.
    """
    import unicodedata  # the running service reads no texts

    for character in text:
        if unicodedata.category(character) in _CONTROLS or character in _DIRECTIONS:
            return f"U+{ord(character):04X}"
    return None


def environment() -> dict[str, str]:
    """Return the variables with the prefix, by their names in upper case.

    A name in upper case goes before the same one in lower case.
    """
    given = sorted(os.environ.items(), reverse=True)
    named = ((name.lstrip(BYTE_ORDER_MARK).upper(), text) for name, text in given)
    return {name: text.strip(_INVISIBLE) for name, text in named if name.startswith(PREFIX)}


def variable(key: str) -> str:
    """Return the environment variable of a setting such as ``sitting.move_after``."""
    return PREFIX + key.replace(".", "__").upper()


def split_flag(flag: str) -> tuple[str, str]:
    """Split a flag such as ``sitting.move_after=45m`` into key and value. Raises SettingsError."""
    key, equals, value = flag.partition("=")
    if not equals:
        raise SettingsError(f"--set {flag}: expected KEY=VALUE, such as sitting.move_after=45m")
    return key.strip(), value.strip()


def state_directory(chosen: str | None, unit: str | None = None) -> Path:
    """Return the state directory: the chosen one, else systemd's, else the user's own.

    unit: a systemd unit; its state directory, if there is one, goes before the user's own.

    Raises UsageError for a name that can be none of a directory.
    """
    if directory := chosen or os.environ.get("STATE_DIRECTORY"):
        _check_directory(directory, "--state-dir" if chosen else "STATE_DIRECTORY")
    elif unit is not None:
        of_unit = Path("/var/lib", unit.replace("@", "-"))
        if os.path.lexists(of_unit):
            return of_unit
    return own_state_directory(chosen)


def own_state_directory(chosen: str | None) -> Path:
    """Return the same for the service itself, which goes on without a directory that it can use."""
    if directory := chosen or os.environ.get("STATE_DIRECTORY"):
        return Path(directory)
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(home) / "unsit"


def _check_directory(name: str, origin: str) -> None:
    try:
        is_other = not stat.S_ISDIR(os.stat(name).st_mode)
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP):
            return  # it may be made, or it is out of this user's reach: then the reader says so
        raise UsageError(f"{origin} {name}: {error.strerror}; expected a directory") from None
    if is_other:
        raise UsageError(f"{origin} {name}: this is no directory; expected a directory")


def settings_file(chosen: str | None, unit: str) -> str | None:
    """Return the chosen settings file, else that of a unit like ``unsit@left``, else None."""
    _, is_instance, name = unit.partition("@")
    if chosen or not is_instance:
        return chosen
    return f"/etc/unsit/{name}.toml"


Complain = Callable[[str], None]
"""Reports a setting that cannot be used."""

_PINS = range(28)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def buzzer_settings(config: str | None, flags: Sequence[str], complain: Complain) -> BuzzerSettings:
    """Return the pin and kind of the buzzer; complain about a bad setting and use its default."""
    given = dict(_buzzer_layers(config, flags, complain))
    default = BuzzerSettings()
    pin = _parsed(given, "pin", _parse_pin, default.pin, complain)
    active_high = _parsed(given, "active_high", _parse_boolean, default.active_high, complain)
    kind = "none" if given.get("kind") == "none" else default.kind
    return BuzzerSettings(kind=kind, pin=pin, active_high=active_high)


def _buzzer_layers(
    config: str | None, flags: Sequence[str], complain: Complain
) -> Iterator[tuple[str, Any]]:
    try:
        file = find_file(config)
        yield from ({} if file is None else read_file(file).get("buzzer", {})).items()
    except (UnsitError, OSError, AttributeError) as error:
        complain(f"{error}; the buzzer's default pin is used")
    variables = environment()
    for name in ("kind", "pin", "active_high"):
        if (text := variables.get(variable(f"buzzer.{name}"))) is not None:
            yield name, text
    for key, text in map(split_flag, flags):
        if key.startswith("buzzer."):
            yield key.removeprefix("buzzer."), text


def _parsed(
    given: dict[str, Any],
    name: str,
    parse: Callable[[Any], Any],
    default: Any,
    complain: Complain,
) -> Any:
    if name not in given:
        return default
    try:
        return parse(given[name])
    except (ValueError, KeyError, TypeError):
        complain(f"buzzer.{name} = {given[name]!r} is not valid; the default {default} is used")
        return default


def _parse_pin(value: Any) -> int:
    return _PINS[_PINS.index(int(value))]


def _parse_boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else _BOOLEANS[str(value).lower()]
