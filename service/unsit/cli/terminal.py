"""The terminal: what it can show, its cursor, questions to a person, and a progress bar."""

import os
import select
import shutil
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.text import Text

from unsit.errors import InterruptedBySignal, UsageError, escaped, escaped_lines

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress


SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"

DUMB = ("", "dumb", "unknown")
"""Values of TERM of a terminal that only appends text."""


def encodes_all(stream: Any) -> bool:
    """Return whether a stream can show every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def can_draw(stream: Any, columns: int, lines: int) -> bool:
    """Return whether a stream is a terminal of at least this size that can move its cursor."""
    if not stream.isatty() or os.environ.get("TERM", "") in DUMB:
        return False
    size = shutil.get_terminal_size()
    return size.columns >= columns and size.lines >= lines


@contextmanager
def cursor_given_back(stream: Any) -> Iterator[None]:
    """Show the cursor of a terminal again at the end, however it comes, and while stopped (Ctrl-Z).

    SIGQUIT, which would end the process at once, interrupts it like Ctrl-C. What draws hides the
    cursor itself.
    """
    try:
        terminal = stream.fileno() if stream.isatty() else None
    except (OSError, ValueError):
        terminal = None
    if terminal is None or os.environ.get("TERM", "") in DUMB:
        yield
        return

    def pause(number: int, _: object) -> None:
        os.write(terminal, SHOW_CURSOR)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, pause)  # after SIGCONT
        os.write(terminal, HIDE_CURSOR)

    def interrupt(number: int, _: object) -> None:
        raise InterruptedBySignal(number)

    handlers = {signal.SIGTSTP: pause, signal.SIGQUIT: interrupt}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        with suppress(OSError):
            stream.flush()
            os.write(terminal, SHOW_CURSOR)


_LOCAL_MODES = 3
"""Index of the local modes, such as ECHO, in the list of termios.tcgetattr."""


class InputEnded(UsageError):  # noqa: N818  # it says what has happened
    """End of the input in place of an answer, such as Ctrl-D."""


class Terminal:
    """Questions to a person at the terminal; every answer is read from standard input.

    purpose: the command that asks, for the error message.

    Raises UsageError if standard input or output is not a terminal, InputEnded if the input ends.
    """

    def __init__(self, purpose: str) -> None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(f"{purpose} asks questions; run it in a terminal")
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, words: str) -> None:
        """Print lines, which may contain foreign text."""
        self._console.print(escaped_lines(words), markup=False)

    def wait(self, request: str, look: Callable[[], str] | None = None) -> None:
        """Ask the person to do something; return when Enter is pressed.

        look: returns what is measured at present, which is shown until then; on a terminal that
        cannot write a line again it is shown once.
        """
        asked = f"{escaped(request)}, then press Enter: "
        with _end_of_input_refused():
            if look is None:
                self._console.input(asked, markup=False)
            elif self._can_redraw():
                self.say(asked)
                self._show_until_enter(look)
            else:
                self._console.input(asked, markup=False)
                self.say(f"  {look()}")

    def _can_redraw(self) -> bool:
        """Return whether the input can be waited for, and a line be written again."""
        try:
            sys.stdin.fileno()
        except (AttributeError, OSError, ValueError):
            return False
        return can_draw(sys.stdout, 0, 0)

    def _show_until_enter(self, look: Callable[[], str]) -> None:
        """Show what is measured on one line, at last that of Enter. Raises EOFError."""
        is_ready = False
        while not is_ready:
            self._draw(f"{CLEAR_LINE}  {escaped(look())}")
            is_ready = bool(select.select([sys.stdin], [], [], REDRAW_EVERY_S)[0])
        if not sys.stdin.readline():
            raise EOFError
        self._draw(f"{LINE_UP}{CLEAR_LINE}  {escaped(look())}")  # Enter has begun a new line
        self._draw("\n")

    def _draw(self, text: str) -> None:
        self._console.file.write(text[: self._console.width])
        self._console.file.flush()

    def confirm(self, question: str, default: bool | None = None) -> bool:
        """Ask a question until it is answered with y or n. default: the answer of Enter alone."""
        with _end_of_input_refused():
            if default is None:
                return Confirm.ask(_prompt(question), console=self._console)
            return Confirm.ask(_prompt(question), console=self._console, default=default)

    def answer(self, question: str) -> str:
        """Return the answer to a question as it was typed."""
        with _end_of_input_refused():
            return self._console.input(escaped(question), markup=False).strip()

    def secret(self, question: str) -> str:
        """Ask for a text that is not shown while it is typed.

        ``getpass`` would read it from /dev/tty and not from standard input.
        """
        with _end_of_input_refused(), _echo_off(sys.stdin):
            answer = self._console.input(f"{escaped(question)}: ", markup=False)
        self.say("")
        return answer

    def ask(self, question: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """Ask for a text. default: the answer of Enter alone. choices: the only answers, if any."""
        with _end_of_input_refused():
            return _Prompt.ask(
                _prompt(question),
                console=self._console,
                default=default,
                show_default=bool(default),
                choices=list(choices) or None,
            ).strip()


class _Prompt(Prompt):
    def render_default(self, default: Any) -> Text:
        """Return the default as it is shown in the question."""
        return Text(escaped(f"({default})"), "prompt.default")


def _prompt(question: str) -> Text:
    """Return a question whose brackets are no markup."""
    return Text(escaped(question), style="prompt")


@contextmanager
def _echo_off(keyboard: Any) -> Iterator[None]:
    """Switch the echo of a terminal off; input that is not a terminal has none."""
    try:
        before = termios.tcgetattr(keyboard)
    except (TypeError, OSError, ValueError, termios.error):
        yield
        return
    silent = list(before)
    silent[_LOCAL_MODES] &= ~termios.ECHO
    try:
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, silent)
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


@contextmanager
def _end_of_input_refused() -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise InputEnded("standard input has ended; run it in a terminal") from None


PROGRESS_AFTER_S = 1.0
"""A command that takes less shows no bar."""

REDRAW_EVERY_S = 0.1

CHECK_CLOCK_EVERY_ROWS = 256

CLEAR_LINE, LINE_UP = "\r\x1b[2K", "\x1b[A"

T = TypeVar("T")


class Progress:
    """Count of rows; a slow command shows it as a bar on standard error if that is a terminal."""

    def __init__(self) -> None:
        self._redraw_at = time.perf_counter() + PROGRESS_AFTER_S
        self._rows = 0
        self._total: int | None = None
        self._bar: RichProgress | None = None
        self._cursor = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._cursor:
            if self._bar is not None:
                self._bar.stop()

    def begin(self, total: int) -> None:
        """Count from zero; ``total`` rows are expected."""
        self._rows, self._total = 0, total

    def step(self) -> None:
        """Count one row."""
        self._rows += 1
        if self._rows % CHECK_CLOCK_EVERY_ROWS == 0:
            self._show()

    def watch(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items and count each as one row."""
        for item in items:
            self.step()
            yield item

    def print(self, line: str) -> None:
        """Print a line without damaging the bar."""
        if self._bar is not None and sys.stdout.isatty():
            line = f"{CLEAR_LINE}{line}"
        sys.stdout.write(f"{line}\n")

    def _show(self) -> None:
        now = time.perf_counter()
        if now < self._redraw_at:
            return
        if self._bar is None:
            if not can_draw(sys.stderr, 0, 0):
                return
            self._cursor.enter_context(cursor_given_back(sys.stderr))
            self._bar = _bar()
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._rows, total=self._total)
        self._bar.refresh()
        self._redraw_at = now + REDRAW_EVERY_S


def _bar() -> "RichProgress":
    from rich.progress import Progress as RichProgress

    # Without redirection and a drawing thread, standard output is not touched.
    bar = RichProgress(
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("replaying", total=None)
    return bar
