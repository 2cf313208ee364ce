"""The one loop that decides: a queue where threads meet, and timers.

Everything that decides runs in the thread that called ``run``. Other threads only ``call``.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

from unsit.core.instant import Instant
from unsit.runtime.clock import Act, Clock, Inbox


class Timer:
    """One call in the future, until it is cancelled or made."""

    def __init__(self, loop: "Loop", delay: timedelta, act: Callable[[], None]) -> None:
        self._loop = loop
        self._delay = delay
        self._act: Callable[[], None] | None = act

    def start(self) -> None:
        """Starts the time running."""
        self._loop.at(self._loop.clock.now() + self._delay, self._ring)

    def cancel(self) -> None:
        """Makes the call not happen."""
        self._act = None

    def _ring(self) -> None:
        if self._act is not None:
            self._act()


class Loop:
    """Runs calls in order of time, in one thread.

    clock: what tells the time and waits.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._inbox: Inbox = SimpleQueue()
        self._timers: list[tuple[Instant, int, Act]] = []
        self._order = itertools.count()
        self._deadline: Callable[[], Instant | None] = lambda: None
        self._at_deadline: Callable[[], None] = lambda: None
        self._running = False
        self._failure: BaseException | None = None

    def call(self, act: Callable[..., object], *args: Any) -> None:
        """Has a function called by the loop, soon. Safe from any thread."""
        self._inbox.put(lambda: act(*args))

    def at(self, instant: Instant, act: Callable[[], object]) -> None:
        """Has a function called at an instant. From the loop's own thread only."""
        heapq.heappush(self._timers, (instant, next(self._order), act))

    def timer(self, delay: float, act: Callable[[], None]) -> Timer:
        """A timer of so many seconds that can be cancelled, not yet started."""
        return Timer(self, timedelta(seconds=delay), act)

    def every(self, period: timedelta | Callable[[], timedelta], act: Callable[[], None]) -> None:
        """Has a function called again and again, first within one period.

        It is called at whole multiples of the period, so that the loop wakes up once for all
        that is called as often. A period that is a function is asked for after each call.
        """

        def again() -> None:
            self.at(_next_multiple(length(), self.clock.now()), again)
            act()

        length = period if callable(period) else lambda: period
        self.at(_next_multiple(length(), self.clock.now()), again)

    def after_real(self, seconds: float, act: Callable[[], None]) -> threading.Thread:
        """Has a function called after so many real seconds, whatever the clock.

        For what the world outside times, such as a network. Gives the thread that waits.
        """
        timer = threading.Timer(seconds, self.call, (act,))
        timer.daemon = True
        timer.start()
        return timer

    def heed(self, deadline: Callable[[], Instant | None], act: Callable[[], None]) -> None:
        """Calls ``act`` whenever the instant that ``deadline`` names has come; it may move."""
        self._deadline, self._at_deadline = deadline, act

    def run(self) -> None:
        """Runs until ``stop``, or raises what ``fail`` was given."""
        self._running = True
        while self._running:
            act = self.clock.take(self._inbox, self._next())
            if act is not None:
                act()
            else:
                self._ring()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ends ``run`` after the present call. From the loop's own thread only."""
        self._running = False

    def fail(self, error: BaseException) -> None:
        """Ends ``run`` with an error that another thread met. Safe from any thread."""
        self.call(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self.stop()

    def _next(self) -> Instant | None:
        deadline = self._deadline()
        if not self._timers:
            return deadline
        first = self._timers[0][0]
        return first if deadline is None else min(first, deadline)

    def _ring(self) -> None:
        now = self.clock.now()
        deadline = self._deadline()
        if deadline is not None and deadline <= now:
            self._at_deadline()
        while self._timers and self._timers[0][0] <= now:
            _, _, act = heapq.heappop(self._timers)
            act()


def _next_multiple(period: timedelta, now: Instant) -> Instant:
    return (now // period + 1) * period
