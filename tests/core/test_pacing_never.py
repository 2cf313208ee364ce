"""Properties of paced exercises: rules that no sequence of inputs may break."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given as for_any
from hypothesis import strategies as st

from core.test_never import INPUTS, PAUSES, RULES, InputAt, always
from support.chair_run import ChairRun
from support.examples import examples
from support.timeline import BRIDGE, CUES, STRETCH, WALK, sec
from unsit.core.chair import Chair
from unsit.core.events import Beat, ExerciseDone, ExerciseStarted, ExerciseStopped
from unsit.core.inputs import Day, FinishExercise, Input, PaceExercise, StopPacing, Tick
from unsit.core.instant import Instant
from unsit.core.programme import Programme
from unsit.core.rules import Rules

PROGRAMME = Programme((STRETCH, BRIDGE, WALK), CUES.cues, offer_after=sec(60))
REQUESTS: list[Input] = [
    *(PaceExercise(), PaceExercise("stretch"), PaceExercise("bridge")),
    *(StopPacing("command"), FinishExercise(), FinishExercise("walk")),
]
DAYS = st.lists(
    st.tuples(PAUSES, INPUTS | st.sampled_from([always(request) for request in REQUESTS])),
    min_size=5,
    max_size=40,
)


class Coached(ChairRun):
    """A chair with exercises; ``wrong`` lists each beat that a rule forbids."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self.chair = replace(self.chair, programme=PROGRAMME)
        self.asked = False
        self.wrong: list[str] = []

    def feed(self, given: Input, when: Instant) -> tuple[object, ...]:  # type: ignore[override]
        before = self.chair
        effects = super().feed(given, when)
        for effect in effects:
            match effect:
                case ExerciseStarted():
                    self.asked = True
                    self._check(before, isinstance(given, PaceExercise), "it was not asked for")
                case Beat():
                    self._check_beat(given)
        if any(isinstance(effect, ExerciseDone | ExerciseStopped) for effect in effects):
            self.asked = self.chair.coaching.pacing is not None
        return effects

    def _check_beat(self, given: Input) -> None:
        chair = self.chair
        self._check(chair, self.asked, "nobody had asked")
        self._check(chair, not chair.seat.seated, "somebody sat")
        self._check(chair, not chair.held, "a hold was in force")
        self._check(chair, chair.fault is None, "the sensor was at fault")
        self._check(chair, chair.buzzer_on or not isinstance(given, Tick), "the buzzer was off")

    def _check(self, chair: Chair, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.wrong.append(f"{otherwise}: {chair}")


def run_day(rules: Rules, steps: Sequence[tuple[int, InputAt]]) -> Coached:
    """Run a chair through a day of pauses and inputs, with a tick at each deadline."""
    run = Coached(rules)
    run.feed(Day(sec(-30000), sec(56400)), sec(0))
    when = sec(0)
    for pause, input_at in steps:
        when += sec(pause)
        run.tick_before(when)
        run.feed(input_at(when), when)
    run.tick_through(when + sec(4000))
    return run


@examples(400)
@for_any(rules=RULES, day=DAYS)
def test_beats_sound_only_after_a_request_on_an_empty_seat_without_hold_or_fault(
    rules: Rules, day: Sequence[tuple[int, InputAt]]
) -> None:
    assert run_day(rules, day).wrong == []


@examples(200)
@for_any(rules=RULES, day=DAYS)
def test_each_pacing_ends_as_done_or_as_stopped(
    rules: Rules, day: Sequence[tuple[int, InputAt]]
) -> None:
    """An end during an unsettled level or a fault does not count."""
    run = run_day(rules, day)
    effects = [entry.effect for entry in run.emitted]
    begun = sum(isinstance(effect, ExerciseStarted) for effect in effects)
    ended = sum(isinstance(effect, ExerciseStopped) for effect in effects)
    done = sum(isinstance(effect, ExerciseDone) for effect in effects)

    assert begun - (run.chair.coaching.pacing is not None) <= ended + done
    assert len(run.chair.coaching.done) == done
