"""The bout under way, and events that are not in the history yet."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import (
    Happening,
    any_records,
    bout_ended,
    ms,
    record,
    records,
    sitting,
)
from unsit.errors import UnavailableError
from unsit.history.derived import Bout, BoutFlags, Stretch, Unknown, Unwatched
from unsit.history.store import History, Unshelved, open_history, open_to_write
from unsit.runtime.record import Record
from unsit.settings.model import HISTORY_FILE as FILE

ALWAYS = (-(2**62), 2**62)
STOOD_UP = {"bout_s": 600, "response_s": None}
NO_STATE = Unshelved()


def shelve(folder: Path, made: list[Record]) -> None:
    with closing(open_to_write(folder / FILE, 1)) as history:
        history.append(made)


def running(made: list[Record], until: float, *, is_seated: bool = True) -> Unshelved:
    """Return what the state of a running service says at a moment."""
    return Unshelved(made, ms(until), is_running=True, is_seated=is_seated)


def killed(made: list[Record], until: float) -> Unshelved:
    """Return what the state of a killed service says, whose last sign of life was at a moment."""
    return Unshelved(made, ms(until), is_running=False, is_seated=True)


def everything(history: History) -> dict[str, Any]:
    """Return all rows of a history, its extent, its exercises and its events."""
    return {
        "extent": history.extent(),
        "bouts": history.bouts(*ALWAYS),
        "stretches": history.stretches(*ALWAYS),
        "unknown": history.unknown(*ALWAYS),
        "exercises": history.dates("exercise_due", *ALWAYS),
        "records": sorted(history.records(), key=lambda one: (one["at"], one["seq"])),
    }


@given(any_records(), st.data())
@examples(100)
def test_events_that_wait_are_read_as_if_they_were_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], data: st.DataObject
) -> None:
    whole, part = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("part")
    shelved = data.draw(st.integers(0, len(made)))
    waits_from = data.draw(st.integers(0, shelved))  # some are in both, after a kill between them
    shelve(whole, made)
    shelve(part, made[:shelved])
    with (
        open_history(whole / FILE, NO_STATE) as expected,
        open_history(part / FILE, Unshelved(made[waits_from:])) as found,
    ):
        assert everything(found) == everything(expected)
        assert found.under_way == expected.under_way


def test_a_person_who_sits_has_a_bout_up_to_now(tmp_path: Path) -> None:
    shelve(tmp_path, records(*sitting(0, 600)))
    waiting = records((1000, "bout_started", {}), first=4)
    with open_history(tmp_path / FILE, running(waiting, 1500)) as history:
        assert history.under_way == Bout(ms(1000), ms(1500), 0, 500_000, flags=BoutFlags.UNDER_WAY)
        assert history.bouts(*ALWAYS)[1:] == [history.under_way]
        assert history.stretches(*ALWAYS)[1:] == [Stretch(ms(1000), ms(1500), 0, ms(1000))]
        assert history.unknown(ms(0), ms(1500)) == []


def test_reading_changes_no_byte_of_the_file(tmp_path: Path) -> None:
    shelve(tmp_path, records(*sitting(0, 600)))
    before = (tmp_path / FILE).read_bytes()
    waiting = records((1000, "bout_started", {}), first=4)
    with open_history(tmp_path / FILE, running(waiting, 1500)) as history:
        assert history.bouts(*ALWAYS)
    assert (tmp_path / FILE).read_bytes() == before


def test_without_a_file_what_waits_is_the_history(tmp_path: Path) -> None:
    waiting = records((0, "service_started", {}), (60, "bout_started", {}))
    with open_history(tmp_path / FILE, running(waiting, 100)) as history:
        assert [bout.end for bout in history.bouts(*ALWAYS)] == [ms(100)]
    assert list(tmp_path.iterdir()) == []
    with (
        pytest.raises(UnavailableError, match="there is no history"),
        open_history(tmp_path / FILE, running([], 100)),
    ):
        pass


SAT_DOWN: Happening = (0, "bout_started", {})


@pytest.mark.parametrize(
    ("happened", "until", "end", "seated", "unknown"),
    [
        # in a gap, which may become a break
        ([(600, "stood_up", STOOD_UP)], 660, 600, 600, []),
        # after a gap
        ([(600, "stood_up", STOOD_UP), (660, "sat_back", {"away_s": 60})], 700, 700, 640, []),
        # with a faulty sensor
        ([(600, "sensor_fault", {})], 660, 600, 600, [Unknown(ms(600), ms(660), Unwatched.FAULT)]),
        # the clock was set back by 100 s
        ([(500, "clock_stepped", {"by_s": -100})], 600, 600, 700, []),
    ],
)
def test_what_a_running_service_has_seen_of_the_bout_counts(
    tmp_path: Path,
    happened: list[Happening],
    until: float,
    end: float,
    seated: float,
    unknown: list[Unknown],
) -> None:
    waiting = records(SAT_DOWN, *happened)
    with open_history(tmp_path / FILE, running(waiting, until)) as history:
        assert history.under_way is not None
        assert (history.under_way.end, history.under_way.seated) == (ms(end), seated * 1000)
        assert history.unknown(ms(0), ms(until)) == unknown


def test_after_a_kill_the_bout_goes_up_to_the_last_sign_of_life(tmp_path: Path) -> None:
    with open_history(tmp_path / FILE, killed(records(SAT_DOWN), 540)) as history:
        assert history.under_way is not None
        assert history.under_way.end == ms(540)
        assert history.unknown(ms(0), ms(9000)) == [
            Unknown(ms(540), ms(9000), Unwatched.NO_HISTORY)
        ]


def test_after_a_kill_with_an_empty_seat_nothing_is_known_since_the_last_event(
    tmp_path: Path,
) -> None:
    with open_history(tmp_path / FILE, killed(records(*sitting(0, 600)), 3000)) as history:
        assert history.under_way is None
        assert [one.start for one in history.unknown(ms(0), ms(9000))] == [ms(720)]


@pytest.mark.parametrize("is_seated", [True, False])
def test_after_a_restart_the_chair_says_whether_the_person_has_stayed(
    tmp_path: Path, is_seated: bool
) -> None:
    waiting = records(SAT_DOWN, (300, "service_stopped", {}), (360, "service_started", {}))
    with open_history(tmp_path / FILE, running(waiting, 600, is_seated=is_seated)) as history:
        assert history.under_way is not None
        assert history.under_way.end == ms(600 if is_seated else 300)


def test_a_stop_ends_what_is_known_of_the_bout(tmp_path: Path) -> None:
    waiting = records(SAT_DOWN, (300, "service_stopped", {}))
    with open_history(tmp_path / FILE, killed(waiting, 310)) as history:
        assert history.under_way is not None
        assert history.under_way.end == ms(300)


def test_getting_up_in_a_gap_is_no_answer_to_a_call(tmp_path: Path) -> None:
    due = {"bout_s": 1800, "reminder": 1, "silent": False}
    stood_up = {"bout_s": 1860, "response_s": 60}
    waiting = records(SAT_DOWN, (1800, "move_due", due), (1860, "stood_up", stood_up))
    with open_history(tmp_path / FILE, running(waiting, 1900)) as history:
        assert history.under_way is not None
        assert (history.under_way.due, history.under_way.response) == (ms(1800), None)


def test_a_chair_that_begins_to_count_again_is_another_source(tmp_path: Path) -> None:
    shelve(tmp_path, records(*sitting(0, 600), (900, "bout_started", {})))
    waiting = records((5000, "service_started", {}), (5010, "bout_started", {}))
    with open_history(tmp_path / FILE, running(waiting, 5100)) as history:
        assert [(bout.start, bout.end) for bout in history.bouts(*ALWAYS)] == [
            (ms(0), ms(600)),
            (ms(5010), ms(5100)),
        ]


def test_what_was_forgotten_does_not_come_back_from_what_waits(tmp_path: Path) -> None:
    made = records(*sitting(0, 600))
    with closing(open_to_write(tmp_path / FILE, 1)) as history:
        history.forget_all(ms(1000))
    with open_history(tmp_path / FILE, killed(made, 700)) as kept:
        assert kept.bouts(*ALWAYS) == []
        assert list(kept.records()) == []


def test_a_record_that_is_none_is_left_out(tmp_path: Path) -> None:
    made = [*records(SAT_DOWN), {"seq": 2, "chair": "desk"}, record(3, bout_ended(0, 600))]
    with open_history(tmp_path / FILE, killed(made, 700)) as history:
        assert len(history.bouts(*ALWAYS)) == 1


def test_a_damaged_deriver_leaves_out_what_happened_last(tmp_path: Path) -> None:
    shelve(tmp_path, records(*sitting(0, 600)))
    with closing(open_to_write(tmp_path / FILE, 1)) as history:
        history._db.execute("update deriver set state = 'x'")
    waiting = records((1000, "bout_started", {}), first=4)
    with open_history(tmp_path / FILE, running(waiting, 1500)) as kept:
        assert len(kept.bouts(*ALWAYS)) == 1
