"""Boots of a machine: namespaces with another boot id and another monotonic clock."""

import subprocess
import time
import uuid
from pathlib import Path

from unsit.runtime.clock import BOOT_ID_FILE

UPTIME_S = 10
"""Uptime in s at the start of the first program of a boot."""


class Boot:
    """One boot of a machine, in namespaces; needs root.

    The wall clock is that of the real machine. folder: place for the file with the boot id.

    Raises OSError if the machine does not allow such namespaces.
    """

    def __init__(self, folder: Path) -> None:
        self._file = name = folder / f"boot-{uuid.uuid4()}"
        name.write_text(f"{uuid.uuid4()}\n")
        since = UPTIME_S - int(time.monotonic())
        script = 'mount --bind "$0" "$1" && echo $$ && exec sleep infinity'
        clocks = (f"--monotonic={since}", f"--boottime={since}")
        own = ["unshare", "--mount", "--time", *clocks, "--fork", "--kill-child"]
        self._holder = subprocess.Popen(
            [*own, "sh", "-c", script, name, BOOT_ID_FILE],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self._holder.stdout is None or not (pid := self._holder.stdout.readline()):
            self._file.unlink()
            raise OSError(f"no namespaces for a boot: {self._holder.communicate()[1].strip()}")
        self._inside = int(pid)

    @property
    def prefix(self) -> tuple[str, ...]:
        """Beginning of a command that runs in this boot, in the same process."""
        return ("nsenter", f"--target={self._inside}", "--mount", "--time", "--")

    def end(self) -> None:
        """End the boot; programs in it go on."""
        self._holder.kill()
        self._holder.communicate()
        self._file.unlink()


def are_possible(folder: Path) -> bool:
    """Return whether this machine allows boots in namespaces."""
    try:
        Boot(folder).end()
    except OSError:
        return False
    return True
