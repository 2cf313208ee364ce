"""Live and scaled time: waiting, and the dates of instants."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from queue import SimpleQueue
from typing import Any

import pytest

from unsit.core.instant import ZERO
from unsit.runtime.clock import Act, Clock, Inbox, LiveClock, ScaledClock

Promptly = Callable[[Callable[[], Any]], Any]
START = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=1)))
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

every_clock = pytest.mark.parametrize(
    "clock",
    [LiveClock(), ScaledClock(0.5), ScaledClock(10_000)],
    ids=["live", "slow", "fast"],
)


def nothing() -> None:
    """Do nothing, as an act in an inbox."""


@pytest.fixture
def inbox() -> Inbox:
    empty: SimpleQueue[Act] = SimpleQueue()
    return empty


@every_clock
def test_time_does_not_run_backwards(clock: Clock) -> None:
    readings = [clock.now() for _ in range(1000)]

    assert readings == sorted(readings)


@every_clock
def test_an_act_in_the_inbox_comes_before_a_past_deadline(clock: Clock, inbox: Inbox) -> None:
    inbox.put(nothing)

    assert clock.next_act(inbox, clock.now() - HOUR) is nothing
    assert clock.next_act(inbox, clock.now() - HOUR) is None


@every_clock
def test_an_act_in_the_inbox_is_returned_at_once(
    clock: Clock, inbox: Inbox, promptly: Promptly
) -> None:
    inbox.put(nothing)
    inbox.put(nothing)

    assert promptly(lambda: clock.next_act(inbox, clock.now() + 1000 * HOUR)) is nothing
    assert promptly(lambda: clock.next_act(inbox, None)) is nothing


@every_clock
def test_another_thread_ends_the_wait(clock: Clock, inbox: Inbox, promptly: Promptly) -> None:
    other = threading.Timer(0.01, inbox.put, (nothing,))
    other.start()

    assert promptly(lambda: clock.next_act(inbox, None)) is nothing
    other.join()


@every_clock
def test_a_wait_does_not_end_before_its_time(
    clock: Clock, inbox: Inbox, promptly: Promptly
) -> None:
    until = clock.now() + SECOND / 50

    assert promptly(lambda: clock.next_act(inbox, until)) is None
    assert clock.now() >= until


def test_a_fast_clock_waits_only_as_long_as_its_own_seconds_last(
    inbox: Inbox, promptly: Promptly
) -> None:
    clock = ScaledClock(10_000)
    until = clock.now() + HOUR / 12

    assert promptly(lambda: clock.next_act(inbox, until)) is None
    assert clock.now() >= until


def test_a_fast_clock_runs_ahead_of_a_live_one_and_a_slow_one_falls_behind(inbox: Inbox) -> None:
    slow, live, fast = ScaledClock(0.5), LiveClock(), ScaledClock(100)
    outer = live.now()
    began = [slow.now(), fast.now()]
    inner = live.now()

    live.next_act(inbox, inner + SECOND / 100)

    inner = live.now() - inner
    passed = [clock.now() - then for clock, then in zip((slow, fast), began, strict=True)]
    outer = live.now() - outer
    assert passed[0] < outer
    assert passed[1] > inner


def test_a_scaled_clock_starts_at_zero_and_at_its_date() -> None:
    clock = ScaledClock(1e-6, START)

    assert clock.now() < SECOND
    assert clock.wall(ZERO) == START
    assert clock.wall(-HOUR) == START - HOUR
    assert clock.wall(90 * SECOND) == START + 90 * SECOND


def test_a_scaled_clock_starts_at_the_real_date_by_default() -> None:
    before = datetime.now(UTC)
    clock = ScaledClock(1)

    assert before <= clock.wall(ZERO) <= datetime.now(UTC)


def test_a_new_speed_does_not_turn_time_back(inbox: Inbox) -> None:
    clock = ScaledClock(10_000)
    clock.next_act(inbox, clock.now() + 100 * SECOND)
    before = clock.now()

    clock.set_speed(0.001)

    assert clock.now() >= before


def test_a_new_speed_holds_from_now_on_and_not_for_what_has_passed(inbox: Inbox) -> None:
    live, clock = LiveClock(), ScaledClock(0.001)
    live.next_act(inbox, live.now() + SECOND / 50)
    outer, before = live.now(), clock.now()

    clock.set_speed(10_000)

    passed = clock.now() - before
    assert passed <= (live.now() - outer) * 10_000


def test_the_wait_after_a_new_speed_is_of_that_speed(inbox: Inbox, promptly: Promptly) -> None:
    clock = ScaledClock(0.001)
    clock.set_speed(10_000)
    until = clock.now() + HOUR / 12

    assert promptly(lambda: clock.next_act(inbox, until)) is None
    assert clock.now() >= until


def test_a_new_speed_changes_no_date() -> None:
    clock = ScaledClock(1, START)
    clock.set_speed(1000)

    assert clock.wall(HOUR) == START + HOUR


@pytest.mark.parametrize("ago", [ZERO, HOUR, -HOUR], ids=["now", "an hour ago", "in an hour"])
def test_the_live_wall_clock_dates_an_instant_by_how_long_ago_it_was(ago: timedelta) -> None:
    clock = LiveClock()

    date = clock.wall(clock.now() - ago)

    assert abs(datetime.now(UTC) - ago - date) < timedelta(minutes=1)


def test_dates_have_the_local_offset(live_in: Callable[[str], None]) -> None:
    live_in("NPT-5:45")
    offset = timedelta(hours=5, minutes=45)

    assert LiveClock().wall(ZERO).utcoffset() == offset
    assert ScaledClock(1, START).wall(ZERO).utcoffset() == offset
