"""How many timelines begin, with a ``move_after`` of 600 s."""

from timeline import (
    Moment,
    at,
    bout_started,
    expect,
    lamp_on,
    move_due,
    move_reminder,
    sits,
    sound,
)

SITS_DOWN = (at(0, sits), expect(0, bout_started))
DUE_AT_600 = (*SITS_DOWN, expect(600, move_due(bout=600), sound, lamp_on))


def reminded(number: int, at_second: float) -> Moment:
    """A further audible reminder of a bout that started at 0."""
    return expect(at_second, move_reminder(number, bout=at_second), sound)
