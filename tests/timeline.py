"""Timelines: what people do to the chair, and what the chair owes for it, in sentences.

    given(max_reminders=1).live(
        at(0, sits),
        expect(0, bout_started),
        expect(1800, move_due(bout=1800), sound, lamp_on),
        until(2099),
    )

The chair gets a tick at each of its deadlines, as from a live loop. All that it does up to the last
moment must be expected, and at the right instant. An event stands at the instant that it carries;
``told`` says when it is told if that is later. The events of an instant come in order, and so do
its sounds; the two do not wait for each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from living import Run
from timeline_words import Line, Told, describe, in_order, side_by_side, written
from unsit.core.chair import Chair
from unsit.core.effects import Cue, Effect, Light, Refuse, Silence, Sound
from unsit.core.events import (
    Acknowledged,
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    BreakEnded,
    DailyLimitReached,
    GaveUp,
    HoldEnded,
    HoldStarted,
    LeaningEnded,
    LeaningStarted,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    SensorFault,
    SensorRecovered,
    Snoozed,
    StoodUp,
)
from unsit.core.inputs import (
    Acknowledge,
    AlwaysWithinHours,
    ButtonPressed,
    ButtonReleased,
    Certain,
    ClockCorrected,
    Day,
    Doubt,
    Finish,
    Hold,
    Holder,
    Input,
    Lean,
    OutsideHours,
    Pressed,
    Release,
    Released,
    Restarted,
    SensorFailed,
    SensorWorks,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    ShiftWeight,
    SitUpright,
    Snooze,
    SwitchBuzzer,
    TestBuzzer,
    Tick,
    TopicCleared,
)
from unsit.core.instant import Instant
from unsit.core.ladder import Tone
from unsit.core.programme import Programme
from unsit.core.rules import Rules
from unsit.settings.ladder import parse_ladder


def sec(seconds: float) -> timedelta:
    """Seconds as the core takes them."""
    return timedelta(seconds=seconds)


# What happens to the chair.

sits = Pressed()
stands = Released()
finger_on = ButtonPressed()
finger_off = ButtonReleased()
snoozes = Snooze()
acknowledges = Acknowledge()
always_within_hours = AlwaysWithinHours()
releases = Release("asked")
buzzer_off = SwitchBuzzer(on=False)
buzzer_on = SwitchBuzzer(on=True)
tests_buzzer = TestBuzzer()
recording_ends = Finish()
sits_upright = SitUpright()
doubts = Doubt()
certain = Certain()
dies = Tick()
shifts_weight = ShiftWeight()


def fails(reason: str = "silent") -> SensorFailed:
    return SensorFailed(reason)


def works(*, pressed: bool, reason: str = "silent") -> SensorWorks:
    return SensorWorks(reason, pressed=pressed)


def restarts(*, lost: float) -> Restarted:
    """The service is here again; what is not kept of the chair is forgotten, time told nothing."""
    return Restarted(sec(lost))


def reboots(*, lost: float, told: float | None = None) -> Restarted:
    """The same where only the wall clock tells how long it was away; it may have told more."""
    return Restarted(sec(lost), sec(lost if told is None else told))


def clock_is_set(*, forward: float) -> ClockCorrected:
    return ClockCorrected(sec(forward))


def leans(side: str, *, since: float) -> Lean:
    return Lean(side, sec(since))


def holds(until: float | None = None, reason: str = "asked") -> Hold:
    """A hold, without an end of its own or with one."""
    return Hold(reason, None if until is None else sec(until))


def topic_holds(topic: str) -> Hold:
    """A message that holds the chair."""
    return Hold(topic, holder=Holder.TOPIC)


def topic_clears(topic: str) -> TopicCleared:
    """A message that lets it go."""
    return TopicCleared(topic)


def outside_hours(start: float, until: float) -> OutsideHours:
    """What the calendar says of the time outside the hours."""
    return OutsideHours(sec(start), sec(until))


def day(start: float, end: float, softer_from: float | None = None) -> Day:
    """What the calendar says of the day under way."""
    return Day(sec(start), sec(end), None if softer_from is None else sec(softer_from))


def sets_move_after(seconds: float) -> SetMoveAfter:
    return SetMoveAfter(sec(seconds))


def sets_daily_limit(seconds: float | None) -> SetDailyLimit:
    return SetDailyLimit(None if seconds is None else sec(seconds))


def sets_min_break(seconds: float) -> SetMinBreak:
    return SetMinBreak(sec(seconds))


# What the chair owes at an instant.

Owed = Callable[[Instant], Effect]

bout_started: Owed = BoutStarted


def sound(_: Instant) -> Effect:
    return Sound()


def silence(_: Instant) -> Effect:
    return Silence()


def lamp_on(_: Instant) -> Effect:
    return Light(on=True)


def lamp_off(_: Instant) -> Effect:
    return Light(on=False)


def refused(why: str) -> Owed:
    return lambda _: Refuse(why)


def plays(pattern: str, volume: int | None = None) -> Owed:
    """A sound other than the buzzer's own."""
    return lambda _: Sound(Tone(pattern, volume))


def move_soon(*, bout: float, due: float, silent: bool = False) -> Owed:
    return lambda at: MoveSoon(at, sec(bout), sec(due), silent)


def move_due(*, bout: float, silent: bool = False, cue: str | None = None) -> Owed:
    return lambda at: MoveDue(at, sec(bout), silent, cue)


