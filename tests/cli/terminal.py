"""Somebody at a terminal: sits, stands, listens and types, question after question."""

import io
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout

import pytest

from cli.program import ENDING
from unsit.__main__ import main

Answer = tuple[str, str] | tuple[str, str, Callable[[], object]]
"""What the question says, what is typed, and what is done before."""

CTRL_C = "\x03"


class Screen(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """What was written, without its colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())


class Typist:
    """The keyboard of a terminal. It answers the questions in order; each names what it is for."""

    def __init__(self, screen: Screen, answers: tuple[Answer, ...]) -> None:
        self._screen = screen
        self._answers: Iterator[Answer] = iter(answers)

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        """The next answer, to the question that stands on the screen."""
        asked = self._screen.text.splitlines()[-1]
        expected, answer, *does = next(self._answers, ("nothing more", ""))
        assert expected in asked, f"asked {asked!r}, and the answer was for {expected!r}"
        for do in does:
            do()
        if answer == CTRL_C:
            raise KeyboardInterrupt
        self._screen.write("\n")
        return f"{answer}\n"

    @property
    def unasked(self) -> list[Answer]:
        """The answers that no question has come for."""
        return list(self._answers)


def set_up(
    monkeypatch: pytest.MonkeyPatch, *answers: Answer, options: tuple[str, ...] = (), code: int = 0
) -> str:
    """Runs ``unsit setup`` in this process to its end, with its exit code; what it said."""
    return at_the_terminal(monkeypatch, ("setup", *options), answers, code)


def at_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    answers: tuple[Answer, ...],
    code: int = 0,
) -> str:
    """Runs a command of ``unsit`` that asks, in this process, to its end; what it said."""
    screen = Screen()
    typist = Typist(screen, answers)
    monkeypatch.setattr(sys, "stdin", typist)
    handlers = {number: signal.getsignal(number) for number in ENDING}
    try:
        with redirect_stdout(screen):
            ended = main(command)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert (ended, typist.unasked) == (code, []), screen.text
    return screen.text
