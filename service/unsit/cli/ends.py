"""What ends a command: the signals that ask for it, and a thread that has crashed."""

import signal
import socket
import threading
from collections.abc import Callable

from unsit.errors import LostThreadError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""SIGHUP too: a terminal that was closed is no reason to leave a buzzer sounding."""


def on_stop(stop: Callable[[], None]) -> None:
    """Has the signals that end a program call a function, in a thread of their own.

    Python handles a signal in the main thread alone, and one that comes just before that thread
    begins to wait is handled when the wait is over. What the wake-up descriptor tells, it tells at
    once.
    """
    told, tells = socket.socketpair()
    tells.setblocking(False)
    for number in SIGNALS:
        signal.signal(number, _told_by_the_descriptor)
    signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_wait_for, args=(told, tells, stop), name="stop", daemon=True).start()


def _told_by_the_descriptor(*_: object) -> None:
    """A handler of Python's there must be."""


def _wait_for(told: socket.socket, tells: socket.socket, stop: Callable[[], None]) -> None:
    with told, tells:
        while True:
            if told.recv(1)[0] in SIGNALS:
                stop()


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
