"""What holds for every sequence of edges, and of commands among them.

Figures are small and times whole seconds, so that things often fall into one instant.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from itertools import accumulate, groupby, pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oracle
from against_oracle import (
    Edge,
    edge,
    events_of,
    events_of_the_oracle,
    live_through,
    oracle_rows,
    oracle_rules,
)
from living import Run
from timeline import sec
from timeline_words import Told
from unsit.core import turn
from unsit.core.chair import Chair
from unsit.core.effects import Refuse, Silence, Sound
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
    SatBack,
    Snoozed,
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

Happening = tuple[Instant, Input]


def examples(number: int) -> settings:
    """The same so many examples on every machine, however slow."""
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


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
    """Rows in order of time; some say a level twice, some share an instant."""
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
def days(draw: st.DrawFn) -> list[Happening]:
    """Edges with commands among them; in the end the recording ends."""
    happenings: list[Happening] = [
        (when, edge(pressed)) for when, pressed in draw(edge_sequences())
    ]
    last = happenings[-1][0]
    for command in draw(st.lists(COMMANDS, max_size=4) | st.lists(COMMANDS, min_size=4)):
        when = sec(draw(st.integers(0, int(last.total_seconds()))))
        if isinstance(command, Hold) and command.until is not None:
            command = replace(command, until=when + command.until)
        happenings.append((when, command))
    return [*sorted(happenings, key=lambda one: one[0]), (last, Finish())]


def lived(happenings: Sequence[Happening], rules: Rules) -> Run:
    """A chair that has had ticks at its deadlines, as from a live loop."""
    run = Run(rules)
    for when, what in happenings:
        run.wait(before=when)
        run.feed(what, when)
    return run


def with_ticks(happenings: Sequence[Happening], ticks: Sequence[Instant]) -> list[Happening]:
    """Ticks among other inputs, before the last instant; in each instant they come last."""
    end, _ = happenings[-1]
    among: list[Happening] = [(when, Tick()) for when in ticks if when < end]
    return sorted([*happenings, *among], key=lambda one: one[0])


# Edges alone.


@examples(400)
@given(edges=edge_sequences(), rules=RULES)
def test_the_events_are_those_of_the_oracle(edges: list[Edge], rules: Rules) -> None:
    run = live_through(edges, rules)
    rows = oracle_rows(edges)
    owed = oracle.expected(rows, oracle_rules(rules))
    assert events_of_the_oracle(run.told) == owed
    assert run.chair.seat.blips == oracle.count_blips(rows, oracle_rules(rules))


@examples(100)
@given(edges=edge_sequences(), rules=RULES)
def test_events_come_in_the_order_of_what_happened(edges: list[Edge], rules: Rules) -> None:
    instants = [event.at for event in events_of(live_through(edges, rules).told)]
    assert instants == sorted(instants)


@examples(100)
@given(edges=edge_sequences(), rules=RULES)
def test_bouts_do_not_overlap_and_breaks_lie_between_them(edges: list[Edge], rules: Rules) -> None:
    events = events_of(live_through(edges, rules).told)
    bouts = [event for event in events if isinstance(event, BoutEnded)]
    assert all(bout.started <= bout.ended <= bout.at for bout in bouts)
    assert all(one.ended + rules.min_break <= after.started for one, after in pairwise(bouts))
    pauses = [event.pause for event in events if isinstance(event, BreakEnded)]
    assert pauses == [after.started - one.ended for one, after in pairwise(bouts)]


def seated_time(edges: Sequence[Edge], rules: Rules) -> Instant:
    """How long the settled level was seated, from the runs of equal levels."""
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
    events = events_of(live_through(edges, rules).told)
    seated = [event.seated for event in events if isinstance(event, BoutEnded)]
    assert sum(seated, ZERO) == seated_time(edges, rules)


@examples(150)
@given(edges=edge_sequences(least_pause=1), rules=RULES)
def test_a_sound_begins_on_a_pressed_seat_and_ends_with_the_release(
    edges: list[Edge], rules: Rules
) -> None:
    told = live_through(edges, rules).told
    for nth, one in enumerate(told):
        if one.effect == Sound():
            assert pressed_before(one.when, edges) or (one.when, True) in edges
            release = next((w for w, pressed in edges if not pressed and w >= one.when), sec(1e6))
            silences = [later.when for later in told[nth:] if later.effect == Silence()]
            assert min(silences) <= release


def pressed_before(when: Instant, edges: Sequence[Edge]) -> bool:
    """The raw level right before an instant."""
    return next((pressed for at, pressed in reversed(edges) if at < when), False)


@examples(100)
@given(edges=edge_sequences(), rules=RULES, by=seconds(1, 10**9))
def test_only_differences_of_instants_matter(edges: list[Edge], rules: Rules, by: Instant) -> None:
    later = [(when + by, pressed) for when, pressed in edges]
    events = [moved(event, by) for event in events_of(live_through(edges, rules).told)]
    assert events_of(live_through(later, rules).told) == events


def moved(event: Event, by: Instant) -> Event:
    """The same event at another time."""
    instants = {field.name for field in fields(event)} & {"at", "started", "ended"}
    changes: dict[str, Any] = {name: getattr(event, name) + by for name in instants}
    return replace(event, **changes)


# Edges and commands.


@examples(100)
@given(day=days(), rules=RULES, ticks=st.lists(seconds(0, 200), max_size=20))
def test_more_ticks_than_needed_change_nothing(
    day: list[Happening], rules: Rules, ticks: list[Instant]
) -> None:
    assert lived(with_ticks(day, ticks), rules).told == lived(day, rules).told


@examples(100)
@given(day=days(), rules=RULES)
def test_time_cut_finely_is_the_same_time(day: list[Happening], rules: Rules) -> None:
    halves = [sec(nth / 2) for nth in range(2 * int(day[-1][0].total_seconds()) + 1)]
    assert lived(with_ticks(day, halves), rules).told == lived(day, rules).told


def but_for_what_was_heard(chair: Chair) -> Chair:
    """A chair without when it last sounded, which a late tick makes later."""
    return replace(chair, heard=None)


@examples(100)
@given(day=days(), rules=RULES)
def test_time_not_cut_at_all_is_the_same_time(day: list[Happening], rules: Rules) -> None:
    coarse = Run(rules)
    for when, what in day:
        coarse.feed(what, when)
    live = lived(day, rules)
    assert events_of(coarse.told) == events_of(live.told)
    assert but_for_what_was_heard(coarse.chair) == but_for_what_was_heard(live.chair)


@examples(100)
@given(day=days(), rules=RULES)
def test_a_turn_taken_again_is_the_same_turn(day: list[Happening], rules: Rules) -> None:
    run = Run(rules)
    for when, what in day:
        run.wait(before=when)
        before = run.chair
        effects = run.feed(what, when)
        assert turn.step(before, what, when) == (run.chair, effects)


@examples(200)
@given(day=days(), rules=RULES)
def test_nothing_sounds_on_an_empty_seat_in_a_hold_or_with_the_buzzer_off(
    day: list[Happening], rules: Rules
) -> None:
    run = Run(rules)
    pressed, buzzer = False, True
    for when, what in day:
        run.wait(before=when)
        run.feed(what, when)
        pressed = isinstance(what, Pressed) or (pressed and not isinstance(what, Released))
        buzzer = what.on if isinstance(what, SwitchBuzzer) else buzzer
        if not pressed or not buzzer or in_a_hold(run.told):
            assert not sounding(run.told)


def sounding(told: Sequence[Told]) -> bool:
    """Whether the last word to the buzzer was to sound."""
    words = (one.effect for one in reversed(told) if isinstance(one.effect, Sound | Silence))
    return next(words, None) == Sound()


def in_a_hold(told: Sequence[Told]) -> bool:
    """Whether the last word about a hold was that it started."""
    words = (
        one.effect for one in reversed(told) if isinstance(one.effect, HoldStarted | HoldEnded)
    )
    return isinstance(next(words, None), HoldStarted)


def bouts_of(told: Sequence[Told]) -> list[list[Event]]:
    """The events of each bout, from its start to its end; there are no others but of holds."""
    bouts: list[list[Event]] = []
    under_way = False
    for event in events_of(told):
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
    day: list[Happening], rules: Rules
) -> None:
    for bout in bouts_of(lived(day, rules).told):
        reminders = [event for event in bout if isinstance(event, MoveDue | MoveReminder)]
        numbers = [1 if isinstance(event, MoveDue) else event.reminder for event in reminders]
        assert numbers == list(range(1, len(numbers) + 1))
        assert isinstance(bout[-1], BoutEnded)
        assert bout[-1].reminders == len(reminders)


@examples(150)
@given(day=days(), rules=RULES)
def test_no_bout_gets_more_than_it_may(day: list[Happening], rules: Rules) -> None:
    for bout in bouts_of(lived(day, rules).told):
        reminders = [event for event in bout if isinstance(event, MoveDue | MoveReminder)]
        owed_after_a_hold = 2
        assert len(reminders) <= max(rules.max_reminders, owed_after_a_hold)
        assert sum(not event.silent for event in reminders) <= rules.max_reminders
        assert sum(isinstance(event, Snoozed) for event in bout) <= rules.max_snoozes
        assert sum(isinstance(event, GaveUp) for event in bout) <= 1


@examples(100)
@given(day=days(), rules=RULES)
def test_holds_start_and_end_in_turn(day: list[Happening], rules: Rules) -> None:
    events = events_of(lived(day, rules).told)
    started = [isinstance(e, HoldStarted) for e in events if isinstance(e, HoldStarted | HoldEnded)]
    assert started == [nth % 2 == 0 for nth in range(len(started))]


@examples(100)
@given(day=days(), rules=RULES)
def test_no_command_changes_who_sat_when(day: list[Happening], rules: Rules) -> None:
    edges = [
        (when, what == Pressed()) for when, what in day if isinstance(what, Pressed | Released)
    ]
    events = events_of(lived(day, rules).told)
    changes = [e.at for e in events if isinstance(e, BoutStarted | SatBack | StoodUp)]
    assert changes == settled_changes(edges, rules)
    seated = [event.seated for event in events if isinstance(event, BoutEnded)]
    assert sum(seated, ZERO) == seated_time(edges, rules)


def settled_changes(edges: Sequence[Edge], rules: Rules) -> list[Instant]:
    """The sit-downs and stand-ups that the oracle sees."""
    settled = oracle.settle(oracle_rows(edges), oracle_rules(rules))
    return [timedelta(microseconds=at) for at in settled.changes]


@examples(100)
@given(day=days(), rules=RULES)
def test_what_is_refused_changes_nothing(day: list[Happening], rules: Rules) -> None:
    run = Run(rules)
    for when, what in day:
        if not isinstance(what, Pressed | Released):
            run.wait_through(when)
        before = run.chair
        effects = run.feed(what, when)
        if any(isinstance(effect, Refuse) for effect in effects):
            assert len(effects) == 1
            assert run.chair == before
