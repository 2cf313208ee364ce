"""Exercises: which one is owed today, which is offered, and the pacing of one.

Pure values and what follows from them; ``unsit.core.turn.coaching`` acts on it. A day is counted
from the instant at which it began, so it may have 23 or 25 hours.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction

from unsit.core.instant import NOT_KEPT, Earlier, Instant
from unsit.core.programme import Cue, Exercise, Occasion, Part, Programme, Stage
from unsit.core.today import KEPT


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that counts for a day: the id of an exercise or cue, and when it was."""

    id: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Offer:
    """An exercise offered at a stand-up.

    open: the person has not sat down since. lapsed: another bout has begun since.
    """

    exercise: str
    since: Instant
    open: bool = True
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Pacing:
    """A paced exercise under way: the number of its stage, and when that ends."""

    exercise: Exercise
    began: Instant
    ends: Instant
    stage: int = 0

    @property
    def now(self) -> Stage:
        """The stage under way."""
        return self.exercise.dose.stages[self.stage]

    @property
    def is_last(self) -> bool:
        """No stage comes after this one."""
        return self.stage + 1 == len(self.exercise.dose.stages)


@dataclass(frozen=True, slots=True)
class Coaching:
    """What is known of exercises and cues.

    done, lapsed: exercises done, and offers that nobody took. cued: cues given early in a bout;
    is_cued: this bout has had its own. pacing: a restart ends it.
    """

    done: tuple[Mark, ...] = ()
    lapsed: tuple[Mark, ...] = ()
    cued: tuple[Mark, ...] = ()
    is_cued: bool = False
    offer: Offer | None = None
    pacing: Pacing | None = field(default=None, metadata=NOT_KEPT)


@dataclass(frozen=True, slots=True)
class Tally:
    """How an exercise stands today: how often it was done, and how often it is still owed."""

    exercise: Exercise
    done: int
    owed: int


def counted(marks: tuple[Mark, ...], day: Instant) -> Counter[str]:
    """How often each id was marked on the day that began at an instant."""
    return Counter(mark.id for mark in marks if mark.at >= day)


def tallies(programme: Programme, coaching: Coaching, day: Instant) -> tuple[Tally, ...]:
    """How every exercise stands on the day that began at an instant."""
    done = counted(coaching.done, day)
    return tuple(
        Tally(one, done[one.id], max(0, one.times_a_day - done[one.id]))
        for one in programme.exercises
    )


def next_owed(
    programme: Programme, coaching: Coaching, day: Instant, at: Instant
) -> Exercise | None:
    """The exercise whose turn it is on the day that began at an instant, None if none is owed.

    It is the one of whose times the smallest part was done or offered in vain; of equal ones the
    first. One that was done a moment ago waits.
    """
    lapsed = counted(coaching.lapsed, day)
    latest = {mark.id: mark.at for mark in coaching.done}
    owed = [
        tally
        for tally in tallies(programme, coaching, day)
        if tally.owed and at - latest.get(tally.exercise.id, at - KEPT) >= tally.exercise.apart
    ]

    def share(tally: Tally) -> Fraction:
        times = tally.exercise.times_a_day
        return Fraction(tally.done + lapsed[tally.exercise.id], times)

    return min(owed, key=share).exercise if owed else None


def offer(coaching: Coaching, exercise: Exercise, at: Instant) -> Coaching:
    """Offers an exercise; one that was offered before in this bout is the same offer again."""
    return replace(coaching, offer=Offer(exercise.id, at))


def still_offered(programme: Programme, coaching: Coaching) -> Exercise | None:
    """The exercise that was offered in this bout, or after it, and not done; None for none."""
    if coaching.offer is None or coaching.offer.lapsed:
        return None
    return programme.exercise(coaching.offer.exercise)


def sit_down(coaching: Coaching) -> Coaching:
    """Who sits does no exercise: an offer is open no longer. It can still be said to be done."""
    if coaching.offer is None:
        return coaching
    return replace(coaching, offer=replace(coaching.offer, open=False))


