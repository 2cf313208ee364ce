"""Checks of the board, the operating system, the libraries and the wall clock."""

import ctypes
import os
import re
import sys
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from unsit.checkup.findings import Fault, Finding, Findings, fine, found
from unsit.checkup.machine import Interpreter, Machine, apt_install
from unsit.checkup.pins import CHIP_VARIABLE, bus_of_cells
from unsit.errors import printable
from unsit.settings.model import Settings

MODEL = "/proc/device-tree/model"
RELEASE = "/proc/sys/kernel/osrelease"
THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"

KERNEL_MIN = (5, 10)
"""First Linux with version 2 of the GPIO character device, which libgpiod 2 needs."""

VOLTAGE_LOW_NOW, VOLTAGE_WAS_LOW = 1 << 0, 1 << 16
SLOWED_NOW, HOT_NOW, WAS_SLOWED, WAS_HOT = 1 << 2, 1 << 3, 1 << 18, 1 << 19
"""Bits of the firmware's get_throttled (Raspberry Pi documentation, vcgencmd)."""

PYTHON_MIN, PYTHON_TESTED_MAX = (3, 11), (3, 14)

LIBRARY_MIN = {"gpiozero": (2, 0), "paho-mqtt": (2, 1), "gpiod": (2, 2)}
"""Versions that pyproject.toml requires."""

ZONES = "/usr/share/zoneinfo"

REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc"),
    *("Europe", "Indian", "Pacific"),
}
"""First parts of the names that the package tzdata has; since Debian 13 the others are in
tzdata-legacy.
"""

LEGACY_SINCE = 13

BEHIND_MIN_S = 120.0
"""Time (s) by which a clock is earlier than the newest file of state, for it to be named."""

SLEPT_MIN_S = 60.0
"""Time (s) of suspension that is named; the two clocks are not read at one instant."""

TIME_ERROR = 5
"""Result of adjtimex(2) for a clock that is not synchronised."""

TIMEX_SIZE = 512
"""Bytes, more than the kernel's ``struct timex`` needs. All zero reads the clock's state."""


def check_board(machine: Machine) -> Findings:
    """Check the board, the kernel and the supply voltage."""
    model = machine.text(MODEL)
    system = _system(machine)
    if model is None or "Raspberry Pi" not in model:
        yield _other_board(machine, f"{model or 'unknown board'}, {system}")
    else:
        yield fine("board", f"{model}, {system}")
    yield _kernel(machine)
    throttled = _throttled(machine)
    if throttled is not None:
        yield _supply(throttled)
        yield from _heat(throttled)


def _other_board(machine: Machine, words: str) -> Finding:
    """Name a board that is no Raspberry Pi, unless its chip was chosen: then gpiozero serves it."""
    chip = os.environ.get(CHIP_VARIABLE)
    if chip and machine.path(chip).exists():
        return fine("board", f"{words}; {CHIP_VARIABLE} names its chip, {printable(chip)}")
    return found(Fault.NO_PI, "board", words)


def _system(machine: Machine) -> str:
    name = re.search(r'^PRETTY_NAME="?([^"\n]+)', machine.text("/etc/os-release") or "", re.M)
    return name[1] if name else "unknown system"


def _kernel(machine: Machine) -> Finding:
    release = machine.text(RELEASE) or ""
    numbers = re.match(r"(\d+)\.(\d+)", release)
    if numbers and (int(numbers[1]), int(numbers[2])) < KERNEL_MIN:
        return found(Fault.OLD_KERNEL, "kernel", f"Linux {release}, expected 5.10 or newer")
    return fine("kernel", f"Linux {release or 'of an unknown release'}")


def _throttled(machine: Machine) -> int | None:
    """Return the firmware's throttling bits, None if the board has none."""
    bits = machine.text(THROTTLED)
    if bits is None:
        answer = machine.run("vcgencmd", "get_throttled")
        bits = answer.text.partition("=")[2] if answer and answer.code == 0 else ""
    try:
        return int(bits, 16)
    except ValueError:
        return None


def _supply(throttled: int) -> Finding:
    if throttled & (VOLTAGE_LOW_NOW | VOLTAGE_WAS_LOW):
        when = "is too low now" if throttled & VOLTAGE_LOW_NOW else "was too low since the start"
        return found(Fault.UNDERVOLTAGE, "supply", f"the voltage {when} ({throttled:#x})")
    return fine("supply", "the voltage has held since the start")


def _heat(throttled: int) -> Findings:
    """Name a board that slows itself down, which it also does for a low voltage."""
    is_hot = throttled & HOT_NOW or (throttled & SLOWED_NOW and not throttled & VOLTAGE_LOW_NOW)
    was_hot = throttled & WAS_HOT or (throttled & WAS_SLOWED and not throttled & VOLTAGE_WAS_LOW)
    if is_hot or was_hot:
        when = "is too hot" if is_hot else "was too hot since the start"
        yield found(Fault.TOO_HOT, "board", f"the board {when} ({throttled:#x})")


def check_software(settings: Settings) -> Findings:
    """Check the versions of Python and of every library that is needed to run."""
    yield check_python(sys.version_info[:2])
    yield fine("unsit", f"{version('unsit')} in {sys.prefix}")
    for library, least in LIBRARY_MIN.items():
        yield _library(library, least)
    bus = bus_of_cells(settings)
    if bus is not None:
        yield _library(bus.library, (0,))


