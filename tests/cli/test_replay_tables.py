"""``unsit replay`` of tables of other tools, and of recordings that mislead."""

import json
import os
from pathlib import Path

import pytest

from support.program import here

MORNING = ((0, 0.2), (600, 75.3), (3000, 0.25))
"""Load in kg from each second after nine on."""


def rows(form: str, scale: float = 1) -> str:
    return "".join(
        form.format(minute=second // 60, load=load * scale).replace(".", ",") + "\n"
        if ";" in form
        else form.format(minute=second // 60, load=load * scale) + "\n"
        for second, load in MORNING
    )


OURS = "2026-01-05T09:{minute:02}:00,{load}"
SPREADSHEET = "05/01/2026 09:{minute:02};Sitz;{load}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "seat.csv"


def test_a_spreadsheet_is_replayed_and_says_what_was_taken_for_what(file: Path) -> None:
    table = "Zeit;Ort;Last in kg\n" + rows(SPREADSHEET).replace("/", ".")
    file.write_text(table, encoding="utf-8-sig")
    ended = here("replay", str(file), "--columns", "ts=Zeit,kg=Last in kg")

    assert ended.code == os.EX_OK
    assert ended.lines[-1].startswith("1 bouts, the longest 40m;")
    assert ended.err == (
        f"{file}: read as columns between semicolons, decimal commas, 'Zeit' as ts "
        "(day.month.year), 'Last in kg' as kg\n"
    )


def test_kilograms_called_grams_are_named_with_the_remedy(file: Path) -> None:
    file.write_text("ts,grams\n" + rows(OURS))
    ended = here("replay", str(file), "--json")

    assert json.loads(ended.lines[-1])["bouts"] == 0
    assert ended.err == (
        f"{file}: no row reaches the weight of a person: the loads are 0.2 to 75.3 g, and a "
        "person weighs 15 kg or more (load_cell.least_load); grams are expected, for kilograms: "
        "--columns ts=ts,kg=grams\n"
    )
    again = here("replay", str(file), "--columns", "ts=ts,kg=grams", "--json")
    assert json.loads(again.lines[-1])["bouts"] == 1


def test_milligrams_called_grams_are_named(file: Path) -> None:
    file.write_text("ts,grams\n" + rows(OURS, scale=1_000_000))
    assert (
        "no chair carries more than 1000 kg: the loads are 200000 to"
        in here("replay", str(file)).err
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("ts,contact\n2026-01-05T09:00:00,0\n2026-01-05T10:00:00,0\n", "the contact is never"),
        ("ts,contact\n2026-01-05T09:00:00,1\n2026-01-05T09:00:01,0\n", "for 2s (seat.sit_dwell)"),
        ("ts,raw\n2026-01-05T09:00:00,812\n2026-01-05T09:00:01,900\n", "the counts are 812 to 900"),
        ("ts,grams\n2026-01-05T09:00:00,0\n2026-01-05T09:00:01,80000\n", "nobody sits down: the"),
    ],
)
def test_a_seat_that_carries_nobody_is_named(content: str, why: str, file: Path) -> None:
    file.write_text(content)
    ended = here("replay", str(file))
    assert ended.code == os.EX_OK
    assert ended.lines[-1].startswith("0 bouts")
    assert why in ended.err


def test_a_header_of_another_tool_is_refused_with_the_option_that_names_its_columns(
    file: Path,
) -> None:
    file.write_text("entity_id,state,last_changed\nseat,on,2026-01-05T09:00:00Z\n")
    ended = here("replay", str(file))
    assert ended.code == os.EX_DATAERR
    assert ended.err.startswith(f"{file}:1: unknown header 'entity_id,state,last_changed'")
    assert "--columns ts=NAME" in ended.err


def test_a_number_that_can_be_read_in_two_ways_ends_in_a_line_and_no_event(file: Path) -> None:
    file.write_text("ts;grams\n1767603600;0\n1767603700;75,300\n")
    ended = here("replay", str(file))
    assert (ended.code, ended.lines) == (os.EX_DATAERR, [])
    assert ended.err == (
        f"{file}:3: '75,300' may be thousands or have decimals, and no other number tells; "
        "expected --decimal point or --decimal comma\n"
    )
    assert here("replay", str(file), "--decimal", "point").code == os.EX_OK


def test_columns_that_make_no_recording_are_a_mistake_of_the_call(file: Path) -> None:
    ended = here("replay", str(file), "--columns", "pounds=Last")
    assert ended.code == os.EX_USAGE
    assert ended.err.startswith("unsit: --columns: 'pounds=Last' names no column")
