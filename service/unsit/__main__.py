"""Entry point of the command ``unsit``: prepares streams and signals, and runs the command.

The streams behave as those of other programs: a character that the terminal cannot show is
replaced by a similar one, output that cannot be written ends the command with ``EX_IOERR``, and a
reader that has gone ends it without a word. A signal ends it with 128 and the signal's number.
"""

import codecs
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from unsit.cli.parser import parser
from unsit.cli.process import escape_warnings
from unsit.errors import (
    InterruptedBySignal,
    OutputClosedError,
    OutputError,
    UnsitError,
    escaped,
    exit_code_of,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_COMMANDS = {
    "run": "unsit.cli.run:run",
    "demo": "unsit.cli.demo:main",
    "replay": "unsit.cli.recordings:replay_file",
    "record": "unsit.cli.recordings:record_file",
    "calibrate": "unsit.cli.calibrate:main",
    "check": "unsit.cli.check:main",
    "setup": "unsit.cli.setup:main",
    "silence": "unsit.cli.run:silence_buzzer",
    "config": "unsit.cli.commands:show_config",
    "report": "unsit.cli.report:main",
    "status": "unsit.cli.status:main",
    "history": "unsit.cli.history:main",
    "collect": "unsit.cli.collect:main",
    "exercises": "unsit.cli.commands:show_exercises",
    "dashboard": "unsit.cli.commands:show_dashboard",
    "forget": "unsit.cli.commands:forget_chair",
}
"""Module and function of each command; a module is imported when its command is used."""

_LEFT_UNDONE = {
    "calibrate": "; the calibration is unchanged",
    "check": "; the checks after the last line were not made",
    "history": "; of a file or period that was not reported, nothing is changed",
    "forget": "; messages of the chair may be left at the broker, run it again",
    "replay": "; the replay is not complete",
    "report": "; the report is not complete",
}
"""What an interrupted command leaves undone."""

_ENDED_BY_SIGNAL = ("run", "record", "collect")
"""Commands whose work a signal ends; for them it is a success, also before they have begun."""

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. An error is one line on standard error."""
    _prepare_streams()
    interrupt = _Interrupt()
    for number in _INTERRUPTS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, interrupt)
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not given:
        parser().print_help(sys.stderr)
        return os.EX_USAGE
    try:
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        return _report_interrupt(interrupt, given)
    except OutputClosedError:
        _discard_output()
        return os.EX_OK
    except Exception as error:
        if isinstance(error, OutputError):
            _discard_output()
        return _report(error, debug="--debug" in given)
    return code


def _run(given: Sequence[str]) -> int:
    try:
        chosen = parser().parse_args(given)
    except SystemExit:  # after --help and --version
        return os.EX_OK
    escape_warnings()
    module, _, function = _COMMANDS[chosen.command].partition(":")
    code: int | None = getattr(import_module(module), function)(chosen)
    return code or os.EX_OK


def _report(error: Exception, *, debug: bool) -> int:
    """Print an error as one line and return its exit code."""
    if debug:
        traceback.print_exc()
    code = exit_code_of(error)
    line = escaped(" ".join(str(error).split()))
    if code == os.EX_SOFTWARE and not isinstance(error, UnsitError):
        line = f"a bug in unsit: {type(error).__name__}: {line}; --debug shows where"
    print(line if code == os.EX_DATAERR else f"unsit: {line}", file=sys.stderr)
    return code


# Signals


class _Interrupt:
    """Handler of signals that raises InterruptedBySignal, but not for the second signal.

    The program timeout sends two, and a person may press Ctrl-C twice: the second one would
    interrupt what the first one has begun to clean up. A third one interrupts that too.
    """

    def __init__(self) -> None:
        self._signals = 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        self._signals += 1
        if self._signals != 2:
            raise InterruptedBySignal(number)


def _report_interrupt(interrupt: KeyboardInterrupt, given: Sequence[str]) -> int:
    """Print what an interrupted command leaves undone, and return its exit code."""
    if given[0] in _ENDED_BY_SIGNAL:
        return os.EX_OK
    with suppress(OSError):
        sys.stdout.flush()
    number = getattr(interrupt, "number", signal.SIGINT)
    by = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
    undone = _LEFT_UNDONE.get(given[0], "")
    begin = "\n" if sys.stderr.isatty() else ""  # after the ^C that the terminal shows
    print(f"{begin}unsit: stopped by {by}{undone}", file=sys.stderr)
    return exit_code_of(interrupt)


# Streams


class _Output(io.FileIO):
    """Standard output, whose errors are not taken for those of other files."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write data. Raises OutputClosedError or OutputError."""
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise OutputClosedError(str(error)) from error
        except OSError as error:
            raise OutputError(f"the output cannot be written: {error.strerror}") from error


class _Diagnostics(io.FileIO):
    """Standard error: a command does its work also if nobody reads its errors."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write data, or drop it."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _prepare_streams() -> None:
    """Replace the streams of this process, unless a program around this one has done so."""
    codecs.register_error(_SIMILAR, _replace_by_similar)
    if sys.__stdin__ is None:
        _open_in_place(0, os.O_RDONLY)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # to the end
    if sys.__stdout__ is None:
        _open_in_place(1, os.O_RDONLY)  # so that writing fails, as it does on a closed stream
    if sys.__stderr__ is None:
        _open_in_place(2, os.O_WRONLY)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _text(_Output(1, "w", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Diagnostics(2, "w", closefd=False), sys.stderr, is_by_line=True)


def _open_in_place(number: int, flags: int) -> None:
    """Open the null device as a stream that was closed, so that no other file gets its number."""
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _text(raw: io.FileIO, former: TextIO | None, *, is_by_line: bool = False) -> io.TextIOWrapper:
    """Return a text stream with the encoding and the buffering of the former one."""
    encoding, is_unbuffered = "utf-8", False
    if isinstance(former, io.TextIOWrapper):
        encoding, is_unbuffered = former.encoding, former.write_through
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors=_SIMILAR,
        line_buffering=is_by_line or raw.isatty(),
        write_through=is_unbuffered,
    )


def _discard_output() -> None:
    """Drop what is left in the buffer of standard output, whose flush at the end would fail."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
        sys.stdout.flush()


_SIMILAR = "unsit.similar"
"""Name of the handler of characters that a stream cannot encode."""

_LOOK_ALIKES = str.maketrans(
    "–—‘’“”„•·…→←×≥≤◯●○░▒█▄▌▐╱╲╷│┃┤━─═┙┘╯╭╮╰┻♪",  # noqa: RUF001  # the point of it
    "--''\"\"\"*..><x><O*O:=##||/\\||||--='''/\\\\+*",
) | {ord(umlaut): f"{vowel}e" for umlaut, vowel in zip("äöüÄÖÜ", "aouAOU", strict=True)}
"""Similar texts. But for umlauts each is one character, so that a picture keeps its shape."""


def _replace_by_similar(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that cannot be encoded by similar ones, or by question marks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(_similar(one, error.encoding) for one in characters), error.end


def _similar(character: str, encoding: str) -> str:
    import unicodedata  # few terminals need it

    plain = character.translate(_LOOK_ALIKES).replace("ß", "ss")
    for candidate in (plain, unicodedata.normalize("NFKD", plain)[:1]):
        with suppress(UnicodeError):
            candidate.encode(encoding)
            return candidate
    return "?"


if __name__ == "__main__":
    sys.exit(main())
