"""A turn under way: the chair so far and the effects so far."""

from dataclasses import replace
from typing import Any

from unsit.core.chair import Chair
from unsit.core.effects import Effect, Light, Silence, Sound


class Turn:
    """What the steps of a turn work on, one after the other."""

    def __init__(self, chair: Chair) -> None:
        self.chair = chair
        self.effects: list[Effect] = []

    def change(self, **fields: Any) -> None:
        """The chair, with other values in some of its fields."""
        self.chair = replace(self.chair, **fields)

    def owe(self, effect: Effect) -> None:
        """One more thing to be done, after those before it."""
        self.effects.append(effect)

    def sound(self) -> None:
        """The buzzer's pattern, if a sound is allowed."""
        if not self.chair.silent and self.chair.seat.pressed and self.chair.fault is None:
            self.owe(Sound())
            self.change(sounding=True)

    def silence(self) -> None:
        """The end of what sounds, if anything does."""
        if self.chair.sounding:
            self.owe(Silence())
            self.change(sounding=False)

    def wind_up(self, *, before: Chair) -> None:
        """Ends the turn: no sound where none may be, and the lamp as it should be.

        A sound that this very turn would cut off is not begun.
        """
        if self.chair.silent or self.chair.fault is not None or not self.chair.seat.pressed:
            self.effects = [effect for effect in self.effects if effect != Sound()]
            if self.chair.sounding and not before.sounding:
                self.change(sounding=False)
            self.silence()
        if self.chair.due != before.due:
            self.owe(Light(self.chair.due))
