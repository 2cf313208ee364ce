"""What the chair never does, whatever people, sensors and calendars do to it.

Times are those of real days, so that reminders, snoozes and holds meet each other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import given as for_any
from hypothesis import strategies as st

from living import Run
from timeline import sec
from timeline_words import Told
from unsit.core.effects import Cue, Silence, Sound
from unsit.core.events import HoldEnded, HoldStarted
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
from unsit.settings.ladder import parse_ladder

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


Happens = Callable[[Instant], Input]
"""What happens, at an instant."""


def just(what: Input) -> Happens:
    return lambda now: what


def hold_for(seconds: int | None) -> Happens:
    return lambda now: Hold("asked", None if seconds is None else now + sec(seconds))


def closed(begins: int, seconds: int) -> Happens:
    return lambda now: OutsideHours(now + sec(begins), now + sec(begins + seconds))


def a_day(seconds: int, softer: bool) -> Happens:
    return lambda now: Day(now - sec(40000), now + sec(seconds), now if softer else None)


TOPICS = ("call", "calendar")
ANYTHING: st.SearchStrategy[Happens] = st.one_of(
    st.sampled_from([just(Pressed()), just(Released())]),
    st.sampled_from([just(Pressed()), just(Released()), just(Snooze()), just(Acknowledge())]),
    st.sampled_from([just(ButtonPressed()), just(ButtonReleased()), just(Release("asked"))]),
    st.builds(hold_for, st.none() | PAUSES),
    st.sampled_from([just(Hold(one, holder=Holder.TOPIC)) for one in TOPICS]),
    st.sampled_from([just(TopicCleared(one)) for one in TOPICS]),
    st.builds(closed, st.sampled_from([0, 120]), PAUSES),
    st.builds(a_day, PAUSES, st.booleans()),
    st.just(lambda now: Lean("left", now)),
    st.sampled_from([just(SwitchBuzzer(on=False)), just(SwitchBuzzer(on=True))]),
    st.sampled_from(
        [
            just(SensorFailed("silent")),
            just(SensorWorks("silent", pressed=True)),
            just(SensorWorks("silent", pressed=False)),
        ]
    ),
)
DAYS = st.lists(st.tuples(PAUSES, ANYTHING), min_size=5, max_size=40)


@dataclass(frozen=True)
class Lived:
    """One day of a chair: the inputs, and what it told up to each."""

    happened: Sequence[tuple[Instant, Input]]
    told: Sequence[Told]
    sounds: Sequence[tuple[Instant, int]]
    """Each sound: when it was told, and how many inputs there had been by then."""


def lived(rules: Rules, happenings: Sequence[tuple[int, Happens]]) -> Lived:
    """A day of happenings, each so long after the one before, with ticks at each deadline."""
    run = Run(rules)
    run.feed(Day(sec(-30000), sec(56400)), sec(0))
    run.feed(Pressed(), sec(0))
    happened: list[tuple[Instant, Input]] = [(sec(0), Pressed())]
    sounds: list[tuple[Instant, int]] = []
    when = sec(0)
    for pause, happens in happenings:
        when += sec(pause)
        told = len(run.told)
        run.wait(before=when)
        sounds += [(when, len(happened)) for when in heard(run.told[told:])]
        told = len(run.told)
        happened.append((when, happens(when)))
        run.feed(happened[-1][1], when)
        sounds += [(when, len(happened)) for when in heard(run.told[told:])]
    return Lived(happened, run.told, sounds)


def heard(told: Sequence[Told]) -> list[Instant]:
    return [one.when for one in told if isinstance(one.effect, Sound | Cue)]


LIVES = st.builds(lived, RULES, DAYS)


def whatever_happens(number: int) -> settings:
    """The same so many days on every machine, however slow."""
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


@whatever_happens(400)
@for_any(life=LIVES)
def test_two_sounds_are_never_within_a_minute(life: Lived) -> None:
    instants = [when for when, _ in life.sounds]
    assert all(later - sooner >= MINUTE for sooner, later in pairwise(instants))


@whatever_happens(200)
@for_any(life=LIVES)
def test_nothing_sounds_on_an_empty_seat_with_the_buzzer_off_or_in_a_fault(life: Lived) -> None:
    for _, inputs in life.sounds:
        pressed, buzzer, faulty = level(life.happened[:inputs])
        assert pressed
        assert buzzer
        assert not faulty


def level(happened: Sequence[tuple[Instant, Input]]) -> tuple[bool, bool, bool]:
    """The raw level, the switch and the fault, from the inputs alone."""
    pressed, buzzer, faulty = False, True, False
    for _, what in happened:
        match what:
            case Pressed() | Released() if not faulty:
                pressed = isinstance(what, Pressed)
            case SwitchBuzzer():
                buzzer = what.on
            case SensorFailed():
                faulty = True
            case SensorWorks() if faulty:
                faulty, pressed = False, what.pressed
            case _:
                pass
    return pressed, buzzer, faulty


def holding(told: Sequence[Told]) -> Iterator[tuple[Instant, Instant]]:
    """From each start of a hold to its end."""
    since: Instant | None = None
    for one in told:
        if isinstance(one.effect, HoldStarted):
            since = one.effect.at
        elif isinstance(one.effect, HoldEnded) and since is not None:
            yield since, one.effect.at
            since = None
    if since is not None:
        yield since, sec(10**9)


@whatever_happens(200)
@for_any(life=LIVES)
def test_nothing_sounds_in_a_hold_or_outside_the_hours(life: Lived) -> None:
    for start, end in holding(life.told):
        assert not [when for when, _ in life.sounds if start < when < end]


@whatever_happens(200)
@for_any(life=LIVES)
def test_a_sound_under_way_is_silenced_at_the_start_of_a_hold(life: Lived) -> None:
    sounding = False
    for one in life.told:
        sounding = (sounding or isinstance(one.effect, Sound)) and not isinstance(
            one.effect, Silence
        )
    held = [end for _, end in holding(life.told)]
    assert not (sounding and held and held[-1] == sec(10**9))


@whatever_happens(200)
@for_any(life=LIVES)
def test_the_hours_hold_unless_a_person_has_lifted_them(life: Lived) -> None:
    """Each time that the calendar tells of while it is under way holds, or has been lifted."""
    holds = list(holding(life.told))
    for nth, (when, what) in enumerate(life.happened):
        if not isinstance(what, OutsideHours) or what.start > when or what.until <= when:
            continue
        lifted = any(isinstance(one, Release | ButtonPressed) for _, one in life.happened[:nth])
        assert lifted or any(start <= when < end for start, end in holds)
