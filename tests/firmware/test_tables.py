"""Tables of other tools and of spreadsheets as recordings: every form, no guess."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from support.examples import examples
from support.recording_files import PLAIN, PLAIN_MOVES, behind_name
from unsit_firmware import RecordingError
from unsit_firmware.recording import Columns, Level, Recording
from unsit_firmware.tables import COMMA, POINT, naming, open_recording

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LOADS = {0.0: 0.25, 600.25: 75_300.5, 3000.0: 1234.5}
"""Load in g from each second on."""

TIMES: dict[str, Callable[[datetime], str]] = {
    "ISO 8601": lambda at: at.isoformat(),
    "a space": lambda at: f"{at:%Y-%m-%d %H:%M:%S.%f}",
    "a spreadsheet": lambda at: f"{at:%d.%m.%Y %H:%M:%S.%f}",
    "seconds": lambda at: f"{at.timestamp():.2f}",
    "milliseconds": lambda at: f"{at.timestamp() * 1000:.0f}",
}
NUMBERS: dict[str, Callable[[float], str]] = {
    "points": lambda number: f"{number}",
    "commas": lambda number: f"{number}".replace(".", ","),
    "points and commas": lambda number: f"{number:,}",
    "commas and points": lambda number: f"{number:,}".translate({44: ".", 46: ","}),
    "commas and blanks": lambda number: f"{number:,}".translate({44: "\u00a0", 46: ","}),
}


def refused(file: Path, *texts: str, decimal: str | None = None) -> str:
    """Return the error of a file without the file's name. texts: of ``--columns``."""
    with pytest.raises(RecordingError) as error:
        open_recording(str(file), naming(texts), decimal).check()
    return behind_name(error.value, str(file))


def levels(file: Path, *texts: str, decimal: str | None = None) -> list[Level]:
    recording = open_recording(str(file), naming(texts), decimal)
    return [level for _, level in recording.moves()]


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_a_table_is_read_in_every_form(times: str, numbers: str, mark: str, tmp_path: Path) -> None:
    rows = [["Ort", "Zeit", "Last"]]
    for second, load in LOADS.items():
        at, number = TIMES[times](START + timedelta(seconds=second)), NUMBERS[numbers](load)
        if times == "seconds" and numbers.startswith("commas"):
            at = at.replace(".", ",")
        rows.append(["Büro", at, number])
    text = "\r\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows)
    file = tmp_path / "table.csv.gz"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))

    recording = open_recording(str(file), naming(["ts=Zeit,grams=Last"]))

    assert recording.check().columns == Columns("grams")
    expected = [(timedelta(seconds=second), (load,)) for second, load in LOADS.items()]
    assert list(recording.moves()) == expected
    assert recording.read_as is not None
    assert "'Zeit' as ts" in recording.read_as
    assert "'Last' as grams" in recording.read_as


