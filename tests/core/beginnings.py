"""How many timelines begin; ``DUE_AT_600`` with a ``move_after`` of 600 s."""

from timeline import (
    Moment,
    at,
    bout_ended,
    bout_started,
    dies,
    expect,
    lamp_on,
    move_due,
    move_reminder,
    reboots,
    sits,
    sound,
    stands,
    stood_up,
)

SITS_DOWN = (at(0, sits), expect(0, bout_started))
REBOOTS_IN_A_BREAK = (
    *SITS_DOWN,
    at(400, stands),
    expect(400, stood_up(bout=400)),
    expect(520, bout_ended(started=0, ended=400, seated=400)),
    at(600, dies),
    at(660, reboots(lost=600), stands),
)
DUE_AT_600 = (*SITS_DOWN, expect(600, move_due(bout=600), sound, lamp_on))


def reminded(number: int, at_second: float) -> Moment:
    """A further audible reminder of a bout that started at 0."""
    return expect(at_second, move_reminder(number, bout=at_second), sound)
