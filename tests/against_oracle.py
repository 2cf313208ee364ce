"""The oracle's language: whole microseconds and plain dicts."""

from collections.abc import Sequence
from datetime import timedelta

import oracle
from living import Run
from timeline_words import Told
from unsit.core.events import (
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    BreakEnded,
    Event,
    GaveUp,
    MoveDue,
    MoveReminder,
    SatBack,
    StoodUp,
)
from unsit.core.inputs import Finish, Pressed, Released
from unsit.core.instant import Instant
from unsit.core.rules import Rules

Edge = tuple[Instant, bool]


def edge(pressed: bool) -> Pressed | Released:
    """A row's level as the core takes it."""
    return Pressed() if pressed else Released()


def live_through(edges: Sequence[Edge], rules: Rules) -> Run:
    """A chair that has had all the edges, and the end of the recording at the last of them."""
    run = Run(rules)
    for when, pressed in edges:
        run.wait(before=when)
        run.feed(edge(pressed), when)
    run.feed(Finish(), run.now)
    return run


def events_of(told: Sequence[Told]) -> list[Event]:
    """The events among the effects."""
    return [one.effect for one in told if isinstance(one.effect, Event)]


def events_of_the_oracle(told: Sequence[Told]) -> list[oracle.Event]:
    """What the oracle owes, of what was told: it does not say that a gap was too short."""
    return [as_oracle(event) for event in events_of(told) if not isinstance(event, BackTooSoon)]


def oracle_rows(edges: Sequence[Edge]) -> list[tuple[int, bool]]:
    """The edges for the oracle."""
    return [(_us(when), pressed) for when, pressed in edges]


def oracle_rules(rules: Rules) -> oracle.Rules:
    """The rules for the oracle."""
    return oracle.Rules(
        sit_dwell=_us(rules.sit_dwell),
        stand_dwell=_us(rules.stand_dwell),
        move_after=_us(rules.move_after),
        min_break=_us(rules.min_break),
        repeat_every=_us(rules.repeat_every),
        max_reminders=rules.max_reminders,
    )


def as_oracle(event: Event) -> oracle.Event:
    """An event as the oracle writes it."""
    return {"at": _us(event.at)} | _fields(event)


def _fields(event: Event) -> oracle.Event:
    match event:
        case BoutStarted():
            return {"type": "bout_started"}
        case BreakEnded():
            return {"type": "break_ended", "break": _us(event.pause)}
        case SatBack():
            return {"type": "sat_back", "away": _us(event.away)}
        case StoodUp():
            response = None if event.response is None else _us(event.response)
            return {"type": "stood_up", "bout": _us(event.bout), "response": response}
        case BoutEnded():
            return _bout_ended(event)
        case _:
            return _reminder(event)


def _bout_ended(event: BoutEnded) -> oracle.Event:
    return {
        "type": "bout_ended",
        "started": _us(event.started),
        "ended": _us(event.ended),
        "duration": _us(event.duration),
        "seated": _us(event.seated),
        "reminders": event.reminders,
        "open": event.open,
    }


def _reminder(event: Event) -> oracle.Event:
    match event:
        case MoveDue(silent=False):
            return {"type": "move_due", "bout": _us(event.bout), "reminder": 1}
        case MoveReminder(silent=False):
            return {"type": "move_reminder", "bout": _us(event.bout), "reminder": event.reminder}
        case GaveUp():
            return {"type": "gave_up", "bout": _us(event.bout)}
        case _:
            raise AssertionError(f"edges alone bring no {event}")


def _us(time: timedelta) -> int:
    return time // timedelta(microseconds=1)
