"""Schedule inputs of the core: instants of the hours, again after the wall clock was set."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from support.time_zones import NIGHTS, Night
from support.timeline import sec
from unsit.core.inputs import AlwaysWithinHours, Day, OutsideHours, ScheduleInput
from unsit.core.instant import ZERO, Instant
from unsit.runtime.clock import Act, VirtualClock
from unsit.runtime.loop import Loop
from unsit.runtime.schedule import HORIZON, Hours, Range, Week
from unsit.settings.hours import HoursSettings

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = Range(timedelta(hours=22), timedelta(hours=31))


class SetClock(VirtualClock):
    """Virtual clock whose wall clock can be set."""

    by = timedelta(0)

    def wall(self, at: Instant) -> datetime:
        return super().wall(at) + self.by


class FedHours:
    """Hours on a loop in virtual time, and the inputs that they fed."""

    def __init__(
        self,
        length: timedelta,
        week: Week,
        *acts: tuple[Instant, Act],
        start: datetime = START,
    ) -> None:
        self.inputs: list[tuple[Instant, ScheduleInput]] = []
        self.days: list[tuple[Instant, Day]] = []
        self.clock = SetClock(start, self._world(length, acts), at_end=lambda: self.loop.stop())
        self.loop = Loop(self.clock)
        self.hours = Hours(self.loop, week, self._feed)

    def _world(
        self, length: timedelta, acts: tuple[tuple[Instant, Act], ...]
    ) -> Iterator[tuple[Instant, Act]]:
        yield from acts
        yield length, lambda: None

    def _feed(self, what: ScheduleInput) -> None:
        now = self.clock.now()
        if isinstance(what, Day):
            self.days.append((now, what))
        else:
            self.inputs.append((now, what))

    def run(self) -> list[tuple[Instant, ScheduleInput]]:
        self.hours.update()
        self.loop.run()
        return self.inputs


OFFICE = HoursSettings(
    sunday="", monday="09:00-17:00", tuesday="09:00-17:00", timezone="UTC"
).week()


def test_each_time_outside_the_hours_is_fed_at_the_end_of_the_previous_one() -> None:
    inputs = FedHours(10 * HOUR, OFFICE).run()

    assert inputs == [
        (sec(0), OutsideHours(-32 * HOUR, HOUR)),
        (HOUR, OutsideHours(9 * HOUR, 25 * HOUR)),
    ]


def test_hours_without_an_end_are_fed_again_at_midnight() -> None:
    inputs = FedHours(50 * HOUR, HoursSettings(timezone="UTC").week()).run()

    assert inputs == [(when, AlwaysWithinHours()) for when in (sec(0), 16 * HOUR, 40 * HOUR)]


def test_each_day_is_fed_at_its_beginning_with_its_softer_part() -> None:
    listening = FedHours(20 * HOUR, replace(OFFICE, softer_from=time(13)))
    listening.run()

    assert listening.days[0] == (sec(0), Day(-8 * HOUR, 16 * HOUR, softer_from=5 * HOUR))
    assert listening.days[-1] == (16 * HOUR, Day(16 * HOUR, 40 * HOUR, softer_from=29 * HOUR))


def test_a_day_with_a_change_of_daylight_saving_is_an_hour_longer_or_shorter() -> None:
    berlin = HoursSettings(timezone="Europe/Berlin").week()
    spring, autumn = datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)

    for date, hours in ((spring, 23), (autumn, 25), (START, 24)):
        start, end, _ = berlin.day(date)
        assert end - start == hours * HOUR


def test_a_set_wall_clock_moves_the_hours_and_leaves_one_timer() -> None:
    def set_clock() -> None:
        listening.clock.by = 3 * HOUR
        listening.hours.update()

    listening = FedHours(30 * HOUR, OFFICE, (2 * HOUR, set_clock))
    inputs = listening.run()

    assert (2 * HOUR, OutsideHours(6 * HOUR, 22 * HOUR)) in inputs
    assert [when for when, _ in inputs].count(22 * HOUR) == 1
    assert HOUR in [when for when, _ in inputs]


def test_a_correction_of_less_than_a_step_moves_nothing() -> None:
    def correct() -> None:
        listening.clock.by = timedelta(milliseconds=40)
        listening.hours.update()

    listening = FedHours(3 * HOUR, OFFICE, (2 * HOUR, correct))
    inputs = listening.run()

    assert inputs[-1][0] == 2 * HOUR
    assert inputs[-1][1] == inputs[-2][1]


def test_a_time_of_day_is_converted_to_an_instant() -> None:
    assert FedHours(HOUR, OFFICE).hours.next_time(time(9, 15)) == HOUR + timedelta(minutes=15)


@pytest.mark.parametrize("named", [True, False], ids=["named", "of the machine"])
@pytest.mark.parametrize("night", NIGHTS, ids=str)
def test_over_a_night_in_which_the_clocks_are_set_each_day_follows_the_one_before(
    night: Night, named: bool, live_in: Callable[[str], None]
) -> None:
    live_in(night.zone)
    week = Week(OFFICE.days, quiet=(NIGHT,), zone=ZoneInfo(night.zone) if named else None)
    fed = FedHours(96 * HOUR, week, start=night.at - 48 * HOUR)
    fed.run()

    days = [day for _, day in fed.days]
    assert len(days) < 20
    assert all(day.start <= when < day.end for when, day in fed.days)
    for previous, day in pairwise(days):
        assert day in (previous, replace(day, start=previous.end))
    for when, what in fed.inputs:
        assert isinstance(what, OutsideHours)
        assert when < what.until


@pytest.mark.parametrize("milliseconds", [1, 40, 500, 999])
@pytest.mark.parametrize("after_midnight", [timedelta(0), timedelta(microseconds=1)])
def test_a_day_that_is_over_does_not_begin_again_if_the_clock_is_set_back_a_little(
    milliseconds: int, after_midnight: timedelta
) -> None:
    def set_back() -> None:
        fed.clock.by = -timedelta(milliseconds=milliseconds)

    midnight = 16 * HOUR
    fed = FedHours(30 * HOUR, OFFICE, (midnight - after_midnight, set_back))
    fed.run()

    assert next(day for when, day in fed.days if when >= midnight).start == midnight
    assert len(fed.days) <= 6
    assert len(fed.inputs) <= 6


@pytest.mark.parametrize("milliseconds", [1, 40, 500, 999])
def test_hours_that_are_over_do_not_begin_again_if_the_clock_is_set_back_a_little(
    milliseconds: int,
) -> None:
    def set_back() -> None:
        fed.clock.by = -timedelta(milliseconds=milliseconds)

    fed = FedHours(5 * HOUR, OFFICE, (HOUR, set_back))
    inputs = fed.run()

    assert inputs[0] == (ZERO, OutsideHours(-32 * HOUR, HOUR))
    assert len(inputs) == 2
    assert inputs[1][0] == HOUR
    assert isinstance(inputs[1][1], OutsideHours)
    assert inputs[1][1].start >= 9 * HOUR


def test_a_day_begins_again_if_the_clock_is_really_set_back() -> None:
    def set_back() -> None:
        fed.clock.by = -HOUR
        fed.hours.update()

    fed = FedHours(20 * HOUR, OFFICE, (16.5 * HOUR, set_back))
    fed.run()

    assert fed.days[-2] == (16.5 * HOUR, Day(-7 * HOUR, 17 * HOUR))
    assert fed.days[-1] == (17 * HOUR, Day(17 * HOUR, 41 * HOUR))


def test_a_new_time_zone_moves_the_day(live_in: Callable[[str], None]) -> None:
    def travel() -> None:
        live_in("Asia/Tokyo")
        fed.hours.update()

    live_in("Europe/London")
    fed = FedHours(3 * HOUR, Week(OFFICE.days), (2 * HOUR, travel))
    fed.run()

    assert fed.days[0] == (ZERO, Day(-8 * HOUR, 16 * HOUR))
    assert fed.days[-1] == (2 * HOUR, Day(-17 * HOUR, 7 * HOUR))


def test_a_hold_until_a_time_that_is_shown_twice_ends_when_it_is_shown_next() -> None:
    berlin = Week(OFFICE.days, zone=ZoneInfo("Europe/Berlin"))
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)

    for now, wait in ((first, 15), (first + HOUR / 2, 45), (first + HOUR, 15)):
        assert berlin.next_time(time(2, 30), now) - now == timedelta(minutes=wait)


def test_days_off_may_last_until_the_end_of_the_calendar() -> None:
    week = HoursSettings(days_off="2020-01-01..9999-12-31", timezone="UTC").week()

    assert week.next_closed(START) == (START - 32 * HOUR, START + HORIZON)
