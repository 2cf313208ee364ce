"""Shows the settings in force, as a file of settings."""

import json
from typing import Any

from unsit.settings.load import DEFAULT, Loaded


def as_toml(loaded: Loaded) -> str:
    """The settings as TOML; behind each value stands where it came from.

    What is printed can be used as a file of settings. A setting without a value is a comment.
    """
    lines: list[str] = []
    for section, values in loaded.settings.model_dump().items():
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for key, value in values.items():
            origin = loaded.origins.get(f"{section}.{key}", DEFAULT)
            lines.append(f"{_line(key, value):<32}  # {origin}")
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    if value is None:
        return f"# {key} is not set"
    shown = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML wants it so
    return f"{key} = {shown}"
