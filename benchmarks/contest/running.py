"""A contender under way, on a fresh chip and the broker of all."""

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
from contest.subscriber import Heard, Subscriber

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which a program that says nothing is taken to be mute."""


def environment(chip: FakeChip, folder: Path, back_end: str) -> dict[str, str]:
    """The variables of a contender: the same for all but the back end."""
    foreign = ("UNSIT_", "PYTHON", "GPIOZERO_", "LG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    own = {"GPIOZERO_PIN_FACTORY": back_end, "XDG_CONFIG_HOME": str(folder)}
    return kept | own | chip.environment


class Running:
    """A contender from its start to its end, for a ``with`` statement.

    folder: the contender's own, kept between its starts.
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
        """Its process."""
        return self._process.pid

    def ready(self) -> float:
        """Milliseconds from its start until it said that it is ready."""
        at = self._patiently(self._readiness.ready, "was not ready")
        return (at - self._began) * 1000

    def there(self) -> float:
        """Milliseconds from its start until the subscriber heard its birth message."""
        birth = self._patiently(
            lambda patience: self._subscriber.wait(self._is_birth, patience),
            "did not reach the broker",
        )
        return (birth.at - self._began) * 1000

    def sit_down(self) -> None:
        """Has somebody sit until it says so, getting up in between where it missed that."""
        end = time.monotonic() + PATIENCE
        seated = True
        while time.monotonic() < end:
            self.must_live()
            if not self.drive(seated=seated):
                time.sleep(0.1)
                continue
            if self.told(seated=seated, patience=2) and seated:
                return
            seated = not seated
        raise self._out("does not see the seat")

    def drive(self, *, seated: bool) -> bool:
        """Puts the seat's level on its line; False while it has not opened the chip."""
        return self._chip.drive(SEAT, 0 if seated else 1)

    def told(self, *, seated: bool, patience: float) -> Heard | None:
        """The next message that says whether somebody sits, None if none comes in time."""
        return self._subscriber.wait(lambda heard: self._contender.level(heard) is seated, patience)

    def next_edge(self, patience: float) -> bool | None:
        """What the next message that stands for one edge says; None if none comes in time."""
        heard = self._subscriber.wait(self._is_edge, patience)
        return None if heard is None else self._contender.level(heard)

    def must_live(self) -> None:
        """Raises OutOfContestError if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise self._out(f"ended with {code}")

    def _patiently(self, wait: Callable[[float], T | None], failure: str) -> T:
        """Waits as long as is fair, but not for a program that has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (found := wait(1)) is not None:
                return found
            self.must_live()
        raise self._out(failure)

    def _out(self, what: str) -> OutOfContestError:
        return OutOfContestError(f"{what}: {last_line_of(self._output)}")

    def _is_birth(self, heard: Heard) -> bool:
        return (heard.topic, heard.payload) == self._contender.birth

    def _is_edge(self, heard: Heard) -> bool:
        return heard.topic == self._contender.tells and self._contender.level(heard) is not None
