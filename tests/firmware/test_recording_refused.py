"""Errors of recordings, with the line and the reason."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.recording_files import (
    COLUMNS,
    CSV,
    HEADER,
    KINDS,
    LEVEL,
    PLAIN,
    ROW,
    TIME,
    TITLES,
    YEARS,
    behind_name,
    refusal_of,
)
from unsit_firmware import FirmwareError, RecordingError
from unsit_firmware.recording import Recording


@pytest.mark.parametrize(
    ("rows", "line", "read", "expected"),
    [
        pytest.param("2026-01-05T09:00:01", 3, "'2026-01-05T09:00:01'", COLUMNS, id="truncated"),
        pytest.param("2026-01-05T09:00:01,", 3, "contact ''", LEVEL, id="no contact"),
        pytest.param("2026-01-05T09:00:01,1,5", 3, ",1,5'", COLUMNS, id="a value too many"),
        pytest.param("2026-01-05T09:0O:01,1", 3, "ts '2026-01-05T09:0O:01'", TIME, id="a letter"),
        pytest.param("2026-01-05T09:00:0,1", 3, "ts '2026-01-05T09:00:0'", TIME, id="a digit less"),
        pytest.param("2026-01-05,1", 3, "ts '2026-01-05'", TIME, id="a date only"),
        pytest.param("20260105,1", 3, "ts '20260105'", TIME, id="a short date only"),
        pytest.param("2026-W02-1,1", 3, "ts '2026-W02-1'", TIME, id="a week date only"),
        pytest.param("09:00:01,1", 3, "ts '09:00:01'", TIME, id="a time of day only"),
        pytest.param("1767600000,1", 3, "ts '1767600000'", TIME, id="seconds since 1970"),
        pytest.param(",1", 3, "ts ''", TIME, id="no ts"),
        pytest.param("2026-13-05T09:00:01,1", 3, "ts '2026-13-", TIME, id="a thirteenth month"),
        pytest.param("1969-12-31T23:59:59,1", 3, "ts '1969-12-", YEARS, id="too early a year"),
        pytest.param("3000-01-01T00:00:00,1", 3, "ts '3000-01-", YEARS, id="too late a year"),
        pytest.param("2026-01-05T09:00:01,2", 3, "contact '2'", LEVEL, id="contact 2"),
        pytest.param("2026-01-05T09:00:01,-1", 3, "contact '-1'", LEVEL, id="contact -1"),
        pytest.param("2026-01-05T09:00:01, 1", 3, "contact ' 1'", LEVEL, id="contact and a space"),
        pytest.param("2026-01-05T09:00:01,l", 3, "contact 'l'", LEVEL, id="contact l"),
        pytest.param("2026-01-05T09:00:01,1.0", 3, "contact '1.0'", LEVEL, id="contact 1.0"),
        pytest.param("2026-01-05T09:00:01,True", 3, "contact 'True'", LEVEL, id="contact True"),
        pytest.param("2026-01-05T09:00:01,1\0", 3, r"contact '1\x00'", LEVEL, id="a zero byte"),
        pytest.param(
            "2026-01-05T09:00:01;1", 3, "'2026-01-05T09:00:01;1'", COLUMNS, id="semicolon"
        ),
        pytest.param(
            "2026-01-05T08:59:59.999,1",
            3,
            "'2026-01-05T08:59:59.999' is earlier than the row before",
            "expected 2026-01-05T09:00:00 or later",
            id="time running backwards",
        ),
        pytest.param("2026-01-05T09:00:01Z,1", 3, "ts '2026-01-05T09:00:01Z'", KINDS, id="mixed"),
        pytest.param('"2026-01-05T09:00:01"0,1', 3, "',' expected after '\"'", CSV, id="a quote"),
        pytest.param('"2026-01-05T09:00:01,1', 3, "unexpected end", CSV, id="a quote left open"),
        pytest.param("# ok\n\n2026-01-05T09:00:01,x", 5, "'x'", LEVEL, id="behind comments"),
        pytest.param("# ok\r\n\r\n2026-01-05T09:00:01,x", 5, "'x'", LEVEL, id="behind CRLF"),
        pytest.param("2026-01-05T09:00:01,x\n2026-01-05T09:00:01,y", 3, "'x'", LEVEL, id="first"),
        pytest.param("2026-01-05T09:00:01,0\n2026-01-05T09:00:00,1", 4, "ts '", "09:00:01", id="4"),
    ],
)
def test_a_wrong_row_is_an_error_with_its_line_the_value_and_what_is_expected(
    rows: str, line: int, read: str, expected: str, file: Path
) -> None:
    file.write_bytes(HEADER + ROW + rows.encode())
    refusal = refusal_of(file)
    assert refusal.startswith(f"{line}: ")
    assert read in refusal
    assert expected in refusal


@pytest.mark.parametrize(
    ("first", "second"),
    [("", "+01:00"), ("+01:00", ""), ("Z", "")],
)
def test_times_with_and_without_an_offset_do_not_mix(first: str, second: str, file: Path) -> None:
    file.write_text(f"ts,contact\n2026-01-05T09:00:00{first},1\n2026-01-06T09:00:00{second},0\n")
    refusal = refusal_of(file)
    assert refusal.startswith(f"3: ts '2026-01-06T09:00:00{second}' ")
    assert KINDS in refusal


def test_time_that_runs_backwards_behind_its_offset_is_refused(file: Path) -> None:
    file.write_bytes(HEADER + b"2026-01-05T09:00:00Z,1\n2026-01-05T09:59:59+01:00,0\n")
    assert refusal_of(file).startswith("3: ts '2026-01-05T09:59:59+01:00' is earlier")


@pytest.mark.parametrize(
    ("content", "line", "read", "expected"),
    [
        pytest.param("", 1, "nothing in it", TITLES, id="empty"),
        pytest.param("\n\n", 2, "nothing in it", TITLES, id="blank lines only"),
        pytest.param("# a\n# b\n# c\n", 3, "nothing in it", TITLES, id="comments only"),
        pytest.param("ts,pounds\n", 1, "'ts,pounds'", TITLES, id="an unknown column"),
        pytest.param("ts,contact,grams\n", 1, "'ts,contact,grams'", TITLES, id="a further column"),
        pytest.param("contact,ts\n", 1, "'contact,ts'", TITLES, id="the columns changed over"),
        pytest.param("contact\n1\n", 1, "'contact'", TITLES, id="no ts"),
        pytest.param("ts, contact\n", 1, "'ts, contact'", TITLES, id="a space"),
        pytest.param("TS,CONTACT\n", 1, "'TS,CONTACT'", TITLES, id="capital letters"),
        pytest.param("ts;contact\n", 1, "'ts;contact'", TITLES, id="semicolons"),
        pytest.param(ROW.decode(), 1, "'2026-01-05T09:00:00,1'", TITLES, id="no header"),
        pytest.param("# a\n\nts,pounds\n", 3, "'ts,pounds'", TITLES, id="behind comments"),
    ],
)
def test_a_file_without_the_right_header_is_refused(
    content: str, line: int, read: str, expected: str, file: Path
) -> None:
    file.write_text(content)
    refusal = refusal_of(file)
    assert refusal.startswith(f"{line}: ")
    assert read in refusal
    assert expected in refusal


@pytest.mark.parametrize(
    ("content", "line"),
    [("ts,contact", 1), ("ts,contact\n", 1), ("ts,contact\r\n\r\n# none\r\n", 3)],
)
def test_a_file_with_a_header_only_is_refused_where_it_ends(
    content: str, line: int, file: Path
) -> None:
    file.write_text(content)
    with pytest.raises(RecordingError) as error:
        Recording(str(file)).check()
    refusal = behind_name(error.value, str(file))
    assert refusal == f"{line}: nothing is recorded; expected rows of ts,contact"
    with pytest.raises(RecordingError, match="nothing is recorded"):
        list(Recording(str(file)).moves())


def test_bytes_that_are_no_text_are_refused_at_their_own_line(file: Path) -> None:
    file.write_bytes(b"ts,contact\n2026-01-05T09:00:00,1\n2026-01-05T09:00:01,\xff\n")
    assert refusal_of(file).startswith("3: not UTF-8 text")


@pytest.mark.parametrize("name", ["x" * 300, "nul\0.csv"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(RecordingError, match="cannot be opened"):
        Recording(name).check()


def test_a_file_below_a_file_is_refused(file: Path) -> None:
    file.write_text("ts,contact\n")
    with pytest.raises(RecordingError, match=":1: "):
        Recording(f"{file}/x").check()


def test_a_line_break_in_a_name_does_not_break_the_message() -> None:
    with pytest.raises(RecordingError) as error:
        Recording("two\nlines.csv").check()
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for name in ("missing.csv", "missing.csv.gz", "no folder/chair.csv"):
        refusal = refusal_of(tmp_path / name)
        assert refusal == "1: there is no such file; expected a recording"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    for name in ("folder", "folder.gz"):
        (tmp_path / name).mkdir()
        refusal = refusal_of(tmp_path / name)
        assert refusal == "1: this is a directory; expected a recording"


def test_a_file_that_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gz")
    for file in (Path(os.devnull), tmp_path / "pipe.gz"):
        refusal = refusal_of(file)
        assert refusal == "1: this can be read only once; expected a file, save it first"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="a picture"),
        pytest.param(gzip.compress(PLAIN), id="a gzip file"),
        pytest.param(PLAIN.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(b"ts,contact\xff\n", id="Latin-1"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert refusal_of(file) == "1: not UTF-8 text; expected a CSV file, or .gz in the name"


def test_a_gzip_file_that_was_cut_off_is_refused_at_the_line_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    file.write_bytes(gzip.compress(PLAIN)[:-4])
    refusal = refusal_of(file)
    assert refusal.startswith("4: the gzip file is damaged: ")
    assert "ended before" in refusal


def test_a_gzip_file_cut_off_in_its_first_bytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    file.write_bytes(gzip.compress(PLAIN)[:7])
    assert refusal_of(file).startswith("1: the gzip file is damaged: ")


def test_a_gzip_file_with_a_wrong_bit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    content = bytearray(gzip.compress(PLAIN))
    content[-6] ^= 1
    file.write_bytes(content)
    assert "the gzip file is damaged: CRC check failed" in refusal_of(file)


def test_a_gzip_file_with_nonsense_in_it_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    file.write_bytes(gzip.compress(PLAIN)[:10] + b"\xff" * 20)
    assert refusal_of(file).startswith("1: the gzip file is damaged: Error -3 while decompressing")


def test_a_file_that_is_named_gz_and_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chair.csv.gz"
    file.write_bytes(PLAIN)
    refusal = refusal_of(file)
    assert refusal.startswith("1: the gzip file is damaged: ")
    assert "b'ts'" in refusal


@pytest.mark.parametrize(
    ("length", "shown"), [(40, "1" * 40), (41, "1" * 40 + "…"), (5000, "1" * 40 + "…")]
)
def test_a_value_of_more_than_40_characters_is_shortened_in_the_refusal(
    length: int, shown: str, file: Path
) -> None:
    file.write_bytes(HEADER + b"2026-01-05T09:00:00," + b"1" * length + b"\n")
    assert refusal_of(file).startswith(f"2: contact '{shown}' is not")


def test_a_row_too_long_for_any_reader_is_refused(file: Path) -> None:
    file.write_bytes(HEADER + b"2026-01-05T09:00:00," + b"1" * 200_000 + b"\n")
    assert refusal_of(file).startswith("2: field larger than field limit")


def test_control_characters_of_a_value_are_shown_and_not_sent_to_the_terminal(file: Path) -> None:
    file.write_bytes(HEADER + "2026-01-05T09:00:00,\x1b[2J\u2028\n".encode())
    assert r"contact '\x1b[2J\u2028'" in refusal_of(file)


def test_a_recording_error_is_a_value_error_of_this_package() -> None:
    assert issubclass(RecordingError, FirmwareError)
    assert issubclass(RecordingError, ValueError)


pieces = st.sampled_from(
    [
        *[HEADER, ROW, b"ts,contact", b"2026-01-05T09:00:00", b",", b"0", b"1", b"\n", b"\r"],
        *[b'"', b"#", b" ", b"\0", b"\xef\xbb\xbf", b"\xff", b"T", b"Z", b"+99:99"],
        *[b"\x1f\x8b\x08\0"],
    ]
)

almost_recordings = st.lists(pieces, max_size=30).map(b"".join)

contents = st.binary(max_size=300) | almost_recordings | almost_recordings.map(HEADER.__add__)


@settings(deadline=None)
@given(content=contents, name=st.sampled_from(["chair.csv", "chair.csv.gz", "zipped.csv.gz"]))
@example(content=b"", name="zipped.csv.gz")
@example(content=b"", name="chair.csv.gz")
@example(content=HEADER + b"2999-12-31T23:59:59-23:59,1\n1970-01-01T00:00+23:59,0", name="a.csv")
def test_any_bytes_are_read_or_refused_in_one_line(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(gzip.compress(content) if name.startswith("zipped") else content)
    try:
        Recording(str(file)).check()
    except RecordingError as error:
        line, _, reason = behind_name(error, str(file)).partition(": ")
        assert 1 <= int(line) <= max(1, len(content.splitlines()))
        assert reason
    finally:
        os.unlink(file)
