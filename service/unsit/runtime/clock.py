"""Three clocks under one loop: live, scaled and virtual.

Durations come from the monotonic clock alone; the wall clock only names instants.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from unsit.core.instant import ZERO, Instant

Act = Callable[[], object]
Inbox = SimpleQueue[Act]
"""What other threads want done, in order."""

LONGEST_WAIT = timedelta(hours=1)

CLOSE = timedelta(microseconds=100)
TRIES = 5
"""Two readings of clocks are taken for one if they are so close, else the closest of so many."""


class Clock(Protocol):
    """Tells the time and lets it pass."""

    @property
    def epoch(self) -> str:
        """Names what instants count from: the same name, the same origin of the clock."""

    def now(self) -> Instant:
        """The monotonic time since the clock's origin."""

    def wall(self, at: Instant) -> datetime:
        """The date of an instant, as the wall clock has it now, with the local offset."""

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """The next thing to do, or None when ``until`` has come; None as ``until`` is never."""


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_boot() -> str:
    """Names the time since the machine was started; a name of its own where that is not told."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


class LiveClock:
    """Real time. The wall clock may be set at any moment; durations do not notice."""

    def __init__(self) -> None:
        self.epoch = this_boot()

    def now(self) -> Instant:
        """The kernel's monotonic time, counted from its own origin."""
        return _monotonic()

    def wall(self, at: Instant) -> datetime:
        """The wall clock's now, less how long ago the instant was."""
        return (_origin() + at).astimezone()

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Waits for another thread or for ``until``, without waking up in between."""
        return _wait(inbox, LONGEST_WAIT if until is None else until - self.now())


class ScaledClock:
    """Real time from now on, times ``speed``; the wall clock runs as fast.

    speed: seconds of this clock in a real second, more than 0.
    start: what the wall clock says at first, with an offset. Default: the real date.
    """

    def __init__(self, speed: float, start: datetime | None = None) -> None:
        self._speed = speed
        self._since = _monotonic()
        self._then = ZERO
        self._start = start or datetime.now(UTC)
        self.epoch = f"{this_boot()} at {self._since} with {self._start.isoformat()}, {speed}"

    def now(self) -> Instant:
        """Scaled time since this clock was made."""
        return self._then + (_monotonic() - self._since) * self._speed

    def wall(self, at: Instant) -> datetime:
        """The date at which this clock started, plus scaled time."""
        return (self._start + at).astimezone()

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """Waits for another thread or for ``until``."""
        wait = LONGEST_WAIT if until is None else (until - self.now()) / self._speed
        return _wait(inbox, wait)

    def set_speed(self, speed: float) -> None:
        """Makes time run faster or slower from now on. From the loop's own thread only."""
        self._then, self._since = self.now(), _monotonic()
        self._speed = speed


def real_time() -> timedelta:
    """The kernel's monotonic time, whatever clock the chair goes by."""
    return _monotonic()


def _origin() -> datetime:
    """The date of the monotonic clock's zero.

    The two clocks are read one after the other, and whatever the machine does in between makes it
    wrong by as much. So they are read until they were close together, a few times at most.
    """
    readings: list[tuple[timedelta, datetime]] = []
    while len(readings) < TRIES:
        before = _monotonic()
        date = datetime.now(UTC)
        took = _monotonic() - before
        readings.append((took, date - before))
        if took <= CLOSE:
            break
    return min(readings)[1]


def _monotonic() -> timedelta:
    return timedelta(microseconds=time.monotonic_ns() // 1000)


def _wait(inbox: Inbox, longest: timedelta) -> Act | None:
    try:
        if longest <= ZERO:
            return inbox.get_nowait()
        return inbox.get(timeout=min(longest, LONGEST_WAIT).total_seconds())
    except Empty:
        return None


World = Iterator[tuple[Instant, Act]]
"""What happens by itself in virtual time, in order."""


class VirtualClock:
    """Time that stands still while there is something to do and jumps when there is not.

    start: the date of instant zero; without an offset it is taken as local time, and every
        date gets the offset that holds here on that day.
    world: what happens and when. At one instant it comes before the deadlines of that instant.
    at_end: called when the world has run out; ``now`` is then its last instant.
    """

    epoch = "virtual"

    def __init__(self, start: datetime, world: World, at_end: Act) -> None:
        self._now = ZERO
        self._start = start
        self._world = world
        self._at_end = at_end
        self._next = next(world, None)

    def now(self) -> Instant:
        """Virtual time since the start."""
        return self._now

    def wall(self, at: Instant) -> datetime:
        """The start's date plus virtual time; no daylight saving step lengthens or shortens it."""
        date = self._start + at
        if date.tzinfo is not None:
            return date
        return date.replace(tzinfo=timezone(date.astimezone().utcoffset() or ZERO))

    def take(self, inbox: Inbox, until: Instant | None) -> Act | None:
        """The next thing to do; time jumps to it, or to ``until`` if that is earlier."""
        if not inbox.empty():
            return inbox.get_nowait()
        if self._next is None:
            return self._end_of_world(until)
        at, act = self._next
        if until is not None and until < at:
            self._now = until
            return None
        self._now = at
        self._next = next(self._world, None)
        return act

    def _end_of_world(self, until: Instant | None) -> Act | None:
        if until is not None and until <= self._now:
            return None
        return self._at_end