def begin_bout(coaching: Coaching, at: Instant) -> Coaching:
    """A new bout: what was offered after the last one and not done was offered in vain."""
    coaching = replace(coaching, is_cued=False)
    last = coaching.offer
    if last is None or last.lapsed:
        return coaching
    lapsed = (*_recent(coaching.lapsed, at), Mark(last.exercise, at))
    return replace(coaching, lapsed=lapsed, offer=replace(last, lapsed=True))


def finish(coaching: Coaching, exercise: str, at: Instant) -> Coaching:
    """An exercise is done; if it was offered, the offer was not in vain."""
    taken = coaching.offer is not None and coaching.offer.exercise == exercise
    lapsed = coaching.lapsed
    if taken and coaching.offer is not None and coaching.offer.lapsed:
        lapsed = _without_last(lapsed, exercise)
    return replace(
        coaching,
        done=(*_recent(coaching.done, at), Mark(exercise, at)),
        lapsed=lapsed,
        offer=None if taken else coaching.offer,
    )


def pace(exercise: Exercise, at: Instant) -> Pacing:
    """Begins to pace an exercise."""
    return Pacing(exercise, at, at + exercise.dose.stages[0].lasts)


def next_stage(pacing: Pacing) -> Pacing:
    """The stage after the present one; there must be one."""
    after = replace(pacing, stage=pacing.stage + 1)
    return replace(after, ends=pacing.ends + after.now.lasts)


def counts_at(programme: Programme, coaching: Coaching) -> Instant | None:
    """When the offered exercise counts as done if the seat stays empty, None for not by itself."""
    last = coaching.offer
    if last is None or not last.open or coaching.pacing is not None:
        return None
    exercise = programme.exercise(last.exercise)
    if exercise is None or exercise.counts_after is None:
        return None
    return last.since + exercise.counts_after


def next_cue(programme: Programme, coaching: Coaching, day: Instant) -> Cue | None:
    """The cue whose turn it is early in a bout, None if today has had them all."""
    given = counted(coaching.cued, day)
    left = [
        cue
        for cue in programme.cues
        if Occasion.SITTING in cue.occasions and given[cue.id] < cue.times_a_day
    ]
    return min(left, key=lambda cue: given[cue.id]) if left else None


def has_cue(programme: Programme, coaching: Coaching, day: Instant) -> bool:
    """Whether this bout has a cue to come."""
    return not coaching.is_cued and next_cue(programme, coaching, day) is not None


def cue_for_leaning(programme: Programme) -> Cue | None:
    """The cue for who leans, None if there is none."""
    return next((cue for cue in programme.cues if Occasion.LEANING in cue.occasions), None)


def give(coaching: Coaching, cue: Cue, at: Instant) -> Coaching:
    """A cue is given early in a bout."""
    return replace(coaching, cued=(*_recent(coaching.cued, at), Mark(cue.id, at)), is_cued=True)


def dated_back(coaching: Coaching, earlier: Earlier) -> Coaching:
    """The same, if what was before an absence was earlier than it seemed."""

    def of(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
        return tuple(Mark(mark.id, earlier(mark.at)) for mark in marks)

    return replace(
        coaching, done=of(coaching.done), lapsed=of(coaching.lapsed), cued=of(coaching.cued)
    )


def releases(pacing: Pacing) -> bool:
    """The stage under way is the first after a hold."""
    before = pacing.exercise.dose.stages[pacing.stage - 1] if pacing.stage else None
    return before is not None and before.part is Part.HOLD


def _recent(marks: tuple[Mark, ...], now: Instant) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.at > now - KEPT)


def _without_last(marks: tuple[Mark, ...], name: str) -> tuple[Mark, ...]:
    for nth in reversed(range(len(marks))):
        if marks[nth].id == name:
            return (*marks[:nth], *marks[nth + 1 :])
    return marks
