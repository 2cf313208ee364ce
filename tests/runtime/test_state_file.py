"""State file: writes survive full, damaged and read-only disks."""

import contextlib
import errno
import json
import os
import resource
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from support.fixtures import NOBODY, being_nobody
from unsit.mqtt.outbox import Outbox
from unsit.runtime.database import FORMER_OUTBOX, LAYOUT_VERSION
from unsit.runtime.documents import Store
from unsit.runtime.state_file import TOLD_FILE, StateFile, open_state_copy

ADD = "insert into outbox (seq, record) values (?, ?)"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


OPENED: list[StateFile] = []


@pytest.fixture(autouse=True)
def close_all() -> Iterator[None]:
    """Close the state files of a test, also those of services that it killed."""
    yield
    while OPENED:
        OPENED.pop().close()


def file_at(file: Path) -> StateFile:
    OPENED.append(StateFile(file, date=lambda: NOON))
    return OPENED[-1]


def waiting(state: StateFile) -> list[int]:
    return [seq for (seq,) in state.rows("select seq from outbox order by seq")]


@contextmanager
def full_disk(limit: int = 0) -> Iterator[None]:
    """Forbid this process to write a file beyond a limit (bytes), like on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_batch_is_written_completely_or_not_at_all(tmp_path: Path) -> None:
    state = file_at(tmp_path / "state.sqlite")
    with state.batch():
        state.write((ADD, (1, "{}")))
        with state.batch():
            state.write((ADD, (2, "{}")))
        assert waiting(state) == []
    assert waiting(state) == [1, 2]

    with pytest.raises(ZeroDivisionError), state.batch():
        state.write((ADD, (3 // len(state.rows("select * from documents")), "{}")))
    assert waiting(state) == [1, 2]
    state.close()


def test_a_file_of_a_newer_unsit_is_left_alone_and_the_service_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"pragma user_version = {LAYOUT_VERSION + 1}")
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
    """Write the two files of layout 1."""
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


def test_the_two_files_of_layout_1_are_taken_over(tmp_path: Path) -> None:
    install_layout_1(tmp_path)

    for _ in range(2):
        state = file_at(tmp_path / "state.sqlite")
        assert Store(state).get("traces") == {"current": None}
        assert waiting(state) == [41, 43]
        assert dict(state.rows("select * from counters")) == {"seq": 43, "dropped": 3}
        assert state.rows("pragma user_version") == [(LAYOUT_VERSION,)]
        state.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.sqlite"]


def install_layout_2(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("create table documents (name text primary key, content text not null)")
        db.execute("create table outbox (seq integer primary key, record text not null)")
        db.execute("create table counters (name text primary key, value integer not null)")
        db.executemany(ADD, [(41, '{"seq": 41}'), (43, '{"seq": 43}')])
        db.execute("insert into counters values ('seq', 43)")
        db.execute("pragma user_version = 2")
        db.commit()


def test_the_records_of_layout_2_get_marks_and_wait_on(tmp_path: Path) -> None:
    install_layout_2(tmp_path / "state.sqlite")
    with closing(open_state_copy(tmp_path / "state.sqlite")) as copy:
        assert copy.rows("select seq, marks from outbox order by seq") == [(41, 0), (43, 0)]
    for _ in range(2):
        state = file_at(tmp_path / "state.sqlite")
        assert state.rows("select seq, marks from outbox order by seq") == [(41, 0), (43, 0)]
        assert state.rows("pragma user_version") == [(LAYOUT_VERSION,)]
        state.close()


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


def test_a_broken_file_is_renamed_with_the_date_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    content = b"this was never a database, but it is long enough to copy like one" * 20
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


def test_the_readable_rows_of_a_broken_file_are_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    with state.batch():
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


def test_on_a_full_disk_the_state_goes_on_in_memory_and_returns_to_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    with full_disk():
        with state.batch():
            state.write((ADD, (2, "{}")), ("delete from outbox where seq = 1", ()))
        state.write((ADD, (3, "{}")))
        assert waiting(state) == [2, 3]
        assert state.trouble is not None
        assert not state.retry()
    assert str(file) in state.trouble
    assert "state is in memory only" in caplog.text
    with closing(open_state_copy(file)) as copy:
        assert waiting(copy) == [1]

    assert state.retry()
    assert not state.trouble
    state.write((ADD, (4, "{}")))
    state.close()
    again = file_at(file)
    assert waiting(again) == [2, 3, 4]
    again.close()


def test_a_file_that_cannot_be_opened_at_first_gets_the_state_later(tmp_path: Path) -> None:
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


def test_a_copy_sees_committed_writes_and_does_not_change_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    Store(state).put("a", 1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    copy = open_state_copy(file)
    assert Store(copy).get("a") == 1
    Store(copy).put("a", 2)
    copy.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    state.close()
    with closing(open_state_copy(tmp_path / "nothing")) as nothing:
        assert nothing.rows("select * from documents") == []


def test_a_sync_moves_a_long_journal_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    assert state.unsynchronised
    assert state.synchronise() == 1
    size = file.stat().st_size
    with state.batch():
        for seq in range(2, 2000):
            state.write((ADD, (seq, f'"{"x" * 1000}"')))
    assert state.synchronise() > 1
    assert file.stat().st_size > size
    state.close()


def test_memory_needs_no_sync() -> None:
    state = StateFile()
    state.write((ADD, (1, "{}")))
    assert not state.unsynchronised
    assert state.synchronise() == 0
    state.close()


def test_a_failed_sync_moves_the_state_to_memory(tmp_path: Path) -> None:
    state = file_at(tmp_path / "state.sqlite")
    state.write((ADD, (1, "{}")))

    state.synchronise_failed(OSError(errno.EIO, "Input/output error"))

    assert state.trouble == f"{tmp_path}/state.sqlite: [Errno 5] Input/output error"
    assert waiting(state) == [1]
    state.close()


def test_a_failed_sync_changes_nothing_if_the_state_is_in_memory_already(
    tmp_path: Path,
) -> None:
    state = file_at(tmp_path / "state.sqlite")
    with full_disk():
        state.write((ADD, (1, "{}")))
    trouble = state.trouble

    state.synchronise_failed(OSError(errno.EIO, "Input/output error"))

    assert trouble is not None
    assert state.trouble == trouble
    assert waiting(state) == [1]
    state.close()


class Stopwatch:
    """Monotonic time that a test sets."""

    def __init__(self) -> None:
        self.now = timedelta(0)

    def __call__(self) -> timedelta:
        return self.now


@contextmanager
def locked_by_another(file: Path) -> Iterator[None]:
    """Hold the lock that a backup program holds."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


