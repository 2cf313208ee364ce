"""A wall clock that is set two hundred times, by up to ten years either way."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from support.restarted_machine import NOON, Machine, minutes

HOURS = 8
STEPS = 200
SITS = [(0, True), (35, False), (36, True), (100, False), (130, True), (200, False), (215, True)]
FIGURES = ("bout_s", "duration_s", "seated_s", "response_s", "away_s", "break_s", "reminder")

Occurrence = tuple[str, dict[str, Any]]


def events_of(state: Path, steps: list[tuple[float, float]]) -> list[Occurrence]:
    """Return the events of some hours. steps: pairs of the second and the size of a step in s."""
    machine = Machine(state)

    def set_clock(by: float) -> None:
        changed = machine.clock.date + timedelta(seconds=by)
        machine.clock.date = min(max(changed, NOON - TEN_YEARS), NOON + TEN_YEARS)

    person = [(minutes(at), lambda seated=seated: machine.sit(seated)) for at, seated in SITS]
    clock = [(timedelta(seconds=at), lambda by=by: set_clock(by)) for at, by in steps]
    machine.run(minutes(60 * HOURS), script=[*person, *clock])
    return [
        (one["type"], {key: one[key] for key in FIGURES if key in one}) for one in machine.records
    ]


TEN_YEARS = timedelta(days=3652)


@pytest.mark.parametrize("seed", range(6))
def test_a_step_makes_only_its_own_event_and_every_duration_is_right(
    seed: int, tmp_path: Path
) -> None:
    chance = Random(seed)
    end, most = HOURS * 3600 - 120, TEN_YEARS.total_seconds()
    steps = [(chance.uniform(1, end), chance.uniform(-most, most)) for _ in range(STEPS)]

    expected = events_of(tmp_path / "still", [])
    stepped = events_of(tmp_path / "stepped", steps)

    assert [event for event in stepped if event[0] != "clock_stepped"] == expected
    assert STEPS / 2 < len(stepped) - len(expected) <= STEPS
