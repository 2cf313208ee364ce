"""Timelines: a small language for tests that say who does what when, and what must follow.

    from support.timeline import *

    given(move_after=600, max_reminders=1).run(
        at(0, sits_down),
        expect(0, bout_started),
        expect(600, move_due(bout=600), sound, lamp_on),
        at(610, stands_up),
        expect(610, silence, lamp_off, stood_up(bout=610, response=10)),
        until(620),
    )

- ``given(...)`` is a new chair; its settings are in seconds and replace the defaults.
- ``at(second, ...)`` are inputs: ``sits_down``, ``snoozes``, ``sensor_fails()``.
- ``expect(second, ...)`` are effects: events such as ``move_due(bout=600)``, sounds, the lamp.
- ``until(second)`` extends the timeline with nothing else expected.

The chair gets a tick at each of its deadlines, as from the service's loop. Every effect up to the
last moment must be expected, and at the right instant: a missing, late or additional one fails the
test with both timelines side by side. An event belongs to the instant in its ``at``; if the chair
emits it later, after a dwell, ``emitted_at`` names that second. Events of one instant have an
order, and so have its sounds, but events and sounds are compared separately.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support.chair_run import ChairRun
from support.timeline_diff import Emitted, Line, as_text, describe, in_order, side_by_side
from unsit.core import events, inputs
from unsit.core.chair import Chair
from unsit.core.instant import Instant
from unsit.core.programme import Cue, Dose, Exercise, Occasion, Programme
from unsit.core.rules import ReminderStyle, Rules, Tone
from unsit.settings.hours import HoursSettings
from unsit.settings.values import parse_ladder

ExpectedEffect = Callable[[Instant], events.Effect]
"""An effect once the instant of its moment is known."""


def sec(seconds: float) -> timedelta:
    """Return seconds as a duration or an instant of the core."""
    return timedelta(seconds=seconds)


def _sec(seconds: float | None) -> timedelta | None:
    return None if seconds is None else sec(seconds)


# Inputs of persons.

sits_down = inputs.Pressed()
stands_up = inputs.Released()
presses_button = inputs.ButtonPressed()
releases_button = inputs.ButtonReleased()
snoozes = inputs.Snooze()
acknowledges = inputs.Acknowledge()
always_within_hours = inputs.AlwaysWithinHours()
ends_hold = inputs.Release("asked")
buzzer_off = inputs.SwitchBuzzer(on=False)
buzzer_on = inputs.SwitchBuzzer(on=True)
tests_buzzer = inputs.TestBuzzer()
starts_pacing = inputs.PaceExercise()
stops_pacing = inputs.StopPacing("command")
reports_done = inputs.FinishExercise()
shifts_weight = inputs.ShiftWeight()
sits_upright = inputs.SitUpright()


def leans(side: str, *, since: float) -> inputs.Lean:
    return inputs.Lean(side, sec(since))


def starts_hold(until: float | None = None, reason: str = "asked") -> inputs.Hold:
    return inputs.Hold(reason, _sec(until))


def topic_starts_hold(topic: str) -> inputs.Hold:
    """Return the hold by a message on an MQTT topic."""
    return inputs.Hold(topic, holder=inputs.Holder.TOPIC)


def topic_ends_hold(topic: str) -> inputs.TopicCleared:
    return inputs.TopicCleared(topic)


def source_starts_hold(
    reason: str,
    message: str = "ON",
    *,
    until: float | None = None,
    retained: bool = True,
    replayed: bool = False,
) -> inputs.HoldMessage:
    """Return the hold by a message on ``command/hold/<reason>``.

    replayed: the broker sends it because the chair has connected.
    """
    hold = inputs.Hold(reason, _sec(until), inputs.Holder.SOURCE, message, retained)
    return inputs.HoldMessage(hold, replayed)


def source_ends_hold(reason: str) -> inputs.TopicCleared:
    return inputs.TopicCleared(reason, inputs.Holder.SOURCE)


def broker_keeps(*reasons: str) -> inputs.SourcesListed:
    """Return the list of all holds by reason that the broker keeps."""
    return inputs.SourcesListed(frozenset(reasons))


def redates_hold(reason: str, until: float) -> inputs.HoldRedated:
    return inputs.HoldRedated(reason, sec(until))


def reports_done_by_name(exercise: Exercise) -> inputs.FinishExercise:
    return inputs.FinishExercise(exercise.id)


def sets_move_after(seconds: float) -> inputs.SetMoveAfter:
    return inputs.SetMoveAfter(sec(seconds))


def sets_daily_limit(seconds: float | None) -> inputs.SetDailyLimit:
    return inputs.SetDailyLimit(_sec(seconds))


def sets_style(style: ReminderStyle) -> inputs.SetReminderStyle:
    return inputs.SetReminderStyle(style)


def sets_min_break(seconds: float) -> inputs.SetMinBreak:
    return inputs.SetMinBreak(sec(seconds))


# Inputs of the sensor, the calendar, the clock and the service.

level_uncertain = inputs.LevelUncertain()
level_confirmed = inputs.LevelConfirmed()
recording_ends = inputs.Finish()
last_tick = inputs.Tick()
"""The last input before the service stops."""


def sensor_fails(reason: str = "silent") -> inputs.SensorFailed:
    return inputs.SensorFailed(reason)


def sensor_works(*, pressed: bool, reason: str = "silent") -> inputs.SensorWorks:
    return inputs.SensorWorks(reason, pressed=pressed)


def restarts(*, down_for: float) -> inputs.Restarted:
    """Return a restart of the service; state that its state file does not keep is lost."""
    return inputs.Restarted(sec(down_for))


def reboots(*, down_for: float, by_wall_clock: float | None = None) -> inputs.Restarted:
    """Return a restart that only the wall clock can time; it may have measured more."""
    return inputs.Restarted(
        sec(down_for), sec(down_for if by_wall_clock is None else by_wall_clock)
    )


def clock_is_set(*, forward: float) -> inputs.ClockCorrected:
    return inputs.ClockCorrected(sec(forward))


def outside_hours(start: float, until: float) -> inputs.OutsideHours:
    """Return the calendar's next time outside the hours."""
    return inputs.OutsideHours(sec(start), sec(until))


