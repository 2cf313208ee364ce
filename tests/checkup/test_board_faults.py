"""Faults of the board: planted in a root of its own, with /proc and /sys as the kernel has them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.fixtures import missing
from support.planted_faults import faultless, finding_of, write
from support.remedies import Cure
from unsit.checkup.board import (
    MODEL,
    RELEASE,
    THROTTLED,
    check_board,
    check_clock,
    check_sleep,
)
from unsit.checkup.findings import Fault, Finding
from unsit.checkup.machine import Machine

Put = Callable[..., None]
StandIn = Callable[[str, str], None]


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


def test_a_machine_that_is_no_raspberry_pi_is_named_until_its_chip_is(
    cure: Cure, zero_2_w: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    zero_2_w.path(MODEL).unlink()
    write(zero_2_w.path("/dev/gpiochip0"), "")

    def check() -> list[Finding]:
        return list(check_board(zero_2_w))

    def name_chip() -> None:
        monkeypatch.setenv("GPIOZERO_GPIOD_CHIP", "/dev/gpiochip0")

    cure.by_hand(Fault.NO_PI, check, "name the chip: GPIOZERO_GPIOD_CHIP=/dev/gpiochip0", name_chip)

    assert "names its chip, /dev/gpiochip0" in check()[0].words
    monkeypatch.setenv("GPIOZERO_GPIOD_CHIP", "/dev/gpiochip7")
    finding_of(Fault.NO_PI, check())


def test_a_kernel_without_line_requests_is_named_until_a_newer_one_runs(
    cure: Cure, zero_2_w: Machine, stand_in: StandIn, tmp_path: Path
) -> None:
    write(zero_2_w.path(RELEASE), "5.4.83-v7l+\n")
    lists, kernel = tmp_path / "lists", tmp_path / "kernel"
    stand_in("apt", f"[ $1 = update ] && touch {lists} || (test -e {lists}; echo 6.12 > {kernel})")
    stand_in("reboot", f"cp {kernel} {zero_2_w.path(RELEASE)}")

    finding = cure.by_command(Fault.OLD_KERNEL, lambda: check_board(zero_2_w))

    assert "Linux 5.4.83-v7l+, expected 5.10 or newer; update the system" in str(finding)


@pytest.mark.parametrize(("bits", "when"), [("50005", "too low now"), ("50000", "too low since")])
def test_a_supply_that_was_too_weak_is_named_until_the_machine_starts_with_a_better_one(
    cure: Cure, zero_2_w: Machine, stand_in: StandIn, bits: str, when: str
) -> None:
    write(zero_2_w.path(THROTTLED), f"{bits}\n")
    stand_in("reboot", f"echo 0 > {zero_2_w.path(THROTTLED)}")  # the firmware forgets only then

    finding = cure.by_command(Fault.UNDERVOLTAGE, lambda: check_board(zero_2_w))

    assert when in finding.words or when in finding.words.replace("was ", "")
    assert "5 V and 2.5 A" in str(finding)


def test_the_firmware_s_program_reports_the_supply_if_sys_does_not(
    zero_2_w: Machine, program: Put
) -> None:
    zero_2_w.path(THROTTLED).unlink()
    program("vcgencmd", "throttled=0x50000")

    finding_of(Fault.UNDERVOLTAGE, check_board(zero_2_w))


@pytest.mark.parametrize("bits", ["4", "8", "80000", "40000"])
def test_a_board_that_slows_itself_down_for_its_heat_is_named_until_it_starts_cool(
    cure: Cure, zero_2_w: Machine, stand_in: StandIn, bits: str
) -> None:
    write(zero_2_w.path(THROTTLED), f"{bits}\n")
    stand_in("reboot", f"echo 0 > {zero_2_w.path(THROTTLED)}")

    assert "air" in str(cure.by_command(Fault.TOO_HOT, lambda: check_board(zero_2_w)))


SYNCHRONISED = "echo NTPSynchronized=yes"


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ("NTP=no CanNTP=yes", Fault.CLOCK_OFF),
        ("NTP=no CanNTP=no", Fault.CLOCK_UNSERVED),
    ],
)
def test_a_clock_that_nothing_sets_is_named_with_what_is_missing(
    cure: Cure, stand_in: StandIn, tmp_path: Path, properties: str, fault: Fault
) -> None:
    served = tmp_path / "served"
    unserved = f"echo NTPSynchronized=no; printf '%s\\n' {properties}"
    stand_in("apt", f'[ "$*" != "install systemd-timesyncd" ] || touch {served}')
    stand_in(
        "timedatectl",
        f"[ $1 = show ] || touch {served}; [ -e {served} ] && {SYNCHRONISED} || ({unserved})",
    )

    cure.by_command(fault, lambda: check_clock(Machine(tmp_path)))


def test_a_clock_that_waits_for_its_server_is_named_until_the_server_answers(
    cure: Cure, program: Put, tmp_path: Path
) -> None:
    program("timedatectl", "NTPSynchronized=no\nNTP=yes\nCanNTP=yes")

    cure.by_hand(
        Fault.CLOCK_UNSYNCHRONISED,
        lambda: check_clock(Machine(tmp_path)),
        "let this machine reach a time server",
        lambda: program("timedatectl", "NTPSynchronized=yes"),
    )


def test_a_clock_that_is_set_is_fine(program: Put, tmp_path: Path) -> None:
    program("timedatectl", "NTPSynchronized=yes")

    words = [finding.words for finding in faultless(check_clock(Machine(tmp_path)))]
    assert words == ["synchronised"]


def test_a_clock_that_is_earlier_than_the_state_is_named_with_both_dates(
    cure: Cure, program: Put, stand_in: StandIn, tmp_path: Path
) -> None:
    """A stand-in for `date` dates the state back instead of setting the clock of this machine."""
    program("timedatectl", "NTPSynchronized=yes")
    file = write(tmp_path / "state" / "state.sqlite", "")
    later = time.time() + 86400
    os.utime(file, (later, later))
    now, date = time.time(), shutil.which("date")
    set_to = f'$({date} "--date=${{1#--set=}}" +%s)'
    stand_in("date", f"touch --date=@$(({later + now:.0f} - {set_to})) {file}")

    finding = cure.by_command(
        Fault.CLOCK_BEHIND, lambda: check_clock(Machine(tmp_path), file.parent)
    )

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
    cure: Cure,
    program: Put,
    stand_in: StandIn,
    tmp_path: Path,
    release: str,
    zone: str,
    package: str,
) -> None:
    program("timedatectl", "NTPSynchronized=yes")
    machine = Machine(tmp_path)
    write(machine.path("/etc/os-release"), f'VERSION_ID="{release}"\n')
    machine.path("/etc/localtime").symlink_to(f"/usr/share/zoneinfo/{zone}")

    file = write(machine.path(f"/usr/share/zoneinfo/{zone}"), "TZif2")
    packed = file.rename(tmp_path / "packed")
    stand_in("apt", f'[ "$*" != "install {package}" ] || cp {packed} {file}')

    finding = cure.by_command(Fault.ZONE_MISSING, lambda: check_clock(machine))

    assert finding.words == f"no data for the zone {zone}: the clock shows UTC"


def test_a_machine_that_was_suspended_is_named_until_it_may_sleep_no_more(
    cure: Cure, stand_in: StandIn, tmp_path: Path
) -> None:
    seconds = "import time as t; print(t.clock_gettime(t.CLOCK_BOOTTIME) - t.monotonic())"
    asleep = ("unshare", "--time", "--boottime", "7200", sys.executable, "-S", "-c", seconds)
    ended = subprocess.run(asleep, capture_output=True, text=True)
    if ended.returncode != 0:
        missing("this user may not make a time namespace; run as root")

    masked = tmp_path / "masked"
    loaded = f"[ -e {masked} ] && echo LoadState=masked || echo LoadState=loaded"
    stand_in("systemctl", f"case $* in 'mask sleep.target '*) touch {masked};; *) {loaded};; esac")

    slept = float(ended.stdout)
    finding = cure.by_command(Fault.MACHINE_SLEPT, lambda: check_sleep(Machine(tmp_path), slept))

    assert finding.words == "suspended for 120 min since the start"
    faultless(check_sleep(Machine(tmp_path), 0.0))


def test_without_systemd_the_kernel_reports_the_clock(program: Put, tmp_path: Path) -> None:
    program("timedatectl", "Failed to connect to bus", 1)

    [finding] = check_clock(Machine(tmp_path))

    assert finding.words in ("synchronised", "not synchronised")
