"""Inputs of the core: edges and faults of the sensor, time, the schedule, and requests."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant
from unsit.core.rules import ReminderStyle


@dataclass(frozen=True, slots=True)
class Pressed:
    """Seat level changed to pressed.

    dwell: how long it must hold before it counts, if that is longer than ``Rules.sit_dwell``.
    """

    dwell: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Seat level changed to released.

    dwell: how long it must hold before it counts, if that is longer than ``Rules.stand_dwell``.
    """

    dwell: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """Start of the service after a downtime; the level of the seat follows as an edge.

    down_since: the last instant at which the service is known to have run.
    down_since_wall: the same instant by the wall clock, after a reboot; it lies after now where
        the wall clock is behind. None where the monotonic clock has measured the downtime.
    """

    down_since: Instant
    down_since_wall: Instant | None = None


@dataclass(frozen=True, slots=True)
class ClockCorrected:
    """Setting of the wall clock, which is right from now on. by: positive for forward."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Tick:
    """Passing of time, without another input."""


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """Press of the button."""


@dataclass(frozen=True, slots=True)
class ButtonReleased:
    """Release of the button."""


@dataclass(frozen=True, slots=True)
class ButtonRead:
    """Level of the button's pin, read as ``ReadButton`` asks.

    pressed: False for a release that was not heard. A release that was heard comes as an edge.
    """

    pressed: bool


@dataclass(frozen=True, slots=True)
class Snooze:
    """Request to put the next reminder off."""


class Holder(Enum):
    """Origin of a hold."""

    PERSON = "person"
    TOPIC = "topic"
    SOURCE = "source"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold: no sound until it ends.

    until: when it ends by itself; None for after ``Rules.longest_hold``, or never.
    message: the message of a source that asked for it, None for a hold without one.
    retained: the broker keeps that message.
    """

    reason: str
    until: Instant | None = None
    holder: Holder = Holder.PERSON
    message: str | None = None
    retained: bool = False

    def replaces(self, other: "Hold") -> bool:
        """Return whether this hold replaces another: persons share one, the hours have one.

        Each topic, and each reason of a source, has a hold of its own.
        """
        is_shared = self.holder in (Holder.PERSON, Holder.HOURS)
        return self.holder is other.holder and (is_shared or self.reason == other.reason)


@dataclass(frozen=True, slots=True)
class HoldMessage:
    """Message of a source that asks for a hold.

    is_replay: the broker has sent the message because the chair has connected, so it may be one
    that the chair has already followed.
    """

    hold: Hold
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """Request to end all holds."""

    reason: str


@dataclass(frozen=True, slots=True)
class TopicCleared:
    """End of the hold of one topic, or of one source (``Holder.SOURCE``)."""

    reason: str
    holder: Holder = Holder.TOPIC


@dataclass(frozen=True, slots=True)
class SourcesListed:
    """Reasons of all holds whose messages the broker keeps; the other messages are gone."""

    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class HoldRedated:
    """Another end of the hold of a source, because the wall clock was set."""

    reason: str
    until: Instant


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """Time outside the working hours that is under way, else the next one."""

    start: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class AlwaysWithinHours:
    """No time outside the working hours is ahead."""


@dataclass(frozen=True, slots=True)
class Day:
    """Day under way, from midnight to midnight. softer_from: when reminders become softer."""

    start: Instant
    end: Instant
    softer_from: Instant | None = None

    def start_of(self, at: Instant) -> Instant:
        """Return when the day of an instant began; an instant after this day is in the next."""
        return self.start if at < self.end else self.end

    def is_softer(self, at: Instant) -> bool:
        """Return whether an instant is in the softer part of the day."""
        return self.softer_from is not None and self.softer_from <= at < self.end


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Request to end the sound of the reminder."""


@dataclass(frozen=True, slots=True)
class SetMoveAfter:
    """Request for another ``move_after``, also for the bout under way."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class SetMinBreak:
    """Request for another ``min_break``, also for the gap under way."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class SetDailyLimit:
    """Request for another limit of the time on the seat in a day, None for none."""

    value: timedelta | None


@dataclass(frozen=True, slots=True)
class SwitchBuzzer:
    """Request to switch the sound of reminders on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetReminderStyle:
    """Request for another style of the reminders, from the next one on."""

    value: ReminderStyle


