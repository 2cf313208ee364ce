"""Debian with a real systemd in a container, and the package that is installed there.

``rigs/systemd`` builds its root (``build-roots``) and boots it (``run-nspawn``).
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from support.fixtures import missing
from support.places import RIGS

ROOT = Path(__file__).parents[2]
TOOLS = RIGS / "systemd"
BUILD = ROOT / "build" / "systemd"

BOOKWORM = Path(os.environ.get("MATGUEST", "/tmp/matguest"))  # noqa: S108  # where build-guest puts it
SUITES = {"bookworm": BOOKWORM, "trixie": Path(f"{BOOKWORM}-trixie")}
"""Folder of each Debian: 12 has systemd 252, 13 has 257."""

TIMEOUT_S = 1800
"""The longest run takes 75 s on an idle machine."""


def require_container(suite: str) -> None:
    """Skip the test, or in CI fail it, where there is no such Debian or no systemd-nspawn."""
    if os.geteuid() != 0:
        missing("only root boots a container; run as root")
    if shutil.which("systemd-nspawn") is None:
        missing("systemd-nspawn is not installed; sudo apt install systemd-container")
    if shutil.which("dpkg-deb") is None:
        missing("dpkg-deb is not installed; run this on Debian or Ubuntu")
    if not all((SUITES[suite] / part).exists() for part in ("root/usr", "packages/Packages")):
        missing(
            f"no Debian {suite} at {SUITES[suite]}; build it: sudo {TOOLS / 'build-roots'} {suite}"
        )


def build_package() -> None:
    """Build the package; an installation without a network takes the wheels in it."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", BUILD, ROOT)
    [wheel] = BUILD.glob("*.whl")
    _run(ROOT / "systemd" / "package" / "build", wheel, BUILD, PYTHON=sys.executable)
    [package] = BUILD.glob("*.deb")
    _run("dpkg-deb", "--extract", package, BUILD / "extracted")
    (BUILD / "extracted/usr/lib/unsit/wheels").rename(BUILD / "wheels")


def offer_packages() -> None:
    """Put what a person would download where a container sees it: packages for apt and for pip."""
    for suite, folder in SUITES.items():
        shutil.copytree(folder / "packages", BUILD / "packages" / suite)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    build = ("--requirement", ROOT / "systemd" / "requirements-build.lock")
    _run(*pip, "download", "--require-hashes", "--dest", BUILD / "wheels-to-build", *build)


def run_in_container(suite: str, module: str) -> str:
    """Run a module of tests as root in a fresh container; return its output. It must succeed."""
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    folders = (packages.relative_to(ROOT), "tests", "qa", "rigs")
    where = ":".join(f"/host/{folder}" for folder in folders)
    options = "-q -p no:cacheprovider -p no:hypothesispytest -c /host/pyproject.toml"
    command = f"cd $(mktemp -d) && python3 -m pytest {options} /host/qa/systemd/{module}"
    ended = subprocess.run(
        [
            *(TOOLS / "run-nspawn", "--suite", suite, "--share", ROOT),
            *("--timeout", str(TIMEOUT_S), "--"),
            *("env", f"PYTHONPATH={where}", "PYTHONDONTWRITEBYTECODE=1"),
            *("bash", "-c", command),
        ],
        env=os.environ | {"MATGUEST": str(BOOKWORM)},
        capture_output=True,
        text=True,
        timeout=2 * TIMEOUT_S,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def _run(*command: str | Path, **environment: str) -> None:
    ended = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{shlex.join(map(str, command))}\n{ended.stdout}{ended.stderr}"
