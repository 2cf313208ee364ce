"""Today: totals of a day of sitting, from its events alone.

A stretch or bout that began before midnight counts from midnight. Midnight is an instant, so a day
may have 23 h or 25 h.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from typing import Any

from unsit.core.events import (
    BoutEnded,
    BoutStarted,
    Event,
    MoveDue,
    MoveReminder,
    SatBack,
    SensorFault,
    SensorRecovered,
    StoodUp,
)
from unsit.core.instant import ZERO, Instant, formerly, replace

KEPT_FOR = timedelta(hours=50)
"""Time for which the past is kept: a day of 25 h, and one more in case the clock is set back."""

STEP = timedelta(minutes=5)
"""A stretch or bout under way counts in whole steps of 5 min, so that the totals change rarely.

It counts exactly once it has ended.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Span of time."""

    start: Instant
    end: Instant

    def within(self, day: "Span") -> timedelta:
        """Return the time of the span within a day."""
        return max(ZERO, min(self.end, day.end) - max(self.start, day.start))


@dataclass(frozen=True, slots=True)
class Today:
    """Record of the last 50 h.

    stretches: each ended time on the seat. bouts: each ended bout, from sit-down to break.
    breaks: when each became certain. reminders: when each came.
    seated_since: the start of the stretch under way, None off the seat.
    bout: the bout under way up to the last stand-up in it, None between bouts.
    interrupted: the sensor failed while the person sat, and has not recovered yet.
    response: time from the last call to move to the stand-up, None before the first.
    """

    stretches: tuple[Span, ...] = ()
    bouts: tuple[Span, ...] = ()
    breaks: tuple[Instant, ...] = ()
    reminders: tuple[Instant, ...] = ()
    seated_since: Instant | None = None
    bout: Span | None = None
    interrupted: bool = field(default=False, metadata=formerly("lost"))
    response: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DayChange:
    """Difference of two states of a day, which is short even if the day is long.

    dropped: how many of the oldest stretches, bouts, breaks and reminders are gone.
    later: the later state, with only those stretches, bouts, breaks and reminders that are new.
    """

    dropped: tuple[int, ...]
    later: Today

    def __len__(self) -> int:
        return sum(len(getattr(self.later, name)) for name in _LISTS)


_LISTS = ("stretches", "bouts", "breaks", "reminders")


def change_between(earlier: Today, later: Today) -> DayChange | None:
    """Return what leads from one state of a day to a later one, None if that is no short way."""
    dropped: list[int] = []
    added: dict[str, Any] = {}
    for name in _LISTS:
        before, after = getattr(earlier, name), getattr(later, name)
        gone = before.index(after[0]) if after and after[0] in before else len(before)
        left = len(before) - gone
        if before[gone:] != after[:left]:
            return None
        dropped.append(gone)
        added[name] = after[left:]
    return DayChange(tuple(dropped), replace(later, **added))


def with_change(earlier: Today, change: DayChange) -> Today:
    """Return the later state of a day."""
    lists: dict[str, Any] = {
        name: (*getattr(earlier, name)[max(0, gone) :], *getattr(change.later, name))
        for name, gone in zip(_LISTS, change.dropped, strict=True)
    }
    return replace(change.later, **lists)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a day so far."""

    seated: timedelta
    longest_bout: timedelta
    breaks: int
    reminders: int


def with_event(today: Today, event: Event) -> Today:
    """Return the record after an event."""
    match event:
        case BoutStarted():
            return replace(today, seated_since=event.at, bout=Span(event.at, event.at))
        case SatBack():
            return replace(today, seated_since=event.at)
        case StoodUp():
            return _after_stand_up(today, event)
        case BoutEnded():
            return _after_bout(today, event)
        case SensorFault() if today.seated_since is not None:
            return replace(_end_stretch(today, today.seated_since, event.at), interrupted=True)
        case SensorRecovered() if today.interrupted:
            # If the seat turns out to be empty, StoodUp follows with the same instant.
            return replace(today, seated_since=event.at, interrupted=False)
        case MoveDue() | MoveReminder():
            return replace(today, reminders=(*today.reminders, event.at))
        case _:
            return today


def totals(today: Today, now: Instant, midnight: Instant, step: timedelta = STEP) -> Totals:
    """Return the totals of the day that began at an instant ``midnight``.

    step: the stretch and the bout under way count in whole steps.
    """
    day = Span(midnight, now)
    under_way = _under_way(today, day, step)
    return Totals(
        seated=sum((span.within(day) for span in today.stretches), under_way),
        longest_bout=max((span.within(day) for span in _bouts(today, day, step)), default=ZERO),
        breaks=sum(at >= midnight for at in today.breaks),
        reminders=sum(at >= midnight for at in today.reminders),
    )


