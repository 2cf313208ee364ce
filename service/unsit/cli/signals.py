"""Signals that ask a command to end."""

import signal
from collections.abc import Callable


def on_stop(stop: Callable[[], None]) -> None:
    """Has the signals that end a program call a function that is safe in a signal handler.

    SIGHUP is among them: a terminal that was closed is no reason to leave a buzzer sounding.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())
