"""Steps of the wall clock: a set clock is one, a slow correction is none."""

from datetime import datetime, timedelta, timezone

import pytest

from unsit.core.events import ClockStepped
from unsit.core.instant import Instant
from unsit.runtime.clock import Act, ClockStepWatch, Inbox

CET = timezone(timedelta(hours=1))
CEST = timezone(timedelta(hours=2))
START = datetime(2026, 3, 29, 1, tzinfo=CET)
HOUR = timedelta(hours=1)


class SettableClock:
    """Clock that can be set."""

    epoch = "one"

    def __init__(self) -> None:
        self.passed = 5 * HOUR
        self.origin = START
        self.zone = CET

    def now(self) -> Instant:
        return self.passed

    def wall(self, at: Instant) -> datetime:
        return (self.origin + at).astimezone(self.zone)

    def next_act(self, inbox: Inbox, until: Instant | None) -> Act | None:
        raise AssertionError("nobody waits here")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def watch(clock: SettableClock) -> ClockStepWatch:
    return ClockStepWatch(clock)


def test_passing_time_is_no_step(clock: SettableClock, watch: ClockStepWatch) -> None:
    clock.passed += 100 * HOUR

    assert watch.step() is None


@pytest.mark.parametrize(
    "by", [HOUR, -HOUR, timedelta(seconds=1), timedelta(seconds=-1), timedelta(days=20_000)]
)
def test_a_set_clock_is_a_step_with_its_size(
    clock: SettableClock, watch: ClockStepWatch, by: timedelta
) -> None:
    clock.passed += HOUR
    clock.origin += by

    assert watch.step() == ClockStepped(at=6 * HOUR, by=by)


def test_a_step_is_reported_once(clock: SettableClock, watch: ClockStepWatch) -> None:
    clock.origin += HOUR
    watch.step()

    assert watch.step() is None


def test_every_step_is_reported_separately(clock: SettableClock, watch: ClockStepWatch) -> None:
    clock.origin += 3 * HOUR
    first = watch.step()
    clock.origin -= HOUR
    second = watch.step()

    assert first is not None
    assert second is not None
    assert (first.by, second.by) == (3 * HOUR, -HOUR)


def test_a_slow_correction_is_no_step_even_if_it_is_large(
    clock: SettableClock, watch: ClockStepWatch
) -> None:
    for _ in range(100):
        clock.origin += timedelta(seconds=0.999)
        assert watch.step() is None


def test_the_change_to_summer_time_is_no_step(clock: SettableClock, watch: ClockStepWatch) -> None:
    clock.zone = CEST

    assert watch.step() is None
