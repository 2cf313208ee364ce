"""Conversions between the core and the oracle, which uses microseconds and plain dicts."""

from collections.abc import Sequence
from datetime import timedelta

from support import oracle
from support.chair_run import ChairRun
from support.timeline_diff import Emitted
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
    """Return the input of a row's level."""
    return Pressed() if pressed else Released()


def live_through(edges: Sequence[Edge], rules: Rules) -> ChairRun:
    """Run a chair through edges, with the end of the recording at the last of them."""
    run = ChairRun(rules)
    for when, pressed in edges:
        run.tick_before(when)
        run.feed(edge(pressed), when)
    run.feed(Finish(), run.now)
    return run


def events_of(emitted: Sequence[Emitted]) -> list[Event]:
    """Return the events among the effects."""
    return [entry.effect for entry in emitted if isinstance(entry.effect, Event)]


def oracle_events(emitted: Sequence[Emitted]) -> list[oracle.Event]:
    """Return the events that the oracle knows, which are all but back_too_soon."""
    return [as_oracle(event) for event in events_of(emitted) if not isinstance(event, BackTooSoon)]


def oracle_rows(edges: Sequence[Edge]) -> list[tuple[int, bool]]:
    """Return edges as rows of the oracle."""
    return [(_us(when), pressed) for when, pressed in edges]


def oracle_rules(rules: Rules) -> oracle.Rules:
    """Return rules as those of the oracle."""
    return oracle.Rules(
        sit_dwell=_us(rules.sit_dwell),
        stand_dwell=_us(rules.stand_dwell),
        move_after=_us(rules.move_after),
        min_break=_us(rules.min_break),
        repeat_every=_us(rules.repeat_every),
        max_reminders=rules.max_reminders,
    )


def as_oracle(event: Event) -> oracle.Event:
    """Return an event as one of the oracle."""
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
            raise AssertionError(f"edges alone cause no {event}")


def _us(time: timedelta) -> int:
    return time // timedelta(microseconds=1)
