"""Guest with a real kernel, a GPIO header simulated in that kernel, and a real systemd.

``rigs/kernel`` builds it (``build-guest``) into ``$MATGUEST`` and runs it.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from support.fixtures import missing
from support.places import RIGS

ROOT = Path(__file__).parents[2]
TOOLS = RIGS / "kernel"
BUILT = Path(os.environ.get("MATGUEST", "/tmp/matguest"))  # noqa: S108  # where build-guest puts it
GUEST_PYTHON = (3, 11)

TIMEOUT_S = 600
"""The longest run takes 100 s on an idle machine."""

TIMED_OUT = 124
"""Exit code of run-guest when its time is up."""

PI_MODELS = ["pi3", "zero2w", "pi4", "pi5", "pi5-chip4"]
"""pi5-chip4 is a Pi 5 on a kernel before 6.6.45, which numbers the header's chip 4."""


def require_guest() -> None:
    """Skip the test, or in CI fail it, where there is no guest."""
    if not (BUILT / "root.img").exists():
        missing(f"no guest at {BUILT}; build it: sudo {TOOLS / 'build-guest'}")
    if sys.version_info[:2] != GUEST_PYTHON:
        missing(
            "the guest has Python 3.11 and takes the packages of this one; make PYTHON=python3.11"
        )


def run_in_guest(command: list[str], *, pi: str, systemd: bool = False) -> str:
    """Run a command in a fresh guest, in this tree; return its output. It must succeed.

    A guest that does not answer in time is started once more; User-Mode Linux has hung before.
    """
    ended = _boot(command, pi, systemd)
    if ended.returncode == TIMED_OUT:
        ended = _boot(command, pi, systemd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _boot(command: list[str], pi: str, systemd: bool) -> subprocess.CompletedProcess[str]:
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    where = [packages.relative_to(ROOT), *map(Path, ("firmware", "service", "tests", "qa", "rigs"))]
    python_path = ":".join(str("/host" / part) for part in where)
    return subprocess.run(
        [
            *(str(TOOLS / "run-guest"), "--pi", pi, "--share", str(ROOT)),
            *("--timeout", str(TIMEOUT_S)),
            *([] if systemd else ["--init"]),
            "--",
            *("env", f"PYTHONPATH={python_path}", "PYTHONDONTWRITEBYTECODE=1"),
            *("UNSIT_TEST_CHIP=kernel", *command),
        ],
        env=os.environ | {"MATGUEST": str(BUILT)},
        capture_output=True,
        text=True,
        timeout=2 * TIMEOUT_S,
    )


def pytest_on(pins: str, *arguments: str) -> str:
    """Return the shell command that runs tests on a back end of gpiozero."""
    options = "-q -p no:cacheprovider -p no:hypothesispytest -c /host/pyproject.toml"
    run = f"UNSIT_TEST_PINS={pins} python3 -m pytest {options} {shlex.join(arguments)}"
    return f"cd $(mktemp -d) && {run}"
