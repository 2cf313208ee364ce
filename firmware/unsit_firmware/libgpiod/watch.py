"""Waits for the edges of all lines in one thread, which sleeps until there is one."""

import logging
import os
import select
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

Hear = Callable[[], None]


class EdgeWatch:
    """Calls whoever listens at a line when the kernel has edges of it.

    There is one thread for all lines, from the first ``add`` to ``close``. It blocks without a
    time-out. What a listener raises is reported and ends nothing.
    """

    def __init__(self) -> None:
        self._lines = select.epoll()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC)
        self._lines.register(self._bell, select.EPOLLIN)
        self._listeners: dict[int, Hear] = {}
        self._thread: threading.Thread | None = None
        self._closed = False
        self._questions: list[Hear] = []

    @property
    def thread(self) -> threading.Thread | None:
        """The thread that hears edges, None while nobody listens."""
        return self._thread

    def ask(self, answer: Hear) -> None:
        """Has ``answer`` called on the watch's thread, soon: proof that edges would be heard."""
        self._questions.append(answer)
        os.eventfd_write(self._bell, 1)

    def add(self, line: int, hear: Hear) -> None:
        """Has ``hear`` called, on the watch's thread, whenever the file ``line`` can be read."""
        self._listeners[line] = hear
        self._lines.register(line, select.EPOLLIN)
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="edges", daemon=True)
            self._thread.start()

    def remove(self, line: int) -> None:
        """Calls nobody for this line any more. Harmless where nobody was."""
        if self._listeners.pop(line, None) is not None:
            self._lines.unregister(line)

    def close(self) -> None:
        """Ends the thread. Harmless when it has ended."""
        if self._closed:
            return
        self._closed = True
        os.eventfd_write(self._bell, 1)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._lines.close()
        os.close(self._bell)

    def _watch(self) -> None:
        while not self._closed:
            for line, flags in self._lines.poll():
                if line == self._bell:
                    self._answer()
                elif flags & select.EPOLLIN:
                    self._tell(line)
                else:
                    self._lose(line)

    def _answer(self) -> None:
        os.eventfd_read(self._bell)
        while self._questions:
            self._questions.pop()()

    def _tell(self, line: int) -> None:
        hear = self._listeners.get(line)
        if hear is None:
            return
        try:
            hear()
        except BaseException:
            log.exception("an edge's listener failed; the edges that follow are still heard")

    def _lose(self, line: int) -> None:
        log.error("the kernel has taken a GPIO line away; no edge of it will be heard any more")
        self.remove(line)
