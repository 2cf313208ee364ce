"""What happened: the events that the world is told about.

``at`` is the instant at which it happened, not the one at which it became known.
Durations are time deltas; instants are named as such.
"""

from dataclasses import dataclass
from datetime import timedelta

from unsit.core.instant import Instant
from unsit.core.programme import Cue, Exercise


@dataclass(frozen=True, slots=True)
class BoutStarted:
    """A person sat down after a break."""

    at: Instant


@dataclass(frozen=True, slots=True)
class MoveSoon:
    """An early warning: the bout will be due at the instant ``due`` if the person stays."""

    at: Instant
    bout: timedelta
    due: Instant
    silent: bool


@dataclass(frozen=True, slots=True)
class MoveDue:
    """The bout has lasted ``move_after``; this is also the first reminder.

    cue: the rung of the ladder, None where there is no ladder. exercise: the one that is owed next,
    None for none.
    """

    at: Instant
    bout: timedelta
    silent: bool
    cue: str | None = None
    exercise: Exercise | None = None


@dataclass(frozen=True, slots=True)
class MoveReminder:
    """A further reminder, number two and up. cue: as in ``MoveDue``."""

    at: Instant
    bout: timedelta
    reminder: int
    silent: bool
    cue: str | None = None


@dataclass(frozen=True, slots=True)
class GaveUp:
    """All reminders of the bout are spent; said at the instant the next would have come."""

    at: Instant
    bout: timedelta


@dataclass(frozen=True, slots=True)
class StoodUp:
    """The seat is empty; whether it is a gap or a break shows later.

    response: time since ``MoveDue`` of this bout, None if it was not due yet.
    """

    at: Instant
    bout: timedelta
    response: timedelta | None


@dataclass(frozen=True, slots=True)
class SatBack:
    """The person came back within a gap."""

    at: Instant
    away: timedelta


@dataclass(frozen=True, slots=True)
class BackTooSoon:
    """The bout was due, and its break is too short by ``missing`` to be one."""

    at: Instant
    away: timedelta
    missing: timedelta


@dataclass(frozen=True, slots=True)
class BoutEnded:
    """A bout is over. ``at`` is when that became certain, ``ended`` when it was.

    seated: the duration less the gaps.
    open: closed by the end of a recording, not by a break.
    cut: closed because what came after ``ended`` is not known, not by a break.
    shifts: how often the person shifted weight, None where the sensor cannot tell.
    """

    at: Instant
    started: Instant
    ended: Instant
    seated: timedelta
    reminders: int = 0
    open: bool = False
    cut: bool = False
    shifts: int | None = None

    @property
    def duration(self) -> timedelta:
        """From the first sit-down to the stand-up that began the break."""
        return self.ended - self.started


@dataclass(frozen=True, slots=True)
class BreakEnded:
    """A person sat down again; ``pause`` is how long the break was."""

    at: Instant
    pause: timedelta


@dataclass(frozen=True, slots=True)
class DailyLimitReached:
    """The time on the seat today has come to the limit; once a day."""

    at: Instant
    seated: timedelta
    silent: bool


@dataclass(frozen=True, slots=True)
class Snoozed:
    """The next reminder was put off until the instant ``until``."""

    at: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has heard the call to move."""

    at: Instant
    bout: timedelta


@dataclass(frozen=True, slots=True)
class HoldStarted:
    """No sound from now on; ``reason`` says who or what asked first."""

    at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """Sound is allowed again; ``reason`` says what ended the last hold."""

    at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class SensorFault:
    """The sensor cannot be believed; what happens on the seat is not known from here on."""

    at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class SensorRecovered:
    """The sensor works again; ``reason`` is what was wrong."""

    at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class LeaningStarted:
    """The person leans to one side, and has for a while: ``since`` is when that began."""

    at: Instant
    side: str
    since: Instant


@dataclass(frozen=True, slots=True)
class LeaningEnded:
    """The person sits upright again, or has left; ``leaned`` is how long it was."""

    at: Instant
    side: str
    leaned: timedelta


@dataclass(frozen=True, slots=True)
class SittingCue:
    """A word about how to sit; it makes no sound. silent: nobody should make one of it either."""

    at: Instant
    cue: Cue
    silent: bool


@dataclass(frozen=True, slots=True)
class ExerciseDue:
    """An exercise is owed, and can be done: the person has just stood up."""

    at: Instant
    exercise: Exercise


@dataclass(frozen=True, slots=True)
class ExerciseStarted:
    """An exercise is paced from now on; ``lasts`` is how long it will take."""

    at: Instant
    exercise: Exercise
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class ExerciseStopped:
    """A paced exercise was not finished; ``reason`` says why. It does not count."""

    at: Instant
    exercise: Exercise
    reason: str


@dataclass(frozen=True, slots=True)
class ExerciseDone:
    """An exercise is done. paced: the buzzer paced it to its end."""

    at: Instant
    exercise: Exercise
    paced: bool


@dataclass(frozen=True, slots=True)
class SeatTared:
    """The empty seat is the new zero. noise: standard deviation in kg."""

    at: Instant
    noise: float


@dataclass(frozen=True, slots=True)
class SeatCalibrated:
    """A known weight, in kg, was measured.

    span: counts that it made. noise: standard deviation in kg. margin: how many times that the
    lightest person is.
    """

    at: Instant
    weight: float
    span: float
    noise: float
    margin: float


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock jumped; durations did not. ``by`` is negative when it was set back."""

    at: Instant
    by: timedelta


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    """The service runs and listens to its pins."""

    at: Instant


@dataclass(frozen=True, slots=True)
class ServiceStopped:
    """The service ends cleanly."""

    at: Instant


Event = (
    BoutStarted
    | MoveSoon
    | MoveDue
    | MoveReminder
    | GaveUp
    | StoodUp
    | SatBack
    | BackTooSoon
    | BoutEnded
    | BreakEnded
    | DailyLimitReached
    | Snoozed
    | Acknowledged
    | HoldStarted
    | HoldEnded
    | SensorFault
    | SensorRecovered
    | LeaningStarted
    | LeaningEnded
    | SittingCue
    | ExerciseDue
    | ExerciseStarted
    | ExerciseStopped
    | ExerciseDone
    | SeatTared
    | SeatCalibrated
    | ClockStepped
    | ServiceStarted
    | ServiceStopped
)
