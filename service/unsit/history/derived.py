"""Stretches, bouts and unknown times, derived from the events of one source in order of ``seq``.

Times are in ms since 1970 UTC. A time is unknown if nobody saw the seat: during a sensor fault, a
downtime or a sleep of the machine, in a hole of the numbers, and where the wall clock was set
forward. It is never "no sitting".

A person who sat before a short downtime, and whose bout goes on after it, is taken to have stayed,
as the chair itself does. After a kill the events do not tell how long the service still ran: with
nobody on the seat, the time is unknown from the last event.

If the wall clock is set during a bout, the earlier stretches of that bout move with it, so that
lengths are right and a bout lies where its event ``bout_ended`` says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from unsit.history.compact import TYPES, CompactEvent


class BoutFlags(IntFlag):
    """OPEN: ended by the end of a recording. CUT: by what hides when it ended.

    UNDER_WAY: it has not ended; its end is the last moment at which the person was known to sit.
    Such a bout is never stored.
    """

    OPEN = 1
    CUT = 2
    UNDER_WAY = 4


NO_FLAGS = BoutFlags(0)


class Unwatched(IntEnum):
    """Reason why a time is unknown. The numbers are in every file."""

    FAULT = 1
    STOPPED = 2
    KILLED = 3
    ABSENT = 4
    CLOCK = 5
    HOLE = 6
    NO_HISTORY = 7
    """Before the first event, after the last, and between two sources; it is never stored."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time on the seat without a gap. off: minutes east of UTC. bout: start of its bout."""

    start: int
    end: int
    off: int
    bout: int


@dataclass(frozen=True, slots=True)
class Bout:
    """Bout, which has ended unless its flags say that it is under way.

    off: minutes east of UTC at its start. seated: ms on the seat, without gaps.
    due: when it became due, None if it did not.
    response: ms from then to the stand-up that ended it, None if it was not due or is unknown.
    """

    start: int
    end: int
    off: int
    seated: int
    due: int | None = None
    response: int | None = None
    reminders: int = 0
    snoozes: int = 0
    flags: BoutFlags = NO_FLAGS


@dataclass(frozen=True, slots=True)
class Unknown:
    """Time in which nobody saw the seat."""

    start: int
    end: int
    why: Unwatched


Row = Stretch | Bout | Unknown


@dataclass
class _OpenBout:
    """Bout under way.

    start: None if its beginning is not among the events. recorded: the start when it was recorded,
    before the clock was set. stretches: start, end and offset of each.
    """

    start: int | None = None
    recorded: int | None = None
    off: int = 0
    stretches: list[list[int]] = field(default_factory=list)
    due: int | None = None
    response: int | None = None
    reminders: int = 0
    snoozes: int = 0

    def move(self, by: int) -> None:
        """Move all times, because the wall clock was set."""
        if self.start is not None:
            self.start += by
        if self.due is not None:
            self.due += by
        self.stretches = [[start + by, end + by, off] for start, end, off in self.stretches]


