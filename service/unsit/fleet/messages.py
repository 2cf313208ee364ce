"""Messages of chairs on ``log`` and ``state``, read for the database."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from unsit.errors import quoted
from unsit.runtime.record import NUMBERED_SINCE, record_id

PAYLOAD_MAX_BYTES = 65_536
"""Size of the largest message that is read, and of what is kept of a larger one."""

NAME_MAX_CHARACTERS = 100
"""Length of an id of a chair, a type and a mark."""

SEQ_MAX = 2**32 - 1
"""Largest number of an event; its id has 32 bits for it."""

_HEAD = ("id", "seq", "chair", "at", "type", NUMBERED_SINCE)


@dataclass(frozen=True, slots=True)
class Event:
    """Event of a chair. mark: the counter that gave ``seq``, empty for a chair that has none.

    fields: JSON of what belongs to the type.
    """

    id: str
    chair: str
    mark: str
    seq: int
    at: datetime
    type: str
    fields: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Numbers that a chair has no more, from ``first`` to ``last``."""

    chair: str
    mark: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Poison:
    """Message that is no event. payload: at most ``PAYLOAD_MAX_BYTES`` of it."""

    topic: str
    payload: bytes
    why: str


@dataclass(frozen=True, slots=True)
class State:
    """Last number that a chair has given."""

    chair: str
    mark: str
    seq: int


def read_log(chair: str, topic: str, payload: bytes) -> Event | Gone | Poison:
    """Return the content of a message on ``log``. chair: the chair in the topic."""
    try:
        message = _object(payload)
        mark = _text(message, NUMBERED_SINCE) if NUMBERED_SINCE in message else ""
        _check_chair(message, chair)
        if message.get("type") == "events_gone":
            return _gone(message, chair, mark)
        return _event(message, chair, mark)
    except (ValueError, RecursionError) as error:
        return Poison(topic.replace("\0", ""), payload[:PAYLOAD_MAX_BYTES], str(error))


def read_state(chair: str, payload: bytes) -> State | None:
    """Return the last number of a state message, None if it names none."""
    try:
        message = _object(payload)
        seq = message["seq"] and _number(message, "seq")
        return State(chair, _text(message, NUMBERED_SINCE), seq)
    except (KeyError, ValueError, RecursionError):
        return None


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise ValueError(f"{len(payload)} bytes; expected at most {PAYLOAD_MAX_BYTES}")
    message = json.loads(payload, parse_constant=_refuse_constant)
    if not isinstance(message, dict):
        raise ValueError("no JSON object")  # noqa: TRY004  # as for JSON that cannot be read
    return message


def _check_chair(message: dict[str, Any], chair: str) -> None:
    name = message.get("chair")
    if name != chair or len(chair) > NAME_MAX_CHARACTERS or not chair.isprintable():
        raise ValueError(f"chair is {quoted(str(name))}, not that of the topic, or no name")


def _gone(message: dict[str, Any], chair: str, mark: str) -> Gone:
    first, last = _number(message, "first"), _number(message, "last")
    if last < first:
        raise ValueError(f"last is {last}; expected at least {first}")
    return Gone(chair, mark, first, last)


def _event(message: dict[str, Any], chair: str, mark: str) -> Event:
    seq, text, kind = _number(message, "seq"), _text(message, "at"), _text(message, "type")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"at is {quoted(text)}; expected a date with an offset")
    try:
        at = at.astimezone(UTC)
        expected = record_id(text, chair, seq)
    except OverflowError:
        raise ValueError(f"at is {quoted(text)}; expected a date of the years 1 to 9999") from None
    if message.get("id") != expected:
        raise ValueError("the id is not that of this chair, number and date")
    fields = {key: value for key, value in message.items() if key not in _HEAD}
    stored = json.dumps(fields, ensure_ascii=False)
    if "\\u0000" in stored or any("\ud800" <= sign <= "\udfff" for sign in stored):
        raise ValueError("a text has a character that PostgreSQL cannot store")
    return Event(expected, chair, mark, seq, at, kind, stored)


def _number(message: dict[str, Any], key: str) -> int:
    value = message.get(key)
    if type(value) is not int or not 1 <= value <= SEQ_MAX:
        raise ValueError(f"{key} is {quoted(str(value))}; expected a number of 1 to {SEQ_MAX}")
    return value


def _text(message: dict[str, Any], key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str) or len(value) > NAME_MAX_CHARACTERS or not value.isprintable():
        words = f"expected a text of at most {NAME_MAX_CHARACTERS} characters"
        raise ValueError(f"{key} is {quoted(str(value))}; {words}")
    return value


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
