"""Copy of the events: what it holds after everything that changes the history, and kills."""

import gzip
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import START, START_MS, Happening, records, sitting
from unsit.history.copy import PACKET_EVENTS, EventsCopy
from unsit.history.shelving import Shelf
from unsit.history.store import open_history, open_to_write
from unsit.history.transfer import import_events, read_events
from unsit.runtime.record import Record

DAY_S = 24 * 3600
DAY_MS = 1000 * DAY_S


def days(number: int, first: int = 0, bouts: int = 4) -> list[Happening]:
    """Return the events of some bouts on each day."""
    starts = [day * DAY_S + n * 3600 for day in range(first, first + number) for n in range(bouts)]
    return [event for start in starts for event in sitting(start, start + 1800)]


def in_history(file: Path) -> list[Record]:
    with open_history(file) as history:
        return sorted(history.records(), key=lambda one: one["id"])


def in_copy(file: Path) -> list[Record]:
    events = (record for _, record in read_events(f"{file}.copy"))
    return sorted(events, key=lambda one: one["id"])


def shelve(file: Path, made: list[Record]) -> None:
    Shelf(file, timedelta(days=100), lambda: START).shelve(made)


Step = Callable[[Path, int], None]


def lives_on(file: Path, number: int) -> None:
    shelve(file, records(*days(20, number * 20), first=number * 240 + 1))


def is_imported(file: Path, number: int) -> None:
    old = records(*days(5, -number * 30 - 30), chair="old", first=number * 60 + 1)
    with closing(open_to_write(file, 1)) as history:
        import_events(history, "old", "old", 0, enumerate(old))


def is_forgotten(file: Path, number: int) -> None:
    since = START_MS + (number * 20 - 13) * DAY_MS
    with closing(open_to_write(file, 1)) as history:
        history.forget(since, since + 5 * DAY_MS)


def grows_old(file: Path, _number: int) -> None:
    with closing(open_to_write(file, 1)) as history:
        history.forget_old(30 * DAY_MS)


def is_forgotten_whole(file: Path, _number: int) -> None:
    with closing(open_to_write(file, 1)) as history:
        history.forget_all(START_MS)


STEPS = (lives_on, lives_on, lives_on, is_imported, is_forgotten, grows_old, is_forgotten_whole)


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
@examples(40)
def test_the_copy_has_exactly_the_events_of_the_history_after_whatever_happens_to_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    file = tmp_path_factory.mktemp("history") / "history.sqlite"
    shelve(file, [])
    for number, step in enumerate(steps):
        step(file, number)
        kept = in_history(file)
        assert (in_copy(file) if kept else []) == kept


@pytest.mark.parametrize("step", [is_forgotten, grows_old, is_forgotten_whole])
def test_nothing_of_what_is_forgotten_stays_in_the_bytes_of_the_copy(
    tmp_path: Path, step: Step
) -> None:
    file = tmp_path / "history.sqlite"
    shelve(file, records(*days(90)))
    before = {packet.offset: packet for packet in EventsCopy(Path(f"{file}.copy"), None).packets()}
    raw = Path(f"{file}.copy").read_bytes()
    gone = [raw[one.offset + 64 : one.end] for one in list(before.values())[:1]]
    step(file, 1)
    later = Path(f"{file}.copy").read_bytes()
    assert all(one not in later for one in gone)


