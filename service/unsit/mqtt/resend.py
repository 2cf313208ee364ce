"""Resends: events that a collector has missed are sent on ``log`` once more.

Example: ``{"first": 120, "last": 131}`` on ``unsit/desk/command/resend``. Events that the chair has
no more, because they were forgotten or dropped, are named by one message for each gap::

    {"type": "events_gone", "chair": "desk", "at": ..., "numbered_since": "5f0e…", "first": 120,
     "last": 124}
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from unsit.errors import quoted
from unsit.mqtt.command import CommandRejected
from unsit.runtime.record import NUMBERED_SINCE, Record, published

RESEND_MAX = 1000
"""Numbers of one request."""

WAITING_MAX = 20
"""Requests that wait while another one is served."""

IN_FLIGHT_MAX = 10
"""Events sent again that wait for the broker; the rest of its window is for what happens now."""

_EXPECTED = (
    f'expected {{"first": 120, "last": 131}} with numbers from 1, at most {RESEND_MAX} of them, '
    f'and "{NUMBERED_SINCE}" as in the state if wanted'
)


@dataclass(frozen=True, slots=True)
class Resend:
    """Request for the events ``first`` to ``last``, both included.

    numbered_since: the counter that gave these numbers, None for the present one.
    """

    first: int
    last: int
    numbered_since: str | None = None

    def covers(self, other: "Resend") -> bool:
        """Return whether the events of another request are among those of this one."""
        return self.first <= other.first and other.last <= self.last


def parse_resend(text: str) -> Resend:
    """Return the request of a payload. Raises CommandRejected."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise CommandRejected(f"read {quoted(text, 60)}; {_EXPECTED}") from None
    keys = {"first", "last"}
    if not isinstance(content, dict) or not keys <= content.keys() <= keys | {NUMBERED_SINCE}:
        raise CommandRejected(f"read {quoted(text, 60)}; {_EXPECTED}")
    first, last, since = content["first"], content["last"], content.get(NUMBERED_SINCE)
    if type(first) is not int or type(last) is not int or not isinstance(since, str | None):
        raise CommandRejected(f"read {quoted(text, 60)}; {_EXPECTED}")
    if not 1 <= first <= last or last - first >= RESEND_MAX:
        raise CommandRejected(f"read {quoted(text, 60)}; {_EXPECTED}")
    return Resend(first, last, since)


class Outbox(Protocol):
    """Outbox as the resender uses it, see ``unsit.mqtt.outbox``."""

    @property
    def last_seq(self) -> int:
        """Number of the last event."""

    @property
    def numbered_since(self) -> str:
        """Mark of the counter."""

    def between(self, first: int, last: int) -> list[Record]:
        """Return the records that are still there, sent or not."""


Found = Callable[[Sequence[Record], str | None], None]
"""Function that receives events of the history, or why it cannot be read."""

ReadHistory = Callable[[int, int, int, Found], None]
"""Function that reads the events ``first`` to ``last`` of the history in a thread of its own, and
passes them to the last argument in the loop's thread. The third argument is the last number that
was given: a history that knows higher ones is of another counter.
"""


class Resender:
    """Queue of requests for events, served one after another in the loop's thread.

    read_history: None for a chair without a history.
    describe_gone: completes a message on events that are gone with chair and date.
    ready: called when there is something to send.
    reject: answers a request that cannot be served.
    """

    def __init__(
        self,
        outbox: Outbox,
        read_history: ReadHistory | None,
        *,
        describe_gone: Callable[[], dict[str, Any]],
        ready: Callable[[], None],
        reject: Callable[[str], None],
    ) -> None:
        self._outbox = outbox
        self._read_history = read_history
        self._describe_gone = describe_gone
        self._ready = ready
        self._reject = reject
        self._waiting: deque[Resend] = deque()
        self._current: Resend | None = None
        self._messages: deque[dict[str, Any]] = deque()
        self._in_flight = 0
        self._run = 0

    def request(self, resend: Resend) -> None:
        """Take a request; one for events that are about to be sent changes nothing.

        Raises CommandRejected for events that this chair has not numbered, and for too many
        requests.
        """
        mark, newest = self._outbox.numbered_since, self._outbox.last_seq
        if resend.numbered_since not in (None, mark):
            raise CommandRejected(
                f"numbers of the counter {quoted(resend.numbered_since)}; the present one is "
                f"{quoted(mark)}, and the events of others are gone"
            )
        if resend.last > newest:
            raise CommandRejected(
                f"events {resend.first} to {resend.last}; the last one that happened is {newest}"
            )
        if any(other.covers(resend) for other in (*self._waiting, self._current) if other):
            return
        if len(self._waiting) >= WAITING_MAX:
            raise CommandRejected(
                f"{WAITING_MAX} requests wait already; send it again when their events have come"
            )
        self._waiting.append(resend)
        self._begin_next()

    def clear(self) -> None:
        """Drop all requests: the connection is lost, or the broker refuses their events."""
        self._run += 1
        self._waiting.clear()
        self._messages.clear()
        self._current, self._in_flight = None, 0

    @property
    def run(self) -> int:
        """Number that changes with ``clear``; outcomes of an earlier run do not count."""
        return self._run

    def next_message(self) -> dict[str, Any] | None:
        """Return the next message for ``log``, None if there is none at present."""
        if self._in_flight >= IN_FLIGHT_MAX or not self._messages:
            return None
        self._in_flight += 1
        return self._messages.popleft()

    def note_settled(self, run: int) -> None:
        """Count a message of a run as acknowledged, or as one that the broker never takes."""
        if run != self._run:
            return
        self._in_flight -= 1
        if self._in_flight == 0 and not self._messages:
            self._current = None
            self._begin_next()

    def _begin_next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        resend = self._current = self._waiting.popleft()
        run = self._run
        waiting = self._outbox.between(resend.first, resend.last)

        def found(records: Sequence[Record], why: str | None) -> None:
            if run == self._run:
                self._found(resend, [*records, *waiting], why)

        if self._read_history is None or len(waiting) > resend.last - resend.first:
            found((), None)
        else:
            self._read_history(resend.first, resend.last, self._outbox.last_seq, found)

    def _found(self, resend: Resend, records: Sequence[Record], why: str | None) -> None:
        if why is not None:
            self._current = None
            self._reject(f"events {resend.first} to {resend.last}: {why}")
            self._begin_next()
            return
        self._messages.extend(self._messages_of(resend, {one["seq"]: one for one in records}))
        self._ready()

    def _messages_of(self, resend: Resend, records: dict[int, Record]) -> Iterator[dict[str, Any]]:
        """Yield the events of a request, and a message for each gap, in order of the numbers."""
        mark = {NUMBERED_SINCE: self._outbox.numbered_since}
        gone_since: int | None = None
        for seq in range(resend.first, resend.last + 2):
            is_gone = seq not in records and seq <= resend.last
            if is_gone:
                gone_since = seq if gone_since is None else gone_since
                continue
            if gone_since is not None:
                gap = {"first": gone_since, "last": seq - 1}
                yield {"type": "events_gone", **self._describe_gone(), **mark, **gap}
                gone_since = None
            if seq <= resend.last:
                yield published(records[seq]) | mark
