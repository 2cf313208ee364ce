"""Measures of reports against a second computation with numpy and pandas, on whole recordings."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.fixtures import missing
from support.replayed import records_of, replayed
from support.sample_history import write_history
from unsit.history.store import History, open_history
from unsit.report.days import Day, Period, days, moment, reader
from unsit.report.measures import Tally
from unsit.runtime.clock import WallTime

try:
    from measures import formulas
except ImportError:
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

RECORDINGS = (
    ("activpal_lyden/sit_7_1_edges.csv", "UTC"),
    ("activpal_lyden/sit_7_2_edges.csv", "UTC"),
    ("activpal_palkitchen/sit_Test1-EventsEx_edges.csv", "UTC"),
    ("activpal_palkitchen/sit_Test_Events_edges.csv", "UTC"),
    ("office-week.csv", "UTC"),
    ("home-week.csv.gz", "UTC"),
    ("spring.csv", "Europe/Berlin"),
    ("autumn.csv", "Europe/Berlin"),
    ("night.csv", "Asia/Kathmandu"),
)

PRECISION = 1e-9


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not IS_INSTALLED:
        missing("numpy and pandas are missing; run: make measures")


@pytest.fixture
def history(recording: Path, tmp_path: Path) -> Iterator[History]:
    """Return the history of a recording that the chair has replayed, with no dwell."""
    records, _ = records_of(replayed(recording, (0, 0)))
    with open_history(write_history(tmp_path, records)) as history:
        yield history


def days_of(history: History, zone: str) -> list[Day]:
    first, last = (moment(at).date() for at in history.extent() or (0, 0))
    period = Period("all", first - timedelta(days=1), last + timedelta(days=1))
    return list(days(reader(history), period, WallTime(ZoneInfo(zone))))


@pytest.mark.parametrize(("name", "zone"), RECORDINGS)
def test_the_measures_are_those_of_the_formulas(
    history: History, recording: Path, zone: str
) -> None:
    tally = Tally(1800)
    for day in days_of(history, zone):
        tally.add(day)
    found = {one.key: (one.value, one.of) for one in tally.measures()}
    expected = formulas.measures(formulas.read(recording, zone))
    for key, (value, of) in expected.items():
        if value is None:
            assert found[key][0] is None, key
        else:
            assert found[key][0] == pytest.approx(value, rel=PRECISION, abs=PRECISION), key
        assert of is None or found[key][1] == of, key
    assert found.keys() - expected.keys() == {
        *("days_watched", "watched_s", "exercises_done"),  # of no paper
        *("over_move_after", "over_move_after_share"),  # the same as prolonged at 30 min
    }


@pytest.mark.parametrize(("name", "zone"), RECORDINGS)
def test_each_day_has_the_sitting_and_the_bouts_of_its_date(
    history: History, recording: Path, zone: str
) -> None:
    found = {day.date: day for day in days_of(history, zone)}
    sitting = formulas.read(recording, zone)
    seated = formulas.by_day(sitting)
    assert {day: one.seated_ms for day, one in found.items() if one.pieces} == seated
    bouts = sitting.bouts.groupby("day").size()
    assert {day: len(one.bouts) for day, one in found.items() if one.bouts} == dict(bouts)