def day(start: float, end: float | None = None, softer_from: float | None = None) -> inputs.Day:
    """Return the calendar's current day, 24 hours long unless its end is given."""
    return inputs.Day(sec(start), sec(start + 86_400 if end is None else end), _sec(softer_from))


# Effects.

bout_started: ExpectedEffect = events.BoutStarted


def sound(_: Instant) -> events.Effect:
    return events.Sound()


def silence(_: Instant) -> events.Effect:
    return events.Silence()


def soft_tick(_: Instant) -> events.Effect:
    return events.SoftTick()


def lamp_on(_: Instant) -> events.Effect:
    return events.Light(on=True)


def lamp_off(_: Instant) -> events.Effect:
    return events.Light(on=False)


def start_beat(_: Instant) -> events.Effect:
    return events.Beat(events.PaceSignal.START)


def release_beat(_: Instant) -> events.Effect:
    return events.Beat(events.PaceSignal.RELEASE)


def switch_beat(_: Instant) -> events.Effect:
    return events.Beat(events.PaceSignal.SWITCH)


def finish_beat(_: Instant) -> events.Effect:
    return events.Beat(events.PaceSignal.DONE)


def refused(reason: str) -> ExpectedEffect:
    return lambda _: events.Refuse(reason)


def plays(pattern: str, volume: int | None = None) -> ExpectedEffect:
    """Return a sound with a pattern of the ladder instead of the buzzer's default."""
    return lambda _: events.Sound(Tone(pattern, volume))


def move_soon(*, bout: float, due: float, silent: bool = False) -> ExpectedEffect:
    return lambda at: events.MoveSoon(at, sec(bout), sec(due), silent)


def move_due(
    *,
    bout: float,
    silent: bool = False,
    cue: str | None = None,
    exercise: Exercise | None = None,
) -> ExpectedEffect:
    return lambda at: events.MoveDue(at, sec(bout), silent, cue, exercise)


def move_reminder(
    number: int, *, bout: float, silent: bool = False, cue: str | None = None
) -> ExpectedEffect:
    return lambda at: events.MoveReminder(at, sec(bout), number, silent, cue)


def gave_up(*, bout: float) -> ExpectedEffect:
    return lambda at: events.GaveUp(at, sec(bout))


def stood_up(*, bout: float, response: float | None = None) -> ExpectedEffect:
    return lambda at: events.StoodUp(at, sec(bout), _sec(response))


def sat_back(*, away: float) -> ExpectedEffect:
    return lambda at: events.SatBack(at, sec(away))


def back_too_soon(*, away: float, missing: float) -> ExpectedEffect:
    return lambda at: events.BackTooSoon(at, sec(away), sec(missing))


def break_ended(*, pause: float) -> ExpectedEffect:
    return lambda at: events.BreakEnded(at, sec(pause))


def bout_ended(
    *,
    started: float,
    ended: float,
    seated: float,
    reminders: int = 0,
    open: bool = False,
    cut: bool = False,
    shifts: int | None = None,
) -> ExpectedEffect:
    return lambda at: events.BoutEnded(
        at, sec(started), sec(ended), sec(seated), reminders, open, cut, shifts
    )


def sensor_fault(reason: str = "silent") -> ExpectedEffect:
    return lambda at: events.SensorFault(at, reason)


