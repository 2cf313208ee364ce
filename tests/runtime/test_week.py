"""Week: the times outside the hours, in summer and winter."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.runtime.schedule import HORIZON, Range, Week
from unsit.settings.hours import HoursSettings, parse_days, parse_ranges

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = "09:00-12:30, 13:30-18:00"


def week(quiet: str = "", days_off: str = "", **days: str) -> Week:
    """Return a week in Berlin; weekdays that are left out are open all day."""
    return HoursSettings(quiet=quiet, days_off=days_off, timezone="Europe/Berlin", **days).week()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def closed(a_week: Week, now: str) -> tuple[str, str] | None:
    """Return the time outside the hours in Berlin's local time."""
    found = a_week.next_closed(at(now))
    if found is None:
        return None
    start, until = (f"{one.astimezone(BERLIN):%Y-%m-%d %H:%M}" for one in found)
    return start, until


WORKING = week(
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE),
    saturday="",
    sunday="",
)


def test_a_week_that_is_open_all_day_has_no_time_outside() -> None:
    assert week().next_closed(at("2026-11-24 12:00")) is None


@pytest.mark.parametrize(
    ("now", "start", "until"),
    [
        ("2026-11-23 08:59", "2026-11-22 00:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 12:30", "2026-11-23 13:30"),
        ("2026-11-23 12:30", "2026-11-23 12:30", "2026-11-23 13:30"),
        ("2026-11-23 13:30", "2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 17:59", "2026-11-27 18:00", "2026-11-30 09:00"),
        ("2026-11-28 03:00", "2026-11-27 18:00", "2026-11-30 09:00"),
    ],
)
def test_the_present_or_next_time_outside_the_hours(now: str, start: str, until: str) -> None:
    assert closed(WORKING, now) == (start, until)


def test_quiet_hours_go_over_midnight_and_before_the_hours_of_the_day() -> None:
    nights = week(quiet="22:00-07:00")

    assert closed(nights, "2026-11-24 12:00") == ("2026-11-24 22:00", "2026-11-25 07:00")
    assert closed(nights, "2026-11-25 06:59") == ("2026-11-24 22:00", "2026-11-25 07:00")


def test_a_range_that_ends_earlier_than_it_begins_goes_on_into_the_next_day() -> None:
    late = week(friday="20:00-02:00", saturday="")

    assert closed(late, "2026-11-28 01:00") == ("2026-11-28 02:00", "2026-11-29 00:00")


def test_a_day_off_is_closed_from_midnight_to_midnight() -> None:
    holiday = week(days_off="2026-12-24..2026-12-26")

    assert closed(holiday, "2026-12-20 10:00") == ("2026-12-24 00:00", "2026-12-27 00:00")


def test_a_week_that_is_never_open_is_closed_up_to_the_horizon() -> None:
    never = Week(((),) * 7, zone=BERLIN)
    now = at("2026-11-24 12:00")
    found = never.next_closed(now)

    assert found is not None
    assert found[0] <= now
    assert found[1] == now + HORIZON


@pytest.mark.parametrize(
    ("eve", "hours"),
    [("2026-03-28", 8), ("2026-10-24", 10), ("2026-11-24", 9)],
    ids=["spring", "autumn", "any other"],
)
def test_a_quiet_night_ends_by_the_wall_clock(eve: str, hours: int) -> None:
    found = week(quiet="22:00-07:00").next_closed(at(f"{eve} 20:00"))

    assert found is not None
    assert found[1] - found[0] == timedelta(hours=hours)
    assert found[1].astimezone(BERLIN).time() == time(7)


def test_a_time_skipped_in_spring_comes_at_the_same_elapsed_time() -> None:
    nights = week(quiet="22:00-02:30")

    assert closed(nights, "2026-03-28 23:00") == ("2026-03-28 22:00", "2026-03-29 03:30")


def test_a_time_that_comes_twice_in_autumn_counts_at_its_first() -> None:
    found = week(quiet="22:00-02:30").next_closed(at("2026-10-24 23:00"))

    assert found is not None
    assert found[1] - found[0] == timedelta(hours=4, minutes=30)


@pytest.mark.parametrize(
    ("of_day", "now", "next_"),
    [
        (time(17, 30), "2026-11-24 12:00", "2026-11-24 17:30"),
        (time(17, 30), "2026-11-24 17:30", "2026-11-25 17:30"),
        (time(2, 30), "2026-03-28 12:00", "2026-03-29 03:30"),
        (time(0, 0), "2026-12-31 23:59", "2027-01-01 00:00"),
    ],
)
def test_a_time_of_day_is_the_next_one(of_day: time, now: str, next_: str) -> None:
    assert week().next_time(of_day, at(now)).astimezone(BERLIN).replace(tzinfo=None) == (
        datetime.fromisoformat(next_)
    )


RANGES = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
        lambda pair: Range(timedelta(minutes=pair[0]), timedelta(minutes=min(1440, sum(pair))))
    ),
    max_size=3,
).map(tuple)


@given(
    days=st.tuples(*[RANGES] * 7),
    quiet=RANGES,
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  # as the clock shows it
)
def test_a_closed_span_is_closed_throughout_and_open_right_after(
    days: tuple[tuple[Range, ...], ...], quiet: tuple[Range, ...], now: datetime
) -> None:
    a_week = Week(days, quiet, zone=BERLIN)
    here = now.replace(tzinfo=BERLIN)
    found = a_week.next_closed(here)
    if found is None:
        assert is_open(days, quiet, now)
        return
    start, until = found
    assert start < until
    assert until > here
    assert (start <= here) is not is_open(days, quiet, now) or is_odd_night(now)


def is_open(days: tuple[tuple[Range, ...], ...], quiet: tuple[Range, ...], now: datetime) -> bool:
    """Return whether a time is within the hours, for ranges that do not cross midnight."""
    since = now - datetime.combine(now.date(), time.min)
    within = any(one.start <= since < one.end for one in days[now.weekday()])
    return within and not any(one.start <= since < one.end for one in quiet)


def is_odd_night(now: datetime) -> bool:
    """Return whether daylight saving changes on this day, so wall times are missing or twice."""
    noon = datetime.combine(now.date(), time(12), BERLIN)
    return noon.utcoffset() != (noon - timedelta(days=1)).utcoffset()


@pytest.mark.parametrize(
    "text", ["9", "09:00", "09:00-", "25:00-26:00", "09:00-24:01", "09:00-09:00", "09:60-10:00"]
)
def test_a_malformed_range_is_refused_with_the_expected_form(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_ranges(text)


def test_ranges_and_days_are_read() -> None:
    hour = timedelta(hours=1)
    assert parse_ranges("9:00-12:00,22:00 - 07:00") == (
        Range(9 * hour, 12 * hour),
        Range(22 * hour, 31 * hour),
    )
    assert parse_days(" 2026-12-24 , 2027-08-01..2027-08-14") == (
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2027, 8, 1), date(2027, 8, 14)),
    )


@pytest.mark.parametrize("text", ["24.12.2026", "2026-02-30", "2026-12-26..2026-12-24", "..", "x"])
def test_malformed_days_are_refused_with_the_expected_form(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_days(text)
