"""Restarts of a scale: its first level is reported, and a fault persists."""

import pytest

from support.timeline import sec
from unsit.core.chair import ActiveFault
from unsit.core.inputs import Input, LevelUncertain, Pressed, Released, SensorWorks
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale


def scale_after(fault: ActiveFault | None) -> Scale:
    scale = Scale(nominal(1, tared="once"), Behaviour())
    scale.take_up(fault)
    return scale


def weighed(scale: Scale, kilograms: float, seconds: int = 10) -> list[Input]:
    """Return the inputs of a load that is read 10 times a second, without uncertain levels."""
    cell = scale.calibration.cells[0]
    emitted: list[Input] = []
    for nth in range(seconds * 10):
        load = kilograms + 0.01 * (nth % 3)
        raw = cell.zero + load * cell.counts_per_kg
        emitted += [
            what for what, _ in scale.weigh([raw], sec(nth / 10)) if what != LevelUncertain()
        ]
    return emitted


@pytest.mark.parametrize(("kilograms", "level"), [(0.0, Released()), (60.0, Pressed())])
def test_the_first_level_is_reported_once(kilograms: float, level: Input) -> None:
    assert weighed(scale_after(None), kilograms) == [level]


@pytest.mark.parametrize(("kilograms", "pressed"), [(0.0, False), (60.0, True)])
@pytest.mark.parametrize(("reason", "known_reason"), [("stuck", "stuck"), ("of a mat", "silent")])
def test_a_fault_is_over_when_the_cells_are_steady(
    kilograms: float, pressed: bool, reason: str, known_reason: str
) -> None:
    scale = scale_after(ActiveFault(reason, sec(-5)))

    assert weighed(scale, kilograms) == [SensorWorks(known_reason, pressed=pressed)]
