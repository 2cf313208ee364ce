"""Parts lists and hardware pages."""

import re
from pathlib import Path

import pytest

from unsit.core import mat
from unsit.core.weighing import faults
from wiring.power import hours
from wiring.tables import BUILDS, PRICE, rows

HARDWARE = Path(__file__).parents[2] / "hardware"
PAGES = sorted(HARDWARE.rglob("*.md"))


@pytest.mark.parametrize("build", BUILDS)
def test_a_parts_list_is_complete_in_every_row(build: str) -> None:
    for row in rows(build):
        assert all(row.values()), row
        assert None not in row, row
        assert int(row["quantity"]) > 0
        assert float(row[PRICE]) > 0
        assert row["needed"] in ("yes", "optional", "tool")


def test_a_reference_is_the_same_part_in_every_list() -> None:
    known: dict[str, dict[str, str]] = {}
    for build in BUILDS:
        listed = rows(build)
        assert len({row["reference"] for row in listed}) == len(listed)
        for row in listed:
            same = {key: value for key, value in row.items() if key != "quantity"}
            assert known.setdefault(row["reference"], same) == same


def test_every_part_that_a_page_or_picture_names_is_in_a_list() -> None:
    references = {row["reference"] for build in BUILDS for row in rows(build)}
    for text in [*PAGES, *(HARDWARE / "pictures").iterdir()]:
        named = re.findall(r"\b(?:R|C|D|Q|BZ|LED|SW)\d\b", text.read_text(encoding="utf-8"))
        assert set(named) <= references, text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_table_of_a_hardware_page_is_wider_than_a_phone(page: Path) -> None:
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            assert line.count("|") - 1 <= 4, line


def test_the_build_guide_has_every_fault_of_a_sensor() -> None:
    named = re.findall(r"^\| `(\w+)` \|", (HARDWARE / "build.md").read_text(encoding="utf-8"), re.M)

    assert set(named) == {reason.value for reason in (*mat.MatFault, *faults.CellFaultReason)}


def test_a_power_bank_lasts_as_long_as_its_energy() -> None:
    assert hours(10_000, 1000) == pytest.approx(10 * 3.7 * 0.8 / 5)
