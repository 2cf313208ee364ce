"""Compact form of records: what a row of the history holds, and the record that it gives back.

A record comes back exactly as it was, with its keys in their order. The form leaves out what can be
made again: the id, the chair, the duration of a bout that is the difference of its dates, and the
texts of exercises, which are stored once. A record that this does not fit is stored verbatim.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unsit.runtime.record import Record, record_id

TYPES = (
    *("", "bout_started", "move_soon", "move_due", "move_reminder", "gave_up", "stood_up"),
    *("sat_back", "back_too_soon", "bout_ended", "break_ended", "daily_limit_reached", "snoozed"),
    *("acknowledged", "hold_started", "hold_ended", "sensor_fault", "sensor_recovered"),
    *("leaning_started", "leaning_ended", "sitting_cue", "exercise_due", "exercise_started"),
    *("exercise_stopped", "exercise_done", "seat_tared", "seat_calibrated", "seat_corner_weighed"),
    *("clock_stepped", "setting_changed", "service_started", "service_stopped", "hold_changed"),
)
"""Types of events by their number. The numbers are in every file: new types go to the end.

Number 0 is any other type, such as one of a newer version; its records are verbatim.
"""

_NUMBERS = {name: number for number, name in enumerate(TYPES) if name}

FIELDS = {
    "move_soon": ("bout_s", "due", "silent"),
    "move_due": ("bout_s", "reminder", "silent"),
    "move_reminder": ("bout_s", "reminder", "silent"),
    "gave_up": ("bout_s",),
    "stood_up": ("bout_s", "response_s"),
    "sat_back": ("away_s",),
    "back_too_soon": ("away_s", "missing_s"),
    "bout_ended": ("started", "ended", "seated_s", "reminders"),
    "break_ended": ("break_s",),
    "snoozed": ("until",),
    "acknowledged": ("bout_s",),
    "hold_started": ("reason",),
    "hold_ended": ("reason",),
    "sensor_fault": ("reason",),
    "sensor_recovered": ("reason",),
    "exercise_due": ("exercise",),
    "exercise_done": ("exercise", "paced"),
}
"""Usual fields of a type, whose values alone are stored. They are in every file: none may change.

A record with other fields, or in another order, is stored with their names.
"""

DATES = frozenset(("started", "ended", "due", "until", "since"))
"""Fields with a date, stored in ms since 1970 UTC if their offset is that of the event."""

TEXTS = frozenset(("exercise_name", "steps", "caution", "text"))
"""Fields with texts for people, which repeat."""

VERBATIM = ""
"""Name of the whole record among the fields of one that is stored as it is."""

_HEAD = ["id", "seq", "chair", "at", "type"]

_MS = timedelta(milliseconds=1)
_MINUTE = timedelta(minutes=1)
_1970 = datetime(1970, 1, 1)  # noqa: DTZ001  # local dates are counted from it without a zone

SEQ_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CompactEvent:
    """Event as it is stored.

    at: ms since 1970 UTC. off: minutes east of UTC. type: a number of ``TYPES``.
    fields: JSON of the other fields: a list of the values of ``FIELDS``, an object, or an object
    with the verbatim record under an empty name.
    texts: JSON of the texts, with null for each field that is in ``fields``, in the record's order.
    """

    seq: int
    at: int
    off: int
    type: int
    fields: str | None
    texts: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the fields for ``derived``: dates in ms, and no texts."""
        fields = self.content()
        if VERBATIM not in fields:
            return fields
        return {
            key: _milliseconds(value) if key in DATES and isinstance(value, str) else value
            for key, value in fields[VERBATIM].items()
            if key not in _HEAD
        }

    def content(self) -> dict[str, Any]:
        """Return the fields that are stored, with their names."""
        if self.fields is None:
            return {}
        content = json.loads(self.fields)
        if isinstance(content, list):
            return dict(zip(FIELDS[TYPES[self.type]], content, strict=True))
        fields: dict[str, Any] = content
        return fields


