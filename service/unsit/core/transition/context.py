"""Transition under way: the chair and the effects so far, which its steps work on in turn."""

from typing import Any

from unsit.core.chair import Chair
from unsit.core.day import with_event
from unsit.core.events import Beat, Effect, Event, Light, PaceSignal, Silence, SoftTick, Sound
from unsit.core.instant import Instant, replace
from unsit.core.rules import SOUNDS_APART, Tone


class Transition:
    """Chair and effects so far. now: the instant of the input."""

    def __init__(self, chair: Chair, now: Instant) -> None:
        self.chair = chair
        self.now = now
        self.effects: list[Effect] = []

    def change(self, **fields: Any) -> None:
        """Replace fields of the chair."""
        self.chair = replace(self.chair, **fields)

    def emit(self, effect: Effect) -> None:
        """Append an effect; an event also counts for today."""
        self.effects.append(effect)
        if isinstance(effect, Event):
            self.change(today=with_event(self.chair.today, effect))

    def sound(self, tone: Tone | None = None) -> None:
        """Sound if sound is allowed. tone: None for the buzzer's own pattern."""
        if self._may_sound():
            self.emit(Sound(tone))
            self.change(sounding=True, last_sound_at=self.now)

    def soft_sound(self, effect: SoftTick | Sound, *, next_sound: Instant | None) -> bool:
        """Make a sound that is no reminder, and return whether it was made.

        It is left out where no sound is allowed, within ``SOUNDS_APART`` of the last sound or of
        the next reminder, and while a reminder that a hold has swallowed waits to sound.

        next_sound: when the next reminder comes, None for never.
        """
        last = self.chair.last_sound_at
        follows_sound = last is not None and self.now - last < SOUNDS_APART
        precedes_sound = next_sound is not None and next_sound - self.now < SOUNDS_APART
        is_crowded = follows_sound or precedes_sound or self.chair.reminders.swallowed
        if is_crowded or not self._may_sound():
            return False
        self.emit(effect)
        self.change(
            last_sound_at=self.now, sounding=self.chair.sounding or isinstance(effect, Sound)
        )
        return True

    def _may_sound(self) -> bool:
        return not self.chair.silent and self.chair.seat.pressed and self.chair.fault is None

    def silence(self) -> None:
        """End a sound, if one may be playing."""
        if self.chair.sounding:
            self.emit(Silence())
            self.change(sounding=False)

    def pace(self, signal: PaceSignal) -> None:
        """Sound a beat of a paced exercise, unless the buzzer is switched off."""
        if self.chair.buzzer_on:
            self.emit(Beat(signal))

    def end_pace(self) -> None:
        """End a beat, if one may be playing."""
        if self.chair.buzzer_on:
            self.emit(Silence())

    def finish(self, *, before: Chair) -> None:
        """Drop sounds that may not be made now, and update the lamp.

        before: the chair before this transition. A sound that this transition itself would cut off
        is never begun.
        """
        if not self._may_sound():
            self.effects = [
                effect for effect in self.effects if not isinstance(effect, Sound | SoftTick)
            ]
            if self.chair.last_sound_at != before.last_sound_at:
                self.change(last_sound_at=before.last_sound_at)
            if self.chair.sounding and not before.sounding:
                self.change(sounding=False)
            self.silence()
        self._keep_last_beat()
        if self.chair.due != before.due:
            self.emit(Light(self.chair.due))

    def _keep_last_beat(self) -> None:
        """Drop each beat that a later sound or silence of this transition would cut off."""
        audible = [effect for effect in self.effects if isinstance(effect, Beat | Silence | Sound)]
        self.effects = [
            effect
            for effect in self.effects
            if not isinstance(effect, Beat) or effect is audible[-1]
        ]
