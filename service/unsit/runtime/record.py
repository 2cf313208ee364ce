"""Records: events with number, id and date, as JSON and as text.

Example: ``{"id": "019b…", "seq": 7, "chair": "desk", "at": "2026-01-05T09:30:00.000+01:00",
"type": "move_due", "bout_s": 1800, "reminder": 1, "silent": false}``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    HoldChanged,
    HoldEnded,
    HoldStarted,
    LeaningEnded,
    LeaningStarted,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    SeatCalibrated,
    SeatCornerWeighed,
    SeatTared,
    SensorFault,
    SensorRecovered,
    ServiceStarted,
    ServiceStopped,
    SettingChanged,
    SittingCue,
    Snoozed,
    StoodUp,
)
from unsit.core.instant import ZERO, Instant, format_duration
from unsit.core.programme import Exercise
from unsit.errors import escaped, printable
from unsit.files import digest
from unsit.runtime.clock import MICROSECOND, ReadableClock
from unsit.words import Words

REMARK_FIELDS = ("silent", "response_s", "open", "cut", "wrong")
MORE_REMARK_FIELDS = {"move_due": ("exercise",), "hold_changed": ("until",)}
"""Fields that add a remark in brackets after the text of the event."""

_1970 = datetime(1970, 1, 1, tzinfo=UTC)

Record = dict[str, Any]
Wall = Callable[[Instant], datetime]


def seconds(duration: timedelta) -> int | float:
    """Return a duration as seconds for JSON, to the millisecond, whole seconds as an integer."""
    exact = round(duration / timedelta(milliseconds=1)) / 1000
    return int(exact) if exact.is_integer() else exact


def stamp(date: datetime) -> str:
    """Return a date for JSON: RFC 3339 with offset and milliseconds."""
    return date.isoformat(timespec="milliseconds")


MARK = "mark"
"""Field of a record with the instant of its event on the monotonic clock; it is never published."""

SENT_AS_NEWS = "sent_as_news"
"""Field of a record that is true once its copy on ``event`` was answered; it is never published."""


TURN = "turn"
"""Field of the first record of a turn that is kept without the chair after it: the input, its
instant in microseconds, and the number of its records; it is never published.
"""


NUMBERED_SINCE = "numbered_since"
"""Field of the state, and of each event on ``log``: the mark of the counter that gave ``seq``.

