"""A terminal with a person at it, who answers questions."""

import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.prompt import Confirm, Prompt

from unsit.errors import UsageError

_LOCAL_MODES = 3
"""Where termios.tcgetattr has the flags that ECHO is one of."""


class Terminal:
    """Asks at the terminal; every answer is read from standard input.

    purpose: what needs the person, for the refusal where there is no terminal.

    Raises UsageError where standard input or output is no terminal, or nobody answers any more.
    """

    def __init__(self, purpose: str) -> None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(f"{purpose} asks questions; run it in a terminal")
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, words: str) -> None:
        """Says something."""
        self._console.print(words, markup=False)

    def wait(self, request: str) -> None:
        """Asks for something to be done; returns at Enter."""
        with _somebody_answers():
            self._console.input(f"{request}, then press Enter: ", markup=False)

    def confirm(self, question: str) -> bool:
        """Asks a question that y or n answers."""
        with _somebody_answers():
            answer: bool = Confirm.ask(question, console=self._console)
        return answer

    def secret(self, question: str) -> str:
        """Asks for words that are not shown."""
        with _somebody_answers(), _unseen(sys.stdin):
            said = self._console.input(f"{question}: ", markup=False)
        self.say("")
        return said

    def ask(self, question: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """Asks for words. default: what Enter alone says. choices: the only ones, if any."""
        with _somebody_answers():
            return Prompt.ask(
                question,
                console=self._console,
                default=default,
                show_default=bool(default),
                choices=list(choices) or None,
            ).strip()


@contextmanager
def _unseen(keyboard: Any) -> Iterator[None]:
    """What is typed is not shown, where that is up to a terminal."""
    try:
        shown = termios.tcgetattr(keyboard)
    except (TypeError, OSError, ValueError, termios.error):
        yield
        return
    hidden = list(shown)
    hidden[_LOCAL_MODES] &= ~termios.ECHO
    try:
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, hidden)
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, shown)


@contextmanager
def _somebody_answers() -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise UsageError("there is nobody to answer; run it in a terminal") from None
