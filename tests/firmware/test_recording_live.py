"""Live rows."""

from collections.abc import Iterator

import pytest

from support.recording_files import COLUMNS, LEVEL, PLAIN, TIME, TITLES, behind_name
from unsit_firmware import RecordingError
from unsit_firmware.recording import LiveRows


def test_live_rows_may_be_levels_alone() -> None:
    assert list(LiveRows("-", ["contact\n", "1\n", "0\n", "0\n"]).levels()) == [True, False, False]


def test_live_rows_may_have_times() -> None:
    lines = PLAIN.decode().splitlines(keepends=True)
    assert list(LiveRows("-", lines).levels()) == [False, True, False]


def test_live_rows_may_have_comments_and_blanks_and_any_line_end() -> None:
    lines = ["# go\r\n", "contact\r\n", "\r\n", "1\r\n", "# now\n", "0"]
    assert list(LiveRows("-", lines).levels()) == [True, False]


def test_live_rows_may_end_at_once_behind_the_header() -> None:
    assert list(LiveRows("-", ["contact\n"]).levels()) == []


def test_a_live_level_is_there_before_the_next_row_is_read() -> None:
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in ["contact\n", "1\n", "0\n"]:
            read.append(line)
            yield line

    levels = LiveRows("-", lines()).levels()
    assert next(levels) is True
    assert read == ["contact\n", "1\n"]
    assert next(levels) is False


@pytest.mark.parametrize(
    ("lines", "line", "read", "expected"),
    [
        ([], 1, "nothing in it", TITLES),
        (["level\n"], 1, "'level'", TITLES),
        (["1\n"], 1, "'1'", TITLES),
        (["contact\n", "1\n", "2\n"], 3, "contact '2'", LEVEL),
        (["contact\n", "2026-01-05T09:00:00,1\n"], 2, ",1'", "expected 1 value(s): contact"),
        (["# go\n", "contact\n", "\n", "on\n"], 4, "contact 'on'", LEVEL),
        (["ts,contact\n", "1\n"], 2, "read '1'", COLUMNS),
        (["ts,contact\n", "soon,1\n"], 2, "ts 'soon'", TIME),
        (
            ["ts,contact\n", "2026-01-05T09:00:01,1\n", "2026-01-05T09:00:00,0\n"],
            3,
            "'2026-01-05T09:00:00' is earlier",
            "or later",
        ),
    ],
)
def test_a_wrong_live_row_is_refused_with_its_line(
    lines: list[str], line: int, read: str, expected: str
) -> None:
    with pytest.raises(RecordingError) as error:
        list(LiveRows("-", lines).levels())
    refusal = behind_name(error.value, "-")
    assert refusal.startswith(f"{line}: ")
    assert read in refusal
    assert expected in refusal


def test_levels_before_the_wrong_row_are_given() -> None:
    levels = LiveRows("-", ["contact\n", "1\n", "on\n"]).levels()
    assert next(levels) is True
    with pytest.raises(RecordingError):
        next(levels)