def compact(record: Record) -> CompactEvent:
    """Return the compact form of a published record.

    Raises ValueError, TypeError or KeyError for a record without a number, a chair or a date with
    an offset.
    """
    seq, text = record["seq"], record["at"]
    if isinstance(seq, bool) or not isinstance(seq, int) or not 1 <= seq <= SEQ_MAX:
        raise ValueError(f"seq is {seq!r}; expected a whole number from 1")
    for key in ("chair", "type"):
        if not isinstance(record[key], str):
            raise TypeError(f"{key} is {record[key]!r}; expected text")
    at, off = _instant(text)
    number = _NUMBERS.get(record["type"], 0)
    is_regular = (
        number != 0
        and list(record)[:5] == _HEAD
        and text == _date(at, off)
        and record["id"] == record_id(text, record["chair"], seq)
    )
    if is_regular and (form := _fields_and_texts(record, off)) is not None:
        return CompactEvent(seq, at, off, number, *form)
    return CompactEvent(seq, at, off, number, _json({VERBATIM: record}))


def expand(event: CompactEvent, chair: str) -> Record:
    """Return the record of an event. chair: the chair of its source."""
    fields = event.content()
    if VERBATIM in fields:
        verbatim: Record = fields[VERBATIM]
        return verbatim
    at, kind = _date(event.at, event.off), TYPES[event.type]
    record: Record = {
        "id": record_id(at, chair, event.seq),
        "seq": event.seq,
        "chair": chair,
        "at": at,
        "type": kind,
    }
    if event.texts is not None:
        fields = {key: fields.get(key, text) for key, text in json.loads(event.texts).items()}
    has_no_duration = kind == "bout_ended" and "duration_s" not in fields
    for key, value in fields.items():
        is_date = key in DATES and isinstance(value, int)
        record[key] = _date(value, event.off) if is_date else value
        if key == "ended" and has_no_duration:
            record["duration_s"] = _seconds(value - fields["started"])
    return record


def _fields_and_texts(record: Record, off: int) -> tuple[str | None, str | None] | None:
    """Return the JSON of both, None for a record that would not come back from them."""
    fields: dict[str, Any] = {}
    if VERBATIM in record:
        return None
    for key in list(record)[5:]:
        value = record[key]
        if key in DATES:
            if not isinstance(value, str | None):
                return None
            value = _date_as_number(value, off)
        fields[key] = value
    if record["type"] == "bout_ended" and not _drop_duration(fields):
        return None
    if TEXTS.isdisjoint(fields):
        return _fields(record["type"], fields), None
    if "duration_s" not in fields and record["type"] == "bout_ended":
        return None
    texts = {key: value if key in TEXTS else None for key, value in fields.items()}
    others = {key: value for key, value in fields.items() if key not in TEXTS}
    return _fields(record["type"], others), _json(texts)


def _fields(kind: str, fields: dict[str, Any]) -> str | None:
    """Return the JSON of fields, None for none."""
    if not fields:
        return None
    return _json([*fields.values()] if tuple(fields) == FIELDS.get(kind) else fields)


def _drop_duration(fields: dict[str, Any]) -> bool:
    """Drop a duration that can be made again; return whether the duration comes back."""
    if "duration_s" not in fields:
        return False
    started, ended = fields.get("started"), fields.get("ended")
    keys = list(fields)
    if (
        isinstance(started, int)
        and isinstance(ended, int)
        and keys.index("duration_s") == keys.index("ended") + 1
        and _json(fields["duration_s"]) == _json(_seconds(ended - started))
    ):
        del fields["duration_s"]
    return True


def _date_as_number(text: str | None, off: int) -> str | int | None:
    """Return a date in ms if it comes back with this offset, else the text."""
    if text is None:
        return None
    try:
        at, _ = _instant(text)
    except (ValueError, OverflowError):
        return text
    return at if _date(at, off) == text else text


def _instant(text: Any) -> tuple[int, int]:
    """Return a date in ms since 1970 UTC, and its offset in whole minutes."""
    date = datetime.fromisoformat(text)
    offset = date.utcoffset()
    if offset is None:
        raise ValueError(f"at is {text!r}; expected a date with an offset, such as +01:00")
    return (date.replace(tzinfo=None) - _1970 - offset) // _MS, offset // _MINUTE


def _milliseconds(text: str) -> int | None:
    try:
        return _instant(text)[0]
    except ValueError:
        return None


def _date(at: int, off: int) -> str:
    """Return a date as ``unsit.runtime.record.stamp`` does; no datetime with a zone is needed."""
    local = _1970 + at * _MS + off * _MINUTE
    hours, minutes = divmod(abs(off), 60)
    sign = "-" if off < 0 else "+"
    return f"{local.isoformat(timespec='milliseconds')}{sign}{hours:02}:{minutes:02}"


def _seconds(duration_ms: int) -> int | float:
    whole, rest = divmod(duration_ms, 1000)
    return duration_ms / 1000 if rest else whole


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
