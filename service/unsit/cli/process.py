"""Process of a command that runs until it is stopped: its log, signals, and threads that crash."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from unsit.errors import LostThreadError, escaped, escaped_lines

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""SIGHUP is among them: a buzzer must not go on sounding after its terminal is closed, unless the
program was started to outlive it, as by nohup.
"""


class LineFormatter(logging.Formatter):
    """Format of the log: one line for each message, whatever foreign text is in it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # its name in logging
        """Return the line of a record."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # its name in logging
        """Return the lines of a traceback."""
        return escaped_lines(super().formatException(ei))


def set_up_logging(*, debug: bool, level: int = logging.INFO) -> None:
    """Log one line for each message, with the time unless the journal adds it."""
    line_format = "%(message)s" if "JOURNAL_STREAM" in os.environ else "%(asctime)s %(message)s"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(line_format, "%H:%M:%S"))
    logging.basicConfig(handlers=[handler], level=logging.DEBUG if debug else level)


def escape_warnings() -> None:
    """Format the warnings of a command without a log, which Python prints on standard error."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(LineFormatter())


def on_stop(stop: Callable[[], None]) -> None:
    """Call a function in a thread of its own when a signal asks the program to stop.

    Python runs a signal handler in the main thread only, and a signal that arrives just before
    that thread begins to wait is handled when the wait is over. The wake-up descriptor is written
    to at once.
    """
    receiver, wake_up = socket.socketpair()
    wake_up.setblocking(False)
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _ignore)
    signal.set_wakeup_fd(wake_up.fileno(), warn_on_full_buffer=False)
    threading.Thread(
        target=_stop_on_signal, args=(receiver, wake_up, stop), name="stop", daemon=True
    ).start()


def _ignore(*_: object) -> None:
    """Do nothing: Python writes to the wake-up descriptor only for a signal with a handler."""


def _stop_on_signal(
    receiver: socket.socket, wake_up: socket.socket, stop: Callable[[], None]
) -> None:
    with receiver, wake_up:  # the descriptor stays open as long as Python writes to it
        while True:
            if receiver.recv(1)[0] in STOP_SIGNALS:
                stop()


def on_crash(fail: Callable[[BaseException], None]) -> None:
    """Call a function with the error that ends any thread but the main one.

    A service that has lost a thread would look alive and not react to the chair.
    """

    def crashed(thread: threading.ExceptHookArgs) -> None:
        error = thread.exc_value or thread.exc_type()
        if not isinstance(error, Exception):  # SystemExit would end the service as if all were well
            name = thread.thread.name if thread.thread else "unknown"
            error = LostThreadError(f"the thread {name!r} has ended itself with {error!r}")
        fail(error)

    threading.excepthook = crashed


class _AtFirstUse(ModuleType):
    """Stand-in for a module that is imported when something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # asked for by the import system itself
        return getattr(import_module(self.__name__), name)


@contextmanager
def imported_at_first_use(*names: str) -> Iterator[None]:
    """Give the modules that are imported meanwhile stand-ins for the modules of these names.

    Each is imported when something in it is first asked for. One that has been imported already
    has no stand-in. What is imported afterwards gets the modules themselves.
    ``importlib.util.LazyLoader`` cannot do this: a second import of the same name loads the module.
    """
    stand_ins = {name: _AtFirstUse(name) for name in names if name not in sys.modules}
    for name, stand_in in stand_ins.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(import_module(parent), child, stand_in)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
