"""The decider: inputs in order of time, effects in order of importance."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from unsit.core.chair import Chair
from unsit.core.events import BoutStarted, Event, MoveDue, MoveReminder, StoodUp
from unsit.core.inputs import Hold, Input, Pressed, Release, Released, Snooze, Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules
from unsit.runtime.clock import VirtualClock
from unsit.runtime.decider import Decider, Outlets
from unsit.runtime.loop import Loop

RULES = Rules(
    sit_dwell=ZERO,
    stand_dwell=ZERO,
    move_after=timedelta(seconds=600),
    min_break=timedelta(seconds=60),
    repeat_every=timedelta(seconds=300),
)

Told = tuple[float, str | Event]


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class Run:
    """A decider in virtual time; ``told`` is what came out of it, with the instant."""

    def __init__(self, *, until: float = 2000) -> None:
        self.told: list[Told] = []
        self.answers: list[str | None] = []
        world = iter([(sec(until), lambda: None)])
        self.loop = Loop(VirtualClock(datetime(2026, 1, 5, tzinfo=UTC), world, self._end))
        outlets = Outlets(
            sound=lambda tone: self._tell("sound"),
            beat=lambda signal: self._tell(signal.value),
            silence=lambda: self._tell("silence"),
            cue=lambda: self._tell("cue"),
            light=lambda on: self._tell("light" if on else "dark"),
            keep=self._keep,
            tell=lambda: self._tell("told"),
        )
        self.decider = Decider(self.loop, Chair(rules=RULES), outlets)

    def at(self, when: float, what: Input, stamped: Instant | None = None) -> None:
        """Has the decider fed at an instant."""
        self.loop.at(sec(when), lambda: self.answers.append(self.decider.feed(what, stamped)))

    def _keep(self, events: Sequence[Event]) -> None:
        self._tell("kept")
        for event in events:
            self._tell(event)

    def live(self) -> list[Told]:
        self.loop.run()
        return self.told

    def _end(self) -> None:
        self.loop.stop()

    def _tell(self, what: str | Event) -> None:
        self.told.append((self.loop.clock.now().total_seconds(), what))


def events(told: Iterable[Told]) -> list[Event]:
    return [what for _, what in told if not isinstance(what, str)]


@pytest.fixture
def run() -> Run:
    return Run()


def test_an_input_without_a_stamp_is_of_now(run: Run) -> None:
    run.at(10, Pressed())

    assert events(run.live())[0] == BoutStarted(sec(10))


def test_an_input_counts_at_its_stamp_though_it_comes_later(run: Run) -> None:
    run.at(10, Pressed(), stamped=sec(8))

    assert run.live()[1] == (10, BoutStarted(sec(8)))


def test_an_edge_that_is_stamped_before_a_decision_counts_as_of_that_decision(run: Run) -> None:
    run.at(9, Tick())
    run.at(10, Pressed(), stamped=sec(8))

    assert events(run.live())[0] == BoutStarted(sec(9))


def test_an_edge_that_is_stamped_before_a_deadline_that_came_counts_as_of_that_deadline(
    run: Run,
) -> None:
    run.at(0, Pressed())
    run.at(601, Released(), stamped=sec(599))

    happened = events(run.live())

    assert happened[1] == MoveDue(sec(600), sec(600), silent=False)
    assert happened[2] == StoodUp(sec(600), sec(600), response=ZERO)


def test_an_input_is_not_before_the_decider_was_made(run: Run) -> None:
    run.at(0, Pressed(), stamped=sec(-3))

    assert events(run.live())[0] == BoutStarted(ZERO)


def test_time_alone_brings_what_is_due(run: Run) -> None:
    run.at(0, Pressed())

    reminders = [event for event in events(run.live()) if isinstance(event, MoveDue | MoveReminder)]

    assert [event.at for event in reminders] == [sec(at) for at in (600, 900, 1200, 1500, 1800)]


def test_what_is_due_comes_at_its_instant_and_not_when_somebody_looks(run: Run) -> None:
    run.at(0, Pressed())

    due = [when for when, what in run.live() if isinstance(what, MoveDue)]

    assert due == [600]


def test_a_reminder_is_kept_then_sounds_and_is_then_told(run: Run) -> None:
    run.at(0, Pressed())

    at_due = [what for when, what in run.live() if when == 600]

    assert at_due == [
        "light",
        "kept",
        MoveDue(sec(600), sec(600), silent=False),
        "sound",
        "told",
    ]


def test_the_buzzer_is_silenced_before_anybody_is_told(run: Run) -> None:
    run.at(0, Pressed())
    run.at(601, Released())

    at_release = [what for when, what in run.live() if when == 601]

    assert at_release == [
        "silence",
        "dark",
        "kept",
        StoodUp(sec(601), sec(601), response=sec(1)),
        "told",
    ]


def test_nothing_is_said_when_nothing_has_changed(run: Run) -> None:
    run.at(5, Released())
    run.at(6, Tick())

    assert run.live() == []


def test_a_change_without_an_effect_is_still_a_change(run: Run) -> None:
    run.at(5, Hold("meeting"))
    run.at(6, Hold("meeting", until=sec(5000)))

    assert [what for when, what in run.live() if when == 6] == ["kept", "told"]


def test_a_request_that_is_met_is_answered_with_nothing(run: Run) -> None:
    run.at(0, Pressed())
    run.at(601, Snooze())
    run.live()

    assert run.answers == [None, None]


def test_a_request_that_cannot_be_met_is_answered_with_why_and_changes_nothing(run: Run) -> None:
    run.at(5, Snooze())

    assert run.live() == []
    assert run.answers == ["no reminder is on its way"]


def test_a_deadline_follows_what_happens(run: Run) -> None:
    run.at(0, Pressed())
    run.at(100, Hold("meeting"))
    run.at(700, Release("over"))

    sounds = [when for when, what in run.live() if what == "sound"]

    assert sounds == [700, 1000, 1300, 1600, 1900]


def test_the_chair_can_be_looked_at_from_a_change(run: Run) -> None:
    run.at(0, Pressed())
    run.live()

    assert run.decider.chair.due
    assert run.decider.chair.seat.seated
