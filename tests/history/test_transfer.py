"""Events into a history from files and out of it, and forgetting for good."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import any_records, bout_ended, ms, records, sitting
from unsit.history.derived import Unknown, Unwatched
from unsit.history.store import (
    DERIVED,
    IMPORTED,
    LIVED,
    HistoryFile,
    open_history,
    open_to_write,
)
from unsit.history.transfer import Importer, import_events
from unsit.runtime.record import Record

DAY = 24 * 3600
ALWAYS = (-(2**62), 2**62)


@contextmanager
def opened(folder: Path) -> Iterator[HistoryFile]:
    with closing(open_to_write(folder / "history.sqlite", 1)) as history:
        yield history


def imported(history: HistoryFile, made: Sequence[Record], name: str = "file") -> tuple[int, int]:
    """Import records; return how many were new, and known."""
    result = import_events(history, name, name, 0, list(enumerate(made, 1)))
    return result.new, result.known


def lines(folder: Path) -> list[str]:
    with open_history(folder / "history.sqlite") as history:
        return [json.dumps(one) for one in history.records()]


def derived(history: HistoryFile) -> dict[str, list[Any]]:
    return {
        table: sorted(history._db.execute(f"select * from {table}"))  # noqa: S608
        for table in DERIVED
    }


# Import


@given(any_records(), st.randoms(use_true_random=False))
@examples(150)
def test_an_export_that_is_imported_gives_the_same_history(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], chance: Any
) -> None:
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    with opened(first) as history:
        history.append(made)
    with open_history(first / "history.sqlite") as kept, opened(second) as history:
        assert imported(history, list(kept.records())) == (len(made), 0)
        again = [*made]
        chance.shuffle(again)
        assert imported(history, again) == (0, len(made))
    assert lines(second) == lines(first)


@given(any_records(), st.sets(st.integers(0, 40)))
@examples(150)
def test_an_import_fills_what_is_missing_and_derives_it_again(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], missing: set[int]
) -> None:
    made = [one for one in made if one["type"] != "clock_stepped"]
    ordered = [
        one
        for place, one in enumerate(made)
        if one["at"] >= max(o["at"] for o in made[: place + 1])
    ]
    folder = tmp_path_factory.mktemp("history")
    with opened(folder) as history:
        history.append([one for place, one in enumerate(ordered) if place not in missing])
        imported(history, ordered)
        came = derived(history)
        for source in history.sources():
            history.rebuild(source)
        assert derived(history) == came
    assert sorted(lines(folder)) == sorted(json.dumps(one) for one in ordered)


def test_an_export_of_the_chair_goes_where_the_chair_lived(tmp_path: Path) -> None:
    made = records(*sitting(0, 600), *sitting(1000, 1600), *sitting(2000, 2600))
    with opened(tmp_path) as history:
        history.append(made[:3] + made[6:])
        assert imported(history, made) == (3, 6)
        assert [source.kind for source in history.sources()] == [LIVED]


def test_events_from_before_the_numbers_began_again_do_not_get_between_others(
    tmp_path: Path,
) -> None:
    now = records(*sitting(900 * DAY, 900 * DAY + 600))
    before = records(*(event for day in range(5) for event in sitting(day * DAY, day * DAY + 600)))
    with opened(tmp_path) as history:
        history.append(now)
        assert imported(history, before) == (15, 0)
        assert [(one.kind, one.name) for one in history.sources()] == [
            (LIVED, None),
            (IMPORTED, "file"),
        ]
        history.append(records(*sitting(901 * DAY, 901 * DAY + 600), first=4))
        assert len(history.sources()) == 2
    with open_history(tmp_path / "history.sqlite") as kept:
        assert len(kept.bouts(*ALWAYS)) == 7


def test_old_events_with_higher_numbers_are_not_put_after_the_chair_of_now(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(900 * DAY, 900 * DAY + 600)))
        assert imported(history, records(*sitting(0, 600), first=50)) == (3, 0)
        assert [source.kind for source in history.sources()] == [LIVED, IMPORTED]


def test_two_chairs_in_one_file_are_two_sources(tmp_path: Path) -> None:
    desk, sofa = records(*sitting(0, 600)), records(*sitting(1000, 1600), chair="sofa")
    mixed = [one for pair in zip(desk, sofa, strict=True) for one in pair]
    with opened(tmp_path) as history:
        assert imported(history, mixed) == (6, 0)
        assert [source.chair for source in history.sources()] == ["desk", "sofa"]


def test_a_recording_is_a_source_of_its_own_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    made = records(*sitting(0, 600))
    with opened(tmp_path) as history:
        history.append(records(*sitting(5000, 5600), first=10))
        for expected in (3, 0):
            with history.transaction():
                importer = Importer(history, "morning.csv", 0, is_apart=True)
                for one in made:
                    importer.add(one)
                assert importer.finish().new == expected
        assert [source.kind for source in history.sources()] == [LIVED, IMPORTED]


# Forgetting


def test_what_is_forgotten_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    reasons = [f"reason-{number:03}" for number in range(300)]
    starts = range(0, 300 * 1000, 1000)
    events = [
        (start, "hold_started", {"reason": reason})
        for start, reason in zip(starts, reasons, strict=True)
    ]
    with opened(tmp_path) as history:
        history.append(records(*events))
        assert history.forget(ms(100_000), ms(200_000)) == 100
        assert history.truncate_journal()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [reason for reason in reasons if reason.encode() in content] == [
        *reasons[:100],
        *reasons[200:],
    ]


def test_texts_that_nothing_needs_any_more_are_forgotten_too(tmp_path: Path) -> None:
    texts: dict[str, Any] = {
        "exercise": "x",
        "exercise_name": "Secret stretch",
        "steps": [],
        "caution": None,
    }
    with opened(tmp_path) as history:
        history.append(records((0, "exercise_due", texts)))
        history.forget(None, None)
        history.truncate_journal()
    assert b"Secret" not in (tmp_path / "history.sqlite").read_bytes()


def test_a_bout_that_reaches_into_the_period_goes_whole_and_its_time_is_unknown(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as history:
        history.append(
            records(
                *sitting(0, 600), *sitting(1000, 1600), *sitting(2000, 2600), *sitting(5000, 5600)
            )
        )
        assert history.forget(ms(1500), ms(2001)) == 6
    with open_history(tmp_path / "history.sqlite") as kept:
        assert [bout.start for bout in kept.bouts(*ALWAYS)] == [ms(0), ms(5000)]
        assert kept.unknown(ms(0), ms(5600)) == [Unknown(ms(720), ms(5000), Unwatched.HOLE)]


def test_what_waits_in_the_outbox_does_not_bring_forgotten_time_back(tmp_path: Path) -> None:
    made = records(*sitting(0, 600), *sitting(1000, 1600))
    with opened(tmp_path) as history:
        history.append(made[:3])
        history.forget(ms(900), ms(1200))
        history.append(made[3:])
        history.append(records(bout_ended(1100, 3000), first=7))
        assert [event.seq for event in history.events_of(history.sources()[0])] == [1, 2, 3, 5]


def test_after_everything_is_forgotten_the_history_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        history.append(records(*sitting(0, 600)))
        assert history.forget_all(ms(1000)) == 3
        assert history.sources() == []
        history.append(records((1001, "hold_ended", {}), *sitting(2000, 2600), first=4))
        assert [source.no for source in history.sources()] == [0]
    assert len(lines(tmp_path)) == 4


@given(any_records(), st.integers(-1000, 100_000), st.integers(1, 100_000))
@examples(150)
def test_after_forgetting_nothing_of_the_period_is_left_and_rows_are_those_of_a_rebuild(
    tmp_path_factory: pytest.TempPathFactory, made: list[Record], start: int, length: int
) -> None:
    folder = tmp_path_factory.mktemp("history")
    with opened(folder) as history:
        history.append(made)
        history.forget(ms(start), ms(start + length))
        came = derived(history)
        for source in history.sources():
            history.rebuild(source)
        assert derived(history) == came
        for source in history.sources():
            for event in history.events_of(source):
                assert not ms(start) <= event.at < ms(start + length)


@given(
    st.lists(st.tuples(st.integers(60, 5000), st.integers(121, 5000)), min_size=1, max_size=8),
    st.integers(-1000, 40_000),
    st.integers(1, 20_000),
)
@examples(200)
def test_forgetting_takes_every_bout_of_the_period_and_no_other(
    tmp_path_factory: pytest.TempPathFactory,
    lengths: list[tuple[int, int]],
    start: int,
    length: int,
) -> None:
    folder = tmp_path_factory.mktemp("history")
    spans: list[tuple[int, int]] = []
    for seated, away in lengths:
        begin = spans[-1][1] + away if spans else 0
        spans.append((begin, begin + seated))
    with opened(folder) as history:
        history.append(records(*(event for span in spans for event in sitting(*span))))
        history.forget(ms(start), ms(start + length))
    end = start + length
    expected = [
        span
        for span in spans
        if not (span[0] < end and span[1] > start) and not start <= span[1] + 120 < end
    ]
    with open_history(folder / "history.sqlite") as kept:
        found = [(bout.start, bout.end) for bout in kept.bouts(*ALWAYS)]
    assert found == [(ms(begin), ms(end)) for begin, end in expected]
