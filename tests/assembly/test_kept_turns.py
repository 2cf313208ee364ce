"""Turns that are kept without the chair after them: a restart makes that chair again."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.mosquitto import LOOPBACK, free_port
from support.restarted_machine import SETTINGS, Machine, MachineClock, Script
from unsit.assembly.memory import FILE, Memory, PreviousRun
from unsit.core.chair import Chair
from unsit.core.inputs import (
    ButtonPressed,
    ButtonReleased,
    Hold,
    Input,
    LevelUncertain,
    Release,
    SetMoveAfter,
    Snooze,
)
from unsit.core.instant import ZERO, Instant
from unsit.mqtt.outbox import Outbox
from unsit.runtime.clock import Act, Dates, Inbox
from unsit.runtime.documents import from_document, to_document
from unsit.runtime.record import TURN
from unsit.runtime.state_file import open_state_copy
from unsit.settings.exercises import read_programme
from unsit.settings.model import (
    ExercisesSettings,
    MqttSettings,
    SeatSettings,
    SittingSettings,
)
from unsit.words import words_of

MILLISECOND = timedelta(milliseconds=1)

IMPATIENT = replace(
    SETTINGS,
    mqtt=MqttSettings(host=LOOPBACK, port=free_port()),
    seat=SeatSettings(sit_dwell=timedelta(seconds=2), stand_dwell=timedelta(seconds=3)),
    sitting=SittingSettings(move_after=timedelta(seconds=310), min_break=timedelta(minutes=1)),
)
"""Events wait in the outbox, because there is no broker."""

PROGRAMME = read_programme(ExercisesSettings(), words_of("en"))


class WatchedClock(MachineClock):
    """Clock that calls a function each time that the service waits: there it may be killed."""

    def __init__(self, waits: Callable[[], None]) -> None:
        super().__init__()
        self._waits = waits

    def next_act(self, inbox: Inbox, until: timedelta | None) -> Act | None:
        self._waits()
        return super().next_act(inbox, until)


class Watched:
    """Machine whose chair is read from the state file each time that the service waits.

    turns: number of waits at which the file had a turn without the chair after it.
    """

    def __init__(self, folder: Path) -> None:
        self.turns = 0
        self._compared: tuple[Any, bool] | None = None
        self.clock = WatchedClock(self._compare)
        self.machine = Machine(folder, IMPATIENT, PROGRAMME, self.clock)

    def _compare(self) -> None:
        """Compare the chair that a restart would have with the living one."""
        if not hasattr(self.machine, "service") or not self.machine.service._is_started:
            return
        service = self.machine.service
        living = service.chair.decider.chair
        if self._compared == (living, service._is_chair_behind):
            return
        self._compared = living, service._is_chair_behind
        recalled, is_behind = self._recall(self.clock)
        assert recalled.restarted is not None
        assert to_document(recalled.chair) == to_document(living)
        assert to_document(recalled.day) == to_document(living.today)
        if is_behind:
            self.turns += 1
            last = recalled.restarted.down_since
            assert ZERO <= self.clock.now() - last <= timedelta(milliseconds=20)
            self._compare_after_reboot(living, last)

    def _compare_after_reboot(self, living: Chair, last: Instant) -> None:
        """Compare the chair of a restart ten minutes later, after a reboot."""
        rebooted = MachineClock()
        rebooted.set(self.clock.now(), self.clock.date)
        rebooted.reboot(timedelta(minutes=1), wall=timedelta(minutes=10))
        recalled, _ = self._recall(rebooted)
        assert recalled.restarted is not None
        since = recalled.restarted.down_since
        assert timedelta(minutes=10) <= rebooted.now() - since <= timedelta(minutes=10, seconds=1)
        moved = from_document(Chair, to_document(living), since - last)
        assert to_document(recalled.chair) == to_document(moved)

    def _recall(self, clock: MachineClock) -> tuple[PreviousRun, bool]:
        """Return what a restart knows, and whether the chair in the file is behind its events."""
        programme = self.machine.service.chair.decider.chair.programme
        with closing(open_state_copy(self.machine.file / FILE)) as state:
            outbox = Outbox(state)
            recalled = Memory(state, IMPATIENT, clock, Dates(clock)).previous_run(outbox, programme)
            [[kept]] = state.rows("select content from documents where name = 'chair'")
        assert recalled is not None
        return recalled, json.loads(kept)["seq"] != outbox.last_seq


def feed(watched: Watched, what: Input) -> Callable[[], object]:
    return lambda: watched.machine.service.chair.decider.feed(what)


def seat(watched: Watched, seated: bool) -> Callable[[], object]:
    return lambda: watched.machine.sit(seated)


REQUESTS: tuple[Input, ...] = (
    *(ButtonPressed(), ButtonReleased(), Snooze(), Hold("call"), Release("call")),
    *(LevelUncertain(), SetMoveAfter(timedelta(minutes=4))),
)
GAPS = st.one_of(
    st.integers(0, 8).map(lambda number: number * MILLISECOND),
    st.integers(1, 600).map(lambda number: timedelta(seconds=number)),
)
STEPS = st.lists(
    st.tuples(GAPS, st.one_of(st.booleans(), st.booleans(), st.sampled_from(REQUESTS))),
    min_size=1,
    max_size=25,
)


def script_of(watched: Watched, steps: list[tuple[timedelta, Any]]) -> Script:
    at, script = timedelta(), []
    for gap, step in steps:
        at += gap
        act = seat(watched, step) if isinstance(step, bool) else feed(watched, step)
        script.append((at, act))
    return script


@given(STEPS)
@settings(max_examples=15)
def test_the_chair_of_a_restart_is_the_one_that_lived_at_every_instant(
    tmp_path_factory: Any, steps: list[tuple[timedelta, Any]]
) -> None:
    watched = Watched(tmp_path_factory.mktemp("state"))
    watched.machine.run(timedelta(hours=1), script=script_of(watched, steps))


def test_a_call_to_move_is_kept_with_its_turn_and_the_chair_follows(tmp_path: Path) -> None:
    watched = Watched(tmp_path)

    watched.machine.run(timedelta(minutes=10), sits=True)

    assert "move_due" in watched.machine.types()
    assert watched.turns >= 2, "the bout, and the call to move"


def test_events_leave_without_their_turn(tmp_path: Path) -> None:
    watched = Watched(tmp_path)

    watched.machine.run(timedelta(minutes=10), sits=True)

    assert not [record for record in watched.machine.records if TURN in record]
