"""Commands over MQTT: messages parsed to requests, or rejected with a reason.

Example: ``90s`` on ``unsit/desk/command/hold`` is a hold for 90 s.
"""

from collections.abc import Callable, Sequence
from datetime import time, timedelta
from typing import get_args

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
    SetReminderStyle,
    SetSilentAfter,
    SetSilentBefore,
    Snooze,
    StopPacing,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
)
from unsit.core.instant import ZERO, Instant, format_duration
from unsit.core.rules import LIMITS, ReminderStyle
from unsit.errors import quoted
from unsit.mqtt.topics import payload_text

RESEND = "resend"
"""Name of the command that the publisher carries out, see ``unsit.mqtt.resend``."""

COMMAND_REASON = "command"
"""Reason of holds and of stopped exercises that a command asked for."""

DURATION_MIN = timedelta(seconds=1)
DURATION_MAX = timedelta(hours=24)
"""Limits of the duration of a hold; those of settings are in ``unsit.core.rules.LIMITS``."""

MIDNIGHT = time(0, 0)

ParseDuration = Callable[[str], timedelta]
ParseTime = Callable[[str], time]
NextTime = Callable[[time], Instant]


class CommandRejected(ValueError):  # noqa: N818  # the name of the answer on the event topic
    """Rejection of a message, with the reason."""


def command_text(payload: bytes, *, retained: bool) -> str:
    """Return the text of a message with a command. Raises CommandRejected."""
    if retained:
        raise CommandRejected("retained; a command is for now, send it without retain")
    try:
        return payload_text(payload)
    except ValueError as error:
        raise CommandRejected(str(error)) from None


class CommandReader:
    """Parser of commands.

    parse_duration, parse_time: parse a duration and a time of day in the form of the settings, or
        raise ValueError.
    next_time: returns the next instant at which the wall clock shows a time of day.
    reset: returns the request that restores settings, all if none is named, or raises ValueError.
    """

    def __init__(
        self,
        parse_duration: ParseDuration,
        parse_time: ParseTime,
        next_time: NextTime,
        reset: Callable[[Sequence[str]], Request],
    ) -> None:
        self._parse_duration = parse_duration
        self._parse_time = parse_time
        self._next_time = next_time
        self._reset = reset
        self._readers: dict[str, Callable[[str, Instant], Request]] = {
            "snooze": lambda text, now: Snooze(),
            "acknowledge": lambda text, now: Acknowledge(),
            "hold": self._hold,
            "move_after": lambda text, now: SetMoveAfter(self._duration("move_after", text)),
            "daily_limit": self._daily_limit,
            "min_break": lambda text, now: SetMinBreak(self._duration("min_break", text)),
            "buzzer": lambda text, now: SwitchBuzzer(_is_on(text)),
            "reminder_style": lambda text, now: SetReminderStyle(_style(text)),
            "silent_before": lambda text, now: SetSilentBefore(self._time_or_none(text)),
            "silent_after": lambda text, now: SetSilentAfter(self._time_or_none(text)),
            "reset": self._restore,
            "test_buzzer": lambda text, now: TestBuzzer(),
            "exercise_done": lambda text, now: FinishExercise(_exercise_id(text)),
            "exercise_pace": _pace,
            "tare": lambda text, now: Tare(surely_empty=text.lower() == "force"),
            "calibrate": lambda text, now: _known_weight(text),
        }

    @property
    def names(self) -> list[str]:
        """Names of all commands."""
        return [*self._readers, RESEND]

    def read(self, name: str, payload: bytes, *, retained: bool, now: Instant) -> Request:
        """Return the request of a message. Raises CommandRejected."""
        if name not in self._readers:
            raise CommandRejected(f"there is no such command; there are {', '.join(self.names)}")
        return self._readers[name](command_text(payload, retained=retained), now)

    def _hold(self, text: str, now: Instant) -> Request:
        switch = text.upper()
        if switch == "ON":
            return Hold(COMMAND_REASON)
        if switch == "OFF":
            return Release(COMMAND_REASON)
        if ":" in text:
            return Hold(COMMAND_REASON, self._next_time(self._time(text)))
        try:
            limits = (DURATION_MIN, DURATION_MAX)
            return Hold(COMMAND_REASON, now + self._within(limits, text))
        except ValueError as error:
            raise CommandRejected(
                f"read {quoted(text)}; expected ON, OFF, a time of day like 17:30 or a duration: "
                f"{error}"
            ) from None

    def _daily_limit(self, text: str, now: Instant) -> Request:
        try:
            is_off = text.upper() == "OFF" or self._parse_duration(text) == ZERO
        except ValueError:
            is_off = False
        return SetDailyLimit(None if is_off else self._duration("daily_limit", text))

    def _restore(self, text: str, now: Instant) -> Request:
        try:
            return self._reset([] if text.upper() in ("", "ALL", "PRESS") else [text])
        except ValueError as error:
            raise CommandRejected(f"{error}, or nothing for all") from None

    def _time(self, text: str) -> time:
        try:
            return self._parse_time(text)
        except ValueError as error:
            raise CommandRejected(f"read {quoted(text)}; {error}") from None

    def _time_or_none(self, text: str) -> str | None:
        """Return a time of day as in the settings; None for midnight, OFF or nothing."""
        of_day = None if text.upper() in ("", "OFF") else self._time(text)
        return None if of_day in (None, MIDNIGHT) else f"{of_day:%H:%M}"

    def _duration(self, name: str, text: str) -> timedelta:
        try:
            return self._within(LIMITS[name], text)
        except ValueError as error:
            raise CommandRejected(f"read {quoted(text)}; {error}") from None

    def _within(self, limits: tuple[timedelta, timedelta], text: str) -> timedelta:
        duration, (least, most) = self._parse_duration(text), limits
        if not least <= duration <= most:
            raise ValueError(f"expected {format_duration(least)} to {format_duration(most)}")
        return duration


def _style(text: str) -> ReminderStyle:
    styles: dict[str, ReminderStyle] = {style: style for style in get_args(ReminderStyle)}
    try:
        return styles[text.lower()]
    except KeyError:
        raise CommandRejected(f"read {quoted(text)}; expected one of {', '.join(styles)}") from None


def _is_on(text: str) -> bool:
    try:
        return {"ON": True, "OFF": False}[text.upper()]
    except KeyError:
        raise CommandRejected(f"read {quoted(text)}; expected ON or OFF") from None


def _pace(text: str, now: Instant) -> Request:
    return StopPacing(COMMAND_REASON) if text.upper() == "OFF" else PaceExercise(_exercise_id(text))


def _exercise_id(text: str) -> str | None:
    """Return the id of an exercise, or None for an empty text, ON and a button's PRESS."""
    return None if text.upper() in ("", "ON", "PRESS") else text


def _known_weight(text: str) -> Calibrate:
    """Return the request of ``10`` (in the middle) or of ``10 left_front``, also ``left front``."""
    kilograms, *corner = text.lower().replace("_", " ").split() or [""]
    try:
        return Calibrate(float(kilograms), "_".join(corner) or None)
    except ValueError:
        raise CommandRejected(
            f"read {quoted(text)}; expected a known weight in kg, like 10, and the corner that it "
            "is on, like 10 left_front"
        ) from None
