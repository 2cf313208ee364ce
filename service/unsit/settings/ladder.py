"""The ladder of reminders as people write it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, get_args

from unsit.core.ladder import SILENT_CUES, Ladder, Rung
from unsit.settings.duration import parse_duration
from unsit.settings.fields import HOUR, SECOND
from unsit.settings.parsing import parts
from unsit.settings.passing import After

PatternName = Literal["tick", "short", "double", "triple", "long", "rising", "insistent"]

CUES = (*SILENT_CUES, *get_args(PatternName))

_VOLUME = re.compile(r"(\d{1,3})%")


def parse_ladder(text: str) -> Ladder:
    """Rungs with commas between them: ``lamp 2m, tick 30% 2m, triple, long``.

    Each is a cue, then the volume if it is not the buzzer's, then how long until the next one.
    Raises ValueError with what is expected.
    """
    return tuple(_rungs(text))


def _rungs(text: str) -> Iterator[Rung]:
    for part in parts(text):
        cue, *more = part.split()
        if cue not in CUES:
            raise ValueError(f"read {cue!r}; expected one of {', '.join(CUES)}")
        volume = _volume(more.pop(0), cue) if more and more[0].endswith("%") else None
        wait = _wait(more.pop(0)) if more else None
        if more:
            raise ValueError(f"read {part!r}; expected a cue, a volume like 30%, a time like 2m")
        yield Rung(cue, volume, wait)


def _volume(text: str, cue: str) -> int:
    found = _VOLUME.fullmatch(text)
    if cue in SILENT_CUES:
        raise ValueError(f"read {text!r}; {cue} makes no sound")
    if found is None or not 1 <= int(found[1]) <= 100:
        raise ValueError(f"read {text!r}; expected a volume from 1% to 100%")
    return int(found[1])


def _wait(text: str) -> timedelta:
    wait = parse_duration(text)
    if not SECOND <= wait <= 24 * HOUR:
        raise ValueError(f"read {text!r}; expected 1s to 24h")
    return wait


def _is_a_ladder(text: str) -> str:
    parse_ladder(text)
    return text


LadderText = Annotated[str, After(_is_a_ladder)]
