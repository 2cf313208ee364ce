"""Faults of the board: planted in a root of its own, with /proc and /sys as the kernel has them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checkup.planting import named, sound, write
from unsit.checkup.board import MODEL, RELEASE, THROTTLED, check_board
from unsit.checkup.faults import Fault
from unsit.checkup.machine import Machine
from unsit.checkup.wallclock import check_clock

Put = Callable[..., None]


@pytest.fixture
def zero_2_w(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "root")
    write(machine.path(MODEL), "Raspberry Pi Zero 2 W Rev 1.0\0")
    write(machine.path(RELEASE), "6.12.34+rpt-rpi-v8\n")
    write(machine.path(THROTTLED), "0\n")
    write(machine.path("/etc/os-release"), 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
    return machine


def test_a_sound_board_is_named_with_its_system_and_kernel(zero_2_w: Machine) -> None:
    board, kernel, supply = sound(check_board(zero_2_w))

    assert board.words == "Raspberry Pi Zero 2 W Rev 1.0, Debian GNU/Linux 13 (trixie)"
    assert kernel.words == "Linux 6.12.34+rpt-rpi-v8"
    assert "held" in supply.words


def test_a_machine_that_is_no_raspberry_pi_is_named(zero_2_w: Machine) -> None:
    zero_2_w.path(MODEL).unlink()

    finding = named(Fault.NO_PI, check_board(zero_2_w))

    assert "GPIOZERO_GPIOD_CHIP" in str(finding)


def test_a_kernel_without_line_requests_is_named(zero_2_w: Machine) -> None:
    write(zero_2_w.path(RELEASE), "5.4.83-v7l+\n")

    finding = named(Fault.OLD_KERNEL, check_board(zero_2_w))

    assert "Linux 5.4.83-v7l+, expected 5.10 or newer; update the system" in str(finding)


@pytest.mark.parametrize(("said", "when"), [("50005", "too low now"), ("50000", "too low since")])
def test_a_supply_that_was_too_weak_is_named(zero_2_w: Machine, said: str, when: str) -> None:
    write(zero_2_w.path(THROTTLED), f"{said}\n")

    finding = named(Fault.UNDERVOLTAGE, check_board(zero_2_w))

    assert when in finding.words or when in finding.words.replace("was ", "")
    assert "5 V and 2.5 A" in str(finding)


def test_the_firmware_s_program_tells_of_the_supply_where_sys_does_not(
    zero_2_w: Machine, program: Put
) -> None:
    zero_2_w.path(THROTTLED).unlink()
    program("vcgencmd", "throttled=0x50000")

    named(Fault.UNDERVOLTAGE, check_board(zero_2_w))


def test_a_clock_that_nothing_sets_is_named(program: Put) -> None:
    program("timedatectl", "NTPSynchronized=no")

    finding = named(Fault.CLOCK_UNSYNCHRONISED, check_clock(Machine()))

    assert finding.mend == "sudo timedatectl set-ntp true"


def test_a_clock_that_is_set_is_fine(program: Put) -> None:
    program("timedatectl", "NTPSynchronized=yes")

    assert [finding.words for finding in sound(check_clock(Machine()))] == ["synchronised"]


def test_without_systemd_the_kernel_is_asked_about_the_clock(program: Put) -> None:
    program("timedatectl", "Failed to connect to bus", 1)

    [finding] = check_clock(Machine())

    assert finding.words in ("synchronised", "not synchronised")
