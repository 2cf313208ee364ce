"""Programme: all exercises, each with its dose, and all sitting cues."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import ZERO

SIDES = ("left", "right")


class Part(Enum):
    """Kind of a stage of a paced exercise."""

    GET_READY = "get ready"
    HOLD = "hold"
    LOWER = "lower"
    REST = "rest"
    SWITCH = "switch side"


@dataclass(frozen=True, slots=True)
class Stage:
    """Stage of a paced exercise.

    side: one of ``SIDES``, None for an exercise without sides. repetition: counts up from 1 on
    each side, 0 before the first.
    """

    part: Part
    lasts: timedelta
    side: str | None = None
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class Dose:
    """Dose of an exercise that is done once.

    repetitions: on each side, if it has sides. hold, lower: time of each hold and of the way back.
    rest: time between two repetitions. switch: time to change sides. get_ready: time before the
    first repetition.
    """

    repetitions: int
    hold: timedelta
    lower: timedelta = ZERO
    rest: timedelta = ZERO
    has_sides: bool = False
    switch: timedelta = ZERO
    get_ready: timedelta = ZERO

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Stages in order, without those of 0 s."""
        return tuple(stage for stage in self._stages() if stage.lasts > ZERO)

    @property
    def lasts(self) -> timedelta:
        """Time of all stages."""
        return sum((stage.lasts for stage in self.stages), ZERO)

    def _stages(self) -> Iterator[Stage]:
        sides: tuple[str | None, ...] = SIDES if self.has_sides else (None,)
        yield Stage(Part.GET_READY, self.get_ready, sides[0])
        for nth, side in enumerate(sides):
            if nth:
                yield Stage(Part.SWITCH, self.switch, side)
            yield from self._on(side)

    def _on(self, side: str | None) -> Iterator[Stage]:
        for repetition in range(1, self.repetitions + 1):
            yield Stage(Part.HOLD, self.hold, side, repetition)
            yield Stage(Part.LOWER, self.lower, side, repetition)
            if repetition < self.repetitions:
                yield Stage(Part.REST, self.rest, side, repetition)


@dataclass(frozen=True, slots=True)
class Exercise:
    """Exercise, in the variant that this person does.

    name, steps, caution: texts for people. source: origin of the dose. times_a_day: number of times
    that it is owed. apart: time after it was done during which it is not offered. counts_after:
    time off the seat, once offered, after which it counts as done by itself; None for never.
    """

    id: str
    name: str
    steps: tuple[str, ...]
    dose: Dose
    caution: str = ""
    source: str = ""
    times_a_day: int = 1
    apart: timedelta = ZERO
    counts_after: timedelta | None = None
    is_harder: bool = False


class Occasion(Enum):
    """Occasion of a sitting cue."""

    SITTING = "sitting"
    LEANING = "leaning"


@dataclass(frozen=True, slots=True)
class Cue:
    """Sitting cue: a short text about posture.

    occasions: when it may come. times_a_day: number of times early in a bout; those for leaning are
    not counted.
    """

    id: str
    text: str
    occasions: frozenset[Occasion]
    times_a_day: int = 1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """Exercises and cues, in the order in which they are offered.

    offer_after: how long a bout that was not due must have lasted for its stand-up to bring an
    offer. cue_after: time from the sit-down to a cue. press_paces: a short press starts to pace the
    offered exercise, instead of counting it as done.
    """

    exercises: tuple[Exercise, ...] = ()
    cues: tuple[Cue, ...] = ()
    offer_after: timedelta = timedelta(minutes=15)
    cue_after: timedelta = timedelta(minutes=5)
    press_paces: bool = False

    def exercise(self, name: str) -> Exercise | None:
        """Return the exercise with an id, None if there is none."""
        return next((exercise for exercise in self.exercises if exercise.id == name), None)
