"""A simulated person: sits down and stands up at given times."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from unsit_firmware.errors import ScriptError

Level = bool | tuple[float, ...]
"""Whether a contact is pressed, or the load on each cell."""

Move = tuple[timedelta, Level]
"""When, counted from the beginning, and what the seat feels from then on."""

_STEP = re.compile(r"(sit|stand) +(\d+(?:\.\d+)?)(s|m|h)")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def parse_script(text: str) -> Iterator[Move]:
    """The moves of a script such as ``sit 40m, stand 30s, sit 1.5h``.

    Steps are separated by commas or line ends; units are s, m and h. After the last step the
    person stands. Raises ScriptError for a step that is not of this form.
    """
    steps = [step.strip() for step in re.split(r"[,\n]", text) if step.strip()]
    try:
        return iter(_moves(steps))
    except OverflowError:
        raise ScriptError(f"{text!r} lasts too long; expected days or weeks in all") from None


def _moves(steps: list[str]) -> list[Move]:
    at = timedelta(0)
    moves = []
    for step in steps:
        sits, duration = _parse_step(step)
        moves.append((at, sits))
        at += duration
    return [*moves, (at, False)]


def _parse_step(step: str) -> tuple[bool, timedelta]:
    match = _STEP.fullmatch(step)
    if match is None:
        raise ScriptError(f"{step!r} is not a step of a script; for example sit 40m, stand 30s")
    what, number, unit = match.groups()
    return what == "sit", float(number) * _UNITS[unit]


class Person(threading.Thread):
    """Presses and releases a contact or loads cells, in real time or faster.

    press: called with each level, True to sit and False to stand, on this thread.
    moves: see ``Move``; times never decrease.
    speed: how many seconds of the person pass in a second. Default 1.
    when_done: called once, with None after the last move or with the error that the moves
        raised. Without it an error ends this thread with a traceback.

    Raises ScriptError for a speed that is not more than 0.
    """

    def __init__(
        self,
        press: Callable[[Any], object],
        moves: Iterable[Move],
        *,
        speed: float = 1.0,
        when_done: Callable[[Exception | None], None] | None = None,
    ) -> None:
        if not 0 < speed < float("inf"):
            raise ScriptError(f"speed {speed} is out of range; expected more than 0, such as 60")
        super().__init__(name="person", daemon=True)
        self._press = press
        self._moves = moves
        self._speed = speed
        self._when_done = when_done
        self._leaving = threading.Event()

    def run(self) -> None:
        """Makes the moves; ``start`` runs this on the person's own thread."""
        error: Exception | None = None
        try:
            self._live()
        except Exception as failed:
            if self._when_done is None:
                raise
            error = failed
        if self._when_done is not None:
            self._when_done(error)

    def stop(self) -> None:
        """Makes no further move; returns when the thread has ended."""
        self._leaving.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join()

    def _live(self) -> None:
        began = time.monotonic()
        for at, sits in self._moves:
            wait = began + at.total_seconds() / self._speed - time.monotonic()
            if self._leaving.wait(max(wait, 0)):
                return
            self._press(sits)
