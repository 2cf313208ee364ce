"""Parts lists, hardware pages and printed parts."""

import re
from pathlib import Path

import pytest

from holder.__main__ import FOLDER as HOLDER
from holder.__main__ import PARTS, SOURCE, label
from holder.slices import outlines
from holder.solid import Solid, read, write
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
        assert row["needed"] in ("yes", "optional")


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


@pytest.mark.parametrize("name", PARTS)
def test_a_printed_part_is_closed_and_made_from_the_present_source(name: str) -> None:
    solid = read(HOLDER / f"{name}.stl")

    assert solid.label == label(name), "stale; run: make holder"
    assert solid.is_closed
    assert solid.volume > 0


def test_the_parts_to_print_have_the_sizes_of_the_source() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    size = {name: float(value) for name, value in re.findall(r"^(\w+) = ([\d.]+);", source, re.M)}
    foot, tray = read(HOLDER / "foot.stl").size, read(HOLDER / "tray-zero.stl").size

    assert foot[0] == pytest.approx(size["cell"] + 2 * size["foot_wall"])
    assert foot[2] == pytest.approx(size["foot_floor"] + size["cell_free"] + size["cell_deep"])
    assert tray[2] == pytest.approx(size["floor"] + size["rim"])


def test_a_slice_shows_every_outline_and_every_hole() -> None:
    tray = read(HOLDER / "tray-zero.stl")
    screws, pilots, straps, ties = 4, 4, 2, 4

    assert len(outlines(tray, 2.5)) == 1 + screws + pilots + straps + ties
    assert len(outlines(read(HOLDER / "foot.stl"), 1.0)) == 1


def test_a_slice_of_a_solid_is_as_wide_as_the_solid() -> None:
    foot = read(HOLDER / "foot.stl")
    [outline] = outlines(foot, 1.0)
    xs, ys = zip(*outline, strict=True)

    assert (max(xs) - min(xs), max(ys) - min(ys)) == pytest.approx(foot.size[:2])


def test_every_stl_file_is_a_part_of_the_source() -> None:
    assert {path.stem for path in HOLDER.glob("*.stl")} == set(PARTS)


def test_a_solid_with_a_hole_is_not_closed(tmp_path: Path) -> None:
    corner = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    o, x, y, z = corner
    whole = Solid("tetrahedron", ((o, y, x), (o, x, z), (o, z, y), (x, y, z)))
    write(whole, tmp_path / "solid.stl")

    assert read(tmp_path / "solid.stl") == whole
    assert whole.is_closed
    assert whole.volume == pytest.approx(1 / 6)
    assert not Solid("open", whole.triangles[:3]).is_closed
    assert not Solid("turned", (*whole.triangles[:3], (x, z, y))).is_closed


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.stl").write_bytes((HOLDER / "foot.stl").read_bytes()[:-1])

    with pytest.raises(ValueError, match="do not fit"):
        read(tmp_path / "cut.stl")


def test_a_power_bank_lasts_as_long_as_its_energy() -> None:
    assert hours(10_000, 1000) == pytest.approx(10 * 3.7 * 0.8 / 5)
