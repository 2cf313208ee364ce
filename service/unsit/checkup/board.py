"""The board, its kernel and its supply."""

import re

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Finding, Findings, fine, found
from unsit.checkup.machine import Machine

MODEL = "/proc/device-tree/model"
RELEASE = "/proc/sys/kernel/osrelease"
THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"

OLDEST_KERNEL = (5, 10)
"""The first with the second version of the GPIO character device, which libgpiod 2 speaks."""

TOO_WEAK_NOW, TOO_WEAK_BEFORE = 1 << 0, 1 << 16
"""Bits of the firmware's get_throttled (Raspberry Pi documentation, vcgencmd)."""


def check_board(machine: Machine) -> Findings:
    """Which board and which kernel this is, and whether its supply holds."""
    model = machine.text(MODEL)
    system = _system(machine)
    if model is None or "Raspberry Pi" not in model:
        yield found(Fault.NO_PI, "board", f"{model or 'no board that names itself'}, {system}")
    else:
        yield fine("board", f"{model}, {system}")
    yield _kernel(machine)
    throttled = _throttled(machine)
    if throttled is not None:
        yield _supply(throttled)


def _system(machine: Machine) -> str:
    named = re.search(r'^PRETTY_NAME="?([^"\n]+)', machine.text("/etc/os-release") or "", re.M)
    return named[1] if named else "a system without a name"


def _kernel(machine: Machine) -> Finding:
    release = machine.text(RELEASE) or ""
    numbers = re.match(r"(\d+)\.(\d+)", release)
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST_KERNEL:
        return found(Fault.OLD_KERNEL, "kernel", f"Linux {release}, expected 5.10 or newer")
    return fine("kernel", f"Linux {release or 'of an unknown release'}")


def _throttled(machine: Machine) -> int | None:
    said = machine.text(THROTTLED)
    if said is None:
        answer = machine.ask("vcgencmd", "get_throttled")
        said = answer.text.partition("=")[2] if answer and answer.code == 0 else ""
    try:
        return int(said, 16)
    except ValueError:
        return None


def _supply(throttled: int) -> Finding:
    if throttled & (TOO_WEAK_NOW | TOO_WEAK_BEFORE):
        when = "is too low now" if throttled & TOO_WEAK_NOW else "was too low since the start"
        return found(Fault.UNDERVOLTAGE, "supply", f"the voltage {when} ({throttled:#x})")
    return fine("supply", "the voltage has held since the start")
