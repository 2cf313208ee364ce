"""What the core is told: edges, the passing of time, and what people ask for."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant


@dataclass(frozen=True, slots=True)
class Pressed:
    """The sensor feels a weight."""


@dataclass(frozen=True, slots=True)
class Released:
    """The sensor feels none."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The service is here again; nothing is known since ``lost``. The level follows, as an edge.

    told: ``lost`` as the wall clock has it, which may be after now, where nothing else tells; None
        where the monotonic clock does.
    """

    lost: Instant
    told: Instant | None = None


@dataclass(frozen=True, slots=True)
class ClockCorrected:
    """The wall clock was set forward by so much, or back, and is right now."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time has passed."""


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A finger is on the push button."""


@dataclass(frozen=True, slots=True)
class ButtonReleased:
    """The finger is off it."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person puts the next reminder off."""


class Holder(Enum):
    """Who, or what, keeps the chair from sounding."""

    PERSON = "person"
    TOPIC = "topic"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Hold:
    """No sound for now.

    until: when it ends by itself; None for not by itself, or after ``Rules.longest_hold``.
    """

    reason: str
    until: Instant | None = None
    holder: Holder = Holder.PERSON

    def takes_the_place_of(self, other: "Hold") -> bool:
        """A person has one hold, and so have the hours; each topic has one of its own."""
        same_topic = self.holder is not Holder.TOPIC or self.reason == other.reason
        return self.holder is other.holder and same_topic


@dataclass(frozen=True, slots=True)
class Release:
    """A person wants to hear the chair again: every hold is over, whatever it was for."""

    reason: str


@dataclass(frozen=True, slots=True)
class TopicCleared:
    """What a topic held the chair for is over; other holds go on."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """The time outside the working hours that is under way, or else the next."""

    start: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class AlwaysWithinHours:
    """No time outside the working hours is in sight."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day under way, from midnight to midnight. softer_from: when the tone gets softer."""

    start: Instant
    end: Instant
    softer_from: Instant | None = None

    def begun(self, at: Instant) -> Instant:
        """When the day of an instant began; one after this day is the next."""
        return self.start if at < self.end else self.end

    def is_softer(self, at: Instant) -> bool:
        """Whether this is the softer part of the day."""
        return self.softer_from is not None and self.softer_from <= at < self.end


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has heard the call to move, and it need not sound on."""


@dataclass(frozen=True, slots=True)
class SetMoveAfter:
    """A new ``move_after``, from now on and for the bout under way."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class SetMinBreak:
    """A new ``min_break``, from now on and for the gap under way."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class SetDailyLimit:
    """A new limit of the time on the seat in a day, None for none."""

    value: timedelta | None


@dataclass(frozen=True, slots=True)
class SwitchBuzzer:
    """Reminders sound, or do not."""

    on: bool


@dataclass(frozen=True, slots=True)
class TestBuzzer:
    """A person wants to hear the buzzer."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class PaceExercise:
    """A person wants an exercise paced: the one named, else the one offered, else the next owed."""

    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class StopPacing:
    """A person has had enough of a paced exercise; ``reason`` says who asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class FinishExercise:
    """A person has done an exercise: the one named, else the one paced or offered last."""

    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class SensorFailed:
    """The sensor cannot be believed any more; ``reason`` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class SensorWorks:
    """The sensor can be believed again, and feels a weight or none.

    reason: what was wrong.
    """

    reason: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """From here on the level may have changed; an edge, or ``Certain``, will say."""


@dataclass(frozen=True, slots=True)
class Certain:
    """The level has not changed after all."""


@dataclass(frozen=True, slots=True)
class Lean:
    """The person has leaned to one side for too long; ``since`` is when that began."""

    side: str
    since: Instant


@dataclass(frozen=True, slots=True)
class SitUpright:
    """The person does not lean any more."""


@dataclass(frozen=True, slots=True)
class ShiftWeight:
    """The person has shifted weight on the seat."""


@dataclass(frozen=True, slots=True)
class Tare:
    """A person says that the seat is empty: for the scale of a chair that has one."""


@dataclass(frozen=True, slots=True)
class Calibrate:
    """A person says that a known weight, in kg, is on the seat: for the scale too."""

    weight: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more is known: an open bout is closed here."""


Measure = Tare | Calibrate
Figure = SetMoveAfter | SetMinBreak | SetDailyLimit
Quiet = Hold | Release | TopicCleared | OutsideHours | AlwaysWithinHours
Calendar = OutsideHours | AlwaysWithinHours | Day
"""What the clock on the wall says, in instants."""

Coached = PaceExercise | StopPacing | FinishExercise
Request = Snooze | Acknowledge | Quiet | Figure | SwitchBuzzer | TestBuzzer | Measure | Coached
Sensed = (
    Restarted
    | ClockCorrected
    | SensorFailed
    | SensorWorks
    | Doubt
    | Certain
    | Lean
    | SitUpright
    | ShiftWeight
)
Input = Day | Pressed | Released | Tick | ButtonPressed | ButtonReleased | Sensed | Finish | Request