def time_seated(today: Today, now: Instant, midnight: Instant) -> timedelta:
    """Return the exact time on the seat since midnight, with the stretch under way."""
    day = Span(midnight, now)
    ended = sum((span.within(day) for span in today.stretches), ZERO)
    since = today.seated_since
    return ended if since is None else ended + Span(since, now).within(day)


def limit_reached_at(today: Today, limit: timedelta, midnight: Instant) -> Instant | None:
    """Return when the time on the seat since midnight reaches a limit if the person stays.

    None while nobody sits.
    """
    since = today.seated_since
    if since is None:
        return None
    ended = (max(ZERO, span.end - max(span.start, midnight)) for span in today.stretches)
    return max(since, midnight) + limit - sum(ended, ZERO)


def without_downtime(today: Today, down_since: Instant, seat_known_at: Instant) -> Today:
    """Return the day with each ended stretch and bout that spans a downtime split around it."""

    def split(spans: tuple[Span, ...]) -> Iterator[Span]:
        for span in spans:
            if span.start <= down_since < span.end:
                yield Span(span.start, down_since)
                if span.end > seat_known_at:
                    yield Span(seat_known_at, span.end)
            else:
                yield span

    return replace(today, stretches=tuple(split(today.stretches)), bouts=tuple(split(today.bouts)))


def with_bout_since(
    today: Today, started: Instant, *, seated_since: Instant | None, interrupted: bool
) -> Today:
    """Return the record with another start of the bout under way. The rest is as in ``Today``."""
    stood_up = (span.end for span in today.stretches if span.end > started)
    bout = Span(started, max(stood_up, default=started))
    return replace(today, bout=bout, seated_since=seated_since, interrupted=interrupted)


def _after_stand_up(today: Today, event: StoodUp) -> Today:
    bout = today.bout or Span(event.at - event.bout, event.at)
    since = bout.start if today.seated_since is None else today.seated_since
    response = today.response if event.response is None else event.response
    return replace(_end_stretch(replace(today, bout=bout), since, event.at), response=response)


def _end_stretch(today: Today, since: Instant, at: Instant) -> Today:
    """Return the record with the stretch under way ended, and without what is too old.

    The entries are in order, so that the first ones are the oldest.
    """
    oldest = at - KEPT_FOR
    return replace(
        today,
        stretches=(*_spans_after(oldest, today.stretches), Span(since, at)),
        bouts=_spans_after(oldest, today.bouts),
        breaks=_instants_after(oldest, today.breaks),
        reminders=_instants_after(oldest, today.reminders),
        seated_since=None,
        bout=Span(since if today.bout is None else today.bout.start, at),
    )


def _after_bout(today: Today, event: BoutEnded) -> Today:
    """Return the record after a bout; one that was cut short or left open ended without a break."""
    breaks = today.breaks if event.cut or event.open else (*today.breaks, event.at)
    if today.seated_since is not None and today.seated_since < event.ended:
        today = _end_stretch(today, today.seated_since, event.ended)
    return replace(
        today,
        bouts=(*today.bouts, Span(event.started, event.ended)),
        breaks=breaks,
        seated_since=None,
        bout=None,
        interrupted=False,
    )


def _under_way(today: Today, day: Span, step: timedelta) -> timedelta:
    """Return the time of the stretch under way within a day, in whole steps."""
    if today.seated_since is None:
        return ZERO
    return Span(today.seated_since, day.end).within(day) // step * step


def _bouts(today: Today, day: Span, step: timedelta) -> tuple[Span, ...]:
    """Return all bouts; the one under way up to its last stand-up, or to now in whole steps."""
    if today.bout is None:
        return today.bouts
    start = max(today.bout.start, day.start)
    until_stand_up = replace(today.bout, start=start)
    if today.seated_since is None:
        return (*today.bouts, until_stand_up)
    under_way = (day.end - start) // step * step
    return (*today.bouts, until_stand_up, Span(start, start + under_way))


def _spans_after(oldest: Instant, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    old = sum(1 for _ in takewhile(lambda span: span.end <= oldest, spans))
    return spans[old:]


def _instants_after(oldest: Instant, instants: tuple[Instant, ...]) -> tuple[Instant, ...]:
    old = sum(1 for _ in takewhile(lambda at: at <= oldest, instants))
    return instants[old:]
