"""Messages of chairs as the collector reads them: events, gaps, states, and what is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.history_records import record
from unsit.fleet.messages import Event, Gone, Poison, State, read_log, read_state

TOPIC = "unsit/desk/log"


def payload(**changes: Any) -> bytes:
    event = record(7, (60.0, "gave_up", {"bout_s": 60})) | {"numbered_since": "cafe"}
    return json.dumps(event | changes).encode()


def test_an_event_keeps_its_number_date_mark_and_fields() -> None:
    event = read_log("desk", TOPIC, payload())
    assert isinstance(event, Event)
    assert (event.chair, event.mark, event.seq, event.type) == ("desk", "cafe", 7, "gave_up")
    assert json.loads(event.fields) == {"bout_s": 60}
    assert event.at.isoformat() == "2026-11-24T09:01:00+00:00"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"\xff", "can't decode"),
        (b"[" * 60_000, "recursion"),
        (b"[]", "no JSON object"),
        (b" " * 70_000, "70000 bytes; expected at most 65536"),
        (payload(chair="other"), "not that of the topic"),
        (payload(seq=0), "seq is '0'; expected a number of 1 to"),
        (payload(seq=True), "seq is 'True'"),
        (payload(seq=8), "the id is not that of this chair, number and date"),
        (payload(id="0" * 32), "the id is not"),
        (payload(at="2026-11-24T09:01:00.000"), "a date with an offset"),
        (payload(at="0001-01-01T00:00:00.000+23:00"), "years 1 to 9999"),
        (payload(type="x" * 200), "type is"),
        (payload(text="a\0b"), "cannot store"),
        (payload(text="\ud800"), "cannot store"),
        (payload(numbered_since=7), "numbered_since is '7'"),
        (payload(bout_s=float("nan")), "NaN is no number"),
        (payload(type="events_gone", first=5, last=4), "last is 4; expected at least 5"),
    ],
)
def test_what_is_no_event_is_poison_with_the_reason(content: bytes, why: str) -> None:
    poison = read_log("desk", TOPIC, content)
    assert isinstance(poison, Poison)
    assert why in poison.why
    assert len(poison.payload) <= 65_536


@given(st.binary(max_size=200))
def test_no_bytes_end_the_reading(content: bytes) -> None:
    assert isinstance(read_log("desk", TOPIC, content), Poison)
    assert read_state("desk", content) is None


def test_a_gap_and_a_state_name_their_numbers() -> None:
    gap = payload(type="events_gone", first=3, last=5)
    assert read_log("desk", TOPIC, gap) == Gone("desk", "cafe", 3, 5)
    assert read_state("desk", b'{"seq": 9, "numbered_since": "cafe"}') == State("desk", "cafe", 9)
    assert read_state("desk", b'{"seq": "9", "numbered_since": "cafe"}') is None
    assert read_state("desk", b'{"occupied": true}') is None, "an older chair"
