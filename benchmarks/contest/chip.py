"""A GPIO chip for machines without one: /dev/gpiochip0, put under a program by its loader."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from contest.environments import TREE, cache
from contest.errors import ContestError, last_line

ZERO_2_W = "902120"
"""The board that programs take this machine for; its chip is a pinctrl-bcm2835."""


def compile_chip() -> Path:
    """Compiles the chip into the cache. Raises ContestError where that cannot be done."""
    shared = Path(os.environ.get("UNSIT_SHARED") or TREE.parent / "shared")
    source = shared / "tools" / "bench" / "fakegpiochip.c"
    if not source.is_file():
        raise ContestError(f"no fake chip at {source}; set UNSIT_SHARED to the folder with tools/")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ContestError("no C compiler for the fake chip; install it: sudo apt install gcc")
    library = cache() / "fakegpiochip.so"
    library.parent.mkdir(parents=True, exist_ok=True)
    made_by = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)]
    done = subprocess.run(
        [*made_by, "-lpthread", "-ldl"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ContestError(f"{source} does not compile: {last_line(done.stderr)}")
    return library


class FakeChip:
    """The lines of one program's chip, fresh with each start of the program.

    folder: where its socket is to be.
    """

    def __init__(self, library: Path, folder: Path) -> None:
        self._library = library
        self._address = folder / "chip"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that put it under a program."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKEGPIO_SOCK": str(self._address),
            "FAKEGPIO_REV": ZERO_2_W,
            "GPIOZERO_GPIOD_CHIP": "/dev/gpiochip0",  # it is in no listing of /dev
        }

    def drive(self, line: int, level: int) -> bool:
        """Puts a level on a line; False while the program has not opened the chip."""
        try:
            self._socket.sendto(f"L {line} {level}".encode(), str(self._address))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def close(self) -> None:
        """Gives back what was opened to drive it."""
        self._socket.close()
