"""A dry contact between a pin and ground: the mat under the cushion, a push button."""

import threading
from collections.abc import Callable
from typing import Any

from gpiozero import DigitalInputDevice

WhenChanged = Callable[[bool, float], None]
"""Called with the new level (True: pressed) and how many seconds ago the edge was."""

OLDEST_EDGE = 10.0
"""Seconds. A time stamp older than this, or from the future, is of another clock and not used.

Some back ends stamp edges with the wall clock and others with the monotonic one.
"""


class Contact(DigitalInputDevice):
    """A contact to ground on a pulled-up input: pressed closes it (normally open) or opens it.

    pin: BCM number or any name that gpiozero takes.
    normally_closed: True for a contact that opens when pressed. Default False.
    bounce_time: seconds of electrical debounce, None (default) for none.
    when_changed: told of every edge, from the back end's thread; see ``WhenChanged``. It must
        not raise and not block. No edge is reported for the level found at the start: read
        ``pressed``.

    Raises what gpiozero raises for a pin that is invalid, in use or without the right.
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
        """The level of the pin right now: True while the contact is pressed."""
        return bool(self.is_active) is not self._normally_closed

    @property
    def missed_edges(self) -> int:
        """How many edges the back end lost and ``reread`` found."""
        return self._missed_edges

    def close(self) -> None:
        """Gives the pin back; no edge is reported from here on, not even one on its way."""
        with self._lock:
            self._when_changed = None
        super().close()

    def reread(self) -> None:
        """Reads the pin again and reports an edge that the back end did not.

        A kernel's edge buffer can overflow, and a library's thread can die; either would leave a
        person seated for ever. The edge gets the time of this call.
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
        return age if 0 <= age <= OLDEST_EDGE else 0.0


class PressureMat(Contact):
    """A pressure mat under a cushion: ``pressed`` while somebody sits on it.

    The arguments are those of ``Contact``. There is no debounce here: a body rolls on a mat for
    seconds, which is a matter of dwell times and not of electricity.
    """


class PushButton(Contact):
    """A push button to ground, with the 30 ms of debounce that its spring needs."""

    def __init__(
        self,
        pin: int | str,
        *,
        when_changed: WhenChanged | None = None,
        pin_factory: Any = None,
    ) -> None:
        super().__init__(pin, bounce_time=0.03, when_changed=when_changed, pin_factory=pin_factory)
