"""A machine that sleeps (suspend): nobody saw the seat, as during a restart."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.restarted_machine import SETTINGS, Machine, MachineClock
from unsit.assembly.cells import SimulatedSeat, steadily
from unsit.core.inputs import Hold
from unsit.core.instant import ZERO
from unsit.runtime.clock import LiveClock
from unsit.settings.model import SeatSettings
from unsit_firmware.recording import GRAMS, Columns


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_night_asleep_ends_the_bout_where_it_began_and_calls_nobody(machine: Machine) -> None:
    machine.run(
        minutes(12 * 60),
        sits=True,
        script=[(minutes(20), lambda: machine.clock.sleep(minutes(12 * 60 - 25)))],
    )

    *_, ended, again = machine.records
    assert machine.types() == ["service_started", "bout_started", "bout_ended", "bout_started"]
    assert (ended["cut"], ended["duration_s"]) == (True, 1200)
    assert datetime.fromisoformat(again["at"]) == machine.clock.date - minutes(5)
    assert machine.beeps == 0


def test_a_nap_shorter_than_a_break_changes_nothing(machine: Machine) -> None:
    machine.run(
        minutes(36), sits=True, script=[(minutes(20), lambda: machine.clock.sleep(minutes(1.5)))]
    )

    due, reminder = machine.records[2:]
    assert machine.types()[2:] == ["move_due", "move_reminder"]
    assert (due["bout_s"], reminder["bout_s"]) == (1800, 2100)


def test_a_deadline_within_a_sleep_as_long_as_a_break_never_comes(machine: Machine) -> None:
    machine.run(
        minutes(40), sits=True, script=[(minutes(29), lambda: machine.clock.sleep(minutes(3)))]
    )

    assert machine.types()[2:] == ["bout_ended", "bout_started"]


def test_a_person_who_left_during_the_sleep_is_gone(machine: Machine) -> None:
    def sleep_and_leave() -> None:
        machine.clock.sleep(minutes(60))
        machine.sit(False)

    machine.run(minutes(90), sits=True, script=[(minutes(20), sleep_and_leave)])

    ended = machine.records[2]
    assert machine.types()[2:] == ["bout_ended"]
    assert ended["duration_s"] == 1200


def test_a_sleep_is_no_step_of_the_clock_and_a_hold_ends_on_time(machine: Machine) -> None:
    def hold() -> None:
        until = machine.clock.now() + minutes(60)
        machine.service.chair.decider.feed(Hold("meeting", until))

    machine.run(
        minutes(90),
        script=[(minutes(1), hold), (minutes(2), lambda: machine.clock.sleep(minutes(30)))],
    )

    ended = next(record for record in machine.records if record["type"] == "hold_ended")
    held = next(record for record in machine.records if record["type"] == "hold_started")
    lasted = datetime.fromisoformat(ended["at"]) - datetime.fromisoformat(held["at"])
    assert lasted == minutes(60)
    assert "clock_stepped" not in machine.types()


class Cells:
    """Machine with a seat on load cells."""

    def __init__(self, folder: Path) -> None:
        clock = MachineClock()
        settings = replace(SETTINGS, seat=SeatSettings(kind="load_cell"))
        self._seat = SimulatedSeat(settings, Columns(GRAMS), clock, steadily, 0)
        self.machine = Machine(folder, settings, clock=clock, make_seat=self._seat.make)

    def put(self, kilograms: float) -> None:
        self._seat.put((kilograms * 1000,))

    def sleep(self, asleep: timedelta, kilograms: float) -> list[dict[str, Any]]:
        """Let a person sit down after a minute and the machine sleep after 20, with a load at its
        end; return the records after those of the start.
        """

        def sleep() -> None:
            self.machine.clock.sleep(asleep)
            self._seat._cells.set_kilograms([kilograms])  # nobody reads them yet

        script = [(minutes(1), lambda: self.put(70)), (minutes(20), sleep)]
        self.machine.run(asleep + minutes(25), script=script)
        assert self.machine.types()[:2] == ["service_started", "bout_started"]
        return self.machine.records[2:]


def test_load_cells_that_slept_a_night_end_the_bout_where_it_began(tmp_path: Path) -> None:
    cells = Cells(tmp_path)
    ended, again = cells.sleep(minutes(600), kilograms=70)

    assert (ended["type"], ended["cut"]) == ("bout_ended", True)
    assert ended["duration_s"] == pytest.approx(19 * 60, abs=3)
    assert again["type"] == "bout_started"
    assert cells.machine.beeps == 0


def test_load_cells_that_slept_less_than_a_break_change_nothing(tmp_path: Path) -> None:
    assert Cells(tmp_path).sleep(minutes(1.5), kilograms=70) == []


def test_load_cells_that_wake_up_empty_show_nobody(tmp_path: Path) -> None:
    cells = Cells(tmp_path)
    [ended] = cells.sleep(minutes(600), kilograms=0)

    assert ended["type"] == "bout_ended"
    assert ended["duration_s"] == pytest.approx(19 * 60, abs=3)


class Kernel:
    """Two clocks of a kernel."""

    def __init__(self) -> None:
        self.awake = minutes(10)
        self.slept = ZERO

    def clock(self) -> LiveClock:
        return LiveClock(lambda: self.awake + self.slept, lambda: self.awake)


def test_a_live_clock_goes_on_while_the_machine_sleeps() -> None:
    kernel = Kernel()
    kernel.slept = minutes(90)
    clock = kernel.clock()
    before, date = clock.now(), clock.wall(clock.now())
    kernel.slept += minutes(480)
    kernel.awake += minutes(1)

    assert clock.now() - before == minutes(481)
    assert clock.slept_since() == before + minutes(1)
    assert clock.slept_since() is None
    assert abs(clock.wall(before) - (date - minutes(481))) < timedelta(seconds=10)


@pytest.mark.parametrize("milliseconds", [0, 1, 900])
def test_clocks_that_are_read_one_after_the_other_are_no_sleep(milliseconds: int) -> None:
    kernel = Kernel()
    clock = kernel.clock()
    kernel.slept += timedelta(milliseconds=milliseconds)

    assert clock.slept_since() is None


def test_the_clocks_of_this_machine_tell_no_sleep() -> None:
    clock = LiveClock()

    assert all(clock.slept_since() is None for _ in range(1000))
