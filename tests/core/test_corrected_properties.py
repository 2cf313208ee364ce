"""Property: a late clock correction gives the same state as a clock that was always right."""

from dataclasses import replace
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from support.chair_run import ChairRun
from support.timeline import clock_is_set, reboots, restarts, sec, sits_down, stands_up
from unsit.core.day import Today
from unsit.core.events import BoutEnded
from unsit.core.inputs import Input
from unsit.core.rules import Rules
from unsit.core.sitting import Sitting

STOPPED, FIRST_READING = 1000, 1060
"""The last second before the reboot, and the second of the first reading after it."""

END = 2000
BEHIND = 9000
"""Seconds by which the clock is behind from the reboot until it is set."""

lengths = st.sampled_from([1, 4, 6, 30, 119, 120, 121, 300])
pauses = st.lists(lengths, max_size=12)
pauses_that_hold_at_first = st.builds(
    lambda first, others: [first, *others], st.sampled_from([6, 30, 119, 300]), pauses
)
dwells = st.sampled_from([0, 5])


def edges(pauses: list[int], start: int, end: int, *, sits_first: bool) -> list[tuple[int, Input]]:
    """Return alternate sit-downs and stand-ups with pauses in seconds."""
    times = accumulate(pauses, initial=start)
    return [
        (time, sits_down if (number % 2 == 0) is sits_first else stands_up)
        for number, time in enumerate(times)
        if time < end
    ]


def run_days(
    rules: Rules,
    before: list[tuple[int, Input]],
    since: list[tuple[int, Input]],
    *,
    set_at: int | None = None,
) -> ChairRun:
    """Run a chair over a reboot with a clock that is behind until ``set_at``, or always right."""
    run = ChairRun(rules)
    run.now = sec(-BEHIND)
    behind = 0 if set_at is None else BEHIND
    right = BEHIND - behind
    for at, given_input in before:
        feed(run, at - right, given_input)
    run.tick_before(sec(STOPPED - right))
    run.restart_service()
    downtime = STOPPED - right
    run.feed(
        reboots(down_for=downtime) if behind else restarts(down_for=downtime), sec(FIRST_READING)
    )
    correction = [] if set_at is None else [(set_at, clock_is_set(forward=behind))]
    for at, given_input in sorted([*since, *correction], key=lambda entry: entry[0]):
        feed(run, at, given_input)
    run.tick_before(sec(END))
    return run


def feed(run: ChairRun, at: int, given_input: Input) -> None:
    run.tick_before(sec(at))
    run.feed(given_input, sec(at))


def without_reminders(today: Today) -> Today:
    """Return the day without the reminders, which a correction does not undo."""
    return replace(today, reminders=(), response=None)


def without_decisions(sitting: Sitting) -> Sitting:
    """Return the sitting without the decisions made before the correction."""
    if sitting.bout is None:
        return sitting
    bout = replace(sitting.bout, not_before=sec(0), debt=sec(0), due=None)
    return replace(sitting, bout=bout, ended=None)


@given(
    pauses,
    pauses_that_hold_at_first,
    st.booleans(),
    dwells,
    dwells,
    st.sampled_from([FIRST_READING, 1061, 1100, 1179, 1500]),
)
def test_a_late_clock_correction_gives_the_same_state_as_a_right_clock(
    earlier: list[int],
    later: list[int],
    sits_then: bool,
    sit_dwell: float,
    stand_dwell: float,
    set_at: int,
) -> None:
    rules = Rules(sit_dwell=sec(sit_dwell), stand_dwell=sec(stand_dwell), min_break=sec(120))
    before = edges(earlier, 0, STOPPED, sits_first=True)
    since = edges(later, FIRST_READING, END, sits_first=sits_then)

    late = run_days(rules, before, since, set_at=set_at)
    right = run_days(rules, before, since).chair

    assert late.chair.today.stretches == right.today.stretches
    assert late.chair.today.seated_since == right.today.seated_since
    if not ended_before_correction(late, set_at):
        assert without_reminders(late.chair.today) == without_reminders(right.today)
        assert without_decisions(late.chair.sitting) == without_decisions(right.sitting)


def ended_before_correction(run: ChairRun, set_at: int) -> bool:
    """Return True if a bout ended after the reboot and before the clock was set."""
    effects = [entry.effect for entry in run.emitted]
    ends = [event.at for event in effects if isinstance(event, BoutEnded) and not event.cut]
    return any(sec(FIRST_READING) <= end <= sec(set_at) for end in ends)
