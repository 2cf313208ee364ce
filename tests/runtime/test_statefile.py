"""The state file: what is written is there, the disk may do what it likes."""

import errno
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from unsit.runtime.database import FORMER_OUTBOX, VERSION
from unsit.runtime.statefile import StateFile, look_into_state
from unsit.runtime.store import Store

ADD = "insert into outbox values (?, ?)"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def file_at(file: Path) -> StateFile:
    return StateFile(file, date=lambda: NOON)


def waiting(state: StateFile) -> list[int]:
    return [seq for (seq,) in state.rows("select seq from outbox order by seq")]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow: the kernel refuses what a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_batch_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    state = file_at(tmp_path / "state.sqlite")
    with state.together():
        state.write((ADD, (1, "{}")))
        with state.together():
            state.write((ADD, (2, "{}")))
        assert waiting(state) == []
    assert waiting(state) == [1, 2]

    with pytest.raises(ZeroDivisionError), state.together():
        state.write((ADD, (3 // len(state.rows("select * from documents")), "{}")))
    assert waiting(state) == [1, 2]
    state.close()


def test_a_file_of_a_newer_unsit_is_left_alone_and_the_service_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"pragma user_version = {VERSION + 1}")
    before = file.read_bytes()

    state = file_at(file)
    state.write((ADD, (1, "{}")))
    assert waiting(state) == [1]
    assert state.trouble is not None
    assert "written by a newer unsit" in state.trouble
    assert not state.retry()
    state.close()
    assert file.read_bytes() == before
    assert "written by a newer unsit" in caplog.text


def install_layout_1(folder: Path) -> None:
    """The two files that a chair had before."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        db.execute("create table documents (name text primary key, content text not null)")
        db.execute("insert into documents values ('traces', '{\"current\": null}')")
        db.execute("pragma user_version = 1")
        db.commit()
    with closing(sqlite3.connect(folder / FORMER_OUTBOX)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table outbox (seq integer primary key, record text not null)")
        db.execute("create table counters (name text primary key, value integer not null)")
        db.executemany(ADD, [(41, '{"seq": 41}'), (43, '{"seq": 43}')])
        db.executemany("insert into counters values (?, ?)", [("seq", 42), ("dropped", 3)])
        db.commit()


def test_the_two_files_of_a_chair_that_was_installed_before_are_taken_over(tmp_path: Path) -> None:
    install_layout_1(tmp_path)

    for _ in range(2):
        state = file_at(tmp_path / "state.sqlite")
        assert Store(state).get("traces") == {"current": None}
        assert waiting(state) == [41, 43]
        assert dict(state.rows("select * from counters")) == {"seq": 43, "dropped": 3}
        assert state.rows("pragma user_version") == [(VERSION,)]
        state.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.sqlite"]


def test_an_outbox_that_was_taken_over_and_not_yet_removed_changes_nothing(tmp_path: Path) -> None:
    install_layout_1(tmp_path)
    old = (tmp_path / FORMER_OUTBOX).read_bytes()
    state = file_at(tmp_path / "state.sqlite")
    state.write((ADD, (44, '{"seq": 44}')))
    state.close()
    (tmp_path / FORMER_OUTBOX).write_bytes(old)

    again = file_at(tmp_path / "state.sqlite")
    assert waiting(again) == [41, 43, 44]
    again.close()


def test_a_broken_file_is_set_aside_with_its_time_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    content = b"this was never a database, but it is long enough to look like one" * 20
    file.write_bytes(content)

    state = file_at(file)
    state.write((ADD, (1, "{}")))
    assert state.trouble is None
    state.close()

    aside = tmp_path / "state.sqlite.broken-20261124T120000"
    assert aside.read_bytes() == content
    assert f"it is now {aside}" in caplog.text
    again = file_at(file)
    assert waiting(again) == [1]
    again.close()


def test_no_more_than_five_broken_files_are_kept(tmp_path: Path) -> None:
    for hour in range(8):
        (tmp_path / "state.sqlite").write_bytes(b"no database" * 100)
        StateFile(tmp_path / "state.sqlite", date=partial(NOON.replace, hour=hour)).close()

    kept = sorted(path.name for path in tmp_path.glob("*broken*"))
    assert kept == [f"state.sqlite.broken-20261124T0{hour}0000" for hour in range(3, 8)]


def test_what_can_be_read_of_a_broken_file_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    with state.together():
        for seq in range(1, 2000):
            state.write((ADD, (seq, '{"type": "a record of some length"}')))
        state.write(("insert into counters values ('seq', 1999)", ()))
    state.close()
    torn = bytearray(file.read_bytes())
    torn[-4096:] = bytes(4096)
    file.write_bytes(torn)

    again = file_at(file)
    assert len(waiting(again)) > 1000
    assert again.rows("select value from counters where name = 'seq'") == [(1999,)]
    again.close()


def test_on_a_full_disk_everything_goes_on_in_memory_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    with full_disk():
        with state.together():
            state.write((ADD, (2, "{}")), ("delete from outbox where seq = 1", ()))
        state.write((ADD, (3, "{}")))
        assert waiting(state) == [2, 3]
        assert state.trouble is not None
        assert not state.retry()
    assert str(file) in state.trouble
    assert "state is in memory only" in caplog.text
    with closing(look_into_state(file)) as look:
        assert waiting(look) == [1]

    assert state.retry()
    assert not state.trouble
    state.write((ADD, (4, "{}")))
    state.close()
    again = file_at(file)
    assert waiting(again) == [2, 3, 4]
    again.close()


def test_a_file_that_cannot_be_opened_at_first_is_added_to_later(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.sqlite"
    before = file_at(file)
    before.write((ADD, (1, "{}")), ("insert into documents values ('a', '1')", ()))
    Store(before).put("b", "before")
    before.close()
    elsewhere = tmp_path / "elsewhere"
    file.parent.rename(elsewhere)
    file.parent.write_text("in the way")

    state = file_at(file)
    state.write((ADD, (2, "{}")))
    Store(state).put("b", "since")
    file.parent.unlink()
    elsewhere.rename(file.parent)
    assert state.retry()
    assert waiting(state) == [1, 2]
    assert [Store(state).get(name) for name in "ab"] == [1, "since"]
    state.close()


def test_a_look_changes_nothing_and_sees_what_is_being_written(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    Store(state).put("a", 1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    look = look_into_state(file)
    assert Store(look).get("a") == 1
    Store(look).put("a", 2)
    look.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    state.close()
    with closing(look_into_state(tmp_path / "nothing")) as nothing:
        assert nothing.rows("select * from documents") == []


def test_a_synchronisation_works_a_long_journal_into_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    assert state.unsynchronised
    assert state.synchronise() == 1
    size = file.stat().st_size
    with state.together():
        for seq in range(2, 2000):
            state.write((ADD, (seq, f'"{"x" * 1000}"')))
    assert state.synchronise() > 1
    assert file.stat().st_size > size
    state.close()


def test_memory_needs_no_synchronisation() -> None:
    state = StateFile()
    state.write((ADD, (1, "{}")))
    assert not state.unsynchronised
    assert state.synchronise() == 0
    state.close()


def test_a_disk_that_cannot_be_synchronised_is_left(tmp_path: Path) -> None:
    state = file_at(tmp_path / "state.sqlite")
    state.write((ADD, (1, "{}")))

    state.failed(OSError(errno.EIO, "Input/output error"))

    assert state.trouble == f"{tmp_path}/state.sqlite: [Errno 5] Input/output error"
    assert waiting(state) == [1]
    state.close()


def test_a_synchronisation_that_fails_when_the_disk_was_left_already_is_no_news(
    tmp_path: Path,
) -> None:
    state = file_at(tmp_path / "state.sqlite")
    with full_disk():
        state.write((ADD, (1, "{}")))
    trouble = state.trouble

    state.failed(OSError(errno.EIO, "Input/output error"))

    assert trouble is not None
    assert state.trouble == trouble
    assert waiting(state) == [1]
    state.close()
