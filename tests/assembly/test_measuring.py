"""Readings for a calibration, through driver and chip, in virtual time."""

from datetime import UTC, datetime, timedelta

import pytest

from unsit.assembly.recording import READINGS, CellReader
from unsit.errors import UnavailableError
from unsit.runtime.clock import VirtualClock, World
from unsit_firmware.converters.hx711 import HX711
from unsit_firmware.simulation.cells import Defect, SimulatedCell, wire_hx711
from unsit_firmware.simulation.pins import SimulatedPins

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class Bench:
    """Cell whose wire has contact for some seconds of each ``period``, from the start on."""

    def __init__(self, contact: float, period: float) -> None:
        self._contact, self._period = timedelta(seconds=contact), timedelta(seconds=period)
        self.clock = VirtualClock(START, self._moments(), lambda: None)
        pins = SimulatedPins(self._seconds)
        self._chip = wire_hx711(pins, 5, 6, SimulatedCell())
        converter = HX711(5, 6, pin_factory=pins)
        self._reader = CellReader([converter], self.clock)

    def measure(self) -> int:
        """Return the number of readings."""
        try:
            return len(self._reader.measure())
        finally:
            self._reader.close()

    def _seconds(self) -> float:
        return self.clock.now().total_seconds() if hasattr(self, "clock") else 0.0

    def _moments(self) -> World:
        for nth in range(100):
            yield nth * self._period, lambda: setattr(self._chip, "defect", None)
            yield nth * self._period + self._contact, self._lose_contact

    def _lose_contact(self) -> None:
        self._chip.defect = Defect.CUT


def test_a_cell_that_answers_now_and_then_is_waited_for() -> None:
    bench = Bench(contact=1.5, period=7)

    assert bench.measure() == READINGS
    assert 8 < bench.clock.now().total_seconds() < 40


def test_a_cell_that_falls_silent_is_given_up_after_8_seconds() -> None:
    bench = Bench(contact=2, period=60)

    with pytest.raises(UnavailableError, match=r"gave 1?\d readings in (9|10) s: silent"):
        bench.measure()


def test_a_cell_that_answers_too_seldom_is_given_up_after_40_seconds() -> None:
    bench = Bench(contact=0.5, period=7)

    with pytest.raises(UnavailableError, match=r"gave \d\d? readings in 40 s: silent"):
        bench.measure()
