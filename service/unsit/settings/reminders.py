"""The settings of reminders."""

from dataclasses import dataclass
from typing import Annotated

from unsit.core.rules import Rules
from unsit.settings.duration import Duration
from unsit.settings.fields import HOUR, SECOND, Number, duration, setting
from unsit.settings.ladder import LadderText, PatternName
from unsit.settings.parsing import parse_time
from unsit.settings.passing import After

_RULES = Rules()


def _is_a_time(text: str | None) -> str | None:
    if text is not None:
        parse_time(text)
    return text


@dataclass(frozen=True, kw_only=True)
class RemindersSettings:
    """How often to remind, and when to leave a person alone."""

    repeat_every: Duration = duration(
        _RULES.repeat_every, SECOND, 24 * HOUR, "The time between reminders."
    )
    max_reminders: int = setting(_RULES.max_reminders, "How many a bout gets.", ge=1, le=100)
    snooze_for: Duration = duration(
        _RULES.snooze_for, SECOND, 24 * HOUR, "How far a snooze puts the next reminder off."
    )
    max_snoozes: int = setting(_RULES.max_snoozes, "How many snoozes a bout gets.", ge=0, le=100)
    snooze_shrink: Number = setting(
        0, "By how many percent each snooze of a bout is shorter than the one before.", ge=0, le=90
    )
    daily_snoozes: Number | None = setting(
        None, "How many snoozes a day gets; by default no limit.", ge=0, le=1000
    )
    ladder: LadderText = setting(
        "",
        "What each reminder is, from soft to insistent, such as lamp 2m, tick 30% 2m, long: "
        "a cue (lamp, event, or a pattern of buzzer.pattern), a volume for a passive buzzer, the "
        "time until the next. The last one repeats. Empty: buzzer.pattern each time.",
    )
    back_too_soon: bool = setting(
        True,
        "Whether one soft tick in a bout says that a stand-up after the call to move was no break.",
    )
    warn_before: Duration | None = duration(
        None,
        60 * SECOND,
        HOUR,
        "How long before the bout is due one soft tick says so; by default never: the first "
        "reminder can be snoozed, and each further sound costs patience.",
    )
    softer_from: Annotated[str | None, After(_is_a_time)] = setting(
        None,
        "The time of day, such as 13:00, from which until midnight every sound of a reminder is "
        "reminders.softer_pattern; by default never.",
    )
    softer_pattern: PatternName = setting("short", "What a reminder sounds like from then on.")
