"""Synthetic sitters on a synthetic cell, and a scale that is read as the service reads it.

Weighing().weigh(Seat().at(60, 75).at(660, 0), 0, 700).edges
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from living import Run
from timeline import sec
from unsit.core.events import BoutEnded
from unsit.core.inputs import Certain, Doubt, Input, Pressed, Released
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import NOMINAL_COUNTS_PER_KG, nominal
from unsit.core.weighing.faults import Raw
from unsit.core.weighing.scale import Behaviour, Scale

NOISE = 21.0
"""Counts: 50 nV rms of an HX711 at 10 readings a second, in steps of 2.4 nV."""

IDLE, QUICK = 0.4, 0.1
RAMP = 0.4
CREEP_PER_SECOND = 0.001 / 1800
"""0.1 % of the load in 30 minutes, growing for up to 8 hours."""

Edge = tuple[bool, float]


@dataclass
class Seat:
    """A seat whose load changes at given times, in ramps as bodies make them, with real creep.

    noise: counts. drift: kg added at a time. corrupt: counts in place of a good reading at a
    time, or None. real: added to the counts of each reading, such as a recorded noise.
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
        """From here on the seat carries so much."""
        self.times.append(seconds)
        self.loads.append(kg)
        return self

    def load(self, seconds: float) -> float:
        """kg at a time."""
        nth = bisect_right(self.times, seconds) - 1
        since, kg, before = seconds - self.times[nth], self.loads[nth], self.loads[max(nth - 1, 0)]
        creep = kg * CREEP_PER_SECOND * min(since, 8 * 3600)
        return before + min(since / RAMP, 1.0) * (kg - before) + creep + self.drift(seconds)

    def raw(self, seconds: float) -> Raw:
        """Counts at a time."""
        wrong = self.corrupt(seconds)
        if wrong is not None:
            return wrong
        noise = self._chance.gauss(0, self.noise) + self.real()
        return round(self.load(seconds) * NOMINAL_COUNTS_PER_KG + noise)


@dataclass(frozen=True)
class Told:
    """What a scale told: an input for the chair, the seconds it is of, and when it was told."""

    what: Input
    at: float
    now: float


@dataclass
class Weighing:
    """A scale, and everything that it has told."""

    scale: Scale = field(default_factory=lambda: Scale(nominal(1, "simulated"), Behaviour()))
    everything: list[Told] = field(default_factory=list)

    def weigh(self, seat: Seat, begin: float, end: float) -> "Weighing":
        """Reads a seat with one cell, slowly, and faster when the scale is restless."""
        now = begin
        while now < end:
            self.read((seat.raw(now),), now)
            now += QUICK if self.scale.is_restless(sec(now)) else IDLE
        return self

    def read(self, raws: Sequence[Raw], now: float) -> None:
        """Gives one reading of each cell."""
        happened = self.scale.weigh(raws, sec(now))
        self.everything += [Told(what, at.total_seconds(), now) for what, at in happened]

    @property
    def certain(self) -> list[Told]:
        """What was told, without the doubts before it."""
        return [one for one in self.everything if one.what not in (Doubt(), Certain())]

    @property
    def told(self) -> list[tuple[Input, float]]:
        """The same, by its seconds."""
        return [(one.what, one.at) for one in self.certain]

    @property
    def late(self) -> list[float]:
        """How many seconds after it happened each of these was told."""
        return [one.now - one.at for one in self.certain]

    @property
    def edges(self) -> list[Edge]:
        """Every edge: True for a sit-down, and its time."""
        return [
            (what == Pressed(), at) for what, at in self.told if what in (Pressed(), Released())
        ]

    @property
    def others(self) -> list[Input]:
        """What was told and is no edge."""
        return [what for what, _ in self.told if what not in (Pressed(), Released())]

    def bouts(self, rules: Rules, end: float) -> list[tuple[float, float]]:
        """The bouts that a chair makes of it, by their start and end in seconds."""
        run = Run(rules)
        for one in self.everything:
            run.wait(before=sec(one.now))
            run.feed(one.what, max(sec(one.at), run.now))
        run.wait_through(sec(end))
        ended = [one.effect for one in run.told if isinstance(one.effect, BoutEnded)]
        return [(bout.started.total_seconds(), bout.ended.total_seconds()) for bout in ended]


def near(found: Sequence[Edge], true: Sequence[Edge], seconds: float) -> bool:
    """Whether these edges were found and no others, each so near to its true time."""
    return [on for on, _ in found] == [on for on, _ in true] and all(
        abs(at - real) <= seconds for (_, at), (_, real) in zip(found, true, strict=True)
    )
