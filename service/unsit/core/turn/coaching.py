"""Exercises and sitting cues: what is offered, paced and counted."""

from dataclasses import replace

from unsit.core import exercises
from unsit.core.effects import Refuse, Signal
from unsit.core.events import (
    BoutStarted,
    ExerciseDone,
    ExerciseDue,
    ExerciseStarted,
    ExerciseStopped,
    SatBack,
    SittingCue,
    StoodUp,
)
from unsit.core.exercises import Pacing
from unsit.core.inputs import Coached, FinishExercise, PaceExercise, StopPacing
from unsit.core.instant import Instant
from unsit.core.programme import Cue, Exercise, Part
from unsit.core.turn.underway import Turn

SAT_DOWN = "sat down"
HELD = "hold"
FAULT = "sensor fault"

_SIGNALS = {Part.HOLD: Signal.START, Part.SWITCH: Signal.SWITCH}


def follow(turn: Turn, happened: object) -> None:
    """What a sit-down or a stand-up means for exercises."""
    match happened:
        case BoutStarted():
            sit_down(turn, happened.at)
            turn.change(coaching=exercises.begin_bout(turn.chair.coaching, happened.at))
        case SatBack():
            sit_down(turn, happened.at)
        case StoodUp():
            _stand_up(turn, happened)
        case _:
            pass


def coach(turn: Turn, what: Coached, at: Instant) -> None:
    """All that people ask for about exercises."""
    match what:
        case PaceExercise():
            _pace(turn, what.exercise, at)
        case StopPacing():
            if turn.chair.coaching.pacing is None:
                turn.owe(Refuse("no exercise is paced"))
            stop(turn, what.reason, at)
        case FinishExercise():
            _finish_asked(turn, what.exercise, at)


def answer(turn: Turn, at: Instant) -> bool:
    """Takes a short press as the answer to an exercise that is paced or offered; whether it was."""
    coaching = turn.chair.coaching
    if coaching.pacing is not None:
        _finish(turn, coaching.pacing.exercise, at)
        return True
    offered = _open_offer(turn)
    if offered is None:
        return False
    if turn.chair.programme.press_paces:
        _pace(turn, offered.id, at)
    else:
        _finish(turn, offered, at)
    return True


def next_exercise(turn: Turn, at: Instant) -> Exercise | None:
    """The exercise that comes with a call to move."""
    chair = turn.chair
    return exercises.next_owed(chair.programme, chair.coaching, chair.day_of(at), at)


def sit_down(turn: Turn, at: Instant) -> None:
    """Who sits does no exercise."""
    stop(turn, SAT_DOWN, at)
    turn.change(coaching=exercises.sit_down(turn.chair.coaching))


def stop(turn: Turn, reason: str, at: Instant) -> None:
    """Ends the pacing, if there is one; the exercise does not count and stays owed."""
    pacing = turn.chair.coaching.pacing
    if pacing is None:
        return
    turn.change(coaching=replace(turn.chair.coaching, pacing=None))
    turn.end_beat()
    turn.owe(ExerciseStopped(at, pacing.exercise, reason))
    time_off_counts_from(turn, at)


def time_off_counts_from(turn: Turn, at: Instant) -> None:
    """What lies before this instant is no time off the seat by which an exercise counts."""
    offer = turn.chair.coaching.offer
    if offer is not None:
        turn.change(coaching=replace(turn.chair.coaching, offer=replace(offer, since=at)))


def pace_on(turn: Turn, at: Instant) -> None:
    """A stage of the paced exercise is over."""
    pacing = turn.chair.coaching.pacing
    if pacing is None:
        return
    if pacing.is_last:
        _finish(turn, pacing.exercise, at, paced=True)
        turn.beat(Signal.DONE)
        return
    after = exercises.next_stage(pacing)
    turn.change(coaching=replace(turn.chair.coaching, pacing=after))
    if (signal := _signal(after)) is not None:
        turn.beat(signal)


def count_by_itself(turn: Turn, at: Instant) -> None:
    """The seat has been empty for as long as the offered exercise takes."""
    offered = _open_offer(turn)
    if offered is not None:
        _finish(turn, offered, at)


def cue_early(turn: Turn, at: Instant) -> None:
    """A word about how to sit, early in a bout."""
    chair = turn.chair
    cue = exercises.next_cue(chair.programme, chair.coaching, chair.day_of(at))
    if cue is not None:
        turn.change(coaching=exercises.give(chair.coaching, cue, at))
        _say(turn, cue, at)


