"""A simulated person at a terminal, who sits, stands, listens and types the answers."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout

import pytest

from support.program import restored_signals
from unsit.__main__ import main

Answer = tuple[str, str] | tuple[str, str, Callable[[], object]]
"""Words of the question, the typed answer, and optionally an action before it."""

CTRL_C, CTRL_D = "\x03", "\x04"

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C has ended."""


class Screen(io.StringIO):
    """Output to a terminal that keeps everything written to it."""

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """The text without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())


class Typist:
    """Input from a terminal that answers the questions in order and checks each question."""

    def __init__(self, screen: Screen, answers: tuple[Answer, ...]) -> None:
        self._screen = screen
        self._answers: Iterator[Answer] = iter(answers)

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        """Return the next answer, to the question on the screen."""
        asked = self._screen.text.splitlines()[-1]
        expected, answer, *actions = next(self._answers, ("nothing more", ""))
        assert expected in asked, f"asked {asked!r}, but the answer is for {expected!r}"
        for action in actions:
            action()
        if answer == CTRL_C:
            raise KeyboardInterrupt
        if answer == CTRL_D:
            return ""
        self._screen.write("\n")
        return f"{answer}\n"

    @property
    def unasked(self) -> list[Answer]:
        """Answers whose questions were not asked."""
        return list(self._answers)


def set_up(
    monkeypatch: pytest.MonkeyPatch, *answers: Answer, options: tuple[str, ...] = (), code: int = 0
) -> str:
    """Run ``unsit setup`` in this process, check its exit code and return its output.

    code: without Ctrl-C.
    """
    if any(answer[1] == CTRL_C for answer in answers):
        code = INTERRUPTED
    return at_the_terminal(monkeypatch, ("setup", *options), answers, code)


def at_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    answers: tuple[Answer, ...],
    code: int = 0,
) -> str:
    """Run a command that asks questions in this process, check its exit code; return its output."""
    screen = Screen()
    typist = Typist(screen, answers)
    monkeypatch.setattr(sys, "stdin", typist)
    with redirect_stdout(screen), restored_signals():
        exit_code = main(command)
    assert (exit_code, typist.unasked) == (code, []), screen.text
    return screen.text
