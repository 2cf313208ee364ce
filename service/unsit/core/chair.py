"""Chair: the whole state of seat, sitting, reminders, button, holds and exercises."""

from dataclasses import dataclass, field

from unsit.core.button import Button
from unsit.core.day import KEPT_FOR, Today, limit_reached_at
from unsit.core.exercises import Coaching
from unsit.core.inputs import Day, Hold, Lean, OutsideHours
from unsit.core.instant import NOT_KEPT, Instant, formerly
from unsit.core.programme import Programme
from unsit.core.reminders import Reminders
from unsit.core.rules import Rules
from unsit.core.seat import Seat
from unsit.core.sitting import Absence, Phase, Sitting


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """Fault of the sensor under way."""

    reason: str
    since: Instant


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """Time outside the working hours. begun: it has started, even if a person ended its hold."""

    span: OutsideHours
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Chair:
    """State of the chair at one instant.

    holds: the holds in force, none when sound is allowed.
    spent_holds: holds of sources that have ended, but whose messages the broker may still keep.
    closed_span: the time outside the working hours that is under way or comes next.
    today: totals of the day so far, which have a document of their own in the state file.
    day: the dates of the day under way, None where the schedule has sent none.
    limit_reached_on: when the daily limit was last reached, None for never.
    snoozed_at: instants of the snoozes of the last 50 h.
    last_sound_at: when the last sound began, None before the first.
    programme: all exercises and sitting cues. coaching: the state of them.
    fault: the fault of the sensor, None for none.
    down_since: when the service stopped, None once the level of the seat is known again.
    absence: the last downtime across a reboot, None once the wall clock is set.
    level_uncertain: the level may have changed; the sensor has yet to confirm it.
    lean: the side to which the person leans and since when, None for upright or not known.
    shifts: number of shifts of weight in this bout, None where the sensor cannot report them.
    buzzer_on: whether reminders sound at all.
    sounding: a sound was emitted and not silenced since; it may have ended by itself.
    """

    rules: Rules = field(default_factory=Rules, metadata=NOT_KEPT)
    seat: Seat = field(default_factory=Seat)
    sitting: Sitting = field(default_factory=Sitting)
    reminders: Reminders = field(default_factory=Reminders)
    button: Button = field(default_factory=Button, metadata=NOT_KEPT)
    holds: tuple[Hold, ...] = ()
    spent_holds: tuple[Hold, ...] = ()
    closed_span: ClosedSpan | None = field(default=None, metadata=formerly("closure"))
    today: Today = field(default_factory=Today, metadata=NOT_KEPT)
    day: Day | None = None
    limit_reached_on: Instant | None = field(default=None, metadata=formerly("limit_told"))
    snoozed_at: tuple[Instant, ...] = field(default=(), metadata=formerly("snoozed"))
    last_sound_at: Instant | None = field(default=None, metadata=formerly("heard"))
    programme: Programme = field(default_factory=Programme, metadata=NOT_KEPT)
    coaching: Coaching = field(default_factory=Coaching)
    fault: ActiveFault | None = None
    down_since: Instant | None = field(default=None, metadata=formerly("lost"))
    absence: Absence | None = None
    level_uncertain: bool = field(default=False, metadata=NOT_KEPT)
    lean: Lean | None = None
    shifts: int | None = None
    buzzer_on: bool = field(default=True, metadata=NOT_KEPT)
    sounding: bool = field(default=False, metadata=NOT_KEPT)

    @property
    def due(self) -> bool:
        """True while the person sits in a bout that is due: it is time to move."""
        bout = self.sitting.bout
        return self.sitting.phase is Phase.SITTING and bout is not None and bout.due is not None

    @property
    def held(self) -> bool:
        """True while a hold is in force."""
        return bool(self.holds)

    @property
    def held_until(self) -> Instant | None:
        """End of the last of the holds; None for no hold, or for never."""
        ends = [hold.until for hold in self.holds if hold.until is not None]
        return max(ends) if ends and len(ends) == len(self.holds) else None

    @property
    def limit_reached(self) -> bool:
        """True once the daily limit was reached on the day under way."""
        at = self.limit_reached_on
        return at is not None and (self.day is None or self.day.start <= at < self.day.end)

    @property
    def limit_at(self) -> Instant | None:
        """Instant of today's limit if the person stays; None for not, or not again."""
        day, limit, bout = self.day, self.rules.daily_limit, self.sitting.bout
        if day is None or limit is None or bout is None or self.limit_reached:
            return None
        at = limit_reached_at(self.today, limit, day.start)
        if at is None or self.sitting.phase is not Phase.SITTING:
            return None
        at = max(at, bout.not_before)
        return at if at < day.end else None

    def snoozes_today(self, at: Instant) -> int:
        """Count the snoozes on the day of an instant."""
        start = self.day_of(at)
        return sum(snoozed >= start for snoozed in self.snoozed_at)

    def day_of(self, at: Instant) -> Instant:
        """Return when the day of an instant began; without a schedule, before all that is kept."""
        return at - KEPT_FOR if self.day is None else self.day.start_of(at)

    @property
    def is_followed(self) -> bool:
        """True while a bout is under way and its time counts: no fault, no restart."""
        return self.sitting.bout is not None and self.fault is None and self.down_since is None

    @property
    def is_kept_whole(self) -> bool:
        """True if the state file keeps all that the next steps of the seat and of time depend on.

        It keeps neither a press of the button under way, nor a paced exercise, nor doubts about the
        level.
        """
        is_pacing = self.coaching.pacing is not None
        return self.button == Button() and not is_pacing and not self.level_uncertain

    @property
    def silent(self) -> bool:
        """True if a reminder would make no sound now."""
        return self.held or not self.buzzer_on
