"""A chair that runs in simulated time, with a tick at each of its deadlines as from the loop."""

from collections.abc import Sequence
from dataclasses import replace

from support.timeline_diff import Emitted, describe
from unsit.core import transition
from unsit.core.chair import Chair
from unsit.core.events import Effect, Event, ReadButton
from unsit.core.inputs import ButtonPressed, ButtonRead, ButtonReleased, Input, Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.mat import Mat, MatInput
from unsit.core.programme import Programme
from unsit.core.rules import Rules
from unsit.core.transition import deadlines
from unsit.runtime import documents


class ChairRun:
    """A running chair and all effects that it has emitted.

    button_down: what its button's pin reads; it follows the edges, and is read at once.
    """

    def __init__(self, rules: Rules) -> None:
        self.button_down = False
        self.chair = Chair(rules=rules)
        self.now = ZERO
        self.emitted: list[Emitted] = []

    def feed(self, given: Input, when: Instant) -> tuple[Effect, ...]:
        """Give the chair one input, without the ticks that are due before it."""
        assert when >= self.now, f"{describe(given)} at {when} comes after {self.now}"
        self.now = when
        if isinstance(given, ButtonPressed | ButtonReleased):
            self.button_down = isinstance(given, ButtonPressed)
        self.chair, effects = transition.step(self.chair, given, when)
        self.emitted += [Emitted(when, effect) for effect in effects if effect != ReadButton()]
        if ReadButton() in effects:
            self.feed(ButtonRead(self.button_down), when)
        return effects

    def restart_service(self) -> None:
        """Replace the chair with what a restarted service restores from its state file."""
        kept = documents.from_document(Chair, documents.to_document(self.chair))
        rules, buzzer_on, today = self.chair.rules, self.chair.buzzer_on, self.chair.today
        self.chair = replace(kept, rules=rules, buzzer_on=buzzer_on, today=today)

    def tick_before(self, end: Instant) -> None:
        """Give a tick at each deadline before ``end``."""
        while (deadline := self._deadline()) is not None and deadline < end:
            self._tick(deadline)

    def tick_through(self, end: Instant) -> None:
        """Give a tick at each deadline up to and including ``end``."""
        while (deadline := self._deadline()) is not None and deadline <= end:
            self._tick(deadline)

    def _deadline(self) -> Instant | None:
        deadline = deadlines.next_deadline(self.chair)
        return None if deadline is None else max(deadline, self.now)

    def _tick(self, when: Instant) -> None:
        before = self.chair
        self.feed(Tick(), when)
        assert self.chair != before, f"the chair asked for a tick at {when} that changed nothing"


class MatRun(ChairRun):
    """A chair on a mat.

    events: events, each with the instant at which it was emitted.
    """

    def __init__(self, rules: Rules, programme: Programme | None = None) -> None:
        super().__init__(rules)
        self.chair = replace(self.chair, programme=programme or Programme())
        self.mat = Mat(rules=rules)
        self.events: list[tuple[Instant, Event]] = []
        self._feed_all(self.mat.start(False, ZERO, None))

    def feed(self, given: Input, when: Instant) -> tuple[Effect, ...]:
        effects = super().feed(given, max(when, self.now))
        events = [effect for effect in effects if isinstance(effect, Event)]
        self.events += [(self.now, event) for event in events]
        self.mat.count_events(events, self.now)
        return effects

    def edge(self, pressed: bool, when: Instant) -> None:
        """Change the contact, after everything that is due before."""
        self.pass_time(when)
        self._feed_all(self.mat.handle_edge(pressed, when))

    def pass_time(self, end: Instant) -> None:
        """Let time pass up to an instant, with the deadlines of the chair and of the mat."""
        while (deadline := self.mat.deadline) is not None and deadline < end:
            self.tick_before(deadline)
            self._feed_all(self.mat.pass_time(deadline))
        self.tick_before(end)

    def _feed_all(self, inputs: Sequence[MatInput]) -> None:
        for given, when in inputs:
            self.feed(given, when)
