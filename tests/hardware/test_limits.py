"""Computed limits of the parts, and the pages that print them."""

import re
from pathlib import Path

import pytest

from unsit.settings.model import SeatSettings
from wiring import limits

HARDWARE = Path(__file__).parents[2] / "hardware"
BUILD = (HARDWARE / "build.md").read_text(encoding="utf-8")
WIRING = (HARDWARE / "wiring.md").read_text(encoding="utf-8")


def level(mat_ohms: float, pull_up: float, series: float) -> float:
    """Return the voltage at the mat's pin."""
    return limits.PIN_VOLTS * (mat_ohms + series) / (mat_ohms + series + pull_up)


@pytest.mark.parametrize("pull_up", limits.PULL_UPS)
@pytest.mark.parametrize("series", [0.0, limits.R5])
def test_a_mat_within_its_limits_is_read_right_on_every_board(
    pull_up: float, series: float
) -> None:
    pressed = limits.largest_pressed(series=series)
    empty = limits.smallest_empty(series=series)

    assert level(pressed, pull_up, series) <= limits.LOW_VOLTS + 1e-9
    assert level(empty, pull_up, series) >= limits.HIGH_VOLTS - 1e-9


def test_a_mat_beyond_its_limits_is_not_read_right_on_some_board() -> None:
    pressed, empty = limits.largest_pressed() * 1.01, limits.smallest_empty() * 0.99

    assert level(pressed, limits.PULL_UPS[0], 0) > limits.LOW_VOLTS
    assert level(empty, limits.PULL_UPS[1], 0) < limits.HIGH_VOLTS


def test_the_build_guide_prints_limits_of_the_mat_that_are_safe_and_not_needlessly_strict() -> None:
    empty = {float(ohms) * 1e3 for ohms in re.findall(r"above (\d+) kohm \|", BUILD)}
    pressed = {float(ohms) * 1e3 for ohms in re.findall(r"below (\d+) kohm \|$", BUILD, re.M)}
    [at_the_pin] = re.findall(r"to header pin 9 now reads below (\d+) kohm", BUILD)

    assert len(empty) == len(pressed) == 1
    assert limits.smallest_empty() <= min(empty) <= 1.1 * limits.smallest_empty()
    alone, behind = limits.largest_pressed(series=limits.R5), limits.largest_pressed()
    assert 0.9 * alone <= max(pressed) <= alone
    assert 0.9 * behind <= float(at_the_pin) * 1e3 <= behind


def test_the_filter_of_the_mat_is_far_faster_than_its_dwell() -> None:
    assert 10 * limits.filter_milliseconds() / 1000 < SeatSettings().sit_dwell.total_seconds()


def test_the_transistor_is_fully_on_at_its_least_gain() -> None:
    assert limits.overdrive(min(limits.GAINS)) == pytest.approx(5.06, abs=0.01)
    assert limits.overdrive(max(limits.GAINS)) == pytest.approx(8.43, abs=0.01)
    assert "at least five times" in WIRING


def test_a_piezo_takes_less_than_a_pin_supplies_with_every_resistor_of_the_list() -> None:
    currents = [limits.piezo_milliamperes(ohms) for ohms in (limits.R3, limits.R3_SMALLEST)]

    assert [round(current) for current in currents] == [10, 12]
    assert max(currents) < limits.PIN_MILLIAMPERES
    assert "10 to 12 mA" in WIRING
    options = (HARDWARE / "parts" / "mat.csv").read_text(encoding="utf-8")
    [row] = [line for line in options.splitlines() if line.startswith("R3,")]
    assert f"any {limits.R3_SMALLEST:g} to" in row


def test_a_nau7802_feeds_one_bridge_of_350_ohm_and_not_two() -> None:
    assert limits.bridge_milliamperes(350) < 10 < 2 * limits.bridge_milliamperes(350)
