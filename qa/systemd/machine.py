"""Changes to the machine that a test runs on, as root: only in a container."""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "systemd" / "install"
WHEELS = ROOT / "build" / "systemd" / "wheels"

UNITS = Path("/etc/systemd/system")
OPT = Path("/opt/unsit")
SETTINGS = Path("/etc/unsit/unsit.toml")


@dataclass(frozen=True, slots=True)
class Ended:
    """Result of a program."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        assert self.err.count("\n") == 1, self.err
        return self.err.removesuffix("\n")


def run(*command: str | Path, **environment: str) -> Ended:
    """Run a program without a terminal, in the environment of a fresh login and more."""
    ended = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def done(*command: str | Path) -> str:
    """Run a program, which must succeed with nothing on standard error; return its output.

    A failure shows the end of the journal, since systemctl says only where to look.
    """
    ended = run(*command)
    if (ended.code, ended.err) != (0, ""):
        journal = run("journalctl", "--no-pager", "--lines", "60", "--output", "short-precise")
        raise AssertionError(f"{shlex.join(map(str, command))}: {ended}\n{journal.out}")
    return ended.out.strip()


def install(*arguments: str | Path, **environment: str) -> Ended:
    """Run the installation without a network."""
    return run(INSTALL, "--wheels", WHEELS, *arguments, **environment)


GROUPS = {f"/etc/{name}" for name in ("group", "group-", "gshadow", "gshadow-", ".pwd.lock")}


def files_around() -> set[str]:
    """Return every file where an installation might leave one, except those of the groups."""
    places = [Path(name) for name in ("/etc", "/opt", "/usr", "/root", "/home", "/var/lib")]
    files = {str(file) for place in places for file in place.rglob("*") if not file.is_dir()}
    own = ("/var/lib/systemd/", "/var/lib/dpkg/", "/usr/share/doc/")
    return {file for file in files if not file.startswith(own)} - GROUPS


def simulate_pins() -> None:
    """Make every unit use simulated pins, since a container has none."""
    for unit in ("unsit.service", "unsit@.service"):
        drop_in(unit, "simulated", "Environment=GPIOZERO_PIN_FACTORY=unsit_sim")


def drop_in(unit: str, name: str, line: str) -> Path:
    """Add a line to the section ``Service`` of a unit; return its file."""
    file = UNITS / f"{unit}.d" / f"{name}.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[Service]\n{line}\n", encoding="utf-8")
    return file


def version_in_use() -> Path:
    """Return the folder of the version that runs."""
    return (OPT / "bin").resolve().parent


def versions() -> list[Path]:
    """Return the folders of all installed versions."""
    return list((OPT / "versions").iterdir())


def of_unit(name: str, unit: str = "unsit") -> str:
    """Return a property of a unit."""
    return done("systemctl", "show", "--value", "--property", name, unit)


def retained(topic: str) -> str:
    """Return the retained message of a topic."""
    return done("mosquitto_sub", "-t", topic, "-C", "1", "-W", "10")


def systemd_version() -> int:
    """Return the version of systemd: 252 on Debian 12, 257 on Debian 13."""
    return int(done("systemctl", "--version").split()[1])