def test_a_recording_of_ours_is_read_as_ever(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv"
    file.write_bytes(PLAIN)
    recording = open_recording(str(file))
    assert recording.read_as is None
    assert list(recording.moves()) == PLAIN_MOVES


@pytest.mark.parametrize(
    "bad", ["ts,contact\n2026-01-05T09:00:00,2\n", "ts,contact\n", "", "ts,contact\n2026-01-05,1\n"]
)
def test_a_bad_recording_of_ours_has_the_errors_of_ours(bad: str, tmp_path: Path) -> None:
    file = tmp_path / "chair.csv"
    file.write_text(bad)
    with pytest.raises(RecordingError) as error:
        Recording(str(file)).check()
    assert refused(file) == behind_name(error.value, str(file))


@pytest.mark.parametrize(
    ("words", "pressed"),
    [(("on", "off"), True), (("False", "TRUE"), False), (("yes", "no"), True), (("0", "1"), False)],
)
def test_a_contact_is_read_in_words(words: tuple[str, str], pressed: bool, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    rows = [f"seat,{word},2026-01-05T09:00:00Z\n" for word in words]
    file.write_text("entity_id,state,last_changed\n" + "".join(rows))
    assert levels(file, "ts=last_changed", "contact=state") == [pressed, not pressed]


def test_kilograms_and_several_cells_are_read_by_the_numbers_of_their_columns(
    tmp_path: Path,
) -> None:
    file = tmp_path / "no names.csv"
    file.write_text("1767603600;x;40,5;35\n1767603601;x;0;0,25\n")
    assert levels(file, "ts=1,kg_left=3,kg_right=4") == [(40_500, 35_000), (0, 250)]


@pytest.mark.parametrize(
    ("rows", "line", "read", "expected"),
    [
        ("09:00:00;1,234\n09:00:01;5\n", 2, "'1,234' may be thousands", "--decimal comma"),
        ("09:00:00;0\n09:00:01;81.250\n", 3, "'81.250' may be thousands", "--decimal point"),
        ("09:00:00;81,5\n09:00:01;81.5\n", 3, "'81.5' has another decimal separator", "line 2"),
        ("09:00:00;1,5\n09:00:01;x\n", 3, "'x' is not a load", "decimal comma"),
        ("09:00:00;1,5\n09:00:01;\n", 3, "'' is not a load", "a number"),
        ("09:00:00;1.5\n09:00:01;1_0\n", 3, "'1_0' is not a load", "a number"),
        ("09:00:00;1,5\n09:00:01;nan\n", 3, "'nan' is not a load", "a number"),
        ("09:00:00;1,5\n\n# x\n09:00:01;1;2\n", 5, "'2026-01-05T09:00:01;1;2'", "2 value(s)"),
        ("09:00:01;1,5\n09:00:00;1\n", 3, "is earlier than the row before", "or later"),
        ("09:00:00;1,5\n9 Uhr;1\n", 3, "'2026-01-05T9 Uhr' is not a time", "ISO 8601"),
    ],
)
def test_what_cannot_be_read_in_one_way_alone_is_refused_with_its_line(
    rows: str, line: int, read: str, expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    dated = "".join(
        row if row.startswith(("#", "\n")) else f"2026-01-05T{row}"
        for row in rows.splitlines(keepends=True)
    )
    file.write_text("Zeit;Last\n" + dated)
    error = refused(file, "ts=Zeit,grams=Last")
    assert error.startswith(f"{line}: ")
    assert read in error
    assert expected in error


def test_a_doubtful_number_is_read_as_the_caller_says(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("ts;grams\n2026-01-05T09:00:00;81,250\n2026-01-05T09:00:01;5\n")
    assert levels(file, decimal=COMMA) == [(81.25,), (5,)]
    assert levels(file, decimal=POINT) == [(81_250,), (5,)]


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("5/1/2026 9:00", "may begin with the day or with the month"),
        ("5000", "expected, in seconds since 1970"),
        ("1767603600000000", "expected, in seconds since 1970"),
        ("31.02.2026 09:00:00", "is not a time; expected day.month.year"),
    ],
)
def test_a_time_that_is_no_date_or_two_dates_is_refused(
    time: str, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(f"ts;grams\n{time};5\n")
    error = refused(file)
    assert error.startswith("2: ")
    assert why in error


def test_the_unit_of_unix_time_does_not_change_within_a_table(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("ts,contact\n1767603600,1\n1767603601000,0\n")
    assert refused(file).startswith("3: ts '1767603601000' is not a time; expected UNIX time in s")


@pytest.mark.parametrize(
    ("header", "texts", "read", "expected"),
    [
        ("time,weight", (), "unknown header 'time,weight'", "--columns ts=NAME"),
        ("time,weight", ("ts=time,grams=load",), "no column is named 'load'", "'weight'"),
        ("time,time,weight", ("ts=time,grams=weight",), "2 columns are named", "its number"),
        ("time,weight", ("ts=time,grams=TIME",), "two roles have one column", "for each"),
        ("time,weight", ("ts=3,grams=1",), "no column is named '3'", "from 1 to 2"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_its_columns(
    header: str, texts: tuple[str, ...], read: str, expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(header + "\n1767603600,1,1\n")
    error = refused(file, *texts)
    assert error.startswith("1: ")
    assert read in error
    assert expected in error


def test_a_number_with_an_unquoted_decimal_comma_between_commas_is_named(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("time,load\n2026-01-05T09:00:00,81,250\n")
    assert "a number with a decimal comma needs quotes" in refused(file, "ts=time,kg=load")


@pytest.mark.parametrize(
    "text",
    ["grams", "grams=", "=x", "pounds=x", "ts=a", "grams=a", "ts=a,grams=b,raw=c", "ts=a,ts=b"],
)
def test_columns_that_make_no_recording_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        naming([text])


@examples(200)
@for_any(
    numbers=st.lists(st.decimals(-99_999, 99_999, places=3).map(float), min_size=1, max_size=6),
    form=st.sampled_from(sorted(NUMBERS)),
    places=st.integers(0, 3),
)
def test_a_number_is_read_as_it_was_meant_or_refused_as_doubtful(
    numbers: list[float], form: str, places: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "numbers.csv"
    meant = [round(number, places) for number in numbers]
    written = [NUMBERS[form](number if places else int(number)) for number in meant]
    file.write_text("ts;grams\n" + "".join(f"1767603600;{text}\n" for text in written), "utf-8")
    try:
        read: list[Level] | None = levels(file)
    except RecordingError as error:
        read = None if "may be thousands or have decimals" in str(error) else []
    assert read in (None, [(number,) for number in meant])
