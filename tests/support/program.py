"""The command ``unsit`` for tests: run in this process, or as a program of its own."""

import functools
import io
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest
from gpiozero import Device

from support import marker_password
from unsit.__main__ import main
from unsit.cli.process import STOP_SIGNALS

PROGRAM_TIMEOUT_S = 300
"""A program that does not end in this time is killed, and the test fails."""

UNSIT = (sys.executable, "-m", "unsit")

NO_DWELL = ("--set", "seat.sit_dwell=0", "--set", "seat.stand_dwell=0")


@dataclass(frozen=True, slots=True)
class Ended:
    """Result of a command that has ended: exit code and output."""

    code: int | str | None
    out: str
    err: str

    def __post_init__(self) -> None:
        marker_password.must_not_be_in(self.out, self.err)

    @property
    def lines(self) -> list[str]:
        """Lines of standard output."""
        return self.out.splitlines()

    @property
    def complaint(self) -> str:
        """Single line on standard error; nothing is on standard output."""
        assert self.out == ""
        assert self.err.count("\n") == 1
        assert self.err.endswith("\n")
        return self.err.removesuffix("\n")


@contextmanager
def restored_signals() -> Iterator[None]:
    """Restore the signal handlers that a command replaces in this process."""
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _as_in_a_program(env: Mapping[str, str], stdin: str | None) -> Iterator[None]:
    """Give a command the variables, input, log and pins that a program of its own would have."""
    log, pins = logging.getLogger(), Device.pin_factory
    handlers, level = log.handlers[:], log.level
    with pytest.MonkeyPatch.context() as patch, restored_signals():
        for name, value in env.items():
            patch.setenv(name, value)
        if stdin is not None:
            patch.setattr(sys, "stdin", io.StringIO(stdin))
        log.handlers[:] = []
        try:
            yield
        finally:
            log.handlers[:] = handlers
            log.setLevel(level)
            if Device.pin_factory is not pins:
                Device.pin_factory.close()
                Device.pin_factory = pins


def here(*arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None) -> Ended:
    """Run ``unsit`` in this process, which spares the start of a program.

    env: variables over the environment. stdin: text on standard input, None for that of the tests.
    """
    code: int | str | None
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), _as_in_a_program(env or {}, stdin):
        try:
            code = main(arguments)
        except SystemExit as exit_:  # argparse exits after --help and --version
            code = exit_.code
    return Ended(code, out.getvalue(), err.getvalue())


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without settings of the chair, and ``more``.

    Output is buffered, as it is outside of tests.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("UNSIT_") and name != "PYTHONUNBUFFERED"
    }
    return kept | {"XDG_CONFIG_HOME": "/no-config"} | more


def run(
    *arguments: str, env: Mapping[str, str] | None = None, runner: tuple[str, ...] = UNSIT
) -> Ended:
    """Run ``unsit`` as a program of its own until it ends.

    env: variables over the environment. runner: the command before the arguments.
    """
    ended = subprocess.run(
        [*runner, *arguments],
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PROGRAM_TIMEOUT_S,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@functools.cache
def as_nobody() -> tuple[str, ...]:
    """Return a command that runs ``unsit`` as a user without root's permissions."""
    if os.geteuid() != 0:
        return UNSIT
    if shutil.which("setpriv") is None:
        pytest.skip("root can read every file, and setpriv is missing")
    runner = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *UNSIT)
    if run("--version", runner=runner).code != 0:
        pytest.skip("root can read every file, and another user cannot run this program")
    return runner


class _Watched:
    """A program that is killed after the timeout or when its block ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._watchdog = threading.Timer(PROGRAM_TIMEOUT_S, process.kill)
        self._watchdog.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._watchdog.cancel()
        self._watchdog.join()
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        """Close the pipes or the terminal of the program."""


class Program(_Watched):
    """A running ``unsit`` whose log is read line by line."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._seen: list[str] = []
        process = subprocess.Popen(
            [*UNSIT, *arguments],
            env=environment(**(env or {})),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._in = _not_none(process.stdin)
        self._out = _not_none(process.stdout)
        self._err = _not_none(process.stderr)
        super().__init__(process)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def wait_for(self, words: str) -> str:
        """Wait for the next line of the log with the words, and return it."""
        for line in self._err:
            self._seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} is not in the log: {''.join(self._seen)}")

    def say(self, rows: str) -> None:
        """Write to its standard input."""
        self._in.write(rows)
        self._in.flush()

    def say_no_more(self) -> None:
        """Close its standard input."""
        self._in.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send it a signal and wait for its end."""
        self._process.send_signal(number)
        return self.end()

    def end(self) -> Ended:
        """Wait until it ends by itself."""
        self._seen += self._err
        out = self._out.read()
        return Ended(self._process.wait(), out, "".join(self._seen))

    def _close(self) -> None:
        for pipe in (self._in, self._out, self._err):
            pipe.close()


class OnTerminal(_Watched):
    """A program on a pseudo-terminal of its own, where Ctrl-C can be pressed."""

    _LOGIN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"

    def __init__(self, *command: str, **env: str) -> None:
        self._seen = ""
        self._keyboard, screen = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", self._LOGIN, *command],
            env=environment(**({"TERM": "xterm", "COLUMNS": "100", "LINES": "40"} | env)),
            stdin=screen,
            stdout=screen,
            stderr=screen,
            text=True,
        )
        os.close(screen)
        super().__init__(process)

    def wait_for(self, words: str) -> None:
        """Wait until the words are on the screen."""
        while words not in self._seen:
            more = self._read()
            assert more, f"{words!r} is not on the screen: {self._seen[-2000:]}"
            self._seen += more

    def press_ctrl_c(self) -> None:
        """Type Ctrl-C."""
        self.press("c")

    def press(self, letter: str) -> None:
        """Type a letter with the key Ctrl."""
        os.write(self._keyboard, bytes([ord(letter) & 0x1F]))

    @property
    def seen(self) -> str:
        """Screen output that was read up to now."""
        return self._seen

    def end(self) -> Ended:
        """Wait until it ends; ``out`` is the whole screen output."""
        while more := self._read():
            self._seen += more
        return Ended(self._process.wait(), self._seen, "")

    def _read(self) -> str:
        try:
            return os.read(self._keyboard, 65536).decode(errors="replace")
        except OSError:  # the program has closed the terminal
            return ""

    def _close(self) -> None:
        os.close(self._keyboard)


def _not_none(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def write_recording(file: Path, *rows: str, header: str = "ts,contact") -> str:
    """Write a recording and return its name."""
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(file)
