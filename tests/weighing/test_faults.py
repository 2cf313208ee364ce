"""Faults of cells: unplugged, shorted, saturated, stuck or flapping, detected within 5 s."""

import random
from collections.abc import Callable

import pytest

from support.chair_run import ChairRun
from support.simulated_person import IDLE, QUICK, Seat, Weighing
from support.timeline import sec
from unsit.core.events import BoutStarted, SensorFault, SensorRecovered
from unsit.core.inputs import Input, Pressed, Released, SensorFailed, SensorWorks
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG as PER_KG
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.faults import Missing, Raw
from unsit.core.weighing.scale import Behaviour, Scale

BROKEN_AT = 100.0
REPAIRED_AT = 120.0


Broken = Callable[[], Raw]


def always(raw: Raw) -> Broken:
    return lambda: raw


def around(raw: float, scatter: float) -> Broken:
    chance = random.Random(4)
    return lambda: round(chance.gauss(raw, scatter))


def weigh(kg: float, broken: Broken) -> Weighing:
    """Weigh a load on a seat for 130 s whose cell is broken from 100 s to 120 s."""
    seat, weighing, now = Seat().at(30, kg), Weighing(), 0.0
    while now < 130:
        raw = broken() if BROKEN_AT <= now < REPAIRED_AT else seat.raw(now)
        weighing.read((raw,), now)
        now += QUICK if weighing.scale.is_restless(sec(now)) else IDLE
    return weighing


FAULTS: list[tuple[str, Broken]] = [
    ("silent", always(Missing.SILENT)),
    ("saturated", always(Missing.SATURATED)),
    ("shorted", always(Missing.SHORTED)),
    ("corrupted", always(Missing.CORRUPTED)),
    ("stuck", always(123_456)),
    ("stuck", always(75 * int(PER_KG))),
    ("drifting", around(-20 * PER_KG, scatter=21)),
    ("flapping", around(0, scatter=2.0**22)),
]


@pytest.mark.parametrize("kg", [0.0, 75.0])
@pytest.mark.parametrize(("reason", "broken"), FAULTS)
def test_a_broken_cell_is_a_fault_within_5_seconds_with_its_reason_and_recovers(
    kg: float, reason: str, broken: Broken
) -> None:
    weighing = weigh(kg, broken)

    outputs = zip(weighing.inputs, weighing.late, strict=True)
    [fault, recovery] = [(given, at, late) for (given, at), late in outputs if not is_edge(given)]
    assert fault[0] == SensorFailed(reason)
    assert fault[1] >= BROKEN_AT
    assert fault[1] + fault[2] <= BROKEN_AT + 5
    assert recovery[0] == SensorWorks(reason, pressed=kg > 15)
    assert REPAIRED_AT < recovery[1] < REPAIRED_AT + 7


def is_edge(given: Input) -> bool:
    return given in (Pressed(), Released())


@pytest.mark.parametrize("kg", [0.0, 75.0])
@pytest.mark.parametrize(("reason", "broken"), FAULTS)
def test_no_bout_begins_or_ends_at_a_fault(kg: float, reason: str, broken: Broken) -> None:
    run = ChairRun(Rules())
    for given, at in weigh(kg, broken).inputs:
        run.tick_before(sec(at))
        run.feed(given, max(sec(at), run.now))

    events = [type(entry.effect) for entry in run.emitted]
    assert events == [BoutStarted] * (kg > 0) + [SensorFault, SensorRecovered]


def test_no_edge_is_reported_during_a_fault() -> None:
    weighing = weigh(75.0, always(Missing.SILENT))

    assert [at for _, at in weighing.edges if at > BROKEN_AT] == []


def test_missing_readings_for_less_than_3_seconds_are_no_fault() -> None:
    weighing = Weighing()
    seat = Seat().at(1, 75)
    for tick in range(1000):
        lost = tick % 100 < 28
        weighing.read((Missing.SILENT if lost else seat.raw(tick / 10),), tick / 10)

    assert weighing.others == []
    assert len(weighing.edges) == 1


def test_a_fault_lasts_until_a_second_of_good_readings() -> None:
    weighing = Weighing()
    for tick in range(40):
        weighing.read((Missing.SILENT,), tick / 10)
    for tick in range(40, 100):
        good = tick % 8 != 0
        weighing.read((tick if good else Missing.SILENT,), tick / 10)

    assert weighing.others[0] == SensorFailed("silent")


def test_one_broken_cell_of_four_is_a_fault_of_the_seat() -> None:
    names = ("left_front", "right_front", "left_back", "right_back")
    weighing = Weighing(Scale(nominal(4, "simulated"), Behaviour(names)))
    chance = random.Random(1)
    for tick in range(60):
        raws: list[Raw] = [chance.gauss(20 * PER_KG, 21) for _ in names]
        weighing.read([*raws[:2], Missing.SATURATED, raws[3]], tick / 10)

    assert weighing.others == [SensorFailed("saturated")]


def test_a_very_quiet_cell_is_not_stuck() -> None:
    weighing = Weighing().weigh(Seat(noise=1.5).at(100, 75), 0, 7200)

    assert weighing.others == []
