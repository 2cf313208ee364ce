"""Outbox: records stay until they are removed, also after a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from unsit.mqtt.outbox import SENT, Outbox
from unsit.runtime.record import SENT_AS_NEWS, TURN, Record, published
from unsit.runtime.state_file import StateFile


@contextmanager
def outbox_in(file: Path | None = None, capacity: int = 10_000) -> Iterator[Outbox]:
    state = StateFile(file)
    yield Outbox(state, capacity)
    state.close()


@contextmanager
def shelving_outbox(folder: Path, capacity: int = 10_000) -> Iterator[Outbox]:
    state = StateFile(folder / "state.sqlite")
    yield Outbox(state, capacity, shelves=True)
    state.close()


def rows(folder: Path) -> list[tuple[int, int]]:
    """Return numbers and marks as another program finds them."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        return db.execute("select seq, marks from outbox order by seq").fetchall()


def record(seq: int) -> dict[str, object]:
    return {"seq": seq, "type": "bout_started"}


def test_records_are_returned_in_order_and_stay_until_they_are_removed(tmp_path: Path) -> None:
    with outbox_in(tmp_path / "state.sqlite") as outbox:
        for seq in (1, 2, 3):
            outbox.put(record(seq))
        outbox.remove(2)

        assert outbox.after(0, 10) == [record(1), record(3)]
        assert outbox.after(1, 10) == [record(3)]
        assert outbox.after(0, 1) == [record(1)]


