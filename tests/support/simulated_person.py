"""Simulated persons on a simulated load cell, and a scale that is read as the service reads it.

``Weighing().weigh(Seat().at(60, 75).at(660, 0), 0, 700).edges`` are the edges of a person of 75 kg
who sits from second 60 to second 660.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from support.chair_run import ChairRun
from support.timeline import sec
from unsit.core.events import BoutEnded
from unsit.core.inputs import Input, LevelConfirmed, LevelUncertain, Pressed, Released
from unsit.core.instant import Instant
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG, nominal
from unsit.core.weighing.faults import Raw
from unsit.core.weighing.scale import Behaviour, Scale

NOISE = 21.0
"""Counts: 50 nV rms of an HX711 at 10 readings a second, in steps of 2.4 nV."""

IDLE, QUICK = 0.4, 0.1
"""Seconds between readings, normally and while the load changes."""

RAMP = 0.4
"""Seconds that a change of load takes."""

CREEP_PER_SECOND = 0.001 / 1800
"""0.1 % of the load in 30 minutes, growing for up to 8 hours."""

Edge = tuple[bool, float]
"""True for a sit-down, and its second."""


@dataclass
class Seat:
    """A seat whose load changes at given seconds, in ramps as bodies make them, with real creep.

    noise: counts. drift: kg added at a second. corrupt: counts in place of a good reading at a
    second, or None. real: added to the counts of each reading, such as a recorded noise.
    """

    noise: float = NOISE
    seed: int = 1
    drift: Callable[[float], float] = lambda seconds: 0.0
    corrupt: Callable[[float], float | None] = lambda seconds: None
    real: Callable[[], float] = lambda: 0.0
    times: list[float] = field(default_factory=lambda: [-1e6])
    loads: list[float] = field(default_factory=lambda: [0.0])

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def at(self, seconds: float, kg: float) -> "Seat":
        """Set the load from a second on."""
        self.times.append(seconds)
        self.loads.append(kg)
        return self

    def load(self, seconds: float) -> float:
        """Return the load at a second in kg."""
        nth = bisect_right(self.times, seconds) - 1
        since, kg, before = seconds - self.times[nth], self.loads[nth], self.loads[max(nth - 1, 0)]
        creep = kg * CREEP_PER_SECOND * min(since, 8 * 3600)
        return before + min(since / RAMP, 1.0) * (kg - before) + creep + self.drift(seconds)

    def raw(self, seconds: float) -> Raw:
        """Return the counts of a reading at a second."""
        wrong = self.corrupt(seconds)
        if wrong is not None:
            return wrong
        noise = self._chance.gauss(0, self.noise) + self.real()
        return round(self.load(seconds) * NOMINAL_COUNTS_PER_KG + noise)


@dataclass(frozen=True)
class Output:
    """An input that a scale gives the chair, the second it belongs to, and the second of output."""

    given: Input
    at: float
    now: float


@dataclass
class Weighing:
    """A scale and all its outputs."""

    scale: Scale = field(default_factory=lambda: Scale(nominal(1, "simulated"), Behaviour()))
    outputs: list[Output] = field(default_factory=list)

    def weigh(self, seat: Seat, begin: float, end: float) -> "Weighing":
        """Read a seat with one cell from one second to another."""
        now = begin
        while now < end:
            at = self.read((seat.raw(now),), now)
            now += QUICK if self.scale.is_restless(at) else IDLE
        return self

    def read(self, raws: Sequence[Raw], now: float) -> Instant:
        """Give the scale one reading of each cell, and return its instant."""
        instant = sec(now)
        outputs = self.scale.weigh(raws, instant)
        self.outputs += [Output(given, at.total_seconds(), now) for given, at in outputs]
        return instant

    @property
    def settled(self) -> list[Output]:
        """The outputs without those about uncertain levels."""
        uncertain = (LevelUncertain(), LevelConfirmed())
        return [output for output in self.outputs if output.given not in uncertain]

    @property
    def inputs(self) -> list[tuple[Input, float]]:
        """The settled outputs with the seconds they belong to."""
        return [(output.given, output.at) for output in self.settled]

    @property
    def late(self) -> list[float]:
        """The delay of each settled output in seconds."""
        return [output.now - output.at for output in self.settled]

    @property
    def edges(self) -> list[Edge]:
        """All edges."""
        edges = (Pressed(), Released())
        return [(given == Pressed(), at) for given, at in self.inputs if given in edges]

    @property
    def others(self) -> list[Input]:
        """All settled inputs that are no edges."""
        return [given for given, _ in self.inputs if given not in (Pressed(), Released())]

    def bouts(self, rules: Rules, end: float) -> list[tuple[float, float]]:
        """Run a chair on the outputs and return its bouts as seconds of start and end."""
        run = ChairRun(rules)
        for output in self.outputs:
            run.tick_before(sec(output.now))
            run.feed(output.given, max(sec(output.at), run.now))
        run.tick_through(sec(end))
        ended = [entry.effect for entry in run.emitted if isinstance(entry.effect, BoutEnded)]
        return [(bout.started.total_seconds(), bout.ended.total_seconds()) for bout in ended]


def near(found: Sequence[Edge], true: Sequence[Edge], seconds: float) -> bool:
    """Return whether the found edges are the true ones, each within some seconds of its time."""
    return [on for on, _ in found] == [on for on, _ in true] and all(
        abs(at - real) <= seconds for (_, at), (_, real) in zip(found, true, strict=True)
    )
