"""Simulated person: sits and leaves at random, with times far from the limits of the rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from torture.rules import MIN_BREAK, MOVE_AFTER

GAPS = (0.3, 1.5)
BREAKS = (MIN_BREAK + 0.7, MIN_BREAK + 1.5)
SHORT_STAYS = (0.5, MOVE_AFTER - 0.7)
LONG_STAYS = (MOVE_AFTER + 0.6, MOVE_AFTER + 3.0)
"""Seconds, far enough from the limits that delays on a busy machine change no answer."""


@dataclass(frozen=True, slots=True)
class Move:
    """A level of the seat. hold: seconds that it lasts. rows: the levels that the contact shows."""

    pressed: bool
    hold: float
    rows: tuple[bool, ...]


def moves(random: Random, *, is_bouncy: bool) -> Iterator[Move]:
    """Yield moves without end; some edges repeat or bounce if ``is_bouncy``."""
    while True:
        yield _move(random, True, LONG_STAYS if random.random() < 0.3 else SHORT_STAYS, is_bouncy)
        yield _move(random, False, GAPS if random.random() < 0.25 else BREAKS, is_bouncy)


def _move(random: Random, pressed: bool, limits: tuple[float, float], is_bouncy: bool) -> Move:
    hold = random.uniform(*limits)
    style = random.random()
    rows: tuple[bool, ...] = (pressed,)
    if is_bouncy and style < 0.15:
        rows = (pressed, not pressed) * random.randint(1, 2) + (pressed,)
    elif is_bouncy and style < 0.3:
        rows = (pressed, pressed)
    return Move(pressed, hold, rows)
