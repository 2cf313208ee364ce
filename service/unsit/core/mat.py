"""Mat: turns the edges of its contact into inputs, and finds its faults.

A mat reports only pressed or released, so its faults show in the timing alone. The limits lie above
what mats do under people. In real recordings the longest stretch without an edge under a person is
15.3 h, the most edges in a minute are 56, on a mat under a restless sleeper, the longest time
without a level that held for its dwell is 62 s, and people on seats cause up to 56 events in an
hour.

A contact that comes and goes more often than that must not fill the log, the card and Home
Assistant: the more events it has caused within an hour, the longer its next level must hold. Where
no level holds any more, the mat is unsettled.
"""

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from enum import Enum

from unsit.core.chair import ActiveFault
from unsit.core.events import Event, MoveDue, SatBack, SeatEvent
from unsit.core.inputs import Input, Pressed, Released, SensorFailed, SensorWorks
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules

MatInput = tuple[Input, Instant]
"""Input for the chair, and its instant."""

MAX_PLAUSIBLE_BOUT = timedelta(hours=16)
"""A mat that is pressed for this long without an edge is stuck."""

FLAPPING_CHANGES = 100
FLAPPING_WITHIN = timedelta(minutes=1)
"""100 edges within 1 min come from a loose wire or a worn contact."""

UNSETTLED_AFTER = timedelta(minutes=4)
"""A mat is unsettled if edges have gone on for this long and no level has held."""

RESTLESS_UNSETTLED_AFTER = timedelta(minutes=15)
"""A restless mat is unsettled, too, if no level has held for ``RESTLESS_DWELL`` in this time.

The longest such time in a real recording, of a bed, is 12 min.
"""

HOLDS = timedelta(minutes=2)
"""A level that lasts for this long has held, even if its dwell is longer."""

CALM_MIN, CALM_MAX = timedelta(minutes=1), timedelta(minutes=8)
"""A mat that was flapping or unsettled has recovered once a level has held for a minute.

With each further fault within an hour this time doubles.
"""

HOUR = timedelta(hours=1)

_COUNTS = {MoveDue: 3, SatBack: 2}
"""Number of events that an event counts as.

Reminders follow a call to move, and gaps come from a contact more often than breaks do.
"""

RESTLESS_EVENTS = 45
RESTLESS_DWELL = timedelta(seconds=10)
"""After 45 events within an hour, a level must hold for 10 s at least."""

EVENTS_MAX = 59
FULL_DWELL_MIN, FULL_DWELL_MAX = timedelta(minutes=2), timedelta(minutes=5)
"""After 59 events within an hour a level must hold until one of them is an hour old.

This is 2 min at least, and 5 min at most.
"""

CONTRADICTIONS = 3
REREADS = 10
"""The mat is contradictory if 3 of the last 10 re-reads disagree with its edges."""

AGREEMENTS = 5
"""A contradictory mat has recovered after 5 re-reads in a row that agree with its edges."""


class MatFault(Enum):
    """Fault of a mat.

    STUCK: pressed without an edge for longer than people sit. FLAPPING: more edges than a person
    can make. UNSETTLED: edges go on, and no level holds. CONTRADICTORY: re-reads of the pin keep
    disagreeing with its edges.
    """

    STUCK = "stuck"
    FLAPPING = "flapping"
    UNSETTLED = "unsettled"
    CONTRADICTORY = "contradictory"


_ENDS_WITH_CALM = (MatFault.FLAPPING, MatFault.UNSETTLED)


