"""Instants moved in the whole chair, when the wall clock is set after a reboot."""

from support.timeline import sec
from unsit.core.chair import Chair
from unsit.core.day import Span, Today
from unsit.core.exercises import Coaching, ExerciseMark, Offer
from unsit.core.inputs import Day, Hold
from unsit.core.instant import Instant, moved
from unsit.core.rules import Rules
from unsit.core.sitting import Bout, Phase, Sitting


def ten_earlier(at: Instant) -> Instant:
    return at - sec(10)


def test_all_instants_of_the_chair_are_moved_and_durations_are_not() -> None:
    bout = Bout(started=sec(100), since=sec(200), not_before=sec(100), seated=sec(50))
    chair = Chair(
        rules=Rules(move_after=sec(600)),
        sitting=Sitting(Phase.SITTING, bout, ended=None),
        holds=(Hold("asked", sec(700)), Hold("door")),
        day=Day(sec(0), sec(900), softer_from=sec(800)),
        snoozed_at=(sec(110), sec(120)),
        coaching=Coaching(
            done=(ExerciseMark("stretch", sec(90)),), offer=Offer("stretch", sec(95))
        ),
        today=Today(stretches=(Span(sec(1), sec(50)),), response=sec(30)),
    )

    assert moved(chair, ten_earlier) == Chair(
        rules=Rules(move_after=sec(600)),
        sitting=Sitting(
            Phase.SITTING,
            Bout(sec(90), sec(190), sec(90), seated=sec(50), counted=sec(-10)),
            ended=None,
        ),
        holds=(Hold("asked", sec(690)), Hold("door")),
        day=Day(sec(-10), sec(890), softer_from=sec(790)),
        snoozed_at=(sec(100), sec(110)),
        coaching=Coaching(
            done=(ExerciseMark("stretch", sec(80)),), offer=Offer("stretch", sec(85))
        ),
        today=Today(stretches=(Span(sec(-9), sec(40)),), response=sec(30)),
    )