def check_python(running: tuple[int, int]) -> Finding:
    """Check a version of Python against the supported ones."""
    words = f"Python {running[0]}.{running[1]}"
    if running < PYTHON_MIN:
        return found(Fault.PYTHON_OLD, "python", f"{words}, expected 3.11 to 3.14")
    if running > PYTHON_TESTED_MAX:
        return found(Fault.PYTHON_NEW, "python", f"{words}, tested are 3.11 to 3.14")
    return fine("python", f"{sys.version.split()[0]} at {sys.executable}")


def _library(name: str, least: tuple[int, ...]) -> Finding:
    try:
        installed = version(name)
    except PackageNotFoundError:
        if name == "gpiod":  # lgpio can replace it; the checks of the pins judge that
            return fine(name, "not installed")
        fix = Interpreter.running().install(name)
        return found(Fault.LIBRARY_MISSING, name, "not installed", fix)
    numbers = tuple(int(part) for part in re.findall(r"\d+", installed)[: len(least)])
    if numbers < least:
        expected = ".".join(map(str, least))
        fix = Interpreter.running().install(name, upgrade=True)
        words = f"{installed}, expected {expected} or newer"
        return found(Fault.LIBRARY_OLD, name, words, fix)
    return fine(name, f"{installed}{_c_library(name)}")


def _c_library(name: str) -> str:
    """Return the version of the C library under gpiod, in words."""
    if name != "gpiod":
        return ""
    try:
        api_version = import_module(name).api_version
    except (ImportError, AttributeError):
        return ""  # the checks of the pins judge that
    return f" on libgpiod {api_version}"


def check_clock(machine: Machine, state: Path | None = None) -> Findings:
    """Check that the clock is set, by systemd, or by the kernel without systemd.

    state: directory whose files tell how late it is at least.
    """
    command = ("timedatectl", "show", "--property=NTPSynchronized,NTP,CanNTP")
    by_systemd = machine.properties(*command)
    answer = by_systemd.get("NTPSynchronized")
    is_synchronised = _kernel_is_synchronised() if answer is None else answer == "yes"
    newest = None if state is None else _newest(state)
    if newest is not None and newest[0] - time.time() > BEHIND_MIN_S:
        date, file = newest
        words = f"it is {_date(time.time())}, and {file} is of {_date(date)}"
        fix = f'sudo timedatectl set-ntp true, or sudo date --set="{_date(date)}"'
        yield found(Fault.CLOCK_BEHIND, "clock", words, fix)
    elif is_synchronised:
        yield fine("clock", "synchronised")
    elif by_systemd.get("CanNTP") == "no":
        words = "not synchronised, and no program that sets it is installed"
        yield found(Fault.CLOCK_UNSERVED, "clock", words)
    elif by_systemd.get("NTP") == "yes":
        yield found(Fault.CLOCK_UNSYNCHRONISED, "clock", "not synchronised yet")
    else:
        yield found(Fault.CLOCK_OFF, "clock", "not synchronised")
    yield from _zone(machine)
    slept_s = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    yield from check_sleep(machine, slept_s)


def _newest(state: Path) -> tuple[float, Path] | None:
    """Return date and path of the newest file of state."""
    dates = []
    for file in state.glob("*"):
        try:
            dates.append((file.lstat().st_mtime, file))
        except OSError:
            continue  # it has just been removed
    return max(dates, default=None)


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _zone(machine: Machine) -> Findings:
    """Name a time zone whose data are missing: the clock then shows UTC, without a word."""
    zone = _machine_zone(machine)
    if zone is None or machine.path(f"{ZONES}/{zone}").exists():
        return
    words = f"no data for the zone {zone}: the clock shows UTC"
    yield found(Fault.ZONE_MISSING, "time zone", words, zone_fix(zone, machine))


def _machine_zone(machine: Machine) -> str | None:
    """Return the name to which /etc/localtime leads, else the one in /etc/timezone."""
    try:
        target = os.readlink(machine.path("/etc/localtime"))
    except OSError:
        is_set = machine.path("/etc/localtime").exists()
        return None if is_set else machine.text("/etc/timezone") or None
    return target.partition("/zoneinfo/")[2] or None


def zone_fix(zone: str, machine: Machine) -> str:
    """Return the command that installs the data of a zone: Debian 13 has two packages of them."""
    release = re.search(r'^VERSION_ID="?(\d+)', machine.text("/etc/os-release") or "", re.MULTILINE)
    is_split = release is not None and int(release[1]) >= LEGACY_SINCE
    is_legacy = is_split and zone.partition("/")[0] not in REGIONS
    return apt_install("tzdata-legacy" if is_legacy else "tzdata")


def check_sleep(machine: Machine, slept_s: float) -> Findings:
    """Name a machine that was suspended, and still may be. slept_s: how long since its start."""
    if slept_s <= SLEPT_MIN_S:
        return
    words = f"suspended for {slept_s / 60:.0f} min since the start"
    sleep = machine.properties("systemctl", "show", "sleep.target", "--property=LoadState")
    if sleep.get("LoadState") == "masked":
        yield fine("sleep", f"{words}, and no longer: sleep.target is masked")
    else:
        yield found(Fault.MACHINE_SLEPT, "sleep", words)


def _kernel_is_synchronised() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.adjtimex(ctypes.create_string_buffer(TIMEX_SIZE))) not in (-1, TIME_ERROR)
