"""Boots of a machine: programs that find another boot id, and a monotonic clock that began anew."""

import subprocess
import time
import uuid
from pathlib import Path

from unsit.runtime.clock import BOOT_ID

UPTIME = 10
"""Seconds that the machine runs already when the first program of a boot is started."""


class Boot:
    """The time since a machine was started, in namespaces of its own; needs root.

    folder: for a file. The wall clock is that of the real machine. Raises OSError where there are
    no such namespaces.
    """

    def __init__(self, folder: Path) -> None:
        name = folder / f"boot-{uuid.uuid4()}"
        name.write_text(f"{uuid.uuid4()}\n")
        since = UPTIME - int(time.monotonic())
        script = 'mount --bind "$0" "$1" && echo $$ && exec sleep infinity'
        own = ["unshare", "--mount", "--time", f"--monotonic={since}", "--fork", "--kill-child"]
        self._holder = subprocess.Popen(
            [*own, "sh", "-c", script, name, BOOT_ID],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self._holder.stdout is None or not (told := self._holder.stdout.readline()):
            raise OSError(f"no namespaces for a boot: {self._holder.communicate()[1].strip()}")
        self._inside = int(told)

    @property
    def prefix(self) -> tuple[str, ...]:
        """What to put before a command to have it run in this boot, as the process itself."""
        return ("nsenter", f"--target={self._inside}", "--mount", "--time", "--")

    def end(self) -> None:
        """Ends it; programs that still run in it go on."""
        self._holder.kill()
        self._holder.communicate()


def are_possible(folder: Path) -> bool:
    """Whether this machine lets us have boots of our own."""
    try:
        Boot(folder).end()
    except OSError:
        return False
    return True
