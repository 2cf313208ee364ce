"""Events and effects: what a transition reports, and what it has the buzzer and lamp do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from unsit.core.instant import Instant
from unsit.core.programme import Cue, Exercise
from unsit.core.rules import Tone


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Base of every event. at: when it happened."""

    at: Instant


@dataclass(frozen=True, slots=True)
class BoutStarted(Occurrence):
    """Sit-down after a break."""


@dataclass(frozen=True, slots=True)
class MoveSoon(Occurrence):
    """Early warning: the bout will be due at the instant ``due`` if the person stays."""

    bout: timedelta
    due: Instant
    silent: bool


@dataclass(frozen=True, slots=True)
class MoveDue(Occurrence):
    """Call to move after ``move_after``, which is also the first reminder.

    cue: the rung of the ladder, None without a ladder. exercise: the exercise owed next, None for
    none.
    """

    bout: timedelta
    silent: bool
    cue: str | None = None
    exercise: Exercise | None = None


@dataclass(frozen=True, slots=True)
class MoveReminder(Occurrence):
    """Further reminder, from number 2. cue: as in ``MoveDue``."""

    bout: timedelta
    reminder: int
    silent: bool
    cue: str | None = None


@dataclass(frozen=True, slots=True)
class GaveUp(Occurrence):
    """End of the reminders of a bout, at the instant at which the next would have come."""

    bout: timedelta


@dataclass(frozen=True, slots=True)
class StoodUp(Occurrence):
    """Stand-up, which begins a gap or a break.

    response: time since ``MoveDue`` of this bout, None if it was not due yet.
    """

    bout: timedelta
    response: timedelta | None


@dataclass(frozen=True, slots=True)
class SatBack(Occurrence):
    """Sit-down at the end of a gap."""

    away: timedelta


@dataclass(frozen=True, slots=True)
class BackTooSoon(Occurrence):
    """Sit-down in a bout that is due, ``missing`` before the gap would have been a break."""

    away: timedelta
    missing: timedelta


@dataclass(frozen=True, slots=True)
class BoutEnded(Occurrence):
    """End of a bout, at the stand-up ``ended``; ``at`` is when it became certain.

    seated: the duration without the gaps.
    open: ended by the end of a recording, not by a break.
    cut: ended by a fault or downtime as long as a break, which hides what came after ``ended``.
    shifts: number of shifts of weight, None where the sensor cannot report them.
    """

    started: Instant
    ended: Instant
    seated: timedelta
    reminders: int = 0
    open: bool = False
    cut: bool = False
    shifts: int | None = None

    @property
    def duration(self) -> timedelta:
        """Time from the first sit-down to the stand-up that began the break."""
        return self.ended - self.started


@dataclass(frozen=True, slots=True)
class BreakEnded(Occurrence):
    """Sit-down after a break. pause: the length of the break."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class DailyLimitReached(Occurrence):
    """Time on the seat today reached its limit; once a day."""

    seated: timedelta
    silent: bool


@dataclass(frozen=True, slots=True)
class Snoozed(Occurrence):
    """Snooze: the next reminder was put off until the instant ``until``."""

    until: Instant


@dataclass(frozen=True, slots=True)
class Acknowledged(Occurrence):
    """Acknowledgement of the call to move."""

    bout: timedelta


@dataclass(frozen=True, slots=True)
class HoldStarted(Occurrence):
    """Start of the first of the holds. reason: its origin."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldChanged(Occurrence):
    """Another hold of a source, or another end of one, while sound stays off.

    reasons: of all holds in force. until: see ``Chair.held_until``.
    """

    reasons: tuple[str, ...]
    until: Instant | None


@dataclass(frozen=True, slots=True)
class HoldEnded(Occurrence):
    """End of the last hold; sound is allowed again. reason: what ended it."""

    reason: str


@dataclass(frozen=True, slots=True)
class SensorFault(Occurrence):
    """Start of a sensor fault, during which the seat is not known."""

    reason: str