def content(file: Path) -> dict[int, str]:
    with closing(open_state_copy(file)) as copy:
        return dict(copy.rows("select seq, record from outbox"))


def killed(file: Path) -> Path:
    """Return the state file of a service that was killed now: a copy of all its files."""
    target = file.parent.parent / "after the kill"
    shutil.copytree(file.parent, target)
    return target / file.name


def test_a_locked_file_delays_no_write_and_gets_everything_once_it_is_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    planned: list[str] = []
    state.when_locked = lambda: planned.append("retry")
    with locked_by_another(file):
        began = time.monotonic()
        for seq in range(1, 21):
            state.write((ADD, (seq, "{}")))
        took = time.monotonic() - began
        assert waiting(state) == list(range(1, 21))
        assert not state.retry()
        locked = state.is_locked
    assert locked
    assert took < 0.2, "one short wait for all of them"
    assert planned == ["retry"]
    assert state.retry()
    assert not state.is_locked
    state.write((ADD, (21, "{}")))
    assert sorted(content(file)) == list(range(1, 22))
    state.close()
    assert caplog.text == ""


def test_a_file_that_stays_locked_is_a_fault_after_ten_seconds_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, stopwatch = tmp_path / "state.sqlite", Stopwatch()
    state = StateFile(file, real_time=stopwatch)
    with locked_by_another(file):
        state.write((ADD, (1, "{}")))
        for seconds in range(1, 20):
            stopwatch.now = timedelta(seconds=seconds)
            assert not state.retry()
            assert bool(state.trouble) is (seconds > 10)
        assert f"sudo fuser -v {file}" in str(state.trouble)
    assert state.retry()
    assert not state.trouble
    state.close()
    assert caplog.text.count("has locked it") == 1


