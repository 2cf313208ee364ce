"""One turn of the chair: an input and an instant in, the next chair and its effects out.

Time runs in the chair's own order. What depends on the seat is decided only up to the last
instant at which the seat's level is certain: while a level has yet to hold, that is its edge.
So every event carries the instant that the rules give it, however long the dwell.

The rooms, each on those before it: ``underway`` holds the chair and the effects so far, ``sitting``
reminds, ``holding`` and ``pressing`` are holds and the button, ``passing`` is time, ``absent`` is
when no service was there, ``sensing`` is the sensor and ``asking`` the people.
"""

from unsit.core import button as buttons
from unsit.core import seat as seats
from unsit.core import sitting as sittings
from unsit.core.agenda import Item
from unsit.core.chair import Chair
from unsit.core.effects import Effect
from unsit.core.inputs import (
    ButtonPressed,
    ButtonReleased,
    Certain,
    ClockCorrected,
    Day,
    Doubt,
    Finish,
    Input,
    Lean,
    Pressed,
    Released,
    Restarted,
    SensorFailed,
    SensorWorks,
    ShiftWeight,
    SitUpright,
    Tick,
)
from unsit.core.instant import Instant
from unsit.core.turn.asking import ask
from unsit.core.turn.passing import work_off
from unsit.core.turn.pressing import press
from unsit.core.turn.sensing import feel, sense
from unsit.core.turn.sitting import finish
from unsit.core.turn.underway import Turn

_CERTAIN = (Pressed, Released, Certain, SensorFailed, Finish)
"""What says that the level is known up to its instant."""


def step(chair: Chair, what: Input, at: Instant) -> tuple[Chair, tuple[Effect, ...]]:
    """The chair after an input at an instant, and what is to be done.

    Inputs come in order of time. What is on the agenda before the input happens first; after an
    edge the rest of its instant waits, because another edge may come within it.
    """
    turn = Turn(chair, at)
    if isinstance(what, _CERTAIN):
        turn.change(doubt=False)
    before = turn.chair
    edge = isinstance(what, Pressed | Released)
    if not isinstance(what, Restarted):  # what time brought while nobody was here is not known
        work_off(turn, (at, Item.SEAT_CHANGES if edge else Item.REMINDER))
    _take(turn, what, at)
    turn.wind_up(before=before)
    return turn.chair, tuple(turn.effects)


def _take(turn: Turn, what: Input, at: Instant) -> None:
    """Takes the input; the agenda is done up to this instant."""
    match what:
        case Tick():
            pass
        case Pressed() | Released():
            pressed = isinstance(what, Pressed)
            feel(turn, seats.Signal.PRESSED if pressed else seats.Signal.RELEASED, at)
        case ButtonPressed() | ButtonReleased():
            pressed = isinstance(what, ButtonPressed)
            press(turn, buttons.Signal.PRESSED if pressed else buttons.Signal.RELEASED, at)
        case Day():
            turn.change(day=what, sitting=sittings.not_before(turn.chair.sitting, at))
        case Finish():
            finish(turn, at)
        case (
            Restarted()
            | ClockCorrected()
            | SensorFailed()
            | SensorWorks()
            | Doubt()
            | Certain()
            | Lean()
            | SitUpright()
            | ShiftWeight()
        ):
            sense(turn, what, at)
        case _:
            ask(turn, what, at)