def sensor_recovered(reason: str = "silent") -> ExpectedEffect:
    return lambda at: events.SensorRecovered(at, reason)


def leaning_started(side: str, *, since: float) -> ExpectedEffect:
    return lambda at: events.LeaningStarted(at, side, sec(since))


def leaning_ended(side: str, *, leaned: float) -> ExpectedEffect:
    return lambda at: events.LeaningEnded(at, side, sec(leaned))


def daily_limit_reached(*, seated: float, silent: bool = False) -> ExpectedEffect:
    return lambda at: events.DailyLimitReached(at, sec(seated), silent)


def snoozed(*, until: float) -> ExpectedEffect:
    return lambda at: events.Snoozed(at, sec(until))


def acknowledged(*, bout: float) -> ExpectedEffect:
    return lambda at: events.Acknowledged(at, sec(bout))


def hold_started(reason: str = "asked") -> ExpectedEffect:
    return lambda at: events.HoldStarted(at, reason)


def hold_changed(*reasons: str, until: float | None = None) -> ExpectedEffect:
    return lambda at: events.HoldChanged(at, reasons, _sec(until))


def hold_ended(reason: str = "asked") -> ExpectedEffect:
    return lambda at: events.HoldEnded(at, reason)


def exercise_due(exercise: Exercise) -> ExpectedEffect:
    return lambda at: events.ExerciseDue(at, exercise)


def exercise_started(exercise: Exercise, *, lasts: float) -> ExpectedEffect:
    return lambda at: events.ExerciseStarted(at, exercise, sec(lasts))


def exercise_stopped(exercise: Exercise, reason: str) -> ExpectedEffect:
    return lambda at: events.ExerciseStopped(at, exercise, reason)


def exercise_done(exercise: Exercise, *, paced: bool = False) -> ExpectedEffect:
    return lambda at: events.ExerciseDone(at, exercise, paced)


def sitting_cue(cue: Cue, *, silent: bool = False) -> ExpectedEffect:
    return lambda at: events.SittingCue(at, cue, silent)


# Moments.


@dataclass(frozen=True)
class Moment:
    """Inputs and expected effects of one instant."""

    when: Instant
    happens: tuple[inputs.Input, ...] = ()
    expected: tuple[Emitted, ...] = ()


def at(second: float, *happens: inputs.Input) -> Moment:
    """Return the inputs of an instant."""
    return Moment(sec(second), happens)


def expect(second: float, *effects: ExpectedEffect, emitted_at: float | None = None) -> Moment:
    """Return the expected effects of an instant; ``emitted_at``: the second if it is later."""
    when = sec(second if emitted_at is None else emitted_at)
    return Moment(when, expected=tuple(Emitted(when, effect(sec(second))) for effect in effects))


def until(second: float) -> Moment:
    """Return the end of a timeline that goes on after its last input and effect."""
    return Moment(sec(second))


# Chairs.

NO_EXERCISES = Programme()


@dataclass(frozen=True)
class given:  # noqa: N801 - begins a sentence
    """A new chair. Durations are in seconds; the defaults are the service's, but without dwell."""

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
    style: ReminderStyle = "normal"
    warn_before: float | None = None
    credit: float | None = None
    daily_limit: float | None = None
    longest_hold: float | None = None
    shifts: int | None = None
    programme: Programme = NO_EXERCISES

    @property
    def rules(self) -> Rules:
        """The settings as rules of the core."""
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
            daily_limit=_sec(self.daily_limit),
            snooze_shrink=self.snooze_shrink,
            daily_snoozes=self.daily_snoozes,
            ladder=parse_ladder(self.ladder),
            style=self.style,
            warn_before=_sec(self.warn_before),
            longest_hold=_sec(self.longest_hold),
        )

    @property
    def chair(self) -> Chair:
        """A new chair with these rules."""
        return Chair(rules=self.rules, shifts=self.shifts, programme=self.programme)

    def run(self, *moments: Moment) -> Chair:
        """Run a chair through a timeline, compare its effects, and return the final chair."""
        __tracebackhide__ = True
        run = ChairRun(self.rules)
        run.chair = self.chair
        for moment in moments:
            for event in moment.happens:
                if isinstance(event, inputs.Restarted):
                    run.restart_service()
                else:
                    run.tick_before(moment.when)
                run.feed(event, moment.when)
        run.tick_through(max(moment.when for moment in moments))
        expected = in_order([entry for moment in moments for entry in moment.expected])
        emitted = in_order(run.emitted)
        if expected != emitted:
            happened = [
                Line(m.when, f"({describe(event)})") for m in moments for event in m.happens
            ]
            raise AssertionError(
                side_by_side(as_text(expected, happened), as_text(emitted, happened))
            )
        return run.chair


