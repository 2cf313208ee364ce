"""Fake GPIO chip: a preloaded library that replaces /dev/gpiochip0 in another process.

The real lgpio and libgpiod run on it unchanged. Its source is in ``rigs/chip``.
"""

import subprocess
from pathlib import Path

from support.places import RIGS

BUILD = RIGS / "chip" / "build"

ZERO_2_W = 0x902120
"""Board revision that programs see; its chip is a pinctrl-bcm2835."""


class NoFakeChipError(Exception):
    """The chip cannot be compiled here; the message has the reason and the fix."""


def compile_chip(library: Path) -> Path:
    """Compile the chip into a file. Raises NoFakeChipError if that fails."""
    done = subprocess.run([BUILD, library], capture_output=True, text=True)
    if done.returncode != 0:
        raise NoFakeChipError(f"no fake chip: {done.stderr.strip()[-300:]}")
    return library


def under(library: Path, socket: Path) -> dict[str, str]:
    """Return the variables that give a program the fake chip of a Pi Zero 2 W.

    socket: path of the socket on which the chip receives changes of its lines.
    """
    return {
        "LD_PRELOAD": str(library),
        "FAKEGPIO_SOCK": str(socket),
        "FAKEGPIO_REV": f"{ZERO_2_W:x}",
        "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip0",  # a listing of /dev does not show it
    }
