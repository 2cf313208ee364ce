"""Set the wall clock of a program while it runs, and compare its dates with those of this one."""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import sys, time
for line in sys.stdin:
    print(time.time(), time.monotonic(), flush=True)
"""

HOUR_S = 3600

folder = Path(sys.argv[1])
file = folder / "offset"
file.write_bytes(struct.pack("=q", 0))
under = os.environ | {"LD_PRELOAD": str(folder / "wallclock.so"), "WALLCLOCK_FILE": str(file)}
program = subprocess.Popen(
    [sys.executable, "-c", PROGRAM],
    env=under,
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)


def clocks() -> tuple[float, float]:
    """Return the seconds by which both clocks of the program differ from those of this one."""
    program.stdin.write("\n")  # type: ignore[union-attr]
    program.stdin.flush()  # type: ignore[union-attr]
    date, monotonic = map(float, program.stdout.readline().split())  # type: ignore[union-attr]
    return date - time.time(), monotonic - time.monotonic()


for offset_s in (0.0, -HOUR_S, 0.25):
    with file.open("r+b") as content:
        content.write(struct.pack("=q", round(offset_s * 1e9)))
    date, monotonic = clocks()
    if not (abs(date - offset_s) < 0.1 and abs(monotonic) < 0.1):
        sys.exit(f"failed  the clock is {date:.3f} s off, expected {offset_s} s")
    print(
        f"ok      a program whose date is {offset_s:+} s off, and whose waits are as long as ever"
    )
program.communicate()
