"""Faults of the board: planted in a root of its own, with /proc and /sys as the kernel has them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.fixtures import missing
from support.planted_faults import faultless, finding_of, write
from support.remedies import carry_out
from unsit.checkup.board import (
    MODEL,
    RELEASE,
    THROTTLED,
    check_board,
    check_clock,
    check_sleep,
)
from unsit.checkup.findings import Fault
from unsit.checkup.machine import Machine

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
    board, kernel, supply = faultless(check_board(zero_2_w))

    assert board.words == "Raspberry Pi Zero 2 W Rev 1.0, Debian GNU/Linux 13 (trixie)"
    assert kernel.words == "Linux 6.12.34+rpt-rpi-v8"
    assert "held" in supply.words


def test_a_machine_that_is_no_raspberry_pi_is_named(zero_2_w: Machine) -> None:
    zero_2_w.path(MODEL).unlink()

    finding = finding_of(Fault.NO_PI, check_board(zero_2_w))

    assert "GPIOZERO_GPIOD_CHIP" in str(finding)


def test_a_kernel_without_line_requests_is_named(zero_2_w: Machine) -> None:
    write(zero_2_w.path(RELEASE), "5.4.83-v7l+\n")

    finding = finding_of(Fault.OLD_KERNEL, check_board(zero_2_w))

    assert "Linux 5.4.83-v7l+, expected 5.10 or newer; update the system" in str(finding)


@pytest.mark.parametrize(("bits", "when"), [("50005", "too low now"), ("50000", "too low since")])
def test_a_supply_that_was_too_weak_is_named(zero_2_w: Machine, bits: str, when: str) -> None:
    write(zero_2_w.path(THROTTLED), f"{bits}\n")

    finding = finding_of(Fault.UNDERVOLTAGE, check_board(zero_2_w))

    assert when in finding.words or when in finding.words.replace("was ", "")
    assert "5 V and 2.5 A" in str(finding)


def test_the_firmware_s_program_reports_the_supply_if_sys_does_not(
    zero_2_w: Machine, program: Put
) -> None:
    zero_2_w.path(THROTTLED).unlink()
    program("vcgencmd", "throttled=0x50000")

    finding_of(Fault.UNDERVOLTAGE, check_board(zero_2_w))


@pytest.mark.parametrize("bits", ["4", "8", "80000", "40000"])
def test_a_board_that_slows_itself_down_for_its_heat_is_named(zero_2_w: Machine, bits: str) -> None:
    write(zero_2_w.path(THROTTLED), f"{bits}\n")

    assert "air" in str(finding_of(Fault.TOO_HOT, check_board(zero_2_w)))


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ("NTP=no\nCanNTP=yes", Fault.CLOCK_OFF),
        ("NTP=no\nCanNTP=no", Fault.CLOCK_UNSERVED),
        ("NTP=yes\nCanNTP=yes", Fault.CLOCK_UNSYNCHRONISED),
    ],
)
def test_a_clock_that_nothing_sets_is_named_with_what_is_missing(
    program: Put, tmp_path: Path, properties: str, fault: Fault
) -> None:
    program("timedatectl", f"NTPSynchronized=no\n{properties}")

    fix = finding_of(fault, check_clock(Machine(tmp_path))).fix

    if fault is not Fault.CLOCK_UNSYNCHRONISED:  # that needs a server
        program("timedatectl", "NTPSynchronized=yes")
        program("apt", "")
        carry_out(str(fix), tmp_path)
        faultless(check_clock(Machine(tmp_path)))


def test_a_clock_that_is_set_is_fine(program: Put, tmp_path: Path) -> None:
    program("timedatectl", "NTPSynchronized=yes")

    words = [finding.words for finding in faultless(check_clock(Machine(tmp_path)))]
    assert words == ["synchronised"]


def test_a_clock_that_is_earlier_than_the_state_is_named_with_both_dates(
    program: Put, tmp_path: Path
) -> None:
    program("timedatectl", "NTPSynchronized=no")
    file = write(tmp_path / "state" / "state.sqlite", "")
    later = time.time() + 86400
    os.utime(file, (later, later))

    finding = finding_of(Fault.CLOCK_BEHIND, check_clock(Machine(tmp_path), file.parent))

    assert f"{file} is of {time.strftime('%Y-%m-%d', time.localtime(later))}" in finding.words


@pytest.mark.parametrize(
    ("release", "zone", "package"),
    [
        ("12", "Europe/Berlin", "tzdata"),
        ("12", "US/Pacific", "tzdata"),
        ("13", "Europe/Berlin", "tzdata"),
        ("13", "US/Pacific", "tzdata-legacy"),
    ],
)
def test_missing_data_of_a_zone_are_named_with_the_package_of_this_debian(
    program: Put, tmp_path: Path, release: str, zone: str, package: str
) -> None:
    program("timedatectl", "NTPSynchronized=yes")
    machine = Machine(tmp_path)
    write(machine.path("/etc/os-release"), f'VERSION_ID="{release}"\n')
    machine.path("/etc/localtime").symlink_to(f"/usr/share/zoneinfo/{zone}")

    finding = finding_of(Fault.ZONE_MISSING, check_clock(machine))

    assert finding.words == f"no data for the zone {zone}: the clock shows UTC"
    assert finding.fix == f"sudo apt install {package}"
    write(machine.path(f"/usr/share/zoneinfo/{zone}"), "TZif2")  # as the package does
    faultless(check_clock(machine))


def test_a_machine_that_was_suspended_is_named() -> None:
    slept = "import time as t; print(t.clock_gettime(t.CLOCK_BOOTTIME) - t.monotonic())"
    asleep = ("unshare", "--time", "--boottime", "7200", sys.executable, "-S", "-c", slept)
    ended = subprocess.run(asleep, capture_output=True, text=True)
    if ended.returncode != 0:
        missing("this user may not make a time namespace; run as root")

    finding = finding_of(Fault.MACHINE_SLEPT, check_sleep(float(ended.stdout)))

    assert finding.words == "suspended for 120 min since the start"
    assert "systemctl mask" in str(finding)
    faultless(check_sleep(0.0))


def test_without_systemd_the_kernel_reports_the_clock(program: Put, tmp_path: Path) -> None:
    program("timedatectl", "Failed to connect to bus", 1)

    [finding] = check_clock(Machine(tmp_path))

    assert finding.words in ("synchronised", "not synchronised")
