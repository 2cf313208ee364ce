"""The scale: raw readings of all cells in, what they mean for the chair out."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from unsit.core.chair import Fault as Suspicion
from unsit.core.inputs import (
    Certain,
    Doubt,
    Input,
    Lean,
    Pressed,
    Released,
    SensorFailed,
    SensorWorks,
    ShiftWeight,
    SitUpright,
)
from unsit.core.instant import Instant
from unsit.core.weighing.balance import Balance, Movement, Posture, centre
from unsit.core.weighing.calibration import Calibration
from unsit.core.weighing.faults import Fault, Faults, Missing, Raw, Reason
from unsit.core.weighing.occupancy import Edge, Limits, Occupancy
from unsit.core.weighing.window import Window
from unsit.core.weighing.zero import Zero

Happening = tuple[Input, Instant]
"""An input for the chair and the instant that it is of."""

RECOVERED_AFTER = timedelta(seconds=1)
RECOVERED_READINGS = 3

RESTLESS = 2.0
"""kg. A reading so far from the median asks for the next one soon."""

RECENT = 20

DOUBTED_FOR = 3
"""Readings of one's own level after which a reading of the other is known to have been wrong."""

RESTLESS_FOR = timedelta(seconds=2)
MIDDLE = ("seat",)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a scale needs to know beside its calibration.

    cells: the name of each cell, see ``balance.POSITIONS``; a single one may be called anything.
    """

    cells: tuple[str, ...] = MIDDLE
    limits: Limits = field(default_factory=Limits)
    posture: Posture = field(default_factory=Posture)


class Scale:
    """Weighs a seat.

    load: the filtered load in kg, None before the first reading and during a fault.
    recent: the last counts of all cells, to measure a tare or a known weight from.
    fault: what is wrong with the sensor, None for nothing.
    """

    def __init__(self, calibration: Calibration, behaviour: Behaviour) -> None:
        self.calibration = calibration
        self.load: float | None = None
        self.fault: Fault | None = None
        self.recent: deque[tuple[float, ...]] = deque(maxlen=RECENT)
        self.window = Window()
        self._behaviour = behaviour
        self._faults = Faults(len(behaviour.cells))
        self._occupancy = Occupancy(behaviour.limits)
        self._zero = Zero()
        self._balance = Balance(behaviour.posture)
        self._restless_until: Instant | None = None
        self._doubt = 0
        self._level_is_owed = False

    def take_up(self, fault: Suspicion | None) -> None:
        """Goes on after a restart with the fault that there was; the level is told in any case."""
        if fault is None:
            self._level_is_owed = True
        else:
            known = {reason.value for reason in Reason}
            reason = Reason(fault.reason) if fault.reason in known else Reason.SILENT
            self.fault = Fault(reason, fault.since)

    @property
    def pressed(self) -> bool:
        """A person is on the seat, without dwell."""
        return self._occupancy.pressed

    @property
    def drift(self) -> float:
        """How far the zero has followed the empty seat since the tare, in kg."""
        return self._zero.drift

    def is_restless(self, at: Instant) -> bool:
        """Whether the load changes, or a fault is suspected: the next reading is wanted soon."""
        moving = self._restless_until is not None and at < self._restless_until
        return self.fault is None and (moving or self._faults.are_suspected)

    def weigh(self, raws: Sequence[Raw], at: Instant) -> list[Happening]:
        """Takes a reading of every cell, in their order; what follows from it."""
        fault = self._faults.watch_cells(raws, at)
        counts = [raw for raw in raws if not isinstance(raw, Missing)]
        if len(counts) < len(raws):
            return self._fail(fault, at)
        self.recent.append(tuple(counts))
        loads = self.calibration.loads(counts)
        load = sum(loads) - self._zero.drift
        median = self.window.add(load, at)
        if abs(load - median) > RESTLESS:
            self._restless_until = at + RESTLESS_FOR
        fault = fault or self._faults.watch_load(load, median, at)
        if fault is None and self.calibration.tared is None:
            fault = Fault(Reason.UNCALIBRATED, at)
        if fault is not None or self.fault is not None:
            return self._fail(fault, at) if fault is not None else self._recover(at)
        self.load = median
        return self._doubted(load, at) + self._follow(loads, at)

    def calibrate(self, calibration: Calibration) -> None:
        """Takes a new calibration; the zero that it names is taken as it is now."""
        tared = calibration.tared != self.calibration.tared
        self.calibration = calibration
        self.window.clear()
        if tared:
            self._zero.tare()
            self._occupancy.resting = 0.0

    def _fail(self, fault: Fault | None, at: Instant) -> list[Happening]:
        if fault is None:
            return []
        if fault.reason is not Reason.UNCALIBRATED:
            self.window.clear()
            self.recent.clear()
        self.load = None
        if self.fault is not None:
            return []
        self.fault = fault
        self._doubt = 0
        self._balance.stand_up()
        self._zero.sit()
        return [(SensorFailed(fault.reason.value), fault.since)]

    def _recover(self, at: Instant) -> list[Happening]:
        if not self._is_steady():
            return []
        fault, self.fault = self.fault, None
        self.load = self.window.median
        self._occupancy.presume(self.load or 0.0, at)
        reason = fault.reason.value if fault else ""
        return [(SensorWorks(reason, pressed=self.pressed), at)]

    def _is_steady(self) -> bool:
        long_enough = self.window.span() >= RECOVERED_AFTER
        return (
            len(self.window) >= RECOVERED_READINGS
            and long_enough
            and self.window.spread() <= RESTLESS
        )

    def _doubted(self, load: float, at: Instant) -> list[Happening]:
        """Says when the level may have changed, long before the median says that it has."""
        before = self._doubt
        contrary = self._occupancy.is_contrary(load)
        self._doubt = DOUBTED_FOR if contrary else max(before - 1, 0)
        if contrary and not before:
            return [(Doubt(), at)]
        return [(Certain(), at)] if before and not self._doubt else []

    def _follow(self, loads: Sequence[float], at: Instant) -> list[Happening]:
        edge = self._occupancy.weigh(self.window, at)
        if not self.pressed:
            resting = self._occupancy.resting
            self._occupancy.resting = self._zero.follow(
                self.load or 0.0, self.window.spread(), resting, at
            )
        if edge is None and self._level_is_owed and self._is_steady():
            self._occupancy.presume(self.load or 0.0, at)
            edge = Edge(self.pressed, at)
        if edge is None:
            return self._follow_balance(loads, at) if self.pressed else []
        self._level_is_owed = False
        self._restless_until = at + RESTLESS_FOR
        self._doubt = 0
        self._balance.stand_up()
        self._zero.sit()
        return [(Pressed() if edge.pressed else Released(), edge.since)]

    def _follow_balance(self, loads: Sequence[float], at: Instant) -> list[Happening]:
        names = self._behaviour.cells
        point = centre(names, loads) if len(names) > 1 else None
        return [] if point is None else _told(self._balance.follow(point, at), at)


def _told(movement: Movement, at: Instant) -> list[Happening]:
    told: list[Happening] = []
    if movement.upright:
        told.append((SitUpright(), at))
    if movement.leaned is not None:
        side, since = movement.leaned
        told.append((Lean(side.value, since), at))
    if movement.shifted:
        told.append((ShiftWeight(), at))
    return told
