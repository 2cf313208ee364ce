"""Settings that are texts: several values with commas between them, and times of day."""

import re
from datetime import time


def parts(text: str) -> tuple[str, ...]:
    """What stands between the commas, without the blanks around it; what is empty is left out."""
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def parse_time(text: str) -> time:
    """A time of day like ``13:30``. Raises ValueError with what is expected."""
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text.strip())
    if found is None or int(found[1]) > 23:
        raise ValueError("expected a time of day from 00:00 to 23:59, like 13:30")
    return time(int(found[1]), int(found[2]))
