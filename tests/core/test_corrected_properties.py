"""A clock that was set late leaves behind what one that was right from the first would have."""

from dataclasses import replace
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from living import Run
from timeline import clock_is_set, reboots, restarts, sec, sits, stands
from unsit.core.events import BoutEnded
from unsit.core.inputs import Input
from unsit.core.rules import Rules
from unsit.core.sitting import Sitting
from unsit.core.today import Today

LOST, FOUND = 1000, 1060
"""The last second before the reboot, and the first one at which the seat is felt again."""

END = 2000
BEHIND = 9000
"""How far the clock is behind from the reboot until it is set."""

lengths = st.sampled_from([1, 4, 6, 30, 119, 120, 121, 300])
pauses = st.lists(lengths, max_size=12)
pauses_that_hold_at_first = st.builds(
    lambda first, others: [first, *others], st.sampled_from([6, 30, 119, 300]), pauses
)
dwells = st.sampled_from([0, 5])


def edges(pauses: list[int], start: int, end: int, *, sits_first: bool) -> list[tuple[int, Input]]:
    """Somebody sits down and rises in turn, so many seconds after each other."""
    times = accumulate(pauses, initial=start)
    return [
        (time, sits if (number % 2 == 0) is sits_first else stands)
        for number, time in enumerate(times)
        if time < end
    ]


def lived(
    rules: Rules,
    before: list[tuple[int, Input]],
    since: list[tuple[int, Input]],
    *,
    set_at: int | None = None,
) -> Run:
    """A life with a reboot, after which the clock is behind until it is set; None for right."""
    run = Run(rules)
    run.now = sec(-BEHIND)
    behind = 0 if set_at is None else BEHIND
    right = BEHIND - behind
    for at, what in before:
        feed(run, at - right, what)
    run.wait(before=sec(LOST - right))
    run.forget_what_is_not_kept()
    lost = LOST - right
    run.feed(reboots(lost=lost) if behind else restarts(lost=lost), sec(FOUND))
    correction = [] if set_at is None else [(set_at, clock_is_set(forward=behind))]
    for at, what in sorted([*since, *correction], key=lambda one: one[0]):
        feed(run, at, what)
    run.wait(before=sec(END))
    return run


def feed(run: Run, at: int, what: Input) -> None:
    run.wait(before=sec(at))
    run.feed(what, sec(at))


def told(today: Today) -> Today:
    """The day without the reminders, which nobody can take back."""
    return replace(today, reminders=(), response=None)


def known(sitting: Sitting) -> Sitting:
    """Sitting without what was decided meanwhile."""
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
    st.sampled_from([FOUND, 1061, 1100, 1179, 1500]),
)
def test_a_clock_that_is_set_late_leaves_what_a_right_one_would_have(
    earlier: list[int],
    later: list[int],
    sits_then: bool,
    sit_dwell: float,
    stand_dwell: float,
    set_at: int,
) -> None:
    rules = Rules(sit_dwell=sec(sit_dwell), stand_dwell=sec(stand_dwell), min_break=sec(120))
    before = edges(earlier, 0, LOST, sits_first=True)
    since = edges(later, FOUND, END, sits_first=sits_then)

    late = lived(rules, before, since, set_at=set_at)
    right = lived(rules, before, since).chair

    assert late.chair.today.stretches == right.today.stretches
    assert late.chair.today.seated_since == right.today.seated_since
    if not ended_meanwhile(late, set_at):
        assert told(late.chair.today) == told(right.today)
        assert known(late.chair.sitting) == known(right.sitting)


def ended_meanwhile(run: Run, set_at: int) -> bool:
    """A break has been told after the reboot, before the clock was set."""
    told = [one.effect for one in run.told]
    ends = [one.at for one in told if isinstance(one, BoutEnded) and not one.cut]
    return any(sec(FOUND) <= end <= sec(set_at) for end in ends)
