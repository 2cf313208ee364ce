"""The step watch: a wall clock that is set is noticed, one that is corrected slowly is not."""

from datetime import datetime, timedelta, timezone

import pytest

from unsit.core.events import ClockStepped
from unsit.core.instant import Instant
from unsit.runtime.clock import Act, Inbox
from unsit.runtime.stepwatch import StepWatch

CET = timezone(timedelta(hours=1))
CEST = timezone(timedelta(hours=2))
START = datetime(2026, 3, 29, 1, tzinfo=CET)
HOUR = timedelta(hours=1)


class SettableClock:
    """A clock that shows what it is told to."""

    epoch = "one"

    def __init__(self) -> None:
        self.passed = 5 * HOUR
        self.origin = START
        self.zone = CET

    def now(self) -> Instant:
        return self.passed

    def wall(self, at: Instant) -> datetime:
        return (self.origin + at).astimezone(self.zone)

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
        raise AssertionError("nobody waits here")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def watch(clock: SettableClock) -> StepWatch:
    return StepWatch(clock)


def test_time_that_passes_is_no_step(clock: SettableClock, watch: StepWatch) -> None:
    clock.passed += 100 * HOUR

    assert watch.step() is None


@pytest.mark.parametrize(
    "by", [HOUR, -HOUR, timedelta(seconds=1), timedelta(seconds=-1), timedelta(days=20_000)]
)
def test_a_clock_that_is_set_is_noticed_with_how_far(
    clock: SettableClock, watch: StepWatch, by: timedelta
) -> None:
    clock.passed += HOUR
    clock.origin += by

    assert watch.step() == ClockStepped(at=6 * HOUR, by=by)


def test_a_step_is_told_once(clock: SettableClock, watch: StepWatch) -> None:
    clock.origin += HOUR
    watch.step()

    assert watch.step() is None


def test_every_step_is_told_by_itself(clock: SettableClock, watch: StepWatch) -> None:
    clock.origin += 3 * HOUR
    first = watch.step()
    clock.origin -= HOUR
    second = watch.step()

    assert first is not None
    assert second is not None
    assert (first.by, second.by) == (3 * HOUR, -HOUR)


def test_a_slow_correction_is_no_step_however_far_it_goes_in_the_end(
    clock: SettableClock, watch: StepWatch
) -> None:
    for _ in range(100):
        clock.origin += timedelta(seconds=0.999)
        assert watch.step() is None


def test_the_change_to_summer_time_is_no_step(clock: SettableClock, watch: StepWatch) -> None:
    clock.zone = CEST

    assert watch.step() is None
