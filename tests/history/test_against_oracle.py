"""Derived stretches and bouts against those that the oracle cuts a whole recording into."""

from datetime import timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from support import oracle
from support.against_oracle import events_of, live_through, oracle_rows, oracle_rules
from support.examples import examples
from support.history_records import START, START_MS
from unsit.core.rules import Rules
from unsit.history.compact import compact
from unsit.history.derived import Bout, BoutFlags, Stretch, derive
from unsit.runtime.record import Recorder

RULES = Rules(
    sit_dwell=timedelta(seconds=2),
    stand_dwell=timedelta(seconds=5),
    move_after=timedelta(minutes=2),
    min_break=timedelta(minutes=1),
    repeat_every=timedelta(minutes=1),
)

LENGTHS = st.lists(st.sampled_from((1, 3, 6, 59, 60, 61, 119, 120, 400)), min_size=2, max_size=40)


@given(LENGTHS)
@examples(300)
def test_bouts_and_stretches_are_those_of_the_oracle(lengths: list[int]) -> None:
    instants = (timedelta(seconds=at) for at in accumulate(lengths))
    edges = [(at, number % 2 == 0) for number, at in enumerate(instants)]
    recorder = Recorder("desk", lambda at: START + at)
    records = [recorder.record(event) for event in events_of(live_through(edges, RULES).emitted)]
    rules = oracle_rules(RULES)
    settled = oracle.settle(oracle_rows(edges), rules)
    expected = oracle.bouts_of(settled, rules.min_break)

    rows = list(derive(map(compact, records)))

    def ms(at: int) -> int:
        return START_MS + at // 1000

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