@dataclass(frozen=True, slots=True)
class SetSilentBefore:
    """Request for another beginning of the hours of each day: ``09:00``, None for midnight."""

    value: str | None


@dataclass(frozen=True, slots=True)
class SetSilentAfter:
    """Request for another end of the hours of each day: ``17:30``, None for midnight."""

    value: str | None


HoursRequest = SetSilentBefore | SetSilentAfter
"""Request that the schedule handles, which is outside of the core."""

SettingRequest = (
    SetMoveAfter | SetMinBreak | SetDailyLimit | SwitchBuzzer | SetReminderStyle | HoursRequest
)
"""Request that changes one setting."""


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Request to change several settings at once."""

    changes: tuple[SettingRequest, ...]


@dataclass(frozen=True, slots=True)
class TestBuzzer:
    """Request to sound the buzzer once."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class PaceExercise:
    """Request to pace an exercise: the one named, else the one offered, else the next owed."""

    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class StopPacing:
    """Request to stop the paced exercise. reason: origin of the request."""

    reason: str


@dataclass(frozen=True, slots=True)
class FinishExercise:
    """Report of an exercise done: the one named, else the one paced or offered last."""

    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class SensorFailed:
    """Start of a sensor fault. reason: name of the fault."""

    reason: str


@dataclass(frozen=True, slots=True)
class SensorWorks:
    """End of a sensor fault. reason: name of the fault. pressed: the level of the seat."""

    reason: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class LevelUncertain:
    """Doubt about the seat level from now on, until an edge or ``LevelConfirmed`` follows."""


@dataclass(frozen=True, slots=True)
class LevelConfirmed:
    """End of a doubt: the seat level has not changed."""


@dataclass(frozen=True, slots=True)
class Lean:
    """Lean to one side that has lasted too long. since: when it began."""

    side: str
    since: Instant


@dataclass(frozen=True, slots=True)
class SitUpright:
    """End of a lean."""


@dataclass(frozen=True, slots=True)
class ShiftWeight:
    """Shift of the person's weight on the seat."""


@dataclass(frozen=True, slots=True)
class Tare:
    """Request to take the empty seat as the zero of the scale.

    surely_empty: a person has seen that the seat is empty, whatever it reads.
    """

    surely_empty: bool = False


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Request to calibrate the scale, or to test one corner of it.

    weight: the known weight on the seat, in kg. corner: where it lies; None for the middle, which
    sets the span.
    """

    weight: float
    corner: str | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """End of a recording, which closes an open bout."""


LoadCellRequest = Tare | Calibrate
"""Request that the scale handles; the core refuses it."""

ScheduleInput = Day | OutsideHours | AlwaysWithinHours
"""Dates of the wall clock as instants."""

Request = (
    Snooze
    | Acknowledge
    | Hold
    | HoldMessage
    | Release
    | TopicCleared
    | SourcesListed
    | SettingRequest
    | ChangeSettings
    | TestBuzzer
    | PaceExercise
    | StopPacing
    | FinishExercise
    | LoadCellRequest
)
"""Request of a person or of another program, over MQTT."""

Input = (
    Tick
    | Pressed
    | Released
    | LevelUncertain
    | LevelConfirmed
    | SensorFailed
    | SensorWorks
    | Lean
    | SitUpright
    | ShiftWeight
    | Restarted
    | ClockCorrected
    | Finish
    | ButtonPressed
    | ButtonReleased
    | ButtonRead
    | ScheduleInput
    | HoldRedated
    | Request
)
"""Each input of the core; ``transition.HANDLERS`` has a handler for every one."""
