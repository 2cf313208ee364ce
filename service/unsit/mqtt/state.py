"""State message: one JSON object in which every key is always present."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unsit.core.chair import Chair
from unsit.core.day import Today, totals
from unsit.core.exercises import exercise_tallies, next_owed
from unsit.core.instant import Instant
from unsit.core.seat import Seat
from unsit.core.sitting import Phase, due_at
from unsit.runtime.record import NUMBERED_SINCE, seconds, stamp

SECOND = timedelta(seconds=1)
HALF_A_MILLISECOND = timedelta(microseconds=500)


@dataclass(frozen=True, slots=True)
class Health:
    """Name of the chair, and condition of the service.

    missed_edges: edges that only a re-read of the pin found.
    frames_rejected: readings of load cells that were rejected.
    load_kg: load on the seat in kg, None if it is unknown or not to be published.
    seq: number of the last event. numbered_since: mark of the counter that gave it.
    events_waiting: events that wait for the broker.
    events_dropped: events that the full outbox dropped.
    storage_fault: why the state file or the history is not written at present, None while it is.
    refused: what the broker refuses, by topic, None for nothing.
    messages_refused: messages that the broker has refused. commands_rejected: commands that the
    chair has rejected. Both count from the start of the service. last_refusal: the last of these
    commands, why it was rejected, and when; None for none.
    silent_before, silent_after: settings of the same name that are in force.
    """

    name: str
    version: str
    started: Instant
    missed_edges: int = 0
    frames_rejected: int = 0
    load_kg: float | None = None
    seq: int = 0
    numbered_since: str = ""
    events_waiting: int = 0
    events_dropped: int = 0
    storage_fault: str | None = None
    refused: dict[str, str] | None = None
    messages_refused: int = 0
    commands_rejected: int = 0
    last_refusal: dict[str, str] | None = None
    silent_before: str | None = None
    silent_after: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Instant of a state message, and the day of this instant.

    midnight: beginning of the day. date: returns the date of an instant.
    day_end: end of the day, in its last seconds: the totals are then those at this end, exact to
        the second, if the person stays until then.
    """

    now: Instant
    midnight: Instant
    date: Callable[[Instant], datetime]
    day_end: Instant | None = None


def state_message(chair: Chair, health: Health, moment: Moment) -> dict[str, Any]:
    """Return the state message of a moment; ``null`` stands for no value."""
    now = moment.now
    limit = chair.rules.daily_limit
    bout = chair.sitting.bout
    return {
        "at": _stamp(moment, now),
        "name": health.name,
        "occupied": chair.sitting.phase in (Phase.SITTING, Phase.SUSPENDED),
        "move_due": chair.due,
        "sitting_since": _stamp(moment, bout.started if bout else None),
        "bout_s": _whole(now - bout.started) if bout else None,
        "due_at": _stamp(moment, due_at(chair.sitting, chair.rules)),
        "due_since": _stamp(moment, bout.due if bout and chair.due else None),
        "move_by": _stamp(moment, _move_by(chair)),
        "next_reminder_at": _stamp(moment, chair.reminders.next),
        "reminders": chair.reminders.count if bout else None,
        "snoozes": chair.reminders.snoozes if bout else None,
        "snoozes_left": _snoozes_left(chair, now) if bout else None,
        "sensor_fault": chair.fault.reason if chair.fault else None,
        "leaning": chair.lean.side if chair.lean else None,
        "shifts": chair.shifts if bout else None,
        "load_kg": health.load_kg,
        "hold": chair.held,
        "hold_reasons": [hold.reason for hold in chair.holds],
        "hold_until": _stamp(moment, chair.held_until),
        "holds": [
            {
                "reason": hold.reason,
                "holder": hold.holder.value,
                "until": _stamp(moment, hold.until),
            }
            for hold in chair.holds
        ],
        "buzzer": chair.buzzer_on,
        "move_after_s": seconds(chair.rules.move_after),
        "min_break_s": seconds(chair.rules.min_break),
        "daily_limit_s": None if limit is None else seconds(limit),
        "daily_limit_reached": chair.limit_reached,
        "reminder_style": chair.rules.style,
        "silent_before": health.silent_before,
        "silent_after": health.silent_after,
        **_day(chair.today, moment),
        **_exercises(chair, moment),
        "signal_quality": signal_quality(chair.seat, health.missed_edges),
        "blips": chair.seat.blips,
        "missed_edges": health.missed_edges,
        "frames_rejected": health.frames_rejected,
        "seq": health.seq,
        NUMBERED_SINCE: health.numbered_since,
        "events_waiting": health.events_waiting,
        "events_dropped": health.events_dropped,
        "storage_fault": health.storage_fault,
        "refused": health.refused,
        "messages_refused": health.messages_refused,
        "commands_rejected": health.commands_rejected,
        "last_refusal": health.last_refusal,
        "started_at": _stamp(moment, health.started),
        "version": health.version,
    }


