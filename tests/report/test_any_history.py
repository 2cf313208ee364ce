"""Reports of histories that no chair would make: every output is made, and every sum is right."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from rich.console import Console

from support.examples import examples
from support.history_records import any_records
from support.sample_history import BERLIN, write_history
from unsit.history.store import open_history
from unsit.report.days import PERIODS, Period, days, moment, reader
from unsit.report.page import page
from unsit.report.summary import Norms, summarise
from unsit.report.tables import document, write_bouts, write_days
from unsit.report.text import print_report
from unsit.report.wording import Wording
from unsit.runtime.clock import WallTime
from unsit.runtime.record import Record
from unsit.words import english

NORMS = Norms(1800, 3)
ALWAYS = (-(2**62), 2**62)
ZONE = WallTime(BERLIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for all examples."""
    return tmp_path_factory.mktemp("any")


@given(any_records())
@examples(80)
def test_every_output_can_be_made_of_any_events(folder: Path, records: list[Record]) -> None:
    file = folder / "history.sqlite"
    file.unlink(missing_ok=True)
    with open_history(write_history(folder, records)) as history:
        first, last = (moment(at).date() for at in history.extent() or (0, 0))
        read = reader(history)
        for name in PERIODS:
            period = Period.of(name, last, first)
            before = Period.of(name, last - timedelta(days=8), first)
            made = summarise(
                "Desk",
                period,
                days(read, period, ZONE),
                NORMS,
                "day" if period.days < 800 else "week",
                before=(before, NORMS.tally(days(read, before, ZONE))),
            )
            assert page(made, Wording(english()), last).endswith("</html>\n")
            print_report(made, Wording(english()), Console(file=io.StringIO(), width=80))
            json.dumps(document(made, "desk"), allow_nan=False)
            write_days(io.StringIO(), days(read, period, ZONE), NORMS)
            write_bouts(io.StringIO(), days(read, period, ZONE))


@given(any_records())
@examples(80)
def test_sums_over_days_are_those_of_the_rows_of_any_events(
    folder: Path, records: list[Record]
) -> None:
    file = folder / "history.sqlite"
    file.unlink(missing_ok=True)
    with open_history(write_history(folder, records)) as history:
        bouts, stretches = history.bouts(*ALWAYS), history.stretches(*ALWAYS)
        ends = [bout.end for bout in bouts] + [stretch.end for stretch in stretches]
        starts = [bout.start for bout in bouts] + [stretch.start for stretch in stretches]
        first = moment(min(starts, default=0)).date() - timedelta(days=2)
        last = max(moment(max(ends, default=0)).date(), date(1970, 1, 2)) + timedelta(days=2)
        tally = NORMS.tally(days(reader(history), Period("all", first, last), ZONE))
    assert tally.seated_ms == sum(one.end - one.start for one in stretches)
    assert len(tally.lengths_s) == len(bouts)
    assert tally.stand_hours <= tally.seated_hours
    assert 0 <= tally.answered <= tally.answerable <= tally.due
    assert tally.seated_long_ms <= tally.seated_ms