def test_another_process_reads_the_records_and_the_last_number(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.sqlite"
    with outbox_in(file) as first:
        first.put(record(1))
        first.put(record(2))
        first.remove(2)

    with outbox_in(file) as second:
        assert second.after(0, 10) == [record(1)]
        assert second.last_seq == 2
        assert len(second) == 1


def test_a_record_survives_without_closing_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    with outbox_in(file) as not_closed, outbox_in(file) as after_a_kill:
        not_closed.put(record(1))

        assert after_a_kill.after(0, 10) == [record(1)]


def test_what_was_heard_is_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    with outbox_in(file) as outbox:
        outbox.put(record(1))
        outbox.put(record(2))
        for seq in (2, 1, 3):
            outbox.note_sent_as_news(record(seq))
        assert outbox.after(1, 10) == [record(2) | {SENT_AS_NEWS: True}]

    with outbox_in(file) as restarted:
        assert restarted.after(0, 10) == [record(seq) | {SENT_AS_NEWS: True} for seq in (1, 2)]
    assert published(record(1) | {SENT_AS_NEWS: True}) == record(1)


def test_a_record_that_waits_for_nobody_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    with outbox_in(file) as outbox:
        outbox.put(record(7), sent=True)

    with outbox_in(file) as again:
        assert again.last_seq == 7
        assert len(again) == 0


@given(capacity=st.integers(1, 20), put=st.integers(0, 60))
def test_a_full_outbox_drops_the_oldest_records_and_counts_them(capacity: int, put: int) -> None:
    with outbox_in(capacity=capacity) as outbox:
        for seq in range(1, put + 1):
            outbox.put(record(seq))

        kept = [one["seq"] for one in outbox.after(0, 100)]
        assert kept == list(range(max(1, put - capacity + 1), put + 1))
        assert outbox.dropped == max(0, put - capacity)
        assert len(outbox) == len(kept)


def test_a_record_that_arrives_after_it_was_dropped_is_not_counted_twice() -> None:
    with outbox_in(capacity=1) as outbox:
        outbox.put(record(1))
        outbox.put(record(2))
        outbox.remove(1)

        assert len(outbox) == 1


def test_an_unreadable_record_is_dropped_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    StateFile(file).close()
    db = sqlite3.connect(file)
    db.execute("insert into outbox (seq, record) values (1, '{broken'), (2, '{\"seq\": 2}')")
    db.commit()
    db.close()

    with outbox_in(file) as outbox:
        assert outbox.after(0, 10) == [{"seq": 2}]
        assert (len(outbox), outbox.dropped) == (1, 1)
    assert "event 1 cannot be read" in caplog.text


# Two marks


def numbers(records: list[Record]) -> list[int]:
    return [one["seq"] for one in records]


def test_a_record_leaves_when_it_is_sent_and_shelved_in_either_order(tmp_path: Path) -> None:
    with shelving_outbox(tmp_path) as outbox:
        for seq in (1, 2, 3):
            outbox.put(record(seq))
        outbox.remove(1)
        outbox.mark_shelved(2)
        outbox.remove(2)
        assert rows(tmp_path) == [(3, 0)]
        assert numbers(outbox.for_history(10)) == [3]
        outbox.remove(3)
        assert rows(tmp_path) == [(3, SENT)]
        assert (len(outbox), outbox.unshelved) == (0, 1)
        outbox.mark_shelved(3)
        assert rows(tmp_path) == []


def test_without_a_broker_a_record_waits_for_the_history_alone(tmp_path: Path) -> None:
    with shelving_outbox(tmp_path) as outbox:
        outbox.put(record(1), sent=True)
        assert outbox.after(0, 10) == []
        assert (len(outbox), numbers(outbox.for_history(10))) == (0, [1])


def test_what_a_history_has_left_is_let_go_once_there_is_none(tmp_path: Path) -> None:
    with shelving_outbox(tmp_path) as outbox:
        outbox.put(record(1))
        outbox.put(record(2))
        outbox.remove(1)
    with outbox_in(tmp_path / "state.sqlite") as outbox:
        assert outbox.after(0, 10) == [record(2)]
        outbox.remove(2)
    assert rows(tmp_path) == []


def test_a_full_outbox_drops_the_oldest_whatever_it_waits_for(tmp_path: Path) -> None:
    with shelving_outbox(tmp_path, capacity=3) as outbox:
        for seq in range(1, 6):
            outbox.put(record(seq))
            if seq < 3:
                outbox.remove(seq)
        assert (outbox.dropped, len(outbox), outbox.unshelved) == (2, 3, 3)
        assert numbers(outbox.for_history(10)) == [3, 4, 5]


def test_the_records_of_a_turn_wait_until_the_chair_after_it_is_kept(tmp_path: Path) -> None:
    with shelving_outbox(tmp_path) as outbox:
        outbox.put(record(1))
        outbox.put(record(2) | {TURN: ["Tick", 0, 1]})
        assert numbers(outbox.for_history(10)) == [1]
        outbox.end_turns()
        assert numbers(outbox.for_history(10)) == [1, 2]


ACTIONS = st.lists(
    st.sampled_from(("put", "put sent", "put two", "kill", "stop"))
    | st.tuples(st.sampled_from(("remove", "shelve")), st.integers(1, 30)),
    max_size=30,
)


@given(ACTIONS)
@examples(200)
def test_a_record_waits_for_exactly_those_who_have_not_got_it(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str | tuple[str, int]]
) -> None:
    file = tmp_path_factory.mktemp("outbox") / "state.sqlite"
    state = StateFile(file)
    killed: list[StateFile] = []
    outbox = Outbox(state, shelves=True)
    unsent: set[int] = set()
    unshelved: set[int] = set()
    for action in actions:
        match action:
            case "put" | "put sent" | "put two":
                with state.batch():
                    for _ in range(2 if action == "put two" else 1):
                        seq = outbox.last_seq + 1
                        outbox.put(record(seq), sent=action == "put sent")
                        unshelved.add(seq)
                        unsent |= set() if action == "put sent" else {seq}
            case "kill" | "stop":
                outbox.write_removals()
                if action == "stop":
                    state.close()
                else:
                    killed.append(state)
                state = StateFile(file)
                outbox = Outbox(state, shelves=True)
            case ("remove", int(seq)):
                outbox.remove(seq)
                unsent.discard(seq)
            case ("shelve", int(seq)):
                outbox.mark_shelved(seq)
                unshelved = {one for one in unshelved if one > seq}
        assert (len(outbox), outbox.unshelved) == (len(unsent), len(unshelved))
        assert set(numbers(outbox.after(0, 100))) == unsent
        assert set(numbers(outbox.for_history(100))) == unshelved
    outbox.write_removals()
    assert {seq for seq, _ in rows(file.parent)} == unsent | unshelved
    state.close()
    for one in (*killed, state):
        one.close()
