"""The file of settings: which one it is, and what stands in it."""

import errno
import os
import tomllib
from pathlib import Path
from typing import Any

from unsit.errors import SettingsError

PREFIX = "UNSIT_"
"""What every variable of the environment begins with that has a setting."""

Tree = dict[str, Any]


def find_file(config: str | None) -> Path | None:
    """The file that is named, else ``$UNSIT_CONFIG``, else the first there is of two places."""
    chosen = config or os.environ.get(f"{PREFIX}CONFIG")
    if chosen:
        return Path(chosen)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))
    candidates = [Path("/etc/unsit/unsit.toml"), home / "unsit" / "unsit.toml"]
    return next((file for file in candidates if os.path.exists(file)), None)


def read_file(file: Path, expected: str = "a file of settings") -> Tree:
    """The tables in a file. Raises SettingsError for one that is missing or no TOML."""
    try:
        if not file.exists():
            raise SettingsError(f"{file}: there is no such file; expected {expected}")
        if file.is_dir():
            raise SettingsError(f"{file}: this is a directory; expected {expected}")
        content = file.read_bytes().decode()
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: not UTF-8 text; expected TOML") from None
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise SettingsError(f"{file}: the name is too long; expected {expected}") from None
    try:
        return tomllib.loads(content)
    except RecursionError:
        raise SettingsError(f"{file}: nested too deeply; expected {expected}") from None
    except ValueError as error:  # TOML's own, and numbers of more digits than Python reads
        raise SettingsError(f"{file}: not TOML: {error}") from None


def variable(key: str) -> str:
    """The environment's name of a setting such as ``sitting.move_after``."""
    return PREFIX + key.replace(".", "__").upper()


def split_flag(flag: str) -> tuple[str, str]:
    """Key and value of a flag such as ``sitting.move_after=45m``. Raises SettingsError."""
    key, equals, value = flag.partition("=")
    if not equals:
        raise SettingsError(f"--set {flag}: expected KEY=VALUE, such as sitting.move_after=45m")
    return key.strip(), value.strip()
