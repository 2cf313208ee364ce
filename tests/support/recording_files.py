"""Rows of recordings and texts of their errors, for tests."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from unsit_firmware import RecordingError
from unsit_firmware.recording import Move, Recording

NINE = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # recordings may be naive

SECOND = timedelta(seconds=1)

HEADER = b"ts,contact\n"

ROW = b"2026-01-05T09:00:00,1\n"


def moves_of(file: Path, content: bytes) -> list[Move]:
    file.write_bytes(content)
    return list(Recording(str(file)).moves())


def refusal_of(file: Path) -> str:
    """Return the error of a file without the file's name: the line and the reason."""
    with pytest.raises(RecordingError) as check:
        Recording(str(file)).check()
    with pytest.raises(RecordingError) as moves:
        list(Recording(str(file)).moves())
    assert str(moves.value) == str(check.value)
    return behind_name(check.value, str(file))


def behind_name(error: RecordingError, name: str) -> str:
    text = str(error)
    assert len(text.splitlines()) == 1
    assert text.startswith(f"{name}:")
    return text.removeprefix(f"{name}:")


PLAIN = b"ts,contact\n2026-01-05T09:00:00,0\n2026-01-05T09:00:01,1\n2026-01-05T09:00:03,0\n"

PLAIN_MOVES = [(0 * SECOND, False), (1 * SECOND, True), (3 * SECOND, False)]

TIME = "ISO 8601 like 2026-01-05T09:00:00.100"

YEARS = "in the years 1970 to 2999"

LEVEL = "expected 1 (pressed) or 0 (released)"

COLUMNS = "expected 2 value(s): ts,contact"

TITLES = "expected ts,contact"

KINDS = "expected one kind throughout"

CSV = "expected comma separated values"
