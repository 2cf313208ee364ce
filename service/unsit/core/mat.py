"""The mat: what its contact says, and when that cannot be believed.

A mat has no reading beyond pressed or not, so its faults show in time alone. The limits lie beyond
what mats do under people: in real recordings the longest stretch without a flicker under somebody
is 15.3 hours, and the most changes in a minute are 56, on a mat under a restless sleeper.
"""

from collections import deque
from datetime import timedelta
from enum import Enum

from unsit.core.chair import Fault
from unsit.core.inputs import Input, Pressed, Released, SensorFailed, SensorWorks
from unsit.core.instant import ZERO, Instant

Happening = tuple[Input, Instant]
"""An input for the chair and the instant that it is of."""

MAX_PLAUSIBLE_BOUT = timedelta(hours=16)

FLAPS = 100
FLAPS_WITHIN = timedelta(minutes=1)
"""So many changes in so short a time are a loose wire or a worn contact."""

CALM = timedelta(minutes=1)
"""A level that has held for so long after that can be believed."""

CONTRADICTIONS = 3
REREADS = 10
"""So many of the last so many re-reads found another level than the edges had told."""

AGREEMENTS = 5
"""After so many re-reads in a row that found what was told, edges are believed again."""


class Reason(Enum):
    """What is wrong with the mat.

    stuck: pressed for longer than anybody sits, without one flicker. flapping: changes faster than
    a body can. contradictory: the pin is not as its edges say, again and again.
    """

    STUCK = "stuck"
    FLAPPING = "flapping"
    CONTRADICTORY = "contradictory"


class Mat:
    """Watches a mat's contact.

    longest: how long it may be pressed without a flicker.
    fault: what is wrong with it, None for nothing.
    """

    def __init__(self, longest: timedelta = MAX_PLAUSIBLE_BOUT) -> None:
        self.fault: Reason | None = None
        self._longest = longest
        self._pressed = False
        self._last = ZERO
        self._edges: deque[Instant] = deque(maxlen=FLAPS)
        self._rereads: deque[bool] = deque([True] * REREADS, maxlen=REREADS)

    @property
    def deadline(self) -> Instant | None:
        """When ``pass_time`` has something to say if no edge comes before, None for never."""
        if self.fault is Reason.FLAPPING:
            return self._last + CALM
        if self.fault is None and self._pressed:
            return self._last + self._longest
        return None

    def start(self, pressed: bool, at: Instant, fault: Fault | None) -> list[Happening]:
        """Takes the level that is found at the start, and the fault that there was before it."""
        self._pressed, self._last = pressed, at
        if fault is None:
            return [self._level(at)]
        known = {reason.value: reason for reason in Reason}
        self.fault = known.get(fault.reason)
        goes_on = self.fault is not None and (self.fault is not Reason.STUCK or pressed)
        return [] if goes_on else self._recover(fault.reason, at)

    def feel(self, pressed: bool, at: Instant) -> list[Happening]:
        """Takes an edge."""
        self._pressed, self._last = pressed, at
        self._edges.append(at)
        if self.fault is Reason.STUCK:
            return self._recover(self.fault.value, at)
        if self.fault is not None:
            return []
        if len(self._edges) == FLAPS and at - self._edges[0] <= FLAPS_WITHIN:
            return self._fail(Reason.FLAPPING, at)
        return [self._level(at)]

    def reread(self, *, agrees: bool, at: Instant) -> list[Happening]:
        """Takes whether a re-read of the pin found the level that its edges had told."""
        self._rereads.append(agrees)
        if self.fault is Reason.CONTRADICTORY and all(list(self._rereads)[-AGREEMENTS:]):
            return self._recover(self.fault.value, at)
        if self.fault is None and self._rereads.count(False) >= CONTRADICTIONS:
            return self._fail(Reason.CONTRADICTORY, at)
        return []

    def pass_time(self, at: Instant) -> list[Happening]:
        """Takes note that an instant has come without an edge."""
        if self.deadline is None or at < self.deadline:
            return []
        if self.fault is None:
            return self._fail(Reason.STUCK, at)
        return self._recover(self.fault.value, at)

    def _level(self, at: Instant) -> Happening:
        return Pressed() if self._pressed else Released(), at

    def _fail(self, reason: Reason, at: Instant) -> list[Happening]:
        self.fault = reason
        return [(SensorFailed(reason.value), at)]

    def _recover(self, reason: str, at: Instant) -> list[Happening]:
        self.fault = None
        self._edges.clear()
        self._rereads.extend([True] * REREADS)
        return [(SensorWorks(reason, pressed=self._pressed), at)]
