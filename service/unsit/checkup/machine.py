"""The machine that is looked at: its files and its programs."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

LONGEST_ANSWER = 20.0
"""Seconds that a program may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and its exit code."""

    code: int
    text: str

    def properties(self) -> dict[str, str]:
        """What stands in lines of the form ``Name=value``."""
        pairs = (line.partition("=") for line in self.text.splitlines())
        return {name: value for name, equals, value in pairs if equals}


@dataclass(frozen=True, slots=True)
class Machine:
    """The files under a root and the programs on the path.

    root: where the machine's /proc, /sys, /dev and /var are.
    """

    root: Path = Path("/")

    def path(self, name: str) -> Path:
        """A file by its absolute name."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str | None:
        """What a file says, without zero bytes and blanks at its end; None for no such file."""
        try:
            content = self.path(name).read_bytes()
        except OSError:
            return None
        return content.decode("utf-8", "replace").rstrip("\0\n ")

    def ask(self, *command: str) -> Answer | None:
        """Runs a program; None where it is not installed or does not end."""
        try:
            done = subprocess.run(  # noqa: S603  # our own words, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_ANSWER,
                env=os.environ | {"LC_ALL": "C", "SYSTEMD_PAGER": ""},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace").strip())
