"""Whether anything sets this machine's clock."""

import ctypes

from unsit.checkup.faults import Fault
from unsit.checkup.finding import Findings, fine, found
from unsit.checkup.machine import Machine

TIME_ERROR = 5
"""What adjtimex(2) returns for a clock that nobody keeps."""

ROOM_FOR_TIMEX = 512
"""Bytes, more than the kernel's ``struct timex`` has anywhere; all zero asks and sets nothing."""


def check_clock(machine: Machine) -> Findings:
    """Whether the clock is synchronised, as systemd says, else as the kernel does."""
    answer = machine.ask("timedatectl", "show", "--property=NTPSynchronized")
    said = answer.properties().get("NTPSynchronized") if answer and answer.code == 0 else None
    synchronised = said == "yes" if said is not None else _kernel_says()
    if synchronised:
        yield fine("clock", "synchronised")
    else:
        yield found(Fault.CLOCK_UNSYNCHRONISED, "clock", "not synchronised")


def _kernel_says() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.adjtimex(ctypes.create_string_buffer(ROOM_FOR_TIMEX))) not in (-1, TIME_ERROR)
