"""The state: one JSON object in which every key is always present."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from unsit.core.chair import Chair
from unsit.core.instant import Instant
from unsit.core.sitting import Phase, due_at
from unsit.runtime.record import Wall, seconds, stamp


@dataclass(frozen=True, slots=True)
class Health:
    """What the state says about the chair's name and the service itself.

    missed_edges: edges that only a re-read of the pin found.
    events_waiting, events_dropped: what the outbox holds, and what it had to let go.
    """

    name: str
    version: str
    started: Instant
    missed_edges: int = 0
    events_waiting: int = 0
    events_dropped: int = 0


def state_message(chair: Chair, health: Health, now: Instant, wall: Wall) -> dict[str, Any]:
    """The state at an instant; ``null`` stands for no value."""

    def date(at: Instant | None) -> str | None:
        return None if at is None else stamp(wall(at))

    bout = chair.sitting.bout
    hold = chair.hold
    return {
        "at": date(now),
        "name": health.name,
        "occupied": chair.sitting.phase is Phase.SITTING,
        "move_due": chair.due,
        "sitting_since": date(bout.started) if bout else None,
        "bout_s": _whole(now - bout.started) if bout else None,
        "due_at": date(due_at(chair.sitting, chair.rules)),
        "next_reminder_at": date(chair.reminders.next),
        "reminders": chair.reminders.count if bout else None,
        "snoozes": chair.reminders.snoozes if bout else None,
        "hold": hold is not None,
        "hold_until": date(hold.until) if hold else None,
        "buzzer": chair.buzzer_on,
        "move_after_s": seconds(chair.rules.move_after),
        "min_break_s": seconds(chair.rules.min_break),
        "blips": chair.seat.blips,
        "missed_edges": health.missed_edges,
        "events_waiting": health.events_waiting,
        "events_dropped": health.events_dropped,
        "started_at": date(health.started),
        "version": health.version,
    }


def _whole(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