@dataclass
class Deriver:
    """Fold of events to rows; it takes one after the other, and goes on after any of them.

    seq, last: number and date of the last event, 0 and None before the first.
    since: start and offset of the stretch under way, None off the seat.
    blind_since, blind_why: since when nobody sees the seat, None while somebody does.
    back: when the service was back, while it is open whether the person had stayed.
    is_interrupted: the fault under way began on the seat.
    blind_until: end of the last unknown time.
    """

    seq: int = 0
    last: int | None = None
    bout: _OpenBout | None = None
    since: list[int] | None = None
    blind_since: int | None = None
    blind_why: int = 0
    back: int | None = None
    is_interrupted: bool = False
    blind_until: int | None = None

    @classmethod
    def read(cls, text: str) -> "Deriver":
        """Return the deriver of a text that ``document`` has made."""
        content = json.loads(text)
        bout = content.pop("bout")
        return cls(bout=None if bout is None else _OpenBout(**bout), **content)

    def document(self) -> str:
        """Return the state as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def feed(self, event: CompactEvent) -> Iterator[Row]:
        """Take the next event; yield the rows that are certain after it."""
        kind = TYPES[event.type]
        values = event.values() if kind in _WITH_VALUES else {}
        if self.last is not None and event.seq != self.seq + 1:
            yield from self._lose_sight()
            yield from _unknown(self.last, event.at, Unwatched.HOLE)
        yield from self._take(kind, event.at, event.off, values)
        self.seq, self.last = event.seq, event.at

    def end_here(self, until: int, *, has_stayed: bool = False) -> Iterator[Row]:
        """Yield what lies after the last certain row, as far as it is known at a moment.

        That is the bout under way with its stretches, and the time in which nobody sees the seat.
        Later events may change each of these rows. Feed no event after this.

        until: the last moment at which the chair was watched. has_stayed: whether a person who sat
        before a short downtime is known to have stayed, which no event says for a while.
        """
        if self.bout is not None:
            self.bout.response = None  # only the end of a bout is an answer
        if has_stayed and self.since is not None and self.back is not None:
            self.blind_since = None
        seen_until = until if self.blind_since is None else min(self.blind_since, until)
        yield from self._close_bout(seen_until, BoutFlags.UNDER_WAY)
        if self.blind_since is not None:
            yield from _unknown(self.blind_since, until, Unwatched(self.blind_why))

    def _take(self, kind: str, at: int, off: int, values: Mapping[str, Any]) -> Iterator[Row]:
        """Take an event, which is one of the seat, of the reminders or of the service."""
        if kind in _SHOW_SEAT:
            yield from self._see(kind, at, values)
        match kind:
            case "bout_started":
                yield from self._close_bout(self.last)
                self.bout = _OpenBout(start=at, recorded=at, off=off)
                self.since = [at, off]
            case "sat_back":
                self.since = [at, off]
            case "stood_up":
                self._end_stretch(at)
                self._open().response = _ms(values.get("response_s"))
            case "bout_ended":
                yield from self._end_bout(at, off, values)
            case "move_due" | "move_reminder" | "snoozed":
                self._count(kind, at)
            case _:
                yield from self._take_of_service(kind, at, off, values)

    def _take_of_service(
        self, kind: str, at: int, off: int, values: Mapping[str, Any]
    ) -> Iterator[Row]:
        match kind:
            case "sensor_fault":
                self._begin_fault(at)
            case "sensor_recovered":
                yield from self._end_fault(at, off)
            case "service_stopped":
                if self.blind_since is None:
                    self.blind_since, self.blind_why = at, Unwatched.STOPPED
            case "service_started":
                yield from self._start_service(at)
            case "clock_stepped":
                yield from self._move(at, _ms(values.get("by_s")) or 0)

    def _count(self, kind: str, at: int) -> None:
        bout = self._open()
        if kind == "snoozed":
            bout.snoozes += 1
        else:
            bout.reminders += 1
        if kind == "move_due" and bout.due is None:
            bout.due = at

    def _see(self, kind: str, at: int, values: Mapping[str, Any]) -> Iterator[Row]:
        """Take an event that only a chair makes that sees its seat."""
        if self.blind_since is None:
            return
        start, why = self.blind_since, Unwatched(self.blind_why)
        end = at if self.back is None else self.back
        if kind == "bout_ended" and values.get("cut"):
            ended = values.get("ended")
            if self.since is not None and isinstance(ended, int):
                start = ended  # the last instant at which the person was known to sit
        elif self.since is not None and why is not Unwatched.FAULT:
            self.blind_since, self.back = None, None  # the person has stayed
            return
        self.blind_since, self.back = None, None
        yield from self._unwatched(start, end, why)

    def _begin_fault(self, at: int) -> None:
        self.is_interrupted = self.since is not None
        start = at if self.blind_since is None else min(self.blind_since, at)
        self._end_stretch(start)
        self.blind_since, self.blind_why, self.back = start, Unwatched.FAULT, None

    def _end_fault(self, at: int, off: int) -> Iterator[Row]:
        if self.blind_since is not None and self.blind_why == Unwatched.FAULT:
            yield from self._unwatched(self.blind_since, at, Unwatched.FAULT)
            self.blind_since = None
            if self.is_interrupted:
                self.since = [at, off]  # if the seat is empty, a stand-up follows at this instant
        self.is_interrupted = False

    def _start_service(self, at: int) -> Iterator[Row]:
        if self.blind_since is None and self.last is not None:
            self.blind_since, self.blind_why = self.last, Unwatched.KILLED
        if self.blind_since is None or self.blind_why == Unwatched.FAULT:
            return
        if self.since is not None:
            self.back = at
            return
        yield from self._unwatched(self.blind_since, at, Unwatched(self.blind_why))
        self.blind_since = None

    def _move(self, at: int, by: int) -> Iterator[Row]:
        """Move what is under way with the wall clock."""
        if self.since is not None:
            self.since[0] += by
        if self.bout is not None:
            self.bout.move(by)
        elif by > 0:
            yield from self._unwatched(at - by, at, Unwatched.CLOCK)
        if self.blind_since is not None and self.blind_why == Unwatched.FAULT:
            self.blind_since += by
        if self.back is not None:
            self.back += by

    def _end_bout(self, at: int, off: int, values: Mapping[str, Any]) -> Iterator[Row]:
        start, end = values.get("started"), values.get("ended")
        if not isinstance(start, int) or not isinstance(end, int):
            return
        bout, self.bout = self._open(), None
        by = 0
        if bout.start is not None and bout.recorded is not None:
            yield from _unknown(bout.recorded, min(start, end), Unwatched.CLOCK)
            by = start - bout.start
            bout.move(by)
        if self.since is not None and self.since[0] + by < end:
            bout.stretches.append([self.since[0] + by, end, self.since[1]])
        self.since = None
        seated = _ms(values.get("seated_s")) or 0
        if not bout.stretches and seated >= end - start:
            bout.stretches.append([start, end, off])
        flags = NO_FLAGS
        if values.get("open"):
            flags |= BoutFlags.OPEN
        if values.get("cut"):
            flags |= BoutFlags.CUT
            if self.blind_until is None or self.blind_until <= end:
                yield from self._unwatched(end, at, Unwatched.ABSENT)
        yield from _stretches(bout.stretches, start, end)
        if start < end:
            reminders = values.get("reminders")
            if not isinstance(reminders, int):
                reminders = bout.reminders
            yield Bout(
                start=start,
                end=end,
                off=off if bout.start is None else bout.off,
                seated=seated,
                due=bout.due,
                response=bout.response,
                reminders=reminders,
                snoozes=bout.snoozes,
                flags=flags,
            )

    def _close_bout(self, until: int | None, flags: BoutFlags = BoutFlags.CUT) -> Iterator[Row]:
        """End a bout whose end is not among the events."""
        bout, self.bout = self.bout, None
        if self.since is not None and until is not None:
            bout = bout or _OpenBout()
            bout.stretches.append([self.since[0], until, self.since[1]])
        self.since = None
        stretches = [one for one in bout.stretches if one[0] < one[1]] if bout else []
        if bout is None or not stretches:
            return
        start = stretches[0][0] if bout.start is None else bout.start
        end = max(end for _, end, _ in stretches)
        yield from _stretches(stretches, start, end)
        if start < end:
            yield Bout(
                start=start,
                end=end,
                off=stretches[0][2],
                seated=sum(end - start for start, end, _ in stretches),
                due=bout.due,
                response=bout.response,
                reminders=bout.reminders,
                snoozes=bout.snoozes,
                flags=flags,
            )

    def _lose_sight(self) -> Iterator[Row]:
        """Take it that anything may have happened since the last event."""
        yield from self._close_bout(self.last)
        if self.blind_since is not None and self.last is not None:
            yield from self._unwatched(self.blind_since, self.last, Unwatched(self.blind_why))
        self.blind_since, self.back, self.is_interrupted = None, None, False

    def _open(self) -> _OpenBout:
        if self.bout is None:
            self.bout = _OpenBout()
        return self.bout

    def _end_stretch(self, at: int) -> None:
        if self.since is not None:
            start, off = self.since
            self._open().stretches.append([start, at, off])
        self.since = None

    def _unwatched(self, start: int, end: int, why: Unwatched) -> Iterator[Row]:
        self.blind_until = end
        yield from _unknown(start, end, why)


_SHOW_SEAT = frozenset(
    (
        *("bout_started", "sat_back", "stood_up", "back_too_soon", "bout_ended", "break_ended"),
        *("move_soon", "move_due", "move_reminder", "gave_up", "sitting_cue", "exercise_due"),
        "leaning_started",
    )
)
"""Events that only a chair makes that sees its seat."""


_WITH_VALUES = frozenset(("stood_up", "bout_ended", "clock_stepped"))
"""Events whose fields matter."""


def derive(events: Iterable[CompactEvent], deriver: Deriver | None = None) -> Iterator[Row]:
    """Yield the rows of the events of one source, which are in order of ``seq``."""
    deriver = deriver or Deriver()
    for event in events:
        yield from deriver.feed(event)


def _stretches(stretches: Iterable[list[int]], bout: int, end: int) -> Iterator[Stretch]:
    """Yield the stretches of a bout, cut to it."""
    for start, until, off in stretches:
        start, until = max(start, bout), min(until, end)
        if start < until:
            yield Stretch(start, until, off, bout)


def _unknown(start: int, end: int, why: Unwatched) -> Iterator[Row]:
    if start < end:
        yield Unknown(start, end, why)


def _ms(seconds: Any) -> int | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return round(seconds * 1000)


def merge_unknown(
    watched: Iterable[tuple[int, int, Iterable[Unknown]]], since: int, until: int
) -> Iterator[Unknown]:
    """Yield, in order, the parts of a period in which no source saw a seat.

    watched: of each source the first and the last moment, and its unknown times.
    """
    changes: list[tuple[int, int, Unwatched]] = []
    for first, last, unknown in watched:
        changes += [(first, 1, Unwatched.NO_HISTORY), (last, -1, Unwatched.NO_HISTORY)]
        end_of_last = first
        for one in sorted(unknown, key=lambda one: one.start):
            start, end = max(one.start, end_of_last), min(one.end, last)
            if start < end:
                changes += [(start, -1, one.why), (end, 1, one.why)]
                end_of_last = end
    start, why, eyes = since, Unwatched.NO_HISTORY, 0
    for at, by, reason in sorted(changes, key=lambda change: (change[0], -change[1])):
        moment = min(max(at, since), until)
        if eyes == 0 and by > 0 and start < moment:
            yield Unknown(start, moment, why)
        eyes += by
        if eyes == 0:
            start, why = moment, reason
    if eyes == 0 and start < until:
        yield Unknown(start, until, why)


def without_overlaps(bouts: Iterable[tuple[int, Bout]]) -> list[tuple[int, Bout]]:
    """Return the bouts in order, without those that overlap a bout of a source that goes first.

    bouts: the number of the source, and a bout of it. One person sits on one chair at a time: an
    import of what is there already must not count twice. Two bouts of one source stay, because a
    clock that was set back makes an hour come twice.
    """
    kept: list[tuple[int, Bout]] = []
    for source, bout in sorted(bouts, key=lambda one: (one[1].start, one[0])):
        while kept and kept[-1][0] > source and kept[-1][1].end > bout.start:
            kept.pop()
        if not (kept and kept[-1][0] < source and kept[-1][1].end > bout.start):
            kept.append((source, bout))
    return kept
