"""Shows the settings in force, as a file of settings."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from unsit.settings.duration import format_duration
from unsit.settings.loaded import DEFAULT, Loaded


def as_toml(loaded: Loaded) -> str:
    """The settings as TOML; behind each value stands where it came from.

    What is printed can be used as a file of settings. A setting without a value is a comment.
    """
    lines: list[str] = []
    for section, values in asdict(loaded.settings).items():
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for key, value in values.items():
            origin = loaded.origins.get(f"{section}.{key}", DEFAULT)
            lines.append(f"{as_line(key, value):<32}  # {origin}")
    return "\n".join(lines) + "\n"


def as_line(key: str, value: Any) -> str:
    """A setting as a line of TOML; a comment for one without a value."""
    if value is None:
        return f"# {key} is not set"
    written = format_duration(value) if isinstance(value, timedelta) else value
    shown = json.dumps(written, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML wants it so
    return f"{key} = {shown}"
