"""A Debian with a real systemd in a container, and what is installed there.

``tools/kernel`` of the shared folder builds its root (``build-guest root``) and boots it
(``run-nspawn``).
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import missing
from shared import SHARED

ROOT = Path(__file__).parents[2]
TOOLS = SHARED / "tools" / "kernel"
BUILD = ROOT / "build" / "systemd"

BOOKWORM = Path(os.environ.get("MATGUEST", "/tmp/matguest"))  # noqa: S108  # where build-guest puts it
SUITES = {"bookworm": BOOKWORM, "trixie": Path(f"{BOOKWORM}-trixie")}
"""Where each Debian is: 12 has systemd 252, 13 has 257."""

PATIENCE = 300
"""Seconds; the longest run takes a quarter of that on an idle machine."""


def require_container(suite: str) -> None:
    """Skips, or in CI fails, where there is no such Debian or nothing to boot it with."""
    if not (TOOLS / "run-nspawn").exists():
        missing(f"no container's tools at {TOOLS}; set UNSIT_SHARED")
    if os.geteuid() != 0:
        missing("a container is booted by root only")
    if shutil.which("systemd-nspawn") is None:
        missing("systemd-nspawn is not installed; sudo apt install systemd-container")
    if shutil.which("dpkg-deb") is None:
        missing("dpkg-deb is not installed; a package is built on Debian")
    if not (SUITES[suite] / "root" / "usr").exists():
        missing(
            f"no Debian {suite} at {SUITES[suite]}; build it: "
            f"SUITE={suite} MATGUEST={SUITES[suite]} {TOOLS / 'build-guest'} root"
        )


def build_package() -> None:
    """The package; the wheels in it are also what an installation without a network takes."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", BUILD, ROOT)
    [wheel] = BUILD.glob("*.whl")
    _run(ROOT / "systemd" / "package" / "build", wheel, BUILD, PYTHON=sys.executable)
    [package] = BUILD.glob("*.deb")
    _run("dpkg-deb", "--extract", package, BUILD / "extracted")
    (BUILD / "extracted/usr/lib/unsit/wheels").rename(BUILD / "wheels")


def run_in_container(suite: str, module: str) -> str:
    """Runs a module of tests as root in a fresh container; gives what it printed.

    It must succeed.
    """
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    where = ":".join(f"/host/{part}" for part in (packages.relative_to(ROOT), "tests"))
    options = "-q -p no:cacheprovider -p no:hypothesispytest -c /host/pyproject.toml"
    command = f"cd $(mktemp -d) && python3 -m pytest {options} /host/tests/systemd/{module}"
    ended = subprocess.run(
        [
            *(TOOLS / "run-nspawn", "--share", ROOT, "--timeout", str(PATIENCE), "--"),
            *("env", f"PYTHONPATH={where}", "PYTHONDONTWRITEBYTECODE=1"),
            *("bash", "-c", command),
        ],
        env=os.environ | {"MATGUEST": str(SUITES[suite])},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _run(*command: str | Path, **environment: str) -> None:
    ended = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{shlex.join(map(str, command))}\n{ended.stdout}{ended.stderr}"
