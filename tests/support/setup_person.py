"""A person who does what ``unsit setup`` asks, and a program on a real terminal for them to answer.

Containers have the program but not its packages here, so this module imports nothing of unsit.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

HAND_KG, KNOWN_KG = 8.0, 20.0

CORNERS = ("left_front", "right_front", "left_back", "right_back")

PROGRAM = Path(__file__).with_name("setup_program.py")

PATIENCE_S = 120.0
"""Time for the next question on a busy machine."""


class Body(Protocol):
    """Weight of a person, a hand and a known weight on a chair."""

    def put(self, kg: float, place: str = "seat") -> None:
        """Put a weight on a corner, or on the middle of the seat."""

    def sit(self, on: bool) -> None:
        """Sit down on the mat, or stand up."""


Reaction = Callable[[Body], None]


def reactions() -> list[tuple[str, str, Reaction]]:
    """Return words of each question, its answer, and what the person does before it."""
    known: list[tuple[str, str, Reaction]] = [
        ("Empty the seat", "", _put(0)),
        ("Leave the seat empty", "", _put(0)),
        ("Press the middle", "", _put(HAND_KG)),
        ("a known weight in the middle", f"{KNOWN_KG:g}", _put(KNOWN_KG)),
        ("Stand up", "", lambda body: body.sit(False)),
        ("Sit down", "", lambda body: body.sit(True)),
        ("Did you hear", "y", lambda body: None),
        ("broker's name", "none", lambda body: None),
    ]
    for corner in CORNERS:
        at = f"the {corner.replace('_', ' ')} corner"
        known += [(f"Press {at}", "", _put(HAND_KG, corner))]
        known += [(f"above {at}", "", _put(KNOWN_KG, corner))]
    return known


def _put(kg: float, place: str = "seat") -> Reaction:
    return lambda body: body.put(kg, place)


class Answers:
    """Answers of a person to questions in any order: Enter where that is enough.

    instead: answers, one after the other, to questions with these words. nth: answers by the number
    of the question.
    """

    def __init__(
        self,
        body: Body,
        instead: Mapping[str, Sequence[str]] | None = None,
        nth: Mapping[int, str] | None = None,
    ) -> None:
        self.questions: list[str] = []
        self._body, self._nth = body, nth or {}
        self._instead = {words: list(answers) for words, answers in (instead or {}).items()}

    def answer(self, question: str) -> str:
        """Do what a question asks, and return the answer to it."""
        self.questions.append(question)
        assert len(self.questions) < 200, f"asked without an end: {question}"
        known = [one for one in reactions() if one[0] in question]
        for _, _, react in known[:1]:
            react(self._body)
        if (number := len(self.questions) - 1) in self._nth:
            return self._nth[number]
        for words, answers in self._instead.items():
            if words in question and answers:
                return answers.pop(0)
        return known[0][1] if known else ""


class SetUpOnTerminal:
    """``unsit setup`` as a program on a pseudo-terminal of its own, with simulated parts.

    pairs: data and clock pins of the HX711s with a cell each, none for a mat. folder: for the
    socket that moves the person. python: interpreter that has unsit. options: of the command.
    program: what simulates the parts and runs the command, ``setup_on_chip.py`` for real lines.
    """

    _LOGIN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"
    _ASKS = re.compile(r"(.+then press Enter: )\r?\n|(.+: )$")

    def __init__(
        self,
        folder: Path,
        pairs: Sequence[str] = (),
        *,
        python: str = sys.executable,
        options: Sequence[str] = (),
        program: Path = PROGRAM,
    ) -> None:
        place = folder / "body"
        self.screen = ""
        self._answered = 0
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place))
            listener.listen(1)
            self._keyboard, terminal = os.openpty()
            command = [python, str(program), str(place), ",".join(pairs), "setup", *options]
            own = dict(os.environ)
            if python != sys.executable:  # the packages of the tests are not those of another one
                own.pop("PYTHONPATH", None)
            self._process = subprocess.Popen(
                [sys.executable, "-c", self._LOGIN, *command],
                env=own | {"TERM": "xterm", "COLUMNS": "160", "LINES": "40"},
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
            )
            os.close(terminal)
            self._body = self._accept(listener)

    def _accept(self, listener: socket.socket) -> socket.socket:
        """Wait until the program moves the person, or ends without it."""
        listener.settimeout(1)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(TimeoutError):
                return listener.accept()[0]
        self._process.kill()
        self.end()
        raise AssertionError(f"the program does not run: {self.screen}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._body.close()
        os.close(self._keyboard)

    def put(self, kg: float, place: str = "seat") -> None:
        """Put a weight on a corner, or on the middle of the seat."""
        self._move(f"put {kg} {place}")

    def sit(self, on: bool) -> None:
        """Sit down on the mat, or stand up."""
        self._move(f"sit {int(on)}")

    def beeps(self) -> int:
        """Return how often the buzzer has sounded since the last call."""
        self._body.sendall(b"listen\n")
        return self._body.recv(1)[0]

    def next_question(self) -> str | None:
        """Return the next question on the screen, None if the program has ended."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            shown = self.screen[self._answered :]
            if asked := self._ASKS.search(shown):
                self._answered = len(self.screen)
                return asked[1] or asked[2]
            if not self._read():
                return None
        raise AssertionError(f"no question: {self.screen[-2000:]}")

    def type(self, keys: str) -> None:
        """Type keys, such as an answer and Enter."""
        os.write(self._keyboard, keys.encode())

    def answer_all(self, answers: Answers) -> int:
        """Answer every question, and return the exit code."""
        while (question := self.next_question()) is not None:
            self.type(f"{answers.answer(question)}\n")
        return self._process.wait()

    def end(self) -> int:
        """Return the exit code once the program has ended by itself."""
        while self._read():
            pass
        return self._process.wait()

    def _move(self, words: str) -> None:
        self._body.sendall(f"{words}\n".encode())
        assert self._body.recv(1) == b"."

    def _read(self) -> bool:
        try:
            more = os.read(self._keyboard, 65536).decode(errors="replace")
        except OSError:  # the program has closed the terminal
            return False
        self.screen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", more)
        return bool(more)
