"""Shelving: events on their way from the outbox to the history, whatever happens to the disk."""

import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import START, Happening, any_records, ms, records, sitting
from support.live_chair import LiveChair
from support.restarted_machine import SETTINGS, MachineClock, minutes
from unsit.history.compact import compact
from unsit.history.shelving import (
    BATCH_EVENTS,
    BATCH_INTERVAL,
    BATCH_MAX_EVENTS,
    LOCK_FAULT,
    Shelf,
    ShelfError,
    Shelving,
)
from unsit.history.store import IMPORTED, HistoryFile, open_history, open_to_write
from unsit.history.transfer import read_events
from unsit.mqtt.outbox import Outbox
from unsit.runtime.loop import Loop
from unsit.runtime.record import Record
from unsit.runtime.state_file import StateFile
from unsit.settings.model import SittingSettings

FIVE_YEARS = timedelta(days=5 * 365)


def shelf_in(folder: Path, kept_for: timedelta = FIVE_YEARS) -> Shelf:
    return Shelf(folder / "history.sqlite", kept_for, lambda: START, lock_wait_s=0.1)


def bouts(number: int, every: int = 1000, first: int = 0) -> list[Happening]:
    """Return the events of bouts, one after each ``every`` seconds."""
    starts = range(first * every, (first + number) * every, every)
    return [event for start in starts for event in sitting(start, start + 600)]


def seqs(folder: Path) -> list[int]:
    """Return the numbers of all events in the history, source by source."""
    if not (folder / "history.sqlite").exists():
        return []
    with open_history(folder / "history.sqlite") as history:
        return [one["seq"] for one in history.records()]


# Faults of the file. Each makes the fault and returns what undoes it.

Undo = Callable[[], object]


def locked(file: Path) -> Undo:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    return other.close


def of_a_newer_unsit(file: Path) -> Undo:
    with closing(sqlite3.connect(file)) as db:
        db.execute("pragma user_version = 99")

    def undo() -> None:
        with closing(sqlite3.connect(file)) as db:
            db.execute("pragma user_version = 1")

    return undo


def a_folder_in_its_place(file: Path) -> Undo:
    aside = file.rename(file.with_name("aside"))
    file.mkdir()

    def undo() -> None:
        file.rmdir()
        aside.rename(file)

    return undo


def its_folder_is_gone(file: Path) -> Undo:
    aside = file.parent.rename(file.parent.with_name("aside"))
    file.parent.write_text("a file")

    def undo() -> None:
        file.parent.unlink()
        aside.rename(file.parent)

    return undo


OF_THE_FILE = [locked, of_a_newer_unsit, a_folder_in_its_place]