def test_a_packet_is_one_of_gzip(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    shelve(file, made)
    lines = gzip.decompress(Path(f"{file}.copy").read_bytes()).decode().splitlines()
    assert len(made) > PACKET_EVENTS
    assert len(EventsCopy(Path(f"{file}.copy"), None).packets()) == 2
    assert sum(line.count("[") > 0 for line in lines) >= len(made)


def test_batches_of_few_events_make_full_packets(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(50))
    for start in range(0, len(made), 7):
        shelve(file, made[start : start + 7])
    packets = EventsCopy(Path(f"{file}.copy"), None).packets()
    assert [one.count for one in packets] == [512, 88]
    assert os.path.getsize(f"{file}.copy") == packets[-1].end
    assert in_copy(file) == made


@pytest.mark.parametrize("bytes_kept", [0, 100, 400, -1])
def test_a_batch_after_a_half_written_packet_writes_it_again(
    tmp_path: Path, bytes_kept: int
) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    shelf = Shelf(file, timedelta(days=100), lambda: START)
    shelf.shelve(made[:-3])
    tail = EventsCopy(Path(f"{file}.copy"), None).packets()[-1]
    with Path(f"{file}.copy").open("r+b") as copy:
        copy.truncate(tail.end - 1 if bytes_kept < 0 else tail.offset + bytes_kept)
    shelf.shelve(made[-3:])
    assert in_copy(file) == made


def test_a_history_of_a_version_without_a_copy_gets_one(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    with closing(open_to_write(file, 1, has_copy=False)) as history:
        history.append(made)
    shelve(file, [])
    assert in_copy(file) == made


def test_the_copy_of_a_history_can_be_imported(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    shelve(file, made)
    with closing(open_to_write(tmp_path / "new.sqlite", 1)) as history:
        imported = import_events(history, "copy", "copy", 0, read_events(f"{file}.copy"))
    assert imported.new == len(made)
    assert in_history(tmp_path / "new.sqlite") == made


@pytest.mark.parametrize("step", [lives_on, is_imported, is_forgotten, grows_old])
def test_a_kill_before_any_change_of_the_copy_loses_nothing_and_brings_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    """Each call that changes a file of the folder fails once, as the last one before a kill."""
    file = tmp_path / "start" / "history.sqlite"
    file.parent.mkdir()
    shelve(file, records(*days(40)))
    before = in_history(file)
    stepped = Path(shutil.copytree(tmp_path / "start", tmp_path / "stepped")) / "history.sqlite"
    step(stepped, 2)
    after = in_history(stepped)
    for number in range(1000):
        folder = Path(shutil.copytree(tmp_path / "start", tmp_path / f"{number}"))
        killed = folder / "history.sqlite"
        with monkeypatch.context() as patch:
            calls = KilledAt(number)
            for name in ("pwrite", "fdatasync", "fsync", "replace", "unlink", "ftruncate"):
                patch.setattr(os, name, calls.wrapped(getattr(os, name)))
            with suppress(KilledError):
                step(killed, 2)
        assert in_history(killed) in (before, after)
        shelve(killed, [])
        kept = in_history(killed)
        assert kept in (before, after)
        assert in_copy(killed) == kept
        assert not [*folder.glob("*.broken-*")]
        if not calls.is_killed:
            assert number > 1
            return
    raise AssertionError("the step changed the folder too often")


class KilledError(BaseException):
    """End of a program at this call."""


class KilledAt:
    """Calls of the system of which one and all later ones are not made."""

    def __init__(self, number: int) -> None:
        self._left = number
        self.is_killed = False

    def wrapped(self, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **named: object) -> object:
            if self._left == 0:
                self.is_killed = True
                raise KilledError
            self._left -= 1
            return call(*arguments, **named)

        return counted


def test_an_event_that_a_disk_has_changed_is_restored(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    shelve(file, made)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("update event set fields = '[601,null]' where seq = 101 and type = 6")
        assert db.total_changes == 1
    shelve(file, [])
    assert in_history(file) == made


def test_a_history_without_a_copy_makes_none(tmp_path: Path) -> None:
    with closing(open_to_write(tmp_path / "history.sqlite", 1, has_copy=False)) as history:
        history.append(records(*days(1)))
        history.copy_events()
    assert [one.name for one in tmp_path.iterdir()] == ["history.sqlite"]


def test_a_copy_whose_first_bytes_are_bad_gives_its_other_events(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = records(*days(60))
    shelve(file, made)
    copy = Path(f"{file}.copy")
    with copy.open("r+b") as opened:
        opened.write(b"\0")

    read = [event for _, event in read_events(str(copy))]

    assert len(read) > 100
    assert read == made[-len(read) :]
