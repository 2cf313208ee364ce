"""Exercises and sitting cues: offer, pace and count them."""

from unsit.core.events import (
    BoutStarted,
    ExerciseDone,
    ExerciseDue,
    ExerciseStarted,
    ExerciseStopped,
    PaceSignal,
    Refuse,
    SatBack,
    SittingCue,
    StoodUp,
)
from unsit.core.exercises import (
    Pacing,
    close_offer,
    cue_for_leaning,
    follows_hold,
    lapse_offer,
    mark_cued,
    mark_done,
    next_cue,
    next_owed,
    offer_exercise,
    start_pacing,
    still_offered,
    with_next_stage,
)
from unsit.core.inputs import FinishExercise, PaceExercise, StopPacing
from unsit.core.instant import Instant, replace
from unsit.core.programme import Cue, Exercise, Part
from unsit.core.sitting import SittingChange
from unsit.core.transition.context import Transition

STOPPED_BY_SIT_DOWN = "sat down"
STOPPED_BY_HOLD = "hold"
STOPPED_BY_FAULT = "sensor fault"


def follow_sitting(context: Transition, change: SittingChange) -> None:
    """Offer an exercise at a stand-up; end an exercise at a sit-down."""
    match change:
        case BoutStarted() | SatBack():
            end_pacing(context, STOPPED_BY_SIT_DOWN, change.at)
            coaching = close_offer(context.chair.coaching)
            if isinstance(change, BoutStarted):
                coaching = lapse_offer(coaching, change.at)
            context.change(coaching=coaching)
        case StoodUp():
            _offer(context, change)
        case _:
            pass


def _offer(context: Transition, stood_up: StoodUp) -> None:
    """Offer the exercise owed next, unless the bout was short and not due."""
    programme, coaching = context.chair.programme, context.chair.coaching
    if stood_up.response is None and stood_up.bout < programme.offer_after:
        return
    offered = still_offered(programme, coaching) or next_exercise(context, stood_up.at)
    if offered is not None:
        context.change(coaching=offer_exercise(coaching, offered, stood_up.at))
        context.emit(ExerciseDue(stood_up.at, offered))


def next_exercise(context: Transition, at: Instant) -> Exercise | None:
    """Return the exercise that is owed next, None if none is."""
    chair = context.chair
    return next_owed(chair.programme, chair.coaching, chair.day_of(at), at)


def answer_exercise(context: Transition, at: Instant) -> bool:
    """Take a short press for the exercise that is paced or offered; return whether one was."""
    coaching = context.chair.coaching
    if coaching.pacing is not None:
        _finish(context, coaching.pacing.exercise, at)
        return True
    offered = _open_offer(context)
    if offered is None:
        return False
    if context.chair.programme.press_paces:
        pace_exercise(context, PaceExercise(offered.id), at)
    else:
        _finish(context, offered, at)
    return True


def pace_exercise(context: Transition, request: PaceExercise, at: Instant) -> None:
    """Start to pace the exercise that is named, else offered, else owed next; or refuse."""
    if request.exercise:
        exercise = context.chair.programme.exercise(request.exercise)
        missing = _unknown(context, request.exercise)
    else:
        exercise = _open_offer(context) or next_exercise(context, at)
        missing = f"none is owed now; {_known_names(context)}"
    if exercise is None:
        context.emit(Refuse(missing))
        return
    if (why_not := _why_no_pacing(context)) is not None:
        context.emit(Refuse(why_not))
        return
    pacing = start_pacing(exercise, at)
    context.change(coaching=replace(context.chair.coaching, pacing=pacing))
    context.emit(ExerciseStarted(at, exercise, exercise.dose.lasts))
    _sound_stage(context, pacing)


def _why_no_pacing(context: Transition) -> str | None:
    """Return why no exercise can be paced now, None if one can."""
    chair = context.chair
    obstacles = {
        "an exercise is paced already": chair.coaching.pacing is not None,
        "somebody sits, or rose a moment ago; stand up first": (
            chair.seat.pressed or chair.seat.seated
        ),
        "the sensor is at fault": chair.fault is not None,
        "the seat has not been felt since the restart": chair.down_since is not None,
        "a hold is in force": chair.held,
    }
    return next((why for why, is_so in obstacles.items() if is_so), None)


