"""Records: events in the form in which they leave the chair.

One flat JSON object each, the same in a replay, on the log topic and in a history. Durations are
seconds, instants RFC 3339 with offset and milliseconds.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unsit.core.events import (
    Acknowledged,
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    BreakEnded,
    ClockStepped,
    DailyLimitReached,
    Event,
    ExerciseDone,
    ExerciseDue,
    ExerciseStarted,
    ExerciseStopped,
    GaveUp,
    HoldEnded,
    HoldStarted,
    LeaningEnded,
    LeaningStarted,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    SeatCalibrated,
    SeatTared,
    SensorFault,
    SensorRecovered,
    ServiceStarted,
    ServiceStopped,
    SittingCue,
    Snoozed,
    StoodUp,
)
from unsit.core.instant import Instant
from unsit.core.programme import Exercise

Record = dict[str, Any]
Wall = Callable[[Instant], datetime]


def seconds(duration: timedelta) -> int | float:
    """A duration as JSON has it: seconds to the millisecond, whole ones without a fraction."""
    exact = round(duration / timedelta(milliseconds=1)) / 1000
    return int(exact) if exact.is_integer() else exact


def stamp(date: datetime) -> str:
    """A date as JSON has it: RFC 3339 with offset and milliseconds."""
    return date.isoformat(timespec="milliseconds")


@dataclass
class Recorder:
    """Turns events into records and numbers them.

    chair: ``chair.id``. wall: dates instants. seq: the last number given.
    """

    chair: str
    wall: Wall
    seq: int = 0

    def record(self, event: Event) -> Record:
        """The next record."""
        self.seq += 1
        date = self.wall(event.at)
        kind, fields = _fields(event, self.wall)
        return {
            "id": _identity(date, self.chair, self.seq),
            "seq": self.seq,
            "chair": self.chair,
            "at": stamp(date),
            "type": kind,
            **fields,
        }


def _identity(date: datetime, chair: str, seq: int) -> str:
    """32 hex digits: milliseconds since 1970, then what tells records of one millisecond apart.

    The same event of the same chair gets the same identity however often it is computed.
    """
    milliseconds = max(0, int(date.timestamp() * 1000))
    rest = hashlib.blake2b(f"{chair}/{seq}/{date.isoformat()}".encode(), digest_size=6)
    return f"{milliseconds:012x}{seq:08x}{rest.hexdigest()}"


def _fields(event: Event, wall: Wall) -> tuple[str, Record]:  # noqa: C901  # a table of messages
    match event:
        case BoutStarted():
            return "bout_started", {}
        case MoveSoon():
            return "move_soon", {
                "bout_s": seconds(event.bout),
                "due": stamp(wall(event.due)),
                "silent": event.silent,
            }
        case MoveDue():
            return "move_due", _move_due(event)
        case MoveReminder():
            return "move_reminder", _reminder(event, event.reminder)
        case GaveUp():
            return "gave_up", {"bout_s": seconds(event.bout)}
        case StoodUp():
            response = None if event.response is None else seconds(event.response)
            return "stood_up", {"bout_s": seconds(event.bout), "response_s": response}
        case SatBack():
            return "sat_back", {"away_s": seconds(event.away)}
        case BackTooSoon():
            away, missing = seconds(event.away), seconds(event.missing)
            return "back_too_soon", {"away_s": away, "missing_s": missing}
        case BoutEnded():
            return "bout_ended", _bout_ended(event, wall)
        case BreakEnded():
            return "break_ended", {"break_s": seconds(event.pause)}
        case DailyLimitReached():
            return "daily_limit_reached", {
                "seated_s": seconds(event.seated),
                "silent": event.silent,
            }
        case Snoozed():
            return "snoozed", {"until": stamp(wall(event.until))}
        case Acknowledged():
            return "acknowledged", {"bout_s": seconds(event.bout)}
        case HoldStarted():
            return "hold_started", {"reason": event.reason}
        case HoldEnded():
            return "hold_ended", {"reason": event.reason}
        case SensorFault():
            return "sensor_fault", {"reason": event.reason}
        case SensorRecovered():
            return "sensor_recovered", {"reason": event.reason}
        case LeaningStarted():
            return "leaning_started", {"side": event.side, "since": stamp(wall(event.since))}
        case LeaningEnded():
            return "leaning_ended", {"side": event.side, "leaned_s": seconds(event.leaned)}
        case SittingCue():
            return "sitting_cue", {
                "cue": event.cue.id,
                "text": event.cue.text,
                "silent": event.silent,
            }
        case ExerciseDue() | ExerciseStarted() | ExerciseStopped() | ExerciseDone():
            return _coached(event)
        case SeatTared():
            return "seat_tared", {"noise_kg": round(event.noise, 4)}
        case SeatCalibrated():
            return "seat_calibrated", {
                "weight_kg": event.weight,
                "span_counts": round(event.span),
                "noise_kg": round(event.noise, 4),
                "margin": round(min(event.margin, 1e6)),
            }
        case ClockStepped():
            return "clock_stepped", {"by_s": seconds(event.by)}
        case ServiceStarted():
            return "service_started", {}
        case ServiceStopped():
            return "service_stopped", {}


def _move_due(event: MoveDue) -> Record:
    named = {} if event.exercise is None else _named(event.exercise)
    return _reminder(event, 1) | named


def _reminder(event: MoveDue | MoveReminder, number: int) -> Record:
    fields = {"bout_s": seconds(event.bout), "reminder": number, "silent": event.silent}
    return fields if event.cue is None else {**fields, "cue": event.cue}


def _coached(
    event: ExerciseDue | ExerciseStarted | ExerciseStopped | ExerciseDone,
) -> tuple[str, Record]:
    named = _named(event.exercise)
    match event:
        case ExerciseDue():
            steps, caution = list(event.exercise.steps), event.exercise.caution
            return "exercise_due", {**named, "steps": steps, "caution": caution}
        case ExerciseStarted():
            return "exercise_started", {**named, "lasts_s": seconds(event.lasts)}
        case ExerciseStopped():
            return "exercise_stopped", {**named, "reason": event.reason}
        case ExerciseDone():
            return "exercise_done", {**named, "paced": event.paced}


def _named(exercise: Exercise) -> Record:
    return {"exercise": exercise.id, "exercise_name": exercise.name}


def _bout_ended(event: BoutEnded, wall: Wall) -> Record:
    fields: Record = {
        "started": stamp(wall(event.started)),
        "ended": stamp(wall(event.ended)),
        "duration_s": seconds(event.duration),
        "seated_s": seconds(event.seated),
        "reminders": event.reminders,
    }
    if event.shifts is not None:
        fields["shifts"] = event.shifts
    for flag in ("open", "cut"):
        if getattr(event, flag):
            fields[flag] = True
    return fields
