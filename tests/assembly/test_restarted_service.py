"""A service that was killed, and its successor."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from support.restarted_machine import SETTINGS, Machine, minutes
from unsit.core.inputs import Hold
from unsit.settings.model import SittingSettings


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    yield Machine(tmp_path)
    for thread in threading.enumerate():
        if thread.name == "disk":
            thread.join()


def set_forward(machine: Machine, by: float) -> None:
    """Set the wall clock forward by a number of minutes."""
    machine.clock.date += minutes(by)


def test_a_bout_goes_on_over_a_kill_and_comes_due_as_if_nothing_had_happened(
    machine: Machine,
) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.pass_time(minutes(1))
    machine.run(minutes(10), sits=True)

    assert machine.types() == ["service_started", "bout_started", "service_started", "move_due"]
    assert machine.records[-1]["at"].startswith("2026-11-24T12:30:00.000")
    assert machine.records[-1]["bout_s"] == 1800
    assert [record["seq"] for record in machine.records] == [1, 2, 3, 4]


@pytest.mark.parametrize("step", [minutes(-1e6), minutes(1e6)])
def test_within_a_boot_the_wall_clock_has_no_say(machine: Machine, step: timedelta) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.pass_time(minutes(1))
    machine.clock.date += step
    machine.run(minutes(10), sits=True)

    assert machine.types() == ["service_started", "bout_started", "service_started", "move_due"]
    assert machine.records[-1]["bout_s"] == 1800


def test_no_reminder_is_repeated(machine: Machine) -> None:
    machine.run(minutes(31), sits=True)
    for _ in range(3):
        machine.clock.pass_time(minutes(0.5))
        machine.run(minutes(0.5), sits=True)
    machine.run(minutes(2), sits=True)

    reminders = [record for record in machine.records if "reminder" in record]
    assert [(record["type"], record["reminder"]) for record in reminders] == [
        ("move_due", 1),
        ("move_reminder", 2),
    ]


def test_after_longer_than_a_break_the_bout_ends_where_it_was_last_known(machine: Machine) -> None:
    machine.run(minutes(20.5), sits=True)
    machine.clock.pass_time(minutes(5))
    machine.run(minutes(1), sits=True)

    ended = machine.records[3]
    assert machine.types()[2:] == ["service_started", "bout_ended", "bout_started"]
    assert ended["cut"] is True
    assert ended["duration_s"] == ended["seated_s"] == 1200
    assert ended["ended"].startswith("2026-11-24T12:20:00.000")


def test_an_absence_shorter_than_a_break_cuts_nothing_however_short_a_break_is(
    tmp_path: Path,
) -> None:
    settings = replace(SETTINGS, sitting=SittingSettings(min_break=minutes(0.5)))
    machine = Machine(tmp_path, settings)
    machine.run(minutes(20.9), sits=True)
    machine.clock.pass_time(minutes(0.2))
    machine.run(minutes(1))

    assert machine.types() == ["service_started", "bout_started", "service_started"]


def test_over_a_reboot_the_wall_clock_decides(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(1), wall=minutes(1))
    machine.run(minutes(9), sits=True)
    assert machine.types() == ["service_started", "bout_started", "service_started", "move_due"]
    assert machine.records[-1]["bout_s"] == 1800

    machine.clock.reboot(minutes(60), wall=minutes(60))
    machine.run(minutes(1), sits=True)
    ended = machine.records[-2]
    assert machine.types()[-2:] == ["bout_ended", "bout_started"]
    assert (ended["cut"], ended["duration_s"], ended["reminders"]) == (True, 1800, 1)


def test_a_clock_that_is_behind_what_is_known_cuts_nothing(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(1), wall=minutes(-600))
    machine.run(minutes(5), sits=True)

    assert machine.types() == ["service_started", "bout_started", "service_started"]


def test_a_clock_that_is_corrected_after_a_reboot_cuts_what_it_should_have_cut(
    machine: Machine,
) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(600), wall=minutes(-10))

    machine.run(minutes(5), script=[(minutes(1.5), lambda: set_forward(machine, 610))])

    ended = next(event for event in machine.records if event["type"] == "bout_ended")
    assert machine.types()[3:] == ["clock_stepped", "bout_ended", "bout_started"]
    assert (ended["cut"], ended["duration_s"]) == (True, 1200)
    assert ended["ended"].startswith("2026-11-24T12:20:00.000")
    assert machine.records[-1]["at"].startswith("2026-11-24T22:20")


def test_a_clock_that_is_corrected_by_less_than_a_break_cuts_nothing(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(1), wall=minutes(0.5))

    machine.run(minutes(5), script=[(minutes(1.5), lambda: set_forward(machine, 0.5))])

    assert machine.types()[3:] == ["clock_stepped"]


def test_a_second_restart_before_the_clock_is_corrected_forgets_nothing(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(600), wall=minutes(-10))
    machine.run(minutes(1))
    machine.clock.pass_time(minutes(0.5))

    machine.run(minutes(5), script=[(minutes(1.5), lambda: set_forward(machine, 610))])

    ended = next(event for event in machine.records if event["type"] == "bout_ended")
    assert machine.types()[4:] == ["clock_stepped", "bout_ended", "bout_started"]
    assert (ended["cut"], ended["duration_s"]) == (True, 1200)
    assert ended["ended"].startswith("2026-11-24T12:20:00.000")
    assert machine.records[-1]["at"].startswith("2026-11-24T22:20")


def test_a_clock_that_is_corrected_while_the_service_is_away_counts(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.reboot(minutes(600), wall=minutes(-10))
    machine.run(minutes(1))
    set_forward(machine, 610)
    machine.clock.pass_time(minutes(0.5))

    machine.run(minutes(5))

    ended = next(event for event in machine.records if event["type"] == "bout_ended")
    assert machine.types()[4:] == ["bout_ended", "bout_started"]
    assert (ended["cut"], ended["duration_s"]) == (True, 1200)
    assert ended["ended"].startswith("2026-11-24T12:20:00.000")


def test_yesterday_is_not_today_on_a_machine_that_was_off_at_night_and_has_no_clock(
    machine: Machine,
) -> None:
    machine.run(minutes(20), sits=True)
    machine.run(minutes(30), sits=False)
    machine.clock.reboot(minutes(900), wall=minutes(1))
    machine.run(minutes(1.5), script=[(minutes(1), lambda: set_forward(machine, 900))])
    assert machine.seated_today() == 0

    machine.run(minutes(20), sits=True)
    machine.run(minutes(1), sits=False)
    assert machine.seated_today() == 20 * 60
    assert "break_ended" not in machine.types()


def test_the_hold_of_a_person_ends_at_its_date_over_a_reboot(machine: Machine) -> None:
    held = Hold("asked", minutes(60))
    machine.run(
        minutes(20), script=[(minutes(10), lambda: machine.service.chair.decider.feed(held))]
    )
    machine.clock.reboot(minutes(600), wall=minutes(0))

    machine.run(minutes(5), script=[(minutes(1.5), lambda: set_forward(machine, 600))])

    assert machine.types()[-2:] == ["clock_stepped", "hold_ended"]


def test_a_person_who_left_and_returned_during_the_downtime_was_not_away(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.pass_time(minutes(1))
    machine.run(minutes(1), sits=False, sits_at_first=False)
    machine.run(minutes(5), sits=False)

    assert machine.types()[3:] == ["stood_up", "service_started", "bout_ended"]
    assert machine.records[-1]["duration_s"] == 21 * 60


def test_bouts_that_ended_before_a_restart_count_for_the_day(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.run(minutes(5), sits=False)
    machine.run(minutes(1))

    assert machine.seated_today() == 20 * 60


def test_the_day_so_far_is_not_forgotten(machine: Machine) -> None:
    machine.run(minutes(20), sits=True)
    machine.clock.pass_time(minutes(1))
    machine.run(minutes(10), sits=False, sits_at_first=True)

    assert machine.seated_today() == 21 * 60