def test_more_than_fits_beside_a_locked_file_is_written_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    with locked_by_another(file):
        state.write(*((ADD, (seq, "{}")) for seq in range(2, 6000)))
        state.write(("delete from outbox where seq = 1", ()))
    assert state.retry()
    assert sorted(content(file)) == list(range(2, 6000))
    state.close()


def test_a_stop_waits_for_a_locked_file(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("begin exclusive")
    state.write((ADD, (1, "{}")))
    backup = threading.Timer(0.2, other.execute, ("rollback",))
    backup.start()
    state.close()
    backup.join()
    other.close()
    assert sorted(content(file)) == [1]


@pytest.mark.parametrize("replacement", ["nothing", "a database", "a directory", "no journal"])
def test_a_file_that_is_replaced_or_deleted_is_noticed_named_and_written_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, replacement: str
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")))
    if replacement == "no journal":
        Path(f"{file}-wal").unlink()
    else:
        file.unlink()
    if replacement == "a database":
        with closing(sqlite3.connect(tmp_path / "backup")) as db:
            db.execute("create table anything (b)")
        (tmp_path / "backup").rename(file)
    elif replacement == "a directory":
        file.mkdir()
    state.write((ADD, (2, "{}")))

    state.check()
    assert "stop the service before you" in str(state.trouble)
    assert str(file) in str(state.trouble)
    state.write((ADD, (3, "{}")))
    assert state.retry()
    assert state.trouble is None
    state.check()
    assert state.trouble is None
    assert sorted(content(file)) == [1, 2, 3]
    state.close()
    assert sorted(content(file)) == [1, 2, 3]
    assert caplog.text.count("stop the service") == 1
    assert len(list(tmp_path.glob("*.replaced-*"))) == (replacement.startswith("a "))


def test_a_journal_of_the_deleted_file_does_not_spoil_the_next(tmp_path: Path) -> None:
    """SQLite would take the old journal for that of the new file."""
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    with state.batch():
        for seq in range(1, 500):
            state.write((ADD, (seq, f'"{"x" * 100}"')))
    file.unlink()
    state.check()
    assert state.retry()
    state.close()
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert db.execute("select count(*) from outbox").fetchall() == [(499,)]


def test_what_a_stop_cannot_write_is_taken_over_by_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.write((ADD, (1, "{}")), (ADD, (2, "{}")))
    file.unlink()
    state.check()
    (file / "in the way").mkdir(parents=True)
    state.write(("delete from outbox where seq = 1", ()), (ADD, (3, "{}")))
    state.close()
    assert f"kept in {file}.rest" in caplog.text

    still = file_at(file)
    assert still.trouble is not None
    assert waiting(still) == [2, 3]
    still.write((ADD, (4, "{}")))
    still.close()
    (file / "in the way").rmdir()
    file.rmdir()

    again = file_at(file)
    assert again.trouble is None
    assert waiting(again) == [2, 3, 4]
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.sqlite"]


@pytest.mark.parametrize("loss", ["journal", "file", "both"])
def test_a_number_is_not_given_again_after_a_kill_and_the_loss_of_files(
    tmp_path: Path, loss: str
) -> None:
    file = tmp_path / "state" / "state.sqlite"
    outbox = Outbox(file_at(file))
    for seq in range(1, 100):
        outbox.put({"seq": seq})
    after = killed(file)
    if loss in ("journal", "both"):
        Path(f"{after}-wal").write_bytes(b"")
    if loss in ("file", "both"):
        after.write_bytes(b"no database" * 1000)
    assert Outbox(file_at(after)).told == 99


@pytest.mark.parametrize("storage", ["full", "locked", "deleted"])
@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_number_once_given_is_never_given_again(tmp_path: Path, storage: str, end: str) -> None:
    file = tmp_path / "state" / "state.sqlite"
    state = file_at(file)
    outbox = Outbox(state)
    outbox.put({"seq": 1})
    if storage == "deleted":
        file.unlink()
        state.check()
    with contextlib.ExitStack() as fault:
        if storage == "full":
            fault.enter_context(full_disk(4096))  # what is there can be overwritten
        elif storage == "locked":
            fault.enter_context(locked_by_another(file))
        with state.batch():
            outbox.put({"seq": 2})
        outbox.put({"seq": 3}, sent=True)
        if end == "stop":
            fault.close()
            state.close()
    after = file if end == "stop" else killed(file)

    again = file_at(after)
    assert Outbox(again).told == 3
    again.close()
    assert Outbox(file_at(after)).told == 3, "also if that start gave no number"


def test_a_number_on_a_read_only_disk_is_in_the_runtime_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(runtime))
    file = tmp_path / "a file, and no directory" / "state.sqlite"
    file.parent.write_text("")
    state = file_at(file)
    Outbox(state).put({"seq": 7})
    assert Outbox(file_at(file)).told == 7
    assert Outbox(file_at(tmp_path / "other" / "state.sqlite")).told == 0


