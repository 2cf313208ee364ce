"""Commands: what a message on a ``command/…`` topic asks for."""

from collections.abc import Callable
from datetime import time, timedelta

from unsit.core.inputs import (
    Acknowledge,
    Calibrate,
    FinishExercise,
    Hold,
    PaceExercise,
    Release,
    Request,
    SetDailyLimit,
    SetMinBreak,
    SetMoveAfter,
    Snooze,
    StopPacing,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
)
from unsit.core.instant import ZERO, Instant
from unsit.mqtt.payload import text_of

REASON = "command"

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(hours=24)

ParseDuration = Callable[[str], timedelta]
ParseTime = Callable[[str], time]
NextTime = Callable[[time], Instant]


class CommandRejected(ValueError):  # noqa: N818  # the name of the answer on the event topic
    """A message that is no command, or one that cannot be taken; says why."""


class CommandReader:
    """Reads commands.

    parse_duration, parse_time: read a duration, and a time of day, as the settings write them, or
        raise ValueError.
    next_time: the instant at which the clock on the wall next shows a time of day.
    """

    def __init__(
        self, parse_duration: ParseDuration, parse_time: ParseTime, next_time: NextTime
    ) -> None:
        self._parse_duration = parse_duration
        self._parse_time = parse_time
        self._next_time = next_time
        self._readers: dict[str, Callable[[str, Instant], Request]] = {
            "snooze": lambda text, now: Snooze(),
            "acknowledge": lambda text, now: Acknowledge(),
            "hold": self._hold,
            "move_after": lambda text, now: SetMoveAfter(self._duration(text)),
            "daily_limit": self._daily_limit,
            "min_break": lambda text, now: SetMinBreak(self._duration(text)),
            "buzzer": lambda text, now: SwitchBuzzer(_on(text)),
            "test_buzzer": lambda text, now: TestBuzzer(),
            "exercise_done": lambda text, now: FinishExercise(_exercise(text)),
            "exercise_pace": _pace,
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
        try:
            text = text_of(payload)
        except ValueError as error:
            raise CommandRejected(str(error)) from None
        return self._readers[name](text, now)

    def _hold(self, text: str, now: Instant) -> Request:
        switch = text.upper()
        if switch == "ON":
            return Hold(REASON)
        if switch == "OFF":
            return Release(REASON)
        if ":" in text:
            return Hold(REASON, self._next_time(self._time(text)))
        try:
            return Hold(REASON, now + self._in_range(self._parse_duration(text)))
        except ValueError as error:
            raise CommandRejected(
                f"read {text!r}; expected ON, OFF, a time of day like 17:30 or a duration: {error}"
            ) from None

    def _daily_limit(self, text: str, now: Instant) -> Request:
        try:
            off = text.upper() == "OFF" or self._parse_duration(text) == ZERO
        except ValueError:
            off = False
        return SetDailyLimit(None if off else self._duration(text))

    def _time(self, text: str) -> time:
        try:
            return self._parse_time(text)
        except ValueError as error:
            raise CommandRejected(f"read {text!r}; {error}") from None

    def _duration(self, text: str) -> timedelta:
        try:
            return self._in_range(self._parse_duration(text))
        except ValueError as error:
            raise CommandRejected(f"read {text!r}; {error}") from None

    def _in_range(self, duration: timedelta) -> timedelta:
        if not SHORTEST <= duration <= LONGEST:
            raise ValueError("expected 1s to 24h")
        return duration


def _on(text: str) -> bool:
    try:
        return {"ON": True, "OFF": False}[text.upper()]
    except KeyError:
        raise CommandRejected(f"read {text!r}; expected ON or OFF") from None


def _pace(text: str, now: Instant) -> Request:
    return StopPacing(REASON) if text.upper() == "OFF" else PaceExercise(_exercise(text))


def _exercise(text: str) -> str | None:
    """The id of an exercise; none is named by nothing, ON, or what a button sends by itself."""
    return None if text.upper() in ("", "ON", "PRESS") else text


def _kilograms(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandRejected(f"read {text!r}; expected a known weight in kg, like 10") from None