# Beginnings that many timelines share; those that are due at 600 need a ``move_after`` of 600 s.

SEATED_AT_0 = (at(0, sits_down), expect(0, bout_started))
DUE_AT_600 = (*SEATED_AT_0, expect(600, move_due(bout=600), sound, lamp_on))
REBOOTS_IN_A_BREAK = (
    *SEATED_AT_0,
    at(400, stands_up),
    expect(400, stood_up(bout=400)),
    expect(520, bout_ended(started=0, ended=400, seated=400)),
    at(600, last_tick),
    at(660, reboots(down_for=600), stands_up),
)


def reminded(number: int, second: float) -> Moment:
    """Return a further audible reminder of a bout that started at 0."""
    return expect(second, move_reminder(number, bout=second), sound)


def bout_with(
    exercise: Exercise | None, *, start: float = 0, stands: bool = True
) -> tuple[Moment, ...]:
    """Return a bout that is due with an exercise after 600 s; the person stands up 10 s later."""
    due = (
        at(start, sits_down),
        expect(start, bout_started),
        expect(start + 600, move_due(bout=600, exercise=exercise), sound, lamp_on),
    )
    if not stands:
        return due
    offers = [] if exercise is None else [exercise_due(exercise)]
    left = expect(start + 610, silence, lamp_off, stood_up(bout=610, response=10), *offers)
    return (*due, at(start + 610, stands_up), left)


# Exercises with short doses.


def exercise(
    name: str, dose: Dose, times_a_day: int, *, counts_after: float | None = None
) -> Exercise:
    """Return an exercise with only the texts that it must have."""
    return Exercise(
        name,
        f"the {name}",
        ("do it",),
        dose,
        times_a_day=times_a_day,
        counts_after=_sec(counts_after),
    )


STRETCH = exercise(
    "stretch",
    Dose(2, sec(20), rest=sec(5), has_sides=True, switch=sec(6), get_ready=sec(10)),
    times_a_day=2,
)
BRIDGE = exercise("bridge", Dose(2, sec(10), lower=sec(4), rest=sec(3), get_ready=sec(5)), 1)
WALK = exercise("walk", Dose(1, sec(300), get_ready=sec(5)), 3, counts_after=300)

SITTING = frozenset({Occasion.SITTING})
BACK = Cue("back", "Sit back.", SITTING | {Occasion.LEANING}, times_a_day=2)
FEET = Cue("feet", "Feet flat.", SITTING)

STRETCH_AND_BRIDGE = Programme((STRETCH, BRIDGE))
ONLY_STRETCH = Programme((STRETCH,))
ONLY_BRIDGE = Programme((BRIDGE,))
ONLY_WALK = Programme((WALK,))
CUES = Programme(cues=(BACK, FEET))

STRETCH_LASTS_S = 106


def stretch_from(second: float) -> tuple[Moment, ...]:
    """Return all beats of a stretch whose pacing is started at a second."""
    beats = {
        10: start_beat,
        30: release_beat,
        35: start_beat,
        55: switch_beat,
        61: start_beat,
        81: release_beat,
        86: start_beat,
    }
    return (
        at(second, starts_pacing),
        expect(second, exercise_started(STRETCH, lasts=STRETCH_LASTS_S)),
        *(expect(second + after, beat) for after, beat in beats.items()),
        expect(second + STRETCH_LASTS_S, finish_beat, exercise_done(STRETCH, paced=True)),
    )


# Wall times.

BERLIN = ZoneInfo("Europe/Berlin")


class Berlin:
    """Wall times of Berlin, where clocks change twice a year, as seconds of a timeline.

    ``Berlin("2026-11-27 17:45", friday="09:00-18:00")`` is a timeline whose second 0 is that wall
    time; the keywords are the settings of the hours.
    """

    def __init__(self, start: str, **hours: str) -> None:
        self._start = _utc(start)
        self._week = HoursSettings(timezone=BERLIN.key, **hours).week()

    def second(self, wall: str) -> float:
        """Return the second at which the clocks first show a wall time."""
        return self._seconds(_utc(wall))

    def calendar(self, wall: str) -> Moment:
        """Return what the calendar reports at a wall time: the day, and the next closed time."""
        now = _utc(wall)
        start, end, _ = self._week.day(now)
        reports: list[inputs.ScheduleInput] = [day(self._seconds(start), self._seconds(end))]
        closed = self._week.next_closed(now)
        if closed is not None:
            reports.append(outside_hours(*map(self._seconds, closed)))
        return at(self._seconds(now), *reports)

    def _seconds(self, date: datetime) -> float:
        return (date - self._start) / timedelta(seconds=1)


def _utc(wall: str) -> datetime:
    """Return a wall time in UTC, so that differences are real durations."""
    return datetime.fromisoformat(wall).replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
