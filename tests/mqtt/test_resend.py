"""Resends without a broker: requests, gaps, pace, and counters that are gone."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.history_records import START, record
from unsit.history.shelving import Shelf
from unsit.mqtt.command import CommandRejected
from unsit.mqtt.outbox import Outbox
from unsit.mqtt.resend import (
    IN_FLIGHT_MAX,
    RESEND_MAX,
    WAITING_MAX,
    Found,
    Resend,
    Resender,
    parse_resend,
)
from unsit.runtime.record import Record
from unsit.runtime.state_file import StateFile

YEARS = timedelta(days=999)


def event(seq: int) -> Record:
    return record(seq, (float(seq), "gave_up", {"bout_s": seq}))


class Store:
    """History in memory, which answers at once or when the test lets it."""

    def __init__(self, *seqs: int, why: str | None = None) -> None:
        self.seqs, self.why = set(seqs), why
        self.held: list[Any] | None = None

    def read(self, first: int, last: int, newest: int, then: Found) -> None:
        records = [event(seq) for seq in sorted(self.seqs) if first <= seq <= last]
        if self.held is None:
            then(records, self.why)
        else:
            self.held.append((then, records))


class World:
    """Resender with an outbox up to a number; ``sent`` is what a broker gets and acknowledges."""

    def __init__(self, file: StateFile, waiting: Sequence[int], newest: int, store: Store | None):
        self.outbox = Outbox(file, shelves=True)
        for seq in waiting:
            self.outbox.put(event(seq))
        if newest > self.outbox.last_seq:
            self.outbox.put(event(newest), sent=True)
            self.outbox.mark_shelved(newest)
        self.sent: list[dict[str, Any]] = []
        self.rejected: list[str] = []
        self.resender = Resender(
            self.outbox,
            None if store is None else store.read,
            describe_gone=lambda: {"chair": "desk", "at": "now"},
            ready=lambda: None,
            reject=self.rejected.append,
        )

    def acknowledge_all(self) -> list[Any]:
        """Send and acknowledge until nothing is left; return numbers, and pairs for gaps."""
        while (message := self.resender.next_message()) is not None:
            self.sent.append(message)
            self.resender.note_settled(self.resender.run)
        return [one["seq"] if "seq" in one else (one["first"], one["last"]) for one in self.sent]


@pytest.fixture
def memory() -> Iterator[StateFile]:
    """Yield a state file in memory, and close it after the test."""
    with closing(StateFile()) as file:
        yield file


@given(
    st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.integers(1, 60), st.integers(0, 70)
)
def test_every_number_asked_for_is_sent_once_or_named_as_gone(
    shelved: set[int], waiting: set[int], first: int, more: int
) -> None:
    with closing(StateFile()) as file:
        world = World(file, sorted(waiting), 61, Store(*shelved))
        last = min(first + more, 60)
        world.resender.request(Resend(first, last))

        answer = world.acknowledge_all()

    there = [one for one in answer if isinstance(one, int)]
    gone = [seq for one in answer if isinstance(one, tuple) for seq in range(one[0], one[1] + 1)]
    assert there == sorted((shelved | waiting) & set(range(first, last + 1)))
    assert sorted(there + gone) == list(range(first, last + 1))
    marks = {one["numbered_since"] for one in world.sent}
    assert marks == {world.outbox.numbered_since}


def test_without_a_history_only_the_outbox_answers(memory: StateFile) -> None:
    world = World(memory, [8, 9], 9, None)
    world.resender.request(Resend(6, 9))
    assert world.acknowledge_all() == [(6, 7), 8, 9]


@pytest.mark.parametrize(
    "payload",
    [
        *("", "7", "[]", "null", "[" * 4000, '{"first": 1}', '{"first": 1, "last": 2, "x": 3}'),
        *('{"first": "1", "last": 2}', '{"first": true, "last": 2}', '{"first": 1.0, "last": 2}'),
        *('{"first": 0, "last": 2}', '{"first": 3, "last": 2}', '{"first": -5, "last": -2}'),
        *('{"first": 1, "last": 1001}', '{"first": NaN, "last": 2}'),
        *('{"first": 1, "last": 2, "numbered_since": 7}', '{"first": 1, "last": ' + "9" * 3000),
    ],
)
def test_a_request_that_is_none_is_rejected_with_what_is_expected(payload: str) -> None:
    with pytest.raises(CommandRejected, match=r"read .*; expected .*at most 1000 of them"):
        parse_resend(payload)


def test_a_request_may_have_as_many_numbers_as_are_allowed() -> None:
    assert parse_resend(f'{{"first": 1, "last": {RESEND_MAX}}}') == Resend(1, RESEND_MAX)


def test_events_that_have_not_happened_are_rejected(memory: StateFile) -> None:
    world = World(memory, [1, 2], 2, Store())
    with pytest.raises(CommandRejected, match="events 2 to 3; the last one that happened is 2"):
        world.resender.request(Resend(2, 3))


def test_numbers_of_another_card_are_rejected(memory: StateFile) -> None:
    world = World(memory, [1, 2], 2, Store())
    world.resender.request(Resend(1, 2, world.outbox.numbered_since))
    with pytest.raises(CommandRejected, match=r"counter 'cafe'.* gone"):
        world.resender.request(Resend(1, 2, "cafe"))


def test_two_collectors_that_ask_for_the_same_get_it_once(memory: StateFile) -> None:
    world = World(memory, range(1, 21), 20, Store())
    world.resender.request(Resend(1, 20))
    world.resender.request(Resend(5, 9))
    assert world.acknowledge_all() == list(range(1, 21))


def test_few_events_are_on_their_way_at_a_time(memory: StateFile) -> None:
    world = World(memory, range(1, 101), 100, Store())
    world.resender.request(Resend(1, 100))
    on_way = 0
    while world.resender.next_message() is not None:
        on_way += 1
    assert on_way == IN_FLIGHT_MAX
    world.resender.note_settled(world.resender.run)
    assert world.resender.next_message() is not None


def test_more_requests_than_may_wait_are_rejected(memory: StateFile) -> None:
    world = World(memory, range(1, 101), 100, Store())
    for first in range(1, WAITING_MAX + 2):
        world.resender.request(Resend(first, first))
    with pytest.raises(CommandRejected, match="20 requests wait already"):
        world.resender.request(Resend(99, 99))
    assert world.acknowledge_all() == list(range(1, WAITING_MAX + 2))


def test_an_answer_of_the_disk_after_a_lost_connection_is_dropped(memory: StateFile) -> None:
    store = Store(1, 2, 3)
    store.held = []
    world = World(memory, [], 3, store)
    world.resender.request(Resend(1, 2))
    world.resender.clear()
    [(then, records)] = store.held
    then(records, None)
    assert world.acknowledge_all() == []

    store.held = None
    world.resender.request(Resend(3, 3))
    world.resender.note_settled(world.resender.run - 1)  # an outcome of the lost connection
    assert world.acknowledge_all() == [3]


def test_a_history_that_cannot_be_read_rejects_one_request_and_serves_the_next(
    memory: StateFile,
) -> None:
    store = Store(why="the history cannot be read: locked")
    world = World(memory, [5], 5, store)
    world.resender.request(Resend(1, 2))
    assert world.rejected == ["events 1 to 2: the history cannot be read: locked"]
    world.resender.request(Resend(5, 5))
    assert world.acknowledge_all() == [5], "what is not known must not be called gone"


# The mark of the counter


def test_the_mark_stays_over_a_restart_and_is_another_one_on_a_new_card(tmp_path: Path) -> None:
    def mark(folder: Path) -> str:
        folder.mkdir(exist_ok=True)
        with closing(StateFile(folder / "state.sqlite")) as file:
            return Outbox(file).numbered_since

    first = mark(tmp_path / "card")
    assert len(bytes.fromhex(first)) == 6
    assert mark(tmp_path / "card") == first
    assert mark(tmp_path / "new card") != first


# From the history file


def shelved(folder: Path, *records: Record) -> Shelf:
    shelf = Shelf(folder / "history.sqlite", YEARS, lambda: START)
    shelf.shelve(records)
    return shelf


def test_the_history_gives_its_events_as_they_were_published(tmp_path: Path) -> None:
    events = [event(seq) for seq in range(1, 9)]
    shelf = shelved(tmp_path, *events)
    assert shelf.read(3, 5, 8) == events[2:5]


def test_a_history_of_another_counter_has_none_of_the_events(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, *(event(seq) for seq in range(1, 9)))
    assert shelf.read(1, 3, 3) == [], "the new counter has given 3 numbers, the history knows 8"


def test_a_new_counter_is_served_from_its_own_events(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, *(event(seq) for seq in range(1, 9)))
    later = [record(seq, (9000.0 + seq, "gave_up", {"bout_s": 1})) for seq in range(1, 4)]
    shelf.shelve(later)
    assert shelf.read(1, 8, 3) == later


def test_without_a_history_file_there_are_no_events(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "history.sqlite", YEARS, lambda: START).read(1, 9, 9) == []


def test_an_event_is_sent_again_without_the_fields_that_are_the_services_own(
    memory: StateFile,
) -> None:
    outbox = Outbox(memory)
    outbox.put(event(1) | {"mark": ["boot", 7], "turn": [], "sent_as_news": True})
    resender = Resender(outbox, None, describe_gone=dict, ready=lambda: None, reject=pytest.fail)
    resender.request(Resend(1, 1))
    message = json.loads(json.dumps(resender.next_message()))
    assert message == event(1) | {"numbered_since": outbox.numbered_since}
