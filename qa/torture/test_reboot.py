"""Restarts of the machine: the service is killed and starts in a boot whose clock is behind."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from support.fake_boots import are_possible
from support.fixtures import missing
from torture.lane import TIMEOUT_S, Lane

pytestmark = pytest.mark.broker

MIN_BREAK = 300.0
"""Seconds; no restart takes that long, however busy the machine is."""

NIGHT = 36_000.0
"""Seconds that the machine was off, which its wall clock learns only after the start."""

SAME_INSTANT = 2.0
"""Seconds between the dates that two processes on a busy machine give to one instant, at most."""


@pytest.fixture
def lane(mosquitto_is_here: None, tmp_path: Path) -> Iterator[Lane]:
    if not shutil.which("cc"):
        missing("there is no C compiler; sudo apt install gcc")
    if not are_possible(tmp_path):
        missing("this user may not make time namespaces; run as root")
    settings = (f"sitting.min_break={MIN_BREAK}",)
    lane = Lane(1, 0, tmp_path / "lane", bouncy=False, steps_clock=True, settings=settings)
    yield lane
    lane.close()


def event(lane: Lane, kind: str, number: int = 1) -> dict[str, Any]:
    """Wait for the n-th event of a type and return it."""

    def has_come() -> bool:
        return len(events(lane, kind)) >= number

    assert lane.collector.wait(has_come, TIMEOUT_S), f"no {kind}"
    return events(lane, kind)[number - 1]


def events(lane: Lane, kind: str) -> list[dict[str, Any]]:
    """Return the events of a type; a delivery may be repeated after a kill."""
    by_id = {record["id"]: record for record in list(lane.collector.log)}
    return [record for record in by_id.values() if record["type"] == kind]


def state_of_second_service(lane: Lane) -> dict[str, Any]:
    """Wait for a state of the service that was started second, and return it."""
    first, second = (seconds(event(lane, "service_started", number)["at"]) for number in (1, 2))

    def is_of_second() -> bool:
        date = lane.collector.state.get("started_at")
        return date is not None and seconds(date) > (first + second) / 2

    assert lane.collector.wait(is_of_second, TIMEOUT_S), lane.collector.state
    return lane.collector.state


def seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


def test_a_bout_goes_on_over_a_reboot_that_is_shorter_than_a_break(lane: Lane) -> None:
    lane.start_service()
    lane.sit(pressed=True)
    started = event(lane, "bout_started")
    lane.kill_service()
    lane.reboot()
    lane.start_service()

    since = seconds(state_of_second_service(lane)["sitting_since"])
    assert abs(since - seconds(started["at"])) < SAME_INSTANT
    assert len(events(lane, "bout_started")) == 1
    assert events(lane, "bout_ended") == []


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_night_that_the_clock_learns_late_ends_the_bout(lane: Lane, restarts: int) -> None:
    lane.start_service()
    lane.sit(pressed=True)
    started = seconds(event(lane, "bout_started")["at"])
    lane.kill_service()
    lane.reboot()
    for number in range(restarts + 1):
        lane.start_service()
        event(lane, "service_started", 2 + number)
        if number < restarts:
            lane.kill_service()
    lane.set_clock(NIGHT)

    cut, following = event(lane, "bout_ended"), event(lane, "bout_started", 2)
    assert cut["cut"]
    assert abs(seconds(cut["started"]) - started) < SAME_INSTANT
    assert seconds(cut["ended"]) <= started + TIMEOUT_S
    assert seconds(following["at"]) > started + NIGHT
