"""Properties of any day: rules that no sequence of inputs may break.

Durations are those of real days, so that reminders, snoozes and holds coincide.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from hypothesis import given as for_any
from hypothesis import strategies as st

from support.chair_run import ChairRun
from support.examples import examples
from support.timeline import sec
from support.timeline_diff import Emitted
from unsit.core.events import HoldEnded, HoldStarted, Silence, SoftTick, Sound
from unsit.core.inputs import (
    Acknowledge,
    ButtonPressed,
    ButtonReleased,
    Day,
    Hold,
    Holder,
    Input,
    Lean,
    OutsideHours,
    Pressed,
    Release,
    Released,
    SensorFailed,
    SensorWorks,
    Snooze,
    SwitchBuzzer,
    TopicCleared,
)
from unsit.core.instant import Instant
from unsit.core.rules import Rules
from unsit.settings.values import parse_ladder

MINUTE = timedelta(minutes=1)


def durations(*seconds: int) -> st.SearchStrategy[timedelta]:
    return st.sampled_from(seconds).map(sec)


RULES = st.builds(
    Rules,
    stand_dwell=durations(0, 5),
    min_break=durations(60, 120),
    move_after=durations(300, 1800),
    repeat_every=durations(60, 90, 300),
    max_reminders=st.integers(1, 6),
    max_snoozes=st.integers(0, 3),
    snooze_shrink=st.sampled_from([0, 50]),
    daily_snoozes=st.none() | st.integers(0, 3),
    ladder=st.sampled_from(["", "lamp 1m, short 90s, event 2m, long"]).map(parse_ladder),
    warn_before=st.none() | durations(60, 120),
    credit=st.none() | st.sampled_from([0.5, 15.0]),
    daily_limit=st.none() | durations(600, 3600),
    longest_hold=st.none() | durations(400, 4000),
)
PAUSES = st.sampled_from([1, 3, 7, 29, 58, 61, 120, 240, 300, 590, 1800])


InputAt = Callable[[Instant], Input]
"""An input once its instant is known."""


def always(given: Input) -> InputAt:
    return lambda now: given


def hold_for(seconds: int | None) -> InputAt:
    return lambda now: Hold("asked", None if seconds is None else now + sec(seconds))


def outside_hours(begins: int, seconds: int) -> InputAt:
    return lambda now: OutsideHours(now + sec(begins), now + sec(begins + seconds))


def calendar_day(seconds: int, softer: bool) -> InputAt:
    return lambda now: Day(now - sec(40000), now + sec(seconds), now if softer else None)


TOPICS = ("call", "calendar")
INPUTS: st.SearchStrategy[InputAt] = st.one_of(
    st.sampled_from([always(Pressed()), always(Released())]),
    st.sampled_from(
        [always(Pressed()), always(Released()), always(Snooze()), always(Acknowledge())]
    ),
    st.sampled_from([always(ButtonPressed()), always(ButtonReleased()), always(Release("asked"))]),
    st.builds(hold_for, st.none() | PAUSES),
    st.sampled_from([always(Hold(topic, holder=Holder.TOPIC)) for topic in TOPICS]),
    st.sampled_from([always(TopicCleared(topic)) for topic in TOPICS]),
    st.builds(outside_hours, st.sampled_from([0, 120]), PAUSES),
    st.builds(calendar_day, PAUSES, st.booleans()),
    st.just(lambda now: Lean("left", now)),
    st.sampled_from([always(SwitchBuzzer(on=False)), always(SwitchBuzzer(on=True))]),
    st.sampled_from(
        [
            always(SensorFailed("silent")),
            always(SensorWorks("silent", pressed=True)),
            always(SensorWorks("silent", pressed=False)),
        ]
    ),
)
DAYS = st.lists(st.tuples(PAUSES, INPUTS), min_size=5, max_size=40)


@dataclass(frozen=True)
class DayRun:
    """One day of a chair: its inputs, effects and sounds."""

    inputs: Sequence[tuple[Instant, Input]]
    emitted: Sequence[Emitted]
    sounds: Sequence[tuple[Instant, int]]
    """The instant of each sound, and the number of inputs before it."""


def run_day(rules: Rules, steps: Sequence[tuple[int, InputAt]]) -> DayRun:
    """Run a chair through a day of pauses and inputs, with a tick at each deadline."""
    run = ChairRun(rules)
    run.feed(Day(sec(-30000), sec(56400)), sec(0))
    run.feed(Pressed(), sec(0))
    inputs: list[tuple[Instant, Input]] = [(sec(0), Pressed())]
    sounds: list[tuple[Instant, int]] = []
    when = sec(0)
    for pause, input_at in steps:
        when += sec(pause)
        before = len(run.emitted)
        run.tick_before(when)
        sounds += [(when, len(inputs)) for when in sounds_of(run.emitted[before:])]
        before = len(run.emitted)
        inputs.append((when, input_at(when)))
        run.feed(inputs[-1][1], when)
        sounds += [(when, len(inputs)) for when in sounds_of(run.emitted[before:])]
    return DayRun(inputs, run.emitted, sounds)


def sounds_of(emitted: Sequence[Emitted]) -> list[Instant]:
    return [entry.when for entry in emitted if isinstance(entry.effect, Sound | SoftTick)]


DAY_RUNS = st.builds(run_day, RULES, DAYS)


@examples(400)
@for_any(day=DAY_RUNS)
def test_two_sounds_are_never_within_a_minute(day: DayRun) -> None:
    instants = [when for when, _ in day.sounds]
    assert all(later - sooner >= MINUTE for sooner, later in pairwise(instants))


@examples(200)
@for_any(day=DAY_RUNS)
def test_nothing_sounds_on_an_empty_seat_with_the_buzzer_off_or_in_a_fault(day: DayRun) -> None:
    for _, number in day.sounds:
        pressed, buzzer, faulty = level(day.inputs[:number])
        assert pressed
        assert buzzer
        assert not faulty


def level(inputs: Sequence[tuple[Instant, Input]]) -> tuple[bool, bool, bool]:
    """Return raw level, buzzer switch and fault, from the inputs alone."""
    pressed, buzzer, faulty = False, True, False
    for _, given in inputs:
        match given:
            case Pressed() | Released() if not faulty:
                pressed = isinstance(given, Pressed)
            case SwitchBuzzer():
                buzzer = given.on
            case SensorFailed():
                faulty = True
            case SensorWorks() if faulty:
                faulty, pressed = False, given.pressed
            case _:
                pass
    return pressed, buzzer, faulty


def hold_periods(emitted: Sequence[Emitted]) -> Iterator[tuple[Instant, Instant]]:
    """Yield the start and the end of each hold."""
    since: Instant | None = None
    for entry in emitted:
        if isinstance(entry.effect, HoldStarted):
            since = entry.effect.at
        elif isinstance(entry.effect, HoldEnded) and since is not None:
            yield since, entry.effect.at
            since = None
    if since is not None:
        yield since, sec(10**9)


@examples(200)
@for_any(day=DAY_RUNS)
def test_nothing_sounds_in_a_hold_or_outside_the_hours(day: DayRun) -> None:
    for start, end in hold_periods(day.emitted):
        assert not [when for when, _ in day.sounds if start < when < end]


@examples(200)
@for_any(day=DAY_RUNS)
def test_a_sound_under_way_is_silenced_at_the_start_of_a_hold(day: DayRun) -> None:
    sounding = False
    for entry in day.emitted:
        sounding = isinstance(entry.effect, Sound) or (
            sounding and not isinstance(entry.effect, Silence)
        )
    held = [end for _, end in hold_periods(day.emitted)]
    assert not (sounding and held and held[-1] == sec(10**9))


@examples(200)
@for_any(day=DAY_RUNS)
def test_the_hours_hold_unless_a_person_has_lifted_them(day: DayRun) -> None:
    """A time outside the hours that the calendar reports is in force, or was lifted before."""
    holds = list(hold_periods(day.emitted))
    for nth, (when, given) in enumerate(day.inputs):
        if not isinstance(given, OutsideHours) or given.start > when or given.until <= when:
            continue
        earlier = [entry for _, entry in day.inputs[:nth]]
        lifted = any(isinstance(entry, Release | ButtonPressed) for entry in earlier)
        assert lifted or any(start <= when < end for start, end in holds)