@pytest.mark.parametrize("fault", [*OF_THE_FILE, its_folder_is_gone])
def test_a_batch_that_fails_writes_nothing_and_says_what_is_wrong(
    tmp_path: Path, fault: Callable[[Path], Undo]
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    shelf = shelf_in(folder)
    shelf.shelve(records(*sitting(0, 600)))
    undo = fault(folder / "history.sqlite")
    with pytest.raises(ShelfError, match=r"history\.sqlite") as refused:
        shelf.shelve(records(*sitting(1000, 1600), first=4))
    assert refused.value.is_lock == (fault is locked)
    undo()
    assert seqs(folder) == [1, 2, 3]
    shelf.shelve(records(*sitting(1000, 1600), first=4))
    assert seqs(folder) == [1, 2, 3, 4, 5, 6]


def test_a_full_disk_is_named_and_nothing_is_half_written(small_disk: Path) -> None:
    shelf = shelf_in(small_disk)
    shelf.shelve(records(*sitting(0, 600)))
    with pytest.raises(OSError, match="No space"):
        (small_disk / "film.mp4").write_bytes(bytes(2_000_000))
    many = records(
        *(event for n in range(1, 200) for event in sitting(n * 1000, n * 1000 + 600)), first=4
    )
    with pytest.raises(ShelfError, match="full"):
        shelf.shelve(many)
    (small_disk / "film.mp4").unlink()
    shelf.shelve(many)
    assert seqs(small_disk) == list(range(1, len(many) + 4))


def test_a_history_that_is_deleted_begins_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = shelf_in(tmp_path)
    shelf.shelve(records(*sitting(0, 600)))
    (tmp_path / "history.sqlite").unlink()
    shelf.shelve(records(*sitting(1000, 1600), first=4))
    assert seqs(tmp_path) == [4, 5, 6]
    deleted, former = (one.message for one in caplog.records)
    assert deleted == (
        f"{tmp_path}/history.sqlite: it was deleted while the service runs; a new one begins"
    )
    assert "is now" in former
    events = read_events(f"{tmp_path}/history.sqlite.copy.former")
    assert [event["seq"] for _, event in events] == [1, 2, 3]


def test_a_history_that_is_replaced_by_another_one_is_gone_on_with(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    shelf.shelve(records(*sitting(0, 600)))
    other = tmp_path / "other"
    other.mkdir()
    shelf_in(other).shelve(records(*sitting(0, 500)))
    os.replace(other / "history.sqlite", tmp_path / "history.sqlite")
    shelf.shelve(records(*sitting(1000, 1600), first=4))
    with open_history(tmp_path / "history.sqlite") as history:
        assert [*history.records()] == records(*sitting(0, 500), *sitting(1000, 1600))
    assert not [*tmp_path.glob("*.broken-*")]


def test_a_backup_in_the_place_of_the_history_is_completed_from_the_copy(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    shelf.shelve(records(*sitting(0, 600)))
    backup = shutil.copy(tmp_path / "history.sqlite", tmp_path / "copy")
    shelf.shelve(records(*sitting(1000, 1600), first=4))
    os.replace(backup, tmp_path / "history.sqlite")
    shelf.shelve(records(*sitting(2000, 2600), first=7))
    assert seqs(tmp_path) == list(range(1, 10))


# Damage


def long_history(folder: Path, number: int = 400) -> list[Record]:
    made = records(*bouts(number))
    with closing(open_to_write(folder / "history.sqlite", 1)) as history:
        history.append(made)
        history.copy_events()
    return made


def in_history(folder: Path) -> list[Record]:
    with open_history(folder / "history.sqlite") as history:
        return list(history.records())


def in_copy(folder: Path) -> list[Record]:
    return [record for _, record in read_events(f"{folder}/history.sqlite.copy")]


@st.composite
def damages(draw: st.DrawFn) -> Callable[[Path], None]:
    """Make functions that overwrite a part of a file, or cut it off."""
    share, length = draw(st.floats(0, 1)), draw(st.sampled_from((1, 512, 4096, 20_000)))
    content = draw(st.sampled_from(("zeros", "noise")))
    chance = draw(st.randoms(use_true_random=True))
    is_cut = draw(st.integers(0, 9)) == 0

    def damage(file: Path) -> None:
        size = file.stat().st_size
        with file.open("r+b") as raw:
            layout = os.pread(raw.fileno(), 4, 60)
            start = round(share * (size - 1))
            raw.seek(start)
            bytes_left = min(length, size - start)
            raw.write(bytes(bytes_left) if content == "zeros" else chance.randbytes(bytes_left))
            if file.suffix == ".sqlite":
                raw.seek(60)
                raw.write(layout)  # a greater number would be of a newer unsit
            if is_cut:
                raw.truncate(start)

    return damage


@given(damages())
@examples(100)
def test_no_event_of_a_damaged_history_is_lost(
    tmp_path_factory: pytest.TempPathFactory, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    made = long_history(folder)
    damage(folder / "history.sqlite")
    later = records(*sitting(900_000, 900_600), first=len(made) + 1)
    shelf_in(folder).shelve(later)
    assert in_history(folder) == made + later
    assert in_copy(folder) == made + later
    with open_history(folder / "history.sqlite") as history:
        assert len(history.sources) == 1
        assert len(history.bouts(-(2**62), 2**62)) == 401


@given(damages())
@examples(100)
def test_a_damaged_copy_is_made_again_and_the_history_stays(
    tmp_path_factory: pytest.TempPathFactory, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    made = long_history(folder)
    damage(folder / "history.sqlite.copy")
    later = records(*sitting(900_000, 900_600), first=len(made) + 1)
    shelf_in(folder).shelve(later)
    assert in_history(folder) == made + later
    assert in_copy(folder) == made + later
    assert not [*folder.glob("*.broken-*")]


@given(damages(), damages())
@examples(60)
def test_of_a_damaged_history_with_a_damaged_copy_everything_readable_is_kept(
    tmp_path_factory: pytest.TempPathFactory,
    damage: Callable[[Path], None],
    damage_of_copy: Callable[[Path], None],
) -> None:
    folder = tmp_path_factory.mktemp("history")
    made = long_history(folder)
    damage(folder / "history.sqlite")
    damage_of_copy(folder / "history.sqlite.copy")
    later = records(*sitting(900_000, 900_600), first=len(made) + 1)
    shelf_in(folder).shelve(later)
    kept = in_history(folder)
    assert kept[-3:] == in_copy(folder)[-3:] == later
    assert all(one in made for one in kept[:-3])


def test_a_history_that_is_damaged_while_the_service_runs_is_found_within_a_week(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = long_history(tmp_path)
    now = START
    shelf = Shelf(tmp_path / "history.sqlite", FIVE_YEARS, lambda: now)
    shelf.shelve([])
    content = bytearray((tmp_path / "history.sqlite").read_bytes())
    page = content.index(b",600,0]", len(content) // 3) // 4096 * 4096
    content[page : page + 4096] = bytes(4096)
    (tmp_path / "history.sqlite").write_bytes(content)
    now += timedelta(days=7)
    shelf.shelve([])
    assert in_history(tmp_path) == made
    assert "is broken" in caplog.text


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_what_is_no_database_is_put_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "history.sqlite").write_bytes(content)
    shelf_in(tmp_path).shelve(records(*sitting(0, 600)))
    assert seqs(tmp_path) == [1, 2, 3]
    aside = list(tmp_path.glob("history.sqlite.broken-*"))
    assert [one.read_bytes() for one in aside] == ([content] if content else [])


# Old events


DAY = 24 * 3600


def days(number: int, first: int = 0) -> list[Happening]:
    """Return the events of a bout on each day."""
    return bouts(number, DAY, first)


def test_what_is_older_than_is_kept_goes_with_a_batch(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, timedelta(days=30))
    shelf.shelve(records(*days(20)))
    assert len(seqs(tmp_path)) == 60
    shelf.shelve(records(*days(40, 20), first=61))
    with open_history(tmp_path / "history.sqlite") as history:
        starts = [bout.start for bout in history.bouts(-(2**62), 2**62)]
        assert starts == [ms(n * DAY) for n in range(27, 60)]
        assert [one["seq"] for one in history.records()] == list(range(27 * 3 + 1, 181))


def test_a_clock_that_is_years_ahead_for_two_days_deletes_nothing(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, timedelta(days=30))
    shelf.shelve(records(*days(25)))
    shelf.shelve(records(*days(2, 9000), first=76))
    assert len(seqs(tmp_path)) == 81


def test_what_was_imported_stays(tmp_path: Path) -> None:
    with closing(open_to_write(tmp_path / "history.sqlite", 1)) as history:
        imported = history.add_source(IMPORTED, "desk", "old", 0)
        for one in records(*days(3)):
            history.put(imported, compact(one))
    shelf_in(tmp_path, timedelta(days=30)).shelve(records(*days(90, 1000)))
    assert seqs(tmp_path)[:9] == list(range(1, 10))
    assert len(seqs(tmp_path)) == 9 + 33 * 3


@given(any_records(), st.sampled_from((1, 2, 30)))
@examples(150)
def test_derived_rows_are_those_of_a_rebuild_after_old_events_are_gone(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], kept_days: int
) -> None:
    forwards = sorted(made, key=lambda one: one["at"])
    made = [one | {"seq": seq} for seq, one in enumerate(forwards, 1)]
    made = [one for one in made if one["type"] != "clock_stepped"]
    folder = tmp_path_factory.mktemp("history")
    with closing(open_to_write(folder / "history.sqlite", 1)) as history:
        history.append(made)
        history.forget_old(kept_days * DAY * 1000)
        came = derived_rows(history)
        for source in history.sources():
            history.rebuild(source)
        assert derived_rows(history) == came


# Kills


def test_no_event_is_lost_or_doubled_by_a_kill_before_any_statement_of_either_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement is preceded by a copy of the folder: what a kill there would leave."""
    folder = tmp_path / "live"
    folder.mkdir()
    snapshots: list[tuple[Path, int]] = []
    given_out = 0

    def snap(statement: str) -> None:
        copy = tmp_path / f"{len(snapshots)}"
        shutil.copytree(folder, copy)
        snapshots.append((copy, given_out))

    def traced(*arguments: Any, **named: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*arguments, **named)
        db.set_trace_callback(snap)
        return db

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", traced)
    state = StateFile(folder / "state.sqlite")
    outbox, shelf = Outbox(state, shelves=True), shelf_in(folder)
    for one in records(*sitting(0, 600), *sitting(1000, 1600), *sitting(2000, 2600)):
        outbox.put(one, sent=one["seq"] == 4)
        given_out = one["seq"]
        if given_out % 3 == 1:
            outbox.remove(given_out)
        if given_out % 4 == 0:
            batch = outbox.for_history(3)
            shelf.shelve(batch)
            outbox.mark_shelved(batch[-1]["seq"])
    state.close()
    monkeypatch.setattr(sqlite3, "connect", connect)

    assert len(snapshots) > 100
    for copy, told in snapshots:
        state = StateFile(copy / "state.sqlite")
        outbox = Outbox(state, shelves=True)
        assert told <= outbox.last_seq <= told + 1
        while batch := outbox.for_history(2):
            shelf_in(copy).shelve(batch)
            outbox.mark_shelved(batch[-1]["seq"])
        assert seqs(copy) == list(range(1, outbox.last_seq + 1)), copy
        state.close()
        with closing(open_to_write(copy / "history.sqlite", 1)) as history:
            assert len(history.sources()) <= 1


def derived_rows(history: HistoryFile) -> dict[str, list[Any]]:
    tables = ("stretch", "bout", "unknown")
    return {table: list(history._db.execute(f"select * from {table}")) for table in tables}  # noqa: S608


# The scheduler


class SlowShelf(Shelf):
    """Shelf on a disk that does not answer until ``go_on`` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "history.sqlite", FIVE_YEARS, lambda: START)
        self.go_on, self.asked = threading.Event(), threading.Event()

    def shelve(self, records: Sequence[Record], lock_wait_s: float | None = None) -> None:
        self.asked.set()
        self.go_on.wait(60)
        super().shelve(records, lock_wait_s)


class Desk:
    """Scheduler of batches whose loop and thread go on only when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = MachineClock()
        self.loop = Loop(self.clock)
        self.state = StateFile(folder / "state.sqlite")
        self.outbox = Outbox(self.state, shelves=True)
        self.shelving = Shelving(self.loop, self.outbox, shelf_in(folder))

    def put(self, *happenings: Happening) -> None:
        for one in records(*happenings, first=self.outbox.last_seq + 1):
            self.outbox.put(one, sent=True)

    def go_on(self) -> None:
        """Let a batch under way end."""
        thread = self.shelving._thread
        if thread is not None and self.shelving._is_running:
            thread.join()
            self.loop._inbox.get_nowait()()

    def waiting(self) -> int:
        return len(self.outbox.for_history(10_000))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.go_on()
    desk.state.close()


def test_the_end_of_a_bout_makes_a_batch_but_not_one_soon_after_another(desk: Desk) -> None:
    desk.put(*sitting(0, 600))
    desk.shelving.request()
    assert desk.waiting() == 3
    for expected in (0, 3):
        desk.shelving.note_bout_end()
        desk.shelving.request()
        desk.go_on()
        assert desk.waiting() == expected
        desk.put(*sitting(1000, 1600))
    desk.clock.pass_time(BATCH_INTERVAL)
    desk.shelving.retry()
    desk.go_on()
    assert desk.waiting() == 0
    assert len(seqs(desk.folder)) == 9


def test_many_events_make_a_batch_whatever_else_happens(desk: Desk) -> None:
    for number in range(BATCH_EVENTS):
        desk.shelving.request()
        desk.go_on()
        assert desk.waiting() == number
        desk.put((number, "hold_started", {"reason": "call"}))
    desk.shelving.request()
    desk.go_on()
    assert desk.waiting() == 0


def test_a_long_backlog_goes_batch_by_batch_and_nothing_is_left(desk: Desk) -> None:
    desk.put(*bouts(BATCH_MAX_EVENTS))
    desk.shelving.retry()
    for _ in range(3):
        desk.go_on()
    assert desk.waiting() == 0


@pytest.mark.parametrize("fault", OF_THE_FILE)
def test_a_fault_is_named_once_and_healed_without_a_restart(
    desk: Desk, fault: Callable[[Path], Undo], caplog: pytest.LogCaptureFixture
) -> None:
    desk.put(*sitting(0, 600))
    desk.shelving.retry()
    desk.shelving.note_bout_end()
    desk.shelving.request()
    desk.go_on()
    undo = fault(desk.folder / "history.sqlite")
    desk.put(*bouts(40, first=1))
    for _ in range(4):
        desk.clock.pass_time(LOCK_FAULT / 2)
        desk.shelving.retry()
        desk.go_on()
    assert "history.sqlite" in (desk.shelving.trouble or "")
    assert desk.waiting() == 120
    undo()
    desk.shelving.retry()
    desk.go_on()
    assert desk.shelving.trouble is None
    assert desk.waiting() == 0
    assert seqs(desk.folder) == list(range(1, 124))
    assert [one.levelno for one in caplog.records].count(logging.ERROR) == 1
    assert "can be written again" in caplog.text


def test_a_stop_shelves_what_waits_and_waits_no_longer_for_a_lock(desk: Desk) -> None:
    desk.put(*bouts(200))
    desk.shelving.finish()
    assert desk.waiting() == 0
    undo = locked(desk.folder / "history.sqlite")
    desk.put(*bouts(1, first=200))
    desk.shelving.finish()
    undo()
    assert desk.waiting() == 3


@pytest.mark.program
def test_the_chair_is_on_time_while_the_disk_does_not_answer(tmp_path: Path) -> None:
    shelf = SlowShelf(tmp_path)
    sitting = SittingSettings(move_after=minutes(1), min_break=minutes(1))
    chair = LiveChair(tmp_path, speed=60.0, seat=SETTINGS.seat, sitting=sitting, shelf=shelf)
    chair.seat.set(True)
    chair.wait("bout_started")
    chair.seat.set(False)
    chair.wait("bout_ended")
    assert shelf.asked.wait(60)
    chair.seat.set(True)
    due = chair.wait("move_due")
    assert 60 <= due["bout_s"] < 62
    shelf.go_on.set()
    chair.seat.set(False)
    chair.stop()
    state = StateFile(tmp_path / "state.sqlite")
    assert Outbox(state, shelves=True).unshelved == 0
    assert seqs(tmp_path) == list(range(1, Outbox(state).last_seq + 1))
    state.close()
