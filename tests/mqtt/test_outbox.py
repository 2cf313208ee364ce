"""The outbox keeps what it was given until it is told that it has arrived."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsit.errors import UnavailableError
from unsit.mqtt.outbox import Outbox
from unsit.runtime.database import IN_MEMORY


@contextmanager
def outbox_in(file: str = IN_MEMORY, capacity: int = 10_000) -> Iterator[Outbox]:
    with closing(Outbox(file, capacity)) as outbox:
        yield outbox


def record(seq: int) -> dict[str, object]:
    return {"seq": seq, "type": "bout_started"}


def test_records_come_out_in_order_and_stay_until_they_are_removed(tmp_path: Path) -> None:
    with outbox_in(str(tmp_path / "outbox.sqlite")) as outbox:
        for seq in (1, 2, 3):
            outbox.put(record(seq))
        outbox.remove(2)

        assert outbox.after(0, 10) == [record(1), record(3)]
        assert outbox.after(1, 10) == [record(3)]
        assert outbox.after(0, 1) == [record(1)]


def test_another_process_finds_the_records_and_the_number_of_the_last(tmp_path: Path) -> None:
    file = str(tmp_path / "deep" / "outbox.sqlite")
    with outbox_in(file) as first:
        first.put(record(1))
        first.put(record(2))
        first.remove(2)

    with outbox_in(file) as second:
        assert second.after(0, 10) == [record(1)]
        assert second.last_seq == 2


def test_a_record_put_and_not_closed_is_there_for_the_next(tmp_path: Path) -> None:
    file = str(tmp_path / "outbox.sqlite")
    with outbox_in(file) as not_closed, outbox_in(file) as after_a_kill:
        not_closed.put(record(1))

        assert after_a_kill.after(0, 10) == [record(1)]


@given(capacity=st.integers(1, 20), put=st.integers(0, 60))
def test_a_full_outbox_lets_the_oldest_go_and_counts_them(capacity: int, put: int) -> None:
    with outbox_in(capacity=capacity) as outbox:
        for seq in range(1, put + 1):
            outbox.put(record(seq))

        kept = [one["seq"] for one in outbox.after(0, 100)]
        assert kept == list(range(max(1, put - capacity + 1), put + 1))
        assert outbox.dropped == max(0, put - capacity)
        assert len(outbox) == len(kept)


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = tmp_path / "outbox.sqlite"
    file.write_bytes(b"this was never a database, but it is long enough to look like one" * 20)

    with pytest.raises(UnavailableError, match=r"outbox\.sqlite: the outbox cannot be used"):
        Outbox(str(file))
