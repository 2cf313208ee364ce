"""What a paced exercise never does, whatever people, sensors and calendars do to it."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given as for_any
from hypothesis import strategies as st

from core.exercising import BRIDGE, CUES, STRETCH, WALK
from core.test_never import ANYTHING, PAUSES, RULES, Happens, just, whatever_happens
from living import Run
from timeline import sec
from unsit.core.chair import Chair
from unsit.core.effects import Beat
from unsit.core.events import ExerciseDone, ExerciseStarted, ExerciseStopped
from unsit.core.inputs import Day, FinishExercise, Input, PaceExercise, StopPacing, Tick
from unsit.core.instant import Instant
from unsit.core.programme import Programme
from unsit.core.rules import Rules

PROGRAMME = Programme((STRETCH, BRIDGE, WALK), CUES.cues, offer_after=sec(60))
ASKED: list[Input] = [
    *(PaceExercise(), PaceExercise("stretch"), PaceExercise("bridge")),
    *(StopPacing("command"), FinishExercise(), FinishExercise("walk")),
]
DAYS = st.lists(
    st.tuples(PAUSES, ANYTHING | st.sampled_from([just(one) for one in ASKED])),
    min_size=5,
    max_size=40,
)


class Coached(Run):
    """A chair with exercises; ``unasked`` is what sounded though nobody had asked for it."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self.chair = replace(self.chair, programme=PROGRAMME)
        self.asked = False
        self.wrong: list[str] = []

    def feed(self, what: Input, when: Instant) -> tuple[object, ...]:  # type: ignore[override]
        before = self.chair
        effects = super().feed(what, when)
        for effect in effects:
            match effect:
                case ExerciseStarted():
                    self.asked = True
                    self._check(before, isinstance(what, PaceExercise), "it was not asked for")
                case Beat():
                    self._check_beat(what)
        if any(isinstance(effect, ExerciseDone | ExerciseStopped) for effect in effects):
            self.asked = self.chair.coaching.pacing is not None
        return effects

    def _check_beat(self, what: Input) -> None:
        chair = self.chair
        self._check(chair, self.asked, "nobody had asked")
        self._check(chair, not chair.seat.seated, "somebody sat")
        self._check(chair, not chair.held, "a hold was in force")
        self._check(chair, chair.fault is None, "the sensor was at fault")
        self._check(chair, chair.buzzer_on or not isinstance(what, Tick), "the buzzer was off")

    def _check(self, chair: Chair, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.wrong.append(f"{otherwise}: {chair}")


def lived(rules: Rules, happenings: Sequence[tuple[int, Happens]]) -> Coached:
    """A day of happenings, each so long after the one before, with ticks at each deadline."""
    run = Coached(rules)
    run.feed(Day(sec(-30000), sec(56400)), sec(0))
    when = sec(0)
    for pause, happens in happenings:
        when += sec(pause)
        run.wait(before=when)
        run.feed(happens(when), when)
    run.wait_through(when + sec(4000))
    return run


@whatever_happens(400)
@for_any(rules=RULES, day=DAYS)
def test_it_sounds_only_for_who_asked_and_never_for_who_sits_or_in_a_hold_or_a_fault(
    rules: Rules, day: Sequence[tuple[int, Happens]]
) -> None:
    assert lived(rules, day).wrong == []


@whatever_happens(200)
@for_any(rules=RULES, day=DAYS)
def test_each_pacing_ends_as_done_or_as_stopped(
    rules: Rules, day: Sequence[tuple[int, Happens]]
) -> None:
    """An end in the midst of a level that has yet to hold, or of a fault, is none."""
    run = lived(rules, day)
    told = [one.effect for one in run.told]
    begun = sum(isinstance(effect, ExerciseStarted) for effect in told)
    ended = sum(isinstance(effect, ExerciseStopped) for effect in told)
    done = sum(isinstance(effect, ExerciseDone) for effect in told)

    assert begun - (run.chair.coaching.pacing is not None) <= ended + done
    assert len(run.chair.coaching.done) == done
