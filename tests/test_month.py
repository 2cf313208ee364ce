"""A month of sitting, generated and real, and the sounds of the chair in it."""

from pathlib import Path

import pytest

from support import month
from support.month import CHAIRS, ReplayedMonth, Stretch

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReplayedMonth]:
    return replayed(month.month_of(recordings), tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def generated_months(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReplayedMonth]:
    return replayed(month.generated_month(), tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module", params=["generated_months", "real"])
def months(request: pytest.FixtureRequest) -> dict[str, ReplayedMonth]:
    found: dict[str, ReplayedMonth] = request.getfixturevalue(request.param)
    return found


def replayed(stretches: list[Stretch], folder: Path) -> dict[str, ReplayedMonth]:
    return {
        name: month.replay_month(stretches, settings, folder) for name, settings in CHAIRS.items()
    }


@pytest.mark.parametrize("chair", CHAIRS)
def test_the_chair_sounds_daily_but_not_within_a_minute_or_on_an_empty_seat(
    months: dict[str, ReplayedMonth], chair: str
) -> None:
    result = months[chair]

    assert len(result.sounds) > month.DAYS * month.WEEKS
    assert result.too_near == 0
    assert result.on_an_empty_seat == 0


def test_no_sound_is_outside_the_hours(months: dict[str, ReplayedMonth]) -> None:
    assert months["in office hours"].outside_hours == 0
    assert not all(map(month.in_office_hours, months["at all hours"].sounds))


def test_hours_do_not_change_the_number_of_calls(months: dict[str, ReplayedMonth]) -> None:
    calls = [len(result.of("move_due")) for result in months.values()]

    assert len(set(calls)) == 1


def test_the_documented_table_is_the_replayed_one(real: dict[str, ReplayedMonth]) -> None:
    page = (ROOT / "service" / "rules.md").read_text(encoding="utf-8")

    assert month.table(real) in page
