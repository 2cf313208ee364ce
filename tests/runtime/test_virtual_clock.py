"""Virtual time: the order of acts within one instant, and their dates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from unsit.core.instant import ZERO
from unsit.runtime.clock import VirtualClock
from unsit.runtime.loop import Loop

LiveIn = Callable[[str], None]
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
SPRING = datetime(2026, 3, 8, 1, 30)  # noqa: DTZ001  # half an hour before New York's clocks go on
AUTUMN = datetime(2026, 11, 1, 0, 30)  # noqa: DTZ001  # before they go back
HOUR = timedelta(hours=1)


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class LoggedLoop:
    """A loop in virtual time, and a log of its calls with their times in s.

    world: at which seconds something happens by itself.
    """

    def __init__(self, *world: float) -> None:
        self.calls: list[tuple[float, str]] = []
        happenings = iter([(sec(at), self.note("world")) for at in world])
        self.clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC), happenings, self._end)
        self.loop = Loop(self.clock)

    def note(self, what: str) -> Callable[[], None]:
        return lambda: self.calls.append((self.clock.now().total_seconds(), what))

    def _end(self) -> None:
        self.note("end")()
        self.loop.stop()

    def run(self) -> list[tuple[float, str]]:
        self.loop.run()
        return self.calls


def test_time_begins_at_zero_and_jumps_to_what_comes_next() -> None:
    story = LoggedLoop(5, 7000)

    assert story.clock.now() == ZERO
    assert story.run() == [(5, "world"), (7000, "world"), (7000, "end")]


def test_a_deadline_between_two_acts_comes_between_them() -> None:
    story = LoggedLoop(5, 9)
    story.loop.at(sec(7), story.note("deadline"))

    assert story.run() == [(5, "world"), (7, "deadline"), (9, "world"), (9, "end")]


def test_at_one_instant_the_world_comes_before_the_deadlines() -> None:
    story = LoggedLoop(5, 5, 9)
    story.loop.at(sec(5), story.note("deadline"))

    assert story.run() == [(5, "world"), (5, "world"), (5, "deadline"), (9, "world"), (9, "end")]


def test_calls_of_threads_come_before_time_passes() -> None:
    story = LoggedLoop(0, 5)
    story.loop.at(ZERO, story.note("deadline"))
    story.loop.call(story.note("call"))
    story.loop.call(story.note("another"))

    assert story.run() == [
        (0, "call"),
        (0, "another"),
        (0, "world"),
        (0, "deadline"),
        (5, "world"),
        (5, "end"),
    ]


def test_calls_of_an_act_come_before_time_passes() -> None:
    story = LoggedLoop(5, 5)
    story.loop.at(sec(2), lambda: story.loop.call(story.note("follows")))
    story.loop.at(sec(2), story.note("deadline"))

    assert story.run()[:2] == [(2, "deadline"), (2, "follows")]


def test_the_world_ends_after_the_deadlines_of_its_last_instant() -> None:
    story = LoggedLoop(5)
    story.loop.at(sec(5), story.note("deadline"))

    assert story.run() == [(5, "world"), (5, "deadline"), (5, "end")]


def test_deadlines_after_the_end_of_the_world_do_not_come() -> None:
    story = LoggedLoop(5)
    story.loop.at(sec(5.001), story.note("deadline"))

    assert story.run() == [(5, "world"), (5, "end")]


def test_a_world_without_anything_in_it_ends_at_once() -> None:
    assert LoggedLoop().run() == [(0, "end")]


def clock_from(start: datetime) -> VirtualClock:
    return VirtualClock(start, iter([]), at_end=lambda: None)


def test_a_start_with_an_offset_keeps_it(live_in: LiveIn) -> None:
    live_in(NEW_YORK)
    start = datetime(2026, 3, 8, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))

    wall = clock_from(start).wall(24 * HOUR)

    assert wall.isoformat() == "2026-03-09T01:30:00+05:45"


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        ("2026-01-05T09:00:00", "2026-01-05T09:00:00-05:00"),
        ("2026-07-05T09:00:00", "2026-07-05T09:00:00-04:00"),
    ],
)
def test_a_start_without_an_offset_gets_the_one_that_holds_here_on_that_day(
    live_in: LiveIn, start: str, shown: str
) -> None:
    live_in(NEW_YORK)

    assert clock_from(datetime.fromisoformat(start)).wall(ZERO).isoformat() == shown


def test_every_date_gets_the_offset_of_its_own_day(live_in: LiveIn) -> None:
    live_in(NEW_YORK)
    clock = clock_from(SPRING)

    assert clock.wall(ZERO).isoformat() == "2026-03-08T01:30:00-05:00"
    assert clock.wall(2 * HOUR).isoformat() == "2026-03-08T03:30:00-04:00"


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_daylight_saving_changes_no_duration(live_in: LiveIn, start: datetime) -> None:
    live_in(NEW_YORK)
    clock = clock_from(start)

    dates = [clock.wall(n * HOUR / 4).replace(tzinfo=None) for n in range(20)]

    assert all(later - earlier == HOUR / 4 for earlier, later in pairwise(dates))
    assert dates[0] == start


def test_the_parts_of_a_date_are_the_same_in_every_time_zone(live_in: LiveIn) -> None:
    clock = clock_from(SPRING)
    read = []
    for zone in ("UTC0", NEW_YORK, "NPT-5:45"):
        live_in(zone)
        read.append([clock.wall(n * HOUR).replace(tzinfo=None) for n in range(5)])

    assert read[0] == read[1] == read[2]
