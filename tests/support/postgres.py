"""PostgreSQL of a test: a cluster of its own in a temporary folder, as an unprivileged user."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
MISSING = "PostgreSQL is not installed; run: sudo apt install postgresql"

UNPRIVILEGED = "nobody"
"""User of the server if the tests run as root, which PostgreSQL refuses."""


def is_installed() -> bool:
    """Return whether there is a PostgreSQL to start."""
    return bool(BINARIES)


class Postgres:
    """Server that can be started and stopped; it listens on a socket in its folder alone."""

    def __init__(self) -> None:
        self._binaries = BINARIES[-1].parent
        # A path of a socket has at most 107 characters, and pytest's folders are closed to others.
        self._folder = Path(tempfile.mkdtemp(prefix="unsit-pg-"))
        if os.geteuid() == 0:
            entry = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self._folder, entry.pw_uid, entry.pw_gid)
        self._run("initdb", "--auth=trust", "--username=unsit", "--no-sync")
        self.start()

    @property
    def address(self) -> str:
        """Address for libpq, of the owner of everything."""
        return self.address_of("unsit")

    def address_of(self, role: str) -> str:
        """Return the address for a role."""
        return f"host={self._folder} user={role} dbname=postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-k {self._folder} -c listen_addresses="
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", f"{self._folder}/log")

    def stop(self) -> None:
        """Stop the server at once, as a kill would."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self._run("pg_ctl", "stop", "-m", "immediate", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        user = UNPRIVILEGED if os.geteuid() == 0 else None
        subprocess.run(
            [self._binaries / program, "-D", self._folder / "data", *arguments],
            check=check,
            user=user,
            extra_groups=[] if user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
