"""Errors that the service raises on purpose, and foreign text that is safe to show in a message.

Each error has the exit code that it ends a command with: those of sysexits(3), by Python's names
for them (``os.EX_*``). Foreign text is a payload, a topic or a name from the network: anybody who
may publish at the broker can send line breaks, escape sequences and kilobytes. The functions below
keep such a text on its line, and its length within bounds.

Every way to a person goes through ``escaped``: the log (``unsit.cli.process``), the error of a
command (``unsit.__main__``), findings, the terminal, the text of an event, the status for systemd.
A text is shortened by ``printable`` where it comes in.
"""

import os
import signal

SHOWN_MAX_CHARACTERS = 200
"""Characters of a foreign text that are shown."""


SIGNALLED = 128
"""Exit code of a command that a signal has ended, less the number of the signal."""


class UnsitError(Exception):
    """Base of every error that the service raises on purpose; the message is for the user."""

    exit_code = os.EX_SOFTWARE


class UsageError(UnsitError, ValueError):
    """The command line asks for something impossible."""

    exit_code = os.EX_USAGE


class SettingsError(UnsitError, ValueError):
    """A setting is unknown, unreadable or out of range."""

    exit_code = os.EX_CONFIG


class CalibrationError(UnsitError, ValueError):
    """The load cells cannot be calibrated from their readings."""

    exit_code = os.EX_DATAERR


class LostThreadError(UnsitError, RuntimeError):
    """A thread that the service needs has ended, or does not answer."""


class UnavailableError(UnsitError, OSError):
    """Something that the command needs is missing or does not answer."""

    exit_code = os.EX_UNAVAILABLE


class OutputError(UnsitError, OSError):
    """Standard output cannot be written, such as to a disk that is full."""

    exit_code = os.EX_IOERR


class OutputClosedError(UnsitError, OSError):
    """The reader of standard output has closed it, as ``head`` does."""

    exit_code = os.EX_OK


class InterruptedBySignal(KeyboardInterrupt):
    """Signal that ends a command before its work is done. number: that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """The exit code that a shell shows for a command that this signal has ended."""
        return SIGNALLED + self.number


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an error: ``EX_SOFTWARE`` if nobody raised it on purpose.

    A missing permission goes first, also as the cause of another error.
    """
    if isinstance(error, KeyboardInterrupt) and not isinstance(error, InterruptedBySignal):
        return SIGNALLED + signal.SIGINT
    if isinstance(error, PermissionError) or isinstance(error.__cause__, PermissionError):
        return os.EX_NOPERM
    code: int = getattr(error, "exit_code", os.EX_SOFTWARE)
    return code


def escaped(text: str) -> str:
    r"""Return a text of any length with escapes for the characters that cannot be printed.

    These are control characters, line breaks, marks that change the direction of writing, and
    halves of characters. Example: ``"a\x1b[2J"`` becomes ``a\\x1b[2J``.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def escaped_lines(text: str) -> str:
    """Return a text like ``escaped``, with its line breaks left."""
    return "\n".join(map(escaped, text.split("\n")))


def printable(foreign: object, limit: int = SHOWN_MAX_CHARACTERS) -> str:
    r"""Return a foreign text for a line of a log or a terminal.

    Characters that cannot be printed become escapes, and a text longer than ``limit`` characters
    ends with an ellipsis. Example: ``"snooze\nOct 1 unsit: forged"`` becomes
    ``snooze\\nOct 1 unsit: forged``.

    foreign: the text, its UTF-8 bytes, or another value to show as text.
    """
    text = foreign.decode(errors="replace") if isinstance(foreign, bytes) else str(foreign)
    return escaped(text if len(text) <= limit else text[: limit - 1] + "…")


def quoted(foreign: str, limit: int = SHOWN_MAX_CHARACTERS) -> str:
    """Return a foreign text in quotes, escaped and shortened like ``printable``."""
    return repr(foreign if len(foreign) <= limit else foreign[: limit - 1] + "…")
