"""Properties of any sequence of edges and commands, compared with the oracle.

Rules are short and times whole seconds, so that inputs often share an instant.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from itertools import accumulate, groupby, pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from support import oracle
from support.against_oracle import (
    Edge,
    edge,
    events_of,
    live_through,
    oracle_events,
    oracle_rows,
    oracle_rules,
)
from support.chair_run import ChairRun
from support.examples import examples
from support.timeline import sec
from support.timeline_diff import Emitted
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import (
    BoutEnded,
    BoutStarted,
    BreakEnded,
    Event,
    GaveUp,
    HoldEnded,
    HoldStarted,
    MoveDue,
    MoveReminder,
    Refuse,
    SatBack,
    Silence,
    Snoozed,
    Sound,
    StoodUp,
)
from unsit.core.inputs import (
    ButtonPressed,
    ButtonReleased,
    Finish,
    Hold,
    Input,
    Pressed,
    Release,
    Released,
    SetMinBreak,
    SetMoveAfter,
    Snooze,
    SwitchBuzzer,
    TestBuzzer,
    Tick,
)
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules

TimedInput = tuple[Instant, Input]


def seconds(least: int, most: int) -> st.SearchStrategy[Instant]:
    return st.integers(least, most).map(sec)


RULES = st.builds(
    Rules,
    sit_dwell=seconds(0, 3),
    stand_dwell=seconds(0, 4),
    move_after=seconds(0, 20),
    min_break=seconds(1, 8),
    repeat_every=seconds(1, 6),
    max_reminders=st.integers(1, 4),
    snooze_for=seconds(1, 6),
    max_snoozes=st.integers(0, 2),
)
PAUSES = st.integers(0, 3) | st.integers(0, 25)
CHANGES = st.sampled_from([True, True, True, False])


@st.composite
def edge_sequences(draw: st.DrawFn, least_pause: int = 0) -> list[Edge]:
    """Draw rows in order of time; some repeat a level, some share an instant."""
    changes = draw(st.lists(CHANGES, min_size=1, max_size=8) | st.lists(CHANGES, min_size=8))
    pauses = [max(least_pause, draw(PAUSES)) for _ in changes]
    times = map(sec, accumulate(pauses))
    levels = (nth % 2 == 1 for nth in accumulate(map(int, changes)))
    return list(zip(times, levels, strict=True))


HOLDS: st.SearchStrategy[Input] = st.one_of(
    st.just(Hold("asked")),
    st.builds(Hold, st.just("asked"), seconds(1, 20)),
    st.just(Release("asked")),
)
FIGURES: st.SearchStrategy[Input] = st.one_of(
    st.builds(SetMoveAfter, seconds(1, 20)),
    st.builds(SetMinBreak, seconds(1, 8)),
)
SWITCHES: st.SearchStrategy[Input] = st.sampled_from(
    [
        ButtonPressed(),
        ButtonReleased(),
        SwitchBuzzer(on=False),
        SwitchBuzzer(on=True),
        TestBuzzer(),
    ]
)
COMMANDS: st.SearchStrategy[Input] = st.one_of(st.just(Snooze()), HOLDS, FIGURES, SWITCHES)


@st.composite
def days(draw: st.DrawFn) -> list[TimedInput]:
    """Draw edges with commands among them, and the end of the recording."""
    inputs: list[TimedInput] = [(when, edge(pressed)) for when, pressed in draw(edge_sequences())]
    last = inputs[-1][0]
    for command in draw(st.lists(COMMANDS, max_size=4) | st.lists(COMMANDS, min_size=4)):
        when = sec(draw(st.integers(0, int(last.total_seconds()))))
        if isinstance(command, Hold) and command.until is not None:
            command = replace(command, until=when + command.until)
        inputs.append((when, command))
    return [*sorted(inputs, key=lambda entry: entry[0]), (last, Finish())]


def run_day(inputs: Sequence[TimedInput], rules: Rules) -> ChairRun:
    """Run a chair through inputs, with a tick at each deadline."""
    run = ChairRun(rules)
    for when, fed in inputs:
        run.tick_before(when)
        run.feed(fed, when)
    return run


def with_ticks(inputs: Sequence[TimedInput], ticks: Sequence[Instant]) -> list[TimedInput]:
    """Add ticks before the last instant; within an instant they come last."""
    end, _ = inputs[-1]
    among: list[TimedInput] = [(when, Tick()) for when in ticks if when < end]
    return sorted([*inputs, *among], key=lambda entry: entry[0])


# Edges alone.


@examples(400)
@given(edges=edge_sequences(), rules=RULES)
def test_the_events_are_those_of_the_oracle(edges: list[Edge], rules: Rules) -> None:
    run = live_through(edges, rules)
    rows = oracle_rows(edges)
    expected = oracle.expected(rows, oracle_rules(rules))
    assert oracle_events(run.emitted) == expected
    assert run.chair.seat.blips == oracle.count_blips(rows, oracle_rules(rules))


@examples(100)
@given(edges=edge_sequences(), rules=RULES)
def test_events_come_in_order_of_time(edges: list[Edge], rules: Rules) -> None:
    instants = [event.at for event in events_of(live_through(edges, rules).emitted)]
    assert instants == sorted(instants)


@examples(100)
@given(edges=edge_sequences(), rules=RULES)
def test_bouts_do_not_overlap_and_breaks_lie_between_them(edges: list[Edge], rules: Rules) -> None:
    events = events_of(live_through(edges, rules).emitted)
    bouts = [event for event in events if isinstance(event, BoutEnded)]
    assert all(bout.started <= bout.ended <= bout.at for bout in bouts)
    assert all(one.ended + rules.min_break <= after.started for one, after in pairwise(bouts))
    pauses = [event.pause for event in events if isinstance(event, BreakEnded)]
    assert pauses == [after.started - one.ended for one, after in pairwise(bouts)]


def seated_time(edges: Sequence[Edge], rules: Rules) -> Instant:
    """Return the seated time, from the runs of equal levels."""
    total, since = ZERO, None
    starts = [next(run) for _, run in groupby(edges, key=lambda row: row[1])]
    for (when, pressed), (until, _) in pairwise([*starts, edges[-1]]):
        held = until - when >= (rules.sit_dwell if pressed else rules.stand_dwell)
        if held and pressed and since is None:
            since = when
        elif held and not pressed and since is not None:
            total, since = total + (when - since), None
    return total if since is None else total + (edges[-1][0] - since)


@examples(100)
@given(edges=edge_sequences(), rules=RULES)
def test_no_seated_time_is_lost_or_made(edges: list[Edge], rules: Rules) -> None:
    events = events_of(live_through(edges, rules).emitted)
    seated = [event.seated for event in events if isinstance(event, BoutEnded)]
    assert sum(seated, ZERO) == seated_time(edges, rules)


@examples(150)
@given(edges=edge_sequences(least_pause=1), rules=RULES)
def test_a_sound_begins_on_a_pressed_seat_and_ends_with_the_release(
    edges: list[Edge], rules: Rules
) -> None:
    told = live_through(edges, rules).emitted
    for nth, one in enumerate(told):
        if one.effect == Sound():
            assert pressed_before(one.when, edges) or (one.when, True) in edges
            release = next((w for w, pressed in edges if not pressed and w >= one.when), sec(1e6))
            silences = [later.when for later in told[nth:] if later.effect == Silence()]
            assert min(silences) <= release


def pressed_before(when: Instant, edges: Sequence[Edge]) -> bool:
    """Return the raw level right before an instant."""
    return next((pressed for at, pressed in reversed(edges) if at < when), False)


@examples(100)
@given(edges=edge_sequences(), rules=RULES, by=seconds(1, 10**9))
def test_only_differences_of_instants_matter(edges: list[Edge], rules: Rules, by: Instant) -> None:
    later = [(when + by, pressed) for when, pressed in edges]
    events = [moved(event, by) for event in events_of(live_through(edges, rules).emitted)]
    assert events_of(live_through(later, rules).emitted) == events


def moved(event: Event, by: Instant) -> Event:
    """Return an event moved in time."""
    instants = {field.name for field in fields(event)} & {"at", "started", "ended"}
    changes: dict[str, Any] = {name: getattr(event, name) + by for name in instants}
    return replace(event, **changes)


# Edges and commands.


@examples(100)
@given(day=days(), rules=RULES, ticks=st.lists(seconds(0, 200), max_size=20))
def test_more_ticks_than_needed_change_nothing(
    day: list[TimedInput], rules: Rules, ticks: list[Instant]
) -> None:
    assert run_day(with_ticks(day, ticks), rules).emitted == run_day(day, rules).emitted


@examples(100)
@given(day=days(), rules=RULES)
def test_time_cut_finely_is_the_same_time(day: list[TimedInput], rules: Rules) -> None:
    halves = [sec(nth / 2) for nth in range(2 * int(day[-1][0].total_seconds()) + 1)]
    assert run_day(with_ticks(day, halves), rules).emitted == run_day(day, rules).emitted


def without_last_sound(chair: Chair) -> Chair:
    """Return a chair without the instant of its last sound, which a late tick changes."""
    return replace(chair, last_sound_at=None)


def without_presses(day: list[TimedInput]) -> list[TimedInput]:
    """Return a day without the button, whose pin has to be read when a press becomes a long one."""
    return [(when, fed) for when, fed in day if not isinstance(fed, ButtonPressed)]


@examples(100)
@given(day=days().map(without_presses), rules=RULES)
def test_time_not_cut_at_all_is_the_same_time(day: list[TimedInput], rules: Rules) -> None:
    coarse = ChairRun(rules)
    for when, fed in day:
        coarse.feed(fed, when)
    live = run_day(day, rules)
    assert events_of(coarse.emitted) == events_of(live.emitted)
    assert without_last_sound(coarse.chair) == without_last_sound(live.chair)


@examples(100)
@given(day=days(), rules=RULES)
def test_a_repeated_transition_has_the_same_result(day: list[TimedInput], rules: Rules) -> None:
    run = ChairRun(rules)
    for when, fed in day:
        run.tick_before(when)
        once = transition.step(run.chair, fed, when)
        assert transition.step(run.chair, fed, when) == once
        run.feed(fed, when)


@examples(200)
@given(day=days(), rules=RULES)
def test_nothing_sounds_on_an_empty_seat_in_a_hold_or_with_the_buzzer_off(
    day: list[TimedInput], rules: Rules
) -> None:
    run = ChairRun(rules)
    pressed, buzzer = False, True
    for when, fed in day:
        run.tick_before(when)
        run.feed(fed, when)
        pressed = isinstance(fed, Pressed) or (pressed and not isinstance(fed, Released))
        buzzer = fed.on if isinstance(fed, SwitchBuzzer) else buzzer
        if not pressed or not buzzer or in_a_hold(run.emitted):
            assert not sounding(run.emitted)


def sounding(emitted: Sequence[Emitted]) -> bool:
    """Return whether the last effect on the buzzer was a sound."""
    effects = (one.effect for one in reversed(emitted) if isinstance(one.effect, Sound | Silence))
    return next(effects, None) == Sound()


def in_a_hold(emitted: Sequence[Emitted]) -> bool:
    """Return whether the last event of a hold was its start."""
    effects = (
        one.effect for one in reversed(emitted) if isinstance(one.effect, HoldStarted | HoldEnded)
    )
    return isinstance(next(effects, None), HoldStarted)


def bouts_of(emitted: Sequence[Emitted]) -> list[list[Event]]:
    """Return the events of each bout; between bouts only those of holds and breaks are allowed."""
    bouts: list[list[Event]] = []
    under_way = False
    for event in events_of(emitted):
        if isinstance(event, BoutStarted):
            assert not under_way
            bouts.append([])
            under_way = True
        if under_way:
            bouts[-1].append(event)
        else:
            assert isinstance(event, HoldStarted | HoldEnded | BreakEnded)
        under_way = under_way and not isinstance(event, BoutEnded)
    assert not under_way
    return bouts


@examples(100)
@given(day=days(), rules=RULES)
def test_a_bout_is_due_once_and_then_its_reminders_count_up(
    day: list[TimedInput], rules: Rules
) -> None:
    for bout in bouts_of(run_day(day, rules).emitted):
        reminders = [event for event in bout if isinstance(event, MoveDue | MoveReminder)]
        numbers = [1 if isinstance(event, MoveDue) else event.reminder for event in reminders]
        assert numbers == list(range(1, len(numbers) + 1))
        assert isinstance(bout[-1], BoutEnded)
        assert bout[-1].reminders == len(reminders)


@examples(150)
@given(day=days(), rules=RULES)
def test_no_bout_exceeds_its_reminders_and_snoozes(day: list[TimedInput], rules: Rules) -> None:
    for bout in bouts_of(run_day(day, rules).emitted):
        reminders = [event for event in bout if isinstance(event, MoveDue | MoveReminder)]
        owed_after_a_hold = 2
        assert len(reminders) <= max(rules.max_reminders, owed_after_a_hold)
        assert sum(not event.silent for event in reminders) <= rules.max_reminders
        assert sum(isinstance(event, Snoozed) for event in bout) <= rules.max_snoozes
        assert sum(isinstance(event, GaveUp) for event in bout) <= 1


@examples(100)
@given(day=days(), rules=RULES)
def test_holds_start_and_end_in_turn(day: list[TimedInput], rules: Rules) -> None:
    events = events_of(run_day(day, rules).emitted)
    started = [isinstance(e, HoldStarted) for e in events if isinstance(e, HoldStarted | HoldEnded)]
    assert started == [nth % 2 == 0 for nth in range(len(started))]


@examples(100)
@given(day=days(), rules=RULES)
def test_no_command_changes_the_sitting_events(day: list[TimedInput], rules: Rules) -> None:
    edges = [(when, fed == Pressed()) for when, fed in day if isinstance(fed, Pressed | Released)]
    events = events_of(run_day(day, rules).emitted)
    changes = [e.at for e in events if isinstance(e, BoutStarted | SatBack | StoodUp)]
    assert changes == settled_changes(edges, rules)
    seated = [event.seated for event in events if isinstance(event, BoutEnded)]
    assert sum(seated, ZERO) == seated_time(edges, rules)


def settled_changes(edges: Sequence[Edge], rules: Rules) -> list[Instant]:
    """Return the instants of sit-downs and stand-ups according to the oracle."""
    settled = oracle.settle(oracle_rows(edges), oracle_rules(rules))
    return [timedelta(microseconds=at) for at in settled.changes]


@examples(100)
@given(day=days(), rules=RULES)
def test_a_refused_command_changes_nothing(day: list[TimedInput], rules: Rules) -> None:
    run = ChairRun(rules)
    for when, fed in day:
        if not isinstance(fed, Pressed | Released):
            run.tick_through(when)
        before = run.chair
        effects = run.feed(fed, when)
        if any(isinstance(effect, Refuse) for effect in effects):
            assert len(effects) == 1
            assert run.chair == before
