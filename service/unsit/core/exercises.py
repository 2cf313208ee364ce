"""Exercises and sitting cues: which are owed, offered, paced and done."""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from unsit.core.day import KEPT_FOR
from unsit.core.instant import NOT_KEPT, Instant, replace
from unsit.core.programme import Cue, Exercise, Occasion, Part, Programme, Stage


@dataclass(frozen=True, slots=True)
class ExerciseMark:
    """Entry of a day's record: the id of an exercise or cue, and its instant."""

    id: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Offer:
    """Exercise offered at a stand-up.

    open: the person has not sat down since. lapsed: another bout has begun since.
    """

    exercise: str
    since: Instant
    open: bool = True
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Pacing:
    """Paced exercise under way. stage: index of its stage. ends: when that stage ends."""

    exercise: Exercise
    began: Instant
    ends: Instant
    stage: int = 0

    @property
    def now(self) -> Stage:
        """Stage under way."""
        return self.exercise.dose.stages[self.stage]

    @property
    def is_last(self) -> bool:
        """True in the last stage."""
        return self.stage + 1 == len(self.exercise.dose.stages)


@dataclass(frozen=True, slots=True)
class Coaching:
    """State of exercises and cues.

    done, lapsed: exercises done, and offers that lapsed. cued: cues given early in a bout.
    is_cued: this bout has had its cue. pacing: the paced exercise, which ends at a restart.
    """

    done: tuple[ExerciseMark, ...] = ()
    lapsed: tuple[ExerciseMark, ...] = ()
    cued: tuple[ExerciseMark, ...] = ()
    is_cued: bool = False
    offer: Offer | None = None
    pacing: Pacing | None = field(default=None, metadata=NOT_KEPT)


@dataclass(frozen=True, slots=True)
class ExerciseTally:
    """Tally of an exercise today: number of times done, and still owed."""

    exercise: Exercise
    done: int
    owed: int


def _count(marks: tuple[ExerciseMark, ...], day: Instant) -> Counter[str]:
    """Count the marks of each id since the start of the day."""
    return Counter(mark.id for mark in marks if mark.at >= day)


def exercise_tallies(
    programme: Programme, coaching: Coaching, day: Instant
) -> tuple[ExerciseTally, ...]:
    """Return the tally of each exercise since the start of the day."""
    done = _count(coaching.done, day)
    return tuple(
        ExerciseTally(exercise, done[exercise.id], max(0, exercise.times_a_day - done[exercise.id]))
        for exercise in programme.exercises
    )


def next_owed(
    programme: Programme, coaching: Coaching, day: Instant, at: Instant
) -> Exercise | None:
    """Return the exercise that is owed next on the day that began at ``day``, None if none is.

    This is the one with the smallest share of its times a day done or lapsed, and the first of
    equals: with 2 of 4 stretches done and 0 of 1 walk, the walk is next. An exercise that was done
    less than ``apart`` ago waits.
    """
    lapsed = _count(coaching.lapsed, day)
    latest = {mark.id: mark.at for mark in coaching.done}
    owed = [
        tally
        for tally in exercise_tallies(programme, coaching, day)
        if tally.owed and at - latest.get(tally.exercise.id, at - KEPT_FOR) >= tally.exercise.apart
    ]

    def share(tally: ExerciseTally) -> Fraction:
        return Fraction(tally.done + lapsed[tally.exercise.id], tally.exercise.times_a_day)

    return min(owed, key=share).exercise if owed else None


def offer_exercise(coaching: Coaching, exercise: Exercise, at: Instant) -> Coaching:
    """Offer an exercise."""
    return replace(coaching, offer=Offer(exercise.id, at))


def still_offered(programme: Programme, coaching: Coaching) -> Exercise | None:
    """Return the exercise that was offered since this bout began and is not done, None for none."""
    if coaching.offer is None or coaching.offer.lapsed:
        return None
    return programme.exercise(coaching.offer.exercise)


