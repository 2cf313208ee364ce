"""The patterns that a buzzer can play, by name."""

from dataclasses import dataclass, replace
from math import inf


@dataclass(frozen=True, slots=True)
class Beep:
    """One sound and the pause behind it.

    on, off: seconds. tone: Hz; only a passive buzzer can choose it. The default, 2700 Hz, lies
    where small piezo buzzers are loudest. volume: of 1, the loudest; for a passive buzzer too.

    Raises ValueError for a sound that would never end, or that would not be one.
    """

    on: float
    off: float = 0.0
    tone: float = 2700.0
    volume: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.on < inf and 0 <= self.off < inf and 0 < self.tone < inf):
            raise ValueError(f"{self} cannot be played; expected on and tone over 0, off 0 or more")
        if not 0 < self.volume <= 1:
            raise ValueError(f"{self} cannot be played; expected a volume over 0, 1 at most")


Pattern = tuple[Beep, ...]

PATTERNS: dict[str, Pattern] = {
    "tick": (Beep(0.03),),
    "short": (Beep(0.15),),
    "double": (Beep(0.15, 0.15), Beep(0.15)),
    "triple": (Beep(0.2, 0.2), Beep(0.2, 0.2), Beep(0.2)),
    "long": (Beep(1.0),),
    "rising": (Beep(0.2, 0.1, 2000.0), Beep(0.2, 0.1, 2400.0), Beep(0.4, 0.0, 2800.0)),
    "insistent": (Beep(0.5, 0.25),) * 4,
    "go": (Beep(0.5),),
    "ease": (Beep(0.1),),
    "swap": (Beep(0.1, 0.1), Beep(0.1, 0.1), Beep(0.5)),
    "finish": (Beep(0.1, 0.1), Beep(0.1, 0.1), Beep(0.1, 0.3), Beep(0.5)),
}
"""Every pattern is finite: a buzzer that is forgotten falls silent by itself."""


def at_volume(pattern: Pattern, volume: float) -> Pattern:
    """The pattern, played at a volume of more than 0 and at most 1."""
    return tuple(replace(beep, volume=volume) for beep in pattern)


def length(pattern: Pattern) -> float:
    """Seconds from the first sound to the end of the last pause."""
    return sum(beep.on + beep.off for beep in pattern)
