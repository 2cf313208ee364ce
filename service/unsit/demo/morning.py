"""A morning at the desk: what the person does, and how fast the time is shown."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Deed = Literal["sits down", "stands up", "presses the button", "releases the button", "goes"]

FAST = 240.0
"""Seconds of the morning in a real second, while somebody just sits."""
BRISK = 40.0
SLOW = 1.5
"""Slow enough to hear the buzzer."""


@dataclass(frozen=True, slots=True)
class Scene:
    """From an instant on: what the person does then, and how fast the time goes by."""

    at: timedelta
    deed: Deed | None
    speed: float


def _at(clock: str) -> timedelta:
    hours, minutes, seconds = clock.split(":")
    return timedelta(hours=int(hours) - 9, minutes=int(minutes), seconds=float(seconds))


def _scene(clock: str, deed: Deed | None, speed: float) -> Scene:
    return Scene(_at(clock), deed, speed)


MORNING = [
    _scene("09:00:01", "sits down", SLOW),
    _scene("09:00:04", None, FAST),
    _scene("09:29:58.5", None, SLOW),
    _scene("09:30:02.5", None, 60.0),
    _scene("09:34:58.5", None, SLOW),
    _scene("09:35:02", None, BRISK),
    _scene("09:35:20", "stands up", BRISK / 2),
    _scene("09:36:05", "sits down", BRISK / 2),
    _scene("09:36:15", None, 80.0),
    _scene("09:41:03.5", None, SLOW),
    _scene("09:41:05.7", "stands up", SLOW),
    _scene("09:41:13", None, BRISK),
    _scene("09:43:38.5", None, SLOW),
    _scene("09:43:40", "presses the button", SLOW),
    _scene("09:43:40.2", "releases the button", SLOW),
    _scene("09:43:41.5", None, BRISK),
    _scene("09:46:30", "sits down", BRISK),
    _scene("09:46:50", None, FAST),
    _scene("10:16:28.5", None, SLOW),
    _scene("10:16:31", "presses the button", SLOW),
    _scene("10:16:31.2", "releases the button", SLOW),
    _scene("10:16:34", None, BRISK),
    _scene("10:17:10", "stands up", BRISK),
    _scene("10:20:10", "goes", BRISK),
]
"""Times of day; it begins at nine. A bout ignored until the reminder, a gap too short to count,
a stand-up that cuts the buzzer off and brings an exercise, which is done in the break, and a
reminder that is snoozed."""
