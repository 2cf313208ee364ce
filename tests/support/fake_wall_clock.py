"""Wall clock of another process that a test can set: a preloaded library.

It changes dates and nothing else. libfaketime, which the tests used before, also changes timed
waits: a thread of Python waited up to 160 ms for another one that computed, instead of 15 ms. Its
source is in ``rigs/clock``.
"""

import struct
import subprocess
from pathlib import Path

from support.places import RIGS

BUILD = RIGS / "clock" / "build"


class NoWallClockError(Exception):
    """The library cannot be compiled here; the message has the reason and the fix."""


def compile_wall_clock(library: Path) -> Path:
    """Compile the library into a file. Raises NoWallClockError if that fails."""
    done = subprocess.run([BUILD, library], capture_output=True, text=True)
    if done.returncode != 0:
        raise NoWallClockError(f"no wall clock to set: {done.stderr.strip()[-300:]}")
    return library


class FakeWallClock:
    """Wall clock of the programs that are started with its variables.

    library: the compiled library. file: path of the file that has the offset.
    """

    def __init__(self, library: Path, file: Path) -> None:
        self._library, self._file = library, file
        file.write_bytes(bytes(8))

    @property
    def variables(self) -> dict[str, str]:
        """Variables that give this clock to a program."""
        return {"LD_PRELOAD": str(self._library), "WALLCLOCK_FILE": str(self._file)}

    def set(self, offset_s: float) -> None:
        """Set the clock. offset_s: its difference from the date of the machine, in s."""
        with self._file.open("r+b", buffering=0) as content:
            content.write(struct.pack("=q", round(offset_s * 1e9)))
