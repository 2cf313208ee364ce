"""The decider: feeds the core in order of time and has its effects performed."""

from collections.abc import Callable
from dataclasses import dataclass

from unsit.core import agenda, turn
from unsit.core.chair import Chair
from unsit.core.effects import Cue, Effect, Light, Refuse, Silence, Sound
from unsit.core.events import Event
from unsit.core.inputs import Input, Tick
from unsit.core.instant import Instant
from unsit.core.ladder import Tone
from unsit.runtime.loop import Loop


@dataclass
class Outlets:
    """Where effects go. Each is called in the loop's thread and must not block.

    sound: with the tone, None for the buzzer's own. Sounds come before events, so that nothing
    that tells of a reminder can delay it. changed comes last, when the chair is not as it was.
    """

    sound: Callable[[Tone | None], None]
    silence: Callable[[], None]
    cue: Callable[[], None]
    light: Callable[[bool], None]
    event: Callable[[Event], None]
    changed: Callable[[], None]


class Decider:
    """Holds the chair and lets inputs and time act on it, all in the loop's thread."""

    def __init__(self, loop: Loop, chair: Chair, outlets: Outlets) -> None:
        self.chair = chair
        self._loop = loop
        self._outlets = outlets
        self._last = loop.clock.now()
        self._deadline: Instant | None = agenda.deadline(chair)
        loop.heed(lambda: self._deadline, self._tick)

    def feed(self, what: Input, at: Instant | None = None) -> str | None:
        """Takes an input; ``at`` is its instant, now if left out.

        Returns why it was refused, or None. An input that was stamped before something already
        decided counts as of that decision: time does not run backwards.
        """
        at = max(at if at is not None else self._loop.clock.now(), self._last)
        self._last = at
        before = self.chair
        self.chair, effects = turn.step(before, what, at)
        self._deadline = agenda.deadline(self.chair)
        refused = self._perform(effects)
        if self.chair != before:
            self._outlets.changed()
        return refused

    def _tick(self) -> None:
        self.feed(Tick())

    def _perform(self, effects: tuple[Effect, ...]) -> str | None:
        told: list[Event] = []
        refused: str | None = None
        for effect in effects:
            match effect:
                case Sound():
                    self._outlets.sound(effect.tone)
                case Silence():
                    self._outlets.silence()
                case Cue():
                    self._outlets.cue()
                case Light():
                    self._outlets.light(effect.on)
                case Refuse():
                    refused = effect.why
                case _:
                    told.append(effect)
        for event in told:
            self._outlets.event(event)
        return refused
