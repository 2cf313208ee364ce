"""A scale that is started again: its first level is told, and a fault goes on."""

import pytest

from timeline import sec
from unsit.core.chair import Fault
from unsit.core.inputs import Doubt, Input, Pressed, Released, SensorWorks
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale


def scale_after(fault: Fault | None) -> Scale:
    scale = Scale(nominal(1, tared="once"), Behaviour())
    scale.take_up(fault)
    return scale


def weighed(scale: Scale, kilograms: float, seconds: int = 10) -> list[Input]:
    """What a load has the scale say for certain, read ten times a second with some noise."""
    cell = scale.calibration.cells[0]
    told: list[Input] = []
    for nth in range(seconds * 10):
        load = kilograms + 0.01 * (nth % 3)
        raw = cell.zero + load * cell.counts_per_kg
        told += [what for what, _ in scale.weigh([raw], sec(nth / 10)) if what != Doubt()]
    return told


@pytest.mark.parametrize(("kilograms", "level"), [(0.0, Released()), (60.0, Pressed())])
def test_the_level_is_told_once_whatever_it_is(kilograms: float, level: Input) -> None:
    assert weighed(scale_after(None), kilograms) == [level]


@pytest.mark.parametrize(("kilograms", "pressed"), [(0.0, False), (60.0, True)])
@pytest.mark.parametrize(("reason", "said"), [("stuck", "stuck"), ("of a mat", "silent")])
def test_a_fault_is_over_when_the_cells_are_steady(
    kilograms: float, pressed: bool, reason: str, said: str
) -> None:
    scale = scale_after(Fault(reason, sec(-5)))

    assert weighed(scale, kilograms) == [SensorWorks(said, pressed=pressed)]
