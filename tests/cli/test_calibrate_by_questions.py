"""``unsit calibrate`` asks, and a person at the keyboard puts weights on the seat and answers."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.program import Ended, here
from unsit_firmware.simulated_cells import SimulatedCell, wire_hx711
from unsit_firmware.simulation import SimulatedPins

CELLS = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")


class Keyboard:
    """Somebody who puts so many kg on the seat and then answers, question after question."""

    def __init__(self, cell: SimulatedCell, *answers: tuple[float, str]) -> None:
        self._cell = cell
        self._answers: Iterator[tuple[float, str]] = iter(answers)

    def readline(self) -> str:
        load, answer = next(self._answers)
        self._cell.set_kilograms(load)
        return f"{answer}\n"


@pytest.fixture
def cell(pins: SimulatedPins) -> SimulatedCell:
    cell = SimulatedCell()
    wire_hx711(pins, 5, 6, cell)
    return cell


def calibrate(state: Path, monkeypatch: pytest.MonkeyPatch, keyboard: Keyboard) -> Ended:
    monkeypatch.setattr(sys, "stdin", keyboard)
    return here("calibrate", *CELLS, "--state-dir", str(state))


def test_a_tare_and_two_known_weights_give_a_verdict_and_are_kept(
    cell: SimulatedCell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = Keyboard(cell, (2.0, ""), (22.0, "20"), (12.0, "10 kg"))

    ended = calibrate(tmp_path, monkeypatch, keyboard)

    assert (ended.code, ended.err) == (0, "")
    assert "tared; the noise is 0.00" in ended.out
    assert "linear  the second weight was off by +0.0%" in ended.out.replace("-0.0%", "+0.0%")
    assert "verdict good" in ended.out
    kept = json.loads((tmp_path / "load_cells.json").read_text())["cells"]["seat"]
    assert kept["counts_per_kg"] == pytest.approx(10_737, rel=0.001)


def test_an_answer_that_is_no_weight_is_asked_again_and_nothing_is_lost(
    cell: SimulatedCell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(20.0, ""), (20.0, "ten"), (20.0, "0"), (20.0, "7,5"), (20.0, "nan"), (20.0, "")]

    ended = calibrate(tmp_path, monkeypatch, Keyboard(cell, (12.5, ""), *answers))

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("its kg: ") == 4
    assert "'ten' is no weight; expected kg, like 10 or 7.5" in ended.out
    assert "0 kg; expected 1 to 300 kg" in ended.out
    assert "nan kg; expected 1 to 300 kg" in ended.out
    assert "linear" not in ended.out
    assert (tmp_path / "load_cells.json").exists()
