"""Writes the answers: the file of settings and the password, each whole or not at all."""

import os
from difflib import unified_diff
from pathlib import Path

from unsit.assembly.broker import PASSWORD_CREDENTIAL, credential_file
from unsit.checkup.machine import Machine
from unsit.errors import UnavailableError
from unsit.settings.edit import begun, edited, loaded, save
from unsit.setup.draft import Draft

SYSTEM = Path("/etc/unsit/unsit.toml")


def default_file() -> Path:
    """Where a new file of settings belongs: the system's for root, else the user's own."""
    if os.geteuid() == 0:
        return SYSTEM
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(home) / "unsit" / "unsit.toml"


def check_place(file: Path) -> None:
    """Finds out before all the questions whether a file could be written at their end.

    Raises PermissionError or UnavailableError.
    """
    there = next(place for place in file.absolute().parents if os.path.lexists(place))
    if not there.is_dir():
        raise UnavailableError(f"{file} cannot be written: {there} is no directory")
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=True):
        raise PermissionError(f"{there} cannot be written by this user; use sudo, or --config FILE")


def text_of(draft: Draft, file: Path) -> tuple[str, str]:
    """The file as it is, empty if there is none, and as it will be.

    Raises SettingsError for answers that do not go together.
    """
    if not file.is_file():
        return "", begun(draft.answers)
    before = file.read_text(encoding="utf-8")
    after = edited(before, draft.answers)
    loaded(after)
    return before, after


def difference(before: str, after: str) -> str:
    """What changes, line by line."""
    lines = unified_diff(
        before.splitlines(), after.splitlines(), "as it is", "as it will be", "", "", 1
    )
    return "\n".join(line.rstrip() for line in lines)


def place_password(draft: Draft, file: Path, unit: str, machine: Machine) -> Path | None:
    """Decides where a typed password goes; None where there is none to keep.

    With systemd and as root that is where the unit's credential is looked for, else a file beside
    the settings.
    """
    if draft.password is None:
        return None
    if os.geteuid() == 0 and machine.path("/run/systemd/system").exists():
        draft.answer(mqtt__password_file=None)
        return machine.path(credential_file(unit))
    beside = file.with_name(PASSWORD_CREDENTIAL).absolute()
    draft.answer(mqtt__password_file=str(beside))
    return beside


def write(after: str, file: Path, password: str | None, place: Path | None) -> Path | None:
    """Writes both; where the old settings are kept, None where there were none."""
    if place is not None and password is not None:
        if place.parent != file.parent:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        save(place, f"{password}\n", mode=0o600, keep=False)
    return save(file, after)