def pace_next_stage(context: Transition, at: Instant) -> None:
    """Start the next stage of the paced exercise, or finish it after the last."""
    pacing = context.chair.coaching.pacing
    if pacing is None:
        return
    if pacing.is_last:
        _finish(context, pacing.exercise, at, paced=True)
        context.pace(PaceSignal.DONE)
        return
    pacing = with_next_stage(pacing)
    context.change(coaching=replace(context.chair.coaching, pacing=pacing))
    _sound_stage(context, pacing)


def _sound_stage(context: Transition, pacing: Pacing) -> None:
    """Sound the beat of a stage, if it has one."""
    match pacing.now.part:
        case Part.HOLD:
            context.pace(PaceSignal.START)
        case Part.SWITCH:
            context.pace(PaceSignal.SWITCH)
        case Part.LOWER | Part.REST if follows_hold(pacing):
            context.pace(PaceSignal.RELEASE)
        case _:
            pass


def stop_pacing(context: Transition, request: StopPacing, at: Instant) -> None:
    """Stop the paced exercise, or refuse if there is none."""
    if context.chair.coaching.pacing is None:
        context.emit(Refuse("no exercise is paced"))
    end_pacing(context, request.reason, at)


def end_pacing(context: Transition, reason: str, at: Instant) -> None:
    """Stop the paced exercise, if there is one; it does not count and stays owed."""
    pacing = context.chair.coaching.pacing
    if pacing is None:
        return
    context.change(coaching=replace(context.chair.coaching, pacing=None))
    context.end_pace()
    context.emit(ExerciseStopped(at, pacing.exercise, reason))
    time_off_counts_from(context, at)


def time_off_counts_from(context: Transition, at: Instant) -> None:
    """Count the time off the seat by which an offered exercise is done from an instant on."""
    offer = context.chair.coaching.offer
    if offer is not None:
        context.change(coaching=replace(context.chair.coaching, offer=replace(offer, since=at)))


def count_by_itself(context: Transition, at: Instant) -> None:
    """Count the offered exercise as done: the seat has been empty for as long as it takes."""
    offered = _open_offer(context)
    if offered is not None:
        _finish(context, offered, at)


def finish_exercise(context: Transition, request: FinishExercise, at: Instant) -> None:
    """Count the exercise that is named, else paced, else offered last; or refuse."""
    coaching, programme = context.chair.coaching, context.chair.programme
    if request.exercise:
        exercise = programme.exercise(request.exercise)
        missing = _unknown(context, request.exercise)
    else:
        missing = f"no exercise was offered; name the one that is done: {_known_names(context)}"
        if coaching.pacing is not None:
            exercise = coaching.pacing.exercise
        else:
            offer = coaching.offer
            exercise = None if offer is None else programme.exercise(offer.exercise)
    if exercise is None:
        context.emit(Refuse(missing))
    else:
        _finish(context, exercise, at)


def _finish(context: Transition, exercise: Exercise, at: Instant, *, paced: bool = False) -> None:
    """Count an exercise as done. paced: the buzzer paced it to its end."""
    pacing = context.chair.coaching.pacing
    if pacing is not None and pacing.exercise.id == exercise.id:
        context.change(coaching=replace(context.chair.coaching, pacing=None))
        if not paced:
            context.end_pace()
    context.change(coaching=mark_done(context.chair.coaching, exercise.id, at))
    context.emit(ExerciseDone(at, exercise, paced))


def cue_early(context: Transition, at: Instant) -> None:
    """Give the sitting cue of this bout."""
    chair = context.chair
    cue = next_cue(chair.programme, chair.coaching, chair.day_of(at))
    if cue is not None:
        context.change(coaching=mark_cued(chair.coaching, cue, at))
        _give_cue(context, cue, at)


def cue_leaning(context: Transition, at: Instant) -> None:
    """Give the sitting cue for leaning, if there is one."""
    cue = cue_for_leaning(context.chair.programme)
    if cue is not None:
        _give_cue(context, cue, at)


def _give_cue(context: Transition, cue: Cue, at: Instant) -> None:
    context.emit(SittingCue(at, cue, context.chair.silent))


def _open_offer(context: Transition) -> Exercise | None:
    """Return the exercise that is offered since the last stand-up, None if none is."""
    offer = context.chair.coaching.offer
    if offer is None or not offer.open:
        return None
    return context.chair.programme.exercise(offer.exercise)


def _unknown(context: Transition, name: str) -> str:
    return f"there is no exercise {name!r}; {_known_names(context)}"


def _known_names(context: Transition) -> str:
    names = [exercise.id for exercise in context.chair.programme.exercises]
    return f"there are {', '.join(names)}" if names else "exercises are switched off"