def close_offer(coaching: Coaching) -> Coaching:
    """Close the offer at a sit-down; the person can still report the exercise as done."""
    if coaching.offer is None:
        return coaching
    return replace(coaching, offer=replace(coaching.offer, open=False))


def lapse_offer(coaching: Coaching, at: Instant) -> Coaching:
    """Let the offer lapse at the start of a new bout, which gets a cue of its own."""
    coaching = replace(coaching, is_cued=False)
    last = coaching.offer
    if last is None or last.lapsed:
        return coaching
    lapsed = (*_recent(coaching.lapsed, at), ExerciseMark(last.exercise, at))
    return replace(coaching, lapsed=lapsed, offer=replace(last, lapsed=True))


def mark_done(coaching: Coaching, exercise: str, at: Instant) -> Coaching:
    """Mark an exercise as done; if it was offered, its offer has not lapsed."""
    done = (*_recent(coaching.done, at), ExerciseMark(exercise, at))
    offer, lapsed = coaching.offer, coaching.lapsed
    if offer is None or offer.exercise != exercise:
        return replace(coaching, done=done)
    if offer.lapsed:
        lapsed = _without_last(lapsed, exercise)
    return replace(coaching, done=done, lapsed=lapsed, offer=None)


def start_pacing(exercise: Exercise, at: Instant) -> Pacing:
    """Return the pacing of an exercise, at its first stage."""
    return Pacing(exercise, at, at + exercise.dose.stages[0].lasts)


def with_next_stage(pacing: Pacing) -> Pacing:
    """Return the pacing at its next stage; there must be one."""
    after = replace(pacing, stage=pacing.stage + 1)
    return replace(after, ends=pacing.ends + after.now.lasts)


def counts_at(programme: Programme, coaching: Coaching) -> Instant | None:
    """Return when the offered exercise counts as done if the seat stays empty, None for never."""
    last = coaching.offer
    if last is None or not last.open or coaching.pacing is not None:
        return None
    exercise = programme.exercise(last.exercise)
    if exercise is None or exercise.counts_after is None:
        return None
    return last.since + exercise.counts_after


def next_cue(programme: Programme, coaching: Coaching, day: Instant) -> Cue | None:
    """Return the next cue for early in a bout, None if today has had all of them."""
    given = _count(coaching.cued, day)
    left = [
        cue
        for cue in programme.cues
        if Occasion.SITTING in cue.occasions and given[cue.id] < cue.times_a_day
    ]
    return min(left, key=lambda cue: given[cue.id]) if left else None


def has_cue(programme: Programme, coaching: Coaching, day: Instant) -> bool:
    """Return whether this bout has yet to get a cue."""
    return not coaching.is_cued and next_cue(programme, coaching, day) is not None


def cue_for_leaning(programme: Programme) -> Cue | None:
    """Return the cue for a person who leans, None if there is none."""
    return next((cue for cue in programme.cues if Occasion.LEANING in cue.occasions), None)


def mark_cued(coaching: Coaching, cue: Cue, at: Instant) -> Coaching:
    """Mark a cue as given in this bout."""
    return replace(
        coaching, cued=(*_recent(coaching.cued, at), ExerciseMark(cue.id, at)), is_cued=True
    )


def follows_hold(pacing: Pacing) -> bool:
    """Return whether the stage before the one under way was a hold."""
    return pacing.stage > 0 and pacing.exercise.dose.stages[pacing.stage - 1].part is Part.HOLD


def _recent(marks: tuple[ExerciseMark, ...], now: Instant) -> tuple[ExerciseMark, ...]:
    return tuple(mark for mark in marks if mark.at > now - KEPT_FOR)


def _without_last(marks: tuple[ExerciseMark, ...], name: str) -> tuple[ExerciseMark, ...]:
    for nth in reversed(range(len(marks))):
        if marks[nth].id == name:
            return (*marks[:nth], *marks[nth + 1 :])
    return marks
