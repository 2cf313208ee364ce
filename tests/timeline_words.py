"""A timeline in words: what happened and what was told, side by side where it differs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from functools import partial

from unsit.core.effects import Beat, Cue, Effect, Light, Silence, Sound
from unsit.core.events import Event
from unsit.core.inputs import Input
from unsit.core.instant import Instant
from unsit.core.programme import Cue as SittingWord
from unsit.core.programme import Exercise


@dataclass(frozen=True)
class Told:
    """An effect and the instant at which the chair gave it."""

    when: Instant
    effect: Effect


@dataclass(frozen=True)
class Line:
    """A line of a written timeline."""

    when: Instant
    words: str

    def __str__(self) -> str:
        return f"{self.when!s:>15}  {self.words}"


TRACKS: tuple[type[Effect] | tuple[type[Effect], ...], ...] = ((Sound, Beat, Silence), Cue, Light)


def in_order(told: Sequence[Told]) -> list[Told]:
    """By time; within an instant sounds, lamp, and then what is said, each in its own order."""

    def place(one: Told) -> tuple[Instant, int]:
        tracks = (nth for nth, kind in enumerate(TRACKS) if isinstance(one.effect, kind))
        return one.when, next(tracks, len(TRACKS))

    return sorted(told, key=place)


def written(told: Sequence[Told], happened: Sequence[Line]) -> list[str]:
    """Effects among the inputs that brought them about."""
    lines = [*happened, *(Line(one.when, describe(one.effect, one.when)) for one in told)]
    return [str(line) for line in sorted(lines, key=lambda line: line.when)]


def describe(what: Input | Effect, when: Instant | None = None) -> str:
    """An input or an effect in words, with its figures; without those that are left out."""
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(what).__name__).lower()
    said = [(field, getattr(what, field.name)) for field in fields(what)]
    figures = [figure(f.name, value) for f, value in said if value is not None or f.default]
    if isinstance(what, Event) and what.at == when:
        figures = figures[1:]
    return ", ".join([name, *figures])


def figure(name: str, value: object) -> str:
    """A figure in words; whether or whether not, for those that are neither time nor text."""
    match value:
        case True:
            return name
        case False:
            return f"not {name}"
        case None:
            return f"no {name}"
        case Exercise() | SittingWord():
            return f"{name} {value.id}"
        case _:
            return f"{name} {value}"


def side_by_side(owed: Sequence[str], told: Sequence[str]) -> str:
    """Two written timelines next to each other; ``!`` marks where they differ."""
    width = max(map(len, owed), default=0)
    row = partial("{mark} {left:<{width}} | {right}".format, width=width)
    rows = [row(mark=" ", left="EXPECTED", right="WHAT THE CHAIR DID")]
    rows += [row(mark=mark, left=left, right=right) for mark, left, right in _paired(owed, told)]
    return "\n".join(["the timelines differ", *rows])


def _paired(owed: Sequence[str], told: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, owed, told, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((" ", line, line) for line in owed[left:left_end])
        else:
            yield from (("!", line, "") for line in owed[left:left_end])
            yield from (("!", "", line) for line in told[right:right_end])
