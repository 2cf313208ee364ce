"""Totals of a day: seated time, longest bout, breaks and reminders."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from support.timeline import sec
from unsit.core.day import (
    KEPT_FOR,
    STEP,
    Today,
    Totals,
    change_between,
    totals,
    with_change,
    with_event,
    without_downtime,
)
from unsit.core.events import (
    BoutEnded,
    BoutStarted,
    Event,
    HoldStarted,
    MoveDue,
    MoveReminder,
    SatBack,
    SensorFault,
    SensorRecovered,
    StoodUp,
)
from unsit.core.instant import ZERO, Instant

DAY = sec(24 * 3600)


def sits_down(at: float) -> Event:
    return BoutStarted(sec(at))


def sits_back(at: float) -> Event:
    return SatBack(sec(at), sec(1))


def rises(at: float, bout: float, response: float | None = None) -> Event:
    return StoodUp(sec(at), sec(bout), None if response is None else sec(response))


def break_is_certain(at: float, started: float, ended: float) -> Event:
    return BoutEnded(sec(at), sec(started), sec(ended), sec(ended - started))


def day_of(*events: Event) -> Today:
    today = Today()
    for event in events:
        today = with_event(today, event)
    return today


def added_up(today: Today, now: float, midnight: float = 0) -> tuple[float, float, int, int]:
    """Return seconds seated, seconds of the longest bout, breaks and reminders."""
    day = totals(today, sec(now), sec(midnight))
    return (
        day.seated.total_seconds(),
        day.longest_bout.total_seconds(),
        day.breaks,
        day.reminders,
    )


def test_a_day_without_sitting_is_nothing() -> None:
    assert totals(Today(), sec(5), ZERO) == Totals(ZERO, ZERO, 0, 0)


def test_a_finished_stretch_counts_exactly_and_a_gap_does_not_count() -> None:
    today = day_of(sits_down(100), rises(700, bout=600), sits_back(730), rises(800, bout=700))

    assert added_up(today, 810) == (670, 700, 0, 0)


def test_a_stretch_under_way_counts_in_whole_steps() -> None:
    today = day_of(sits_down(0))

    assert added_up(today, 299) == (0, 0, 0, 0)
    assert added_up(today, 300) == (300, 300, 0, 0)
    assert added_up(today, 899) == (600, 600, 0, 0)


def test_after_a_gap_the_longest_bout_does_not_fall_back_to_a_whole_step() -> None:
    today = day_of(sits_down(0), rises(590, bout=590), sits_back(595))

    assert added_up(today, 599) == (590, 590, 0, 0)
    assert added_up(today, 900) == (890, 900, 0, 0)


def test_the_longest_of_several_bouts_is_reported() -> None:
    today = day_of(
        sits_down(0),
        rises(1000, bout=1000),
        break_is_certain(1120, 0, 1000),
        sits_down(2000),
        rises(2400, bout=400),
    )

    assert added_up(today, 2500) == (1400, 1000, 1, 0)


def test_reminders_and_breaks_are_counted_when_they_come() -> None:
    today = day_of(
        sits_down(0),
        MoveDue(sec(1800), sec(1800), silent=False),
        MoveReminder(sec(2100), sec(2100), 2, silent=True),
        rises(2130, bout=2130, response=330),
        break_is_certain(2250, 0, 2130),
    )

    assert added_up(today, 2300) == (2130, 2130, 1, 2)
    assert today.response == sec(330)


def test_standing_up_before_the_call_does_not_change_the_response_time() -> None:
    today = day_of(sits_down(0), rises(1, 1, response=7), sits_down(500), rises(600, 100))

    assert today.response == sec(7)


def fails(at: float) -> Event:
    return SensorFault(sec(at), "no data")


def recovers(at: float) -> Event:
    return SensorRecovered(sec(at), "no data")


def test_time_in_which_the_sensor_failed_does_not_count_and_the_stretch_goes_on() -> None:
    today = day_of(sits_down(0), fails(600), recovers(660), rises(1200, bout=1200))

    assert added_up(today, 1200)[0] == 600 + 540


def test_a_person_gone_at_the_recovery_of_the_sensor_sat_until_it_failed() -> None:
    today = day_of(sits_down(0), fails(600), recovers(660), rises(660, bout=660))

    assert added_up(today, 5000)[0] == 600


def test_a_fault_on_an_empty_seat_changes_nothing() -> None:
    before = day_of(sits_down(0), rises(600, bout=600))

    assert day_of(sits_down(0), rises(600, bout=600), fails(700), recovers(800)) == before


def test_a_bout_that_is_cut_short_is_no_break() -> None:
    cut = BoutEnded(sec(1000), ZERO, sec(600), sec(600), cut=True)
    today = day_of(sits_down(0), fails(600), recovers(1000), cut, sits_down(1000), rises(1300, 300))

    assert added_up(today, 1300) == (900, 600, 0, 0)


def test_a_bout_over_midnight_counts_from_midnight_for_the_new_day() -> None:
    today = day_of(
        sits_down(0),
        MoveDue(sec(1800), sec(1800), silent=False),
        rises(2000, bout=2000),
        break_is_certain(2120, 0, 2000),
        sits_down(3000),
    )

    assert added_up(today, 4201, midnight=3601) == (600, 600, 0, 0)
    stood = with_event(today, rises(4300, bout=1300))
    assert added_up(stood, 5000, midnight=3601) == (699, 699, 0, 0)


def test_a_clock_that_is_set_back_brings_yesterday_back() -> None:
    today = day_of(sits_down(0), rises(1000, bout=1000), sits_down(90_000), rises(90_300, 300))

    assert added_up(today, 90_400, midnight=86_400)[0] == 300
    assert added_up(today, 90_400, midnight=0)[0] == 1300


def test_stretches_of_past_days_are_removed() -> None:
    long_after = (KEPT_FOR + DAY).total_seconds()
    today = day_of(
        sits_down(0), rises(10, 10), break_is_certain(130, 0, 10), sits_down(long_after - 5)
    )

    assert len(with_event(today, rises(long_after, 5)).stretches) == 1
    assert with_event(today, rises(long_after, 5)).breaks == ()


def test_other_events_change_nothing() -> None:
    today = day_of(sits_down(0))

    assert with_event(today, HoldStarted(sec(1), "asked")) == today


LEVELS = st.lists(st.integers(1, 20_000), min_size=1, max_size=30)


@given(LEVELS, st.integers(0, 100_000))
def test_seated_time_never_falls_within_a_day_and_is_exact_off_the_seat(
    lengths: list[int], midnight: int
) -> None:
    """The person sits and stands in turn; every time off the seat is a gap."""
    today, at, start, seated = Today(), 0, 0, 0
    reported = ZERO
    for turn, length in enumerate(lengths):
        at += length
        if sec(at - midnight) > KEPT_FOR:
            break  # no day is as long as that
        if turn % 2 == 0:
            today = with_event(today, sits_down(at) if turn == 0 else sits_back(at))
            start = at
        else:
            today = with_event(today, rises(at, bout=at - lengths[0]))
            seated += max(0, at - max(start, midnight))
            if at > midnight:
                assert totals(today, sec(at), sec(midnight)).seated == sec(seated)
        if at >= midnight:
            now = totals(today, sec(at), sec(midnight)).seated
            assert now >= reported
            reported = now


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_a_current_stretch_is_at_most_one_step_short_and_never_too_long(
    start: int, length: int
) -> None:
    now: Instant = sec(start + length)
    seated = totals(day_of(sits_down(start)), now, ZERO).seated

    assert ZERO <= sec(length) - seated < STEP


MAKERS: dict[str, Callable[[float], Event]] = {
    "sits down": sits_down,
    "sits back": sits_back,
    "rises": lambda at: rises(at, 1, at),
    "takes a break": lambda at: break_is_certain(at, at - 900, at - 120),
    "is reminded": lambda at: MoveReminder(sec(at), sec(1), 2, silent=False),
    "fault": lambda at: SensorFault(sec(at), "stuck"),
    "recovers": lambda at: SensorRecovered(sec(at), "stuck"),
}


@given(
    steps=st.lists(st.tuples(st.sampled_from(sorted(MAKERS)), st.integers(1, 20_000)), max_size=60),
    kept=st.integers(0, 60),
)
def test_a_day_is_its_earlier_state_and_what_has_changed(
    steps: list[tuple[str, int]], kept: int
) -> None:
    """Over any events, and over more than the 50 h after which old stretches are dropped."""
    at, states = 0, [Today()]
    for kind, lapse in steps:
        at += lapse
        states.append(with_event(states[-1], MAKERS[kind](at)))
    earlier, later = states[min(kept, len(states) - 1)], states[-1]
    change = change_between(earlier, later)
    assert change is not None, "events alone only add and drop"
    assert with_change(earlier, change) == later
    assert len(change) <= 3 * len(steps)


def test_a_day_that_was_corrected_is_no_short_change() -> None:
    day = day_of(sits_down(0), rises(100, 100), sits_back(110), rises(200, 200))
    assert change_between(day, without_downtime(day, sec(120), sec(150))) is None

    first_split = without_downtime(day, sec(20), sec(40))
    change = change_between(day, first_split)
    assert change is not None
    assert with_change(day, change) == first_split
