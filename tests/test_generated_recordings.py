"""The generated recordings: valid, reproducible, and with the truth beside them."""

import subprocess
import sys
from pathlib import Path

import pytest

from recordings import catalogue
from recordings.catalogue import RECIPES, make
from unsit_firmware.recording import Recording

RIGS = Path(__file__).parents[1] / "rigs"


@pytest.mark.parametrize("name", RECIPES)
def test_a_recording_is_the_same_for_each_seed_and_valid(recording: Path, name: str) -> None:
    extent = Recording(str(recording)).check()

    assert make(name) == make(name)
    assert extent.rows == len(make(name).rows)
    assert extent.columns.is_load == make(name).is_load
    assert extent.says_changes == (not make(name).is_load or name.startswith("grams"))


@pytest.mark.parametrize(
    "name", sorted(set(RECIPES) - {"limits.csv", "nobody.csv", "grams-lean.csv"})
)
def test_another_seed_draws_another_recording(name: str) -> None:
    assert make(name, seed=2).rows != make(name, seed=1).rows


@pytest.mark.parametrize("name", RECIPES)
def test_the_truth_is_in_order_and_within_the_recording_or_beside_it(name: str) -> None:
    made = make(name)

    assert all(stay.down < stay.up for stay in made.stays)
    assert list(made.stays) == sorted(made.stays)
    assert [at for at, _ in made.rows] == sorted(at for at, _ in made.rows)


def test_the_command_writes_the_named_recordings(tmp_path: Path, generated: Path) -> None:
    command = [sys.executable, "-m", "recordings", str(tmp_path), "cells-two.csv", "night.csv"]
    ended = subprocess.run(command, cwd=RIGS, capture_output=True, text=True, check=True)

    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["cells-two.csv", "night.csv"]
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    names = ["cells-two.csv", "cells-two.csv.cells.json", "night.csv"]
    assert written == {name: (generated / name).read_bytes() for name in names}


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "recordings", str(tmp_path), "weekend.csv"]
    ended = subprocess.run(command, cwd=RIGS, capture_output=True, text=True)

    assert ended.returncode == 2
    assert "no recording is called weekend.csv" in ended.stderr


def test_every_recording_is_of_a_mat_of_cells_or_of_a_sitter_on_cells() -> None:
    assert {*catalogue.MATS, *catalogue.CELLS, *catalogue.SITTERS} == set(RECIPES)
