"""Where state is kept."""

import os
from pathlib import Path


def state_directory(chosen: str | None) -> Path:
    """Where state is kept; systemd names it, else the user's own place for state."""
    if directory := chosen or os.environ.get("STATE_DIRECTORY"):
        return Path(directory)
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(home) / "unsit"
