"""Holds by reason in the service: over a kill, and when the wall clock is set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.restarted_machine import Machine, minutes
from unsit.core.inputs import Hold, Holder, HoldMessage

AT_13 = "2026-11-24T13:00:00+00:00"
"""The machine's clock begins at 12:00 UTC of that day."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "state")


def asks(machine: Machine, reason: str, message: str, until: float) -> Callable[[], None]:
    """Return an act that brings the message of a source. until: its end in min of the clock."""
    hold = Hold(reason, minutes(until), Holder.SOURCE, message, retained=True)

    def act() -> None:
        assert machine.service._request(HoldMessage(hold), f"command/hold/{reason}") is None

    return act


def set_by(machine: Machine, by: float) -> Callable[[], None]:
    def act() -> None:
        machine.clock.date += minutes(by)

    return act


def ended_at(machine: Machine) -> list[str]:
    """Return the times of day at which all holds had ended."""
    return [record["at"][11:16] for record in machine.records if record["type"] == "hold_ended"]


def test_a_hold_ends_at_its_date_over_a_kill(machine: Machine) -> None:
    machine.run(minutes(10), script=[(minutes(1), asks(machine, "focus", AT_13, 60))])
    machine.clock.pass_time(minutes(5))
    machine.run(minutes(50))

    assert ended_at(machine) == ["13:00"]


@pytest.mark.parametrize("by", [30, -30])
def test_an_end_with_a_date_follows_the_clock_that_is_set_and_a_duration_does_not(
    machine: Machine, by: float
) -> None:
    setting = (minutes(2), set_by(machine, by))
    machine.run(
        minutes(100),
        script=[(minutes(1), asks(machine, "focus", AT_13, 60)), setting],
    )
    assert ended_at(machine) == ["13:00"]

    other = Machine(machine.file.with_name("other"))
    other.run(
        minutes(100),
        script=[
            (minutes(1), asks(other, "focus", "59m", 60)),
            (minutes(2), set_by(other, by)),
        ],
    )
    assert ended_at(other) == ["13:30" if by > 0 else "12:30"]


def test_a_hold_whose_date_the_set_clock_has_passed_ends_at_once(machine: Machine) -> None:
    machine.run(
        minutes(10),
        script=[
            (minutes(1), asks(machine, "focus", AT_13, 60)),
            (minutes(2), set_by(machine, 120)),
        ],
    )
    [end] = ended_at(machine)
    assert end < "14:05"


def test_a_kill_between_two_starts_of_a_clock_that_was_set_moves_the_end_once(
    machine: Machine,
) -> None:
    machine.run(
        minutes(10),
        script=[
            (minutes(1), asks(machine, "focus", AT_13, 60)),
            (minutes(2), set_by(machine, 20)),
        ],
    )
    machine.run(minutes(5))
    machine.run(minutes(30))

    assert ended_at(machine) == ["13:00"]