def cue_leaning(turn: Turn, at: Instant) -> None:
    """The same for who leans."""
    cue = exercises.cue_for_leaning(turn.chair.programme)
    if cue is not None:
        _say(turn, cue, at)


def _say(turn: Turn, cue: Cue, at: Instant) -> None:
    turn.owe(SittingCue(at, cue, turn.chair.silent))


def _stand_up(turn: Turn, stood_up: StoodUp) -> None:
    """Offers what is owed, unless the person has hardly sat."""
    programme, coaching = turn.chair.programme, turn.chair.coaching
    if stood_up.response is None and stood_up.bout < programme.offer_after:
        return
    offered = exercises.still_offered(programme, coaching) or next_exercise(turn, stood_up.at)
    if offered is not None:
        turn.change(coaching=exercises.offer(coaching, offered, stood_up.at))
        turn.owe(ExerciseDue(stood_up.at, offered))


def _pace(turn: Turn, name: str | None, at: Instant) -> None:
    exercise = _named(turn, name) if name else _open_offer(turn) or next_exercise(turn, at)
    if exercise is None:
        turn.owe(Refuse(_unknown(turn, name) if name else f"none is owed now; {_there_are(turn)}"))
        return
    if (why := _obstacle(turn)) is not None:
        turn.owe(Refuse(why))
        return
    pacing = exercises.pace(exercise, at)
    turn.change(coaching=replace(turn.chair.coaching, pacing=pacing))
    turn.owe(ExerciseStarted(at, exercise, exercise.dose.lasts))
    if (signal := _signal(pacing)) is not None:
        turn.beat(signal)


def _obstacle(turn: Turn) -> str | None:
    """Why no exercise can be paced now, None if one can."""
    chair = turn.chair
    obstacles = {
        "an exercise is paced already": chair.coaching.pacing is not None,
        "somebody sits, or rose a moment ago; stand up first": (
            chair.seat.pressed or chair.seat.seated
        ),
        "the sensor is at fault": chair.fault is not None,
        "the seat has not been felt since the restart": chair.lost is not None,
        "a hold is in force": chair.held,
    }
    return next((why for why, there in obstacles.items() if there), None)


def _finish_asked(turn: Turn, name: str | None, at: Instant) -> None:
    exercise = _named(turn, name) if name else _paced_or_offered(turn)
    if exercise is not None:
        _finish(turn, exercise, at)
    elif name:
        turn.owe(Refuse(_unknown(turn, name)))
    else:
        turn.owe(Refuse(f"no exercise was offered; name the one that is done: {_there_are(turn)}"))


def _finish(turn: Turn, exercise: Exercise, at: Instant, *, paced: bool = False) -> None:
    pacing = turn.chair.coaching.pacing
    if pacing is not None and pacing.exercise.id == exercise.id:
        turn.change(coaching=replace(turn.chair.coaching, pacing=None))
        if not paced:
            turn.end_beat()
    turn.change(coaching=exercises.finish(turn.chair.coaching, exercise.id, at))
    turn.owe(ExerciseDone(at, exercise, paced))


def _paced_or_offered(turn: Turn) -> Exercise | None:
    """What a person means who says that it is done: even after having sat down again."""
    coaching = turn.chair.coaching
    if coaching.pacing is not None:
        return coaching.pacing.exercise
    return None if coaching.offer is None else _named(turn, coaching.offer.exercise)


def _open_offer(turn: Turn) -> Exercise | None:
    offer = turn.chair.coaching.offer
    return None if offer is None or not offer.open else _named(turn, offer.exercise)


def _named(turn: Turn, name: str) -> Exercise | None:
    return turn.chair.programme.exercise(name)


def _unknown(turn: Turn, name: str) -> str:
    return f"there is no exercise {name!r}; {_there_are(turn)}"


def _there_are(turn: Turn) -> str:
    names = [one.id for one in turn.chair.programme.exercises]
    return f"there are {', '.join(names)}" if names else "exercises are switched off"


def _signal(pacing: Pacing) -> Signal | None:
    if exercises.releases(pacing) and pacing.now.part in (Part.LOWER, Part.REST):
        return Signal.RELEASE
    return _SIGNALS.get(pacing.now.part)
