"""Where state and settings are kept."""

import os
from pathlib import Path


def state_directory(chosen: str | None, unit: str | None = None) -> Path:
    """Where state is kept; systemd names it, else the user's own place for state.

    unit: a systemd unit; what it keeps its state in goes before the user's own place.
    """
    if directory := chosen or os.environ.get("STATE_DIRECTORY"):
        return Path(directory)
    if unit is not None and os.path.lexists(units := Path("/var/lib", unit.replace("@", "-"))):
        return units
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(home) / "unsit"


def settings_file(chosen: str | None, unit: str) -> str | None:
    """The file of settings that is named, else that of a unit which is one of several."""
    _, is_one_of_several, name = unit.partition("@")
    if chosen or not is_one_of_several:
        return chosen
    return f"/etc/unsit/{name}.toml"
