"""``unsit calibrate``: tares the load cells, measures a known weight and tests the wiring with it.

Its last lines with a good result::

    span    214740 counts for the known weight
    noise   0.004 kg (standard deviation)
    margin  the lightest person is 3750 times the noise
    range   781 kg until a converter saturates
    share   left 52 %, right 48 %
    corners left front 102 %, right front 99 %, left back 98 %, right back 101 %
    verdict good
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from unsit.assembly.cells import CalibrationStore, open_converters, store_of
from unsit.assembly.devices import machine_pins
from unsit.assembly.recording import READINGS, CellReader
from unsit.cli.process import set_up_logging
from unsit.core.weighing.calibration import (
    CORNERS,
    UNEVEN_SPREAD,
    Calibration,
    CalibrationRefused,
    CellCalibration,
    CornerVerdict,
    Measured,
    SeatNotEmpty,
    Verdict,
    WeightUnnoticed,
    check_weight,
    judge,
    judge_corners,
    measure,
    missing_corners,
    nominal,
    readable,
    span,
    tare,
    weigh_corner,
)
from unsit.errors import CalibrationError, SettingsError, UsageError
from unsit.runtime.clock import LiveClock
from unsit.runtime.record import stamp
from unsit.settings.file import settings_file, state_directory
from unsit.settings.load import load


def main(arguments: argparse.Namespace) -> None:
    """Calibrate by questions, or do the one step that the arguments name."""
    set_up_logging(debug=arguments.debug)
    if arguments.corner is not None and arguments.weight is None:
        raise UsageError("--corner needs --weight KG: the known weight at that corner")
    config = settings_file(arguments.config, arguments.unit)
    settings = load(config, arguments.flags).settings
    if settings.seat.kind != "load_cell":
        raise UsageError(
            f"seat.kind = {settings.seat.kind!r} has nothing to calibrate; expected load_cell"
        )
    cells = settings.load_cell
    store = store_of(settings, state_directory(arguments.state_dir, arguments.unit))
    by_questions = arguments.weight is None and not arguments.tare
    before = calibration_before(store) if by_questions else store.load()
    converters = open_converters(cells, machine_pins())
    with closing(CellReader(converters, LiveClock(), cells.names)) as reader:
        session = Session(reader, cells.names, cells.least_load, force=arguments.force)
        calibration = save_result(store, lambda: session.calibrate(before, arguments))
    corners = judge_corners(calibration, cells.names) if arguments.corner is not None else None
    if corners is not None and corners.wrong is not None and not arguments.force:
        raise CalibrationError(f"{corners.wrong}; then run unsit calibrate again")


def calibration_before(store: CalibrationStore) -> Calibration:
    """Return the calibration before one by questions, which measures everything again.

    So a file that cannot be used, such as that of other cells, is replaced.
    """
    try:
        return store.load()
    except SettingsError as error:
        print(f"{error}; it is replaced in the end")
        return nominal(len(store.cells))


def save_result(store: CalibrationStore, calibrate: Callable[[], Calibration]) -> Calibration:
    """Calibrate and save the calibration. Raises CalibrationError, and saves nothing then."""
    try:
        calibration = calibrate()
    except CalibrationRefused as error:
        raise CalibrationError(f"{error}; the calibration is unchanged") from None
    store.save(calibration)
    print(f"saved to {store.file}")
    return calibration


def _answer(question: str) -> str:
    """Return the answer of the person at the terminal."""
    print(question, end="", flush=True)
    answer = sys.stdin.readline()
    if not answer:
        raise UsageError("standard input has ended; --tare and --weight KG ask no questions")
    return answer.strip()


class Session:
    """Calibration at the terminal.

    names: of the cells. least: load of the lightest person in kg. force: a person takes the seat as
    empty and the corners as good, whatever they read. ask: returns the answer to a question.
    """

    def __init__(
        self,
        reader: CellReader,
        names: tuple[str, ...],
        least: float,
        *,
        force: bool = False,
        ask: Callable[[str], str] = _answer,
    ) -> None:
        self._reader, self._names, self._least, self._force = reader, names, least, force
        self._ask = ask

    def calibrate(self, before: Calibration, arguments: argparse.Namespace) -> Calibration:
        """Return the new calibration. Raises CalibrationRefused."""
        if arguments.tare:
            return self._tare(before, may_ask=False)
        if arguments.weight is None:
            return self.by_questions(before)
        if arguments.corner is not None:
            return self._one_corner(before, arguments.weight, arguments.corner)
        loaded = self._measure()
        calibration = span(before, loaded, arguments.weight, self._now(), self._names)
        self._print_verdict(calibration, arguments.weight, loaded)
        return calibration

    def _measure(self) -> Measured:
        """Measure the load over some seconds."""
        print(f"reading {READINGS} times ...", flush=True)
        return measure(self._reader.measure())

    def _now(self) -> str:
        """Return the local date and time of this moment, as text."""
        clock = self._reader.loop.clock
        return stamp(clock.wall(clock.now()))

    def _tare(self, before: Calibration, *, may_ask: bool) -> Calibration:
        empty = self._measure()
        try:
            calibration = tare(before, empty, self._now(), surely_empty=self._force)
        except SeatNotEmpty as error:
            if not may_ask:
                raise CalibrationRefused(f"{error}; if it is empty, add --force") from None
            question = (
                f"The seat reads {error.load:.0f} kg more than at the last tare. Is it empty?"
            )
            if not self._confirm(question):
                raise
            calibration = tare(before, empty, self._now(), surely_empty=True)
        print(f"tared; the noise is {calibration.noise or 0:.3f} kg")
        return calibration

    def by_questions(self, before: Calibration) -> Calibration:
        """Tare, measure a known weight and test the corners. Raises CalibrationRefused."""
        self._ask("Empty the seat, remove cushions that do not stay on it, and press Enter: ")
        tared = self._tare(before, may_ask=True)
        weight = None
        while weight is None:
            weight = self._ask_weight(
                "Put a known weight in the middle of the seat. Its weight in kg: "
            )
        loaded = self._measure()
        try:
            calibration = span(tared, loaded, weight, self._now(), self._names)
        except WeightUnnoticed as error:
            self._find_wrong_cell(tared, weight, error)
            raise
        calibration = self._corners(calibration, weight)
        second = self._ask_weight(
            "Put another known weight in the middle to test linearity. Its weight in kg, or Enter "
            "to skip: "
        )
        other = None if second is None else (self._measure(), second)
        self._print_verdict(calibration, weight, loaded, other)
        return calibration

    def _find_wrong_cell(self, tared: Calibration, weight: float, error: WeightUnnoticed) -> None:
        """Weigh the corners though the middle reads nothing: cells may cancel each other there."""
        print(f"{error}. The corners will show which cell is wrong.")
        # The signs of an earlier calibration may have come from noise.
        cells = tuple(CellCalibration(cell.zero) for cell in tared.cells)
        self._corners(replace(tared, cells=cells, corners={}), weight)

    def _corners(self, calibration: Calibration, weight: float) -> Calibration:
        """Weigh all corners. Raises CalibrationRefused for a cell that is wired wrongly."""
        for corner in CORNERS:
            answer = self._ask(
                f"Put the {weight:g} kg above the {readable(corner)} corner and press Enter (left "
                "as you sit; s to skip all corners): "
            )
            if answer.lower() == "s":
                return replace(calibration, corners={})
            calibration = self._weigh_corner(calibration, weight, corner)
        verdict = judge_corners(calibration, self._names)
        if verdict is None or verdict.wrong is None:
            return calibration
        _print_corners(verdict)
        if not self._force:
            raise CalibrationRefused(verdict.wrong)
        return calibration

    def _one_corner(self, before: Calibration, weight: float, corner: str) -> Calibration:
        calibration = self._weigh_corner(before, weight, corner)
        verdict = judge_corners(calibration, self._names)
        if verdict is None:
            print(f"missing {', '.join(missing_corners(calibration))}")
        else:
            _print_corners(verdict)
            print(f"verdict {verdict.wrong or _judge_spread(verdict) or 'good'}")
        return calibration

    def _weigh_corner(self, calibration: Calibration, weight: float, corner: str) -> Calibration:
        loaded = self._measure()
        weighed = weigh_corner(calibration, loaded, weight, corner)
        load = sum(weighed.loads(loaded.means))
        print(f"{readable(corner)}: {load:.1f} kg of {weight:g} kg")
        return weighed

    def _confirm(self, question: str) -> bool:
        """Ask until the answer is y, n or Enter alone, which is no."""
        while True:
            answer = self._ask(f"{question} [y/N] ").lower()
            if answer in ("", "n", "no"):
                return False
            if answer in ("y", "yes"):
                return True

    def _ask_weight(self, question: str) -> float | None:
        """Return the known weight in kg, None for Enter alone; ask again after other answers."""
        while True:
            answer = self._ask(question)
            if not answer:
                return None
            try:
                return _parse_weight(answer)
            except ValueError as error:
                print(error)

    def _print_verdict(
        self,
        calibration: Calibration,
        weight: float,
        loaded: Measured,
        second: tuple[Measured, float] | None = None,
    ) -> None:
        verdict = judge(calibration, self._least, weight, second, loaded=loaded)
        corners = judge_corners(calibration, self._names)
        print(f"span    {verdict.span:.0f} counts for the known weight")
        print(f"noise   {verdict.noise:.3f} kg (standard deviation)")
        print(f"margin  the lightest person is {min(verdict.margin, 1e6):.0f} times the noise")
        print(f"range   {verdict.capacity:.0f} kg until a converter saturates")
        if len(self._names) > 1:
            print(f"share   {_percents(dict(zip(self._names, verdict.shares, strict=True)))}")
        if corners is not None:
            _print_corners(corners)
        if verdict.nonlinearity is not None:
            print(f"linear  the second weight was off by {verdict.nonlinearity:+.1%}")
        print(f"verdict {_judgement(verdict, corners, self._names)}")


def _print_corners(verdict: CornerVerdict) -> None:
    print(f"corners {_percents(verdict.readings)}")


def _percents(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{readable(name)} {100 * share:.0f} %" for name, share in shares.items())


def _judgement(verdict: Verdict, corners: CornerVerdict | None, names: tuple[str, ...]) -> str:
    if corners is not None and corners.wrong is not None:
        return f"wrong: {corners.wrong}"
    if not verdict.is_linear:
        return "not linear: check that the seat touches nothing but the cells"
    if verdict.capacity < 150:
        return "narrow: a heavy person would saturate the converter; set a smaller gain"
    if verdict.margin < 50:
        return "noisy: check the wiring; keep it short and away from the mains"
    idle = verdict.idle_cell
    if idle is not None:
        return (
            f"uneven: {readable(names[idle])} carries {100 * verdict.shares[idle]:.0f} % in the "
            "middle; see that the plate lies on it, and check its wires"
        )
    if corners is None:
        return (
            "good, but the corners were not tested: a half bridge with two wires exchanged would "
            "not be noticed"
        )
    return _judge_spread(corners) or "good"


def _judge_spread(corners: CornerVerdict) -> str | None:
    if corners.spread <= UNEVEN_SPREAD:
        return None
    return (
        f"uneven: the readings at the corners differ by {100 * corners.spread:.0f} %; see that the "
        "plate lies on all cells and touches nothing else"
    )


def _parse_weight(text: str) -> float:
    try:
        weight = float(text.replace(",", ".").removesuffix("kg").strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a weight; expected kg, like 10 or 7.5") from None
    check_weight(weight)
    return weight
