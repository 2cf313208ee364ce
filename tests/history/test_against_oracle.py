"""Derived stretches and bouts against those that the oracle cuts a whole recording into."""

import csv
import gzip
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.catalogue import MATS
from support import oracle
from support.against_oracle import Edge, events_of, live_through, oracle_rows, oracle_rules
from support.examples import examples
from support.history_records import START
from support.places import REAL_MATS as RECORDINGS
from support.sample_history import BERLIN
from unsit.core.rules import Rules
from unsit.history.compact import compact
from unsit.history.derived import Bout, BoutFlags, Row, Stretch, derive
from unsit.history.store import Unshelved, open_history, open_to_write
from unsit.report.days import Period, days, reader
from unsit.runtime.clock import WallTime
from unsit.runtime.record import Recorder

RULES = Rules(
    sit_dwell=timedelta(seconds=2),
    stand_dwell=timedelta(seconds=5),
    move_after=timedelta(minutes=2),
    min_break=timedelta(minutes=1),
    repeat_every=timedelta(minutes=1),
)

FIGURES = {
    "the defaults": Rules(),
    "without dwell": replace(RULES, sit_dwell=timedelta(), stand_dwell=timedelta()),
}
ALWAYS = (-(2**62), 2**62)

LENGTHS = st.lists(st.sampled_from((1, 3, 6, 59, 60, 61, 119, 120, 400)), min_size=2, max_size=40)


@given(LENGTHS)
@examples(300)
def test_bouts_and_stretches_are_those_of_the_oracle(lengths: list[int]) -> None:
    instants = (timedelta(seconds=at) for at in accumulate(lengths))
    edges = [(at, number % 2 == 0) for number, at in enumerate(instants)]
    recorder = Recorder("desk", lambda at: START + at)
    records = [recorder.record(event) for event in events_of(live_through(edges, RULES).emitted)]
    must_be_those_of_the_oracle(list(derive(map(compact, records))), edges, RULES, START)


@pytest.mark.parametrize("figures", FIGURES)
@pytest.mark.parametrize("name", MATS + RECORDINGS, scope="module")
def test_bouts_and_stretches_of_a_recording_are_those_of_the_oracle_and_so_are_its_days(
    recording: Path, tmp_path: Path, figures: str
) -> None:
    """They go through the file in batches, in a place whose clocks are set for the summer."""
    rules = FIGURES[figures]
    local, edges = rows_of(recording)
    start = local if local.tzinfo else local.replace(tzinfo=BERLIN)
    recorder = Recorder("desk", lambda at: (start.astimezone(UTC) + at).astimezone(BERLIN))
    records = [recorder.record(event) for event in events_of(live_through(edges, rules).emitted)]
    file = tmp_path / "history.sqlite"
    for first in range(0, max(1, len(records)), 50):
        with closing(open_to_write(file, 1)) as history:
            history.append(records[first : first + 50])
    with open_history(file, Unshelved()) as kept:
        bouts, stretches = kept.bouts(*ALWAYS), kept.stretches(*ALWAYS)
        must_be_those_of_the_oracle([*bouts, *stretches], edges, rules, start)
        first_day = start.astimezone(BERLIN).date() - timedelta(days=1)
        last_day = first_day + edges[-1][0] + timedelta(days=3)
        period = Period("all", first_day, last_day)
        by_day = [*days(reader(kept), period, WallTime(BERLIN))]
    assert sum(day.seated_ms for day in by_day) == sum(bout.seated for bout in bouts)
    assert sum(len(day.bouts) for day in by_day) == len(bouts)


def rows_of(file: Path) -> tuple[datetime, list[Edge]]:
    """Return the date of the first row of a recording, and its rows from then on."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open(newline="") as text:
        rows = [(datetime.fromisoformat(row["ts"]), row["contact"]) for row in csv.DictReader(text)]
    start = rows[0][0]
    return start, [(when - start, contact == "1") for when, contact in rows]


def must_be_those_of_the_oracle(
    rows: Sequence[Row], edges: Sequence[Edge], core_rules: Rules, start: datetime
) -> None:
    """Compare derived rows with the bouts that the oracle cuts a recording into."""
    rules = oracle_rules(core_rules)
    expected = oracle.bouts_of(oracle.settle(oracle_rows(edges), rules), rules.min_break)
    start_ms = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def ms(at: int) -> int:
        return start_ms + at // 1000

    bouts = [row for row in rows if isinstance(row, Bout)]
    assert [(one.start, one.end, bool(one.flags & BoutFlags.OPEN)) for one in bouts] == [
        (ms(one.started), ms(one.ended), one.open) for one in expected if one.ended > one.started
    ]
    stays = [
        (ms(stay.down), ms(one.ended if stay.up is None else stay.up))
        for one in expected
        for stay in one.stays
    ]
    stretches = [row for row in rows if isinstance(row, Stretch)]
    assert [(one.start, one.end) for one in stretches] == [
        (down, up) for down, up in stays if down < up
    ]
    for one in bouts:
        assert one.seated == sum(s.end - s.start for s in stretches if s.bout == one.start)
    due = {ms(one.started): oracle.due_instant(one, rules) for one in expected}
    assert [one.due for one in bouts] == [
        None if (at := due[one.start]) is None else ms(at) for one in bouts
    ]
