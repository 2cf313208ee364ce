"""Exercises after the service was killed."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.restarted_machine import Machine, minutes
from support.timeline import ONLY_STRETCH
from unsit.core.inputs import FinishExercise, Input, PaceExercise


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    yield Machine(tmp_path, programme=ONLY_STRETCH)
    for thread in threading.enumerate():
        if thread.name == "disk":
            thread.join()


def feed(machine: Machine, what: Input) -> None:
    machine.service.chair.decider.feed(what)


def state(machine: Machine) -> dict[str, Any]:
    """Return the state message of the last service."""
    state = machine.service._state()
    return {key: state[key] for key in state if key.startswith("exercise")}


def test_a_service_that_is_killed_while_it_paces_stops_and_still_owes_the_exercise(
    machine: Machine,
) -> None:
    script = (
        (minutes(1), lambda: feed(machine, FinishExercise("stretch"))),
        (minutes(2), lambda: feed(machine, PaceExercise())),
    )
    machine.run(minutes(3), sits=False, script=script)
    assert state(machine)["exercise_paced"] == "the stretch"
    assert state(machine)["exercise_stage"] == "switch side"
    assert state(machine)["exercise_side"] == "right"

    machine.clock.pass_time(minutes(0.5))
    machine.run(minutes(10))
    assert machine.types()[-2:] == ["exercise_started", "service_started"]
    assert state(machine)["exercise_paced"] is None
    assert state(machine)["exercises_done_today"] == 1
    assert state(machine)["exercises_owed_today"] == 1


def test_an_exercise_that_was_offered_before_a_kill_can_be_said_to_be_done_after_it(
    machine: Machine,
) -> None:
    machine.run(minutes(31), sits=True)
    machine.run(minutes(1), sits=False, sits_at_first=True)
    assert machine.types()[-1] == "exercise_due"
    assert state(machine)["exercise_offered"] == "the stretch"

    machine.run(minutes(1), script=((minutes(0.5), lambda: feed(machine, FinishExercise())),))
    assert "exercise_done" in machine.types()
    assert state(machine)["exercise_offered"] is None


def test_what_was_done_counts_until_midnight_though_the_service_was_away_over_it(
    machine: Machine,
) -> None:
    done = ((minutes(1), lambda: feed(machine, FinishExercise("stretch"))),)
    machine.run(minutes(2), sits=False, script=done)
    machine.clock.pass_time(minutes(11 * 60))
    machine.run(minutes(1))
    assert state(machine)["exercises_done_today"] == 1

    machine.clock.pass_time(minutes(60))
    machine.run(minutes(1))
    assert state(machine)["exercises_done_today"] == 0
    assert state(machine)["exercises_owed_today"] == 2
    assert state(machine)["exercise"] == "the stretch"
