"""What ends a command: the signals that ask for it, and a thread that has crashed."""

import signal
import threading
from collections.abc import Callable

from unsit.errors import LostThreadError


def on_stop(stop: Callable[[], None]) -> None:
    """Has the signals that end a program call a function that is safe in a signal handler.

    SIGHUP is among them: a terminal that was closed is no reason to leave a buzzer sounding.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())


def on_crash(fail: Callable[[BaseException], None]) -> None:
    """Has an error that ends any other thread end the program too.

    A chair that has lost a thread would look alive and hear nothing.
    """

    def crashed(thread: threading.ExceptHookArgs) -> None:
        error = thread.exc_value or thread.exc_type()
        if not isinstance(error, Exception):  # it ended itself, which is no end for a service
            name = thread.thread.name if thread.thread else "one"
            error = LostThreadError(f"the thread {name!r} has ended itself with {error!r}")
        fail(error)

    threading.excepthook = crashed
