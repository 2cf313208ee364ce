"""The programme: the exercises and sitting cues that there are, each with its dose.

It is data; ``unsit.settings.programme`` reads it, and ``unsit.core.exercises`` decides with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import ZERO

SIDES = ("left", "right")


class Part(Enum):
    """What a person does at a stage of a paced exercise."""

    GET_READY = "get ready"
    HOLD = "hold"
    LOWER = "lower"
    REST = "rest"
    SWITCH = "switch side"


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of an exercise and how long it lasts.

    side: one of ``SIDES``, None for an exercise without sides. repetition: counts up from 1 on
    each side, 0 before the first.
    """

    part: Part
    lasts: timedelta
    side: str | None = None
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class Dose:
    """How an exercise is done once.

    repetitions: on each side, if it has sides. hold: how long each is held. lower: how long the
    way back takes. rest: between two of them. switch: to change sides. get_ready: before the first.
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
        """The stages in order, without those that take no time."""
        return tuple(stage for stage in self._stages() if stage.lasts > ZERO)

    @property
    def lasts(self) -> timedelta:
        """How long all of it takes."""
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
    """An exercise in the form in which this person does it.

    name, steps, caution: for people. source: where the dose is from. times_a_day: how often it is
    owed. apart: how long after it was done it is not offered again. counts_after: time off the
    seat, once offered, from which it counts as done by itself; None for never.
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
    """When a sitting cue comes."""

    SITTING = "sitting"
    LEANING = "leaning"


@dataclass(frozen=True, slots=True)
class Cue:
    """A word about how to sit.

    occasions: when it may come. times_a_day: how often early in a bout; leaning is not counted.
    """

    id: str
    text: str
    occasions: frozenset[Occasion]
    times_a_day: int = 1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """What there is, in the order in which it is offered.

    offer_after: how long a bout must have lasted for a stand-up to bring an offer, where it was
    not due. cue_after: how long after the sit-down a cue comes. press_paces: a short press while
    one is offered has it paced, instead of saying that it is done.
    """

    exercises: tuple[Exercise, ...] = ()
    cues: tuple[Cue, ...] = ()
    offer_after: timedelta = timedelta(minutes=15)
    cue_after: timedelta = timedelta(minutes=5)
    press_paces: bool = False

    def exercise(self, name: str) -> Exercise | None:
        """The exercise of an id, None if there is none."""
        return next((one for one in self.exercises if one.id == name), None)
