"""Decider: inputs in order of time, effects in order of urgency."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from unsit.assembly.chair import Decider, Outlets, Turn
from unsit.core.chair import Chair
from unsit.core.events import BoutStarted, Event, MoveDue, MoveReminder, StoodUp
from unsit.core.inputs import Hold, Input, Pressed, Release, Released, Snooze, Tick
from unsit.core.instant import ZERO, Instant
from unsit.core.rules import Rules
from unsit.runtime.clock import VirtualClock
from unsit.runtime.loop import Loop

RULES = Rules(
    sit_dwell=ZERO,
    stand_dwell=ZERO,
    move_after=timedelta(seconds=600),
    min_break=timedelta(seconds=60),
    repeat_every=timedelta(seconds=300),
)

Call = tuple[float, str | Event]


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class Run:
    """A decider in virtual time, and the calls of its outlets with their times in s."""

    def __init__(self, *, until: float = 2000) -> None:
        self.calls: list[Call] = []
        self.answers: list[str | None] = []
        world = iter([(sec(until), lambda: None)])
        self.loop = Loop(VirtualClock(datetime(2026, 1, 5, tzinfo=UTC), world, self._end))
        outlets = Outlets(
            sound=lambda tone: self._note("sound"),
            beat=lambda signal: self._note(signal.value),
            silence=lambda: self._note("silence"),
            cue=lambda: self._note("cue"),
            light=lambda on: self._note("light" if on else "dark"),
            read_button=lambda: self._note("button read"),
            keep=self._keep,
            publish=lambda: self._note("published"),
        )
        self.decider = Decider(self.loop, Chair(rules=RULES), outlets)

    def at(self, when: float, what: Input, stamped: Instant | None = None) -> None:
        """Feed an input to the decider at a time in s."""
        self.loop.at(sec(when), lambda: self.answers.append(self.decider.feed(what, stamped)))

    def _keep(self, events: Sequence[Event], turn: Turn) -> None:
        self._note("kept")
        for event in events:
            self._note(event)

    def result(self) -> list[Call]:
        self.loop.run()
        return self.calls

    def _end(self) -> None:
        self.loop.stop()

    def _note(self, what: str | Event) -> None:
        self.calls.append((self.loop.clock.now().total_seconds(), what))


def events(calls: Iterable[Call]) -> list[Event]:
    return [what for _, what in calls if not isinstance(what, str)]


@pytest.fixture
def run() -> Run:
    return Run()


def test_an_input_without_an_instant_happens_now(run: Run) -> None:
    run.at(10, Pressed())

    assert events(run.result())[0] == BoutStarted(sec(10))


def test_a_late_input_counts_at_its_own_instant(run: Run) -> None:
    run.at(10, Pressed(), stamped=sec(8))

    assert run.result()[1] == (10, BoutStarted(sec(8)))


def test_an_edge_from_before_a_decision_counts_at_the_instant_of_that_decision(run: Run) -> None:
    run.at(9, Tick())
    run.at(10, Pressed(), stamped=sec(8))

    assert events(run.result())[0] == BoutStarted(sec(9))


def test_an_edge_from_before_a_past_deadline_counts_at_that_deadline(
    run: Run,
) -> None:
    run.at(0, Pressed())
    run.at(601, Released(), stamped=sec(599))

    happened = events(run.result())

    assert happened[1] == MoveDue(sec(600), sec(600), silent=False)
    assert happened[2] == StoodUp(sec(600), sec(600), response=ZERO)


def test_an_input_is_not_before_the_decider_was_made(run: Run) -> None:
    run.at(0, Pressed(), stamped=sec(-3))

    assert events(run.result())[0] == BoutStarted(ZERO)


def test_reminders_come_without_further_inputs(run: Run) -> None:
    run.at(0, Pressed())

    reminders = [
        event for event in events(run.result()) if isinstance(event, MoveDue | MoveReminder)
    ]

    assert [event.at for event in reminders] == [sec(at) for at in (600, 900, 1200, 1500, 1800)]


def test_a_deadline_is_met_at_its_instant(run: Run) -> None:
    run.at(0, Pressed())

    due = [when for when, what in run.result() if isinstance(what, MoveDue)]

    assert due == [600]


def test_a_reminder_is_kept_then_sounds_and_is_then_published(run: Run) -> None:
    run.at(0, Pressed())

    at_due = [what for when, what in run.result() if when == 600]

    assert at_due == [
        "light",
        "kept",
        MoveDue(sec(600), sec(600), silent=False),
        "sound",
        "published",
    ]


def test_the_buzzer_is_silenced_before_anything_is_published(run: Run) -> None:
    run.at(0, Pressed())
    run.at(601, Released())

    at_release = [what for when, what in run.result() if when == 601]

    assert at_release == [
        "silence",
        "dark",
        "kept",
        StoodUp(sec(601), sec(601), response=sec(1)),
        "published",
    ]


def test_nothing_is_published_when_nothing_has_changed(run: Run) -> None:
    run.at(5, Released())
    run.at(6, Tick())

    assert run.result() == []


def test_a_change_without_an_event_is_published(run: Run) -> None:
    run.at(5, Hold("meeting"))
    run.at(6, Hold("meeting", until=sec(5000)))

    assert [what for when, what in run.result() if when == 6] == ["kept", "published"]


def test_an_accepted_request_has_no_answer(run: Run) -> None:
    run.at(0, Pressed())
    run.at(601, Snooze())
    run.result()

    assert run.answers == [None, None]


def test_a_refused_request_is_answered_with_the_reason_and_changes_nothing(run: Run) -> None:
    run.at(5, Snooze())

    assert run.result() == []
    assert run.answers == ["no reminder is on its way"]


def test_a_deadline_moves_with_the_inputs(run: Run) -> None:
    run.at(0, Pressed())
    run.at(100, Hold("meeting"))
    run.at(700, Release("over"))

    sounds = [when for when, what in run.result() if what == "sound"]

    assert sounds == [700, 1000, 1300, 1600, 1900]


def test_the_chair_shows_its_new_state_after_an_input(run: Run) -> None:
    run.at(0, Pressed())
    run.result()

    assert run.decider.chair.due
    assert run.decider.chair.seat.seated
