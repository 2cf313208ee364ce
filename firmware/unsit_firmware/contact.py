"""Contacts (pressure mat, push button), and a check that the threads for their edges run."""

import threading
from collections.abc import Callable
from typing import Any

from gpiozero import DigitalInputDevice

from unsit_firmware.errors import EdgeThreadLostError

WhenChanged = Callable[[bool, float], None]
"""Callback with the new level (True: pressed) and the age of the edge in seconds."""

EDGE_AGE_MAX_S = 10.0
"""Greatest credible age of an edge. With a greater or a negative age, the edge counts as now.

Some back ends stamp edges with the wall clock and others with the monotonic clock, so a time stamp
may come from another clock than ``ticks()``.
"""


class Contact(DigitalInputDevice):
    """A contact between a pin and ground, on an input with a pull-up.

    pin: BCM number or any name that gpiozero takes.
    normally_closed: True for a contact that opens when pressed. Default False.
    bounce_time: electrical debounce in seconds. Default None: no debounce.
    when_changed: called for every edge with the level (True: pressed) and the age of the edge in
        seconds, on the back end's thread. It must not raise and not block. The level at the start
        is no edge: read ``pressed``. Default None.
    pin_factory: a gpiozero pin factory. Default: ``Device.pin_factory``.

    Raises what gpiozero raises for a pin that is invalid, in use or not permitted.

    Print each change of a normally closed reed contact::

        reed = Contact(22, normally_closed=True, when_changed=lambda pressed, age: print(pressed))
    """

    def __init__(
        self,
        pin: int | str,
        *,
        normally_closed: bool = False,
        bounce_time: float | None = None,
        when_changed: WhenChanged | None = None,
        pin_factory: Any = None,
    ) -> None:
        self._lock = threading.RLock()
        self._normally_closed = normally_closed
        self._when_changed = when_changed
        self._missed_edges = 0
        super().__init__(pin, pull_up=True, bounce_time=bounce_time, pin_factory=pin_factory)

    @property
    def pressed(self) -> bool:
        """Present state, read from the pin: True while the contact is pressed."""
        return bool(self.is_active) is not self._normally_closed

    @property
    def reported(self) -> bool:
        """State that the last edge reported, or that of the start.

        It differs from ``pressed`` after an edge that the back end has lost or has yet to report.
        """
        return bool(self._last_active) is not self._normally_closed

    @property
    def missed_edges(self) -> int:
        """Number of edges that the back end lost and ``reread`` found."""
        return self._missed_edges

    def close(self) -> None:
        """Release the pin. After the call no edge is reported, not even a pending one."""
        with self._lock:
            self._when_changed = None
        super().close()

    def reread(self) -> None:
        """Read the pin again and report an edge that the back end lost.

        The kernel's edge buffer can overflow and a library's thread can die; without the re-read,
        a person would stay seated for ever. The edge gets the time of this call.
        """
        with self._lock:
            active = bool(self.is_active)
            if active is not bool(self._last_active):
                self._missed_edges += 1
                self._fire_events(self.pin_factory.ticks(), active)

    def _fire_events(self, ticks: float, new_active: bool) -> None:
        with self._lock:
            before = self._last_active
            super()._fire_events(ticks, new_active)
            if before is not None and before != new_active and self._when_changed is not None:
                self._when_changed(new_active is not self._normally_closed, self._age(ticks))

    def _age(self, ticks: float) -> float:
        age = float(self.pin_factory.ticks_diff(self.pin_factory.ticks(), ticks))
        return age if 0 <= age <= EDGE_AGE_MAX_S else 0.0


class PressureMat(Contact):
    """A pressure mat under a cushion: ``pressed`` while somebody sits on it.

    The parameters are those of ``Contact``. The default is no debounce: a body rolls on a mat for
    seconds, so a change needs a dwell time of that length, which the caller applies.
    """


class PushButton(Contact):
    """A push button between a pin and ground, with 30 ms of debounce for its spring.

    The parameters are those of ``Contact``.
    """

    def __init__(
        self,
        pin: int | str,
        *,
        when_changed: WhenChanged | None = None,
        pin_factory: Any = None,
    ) -> None:
        super().__init__(pin, bounce_time=0.03, when_changed=when_changed, pin_factory=pin_factory)


EDGE_THREAD_LIBRARIES = ("lgpio", "rgpio")
"""Libraries with one thread for the edges of all pins, which runs from the first import on."""


class EdgeThreads:
    """The threads in which a pin factory receives edges.

    pins: a gpiozero pin factory. Create its devices before this object.
    """

    def __init__(self, pins: Any) -> None:
        self._watch = getattr(pins, "watch", None)
        self._library_threads = [
            thread
            for thread in threading.enumerate()
            if type(thread).__module__.partition(".")[0] in EDGE_THREAD_LIBRARIES
        ]

    @property
    def threads(self) -> list[threading.Thread]:
        """Threads that receive edges; empty for a back end whose threads are unknown."""
        watching = None if self._watch is None else self._watch.thread
        return self._library_threads if watching is None else [watching, *self._library_threads]

    def watch_failures(self, when_failed: Callable[[BaseException], None]) -> None:
        """Call a function, on the thread of the edges, after an edge that may not be handled.

        With the gpiod back end only: re-read the contacts then.
        """
        if self._watch is not None:
            self._watch.when_failed = when_failed

    def ping(self, on_reply: Callable[[], None]) -> None:
        """Call ``on_reply`` to prove that edges are still received.

        With the gpiod back end, the thread that receives edges makes the call; with the others,
        the caller does.

        Raises EdgeThreadLostError if a thread that receives edges has ended.
        """
        for thread in self.threads:
            if not thread.is_alive():
                raise EdgeThreadLostError(
                    f"the thread {thread.name!r}, which receives the edges of pins, has ended; "
                    "the log says why"
                )
        if self._watch is None or self._watch.thread is None:
            on_reply()
        else:
            self._watch.call_soon(on_reply)
