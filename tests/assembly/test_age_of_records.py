"""Age of records: by the monotonic clock within a boot, and unknown over a reboot."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.mosquitto import LOOPBACK, free_port
from support.restarted_machine import SETTINGS, Machine
from unsit.assembly.memory import open_state
from unsit.core.instant import ZERO
from unsit.mqtt.outbox import Outbox
from unsit.runtime.record import MARK, age, published
from unsit.settings.model import MqttSettings


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine on which a person has sat down a minute ago."""
    settings = replace(SETTINGS, mqtt=MqttSettings(host=LOOPBACK, port=free_port()))
    machine = Machine(tmp_path, settings)
    machine.run(minutes(1), sits=True)
    return machine


def sit_down_waiting(machine: Machine) -> dict[str, Any]:
    """Return the record of the sit-down as it waits for the broker."""
    with closing(open_state(machine.file)) as file:
        waiting = Outbox(file).after(0, 100)
    return next(record for record in waiting if record["type"] == "bout_started")


@pytest.mark.parametrize("step", [ZERO, minutes(-60 * 24 * 400), minutes(60)])
def test_within_a_boot_a_record_is_as_old_as_it_is_wherever_the_wall_clock_is_set(
    machine: Machine, step: timedelta
) -> None:
    machine.clock.date += step

    assert age(sit_down_waiting(machine), machine.clock) == minutes(1)


def test_a_kill_changes_no_age(machine: Machine) -> None:
    machine.clock.pass_time(minutes(2))
    machine.run(minutes(1))

    assert age(sit_down_waiting(machine), machine.clock) == minutes(4)


@pytest.mark.parametrize("wall", [minutes(0), minutes(-600), minutes(1)])
def test_after_a_reboot_no_record_has_an_age_whatever_the_wall_clock_says(
    machine: Machine, wall: timedelta
) -> None:
    machine.clock.reboot(minutes(1), wall=wall)
    machine.run(minutes(1))

    assert age(sit_down_waiting(machine), machine.clock) is None


def test_a_record_of_an_older_version_has_no_age(machine: Machine) -> None:
    record = published(sit_down_waiting(machine))

    assert MARK not in record
    assert age(record, machine.clock) is None


@pytest.mark.parametrize("mark", [None, 5, [], ["one"], ["one", "x"], ["one", 10**15], {"one": 1}])
def test_a_damaged_mark_is_no_age(machine: Machine, mark: Any) -> None:
    assert age({MARK: mark}, machine.clock) is None


def test_nobody_sees_the_mark(machine: Machine) -> None:
    assert all(MARK not in record for record in machine.records)
