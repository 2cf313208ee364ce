"""Recordings in all accepted forms."""

import gzip
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.recording_files import (
    HEADER,
    NINE,
    PLAIN,
    PLAIN_MOVES,
    ROW,
    SECOND,
    moves_of,
)
from unsit_firmware import RecordingError
from unsit_firmware.recording import Extent, Recording


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PLAIN, id="as it is written"),
        pytest.param(b"# of a chair\n\n" + PLAIN, id="a comment and a blank line first"),
        pytest.param(PLAIN.replace(b"\n", b"\n#,,\n \t\n"), id="comments and blanks between rows"),
        pytest.param(PLAIN.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(PLAIN.replace(b"\n", b"\r\n# more\r\n\r\n"), id="CRLF, comments and blanks"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN, id="a byte order mark"),
        pytest.param(b"\xef\xbb\xbf# first\r\n" + PLAIN, id="a byte order mark and a comment"),
        pytest.param(PLAIN.rstrip(b"\n"), id="no newline at the end"),
        pytest.param(PLAIN + b"\n\n# the end", id="a comment at the end"),
        pytest.param("# Stühle, 椅子\n".encode() + PLAIN, id="a comment in UTF-8"),
        pytest.param(PLAIN.replace(b"T", b" "), id="a space before the time of day"),
        pytest.param(PLAIN.replace(b",0", b'+01:00,"0"').replace(b",1", b"+01:00,1"), id="quotes"),
    ],
)
def test_a_recording_is_read_in_every_accepted_form(content: bytes, file: Path) -> None:
    assert moves_of(file, content) == PLAIN_MOVES


def test_a_recording_that_is_named_gz_is_a_gzip_file(tmp_path: Path) -> None:
    assert moves_of(tmp_path / "chair.csv.gz", gzip.compress(PLAIN)) == PLAIN_MOVES
    assert moves_of(tmp_path / "bom.gz", gzip.compress(b"\xef\xbb\xbf" + PLAIN)) == PLAIN_MOVES


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("2026-01-05T09:00:00", "2026-01-05T09:00:00.5", 0.5),
        ("2026-01-05T09:00:00.250", "2026-01-05T09:00:01", 0.75),
        ("2026-01-05T09:00:00.000001", "2026-01-05T09:00:00.000003", 2e-6),
        ("2026-01-05T09:00", "2026-01-05T09:01", 60),
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", 0),
        ("2026-01-05T09:00:00+01:00", "2026-01-05T09:00:00+00:00", 3600),
        ("2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00", 1),
        ("2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00", 1),
        ("2026-12-31T23:59:59", "2027-01-01T00:00:00", 1),
        ("1970-01-01T00:00:00", "1970-01-01T00:00:01", 1),
        ("2999-12-31T23:59:58", "2999-12-31T23:59:59", 1),
    ],
)
def test_the_time_between_rows_is_exact_whatever_their_form(
    first: str, second: str, apart: float, file: Path
) -> None:
    moves = moves_of(file, f"ts,contact\n{first},1\n{second},0\n".encode())
    assert moves == [(0 * SECOND, True), (apart * SECOND, False)]


def test_a_repeated_value_is_a_row(file: Path) -> None:
    moves = moves_of(file, HEADER + ROW * 3)
    assert moves == [(0 * SECOND, True)] * 3


def test_a_check_returns_the_extent_of_the_recording(file: Path) -> None:
    file.write_bytes(b"# note\n" + PLAIN + b"2026-01-05T09:00:04,0\n2026-01-05T09:00:05.5,0\n")
    assert Recording(str(file)).check() == Extent(NINE, 5.5 * SECOND, rows=5, repeats=2)


def test_the_start_of_a_recording_has_the_offset_of_its_times(file: Path) -> None:
    file.write_bytes(HEADER + b"2026-01-05T09:00:00+01:00,1\n")
    start = Recording(str(file)).check().start
    assert start == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert start.utcoffset() == timedelta(hours=1)


def test_a_check_calls_for_every_row(file: Path) -> None:
    file.write_bytes(b"# note\n" + PLAIN)
    calls: list[None] = []
    Recording(str(file)).check(lambda: calls.append(None))
    assert len(calls) == 3


def test_a_recording_can_be_read_again(file: Path) -> None:
    file.write_bytes(PLAIN)
    recording = Recording(str(file))
    recording.check()
    assert list(recording.moves()) == PLAIN_MOVES
    assert list(recording.moves()) == PLAIN_MOVES


def test_the_moves_before_the_wrong_row_are_read(file: Path) -> None:
    file.write_bytes(PLAIN + b"2026-01-05T09:00:04,on\n")
    moves = Recording(str(file)).moves()
    assert list(itertools.islice(moves, 3)) == PLAIN_MOVES
    with pytest.raises(RecordingError):
        next(moves)
