"""Scale: turns the raw readings of all cells into inputs for the chair."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from unsit.core.chair import ActiveFault
from unsit.core.inputs import (
    Input,
    Lean,
    LevelConfirmed,
    LevelUncertain,
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
from unsit.core.weighing.faults import (
    CAPACITY_KG,
    CellFault,
    CellFaultReason,
    CellWatch,
    LoadWatch,
    Raw,
    counts_of,
)
from unsit.core.weighing.filters import Noise, Window, Zero
from unsit.core.weighing.occupancy import Edge, Limits, Occupancy

ScaleOutput = tuple[Input, Instant]
"""An input for the chair and the instant it belongs to."""

STEADY_FOR = timedelta(seconds=1)
STEADY_READINGS = 3
"""Least time and number of readings for a steady load."""

RESTLESS_KG = 2.0
"""Deviation from the median after which the scale is read faster."""

RESTLESS_FOR = timedelta(seconds=2)
"""Time for which the scale is read faster."""

RECENT_READINGS = 20

CONFIRMED_AFTER = 3
"""Readings of the current level that refute a single contrary reading."""

MIDDLE = ("seat",)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Configuration of a scale beside its calibration.

    cells: position of each cell, see ``balance.POSITIONS``; a single cell may have any name.
    longest: longest plausible time that somebody is on the seat, None for any.
    """

    cells: tuple[str, ...] = MIDDLE
    limits: Limits = field(default_factory=Limits)
    posture: Posture = field(default_factory=Posture)
    longest: timedelta | None = None


