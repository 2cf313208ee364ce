"""Commands: what a message on a ``command/…`` topic asks for."""

import json
from collections.abc import Callable
from datetime import timedelta

from unsit.core.inputs import (
    Calibrate,
    Hold,
    Release,
    Request,
    SetMinBreak,
    SetMoveAfter,
    Snooze,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
)
from unsit.core.instant import Instant

LARGEST = 4096
"""Bytes. A larger payload is no command."""

REASON = "command"

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(hours=24)

ParseDuration = Callable[[str], timedelta]


class CommandRejected(ValueError):  # noqa: N818  # the name of the answer on the event topic
    """A message that is no command, or one that cannot be taken; says why."""


class CommandReader:
    """Reads commands.

    parse_duration: reads a duration as the settings write it, or raises ValueError.
    """

    def __init__(self, parse_duration: ParseDuration) -> None:
        self._parse_duration = parse_duration
        self._readers: dict[str, Callable[[str, Instant], Request]] = {
            "snooze": lambda text, now: Snooze(),
            "hold": self._hold,
            "move_after": lambda text, now: SetMoveAfter(self._duration(text)),
            "min_break": lambda text, now: SetMinBreak(self._duration(text)),
            "buzzer": lambda text, now: SwitchBuzzer(_on(text)),
            "test_buzzer": lambda text, now: TestBuzzer(),
            "tare": lambda text, now: Tare(),
            "calibrate": lambda text, now: Calibrate(_kilograms(text)),
        }

    @property
    def names(self) -> list[str]:
        """Every command there is."""
        return list(self._readers)

    def read(self, name: str, payload: bytes, *, retained: bool, now: Instant) -> Request:
        """What a message asks for. Raises CommandRejected."""
        if name not in self._readers:
            raise CommandRejected(f"there is no such command; there are {', '.join(self.names)}")
        if retained:
            raise CommandRejected("retained; a command is for now, send it without retain")
        return self._readers[name](_text(payload), now)

    def _hold(self, text: str, now: Instant) -> Request:
        switch = text.upper()
        if switch == "ON":
            return Hold(REASON)
        if switch == "OFF":
            return Release(REASON)
        try:
            return Hold(REASON, now + self._in_range(self._parse_duration(text)))
        except ValueError as error:
            raise CommandRejected(
                f"read {text!r}; expected ON, OFF or a duration: {error}"
            ) from None

    def _duration(self, text: str) -> timedelta:
        try:
            return self._in_range(self._parse_duration(text))
        except ValueError as error:
            raise CommandRejected(f"read {text!r}; {error}") from None

    def _in_range(self, duration: timedelta) -> timedelta:
        if not SHORTEST <= duration <= LONGEST:
            raise ValueError("expected 1s to 24h")
        return duration


def _text(payload: bytes) -> str:
    if len(payload) > LARGEST:
        raise CommandRejected(f"{len(payload)} bytes; expected at most {LARGEST}")
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise CommandRejected("not UTF-8 text") from None
    return _unquoted(text.strip())


def _unquoted(text: str) -> str:
    """The text, out of the quotation marks if it came as a JSON string."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _on(text: str) -> bool:
    try:
        return {"ON": True, "OFF": False}[text.upper()]
    except KeyError:
        raise CommandRejected(f"read {text!r}; expected ON or OFF") from None


def _kilograms(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandRejected(f"read {text!r}; expected a known weight in kg, like 10") from None