def _move_by(chair: Chair) -> Instant | None:
    """Return when the bout becomes or became due, None if nobody sits."""
    bout = chair.sitting.bout
    return bout.due if bout is not None and chair.due else due_at(chair.sitting, chair.rules)


def _snoozes_left(chair: Chair, now: Instant) -> int:
    """Return the number of snoozes that the limits of bout and day leave."""
    rules = chair.rules
    left = rules.max_snoozes - chair.reminders.snoozes
    if rules.daily_snoozes is not None:
        left = min(left, rules.daily_snoozes - chair.snoozes_today(now))
    return max(0, left)


def signal_quality(seat: Seat, missed_edges: int) -> int:
    """Return the share of levels that came in time and held for their dwell, in percent.

    It is 100 before the first change.
    """
    bad = seat.blips + missed_edges
    good = max(0, seat.settled - missed_edges)
    return 100 if bad == 0 else 100 * good // (good + bad)


def _day(today: Today, moment: Moment) -> dict[str, Any]:
    if moment.day_end is None:
        day = totals(today, moment.now, moment.midnight)
    else:
        day = totals(today, moment.day_end, moment.midnight, SECOND)
    return {
        "today_since": _stamp(moment, moment.midnight),
        "seated_today_s": _whole(day.seated),
        "longest_bout_today_s": _whole(day.longest_bout),
        "breaks_today": day.breaks,
        "reminders_today": day.reminders,
        "response_s": None if today.response is None else seconds(today.response),
    }


def _exercises(chair: Chair, moment: Moment) -> dict[str, Any]:
    programme, coaching = chair.programme, chair.coaching
    following = next_owed(programme, coaching, moment.midnight, moment.now)
    tallies = exercise_tallies(programme, coaching, moment.midnight)
    return {
        "exercise": following.name if following else None,
        "exercise_id": following.id if following else None,
        "exercise_steps": list(following.steps) if following else [],
        "exercise_caution": following.caution if following else None,
        **_offer_and_pacing(chair),
        "exercises_done_today": sum(tally.done for tally in tallies),
        "exercises_owed_today": sum(tally.owed for tally in tallies),
    }


def _offer_and_pacing(chair: Chair) -> dict[str, Any]:
    offer, pacing = chair.coaching.offer, chair.coaching.pacing
    offered = chair.programme.exercise(offer.exercise) if offer and offer.open else None
    stage = pacing.now if pacing else None
    return {
        "exercise_offered": offered.name if offered else None,
        "exercise_paced": pacing.exercise.name if pacing else None,
        "exercise_stage": stage.part.value if stage else None,
        "exercise_side": stage.side if stage else None,
        "exercise_repetition": stage.repetition if stage else None,
    }


def _stamp(moment: Moment, at: Instant | None) -> str | None:
    """Return a date rounded to the nearest millisecond, so that jitter never shows 09:59:59.999."""
    return None if at is None else stamp(moment.date(at) + HALF_A_MILLISECOND)


def _whole(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
