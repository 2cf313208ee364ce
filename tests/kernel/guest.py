"""A guest with a real kernel, whose GPIO header is simulated in that kernel, and a real systemd.

``tools/kernel`` of the shared folder builds it (``build-guest``) into ``$MATGUEST`` and runs it.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from conftest import missing
from shared import SHARED

ROOT = Path(__file__).parents[2]
TOOLS = SHARED / "tools" / "kernel"
BUILT = Path(os.environ.get("MATGUEST", "/tmp/matguest"))  # noqa: S108  # where build-guest puts it
GUEST_PYTHON = (3, 11)

PATIENCE = 300
"""Seconds; the longest run takes a third of that on an idle machine."""

NO_ANSWER = 124
"""What run-guest ends with when its time is up."""

PI_MODELS = ["pi3", "zero2w", "pi4", "pi5", "pi5-chip4"]
"""pi5-chip4 is a Pi 5 on a kernel before 6.6.45, which numbers the header's chip 4."""


def require_guest() -> None:
    """Skips, or in CI fails, where there is no guest."""
    if not (TOOLS / "run-guest").exists():
        missing(f"no guest's tools at {TOOLS}; set UNSIT_SHARED")
    if not (BUILT / "root.img").exists():
        missing(f"no guest at {BUILT}; build it with {TOOLS / 'build-guest'}, or set MATGUEST")
    if sys.version_info[:2] != GUEST_PYTHON:
        missing("the guest's Python is 3.11, and takes the packages of this one")


def run_in_guest(command: list[str], *, pi: str, systemd: bool = False) -> str:
    """Runs a command in a fresh guest, in this tree; gives what it printed. It must succeed.

    A guest that gives no answer is started once more: User-Mode Linux stands still now and then.
    """
    ended = _boot(command, pi, systemd)
    if ended.returncode == NO_ANSWER:
        ended = _boot(command, pi, systemd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _boot(command: list[str], pi: str, systemd: bool) -> subprocess.CompletedProcess[str]:
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    where = [packages.relative_to(ROOT), *map(Path, ("firmware", "service", "tests"))]
    python_path = ":".join(str("/host" / part) for part in where)
    return subprocess.run(
        [
            *(str(TOOLS / "run-guest"), "--pi", pi, "--share", str(ROOT)),
            *("--timeout", str(PATIENCE)),
            *([] if systemd else ["--init"]),
            "--",
            *("env", f"PYTHONPATH={python_path}", "PYTHONDONTWRITEBYTECODE=1"),
            *("UNSIT_TEST_CHIP=kernel", *command),
        ],
        env=os.environ | {"MATGUEST": str(BUILT)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )


def pytest_on(pins: str, *arguments: str) -> str:
    """The shell command that runs tests on a back end of gpiozero."""
    options = "-q -p no:cacheprovider -p no:hypothesispytest -c /host/pyproject.toml"
    run = f"UNSIT_TEST_PINS={pins} python3 -m pytest {options} {shlex.join(arguments)}"
    return f"cd $(mktemp -d) && {run}"