A new card, or a lost state, begins to count again and has another mark. Its events are no repeats
of those before, although they have the same numbers.
"""


def published(record: Record) -> Record:
    """Return a record as others may see it."""
    return {key: value for key, value in record.items() if key not in (MARK, SENT_AS_NEWS, TURN)}


def age(record: Record, clock: ReadableClock) -> timedelta | None:
    """Return how long ago the event of a record was, None if the monotonic clock cannot tell.

    It can within one boot. The wall clock is not asked: one that was behind, or was set, would make
    an old event new.
    """
    match record.get(MARK):
        case [str(epoch), int(at)] if epoch == clock.epoch:
            since = clock.now() - at * MICROSECOND
            return since if since >= ZERO else None
    return None


@dataclass
class Recorder:
    """Maker of numbered records.

    chair: the setting ``chair.id``. wall: returns the date of an instant. seq: the last number.
    epoch: name of the clock's origin, for the mark of each record; None for records without.
    """

    chair: str
    wall: Wall
    seq: int = 0
    epoch: str | None = None

    def record(self, event: Event) -> Record:
        """Return the record of an event, with the next number."""
        self.seq += 1
        at = stamp(self.wall(event.at))
        kind, fields = _fields(event, self.wall)
        mark = {} if self.epoch is None else {MARK: [self.epoch, event.at // MICROSECOND]}
        return {
            "id": record_id(at, self.chair, self.seq),
            "seq": self.seq,
            "chair": self.chair,
            "at": at,
            "type": kind,
            **fields,
            **mark,
        }


def milliseconds(date: datetime) -> int:
    """Return the milliseconds since 1970 UTC of a date."""
    return (date - _1970) // timedelta(milliseconds=1)


def milliseconds_of(at: str) -> int:
    """Return the milliseconds since 1970 UTC of a date that ``stamp`` has made."""
    return milliseconds(datetime.fromisoformat(at))


def record_id(at: str, chair: str, seq: int) -> str:
    """Return 32 hex digits: milliseconds since 1970, ``seq``, and a hash of chair, number and date.

    The same event of the same chair always gets the same id. at: the field of this name; the
    history makes the id again from it.
    """
    rest = digest(f"{chair}/{seq}/{at}".encode(), size=6)
    return f"{max(0, milliseconds_of(at)):012x}{seq:08x}{rest}"


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
        case HoldChanged():
            until = None if event.until is None else stamp(wall(event.until))
            return "hold_changed", {"reasons": list(event.reasons), "until": until}
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
            return _exercise_fields(event)
        case SeatTared():
            return "seat_tared", {"noise_kg": round(event.noise, 4)}
        case SeatCalibrated():
            return "seat_calibrated", {
                "weight_kg": event.weight,
                "span_counts": round(event.span),
                "noise_kg": round(event.noise, 4),
                "margin": round(min(event.margin, 1e6)),
                **_shares("shares", event.shares),
            }
        case SeatCornerWeighed():
            return "seat_corner_weighed", {
                "corner": event.corner,
                "weight_kg": event.weight,
                "load_kg": round(event.load, 2),
                "missing": list(event.missing),
                **_shares("readings", event.readings),
                **({} if event.wrong is None else {"wrong": event.wrong}),
            }
        case ClockStepped():
            return "clock_stepped", {"by_s": seconds(event.by)}
        case SettingChanged():
            return "setting_changed", {
                "setting": event.setting,
                "from": _as_in_settings(event.before),
                "to": _as_in_settings(event.after),
                "by": event.source,
            }
        case ServiceStarted():
            return "service_started", {}
        case ServiceStopped():
            return "service_stopped", {}


def _as_in_settings(value: timedelta | bool | str | None) -> str | bool | None:
    return format_duration(value) if isinstance(value, timedelta) else value


def _shares(key: str, shares: Mapping[str, float]) -> Record:
    """Return the field of shares by cell or corner, if there are any."""
    return {key: {name: round(share, 3) for name, share in shares.items()}} if shares else {}


def _move_due(event: MoveDue) -> Record:
    names = {} if event.exercise is None else _exercise_names(event.exercise)
    return _reminder(event, 1) | names


def _reminder(event: MoveDue | MoveReminder, number: int) -> Record:
    fields = {"bout_s": seconds(event.bout), "reminder": number, "silent": event.silent}
    return fields if event.cue is None else {**fields, "cue": event.cue}


def _exercise_fields(
    event: ExerciseDue | ExerciseStarted | ExerciseStopped | ExerciseDone,
) -> tuple[str, Record]:
    names = _exercise_names(event.exercise)
    match event:
        case ExerciseDue():
            steps, caution = list(event.exercise.steps), event.exercise.caution
            return "exercise_due", {**names, "steps": steps, "caution": caution}
        case ExerciseStarted():
            return "exercise_started", {**names, "lasts_s": seconds(event.lasts)}
        case ExerciseStopped():
            return "exercise_stopped", {**names, "reason": event.reason}
        case ExerciseDone():
            return "exercise_done", {**names, "paced": event.paced}


def _exercise_names(exercise: Exercise) -> Record:
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


def record_line(record: Record, words: Words) -> str:
    """Return a record as one line: ``2026-01-05 09:30:00  time to move: sitting for 30m``."""
    at = datetime.fromisoformat(record["at"])
    return f"{at:%Y-%m-%d %H:%M:%S}  {record_text(record, words)}"


def record_text(record: Record, words: Words) -> str:
    """Return the text of a record, without date and time, on one line."""
    fields = _Fields(record, words)
    return escaped(words.event(record["type"]).format_map(fields) + _remarks(record, words))


def short_duration(seconds: float) -> str:
    """Return a duration in s in its short form: ``1h05m``, ``4m30s``, ``12s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    if minutes:
        return f"{minutes}m{rest:02}s" if rest else f"{minutes}m"
    return f"{rest}s"


class _Fields(dict[str, Any]):
    """Fields of a record for a text, with durations, dates and terms formatted for people."""

    def __init__(self, record: Record, words: Words) -> None:
        super().__init__(record)
        self._words = words

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if key == "by_s":
            return f"{value:+.3f}".rstrip("0").rstrip(".") + "s"
        if key in ("from", "to"):
            return "none" if value is None else str(value).lower()
        if key == "by":
            return printable(value)
        if key.endswith("_s"):
            return short_duration(value)
        if key == "reasons":
            return ", ".join(map(self._words.term, value))
        if key in ("due", "until", "since"):
            return f"{datetime.fromisoformat(value):%H:%M:%S}"
        return self._words.term(value) if key in ("reason", "side", "corner") else value


def _remarks(record: Record, words: Words) -> str:
    keys = (*REMARK_FIELDS, *MORE_REMARK_FIELDS.get(record["type"], ()))
    present = [key for key in keys if record.get(key) is not None and record[key] is not False]
    remarks = [words.remark(key).format_map(_Fields(record, words)) for key in present]
    return f" ({', '.join(remarks)})" if remarks else ""