def test_a_damaged_number_is_none(tmp_path: Path) -> None:
    for damage in (b"", b"\0" * 4096, b"99999999999999999999999 x\n", b"\xff\xfe 12", b"12 /"):
        (tmp_path / TOLD_FILE).write_bytes(damage)
        state = file_at(tmp_path / "state.sqlite")
        assert state.told == 0
        state.close()


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_that_now_belongs_to_root_is_named_with_the_remedy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    file = tmp_path / "state" / "state.sqlite"
    file.parent.mkdir()
    with being_nobody(file, owner_of=file.parent):
        state = file_at(file)
        state.write((ADD, (1, "{}")))
    os.chown(file, 0, 0)
    file.chmod(mode)
    with being_nobody(file):
        state.check()
        remedy = f"run: sudo chown --reference={file.parent} {file}"
        assert remedy in str(state.trouble)
        state.check()
        state.write((ADD, (2, "{}")))
        assert not state.retry()
        state.close()

        started = file_at(file)
        started.write((ADD, (3, "{}")))
        assert remedy in str(started.trouble)
        assert not started.retry()
    assert caplog.text.count(remedy) == 2
    os.chown(file, NOBODY, NOBODY)
    with being_nobody(file):
        assert started.retry()
        started.close()
    assert sorted(content(file)) == [1, 2, 3]


def journal_of(file: Path) -> int:
    return Path(f"{file}-wal").stat().st_size


def test_writes_that_need_no_sync_do_not_let_the_journal_grow(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    longest = 0
    state.when_journal_is_long = lambda: moved.append(state.synchronise())
    moved: list[int] = []
    for number in range(2_000):
        row = ("a", json.dumps({"at": number, "words": "x" * 500}))
        state.write(("insert or replace into documents values (?, ?)", row), durable=False)
        longest = max(longest, journal_of(file))
    state.close()
    assert longest < 1_500_000
    assert moved


def test_a_reader_that_never_ends_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.when_journal_is_long = lambda: moves.append(state.synchronise())
    moves: list[int] = []

    def write(megabytes: int) -> None:
        for _ in range(megabytes):
            state.write((_PUT_BIG, ("a", "x" * 1_000_000)), durable=False)

    state.write((_PUT_BIG, ("a", "")))
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select * from documents").fetchall()
        write(40)
    assert caplog.text.count("another program reads the state file") == 1
    assert len(moves) < 10
    write(40)
    assert journal_of(file) < 5_000_000
    state.close()


_PUT_BIG = "insert or replace into documents values (?, ?)"


def test_ten_thousand_events_that_arrive_leave_a_short_journal(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite"
    state = file_at(file)
    state.when_journal_is_long = lambda: moved.append(state.synchronise())
    moved: list[int] = []
    outbox = Outbox(state)
    with state.batch():
        for seq in range(1, 10_001):
            outbox.put({"seq": seq, "type": "stood_up", "words": "x" * 300})
    moved.clear()
    longest = 0
    for seq in range(1, 10_001):
        outbox.remove(seq)
        assert len(outbox) == 10_000 - seq
        longest = max(longest, journal_of(file))
    assert longest < 8_000_000
    assert len(moved) < 30
    state.close()
    assert content(file) == {}
