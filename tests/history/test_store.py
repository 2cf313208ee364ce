"""History file: nothing lost or doubled, and derived rows that can be made again."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import any_records, ms, record, records, sitting
from unsit.errors import UnavailableError
from unsit.history.compact import compact
from unsit.history.derived import Unknown, Unwatched
from unsit.history.store import (
    DERIVED,
    IMPORTED,
    LAYOUT_VERSION,
    LIVED,
    HistoryFile,
    Unshelved,
    open_history,
    open_to_write,
)
from unsit.runtime.record import Record
from unsit.settings.model import HISTORY_FILE

FILE = HISTORY_FILE
ALWAYS = (-(2**62), 2**62)


@contextmanager
def opened(folder: Path) -> Iterator[HistoryFile]:
    with closing(open_to_write(folder / FILE, 1)) as history:
        yield history


def content(history: HistoryFile, *tables: str) -> dict[str, list[Any]]:
    return {
        table: sorted(history._db.execute(f"select * from {table}"))  # noqa: S608
        for table in tables
    }


def lines(folder: Path) -> list[str]:
    with open_history(folder / FILE) as history:
        return [json.dumps(one) for one in history.records()]


@given(any_records(), st.lists(st.integers(0, 40)))
@examples(200)
def test_derived_rows_are_those_of_a_rebuild_however_the_events_came(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    bounds = sorted({0, *cuts, len(made)})
    with opened(folder) as history:
        for start, end in pairwise(bounds):
            history.append(made[start:end])
        came = content(history, *DERIVED)
        for source in history.sources():
            history.rebuild(source)
        assert content(history, *DERIVED) == came
    assert lines(folder) == [json.dumps(one) for one in made]


@given(any_records(), st.integers(0, 40), st.integers(0, 40))
@examples(100)
def test_events_that_come_again_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], first: int, again: int
) -> None:
    folder = tmp_path_factory.mktemp("history")
    tables = ("event", *DERIVED)
    with opened(folder) as history:
        history.append(made)
        came = content(history, *tables)
        history.append(made[first : first + again])
        assert content(history, *tables) == came


def test_a_chair_whose_state_was_lost_is_a_new_source(tmp_path: Path) -> None:
    before, after = records(*sitting(0, 600)), records(*sitting(90_000, 91_000))
    with opened(tmp_path) as history:
        history.append(before)
        history.append(after)
        history.append(records((91_200, "bout_started", {}), first=4))
        assert [source.no for source in history.sources()] == [0, 1]
    assert len(lines(tmp_path)) == 7
    with open_history(tmp_path / FILE) as kept:
        assert [bout.start for bout in kept.bouts(*ALWAYS)] == [ms(0), ms(90_000)]


def test_a_chair_with_another_id_is_a_new_source(tmp_path: Path) -> None:
    renamed = records(*sitting(1000, 1600), chair="new", first=4)
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)) + renamed)
        assert [source.chair for source in history.sources()] == ["desk", "new"]
    assert len(lines(tmp_path)) == 6


def test_an_exercise_counts_once_where_an_import_tells_of_the_same_day_again(
    tmp_path: Path,
) -> None:
    done = (2000, "exercise_done", {"exercise": "plank"})
    alone = (92_000, "exercise_done", {"exercise": "plank"})
    own = records(*sitting(0, 1800), done)
    with closing(open_to_write(tmp_path / HISTORY_FILE, 1)) as history:
        history.append(own)
        again = records(*sitting(10, 1790), (2010, *done[1:]), *sitting(90_000, 91_000), alone)
        imported = history.add_source(IMPORTED, "desk", "again", 1)
        for one in again:
            history.put(imported, compact(one))
        history.rebuild(imported)
    with open_history(tmp_path / HISTORY_FILE) as kept:
        dates = [at for at, _ in kept.dates("exercise_done", ms(0), ms(100_000))]
    assert dates == [ms(2000), ms(92_000)]


def test_an_import_counts_where_nothing_else_was_there(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)))
        imported = history.add_source(IMPORTED, "desk", "old.csv", 1)
        for one in records(*sitting(300, 900), *sitting(2000, 2600)):
            history.put(imported, compact(one))
        history.rebuild(imported)
    with open_history(tmp_path / FILE) as kept:
        bouts = kept.bouts(*ALWAYS)
        assert [bout.start for bout in bouts] == [ms(0), ms(2000)]
        assert [one.bout for one in kept.stretches(*ALWAYS)] == [ms(0), ms(2000)]
        assert [(one.kind, one.name) for one in kept.sources] == [
            (LIVED, None),
            (IMPORTED, "old.csv"),
        ]


def test_a_period_has_the_bouts_and_stretches_that_reach_into_it(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600), *sitting(1000, 1600), *sitting(2000, 2600)))
    with open_history(tmp_path / FILE) as kept:
        assert [one.start for one in kept.bouts(ms(600), ms(1000))] == []
        assert [one.start for one in kept.bouts(ms(599), ms(1001))] == [ms(0), ms(1000)]
        assert [one.start for one in kept.stretches(ms(1600), ms(9999))] == [ms(2000)]


def test_time_outside_the_history_is_unknown_unless_the_service_runs(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)))
    with open_history(tmp_path / FILE) as kept:
        assert kept.extent() == (ms(0), ms(720))
        no_history = Unwatched.NO_HISTORY
        assert kept.unknown(ms(-100), ms(9000)) == [
            Unknown(ms(-100), ms(0), no_history),
            Unknown(ms(720), ms(9000), no_history),
        ]
    running = Unshelved(known_until=ms(8000), is_running=True)
    with open_history(tmp_path / FILE, running) as kept:
        assert kept.unknown(ms(-100), ms(9000)) == [
            Unknown(ms(-100), ms(0), no_history),
            Unknown(ms(8000), ms(9000), no_history),
        ]


def test_records_can_be_chosen_by_date_and_type(tmp_path: Path) -> None:
    made = records(*sitting(0, 600), *sitting(1000, 1600))
    with opened(tmp_path) as history:
        history.append(made)
    with open_history(tmp_path / FILE) as kept:
        assert list(kept.records(ms(600), ms(1000))) == made[1:3]
        assert list(kept.records(types=["bout_started"])) == [made[0], made[3]]


def test_the_file_is_for_its_owner_alone_and_leaves_no_journal(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)))
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_reader_changes_nothing_and_stops_nobody(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)))
    with open_history(tmp_path / FILE) as kept:
        with opened(tmp_path) as history:
            history.append([record(4, (1000, "bout_started", {}))])
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            kept._db.execute("delete from event")
    assert len(lines(tmp_path)) == 4


@pytest.mark.parametrize("layout", [LAYOUT_VERSION + 1, 99])
def test_a_file_of_a_newer_unsit_is_refused_and_not_changed(tmp_path: Path, layout: int) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute(f"pragma user_version = {layout}")
        db.execute("create table event (other)")
    before = (tmp_path / FILE).read_bytes()
    for way in (
        lambda: open_to_write(tmp_path / FILE, 1),
        lambda: open_history(tmp_path / FILE).__enter__(),
    ):
        with pytest.raises(UnavailableError, match="newer unsit"):
            way()
    assert (tmp_path / FILE).read_bytes() == before


def test_reading_what_is_not_there_or_is_no_history_is_one_clear_line(tmp_path: Path) -> None:
    with (
        pytest.raises(UnavailableError, match="there is no history"),
        open_history(tmp_path / FILE),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(UnavailableError, match="unsit check"), open_history(tmp_path / FILE):
        pass
