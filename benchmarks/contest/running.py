"""Running contender, on its own chip and the common broker."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from contest.chip import FakeChip
from contest.contenders import SEAT, Contender
from contest.errors import OutOfContestError, last_line_of
from contest.readiness import Readiness
from contest.subscriber import Message, Subscriber

T = TypeVar("T")

TIMEOUT_S = 20.0
"""Time after which a program without the expected message has failed."""


def environment(chip: FakeChip, folder: Path, back_end: str) -> dict[str, str]:
    """Return the environment of a contender, which differs only in the back end."""
    foreign = ("UNSIT_", "PYTHON", "GPIOZERO_", "LG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    own = {"GPIOZERO_PIN_FACTORY": back_end, "XDG_CONFIG_HOME": str(folder)}
    return kept | own | chip.environment


class Running:
    """Contender that runs within a ``with`` block.

    folder: the contender's folder, kept between its starts.
    """

    def __init__(
        self, contender: Contender, folder: Path, library: Path, port: int, subscriber: Subscriber
    ) -> None:
        self._contender = contender
        self._subscriber = subscriber
        self._chip = FakeChip(library, folder)
        self._readiness = Readiness(folder / "ready")
        self._output = folder / "output"
        self._command = [str(contender.environment.python), *contender.command(folder, port)]
        self._folder = folder
        self._environment = environment(self._chip, folder, contender.back_end)

    def __enter__(self) -> Self:
        self._subscriber.forget()
        with self._output.open("wb") as output:
            self._began = time.perf_counter()
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment | self._readiness.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._chip.close()
        self._readiness.close()

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def ready(self) -> float:
        """Return the milliseconds from the start until READY=1."""
        at = self._wait_for(self._readiness.ready, "was not ready")
        return (at - self._began) * 1000

    def there(self) -> float:
        """Return the milliseconds from the start until its birth message at the subscriber."""
        birth = self._wait_for(
            lambda timeout: self._subscriber.wait(self._is_birth, timeout),
            "did not reach the broker",
        )
        return (birth.at - self._began) * 1000

    def sit_down(self) -> None:
        """Sit down until the contender reports it, and stand up in between if it missed an edge."""
        end = time.monotonic() + TIMEOUT_S
        seated = True
        while time.monotonic() < end:
            self.check_running()
            if not self.drive(seated=seated):
                time.sleep(0.1)
                continue
            if self.wait_for_level(seated=seated, timeout=2) and seated:
                return
            seated = not seated
        raise self._error("does not see the seat")

    def drive(self, *, seated: bool) -> bool:
        """Set the level of the seat. Return False while the program has not opened the chip."""
        return self._chip.drive(SEAT, 0 if seated else 1)

    def wait_for_level(self, *, seated: bool, timeout: float) -> Message | None:
        """Return the next message with this level, None after the time-out in seconds."""
        return self._subscriber.wait(
            lambda message: self._contender.level(message) is seated, timeout
        )

    def next_edge(self, timeout: float) -> bool | None:
        """Return the level in the next message of an edge, None after the time-out in seconds."""
        message = self._subscriber.wait(self._is_edge, timeout)
        return None if message is None else self._contender.level(message)

    def check_running(self) -> None:
        """Raise OutOfContestError if the process has ended."""
        code = self._process.poll()
        if code is not None:
            raise self._error(f"ended with {code}")

    def _wait_for(self, wait: Callable[[float], T | None], failure: str) -> T:
        """Wait until the time-out, but not for a process that has ended."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            if (found := wait(1)) is not None:
                return found
            self.check_running()
        raise self._error(failure)

    def _error(self, problem: str) -> OutOfContestError:
        return OutOfContestError(f"{problem}: {last_line_of(self._output)}")

    def _is_birth(self, message: Message) -> bool:
        return (message.topic, message.payload) == self._contender.birth

    def _is_edge(self, message: Message) -> bool:
        return (
            message.topic == self._contender.edge_topic
            and self._contender.level(message) is not None
        )
