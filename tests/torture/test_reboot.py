"""A service that is killed with its machine, and comes back to another boot and a clock behind."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from boots import are_possible
from conftest import missing
from torture.lane import FAKETIME, PATIENCE, Lane

pytestmark = pytest.mark.broker

NIGHT = 36_000.0
"""Seconds for which the machine was off and its clock, which is behind, does not know of."""


@pytest.fixture
def lane(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Lane]:
    if not FAKETIME.exists():
        missing("libfaketime is not installed")
    if not are_possible(tmp_path):
        missing("no boots of our own: root is needed")
    lane = Lane(1, 0, tmp_path / "lane", bouncy=False, steps_clock=True)
    yield lane
    lane.close()


def first(lane: Lane, kind: str, number: int = 1) -> dict[str, Any]:
    """The event of a kind that came first, or as so many-th."""

    def of_kind() -> list[dict[str, Any]]:
        return [record for record in lane.collector.log if record["type"] == kind]

    assert lane.collector.wait(lambda: len(of_kind()) >= number, PATIENCE), f"no {kind}"
    return of_kind()[number - 1]


def test_a_bout_goes_on_over_a_reboot_that_is_shorter_than_a_break(lane: Lane) -> None:
    lane.start_service()
    lane.sit(pressed=True)
    started = first(lane, "bout_started")
    lane.kill_service()
    lane.reboot()
    lane.start_service()
    first(lane, "service_started", 2)
    lane.sit(pressed=False)

    ended = first(lane, "bout_ended")
    assert "cut" not in ended
    assert abs(date(ended["started"]) - date(started["at"])) < 0.5


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_night_that_the_clock_knows_of_late_parts_the_bout(lane: Lane, restarts: int) -> None:
    lane.start_service()
    lane.sit(pressed=True)
    started = first(lane, "bout_started")
    lane.kill_service()
    lane.reboot()
    for number in range(restarts + 1):
        lane.start_service()
        first(lane, "service_started", 2 + number)
        if number < restarts:
            lane.kill_service()
    lane.set_clock(NIGHT)
    lane.sit(pressed=False)

    cut, ended = first(lane, "bout_ended"), first(lane, "bout_ended", 2)
    assert cut["cut"]
    assert abs(date(cut["started"]) - date(started["at"])) < 0.5
    assert date(cut["ended"]) <= date(started["at"]) + PATIENCE
    assert "cut" not in ended
    assert date(ended["started"]) > date(started["at"]) + NIGHT
    assert ended["duration_s"] < PATIENCE


def date(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
