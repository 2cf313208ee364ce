"""The command ``unsit``: in this process, or as a program that is read, spoken to and ended."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import marker
from unsit.__main__ import main

PATIENCE = 90
"""Seconds after which a program that does not end is killed, and the test fails."""

UNSIT = (sys.executable, "-m", "unsit")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a program to end."""

NO_DWELL = ("--set", "seat.sit_dwell=0", "--set", "seat.stand_dwell=0")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int | str | None
    out: str
    err: str

    def __post_init__(self) -> None:
        marker.must_not_be_in(self.out, self.err)

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()

    @property
    def complaint(self) -> str:
        """The one line on standard error, with nothing on standard output."""
        assert self.out == ""
        assert self.err.count("\n") == 1
        assert self.err.endswith("\n")
        return self.err.removesuffix("\n")


def here(*arguments: str) -> Ended:
    """Runs ``unsit`` in this process."""
    handlers = {number: signal.getsignal(number) for number in ENDING}
    code: int | str | None
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            code = main(arguments)
        except SystemExit as left:  # argparse leaves after --help and --version
            code = left.code
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return Ended(code, out.getvalue(), err.getvalue())


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of the chair, and more.

    Output is buffered as it is for everybody.
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
    """Runs ``unsit`` as a program of its own, to its end.

    env: put over the environment. runner: what stands before the arguments.
    """
    ended = subprocess.run(
        [*runner, *arguments],
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


class _Watched:
    """A program that is killed when its time is up or its block ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._watchdog = threading.Timer(PATIENCE, process.kill)
        self._watchdog.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._watchdog.cancel()
        self._watchdog.join()
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        """Gives back what was opened to speak with it."""


class Program(_Watched):
    """``unsit`` under way, its log followed line by line."""

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
        self._in = _there(process.stdin)
        self._out = _there(process.stdout)
        self._err = _there(process.stderr)
        super().__init__(process)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def wait_for(self, words: str) -> str:
        """The next line of the log that has the words in it."""
        for line in self._err:
            self._seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} did not come; what came: {''.join(self._seen)}")

    def say(self, rows: str) -> None:
        """Writes to its standard input."""
        self._in.write(rows)
        self._in.flush()

    def say_no_more(self) -> None:
        """Ends its standard input."""
        self._in.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Sends it a signal and waits for its end."""
        self._process.send_signal(number)
        return self.end()

    def end(self) -> Ended:
        """Waits until it ends by itself."""
        self._seen += self._err
        out = self._out.read()
        return Ended(self._process.wait(), out, "".join(self._seen))

    def _close(self) -> None:
        for pipe in (self._in, self._out, self._err):
            pipe.close()


class OnTerminal(_Watched):
    """A program on a terminal of its own, where Ctrl-C can be pressed."""

    _LOGIN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"

    def __init__(self, *command: str) -> None:
        self._seen = ""
        self._keyboard, screen = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", self._LOGIN, *command],
            env=environment(TERM="xterm", COLUMNS="100", LINES="40"),
            stdin=screen,
            stdout=screen,
            stderr=screen,
            text=True,
        )
        os.close(screen)
        super().__init__(process)

    def wait_for(self, words: str) -> None:
        """Waits until the words are on the screen."""
        while words not in self._seen:
            more = self._read()
            assert more, f"{words!r} did not come; what came: {self._seen[-2000:]}"
            self._seen += more

    def press_ctrl_c(self) -> None:
        """Interrupts it as a person would."""
        os.write(self._keyboard, b"\x03")

    def end(self) -> Ended:
        """Waits until it ends; ``out`` is all that was on the screen."""
        while more := self._read():
            self._seen += more
        return Ended(self._process.wait(), self._seen, "")

    def _read(self) -> str:
        try:
            return os.read(self._keyboard, 65536).decode(errors="replace")
        except OSError:  # how a terminal says that nobody is there any more
            return ""

    def _close(self) -> None:
        os.close(self._keyboard)


def _there(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def write_recording(file: Path, *rows: str, header: str = "ts,contact") -> str:
    """Writes a recording and gives its name."""
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(file)