class Mat:
    """Contact of a mat.

    longest: how long it may be pressed without an edge before it is stuck. rules: for their dwells.
    fault: the fault of the mat, None for none.
    """

    def __init__(self, longest: timedelta = MAX_PLAUSIBLE_BOUT, rules: Rules | None = None) -> None:
        self.fault: MatFault | None = None
        self._longest, self._rules = longest, rules or Rules()
        self._pressed, self._last, self._must_hold = False, ZERO, ZERO
        self._held_at = self._rested_at = ZERO
        self._edges: deque[Instant] = deque(maxlen=FLAPPING_CHANGES)
        self._events: deque[Instant] = deque()
        self._faults: deque[Instant] = deque()
        self._rereads: deque[bool] = deque([True] * REREADS, maxlen=REREADS)

    @property
    def deadline(self) -> Instant | None:
        """Instant at which to call ``pass_time`` if no edge comes before, None for never."""
        if self.fault in _ENDS_WITH_CALM:
            return self._last + self._calm
        if self.fault is None and self._pressed:
            return self._last + self._longest
        return None

    def start(self, pressed: bool, at: Instant, fault: ActiveFault | None) -> list[MatInput]:
        """Return the inputs for the first level. fault: the fault before it, None for none."""
        self._pressed, self._last = pressed, at
        self._held_at = self._rested_at = at
        if fault is None:
            return [self._edge()]
        faults = {kind.value: kind for kind in MatFault}
        self.fault = faults.get(fault.reason)
        goes_on = self.fault is not None and (self.fault is not MatFault.STUCK or pressed)
        return [] if goes_on else self._recover(fault.reason, at)

    def handle_edge(self, pressed: bool, at: Instant) -> list[MatInput]:
        """Return the inputs for an edge."""
        if at - self._last >= self._must_hold:
            self._held_at = at
        if at - self._last >= RESTLESS_DWELL:
            self._rested_at = at
        dwell = self._rules.dwell(pressed=pressed)
        longer = self._longer_dwell(pressed, at)
        self._pressed, self._last = pressed, at
        self._must_hold = dwell if longer <= RESTLESS_DWELL else HOLDS
        self._edges.append(at)
        if self.fault is MatFault.STUCK:
            return self._recover(self.fault.value, at)
        if self.fault is not None:
            return []
        if len(self._edges) == FLAPPING_CHANGES and at - self._edges[0] <= FLAPPING_WITHIN:
            return self._fail(MatFault.FLAPPING, at)
        is_restless = bool(longer) and at - self._rested_at >= RESTLESS_UNSETTLED_AFTER
        if is_restless or at - self._held_at >= UNSETTLED_AFTER:
            return self._fail(MatFault.UNSETTLED, at)
        return [self._edge(longer or None)]

    def count_events(self, events: Iterable[Event], at: Instant) -> None:
        """Count those events of the chair that the levels of the mat have caused."""
        if not (self._rules.sit_dwell and self._rules.stand_dwell):
            return  # every level is to count
        for event in events:
            if isinstance(event, SeatEvent):
                self._events.extend([at] * _COUNTS.get(type(event), 1))

    def reread(self, *, agrees: bool, at: Instant) -> list[MatInput]:
        """Return the inputs for a re-read of the pin. agrees: with the last edge."""
        self._rereads.append(agrees)
        if self.fault is MatFault.CONTRADICTORY and all(list(self._rereads)[-AGREEMENTS:]):
            return self._recover(self.fault.value, at)
        if self.fault is None and self._rereads.count(False) >= CONTRADICTIONS:
            return self._fail(MatFault.CONTRADICTORY, at)
        return []

    def pass_time(self, at: Instant) -> list[MatInput]:
        """Return the inputs for an instant that has come without an edge."""
        if self.deadline is None or at < self.deadline:
            return []
        if self.fault is None:
            return self._fail(MatFault.STUCK, at)
        return self._recover(self.fault.value, at)

    @property
    def _calm(self) -> timedelta:
        _forget_before(self._faults, self._last - HOUR)
        _forget_before(self._events, self._last - HOUR)
        if len(self._events) >= EVENTS_MAX:
            return CALM_MAX
        return min(CALM_MIN * (1 << max(0, len(self._faults) - 1)), CALM_MAX)

    def _longer_dwell(self, pressed: bool, at: Instant) -> timedelta:
        """Return the dwell of a level that begins now, 0 s for that of the rules."""
        _forget_before(self._events, at - HOUR)
        limit = EVENTS_MAX if pressed else EVENTS_MAX - 1  # a stand-up causes more events
        if len(self._events) >= limit:
            room = self._events[-limit] + HOUR - at
            return min(max(room, FULL_DWELL_MIN), FULL_DWELL_MAX)
        return RESTLESS_DWELL if len(self._events) >= RESTLESS_EVENTS else ZERO

    def _edge(self, dwell: timedelta | None = None) -> MatInput:
        return Pressed(dwell) if self._pressed else Released(dwell), self._last

    def _fail(self, reason: MatFault, at: Instant) -> list[MatInput]:
        self.fault = reason
        if reason in _ENDS_WITH_CALM:
            self._faults.append(at)
        return [(SensorFailed(reason.value), at)]

    def _recover(self, reason: str, at: Instant) -> list[MatInput]:
        self.fault = None
        self._held_at = self._rested_at = at
        self._edges.clear()
        self._rereads.extend([True] * REREADS)
        return [(SensorWorks(reason, pressed=self._pressed), at)]


def _forget_before(instants: deque[Instant], oldest: Instant) -> None:
    while instants and instants[0] <= oldest:
        instants.popleft()
