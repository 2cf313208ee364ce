"""The fake chip: a library that, preloaded, stands in for /dev/gpiochip0 in another process.

The real lgpio and libgpiod then run on it unchanged. It is compiled from the shared folder's
``tools/bench/fakegpiochip.c``.
"""

import os
import shutil
import subprocess
from pathlib import Path

from conftest import SHARED, missing
from firmware.benches import ZERO_2_W

SOURCE = SHARED / "tools" / "bench" / "fakegpiochip.c"


def compiled(folder: Path) -> Path:
    """The library; skips, or in CI fails, where it cannot be made."""
    if not SOURCE.exists():
        missing(f"no fake chip at {SOURCE}; set UNSIT_SHARED")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        missing("no C compiler to make the fake chip with")
    library = folder / "fakegpiochip.so"
    options = ["-O2", "-shared", "-fPIC", str(SOURCE), "-lpthread", "-ldl", "-o", str(library)]
    subprocess.run([str(compiler), *options], check=True)
    return library


def on_a_chip(pins: str, library: Path, folder: Path) -> dict[str, str]:
    """The environment of a process that has the fake chip, as a Pi Zero 2 W has its own."""
    return os.environ | {
        "UNSIT_TEST_CHIP": "fake",
        "UNSIT_TEST_PINS": pins,
        "LD_PRELOAD": str(library),
        "FAKEGPIO_SOCK": str(folder / "chip"),
        "FAKEGPIO_REV": f"{ZERO_2_W:x}",
        "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip0",
        "LG_WD": str(folder),  # where lgpio leaves its pipe
    }