class Scale:
    """Scale of a seat.

    load: the filtered load in kg, None before the first reading and during a fault.
    recent: the last counts of all cells, for a tare or a known weight. fault: the current fault.
    """

    def __init__(self, calibration: Calibration, behaviour: Behaviour) -> None:
        self.calibration = calibration
        self.load: float | None = None
        self.fault: CellFault | None = None
        self.recent: deque[tuple[float, ...]] = deque(maxlen=RECENT_READINGS)
        self.window = Window()
        self._behaviour = behaviour
        self._cell_watches = [CellWatch() for _ in behaviour.cells]
        self._load_watch = LoadWatch()
        self._noise = Noise(calibration.noise)
        self._occupancy = Occupancy(behaviour.limits, self._noise)
        self._zero = Zero()
        self._balance = Balance(behaviour.posture)
        self._restless_until: Instant | None = None
        self._uncertain_for = 0
        self._level_is_unreported = False
        self._occupied_too_long = False

    def take_up(self, fault: ActiveFault | None) -> None:
        """Restore the fault of a previous run; without one, the first level will be reported."""
        if fault is None:
            self._level_is_unreported = True
        else:
            known = {reason.value for reason in CellFaultReason}
            reason = (
                CellFaultReason(fault.reason) if fault.reason in known else CellFaultReason.SILENT
            )
            self.fault = CellFault(reason, fault.since)

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of the cells."""
        return self._behaviour.cells

    @property
    def pressed(self) -> bool:
        """True if a person is on the seat, without dwell."""
        return self._occupancy.pressed

    @property
    def drift(self) -> float:
        """The drift of the zero since the tare in kg."""
        return self._zero.drift

    def is_restless(self, at: Instant) -> bool:
        """Return whether to read faster: the load changes or a fault may follow."""
        moving = self._restless_until is not None and at < self._restless_until
        return self.fault is None and (moving or any(w.is_suspicious for w in self._cell_watches))

    @property
    def is_uncertain(self) -> bool:
        """True while a reading contradicts the level and the median does not follow yet."""
        return self._uncertain_for > 0

    def next_deadline(self, at: Instant) -> Instant | None:
        """Return the next instant at which a reading changes something though the load rests."""
        return min((deadline for deadline in self._deadlines() if deadline > at), default=None)

    def _deadlines(self) -> Iterator[Instant]:
        yield from self._occupancy.deadlines()
        since, longest = self._occupancy.since, self._behaviour.longest
        if since is not None and longest is not None and self.fault is None:
            yield since + longest
        for deadline in (self._balance.deadline, self._zero.deadline):
            if deadline is not None:
                yield deadline

    def weigh(self, raws: Sequence[Raw], at: Instant) -> list[ScaleOutput]:
        """Add a reading of every cell, in order, and return the inputs for the chair."""
        faults = [watch.watch(raw, at) for watch, raw in zip(self._cell_watches, raws, strict=True)]
        fault = next(filter(None, faults), None)
        counts = counts_of(raws)
        if len(counts) < len(raws):
            return self._fail(fault, at)
        self.recent.append(tuple(counts))
        loads = self.calibration.loads(counts)
        load = sum(loads) - self._zero.drift
        is_possible = abs(load) <= CAPACITY_KG
        median = self.window.add(load, at) if is_possible else self.window.median or 0.0
        if abs(load - median) > RESTLESS_KG:
            self._restless_until = at + RESTLESS_FOR
        empty, person = self._occupancy.empty_limit(), self._occupancy.sit_limit()
        fault = fault or self._load_watch.watch(load, median, at, empty, person)
        if fault is None and self.calibration.tared is None:
            fault = CellFault(CellFaultReason.UNCALIBRATED, at)
        if fault is not None:
            return self._fail(fault, at)
        if not is_possible:
            return []
        if self.fault is not None:
            return self._recover(at)
        self.load = median
        if (too_long := self._is_occupied_too_long(at)) is not None:
            self.fault, self._occupied_too_long = too_long, True
            return [(SensorFailed(too_long.reason.value), too_long.since)]
        return self._check_level(load, at) + self._follow(loads, at)

    def calibrate(self, calibration: Calibration) -> None:
        """Set a new calibration; a new tare resets the drift and the resting load."""
        tared = calibration.tared != self.calibration.tared
        same_cells = calibration.cells == self.calibration.cells
        self.calibration = calibration
        if same_cells and not tared:
            return
        self.window.clear()
        if tared:
            self._zero.tare()
            self._occupancy.resting = 0.0

    def _fail(self, fault: CellFault | None, at: Instant) -> list[ScaleOutput]:
        if fault is None:
            return []
        if fault.reason is not CellFaultReason.UNCALIBRATED:
            self.window.clear()
            if fault.reason is not CellFaultReason.DRIFTING:  # a tare needs them
                self.recent.clear()
        self.load = None
        self._occupied_too_long = False
        if self.fault is not None:
            return []
        self.fault = fault
        self._uncertain_for = 0
        self._balance.stand_up()
        self._zero.sit()
        return [(SensorFailed(fault.reason.value), fault.since)]

    def _is_occupied_too_long(self, at: Instant) -> CellFault | None:
        """Return the fault of a seat that is occupied for longer than people sit."""
        since, longest = self._occupancy.since, self._behaviour.longest
        if since is None or longest is None or at - since < longest:
            return None
        return CellFault(CellFaultReason.STUCK, since + longest)

    def _recover(self, at: Instant) -> list[ScaleOutput]:
        if self._occupied_too_long:
            edge = self._occupancy.weigh(self.window, at)
            has_changed = edge is not None or self._occupancy.has_changed(self.window.median or 0.0)
            self._occupied_too_long = not has_changed
            self._occupancy.renew(at)
        if self._occupied_too_long or not self._is_steady():
            return []
        fault, self.fault = self.fault, None
        self.load = self.window.median
        self._occupancy.presume(self.load or 0.0, at)
        reason = fault.reason.value if fault else ""
        return [(SensorWorks(reason, pressed=self.pressed), at)]

    def _is_steady(self) -> bool:
        long_enough = self.window.span() >= STEADY_FOR
        return (
            len(self.window) >= STEADY_READINGS
            and long_enough
            and self.window.spread() <= RESTLESS_KG
        )

    def _check_level(self, load: float, at: Instant) -> list[ScaleOutput]:
        """Report that the level may have changed, before the median follows."""
        before = self._uncertain_for
        contrary = self._occupancy.is_contrary(load)
        self._uncertain_for = CONFIRMED_AFTER if contrary else max(before - 1, 0)
        if contrary and not before:
            return [(LevelUncertain(), at)]
        return [(LevelConfirmed(), at)] if before and not self._uncertain_for else []

    def _follow(self, loads: Sequence[float], at: Instant) -> list[ScaleOutput]:
        edge = self._occupancy.weigh(self.window, at)
        if not self.pressed:
            resting = self._occupancy.resting
            spread = self.window.spread()
            self._occupancy.resting = self._zero.follow(self.load or 0.0, spread, resting, at)
            self._noise.learn(spread)
        if edge is None and self._level_is_unreported and self._is_steady():
            self._occupancy.presume(self.load or 0.0, at)
            edge = Edge(self.pressed, at)
        if edge is None:
            return self._follow_balance(loads, at) if self.pressed else []
        self._level_is_unreported = False
        self._restless_until = at + RESTLESS_FOR
        self._uncertain_for = 0
        self._balance.stand_up()
        self._zero.sit()
        return [(Pressed() if edge.pressed else Released(), edge.since)]

    def _follow_balance(self, loads: Sequence[float], at: Instant) -> list[ScaleOutput]:
        names = self._behaviour.cells
        point = centre(names, loads) if len(names) > 1 else None
        return [] if point is None else _outputs(self._balance.follow(point, at), at)


def _outputs(movement: Movement, at: Instant) -> list[ScaleOutput]:
    outputs: list[ScaleOutput] = []
    if movement.upright:
        outputs.append((SitUpright(), at))
    if movement.leaned is not None:
        side, since = movement.leaned
        outputs.append((Lean(side.value, since), at))
    if movement.shifted:
        outputs.append((ShiftWeight(), at))
    return outputs
