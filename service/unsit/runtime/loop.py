"""Loop: the one thread that decides, its inbox for other threads, and its timers.

The loop makes one call at a time and chooses it again after each. In this order:

1. an interruption: the stop of the service, or the error of another thread;
2. whatever came first in time: an edge of a pin, the deadline of the chair, or a timer;
3. one item of the inbox, such as a command over MQTT.

So a flood of commands delays no sound, no timer, no edge and no stop by more than one item. An item
that is slow, a machine that stands still for a second, and items that arrive while others wait
change no order: an edge always comes before the deadlines after it.

A round makes the deadline and the timers that were due when it began, and then one item has its
turn. A timer that is armed for a past instant, or for now, belongs to the next round.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

from unsit.core.instant import Instant
from unsit.runtime.clock import Act, Clock, Inbox

EDGES_MAX = 100
"""Edges in one round. A pin that changes faster than the loop decides delays a timer by two rounds.
"""


class Timer:
    """One call in the future, until it is cancelled or made."""

    def __init__(self, arm: Callable[["Timer"], object], act: Act) -> None:
        self._arm = arm
        self._act: Act | None = act
        self._is_started = False

    @property
    def is_pending(self) -> bool:
        """True from the start until the call is made or cancelled."""
        return self._is_started and self._act is not None

    @property
    def is_cancelled(self) -> bool:
        """True if there is no call to make any more."""
        return self._act is None

    def start(self) -> None:
        """Start the timer."""
        self._is_started = True
        self._arm(self)

    def cancel(self) -> None:
        """Cancel the call."""
        self._act = None

    def expire(self) -> None:
        """Make the call, unless it was cancelled."""
        act, self._act = self._act, None
        if act is not None:
            act()


_Timers = list[tuple[Instant, int, Timer]]
"""Heap of timers in order of time and then of creation."""


class Loop:
    """Calls in order of time, all in the thread that called ``run``.

    clock: the source of time. Other threads may only use ``call``, ``call_as_of``, ``interrupt``
    and ``fail``.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._inbox: Inbox = SimpleQueue()
        self._edges: deque[tuple[Instant, Act]] = deque()
        self._interruptions: deque[Act] = deque()
        self._timers: _Timers = []
        self._real_timers: _Timers = []
        self._order = itertools.count()
        self._deadline: Callable[[], Instant | None] = lambda: None
        self._at_deadline: Act = lambda: None
        self._on_sleep: Callable[[Instant], object] = lambda since: None
        self._running = False
        self._failure: BaseException | None = None

    def call(self, act: Callable[..., object], *args: Any) -> None:
        """Make the loop call a function soon. Safe from any thread."""
        self._inbox.put(lambda: act(*args))

    def call_as_of(self, at: Instant, act: Callable[..., object], *args: Any) -> None:
        """Call a function for something that happened at an instant. Safe from any thread.

        It comes before deadlines of the same instant or later, after those that were due earlier,
        and before all items of the inbox. Use it for edges of pins only: they are few.
        """
        self._edges.append((at, lambda: act(*args)))
        self._inbox.put(_wake_up)

    def interrupt(self, act: Callable[..., object], *args: Any) -> None:
        """Call a function after the present call, before all else. Safe from any thread."""
        self._interruptions.append(lambda: act(*args))
        self._inbox.put(_wake_up)

    def at(self, instant: Instant, act: Act) -> None:
        """Call a function at an instant, or soon if it has passed. From the loop's thread only."""
        self._arm(instant, Timer(lambda timer: None, act))

    def timer(self, delay: float, act: Callable[[], None]) -> Timer:
        """Return a timer of ``delay`` seconds that can be cancelled and is not yet started."""
        length = timedelta(seconds=delay)
        return Timer(lambda timer: self._arm(self.clock.now() + length, timer), act)

    def every(self, period: timedelta | Callable[[], timedelta], act: Callable[[], None]) -> None:
        """Call a function once per period, first within one period from now.

        The calls are at whole multiples of the period, so the loop wakes up once for all functions
        with the same period. A period that is a function is evaluated after each call.
        """

        def again() -> None:
            self.at(_next_multiple(length(), self.clock.now()), again)
            act()

        length = period if callable(period) else lambda: period
        self.at(_next_multiple(length(), self.clock.now()), again)

    def after_real(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call a function after ``seconds`` of real time; return the timer, to cancel it.

        Use it for delays of the world outside, such as a network, which no scaled clock changes.
        From the loop's thread, or before ``run``.
        """
        expires = self.clock.real_now() + timedelta(seconds=max(seconds, 0))
        timer = Timer(
            lambda timer: heapq.heappush(self._real_timers, (expires, next(self._order), timer)),
            act,
        )
        timer.start()
        return timer

    def watch_deadline(self, deadline: Callable[[], Instant | None], act: Act) -> None:
        """Call ``act`` each time that the instant which ``deadline`` returns has come."""
        self._deadline, self._at_deadline = deadline, act

    def watch_sleep(self, act: Callable[[Instant], object]) -> None:
        """Call ``act`` with the instant at which the machine fell asleep, once it is awake again.

        This comes before everything that was due meanwhile.
        """
        self._on_sleep = act

    def run(self) -> None:
        """Run until ``stop``, or raise the error that ``fail`` was called with."""
        self._running = True
        while self._running:
            item = self.clock.next_act(self._inbox, self._next_instant())
            self._run_round(self.clock.now(), before_item=item is not None)
            if item is not None and self._running:
                item()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End ``run`` after the present call. From the loop's own thread only."""
        self._running = False

    def fail(self, error: BaseException) -> None:
        """End ``run`` with an error of another thread, before all else. Safe from any thread."""
        self.interrupt(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self.stop()

    def _arm(self, instant: Instant, timer: Timer) -> None:
        """Add a timer. One for a past instant must not go before those that are due now."""
        instant = max(instant, self.clock.now())
        heapq.heappush(self._timers, (instant, next(self._order), timer))

    def _next_instant(self) -> Instant | None:
        """Return when to wake up."""
        first = self._first_timer()
        deadline = self._deadline()
        if deadline is None or first is None:
            return deadline if first is None else first[0]
        return min(first[0], deadline)

    def _first_timer(self) -> tuple[Instant, int, _Timers] | None:
        """Return the next timer's instant on the loop's clock, its number, and its heap."""
        found = []
        for timers in (self._timers, self._real_timers):
            while timers and timers[0][2].is_cancelled:
                heapq.heappop(timers)
            if timers:
                at, number, _ = timers[0]
                at = at if timers is self._timers else self.clock.at_real(at)
                found.append((at, number, timers))
        return min(found, default=None, key=lambda first: first[:2])

    def _run_round(self, now: Instant, *, before_item: bool) -> None:
        """Make the calls that are due at ``now``; before an item, those that were due before it.

        The acts of the world at an instant come before the deadlines of that instant.
        """
        next_round = next(self._order)
        edges_left = EDGES_MAX
        deadline_met = False
        while self._running:
            if self._interruptions:
                self._interruptions.popleft()()
                continue
            if (asleep_since := self.clock.slept_since()) is not None:
                self._on_sleep(asleep_since)
            deadline = None if deadline_met else self._deadline()
            first = self._first_timer()
            if first is not None and first[1] > next_round:
                first = None
            due = deadline
            if first is not None and (deadline is None or first[0] < deadline):
                due = first[0]
            edge_at = self._edges[0][0] if self._edges and edges_left else None
            if edge_at is not None and (due is None or edge_at <= due):
                edges_left -= 1
                self._edges.popleft()[1]()
            elif due is None or not (
                due < now or (due == now and not before_item) or edge_at is not None
            ):
                return
            elif due == deadline:
                deadline_met = True
                self._at_deadline()
            elif first is not None:
                heapq.heappop(first[2])[2].expire()


def _next_multiple(period: timedelta, now: Instant) -> Instant:
    return (now // period + 1) * period


def _wake_up() -> None:
    """Do nothing: an item of the inbox that ends the clock's wait."""
