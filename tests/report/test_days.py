"""Days: cut at the midnights of the place, also where clocks are set, and nothing is lost."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.sample_history import BERLIN, MemoryHistory, events, ms, off, person, write_history
from support.time_zones import NIGHTS, Night
from unsit.history.derived import Bout, Stretch
from unsit.history.store import open_history
from unsit.report.days import CHUNK_DAYS, HOUR_MS, MINUTE_MS, Day, Period, days, moment, reader
from unsit.runtime.clock import WallTime

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HONOLULU = ZoneInfo("Pacific/Honolulu")


def made(
    history: MemoryHistory, first: date, last: date, zone: ZoneInfo = BERLIN
) -> dict[date, Day]:
    """Return the days of a history by their dates."""
    found = days(history.read, Period("all", first, last), WallTime(zone))
    return {day.date: day for day in found}


def test_a_stretch_over_midnight_is_cut_and_its_bout_counts_where_it_began() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 23, 23, 30, tzinfo=BERLIN), 50)
    monday, tuesday = made(history, date(2026, 11, 23), date(2026, 11, 24)).values()
    assert (monday.seated_ms, tuesday.seated_ms) == (30 * MINUTE_MS, 20 * MINUTE_MS)
    assert (len(monday.bouts), len(tuesday.bouts)) == (1, 0)
    assert [piece.bout_ms for piece in (*monday.pieces, *tuesday.pieces)] == [50 * MINUTE_MS] * 2


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: str, hours: int) -> None:
    [found] = made(MemoryHistory(), date.fromisoformat(day), date.fromisoformat(day)).values()
    assert (found.end - found.start) / HOUR_MS == hours
    assert found.known_ms == hours * HOUR_MS


def test_a_stretch_in_which_clocks_are_set_is_shown_as_the_clocks_showed_it() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN), 120)  # the hour from 2 comes twice
    [day] = made(history, date(2026, 10, 25), date(2026, 10, 25)).values()
    assert [piece.on_clock(day.date) for piece in day.pieces] == [(1.5, 3.0), (2.0, 2.5)]
    assert day.seated_ms == 2 * HOUR_MS


def test_a_day_elsewhere_is_the_day_that_it_was_there() -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 23, 22, tzinfo=HONOLULU), 240)  # 9:00 on the 24th in Berlin
    monday, tuesday = made(history, date(2026, 11, 23), date(2026, 11, 24)).values()
    assert [piece.on_clock(monday.date) for piece in monday.pieces] == [(22, 24)]
    assert [piece.on_clock(tuesday.date) for piece in tuesday.pieces] == [(0, 2)]
    assert (len(monday.bouts), len(tuesday.bouts)) == (1, 0)


@pytest.mark.parametrize(
    ("zone", "hour"), [(HONOLULU, 21), (ZoneInfo("Pacific/Kiritimati"), 1)], ids=str
)
def test_a_day_elsewhere_is_found_in_a_report_on_that_day_alone(zone: ZoneInfo, hour: int) -> None:
    history = MemoryHistory()
    history.sit(datetime(2026, 11, 23, hour, tzinfo=zone), 30)  # on another date in Berlin
    for number, seated in ((22, 0), (23, 30), (24, 0)):
        [day] = made(history, date(2026, 11, number), date(2026, 11, number)).values()
        assert day.seated_ms == seated * MINUTE_MS
        assert len(day.bouts) == bool(seated)


def test_a_day_without_a_service_is_not_watched_and_an_empty_one_is() -> None:
    history = MemoryHistory()
    midnight = datetime(2026, 11, 24, tzinfo=BERLIN)
    history.lose(midnight, midnight + DAY)
    found = made(history, date(2026, 11, 23), date(2026, 11, 25))
    assert [day.is_watched for day in found.values()] == [True, False, True]
    assert [day.known_ms for day in found.values()] == [24 * HOUR_MS, 0, 24 * HOUR_MS]


def test_a_bout_before_or_after_the_period_is_not_in_it() -> None:
    history = MemoryHistory()
    for number in (22, 23, 24):
        history.sit(datetime(2026, 11, number, 9, tzinfo=BERLIN), 10)
    [day] = made(history, date(2026, 11, 23), date(2026, 11, 23)).values()
    assert [one.bout.start for one in day.bouts] == [ms(datetime(2026, 11, 23, 9, tzinfo=BERLIN))]


@pytest.mark.parametrize("night", NIGHTS, ids=str)
@given(data=st.data())
@examples(20)
def test_nothing_is_lost_in_a_night_in_which_clocks_are_set(
    night: Night, data: st.DataObject
) -> None:
    zone = ZoneInfo(night.zone)
    history = MemoryHistory()
    at = night.at - timedelta(hours=data.draw(st.integers(1, 30)))
    while at < night.at + 30 * HOUR:
        length = data.draw(st.integers(1, 300))
        history.sit(at.astimezone(zone), length)
        at += (length + data.draw(st.integers(2, 600))) * MINUTE
    first, last = night.at.date() - 4 * DAY, night.at.date() + 6 * DAY
    found = made(history, first, last, zone)
    wall_time = WallTime(zone)
    assert sum(day.seated_ms for day in found.values()) == sum(
        stretch.end - stretch.start for stretch in history.stretches
    )
    assert sum(len(day.bouts) for day in found.values()) == len(history.bouts)
    for day in found.values():
        for piece in day.pieces:
            assert wall_time.day(moment(piece.start)) == day.date
            assert wall_time.day(moment(piece.end - 1)) == day.date
            assert off(wall_time.shown(moment(piece.start))) == piece.offset
        for one in day.bouts:
            assert wall_time.day(moment(one.bout.start)) == day.date


offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: 15 * quarters)


@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 3000), offsets), max_size=40))
@examples(200)
def test_sums_over_days_are_sums_over_bouts_wherever_the_chair_was(
    sittings: list[tuple[int, int, int]],
) -> None:
    history = MemoryHistory()
    at = ms(datetime(2026, 10, 20, tzinfo=UTC))
    for pause, length, offset in sittings:
        start, end = at + pause * MINUTE_MS, at + (pause + length) * MINUTE_MS
        history.stretches.append(Stretch(start, end, offset, start))
        history.bouts.append(Bout(start, end, offset, end - start))
        at = end
    first, last = date(2026, 10, 18), moment(at).date() + 2 * DAY
    found = made(history, first, last)
    assert sum(day.seated_ms for day in found.values()) == sum(
        bout.seated for bout in history.bouts
    )
    assert sum(len(day.bouts) for day in found.values()) == len(history.bouts)
    for day in found.values():
        for one in day.bouts:
            local = moment(one.bout.start) + one.bout.off * MINUTE
            assert local.date() == day.date or one.bout.off in (60, 120)


def test_a_history_that_is_read_in_parts_is_the_same_as_one_read_at_once() -> None:
    first = date(2026, 1, 1)
    last = first + (3 * CHUNK_DAYS) * DAY
    history = person(first, last)
    whole = made(history, first, last)
    for number, (day, found) in enumerate(whole.items()):
        assert day == first + number * DAY
        if number % 29 == 0:
            assert made(history, day, day)[day] == found


def test_days_from_the_file_are_those_of_the_events(tmp_path: Path) -> None:
    first, last = date(2026, 3, 23), date(2026, 4, 5)  # the clocks are set on 29 March
    history = person(first, last)
    with open_history(write_history(tmp_path, events(history))) as file:
        found = days(reader(file), Period("all", first, last), WallTime(BERLIN))
        for day, expected in zip(found, made(history, first, last).values(), strict=True):
            assert day.pieces == expected.pieces
            assert day.bouts == expected.bouts
            assert day.exercises == expected.exercises


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("day", "2026-11-26", "2026-11-26"),
        ("week", "2026-11-23", "2026-11-29"),
        ("month", "2026-11-01", "2026-11-30"),
        ("year", "2026-01-01", "2026-12-31"),
        ("all", "2024-05-06", "2026-11-26"),
    ],
)
def test_a_period_is_the_calendars(name: str, first: str, last: str) -> None:
    period = Period.of(name, date(2026, 11, 26), date(2024, 5, 6))  # type: ignore[arg-type]
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@given(st.sampled_from(("day", "week", "month", "year")), st.dates(date(1971, 1, 1)))
@examples(200)
def test_the_period_before_ends_where_this_one_begins(name: str, day: date) -> None:
    period = Period.of(name, day, day)  # type: ignore[arg-type]
    before = period.before()
    assert before is not None
    assert before.last + DAY == period.first <= day <= period.last
    assert before == Period.of(before.name, before.first, day)


def test_nothing_is_before_the_whole_history() -> None:
    assert Period.of("all", date(2026, 11, 26), date(2024, 5, 6)).before() is None
