"""Virtual environments of the contenders, kept outside the tree between runs."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from contest.errors import OutOfContestError, last_line

TREE = Path(__file__).parents[2]


def cache() -> Path:
    """Return the folder of the environments, $XDG_CACHE_HOME/unsit-benchmarks."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "unsit-benchmarks"


@dataclass(frozen=True)
class Environment:
    """Virtual environment with the present version of Python and some packages.

    changing: True installs the packages again in each run, for a changing source tree.
    """

    name: str
    requirements: tuple[str, ...]
    changing: bool = False

    @property
    def python(self) -> Path:
        """Path of its interpreter."""
        return self._folder / "bin" / "python"

    def build(self) -> None:
        """Build the environment unless it has these packages. Raises OutOfContestError."""
        if self._built_from() != self.requirements:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._run(sys.executable, "-m", "venv", str(self._folder))
        elif not self.changing:
            return
        self._record.unlink(missing_ok=True)
        pip = (str(self.python), "-m", "pip", "--quiet", "--disable-pip-version-check")
        self._run(*pip, "install", *self.requirements)
        self._record.write_text(json.dumps(self.requirements))

    def versions(self) -> dict[str, str]:
        """Return the version of every package in the environment."""
        program = (
            "import importlib.metadata as m, json;"
            "print(json.dumps({d.name: d.version for d in m.distributions()}))"
        )
        answer: dict[str, str] = json.loads(self._run(str(self.python), "-c", program))
        return answer

    @property
    def _folder(self) -> Path:
        return cache() / f"{self.name}-py{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def _record(self) -> Path:
        return self._folder / "requirements.json"

    def _built_from(self) -> tuple[str, ...] | None:
        """Return the packages of the last complete build, None if there is none."""
        try:
            return tuple(json.loads(self._record.read_text()))
        except (OSError, ValueError):
            return None

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = last_line(done.stderr or done.stdout)
            raise OutOfContestError(f"its environment cannot be built: {reason}")
        return done.stdout


UNSIT = Environment("unsit", (f"{TREE}[pi]",), changing=True)
MQTT_IO = Environment("mqtt-io", ("mqtt-io==2.7.0", "gpiozero", "lgpio>=0.2"))
TWENTY_LINES = Environment("twenty-lines", ("gpiozero", "paho-mqtt>=2", "lgpio>=0.2"))
