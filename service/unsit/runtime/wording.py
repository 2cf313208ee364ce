"""Records in words, one line each: for the log, a replay and the demo."""

from datetime import datetime
from typing import Any

from unsit.runtime.record import Record


def in_words(record: Record) -> str:
    """What happened, for people: ``09:30:00  time to move: sitting for 30m``."""
    at = datetime.fromisoformat(record["at"])
    return f"{at:%Y-%m-%d %H:%M:%S}  {what_happened(record)}"


def what_happened(record: Record) -> str:
    """The same without the time."""
    words = _WORDS[record["type"]]
    return words.format_map(_Spoken(record)) + _remarks(record)


def spoken(seconds: float) -> str:
    """A duration of seconds as people say it: ``1h05m``, ``4m30s``, ``12s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    if minutes:
        return f"{minutes}m{rest:02}s" if rest else f"{minutes}m"
    return f"{rest}s"


_WORDS = {
    "bout_started": "sat down",
    "move_due": "time to move: sitting for {bout_s}",
    "move_reminder": "reminder {reminder}: sitting for {bout_s}",
    "gave_up": "no more reminders until the next break: sitting for {bout_s}",
    "stood_up": "stood up after {bout_s}",
    "sat_back": "back after {away_s}, too soon for a break",
    "bout_ended": "break: the bout lasted {duration_s}, {seated_s} of it seated",
    "break_ended": "the break lasted {break_s}",
    "snoozed": "snoozed until {until}",
    "acknowledged": "acknowledged, sitting for {bout_s}",
    "hold_started": "hold: no sound ({reason})",
    "hold_ended": "the hold is over ({reason})",
    "sensor_fault": "the sensor cannot be believed: {reason}",
    "sensor_recovered": "the sensor works again; it was {reason}",
    "leaning_started": "leaning {side} since {since}",
    "leaning_ended": "upright again after leaning {side} for {leaned_s}",
    "seat_tared": "tared: the empty seat is zero (noise {noise_kg} kg)",
    "seat_calibrated": "calibrated with {weight_kg} kg: {span_counts} counts, noise {noise_kg} kg, "
    "the lightest person is {margin} times that",
    "clock_stepped": "the wall clock was set by {by_s}",
    "service_started": "the service has started",
    "service_stopped": "the service has stopped",
}


class _Spoken(dict[str, Any]):
    """A record whose durations and dates read well."""

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if key == "by_s":
            return f"{value:+.3f}".rstrip("0").rstrip(".") + "s"
        if key.endswith("_s"):
            return spoken(value)
        return f"{datetime.fromisoformat(value):%H:%M:%S}" if key in ("until", "since") else value


def _remarks(record: Record) -> str:
    remarks = []
    if record.get("silent"):
        remarks.append("silent")
    if record.get("response_s") is not None:
        remarks.append(f"{spoken(record['response_s'])} after the call to move")
    if record.get("open"):
        remarks.append("still open at the end of the recording")
    if record.get("cut"):
        remarks.append("cut: what came after is not known")
    return f" ({', '.join(remarks)})" if remarks else ""
