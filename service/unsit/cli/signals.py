"""Signals that ask a command to end."""

import signal
from collections.abc import Callable


def on_stop(stop: Callable[[], None]) -> None:
    """Has SIGINT and SIGTERM call a function that is safe in a signal handler."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
