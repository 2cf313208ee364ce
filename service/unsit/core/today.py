"""Today: what a day of sitting adds up to, from the events alone.

Totals are of the day that began at ``midnight``; a stretch or a bout that began before it counts
from there. Midnight is an instant, so a day may have 23 or 25 hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

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
from unsit.core.instant import ZERO, Earlier, Instant

KEPT = timedelta(hours=50)
"""How long what happened is remembered: the longest day, and a wall clock set back by one."""

STEP = timedelta(minutes=5)
"""What is under way counts in whole steps of this; it counts exactly once it has ended."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another."""

    start: Instant
    end: Instant

    def within(self, day: "Span") -> timedelta:
        """How much of it lies in a day."""
        return max(ZERO, min(self.end, day.end) - max(self.start, day.start))


@dataclass(frozen=True, slots=True)
class Today:
    """What happened lately.

    stretches: each time on the seat that has ended. bouts: likewise, from sit-down to break.
    breaks, reminders: when each became certain, or came.
    seated_since: the beginning of the stretch under way, None off the seat.
    bout: the bout under way up to the last stand-up in it, None between bouts.
    lost: the sensor failed while somebody sat, and nothing is known since.
    response: how long after the last call to move the person rose, None before the first.
    """

    stretches: tuple[Span, ...] = ()
    bouts: tuple[Span, ...] = ()
    breaks: tuple[Instant, ...] = ()
    reminders: tuple[Instant, ...] = ()
    seated_since: Instant | None = None
    bout: Span | None = None
    lost: bool = False
    response: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What the day adds up to so far."""

    seated: timedelta
    longest_bout: timedelta
    breaks: int
    reminders: int


def after(today: Today, event: Event) -> Today:
    """The day after an event."""
    match event:
        case BoutStarted():
            return replace(today, seated_since=event.at, bout=Span(event.at, event.at))
        case SatBack():
            return replace(today, seated_since=event.at)
        case StoodUp():
            return _stood_up(today, event)
        case BoutEnded():
            return _bout_ended(today, event)
        case SensorFault() if today.seated_since is not None:
            return replace(_risen(today, today.seated_since, event.at), lost=True)
        case SensorRecovered() if today.lost:
            # Who is found to have gone stands up at this very instant.
            return replace(today, seated_since=event.at, lost=False)
        case MoveDue() | MoveReminder():
            return replace(today, reminders=(*today.reminders, event.at))
        case _:
            return today


def totals(today: Today, now: Instant, midnight: Instant) -> Totals:
    """The totals at an instant of the day that began at midnight."""
    day = Span(midnight, now)
    return Totals(
        seated=sum((span.within(day) for span in today.stretches), _under_way(today, day)),
        longest_bout=max((span.within(day) for span in _bouts(today, day)), default=ZERO),
        breaks=sum(at >= midnight for at in today.breaks),
        reminders=sum(at >= midnight for at in today.reminders),
    )


def seated_since(today: Today, now: Instant, midnight: Instant) -> timedelta:
    """The time on the seat since midnight, what is under way included, exactly."""
    day = Span(midnight, now)
    ended = sum((span.within(day) for span in today.stretches), ZERO)
    since = today.seated_since
    return ended if since is None else ended + Span(since, now).within(day)


def reaches(today: Today, limit: timedelta, midnight: Instant) -> Instant | None:
    """When the time on the seat since midnight comes to a limit if the person stays.

    None while nobody sits.
    """
    since = today.seated_since
    if since is None:
        return None
    ended = (max(ZERO, span.end - max(span.start, midnight)) for span in today.stretches)
    return max(since, midnight) + limit - sum(ended, ZERO)


def dated_back(today: Today, earlier: Earlier, found: Instant) -> Today:
    """The day, if what was before an absence was earlier than it seemed.

    found: the end of the absence. Of a stretch that went on over it nothing is known between.
    """
    since = today.seated_since
    return replace(
        today,
        stretches=tuple(_parted(today.stretches, earlier, found)),
        bouts=tuple(_parted(today.bouts, earlier, found)),
        breaks=tuple(map(earlier, today.breaks)),
        reminders=tuple(map(earlier, today.reminders)),
        seated_since=None if since is None else earlier(since),
        bout=None if today.bout is None else _moved(today.bout, earlier),
    )


def begun_anew(today: Today, started: Instant, since: Instant | None, *, lost: bool) -> Today:
    """The day, if the bout under way started at an instant. since: sits since then, None for not.

    lost: the sensor has failed meanwhile.
    """
    stood_up = (span.end for span in today.stretches if span.end > started)
    bout = Span(started, max(stood_up, default=started))
    return replace(today, bout=bout, seated_since=since, lost=lost)


def _parted(spans: tuple[Span, ...], earlier: Earlier, found: Instant) -> Iterator[Span]:
    for span in spans:
        if span.start <= earlier.upto < span.end:
            yield Span(earlier(span.start), earlier(earlier.upto))
            if span.end > found:
                yield Span(found, span.end)
        else:
            yield _moved(span, earlier)


def _moved(span: Span, earlier: Earlier) -> Span:
    return Span(earlier(span.start), earlier(span.end))


def _stood_up(today: Today, event: StoodUp) -> Today:
    bout = today.bout or Span(event.at - event.bout, event.at)
    since = bout.start if today.seated_since is None else today.seated_since
    response = today.response if event.response is None else event.response
    return replace(_risen(replace(today, bout=bout), since, event.at), response=response)


def _risen(today: Today, since: Instant, at: Instant) -> Today:
    """The day after a stretch on the seat."""
    recent = _recent(today, at)
    bout = today.bout or Span(since, at)
    stretches = (*recent.stretches, Span(since, at))
    return replace(recent, stretches=stretches, seated_since=None, bout=replace(bout, end=at))


def _bout_ended(today: Today, event: BoutEnded) -> Today:
    """A bout that was cut short, or is still open, ended with no break."""
    breaks = today.breaks if event.cut or event.open else (*today.breaks, event.at)
    if today.seated_since is not None and today.seated_since < event.ended:
        today = _risen(today, today.seated_since, event.ended)
    return replace(
        today,
        bouts=(*today.bouts, Span(event.started, event.ended)),
        breaks=breaks,
        seated_since=None,
        bout=None,
        lost=False,
    )


def _under_way(today: Today, day: Span) -> timedelta:
    """The time on the seat that has not ended, in whole steps."""
    if today.seated_since is None:
        return ZERO
    return _whole_steps(Span(today.seated_since, day.end).within(day))


def _bouts(today: Today, day: Span) -> tuple[Span, ...]:
    """All bouts; the one under way up to its last stand-up, or to now in whole steps."""
    if today.bout is None:
        return today.bouts
    start = max(today.bout.start, day.start)
    known = replace(today.bout, start=start)
    if today.seated_since is None:
        return (*today.bouts, known)
    return (*today.bouts, known, Span(start, start + _whole_steps(day.end - start)))


def _whole_steps(duration: timedelta) -> timedelta:
    return duration // STEP * STEP


def _recent(today: Today, now: Instant) -> Today:
    """Without what is too long ago to be of today."""
    oldest = now - KEPT
    return replace(
        today,
        stretches=tuple(span for span in today.stretches if span.end > oldest),
        bouts=tuple(span for span in today.bouts if span.end > oldest),
        breaks=tuple(at for at in today.breaks if at > oldest),
        reminders=tuple(at for at in today.reminders if at > oldest),
    )
