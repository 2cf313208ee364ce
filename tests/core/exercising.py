"""Words for timelines with exercises, and a programme with short doses."""

from datetime import timedelta

from timeline import (
    Moment,
    Owed,
    at,
    bout_started,
    expect,
    lamp_off,
    lamp_on,
    sec,
    silence,
    sits,
    sound,
    stands,
    stood_up,
)
from unsit.core.effects import Beat, Signal
from unsit.core.events import (
    ExerciseDone,
    ExerciseDue,
    ExerciseStarted,
    ExerciseStopped,
    MoveDue,
    SittingCue,
)
from unsit.core.inputs import Day, FinishExercise, PaceExercise, StopPacing
from unsit.core.programme import Cue, Dose, Exercise, Occasion, Programme


def exercise(
    name: str, dose: Dose, times_a_day: int, *, counts_after: float | None = None
) -> Exercise:
    after = None if counts_after is None else sec(counts_after)
    return Exercise(
        name, f"the {name}", ("do it",), dose, times_a_day=times_a_day, counts_after=after
    )


STRETCH = exercise(
    "stretch",
    Dose(2, sec(20), rest=sec(5), has_sides=True, switch=sec(6), get_ready=sec(10)),
    times_a_day=2,
)
BRIDGE = exercise("bridge", Dose(2, sec(10), lower=sec(4), rest=sec(3), get_ready=sec(5)), 1)
WALK = exercise("walk", Dose(1, sec(300), get_ready=sec(5)), 3, counts_after=300)

SITTING = frozenset({Occasion.SITTING})
BACK = Cue("back", "Sit back.", SITTING | {Occasion.LEANING}, times_a_day=2)
FEET = Cue("feet", "Feet flat.", SITTING)

BOTH = Programme((STRETCH, BRIDGE))
ONLY_STRETCH = Programme((STRETCH,))
ONLY_BRIDGE = Programme((BRIDGE,))
ONLY_WALK = Programme((WALK,))
CUES = Programme(cues=(BACK, FEET))

paces = PaceExercise()
stops_pacing = StopPacing("command")
says_done = FinishExercise()


def names(one: Exercise) -> FinishExercise:
    """Says that an exercise is done, by its name."""
    return FinishExercise(one.id)


def day(start: float, *, hours: float = 24) -> Day:
    return Day(sec(start), sec(start) + timedelta(hours=hours))


def due(bout: float, one: Exercise | None, *, silent: bool = False) -> Owed:
    """The call to move, with the exercise that is owed."""
    return lambda at: MoveDue(at, sec(bout), silent, None, one)


def offered(one: Exercise) -> Owed:
    return lambda at: ExerciseDue(at, one)


def started(one: Exercise, *, lasts: float) -> Owed:
    return lambda at: ExerciseStarted(at, one, sec(lasts))


def stopped(one: Exercise, reason: str) -> Owed:
    return lambda at: ExerciseStopped(at, one, reason)


def done(one: Exercise, *, paced: bool = False) -> Owed:
    return lambda at: ExerciseDone(at, one, paced)


def cued(one: Cue, *, silent: bool = False) -> Owed:
    return lambda at: SittingCue(at, one, silent)


def start(_: timedelta) -> Beat:
    return Beat(Signal.START)


def release(_: timedelta) -> Beat:
    return Beat(Signal.RELEASE)


def switch(_: timedelta) -> Beat:
    return Beat(Signal.SWITCH)


def finish(_: timedelta) -> Beat:
    return Beat(Signal.DONE)


def bout(one: Exercise | None, *, start: float = 0, rises: bool = True) -> tuple[Moment, ...]:
    """A first bout that is due after 600 s and left 10 s later, for an exercise."""
    begun = (at(start, sits), expect(start, bout_started))
    called = expect(start + 600, due(600, one), sound, lamp_on)
    if not rises:
        return (*begun, called)
    offers = [] if one is None else [offered(one)]
    left = expect(start + 610, silence, lamp_off, stood_up(bout=610, response=10), *offers)
    return (*begun, called, at(start + 610, stands), left)


LASTS = 106
"""Seconds of the stretch."""


def stretch_from(seconds: float) -> tuple[Moment, ...]:
    """All beats of the stretch that is asked for at an instant."""
    beats = [
        (10, start),
        (30, release),
        (35, start),
        (55, switch),
        (61, start),
        (81, release),
        (86, start),
    ]
    return (
        at(seconds, paces),
        expect(seconds, started(STRETCH, lasts=LASTS)),
        *(expect(seconds + after, beat) for after, beat in beats),
        expect(seconds + LASTS, finish, done(STRETCH, paced=True)),
    )
