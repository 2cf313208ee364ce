"""Recordings that are written and read back."""

import gzip
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.recording_files import (
    NINE,
    PLAIN_MOVES,
    SECOND,
)
from unsit_firmware.recording import Extent, Recording, RecordingWriter


@pytest.mark.parametrize("name", ["chair.csv", "chair.csv.gz"])
def test_written_rows_are_read_back(name: str, tmp_path: Path) -> None:
    file = str(tmp_path / name)
    writer = RecordingWriter(file)
    for at, pressed in PLAIN_MOVES:
        writer.write(NINE + at, pressed)
    writer.close()
    assert list(Recording(file).moves()) == PLAIN_MOVES
    assert Recording(file).check() == Extent(NINE, 3 * SECOND, rows=3, repeats=0)


def test_a_recording_is_written_as_the_contract_says(file: Path) -> None:
    writer = RecordingWriter(str(file))
    writer.write(NINE, True)
    writer.write(datetime(2026, 1, 5, 10, 0, 0, 1999, timezone(timedelta(hours=1))), False)
    writer.close()
    assert file.read_bytes() == (
        b"ts,contact\n2026-01-05T09:00:00.000,1\n2026-01-05T10:00:00.001+01:00,0\n"
    )


def test_a_recording_named_gz_is_written_as_gzip(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    writer = RecordingWriter(str(file))
    writer.write(NINE, True)
    writer.close()
    assert gzip.decompress(file.read_bytes()) == b"ts,contact\n2026-01-05T09:00:00.000,1\n"


def test_a_row_is_in_the_file_when_write_returns(file: Path) -> None:
    writer = RecordingWriter(str(file))
    writer.write(NINE, True)
    assert file.read_bytes() == b"ts,contact\n2026-01-05T09:00:00.000,1\n"
    writer.close()


@pytest.mark.parametrize("name", ["chair.csv", "chair.csv.gz"])
def test_a_recording_is_never_overwritten(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        RecordingWriter(str(file))
    assert file.read_bytes() == b"precious"


offsets = st.none() | st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


def _starts(offset: timezone | None) -> st.SearchStrategy[datetime]:
    since_1970 = st.integers(0, 4_000_000_000_000_000)
    return since_1970.map(
        lambda us: datetime(1970, 1, 1, tzinfo=offset) + timedelta(microseconds=us)
    )


starts = offsets.flatmap(_starts)

waits = st.integers(0, 10**12).map(lambda us: timedelta(microseconds=us))


@settings(deadline=None)
@given(
    start=starts,
    steps=st.lists(st.tuples(waits, st.booleans()), min_size=1, max_size=20),
    suffix=st.sampled_from([".csv", ".csv.gz"]),
)
def test_any_written_rows_are_read_back_to_the_millisecond(
    start: datetime,
    steps: list[tuple[timedelta, bool]],
    suffix: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = str(tmp_path_factory.mktemp("written") / f"chair{suffix}")
    writer = RecordingWriter(file)
    rows: list[tuple[datetime, bool]] = []
    for wait, pressed in steps:
        at = (rows[-1][0] if rows else start) + wait
        rows.append((at, pressed))
        writer.write(at, pressed)
    writer.close()
    written = [(_to_the_millisecond(at), pressed) for at, pressed in rows]
    assert Recording(file).check().start == written[0][0]
    assert list(Recording(file).moves()) == [
        (at - written[0][0], pressed) for at, pressed in written
    ]


def _to_the_millisecond(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
