"""Recordings of loads: headers, rows, and changes or series of readings."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from unsit_firmware import RecordingError
from unsit_firmware.recording import Columns, LiveRows, Recording, RecordingWriter, columns_of

NINE = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # recordings may be local
SECOND = timedelta(seconds=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chair.csv"


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("grams", Columns("grams")),
        ("raw", Columns("raw")),
        ("raw_left,raw_right", Columns("raw", ("left", "right"))),
        ("grams_back,grams_front", Columns("grams", ("back", "front"))),
        (
            "raw_left_front,raw_right_front,raw_left_back,raw_right_back",
            Columns("raw", ("left_front", "right_front", "left_back", "right_back")),
        ),
    ],
)
def test_a_header_names_the_columns(file: Path, header: str, columns: Columns) -> None:
    row = ",".join(["2026-01-05T09:00:00", *["81250.5"] * len(columns.names)])
    file.write_text(f"ts,{header}\n{row}\n")

    assert Recording(str(file)).check().columns == columns
    assert list(Recording(str(file)).moves()) == [
        (timedelta(0), (81250.5,) * len(columns.names)),
    ]


@pytest.mark.parametrize(
    "header",
    ["raw_left", "raw_left,raw_left", "raw_left,grams_right", "raw_up,raw_down", "raw,raw"],
)
def test_a_header_that_names_no_cells_is_refused(file: Path, header: str) -> None:
    file.write_text(f"ts,{header}\n2026-01-05T09:00:00,1\n")

    assert columns_of(header.split(",")) is None
    with pytest.raises(
        RecordingError, match=r"chair.csv:1: unknown header .*; expected ts,contact"
    ):
        Recording(str(file)).check()


@pytest.mark.parametrize("value", ["", "heavy", "nan", "inf", "1e300", "1,2"])
def test_a_value_that_is_no_load_is_refused_with_its_line(file: Path, value: str) -> None:
    file.write_text(f"ts,grams\n2026-01-05T09:00:00,1\n2026-01-05T09:00:01,{value}\n")

    with pytest.raises(RecordingError, match=r"chair.csv:3: (grams '.*' is not a load|read '.*')"):
        Recording(str(file)).check()


def test_rows_at_which_the_load_jumps_say_changes_and_others_are_readings(file: Path) -> None:
    def says_changes(*grams: float) -> bool:
        rows = [f"{(NINE + nth * SECOND).isoformat()},{g}\n" for nth, g in enumerate(grams)]
        file.write_text("ts,grams\n" + "".join(rows))
        return Recording(str(file)).check().says_changes

    assert says_changes(0, 80_000, 0, 70_000, 1_000)
    assert says_changes(80_000)
    assert not says_changes(0, 10, -5, 80_000, 79_990, 80_020, 80_000, 0, 3)
    assert not says_changes(*[588.5, 588.6] * 50)


@pytest.mark.parametrize("name", ["chair.csv", "chair.csv.gz"])
def test_loads_that_are_written_are_read_back(tmp_path: Path, name: str) -> None:
    columns = Columns("raw", ("left", "right"))
    writer = RecordingWriter(str(tmp_path / name), columns)
    writer.write(NINE, -8_388_607, 123_456)
    writer.write(NINE + SECOND, 0, 0.5)
    writer.close()

    recording = Recording(str(tmp_path / name))
    assert recording.check().columns == columns
    assert [level for _, level in recording.moves()] == [(-8_388_607, 123_456), (0, 0.5)]


def test_live_rows_know_their_columns_from_the_header() -> None:
    rows = LiveRows("-", ["grams_left,grams_right\n", "40000,35000\n"])

    assert rows.columns == Columns("grams", ("left", "right"))
    assert list(rows.levels()) == [(40_000, 35_000)]
