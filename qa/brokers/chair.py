"""The service as a program, whose broker is behind a network that can be cut."""

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Self

from support.mosquitto import LOOPBACK
from support.program import environment

CHAIR = "desk"
ROOT = f"unsit/{CHAIR}"
AVAILABILITY, STATE, EVENT, LOG = (
    f"{ROOT}/{leaf}" for leaf in ("availability", "state", "event", "log")
)
CONFIG = f"homeassistant/device/unsit_{CHAIR}/config"
CALL = "calls/in-call"
"""Topic of another program that holds the chair."""


class ChairProgram:
    """``unsit run`` on a simulated mat, for the length of a ``with`` block.

    port: of the broker. version: of the protocol.
    """

    def __init__(self, port: int, version: str, state: Path) -> None:
        self.options = [
            part for setting in _settings(port, version) for part in ("--set", setting)
        ] + ["--state-dir", str(state)]
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "unsit", "run", "--simulate", "-", *self.options],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stderr,))
        self._reader.start()
        self.move("contact", "0")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def move(self, *rows: str) -> None:
        """Write rows of a recording, which take effect at once."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{row}\n" for row in rows))
        self._process.stdin.flush()

    def wait_for_line(self, words: str, timeout: float) -> str | None:
        """Return the first line of the log that matches a pattern, None if none comes in time."""

        def first() -> str | None:
            return next((line for line in self._lines if re.search(words, line)), None)

        with self._changed:
            return self._changed.wait_for(first, timeout)

    @property
    def lines(self) -> list[str]:
        """Lines of the log so far."""
        with self._changed:
            return list(self._lines)

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _read(self, log: IO[str]) -> None:
        with log:
            for line in log:
                with self._changed:
                    self._lines.append(line.rstrip("\n"))
                    self._changed.notify_all()


def _settings(port: int, version: str) -> tuple[str, ...]:
    return (
        f"chair.id={CHAIR}",
        f"mqtt.host={LOOPBACK}",
        f"mqtt.port={port}",
        f"mqtt.version={version}",
        f"hold.topics={CALL}",
        "seat.sit_dwell=0",
        "seat.stand_dwell=0",
        "exercises.enabled=false",
    )
