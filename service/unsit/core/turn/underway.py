"""A turn under way: the chair so far and the effects so far."""

from dataclasses import replace
from typing import Any

from unsit.core.chair import Chair
from unsit.core.effects import Beat, Cue, Effect, Light, Signal, Silence, Sound
from unsit.core.events import Event
from unsit.core.instant import Instant
from unsit.core.ladder import Tone
from unsit.core.rules import APART
from unsit.core.today import after


class Turn:
    """What the steps of a turn work on, one after the other. now: the instant of the input."""

    def __init__(self, chair: Chair, now: Instant) -> None:
        self.chair = chair
        self.now = now
        self.effects: list[Effect] = []

    def change(self, **fields: Any) -> None:
        """The chair, with other values in some of its fields."""
        self.chair = replace(self.chair, **fields)

    def owe(self, effect: Effect) -> None:
        """One more thing to be done, after those before it; what happens counts for today."""
        self.effects.append(effect)
        if isinstance(effect, Event):
            self.change(today=after(self.chair.today, effect))

    def sound(self, tone: Tone | None = None) -> None:
        """A tone, None for the buzzer's pattern, if a sound is allowed."""
        if self._may_sound():
            self.owe(Sound(tone))
            self.change(sounding=True, heard=self.now)

    def sign(self, effect: Cue | Sound, *, next_sound: Instant | None) -> bool:
        """A sign that is no reminder, if a sound is allowed and none is near; whether it is made.

        next_sound: when the next reminder comes, None for never. One that a hold has swallowed may
        come at any moment.
        """
        heard = self.chair.heard
        recent = heard is not None and self.now - heard < APART
        soon = next_sound is not None and next_sound - self.now < APART
        if recent or soon or self.chair.reminders.owed or not self._may_sound():
            return False
        self.owe(effect)
        self.change(heard=self.now, sounding=self.chair.sounding or isinstance(effect, Sound))
        return True

    def _may_sound(self) -> bool:
        return not self.chair.silent and self.chair.seat.pressed and self.chair.fault is None

    def silence(self) -> None:
        """The end of what sounds, if anything does."""
        if self.chair.sounding:
            self.owe(Silence())
            self.change(sounding=False)

    def beat(self, signal: Signal) -> None:
        """A sound that paces an exercise, unless the buzzer is off."""
        if self.chair.buzzer_on:
            self.owe(Beat(signal))

    def end_beat(self) -> None:
        """The end of such a sound, if one may be under way."""
        if self.chair.buzzer_on:
            self.owe(Silence())

    def wind_up(self, *, before: Chair) -> None:
        """Ends the turn: no sound where none may be, and the lamp as it should be.

        A sound that this very turn would cut off is not begun.
        """
        if self.chair.silent or self.chair.fault is not None or not self.chair.seat.pressed:
            self.effects = [one for one in self.effects if not isinstance(one, Sound | Cue)]
            self.change(heard=before.heard)
            if self.chair.sounding and not before.sounding:
                self.change(sounding=False)
            self.silence()
        self._keep_last_beat()
        if self.chair.due != before.due:
            self.owe(Light(self.chair.due))

    def _keep_last_beat(self) -> None:
        """Of beats that come at once, late, the last; none that is cut off at once."""
        heard = [effect for effect in self.effects if isinstance(effect, Beat | Silence | Sound)]
        self.effects = [
            effect for effect in self.effects if not isinstance(effect, Beat) or effect is heard[-1]
        ]
