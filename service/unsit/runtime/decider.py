"""The decider: feeds the core in order of time and has its effects performed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from unsit.core import agenda, turn
from unsit.core.chair import Chair
from unsit.core.effects import Beat, Cue, Effect, Light, Refuse, Signal, Silence, Sound
from unsit.core.events import Event
from unsit.core.inputs import Input, Tick
from unsit.core.instant import Instant
from unsit.core.ladder import Tone
from unsit.runtime.loop import Loop


@dataclass
class Outlets:
    """Where effects go. Each is called in the loop's thread and must not block.

    sound: with the tone, None for the buzzer's own.
    keep: has what happened, and the chair as it is now, outlive the process. tell: tells the world
    of it. Silence comes before both; a sound comes between them, so that a process that is killed
    never sounds a reminder twice, and nothing that tells of one can delay it.
    """

    sound: Callable[[Tone | None], None]
    silence: Callable[[], None]
    cue: Callable[[], None]
    beat: Callable[[Signal], None]
    light: Callable[[bool], None]
    keep: Callable[[Sequence[Event]], None]
    tell: Callable[[], None]


class Decider:
    """Holds the chair and lets inputs and time act on it, all in the loop's thread."""

    def __init__(self, loop: Loop, chair: Chair, outlets: Outlets) -> None:
        self.chair = chair
        self._loop = loop
        self._outlets = outlets
        self._last = loop.clock.now()
        self._deadline: Instant | None = agenda.deadline(chair)
        loop.heed(lambda: self._deadline, self._tick)

    def is_late(self, by: timedelta) -> bool:
        """Whether something should have been decided so long ago."""
        return self._deadline is not None and self._loop.clock.now() - self._deadline > by

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
        return self._perform(effects, changed=self.chair != before)

    def _tick(self) -> None:
        self.feed(Tick())

    def _perform(self, effects: tuple[Effect, ...], *, changed: bool) -> str | None:
        told: list[Event] = []
        sounds: list[Sound | Cue | Beat] = []
        refused: str | None = None
        for effect in effects:
            match effect:
                case Sound() | Cue() | Beat():
                    sounds.append(effect)
                case Silence():
                    self._outlets.silence()
                    sounds.clear()
                case Light():
                    self._outlets.light(effect.on)
                case Refuse():
                    refused = effect.why
                case _:
                    told.append(effect)
        self._make_known(told, sounds, changed=changed)
        return refused

    def _make_known(
        self, told: Sequence[Event], sounds: Sequence[Sound | Cue | Beat], *, changed: bool
    ) -> None:
        if told or changed:
            self._outlets.keep(told)
        for one in sounds:
            self._sound(one)
        if told or changed:
            self._outlets.tell()

    def _sound(self, one: Sound | Cue | Beat) -> None:
        match one:
            case Sound():
                self._outlets.sound(one.tone)
            case Cue():
                self._outlets.cue()
            case Beat():
                self._outlets.beat(one.signal)
