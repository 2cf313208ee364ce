"""Records in words, one line each: for the log, a replay and the demo."""

from datetime import datetime
from typing import Any

from unsit.runtime.record import Record
from unsit.words import Words


def in_words(record: Record, words: Words) -> str:
    """What happened, for people: ``09:30:00  time to move: sitting for 30m``."""
    at = datetime.fromisoformat(record["at"])
    return f"{at:%Y-%m-%d %H:%M:%S}  {what_happened(record, words)}"


def what_happened(record: Record, words: Words) -> str:
    """The same without the time."""
    said = _Spoken(record, words)
    return words.event(record["type"]).format_map(said) + _remarks(record, words)


def spoken(seconds: float) -> str:
    """A duration of seconds as people say it: ``1h05m``, ``4m30s``, ``12s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    if minutes:
        return f"{minutes}m{rest:02}s" if rest else f"{minutes}m"
    return f"{rest}s"


class _Spoken(dict[str, Any]):
    """A record whose durations, dates and terms read well."""

    def __init__(self, record: Record, words: Words) -> None:
        super().__init__(record)
        self._words = words

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if key == "by_s":
            return f"{value:+.3f}".rstrip("0").rstrip(".") + "s"
        if key.endswith("_s"):
            return spoken(value)
        if key in ("due", "until", "since"):
            return f"{datetime.fromisoformat(value):%H:%M:%S}"
        return self._words.term(value) if key in ("reason", "side") else value


def _remarks(record: Record, words: Words) -> str:
    remarks = [*_REMARKS, "exercise"] if record["type"] == "move_due" else _REMARKS
    there = [key for key in remarks if record.get(key) is not None and record[key] is not False]
    said = [words.remark(key).format_map(_Spoken(record, words)) for key in there]
    return f" ({', '.join(said)})" if said else ""


_REMARKS = ("silent", "response_s", "open", "cut")
"""The fields that are remarked on where an event has them."""
