"""Timelines as text: the expected one and the actual one, side by side where they differ.

the timelines differ
  EXPECTED                     | WHAT THE CHAIR DID
          0:00:00  (pressed)   |         0:00:00  (pressed)
!         1:00:00  bout started |
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from functools import partial

from unsit.core.events import Beat, Effect, Event, Light, Silence, SoftTick, Sound
from unsit.core.inputs import Input
from unsit.core.instant import Instant
from unsit.core.programme import Cue, Exercise


@dataclass(frozen=True)
class Emitted:
    """An effect and the instant at which the chair emitted it."""

    when: Instant
    effect: Effect


@dataclass(frozen=True)
class Line:
    """A line of a timeline as text."""

    when: Instant
    text: str

    def __str__(self) -> str:
        return f"{self.when!s:>15}  {self.text}"


TRACKS: tuple[type[Effect] | tuple[type[Effect], ...], ...] = (
    (Sound, Beat, Silence),
    SoftTick,
    Light,
)


def in_order(emitted: Sequence[Emitted]) -> list[Emitted]:
    """Sort by time; within an instant sounds, lamp and events, each kind in its own order."""

    def place(entry: Emitted) -> tuple[Instant, int]:
        tracks = (nth for nth, kind in enumerate(TRACKS) if isinstance(entry.effect, kind))
        return entry.when, next(tracks, len(TRACKS))

    return sorted(emitted, key=place)


def as_text(emitted: Sequence[Emitted], inputs: Sequence[Line]) -> list[str]:
    """Return the effects as lines of text, among the inputs that caused them."""
    lines = [*inputs, *(Line(entry.when, describe(entry.effect, entry.when)) for entry in emitted)]
    return [str(line) for line in sorted(lines, key=lambda line: line.when)]


def describe(subject: Input | Effect, when: Instant | None = None) -> str:
    """Return an input or an effect as words with its figures, without those left at a default.

    ``describe(MoveDue(at, bout=at, silent=True), at)`` is "move due, bout 0:30:00, silent".
    """
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(subject).__name__).lower()
    values = [(field, getattr(subject, field.name)) for field in fields(subject)]
    figures = [_figure(f.name, value) for f, value in values if value is not None or f.default]
    if isinstance(subject, Event) and subject.at == when:
        figures = figures[1:]
    return ", ".join([name, *figures])


def _figure(name: str, value: object) -> str:
    match value:
        case True:
            return name
        case False:
            return f"not {name}"
        case None:
            return f"no {name}"
        case Exercise() | Cue():
            return f"{name} {value.id}"
        case _:
            return f"{name} {value}"


def side_by_side(expected: Sequence[str], actual: Sequence[str]) -> str:
    """Return two timelines next to each other; ``!`` marks the lines that only one of them has."""
    width = max(map(len, expected), default=0)
    row = partial("{mark} {left:<{width}} | {right}".format, width=width)
    rows = [row(mark=" ", left="EXPECTED", right="WHAT THE CHAIR DID")]
    rows += [
        row(mark=mark, left=left, right=right) for mark, left, right in _rows(expected, actual)
    ]
    return "\n".join(["the timelines differ", *rows])


def _rows(expected: Sequence[str], actual: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((" ", line, line) for line in expected[left:left_end])
        else:
            yield from (("!", line, "") for line in expected[left:left_end])
            yield from (("!", "", line) for line in actual[right:right_end])
