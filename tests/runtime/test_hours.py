"""The hours as the core is told them: in instants, and anew when the wall clock was set."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from timeline import sec
from unsit.core.inputs import AlwaysWithinHours, Calendar, Day, OutsideHours
from unsit.core.instant import Instant
from unsit.runtime.clock import Act, VirtualClock
from unsit.runtime.hours import Hours
from unsit.runtime.loop import Loop
from unsit.runtime.week import Week
from unsit.settings.hours import HoursSettings

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


class SetClock(VirtualClock):
    """A virtual clock whose wall clock can be set."""

    by = timedelta(0)

    def wall(self, at: Instant) -> datetime:
        return super().wall(at) + self.by


class Listening:
    """Hours under a loop that runs for so long, and all that was told."""

    def __init__(self, length: timedelta, week: Week, *acts: tuple[Instant, Act]):
        self.told: list[tuple[Instant, Calendar]] = []
        self.days: list[tuple[Instant, Day]] = []
        self.clock = SetClock(START, self._world(length, acts), at_end=lambda: self.loop.stop())
        self.loop = Loop(self.clock)
        self.hours = Hours(self.loop, week, self._hear)

    def _world(
        self, length: timedelta, acts: tuple[tuple[Instant, Act], ...]
    ) -> Iterator[tuple[Instant, Act]]:
        yield from acts
        yield length, lambda: None

    def _hear(self, what: Calendar) -> None:
        now = self.clock.now()
        if isinstance(what, Day):
            self.days.append((now, what))
        else:
            self.told.append((now, what))

    def run(self) -> list[tuple[Instant, Calendar]]:
        self.hours.tell()
        self.loop.run()
        return self.told


OFFICE = HoursSettings(
    sunday="", monday="09:00-17:00", tuesday="09:00-17:00", timezone="UTC"
).week()


def test_each_time_outside_is_told_when_the_one_before_it_is_over() -> None:
    told = Listening(10 * HOUR, OFFICE).run()

    assert told == [
        (sec(0), OutsideHours(-32 * HOUR, HOUR)),
        (HOUR, OutsideHours(9 * HOUR, 25 * HOUR)),
    ]


def test_hours_without_an_end_are_looked_at_at_midnight() -> None:
    told = Listening(50 * HOUR, HoursSettings(timezone="UTC").week()).run()

    assert told == [(when, AlwaysWithinHours()) for when in (sec(0), 16 * HOUR, 40 * HOUR)]


def test_each_day_is_told_when_it_begins_with_its_softer_part() -> None:
    listening = Listening(20 * HOUR, replace(OFFICE, softer_from=time(13)))
    listening.run()

    assert listening.days[0] == (sec(0), Day(-8 * HOUR, 16 * HOUR, softer_from=5 * HOUR))
    assert listening.days[-1] == (16 * HOUR, Day(16 * HOUR, 40 * HOUR, softer_from=29 * HOUR))


def test_a_day_on_which_the_clock_is_set_has_an_hour_more_or_less() -> None:
    berlin = HoursSettings(timezone="Europe/Berlin").week()
    spring, autumn = datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)

    for date, hours in ((spring, 23), (autumn, 25), (START, 24)):
        start, end, _ = berlin.day(date)
        assert end - start == hours * HOUR


def test_a_wall_clock_that_was_set_moves_the_hours_and_there_is_one_timer_still() -> None:
    def set_clock() -> None:
        listening.clock.by = 3 * HOUR
        listening.hours.tell()

    listening = Listening(30 * HOUR, OFFICE, (2 * HOUR, set_clock))
    told = listening.run()

    assert (2 * HOUR, OutsideHours(6 * HOUR, 22 * HOUR)) in told
    assert [when for when, _ in told].count(22 * HOUR) == 1
    assert HOUR in [when for when, _ in told]


def test_a_wall_clock_that_is_corrected_a_little_moves_nothing() -> None:
    def correct() -> None:
        listening.clock.by = timedelta(milliseconds=40)
        listening.hours.tell()

    listening = Listening(3 * HOUR, OFFICE, (2 * HOUR, correct))
    told = listening.run()

    assert told[-1][0] == 2 * HOUR
    assert told[-1][1] == told[-2][1]


def test_a_time_of_day_is_an_instant() -> None:
    assert Listening(HOUR, OFFICE).hours.next_time(time(9, 15)) == HOUR + timedelta(minutes=15)
