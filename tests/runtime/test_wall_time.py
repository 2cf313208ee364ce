"""Wall time: what clocks show and when, over every setting of the clocks in every zone."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.time_zones import SECOND, Transition, different_zones
from unsit.runtime.clock import WallTime

LiveIn = Callable[[str], None]
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def changes(live_in: LiveIn) -> Iterator[tuple[str, WallTime, Transition]]:
    """Yield all transitions, each for the zone by its name and for the zone of the machine."""
    for name, found in different_zones(FIRST, LAST).items():
        live_in(name)
        for wall_time in (WallTime(ZoneInfo(name)), WallTime()):
            for transition in found:
                yield name, wall_time, transition


def near(transition: Transition) -> list[datetime]:
    """Return moments around a transition, at all edges of the times skipped or shown twice."""
    length = abs(transition.after - transition.before)
    edges = (-length - SECOND, -length, -length / 2, -SECOND, 0 * SECOND, SECOND, length / 2)
    return [transition.at + edge for edge in (-DAY, *edges, length - SECOND, length, DAY)]


def first_moment_of(day: date, transition: Transition) -> datetime:
    """Return the first moment at which the clocks show a day or a later one."""
    midnight = datetime.combine(day, datetime.min.time())
    candidates = [*transition.moments(midnight), transition.at]
    return min(at for at in candidates if transition.shown(at).date() >= day)


def test_a_date_is_shown_at_its_first_moment_and_a_skipped_one_as_late_as_without_the_skip(
    live_in: LiveIn,
) -> None:
    for name, wall_time, change in changes(live_in):
        skipped = {(at + change.before).replace(tzinfo=None) for at in near(change)}
        for shown in skipped | {change.shown(at) for at in near(change)}:
            moments = change.moments(shown) or [(shown - change.before).replace(tzinfo=UTC)]
            assert wall_time.moment(shown) == moments[0], (name, shown)
            assert [*wall_time.moments(shown)] == moments, (name, shown)


def test_what_is_shown_at_a_moment_leads_back_to_it(live_in: LiveIn) -> None:
    for name, wall_time, change in changes(live_in):
        for at in near(change):
            shown = wall_time.shown(at)
            assert shown == at, (name, at)
            assert at in wall_time.moments(shown.replace(tzinfo=None)), (name, at)


def test_each_moment_belongs_to_one_day_that_has_begun_and_not_ended(live_in: LiveIn) -> None:
    for name, wall_time, change in changes(live_in):
        for at in near(change):
            day, end = wall_time.day(at), wall_time.day_end(at)
            assert wall_time.midnight(day) <= at < end, (name, at)
            assert wall_time.midnight(day) == first_moment_of(day, change), (name, at)
            assert wall_time.day(end) > day, (name, at)
            assert wall_time.day(end - SECOND) == day, (name, at)


def test_the_database_has_changes_of_every_kind() -> None:
    kinds = {
        ("skips" if change.after > change.before else "repeats", midnight_is_changed(change))
        for found in different_zones(FIRST, LAST).values()
        for change in found
    }

    assert len(kinds) == 4


def midnight_is_changed(change: Transition) -> bool:
    midnight = datetime.combine(change.shown(change.at).date(), datetime.min.time())
    return len(change.moments(midnight)) != 1


@pytest.mark.parametrize(
    ("zone", "shown", "moment"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30+02:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30+02:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45+11:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-05T01:45+11:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00+14:00"),
        ("Asia/Kathmandu", "2026-04-05T01:45", "2026-04-05T01:45+05:45"),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice(
    zone: str, shown: str, moment: str, live_in: LiveIn
) -> None:
    live_in(zone)
    for wall_time in (WallTime(ZoneInfo(zone)), WallTime()):
        found = wall_time.moment(datetime.fromisoformat(shown))

        assert found == datetime.fromisoformat(moment)
        assert wall_time.shown(found).isoformat(timespec="minutes") == moment


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-24T01:00+03:00"),
        ("America/Havana", date(2026, 3, 8), "2026-03-08T01:00-04:00"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00-04:00"),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T01:00-03:00"),
        ("America/Santiago", date(2026, 4, 5), "2026-04-05T00:00-04:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-31T00:00+14:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-31T00:00+14:00"),
    ],
)
def test_a_midnight_that_is_skipped_or_comes_twice(
    zone: str, day: date, midnight: str, live_in: LiveIn
) -> None:
    live_in(zone)
    for wall_time in (WallTime(ZoneInfo(zone)), WallTime()):
        assert wall_time.midnight(day) == datetime.fromisoformat(midnight)
        assert wall_time.shown(wall_time.midnight(day)).isoformat(timespec="minutes") == midnight


def test_a_night_in_which_midnight_is_set_back_over_itself_begins_one_day(live_in: LiveIn) -> None:
    """At 00:01 the clocks go back to 23:01, as in Newfoundland until 2011."""
    live_in("America/St_Johns")
    for wall_time in (WallTime(ZoneInfo("America/St_Johns")), WallTime()):
        began = wall_time.midnight(date(2010, 11, 7))

        assert began == datetime.fromisoformat("2010-11-07T00:00-02:30")
        for later in (30 * SECOND, 30 * MINUTE, 2 * HOUR):
            assert wall_time.day(began + later) == date(2010, 11, 7)
            assert wall_time.day_end(began + later) == began + 25 * HOUR
        assert wall_time.day(began - SECOND) == date(2010, 11, 6)


@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # in UTC
def test_a_zone_without_a_change_shows_each_date_once(at: datetime) -> None:
    wall_time = WallTime(ZoneInfo("Asia/Kolkata"))

    (moment,) = wall_time.moments(at)

    assert wall_time.shown(moment).replace(tzinfo=None) == at
