"""``unsit calibrate``: load cells tared and measured with a known weight, and the verdict."""

import argparse
import sys
from datetime import datetime

from unsit.assembly.converters import open_converters
from unsit.assembly.devices import machine_pins
from unsit.assembly.measuring import READINGS, CellReader
from unsit.assembly.weighed import store_of
from unsit.cli import logs
from unsit.cli.state import state_directory
from unsit.core.weighing.calibration import Calibration
from unsit.core.weighing.procedure import (
    CalibrationRefused,
    Measured,
    Verdict,
    check_weight,
    judge,
    measure,
    span,
    tare,
)
from unsit.errors import CalibrationError, UsageError
from unsit.runtime.clock import LiveClock
from unsit.runtime.record import stamp
from unsit.settings.load import load
from unsit.settings.load_cell import LoadCellSettings
from unsit.settings.model import Settings


def main(arguments: argparse.Namespace) -> None:
    """Calibrates by questions, or takes one step without."""
    logs.set_up(debug=arguments.debug)
    settings = load(arguments.config, arguments.flags).settings
    if settings.seat.kind != "load_cell":
        raise UsageError(
            f"seat.kind = {settings.seat.kind!r}: there is nothing to calibrate; expected load_cell"
        )
    store = store_of(settings, state_directory(arguments.state_dir))
    before = store.load()
    with _Bench(settings) as bench:
        try:
            calibration = _calibrate(bench, before, arguments)
        except CalibrationRefused as error:
            raise CalibrationError(f"{error}; the calibration is as it was") from None
    store.save(calibration)
    print(f"kept in {store.file}")


class _Bench:
    """The cells, and what they say now."""

    def __init__(self, settings: Settings) -> None:
        self.cells: LoadCellSettings = settings.load_cell
        self._clock = LiveClock()
        converters = open_converters(settings.load_cell, machine_pins())
        self._reader = CellReader(converters, self._clock)

    def __enter__(self) -> "_Bench":
        return self

    def __exit__(self, *exception: object) -> None:
        self._reader.close()

    def measure(self) -> Measured:
        """What the cells say, over some seconds."""
        print(f"reading {READINGS} times ...", flush=True)
        return measure(self._reader.measure())

    def now(self) -> str:
        """The date in words."""
        date: datetime = self._clock.wall(self._clock.now())
        return stamp(date)


def _calibrate(bench: _Bench, before: Calibration, arguments: argparse.Namespace) -> Calibration:
    if arguments.tare:
        return _tare(bench, before)
    if arguments.weight is not None:
        calibration = span(before, bench.measure(), arguments.weight, bench.now())
        _say(judge(calibration, bench.cells.least_load, arguments.weight))
        return calibration
    return _by_questions(bench, before)


def _tare(bench: _Bench, before: Calibration) -> Calibration:
    calibration = tare(before, bench.measure(), bench.now())
    print(f"tared; the noise is {calibration.noise or 0:.3f} kg")
    return calibration


def _by_questions(bench: _Bench, before: Calibration) -> Calibration:
    _ask("Empty the seat, also of cushions that do not stay, and press Enter: ")
    tared = _tare(bench, before)
    weight = None
    while weight is None:
        weight = _ask_weight("Put a known weight in the middle of the seat; its kg: ")
    calibration = span(tared, bench.measure(), weight, bench.now())
    second = _ask_weight(
        "Another known weight, to see whether the cells are straight; its kg, or Enter: "
    )
    other = None if second is None else (bench.measure(), second)
    _say(judge(calibration, bench.cells.least_load, weight, other))
    return calibration


def _say(verdict: Verdict) -> None:
    print(f"span    {verdict.span:.0f} counts for the known weight")
    print(f"noise   {verdict.noise:.3f} kg (standard deviation)")
    print(f"margin  the lightest person is {min(verdict.margin, 1e6):.0f} times the noise")
    print(f"range   {verdict.most:.0f} kg until a converter is at its end")
    if verdict.crooked is not None:
        print(f"linear  the second weight was off by {verdict.crooked:+.1%}")
    print(f"verdict {_judgement(verdict)}")


def _judgement(verdict: Verdict) -> str:
    if not verdict.is_straight:
        return "crooked: look whether the seat touches something beside the cells"
    if verdict.most < 150:
        return "narrow: a heavy person would saturate the converter; take a smaller gain"
    if verdict.margin < 50:
        return "noisy: look at the wiring, keep it short and away from the mains"
    return "good"


def _ask(question: str) -> str:
    print(question, end="", flush=True)
    answer = sys.stdin.readline()
    if not answer:
        raise UsageError(
            "there is nobody to answer; with --tare and --weight KG there are no questions"
        )
    return answer.strip()


def _ask_weight(question: str) -> float | None:
    """A known weight in kg, None for Enter alone; asks again after an answer that is none."""
    while True:
        answer = _ask(question)
        if not answer:
            return None
        try:
            return _weight(answer)
        except ValueError as error:
            print(error)


def _weight(text: str) -> float:
    try:
        weight = float(text.replace(",", ".").removesuffix("kg").strip())
    except ValueError:
        raise ValueError(f"{text!r} is no weight; expected kg, like 10 or 7.5") from None
    check_weight(weight)
    return weight
