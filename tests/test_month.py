"""A month of a real wearer's sitting: what the chair does in it, and what it never does."""

from functools import cache
from pathlib import Path

import pytest

import month
from month import CHAIRS, Lived

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lives(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lived]:
    return lived(recordings, tmp_path_factory.mktemp("month"))


@cache
def lived(recordings: Path, folder: Path) -> dict[str, Lived]:
    stretches = month.month_of(recordings)
    return {name: month.live(stretches, settings, folder) for name, settings in CHAIRS.items()}


@pytest.mark.parametrize("chair", CHAIRS)
def test_the_chair_sounds_every_day_and_never_within_a_minute_nor_on_an_empty_seat(
    lives: dict[str, Lived], chair: str
) -> None:
    one = lives[chair]

    assert len(one.sounds) > month.DAYS * month.WEEKS
    assert one.too_near == 0
    assert one.on_an_empty_seat == 0


def test_it_never_sounds_outside_the_hours(lives: dict[str, Lived]) -> None:
    assert lives["in office hours"].outside_hours == 0
    assert not all(map(month.in_office_hours, lives["as it comes"].sounds))


def test_the_silent_reminders_are_those_of_the_hours(lives: dict[str, Lived]) -> None:
    calls = [len(one.of("move_due")) for one in lives.values()]

    assert len(set(calls)) == 1


def test_the_table_of_the_docs_is_that_of_the_month(lives: dict[str, Lived]) -> None:
    page = (ROOT / "service" / "README.md").read_text(encoding="utf-8")

    assert month.table(lives) in page
