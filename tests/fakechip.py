"""The fake chip: a library that, preloaded, stands in for /dev/gpiochip0 in another process.

The real lgpio and libgpiod then run on it unchanged. It is compiled from the shared folder's
``tools/bench/fakegpiochip.c``.
"""

import shutil
import subprocess
from pathlib import Path

from shared import SHARED

SOURCE = SHARED / "tools" / "bench" / "fakegpiochip.c"

ZERO_2_W = 0x902120
"""The board that programs take the machine for; its chip is a pinctrl-bcm2835."""


class NoFakeChipError(Exception):
    """The chip cannot be made here; says why, and what to do."""


def compile_chip(library: Path) -> Path:
    """Compiles the chip into a file. Raises NoFakeChipError."""
    if not SOURCE.is_file():
        raise NoFakeChipError(f"no fake chip at {SOURCE}; set UNSIT_SHARED to the folder of tools/")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoFakeChipError("no C compiler for the fake chip; install it: sudo apt install gcc")
    library.parent.mkdir(parents=True, exist_ok=True)
    options = ["-O2", "-shared", "-fPIC", str(SOURCE), "-lpthread", "-ldl", "-o", str(library)]
    done = subprocess.run([compiler, *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise NoFakeChipError(f"{SOURCE} does not compile: {done.stderr.strip()[-200:]}")
    return library


def under(library: Path, socket: Path) -> dict[str, str]:
    """The variables that put the chip under a program, as a Pi Zero 2 W has its own.

    socket: where the program's chip listens to what changes its lines.
    """
    return {
        "LD_PRELOAD": str(library),
        "FAKEGPIO_SOCK": str(socket),
        "FAKEGPIO_REV": f"{ZERO_2_W:x}",
        "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip0",  # it is in no listing of /dev
    }
