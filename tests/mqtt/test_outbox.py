"""Outbox: records stay until they are removed, also after a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.mqtt.outbox import Outbox
from unsit.runtime.record import SENT_AS_NEWS, published
from unsit.runtime.state_file import StateFile


@contextmanager
def outbox_in(file: Path | None = None, capacity: int = 10_000) -> Iterator[Outbox]:
    state = StateFile(file)
    yield Outbox(state, capacity)
    state.close()


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


def test_a_skipped_record_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    with outbox_in(file) as outbox:
        outbox.skip(7)

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
    db.execute("insert into outbox values (1, '{broken'), (2, '{\"seq\": 2}')")
    db.commit()
    db.close()

    with outbox_in(file) as outbox:
        assert outbox.after(0, 10) == [{"seq": 2}]
        assert (len(outbox), outbox.dropped) == (1, 1)
    assert "event 1 cannot be read" in caplog.text
