"""``unsit calibrate`` by questions, with a person who puts weights on the seat and answers."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.program import Ended, here
from unsit.assembly.recording import CellReader
from unsit.cli.calibrate import Session
from unsit.core.weighing.calibration import Calibration, CalibrationRefused, CellCalibration
from unsit.runtime.clock import VirtualClock
from unsit_firmware.simulation.cells import SimulatedCell, SimulatedCells, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

CELLS = ("--set", "seat.kind=load_cell", "--set", "load_cell.converter=hx711")


class Keyboard:
    """Standard input that puts a load (kg) on the seat before each of its answers."""

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


def test_a_tare_and_two_known_weights_give_a_verdict_and_are_saved(
    cell: SimulatedCell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = Keyboard(cell, (2.0, ""), (22.0, "20"), (22.0, "s"), (12.0, "10 kg"))

    ended = calibrate(tmp_path, monkeypatch, keyboard)

    assert (ended.code, ended.err) == (0, "")
    assert "tared; the noise is 0.00" in ended.out
    assert "linear  the second weight was off by +0.0%" in ended.out.replace("-0.0%", "+0.0%")
    assert "verdict good, but the corners were not tested" in ended.out
    saved = json.loads((tmp_path / "load_cells.json").read_text())["cells"]["seat"]
    assert saved["counts_per_kg"] == pytest.approx(10_737, rel=0.001)


def test_an_answer_that_is_not_a_weight_is_asked_again_and_the_tare_is_kept(
    cell: SimulatedCell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(20.0, ""), (20.0, "ten"), (20.0, "0"), (20.0, "7,5"), (20.0, "s")]
    answers += [(20.0, "nan"), (20.0, "")]

    ended = calibrate(tmp_path, monkeypatch, Keyboard(cell, (12.5, ""), *answers))

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("Its weight in kg: ") == 4
    assert "'ten' is not a weight; expected kg, like 10 or 7.5" in ended.out
    assert "0 kg; expected 1 to 300 kg" in ended.out
    assert "nan kg; expected 1 to 300 kg" in ended.out
    assert "linear  the second weight" not in ended.out
    assert (tmp_path / "load_cells.json").exists()


CORNERS = ("left front", "right front", "left back", "right back")
TARED = Calibration((CellCalibration(), CellCalibration()), tared="2026-01-05")


class Person:
    """Person who answers each question once its load (kg of each cell) is on the seat."""

    def __init__(self, *answers: tuple[Sequence[float], str], force: bool = False) -> None:
        self._answers = iter(answers)
        self.questions: list[str] = []
        hours = ((timedelta(hours=nth), lambda: None) for nth in range(1000))
        clock = VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC), hours, lambda: None)
        self._cells = SimulatedCells(2, lambda: clock.now().total_seconds(), pinned=0)
        reader = CellReader(self._cells.converters, clock, ("left", "right"))
        self.session = Session(reader, ("left", "right"), 15.0, force=force, ask=self._answer)

    def _answer(self, question: str) -> str:
        self.questions.append(question)
        loads, answer = next(self._answers)
        self._cells.set_kilograms(loads)
        return answer


EVENLY = [((5.0, 5.0), "10")]
AT_CORNERS = [((8.0, 2.0), ""), ((2.0, 8.0), ""), ((8.0, 2.0), ""), ((2.0, 8.0), "")]
NO_SECOND = [((0.0, 0.0), "")]


def test_the_known_weight_is_asked_for_at_each_corner_and_the_shares_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = Person(((0.0, 0.0), ""), *EVENLY, *AT_CORNERS, *NO_SECOND)

    calibration = person.session.by_questions(TARED)

    asked = [one for one in person.questions if one.startswith("Put the 10 kg above the")]
    assert [any(corner in one for one in asked) for corner in CORNERS] == [True] * 4
    assert len(calibration.corners) == 4
    shown = capsys.readouterr().out
    assert "share   left 50 %, right 50 %" in shown
    assert "corners left front 100 %, right front 100 %, left back 100 %" in shown
    assert shown.endswith("verdict good\n")


def test_a_cell_that_is_wired_wrongly_is_refused_by_its_name_unless_it_is_forced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = [((-8.0, 2.0), ""), *AT_CORNERS[1:]]

    with pytest.raises(CalibrationRefused, match=r"left front .* exchange the white and black"):
        Person(((0.0, 0.0), ""), *EVENLY, *wrong).session.by_questions(TARED)
    forced = Person(((0.0, 0.0), ""), *EVENLY, *wrong, *NO_SECOND, force=True)
    assert forced.session.by_questions(TARED).spanned
    assert "verdict wrong: left front" in capsys.readouterr().out


def test_cells_that_cancel_each_other_in_the_middle_are_found_at_the_corners() -> None:
    cancelled = [((0.0, 0.0), "10"), ((-8.0, 2.0), ""), ((-2.0, 8.0), "")]
    cancelled += [((-8.0, 2.0), ""), ((-2.0, 8.0), "")]

    with pytest.raises(CalibrationRefused, match=r"^left .* against right .* the half bridge at l"):
        Person(((0.0, 0.0), ""), *cancelled).session.by_questions(TARED)


@pytest.mark.parametrize("below", [-5.0, -28.0, -300.0])
def test_a_zero_that_has_moved_down_is_tared_without_a_question(below: float) -> None:
    person = Person(
        ((below, 0.0), ""), ((below + 5, 5.0), "10"), ((below, 0.0), "s"), ((below, 0.0), "")
    )

    calibration = person.session.by_questions(TARED)

    assert calibration.cells[0].zero == pytest.approx(below * 10_737, abs=50)
    assert not [one for one in person.questions if "empty?" in one]


@pytest.mark.parametrize("above", [16.0, 19.0, 300.0])
def test_a_zero_that_has_moved_up_is_tared_if_the_person_says_that_the_seat_is_empty(
    above: float,
) -> None:
    empty = (above, 0.0)
    rest = [((above + 5, 5.0), "10"), (empty, "s"), (empty, "")]
    person = Person((empty, ""), (empty, "10"), (empty, "y"), *rest)

    calibration = person.session.by_questions(TARED)

    assert calibration.cells[0].zero == pytest.approx(above * 10_737, abs=50)
    assert person.questions[1] == (
        f"The seat reads {above:.0f} kg more than at the last tare. Is it empty? [y/N] "
    )
    assert person.questions[2] == person.questions[1]
    forced = Person((empty, ""), *rest, force=True)
    assert forced.session.by_questions(TARED).cells[0].zero > 10_000


def test_a_seat_that_is_not_empty_is_not_tared() -> None:
    person = Person(((19.0, 0.0), ""), ((19.0, 0.0), ""))

    with pytest.raises(CalibrationRefused, match="carries 19 kg more than at the last tare"):
        person.session.by_questions(TARED)