def move_reminder(
    number: int, *, bout: float, silent: bool = False, cue: str | None = None
) -> Owed:
    return lambda at: MoveReminder(at, sec(bout), number, silent, cue)


def gave_up(*, bout: float) -> Owed:
    return lambda at: GaveUp(at, sec(bout))


def stood_up(*, bout: float, response: float | None = None) -> Owed:
    return lambda at: StoodUp(at, sec(bout), None if response is None else sec(response))


def sat_back(*, away: float) -> Owed:
    return lambda at: SatBack(at, sec(away))


def back_too_soon(*, away: float, missing: float) -> Owed:
    return lambda at: BackTooSoon(at, sec(away), sec(missing))


def break_ended(*, pause: float) -> Owed:
    return lambda at: BreakEnded(at, sec(pause))


def bout_ended(
    *,
    started: float,
    ended: float,
    seated: float,
    reminders: int = 0,
    open: bool = False,
    cut: bool = False,
    shifts: int | None = None,
) -> Owed:
    return lambda at: BoutEnded(
        at, sec(started), sec(ended), sec(seated), reminders, open, cut, shifts
    )


def sensor_fault(reason: str = "silent") -> Owed:
    return lambda at: SensorFault(at, reason)


def sensor_recovered(reason: str = "silent") -> Owed:
    return lambda at: SensorRecovered(at, reason)


def cue(_: Instant) -> Effect:
    return Cue()


def leaning_started(side: str, *, since: float) -> Owed:
    return lambda at: LeaningStarted(at, side, sec(since))


def leaning_ended(side: str, *, leaned: float) -> Owed:
    return lambda at: LeaningEnded(at, side, sec(leaned))


def daily_limit_reached(*, seated: float, silent: bool = False) -> Owed:
    return lambda at: DailyLimitReached(at, sec(seated), silent)


def snoozed(*, until: float) -> Owed:
    return lambda at: Snoozed(at, sec(until))


def acknowledged(*, bout: float) -> Owed:
    return lambda at: Acknowledged(at, sec(bout))


def hold_started(reason: str = "asked") -> Owed:
    return lambda at: HoldStarted(at, reason)


def hold_ended(reason: str = "asked") -> Owed:
    return lambda at: HoldEnded(at, reason)


# Moments.


@dataclass(frozen=True)
class Moment:
    """What happens at an instant, and what is owed."""

    when: Instant
    happens: tuple[Input, ...] = ()
    owed: tuple[Told, ...] = ()


def at(seconds: float, *happens: Input) -> Moment:
    """What people do at an instant."""
    return Moment(sec(seconds), happens)


def expect(seconds: float, *owed: Owed, told: float | None = None) -> Moment:
    """What the chair owes at an instant, and when it tells if that is later."""
    when = sec(seconds if told is None else told)
    return Moment(when, owed=tuple(Told(when, effect(sec(seconds))) for effect in owed))


def until(seconds: float) -> Moment:
    """The timeline goes on to here."""
    return Moment(sec(seconds))


NO_EXERCISES = Programme()


@dataclass(frozen=True)
class given:  # noqa: N801 - begins a sentence
    """The figures of a chair in seconds; left out ones are the defaults, but without dwell."""

    sit_dwell: float = 0
    stand_dwell: float = 0
    move_after: float = 1800
    min_break: float = 120
    repeat_every: float = 300
    max_reminders: int = 6
    snooze_for: float = 300
    max_snoozes: int = 2
    snooze_shrink: int = 0
    daily_snoozes: int | None = None
    ladder: str = ""
    warn_before: float | None = None
    credit: float | None = None
    daily_limit: float | None = None
    longest_hold: float | None = None
    shifts: int | None = None
    programme: Programme = NO_EXERCISES

    @property
    def rules(self) -> Rules:
        """The same for the core."""
        return Rules(
            sit_dwell=sec(self.sit_dwell),
            stand_dwell=sec(self.stand_dwell),
            move_after=sec(self.move_after),
            min_break=sec(self.min_break),
            repeat_every=sec(self.repeat_every),
            max_reminders=self.max_reminders,
            snooze_for=sec(self.snooze_for),
            max_snoozes=self.max_snoozes,
            credit=self.credit,
            daily_limit=None if self.daily_limit is None else sec(self.daily_limit),
            snooze_shrink=self.snooze_shrink,
            daily_snoozes=self.daily_snoozes,
            ladder=parse_ladder(self.ladder),
            warn_before=None if self.warn_before is None else sec(self.warn_before),
            longest_hold=None if self.longest_hold is None else sec(self.longest_hold),
        )

    @property
    def chair(self) -> Chair:
        """A new chair with these rules."""
        return Chair(rules=self.rules, shifts=self.shifts, programme=self.programme)

    def live(self, *moments: Moment) -> Chair:
        """Lives through a timeline; the chair as it is after that."""
        __tracebackhide__ = True
        run = Run(self.rules)
        run.chair = self.chair
        for moment in moments:
            for what in moment.happens:
                if isinstance(what, Restarted):
                    run.forget_what_is_not_kept()
                else:
                    run.wait(before=moment.when)
                run.feed(what, moment.when)
        run.wait_through(max(moment.when for moment in moments))
        owed = in_order([told for moment in moments for told in moment.owed])
        told = in_order(run.told)
        if owed != told:
            happened = [Line(m.when, f"({describe(what)})") for m in moments for what in m.happens]
            raise AssertionError(side_by_side(written(owed, happened), written(told, happened)))
        return run.chair