@dataclass(frozen=True, slots=True)
class SensorRecovered(Occurrence):
    """End of a sensor fault. reason: name of the fault."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeaningStarted(Occurrence):
    """Lean to one side that has lasted for a while. since: when it began."""

    side: str
    since: Instant


@dataclass(frozen=True, slots=True)
class LeaningEnded(Occurrence):
    """End of a lean: the person sits upright or has left. leaned: how long it was."""

    side: str
    leaned: timedelta


@dataclass(frozen=True, slots=True)
class SittingCue(Occurrence):
    """Sitting cue, without a sound. silent: other programs should make no sound of it either."""

    cue: Cue
    silent: bool


@dataclass(frozen=True, slots=True)
class ExerciseDue(Occurrence):
    """Offer of an exercise that is owed, at a stand-up."""

    exercise: Exercise


@dataclass(frozen=True, slots=True)
class ExerciseStarted(Occurrence):
    """Start of a paced exercise. lasts: how long it will take."""

    exercise: Exercise
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class ExerciseStopped(Occurrence):
    """End of a paced exercise that was not finished and does not count. reason: what ended it."""

    exercise: Exercise
    reason: str


@dataclass(frozen=True, slots=True)
class ExerciseDone(Occurrence):
    """Exercise done. paced: the buzzer paced it to its end."""

    exercise: Exercise
    paced: bool


@dataclass(frozen=True, slots=True)
class SeatTared(Occurrence):
    """Tare: the empty seat is the new zero. noise: standard deviation in kg."""

    noise: float


@dataclass(frozen=True, slots=True)
class SeatCalibrated(Occurrence):
    """Calibration with a known weight, in kg.

    span: counts that the weight made. noise: standard deviation in kg. margin: weight of the
    lightest person as a multiple of the noise. shares: share of each of several cells, by name.
    """

    weight: float
    span: float
    noise: float
    margin: float
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeatCornerWeighed(Occurrence):
    """Known weight at a corner, in kg, to test the wiring.

    load: what the seat read, in kg. missing: corners that are still to be weighed. With the last
    one, readings: share of the mean at each corner, and wrong: the cell that is wired wrongly and
    its wires, None if the corners agree.
    """

    corner: str
    weight: float
    load: float
    missing: tuple[str, ...] = ()
    readings: Mapping[str, float] = field(default_factory=dict)
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class ClockStepped(Occurrence):
    """Step of the wall clock, which durations do not follow. by: negative if it was set back."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class SettingChanged(Occurrence):
    """Change of a setting while the service runs, or of its kept value at a start.

    before, after: a duration, on or off, a text as in the settings, or None for no value.
    source: who or what changed it.
    """

    setting: str
    before: timedelta | bool | str | None
    after: timedelta | bool | str | None
    source: str


@dataclass(frozen=True, slots=True)
class ServiceStarted(Occurrence):
    """Start of the service, which watches its pins."""


@dataclass(frozen=True, slots=True)
class ServiceStopped(Occurrence):
    """Clean stop of the service."""


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
    | HoldChanged
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
    | SeatCornerWeighed
    | ClockStepped
    | SettingChanged
    | ServiceStarted
    | ServiceStopped
)


SeatEvent = (
    BoutStarted
    | MoveDue
    | MoveReminder
    | GaveUp
    | StoodUp
    | SatBack
    | BackTooSoon
    | BoutEnded
    | BreakEnded
    | SensorFault
    | SensorRecovered
    | ExerciseDue
    | SittingCue
)
"""Event that the levels of the seat alone can cause, again and again."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Command to play a tone from its beginning; None for the buzzer's own pattern."""

    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class SoftTick:
    """Command to make a soft sound, such as for a lean; not the call to move."""


class PaceSignal(Enum):
    """Beat of a paced exercise."""

    START = "start"
    RELEASE = "release"
    SWITCH = "switch side"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Beat:
    """Command to sound a beat of a paced exercise; it may sound on an empty seat."""

    signal: PaceSignal


@dataclass(frozen=True, slots=True)
class Silence:
    """Command to stop any sound at once."""


@dataclass(frozen=True, slots=True)
class Light:
    """Command to switch the lamp, which is on while it is time to move."""

    on: bool


@dataclass(frozen=True, slots=True)
class ReadButton:
    """Request to read the button's pin; the answer is the input ``ButtonRead``."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refusal of a request, and why; nothing has changed."""

    why: str


Effect = Event | Sound | SoftTick | Beat | Silence | Light | ReadButton | Refuse
