"""Edge watch: one thread that sleeps until the kernel has an edge on one of the lines."""

import contextlib
import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

Callback = Callable[[], None]

WhenFailed = Callable[[BaseException], None]

FAILURES_BETWEEN_LOGS = 10
"""Factor between the counts of failures that are logged: the 1st, 10th, 100th and so on."""

KINDS_OF_FAILURE_MAX = 100
"""Kinds of failures that are counted apart."""


class LineLostError(Exception):
    """The kernel has removed a line, such as that of an unplugged adapter."""


class EdgeWatch:
    """Thread that calls the listener of a line when the kernel has edges on it.

    There is one thread for all lines, from the first ``add`` to ``close``. It blocks without a
    time-out. No exception of a listener or of a callback ends it: each kind is logged with its
    traceback once, and then at its 10th, 100th, 1000th time.

    when_failed: called on the watch's thread with each such exception, after which an edge may not
        have been handled. Default: nothing.
    thread: the thread, None before the first ``add``.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
        self._epoll.register(self._wake_fd, select.EPOLLIN)
        self._listeners: dict[int, Callback] = {}
        self.thread: threading.Thread | None = None
        self._closed = False
        self._callbacks: list[Callback] = []
        self._failures: dict[tuple[object, type[BaseException]], int] = {}
        self.when_failed: WhenFailed = lambda error: None

    def call_soon(self, callback: Callback) -> None:
        """Call a function on the watch's thread. The call proves that edges would be received."""
        self._callbacks.append(callback)
        os.eventfd_write(self._wake_fd, 1)

    def add(self, line: int, listener: Callback) -> None:
        """Call ``listener`` on the watch's thread whenever the file descriptor has edges."""
        self._listeners[line] = listener
        self._epoll.register(line, select.EPOLLIN)
        if self.thread is None:
            self.thread = threading.Thread(target=self._run, name="edges", daemon=True)
            self.thread.start()

    def remove(self, line: int) -> None:
        """Remove the listener of a line. Without a listener this does nothing."""
        if self._listeners.pop(line, None) is not None:
            with contextlib.suppress(OSError, ValueError):  # a closed line has left by itself
                self._epoll.unregister(line)

    def close(self) -> None:
        """End the thread. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        os.eventfd_write(self._wake_fd, 1)
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join()
        self._epoll.close()
        os.close(self._wake_fd)

    def _run(self) -> None:
        while not self._closed:
            for fd, flags in self._epoll.poll():
                if fd == self._wake_fd:
                    self._run_callbacks()
                elif flags & select.EPOLLIN:
                    self._call_listener(fd)
                else:
                    self._lose(fd, LineLostError("it has no edges any more"))

    def _run_callbacks(self) -> None:
        os.eventfd_read(self._wake_fd)
        while self._callbacks:
            self._call("a callback", self._callbacks.pop())

    def _call_listener(self, line: int) -> None:
        listener = self._listeners.get(line)
        if listener is not None:
            self._call(line, listener)

    def _call(self, what: object, function: Callback) -> None:
        try:
            function()
        except LineLostError as error:
            self._lose(what, error)
        except BaseException as error:
            self._report(what, error)
            self._tell(error)

    def _lose(self, line: Any, error: LineLostError) -> None:
        log.error(
            "the kernel has removed a GPIO line (%s): its edges are no longer received", error
        )
        self.remove(line)
        self._tell(error)

    def _report(self, what: object, error: BaseException) -> None:
        kind = what, type(error)
        if kind not in self._failures and len(self._failures) >= KINDS_OF_FAILURE_MAX:
            return
        number = self._failures[kind] = self._failures.get(kind, 0) + 1
        if number == 1:
            log.error(
                "the listener of an edge failed; later edges are still received", exc_info=error
            )
        elif number == FAILURES_BETWEEN_LOGS ** (len(str(number)) - 1):
            log.error("the listener of an edge failed %d times: %r", number, error)

    def _tell(self, error: BaseException) -> None:
        try:
            self.when_failed(error)
        except Exception:
            log.exception("the report of a failed listener failed")
