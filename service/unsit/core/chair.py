"""The chair: everything that is known about seat, sitting, reminders and button at one instant."""

from dataclasses import dataclass, field

from unsit.core.absence import Absence
from unsit.core.button import Button
from unsit.core.exercises import Coaching
from unsit.core.inputs import Day, Hold, Lean, OutsideHours
from unsit.core.instant import NOT_KEPT, Instant
from unsit.core.programme import Programme
from unsit.core.reminders import Reminders
from unsit.core.rules import Rules
from unsit.core.seat import Seat
from unsit.core.sitting import Phase, Sitting
from unsit.core.today import KEPT, Today, reaches


@dataclass(frozen=True, slots=True)
class Fault:
    """The sensor cannot be believed since an instant."""

    reason: str
    since: Instant


@dataclass(frozen=True, slots=True)
class Closure:
    """A time outside the working hours; ``begun`` from its start on, lifted by a person or not."""

    span: OutsideHours
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Chair:
    """Everything the chair knows.

    holds: the holds in force, none when sound is allowed.
    closure: the time outside the working hours that is under way or comes next.
    today: what the day adds up to so far; kept apart from the chair.
    day: the day under way, None where nobody has told.
    limit_told: when the daily limit was last reached, None for not yet.
    snoozed: when there were snoozes lately.
    heard: when the last sound began, None before the first.
    programme: the exercises and sitting cues that there are; coaching: how they stand.
    fault: what is wrong with the sensor, None for nothing.
    lost: nothing is known of the seat since then, because the service was not there; None if it
        was, or has found out.
    absence: the last one since which the wall clock has not been set, where only that told how long
        it was.
    doubt: the level may have changed already; the sensor has yet to make up its mind.
    lean: the side to which the person leans and since when, None for upright or not known.
    shifts: how often the person has shifted weight in this bout, None where that is not known.
    buzzer_on: whether reminders sound at all.
    sounding: a sound was asked for and not silenced since; it may have ended by itself.
    """

    rules: Rules = field(default_factory=Rules, metadata=NOT_KEPT)
    seat: Seat = field(default_factory=Seat)
    sitting: Sitting = field(default_factory=Sitting)
    reminders: Reminders = field(default_factory=Reminders)
    button: Button = field(default_factory=Button, metadata=NOT_KEPT)
    holds: tuple[Hold, ...] = ()
    closure: Closure | None = None
    today: Today = field(default_factory=Today, metadata=NOT_KEPT)
    day: Day | None = None
    limit_told: Instant | None = None
    snoozed: tuple[Instant, ...] = ()
    heard: Instant | None = None
    programme: Programme = field(default_factory=Programme, metadata=NOT_KEPT)
    coaching: Coaching = field(default_factory=Coaching)
    fault: Fault | None = None
    lost: Instant | None = None
    absence: Absence | None = None
    doubt: bool = field(default=False, metadata=NOT_KEPT)
    lean: Lean | None = None
    shifts: int | None = None
    buzzer_on: bool = field(default=True, metadata=NOT_KEPT)
    sounding: bool = field(default=False, metadata=NOT_KEPT)

    @property
    def due(self) -> bool:
        """The bout is due and the person sits: it is time to move."""
        bout = self.sitting.bout
        return self.sitting.phase is Phase.SITTING and bout is not None and bout.due is not None

    @property
    def held(self) -> bool:
        """A hold is in force."""
        return bool(self.holds)

    @property
    def held_until(self) -> Instant | None:
        """When the last of the holds ends by itself; None while there is none, or for never."""
        ends = [hold.until for hold in self.holds if hold.until is not None]
        return max(ends) if ends and len(ends) == len(self.holds) else None

    @property
    def limit_reached(self) -> bool:
        """The daily limit was reached on the day under way."""
        told = self.limit_told
        return told is not None and (self.day is None or self.day.start <= told < self.day.end)

    @property
    def limit_at(self) -> Instant | None:
        """When the daily limit is reached if the person stays, None for not today, or not again."""
        day, limit, bout = self.day, self.rules.daily_limit, self.sitting.bout
        if day is None or limit is None or bout is None or self.limit_reached:
            return None
        at = reaches(self.today, limit, day.start)
        if at is None or self.sitting.phase is not Phase.SITTING:
            return None
        at = max(at, bout.not_before)
        return at if at < day.end else None

    def snoozes_today(self, at: Instant) -> int:
        """How many snoozes there were on the day of an instant."""
        begun = self.day_of(at)
        return sum(one >= begun for one in self.snoozed)

    def day_of(self, at: Instant) -> Instant:
        """When the day of an instant began; where nobody has told, before all that is known."""
        return at - KEPT if self.day is None else self.day.begun(at)

    @property
    def is_followed(self) -> bool:
        """A bout is under way and the sensor is believed: each moment adds to what is known."""
        return self.sitting.bout is not None and self.fault is None and self.lost is None

    @property
    def silent(self) -> bool:
        """A reminder would make no sound now."""
        return self.held or not self.buzzer_on
