"""A chair under way, as a live loop has it."""

from dataclasses import replace

from timeline_words import Told, describe
from unsit.core import agenda, turn
from unsit.core.chair import Chair
from unsit.core.effects import Effect
from unsit.core.inputs import Input, Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules
from unsit.runtime import codec


class Run:
    """A chair under way, and all that it has told."""

    def __init__(self, rules: Rules) -> None:
        self.chair = Chair(rules=rules)
        self.now = ZERO
        self.told: list[Told] = []

    def feed(self, what: Input, when: Instant) -> tuple[Effect, ...]:
        """One input, without the ticks before it."""
        assert when >= self.now, f"{describe(what)} at {when} comes after {self.now}"
        self.now = when
        self.chair, effects = turn.step(self.chair, what, when)
        self.told += [Told(when, effect) for effect in effects]
        return effects

    def forget_what_is_not_kept(self) -> None:
        """The chair as a service has it that was started again; the day is kept beside it."""
        kept = codec.read(Chair, codec.written(self.chair))
        rules, buzzer_on, today = self.chair.rules, self.chair.buzzer_on, self.chair.today
        self.chair = replace(kept, rules=rules, buzzer_on=buzzer_on, today=today)

    def wait(self, *, before: Instant) -> None:
        """Ticks at each deadline before an instant."""
        while (deadline := self._deadline()) is not None and deadline < before:
            self._tick(deadline)

    def wait_through(self, last: Instant) -> None:
        """Ticks at each deadline up to an instant and at it."""
        while (deadline := self._deadline()) is not None and deadline <= last:
            self._tick(deadline)

    def _deadline(self) -> Instant | None:
        deadline = agenda.deadline(self.chair)
        return None if deadline is None else max(deadline, self.now)

    def _tick(self, when: Instant) -> None:
        before = self.chair
        self.feed(Tick(), when)
        assert self.chair != before, f"the tick that was wanted at {when} changed nothing"
