"""What is kept comes back as it was, whatever fields it has."""

import json
from dataclasses import dataclass, field, make_dataclass, replace
from datetime import date, time, timedelta
from enum import Enum
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import sec
from unsit.core.chair import Chair, Closure, Fault
from unsit.core.inputs import Hold, Holder, Lean, OutsideHours
from unsit.core.instant import NOT_KEPT, Instant
from unsit.core.reminders import Mood, Reminders
from unsit.core.seat import Place, Seat
from unsit.core.sitting import Bout, Phase, Sitting
from unsit.core.today import Today
from unsit.runtime import codec


class Side(Enum):
    LEFT = "left"


@dataclass(frozen=True)
class Inner:
    at: Instant
    length: timedelta


@dataclass(frozen=True)
class Other:
    at: Instant


@dataclass(frozen=True)
class Everything:
    inner: Inner
    either: Inner | Other | None
    maybe: Instant | None = None
    many: tuple[Inner, ...] = ()
    pair: tuple[int, Instant] = (0, timedelta(0))
    some: frozenset[Side] = frozenset()
    named: dict[Side, Instant] = field(default_factory=dict)
    word: Literal["a", "b"] = "a"
    day: date | None = None
    from_: time | None = None
    share: float = 0.0
    left_out: object = field(default=None, metadata=NOT_KEPT)


EVERYTHING = Everything(
    inner=Inner(sec(1), sec(2)),
    either=Other(sec(3)),
    maybe=sec(4),
    many=(Inner(sec(5), sec(6)), Inner(sec(7), sec(8))),
    pair=(9, sec(10)),
    some=frozenset({Side.LEFT}),
    named={Side.LEFT: sec(11)},
    word="b",
    day=date(2026, 11, 24),
    from_=time(9, 30),
    share=0.5,
)

LATER = Everything(
    inner=Inner(sec(101), sec(2)),
    either=Other(sec(103)),
    maybe=sec(104),
    many=(Inner(sec(105), sec(6)), Inner(sec(107), sec(8))),
    pair=(9, sec(110)),
    some=frozenset({Side.LEFT}),
    named={Side.LEFT: sec(111)},
    word="b",
    day=date(2026, 11, 24),
    from_=time(9, 30),
    share=0.5,
)


def kept(value: object) -> object:
    return json.loads(json.dumps(codec.written(value)))


def test_everything_that_a_field_may_hold_comes_back() -> None:
    assert codec.read(Everything, kept(EVERYTHING)) == EVERYTHING


def test_instants_are_dated_anew_and_durations_are_not() -> None:
    assert codec.read(Everything, kept(EVERYTHING), later=sec(100)) == LATER


def test_what_is_not_to_be_kept_is_not_written() -> None:
    assert "left_out" not in str(kept(replace(EVERYTHING, left_out=object())))


def test_a_field_that_came_since_takes_its_default_and_one_that_went_is_passed_over() -> None:
    before = make_dataclass("Plain", [("stays", int), ("went", int)], frozen=True)
    after = make_dataclass("Plain", [("stays", int), ("came", int, 7)], frozen=True)

    assert codec.read(after, kept(before(1, 2))) == after(1, 7)


INSTANTS = st.timedeltas(timedelta(days=-400), timedelta(days=400))
CHAIRS = st.builds(
    Chair,
    seat=st.builds(
        Seat, st.sampled_from(Place), st.none() | INSTANTS, st.integers(0), st.integers(0)
    ),
    sitting=st.builds(
        Sitting,
        st.sampled_from(Phase),
        st.none() | st.builds(Bout, INSTANTS, INSTANTS, INSTANTS, INSTANTS, st.none() | INSTANTS),
        st.none() | INSTANTS,
    ),
    reminders=st.builds(
        Reminders, st.sampled_from(Mood), st.none() | INSTANTS, st.integers(0), st.integers(0)
    ),
    holds=st.lists(
        st.builds(Hold, st.text(), st.none() | INSTANTS, st.sampled_from(Holder)), max_size=3
    ).map(tuple),
    closure=st.none()
    | st.builds(Closure, st.builds(OutsideHours, INSTANTS, INSTANTS), st.booleans()),
    fault=st.none() | st.builds(Fault, st.text(), INSTANTS),
    lean=st.none() | st.builds(Lean, st.text(), INSTANTS),
    shifts=st.none() | st.integers(0),
)


@given(CHAIRS, INSTANTS)
def test_any_chair_comes_back_from_another_clock_as_it_was(chair: Chair, later: timedelta) -> None:
    moved = codec.read(Chair, kept(chair), later)

    assert codec.read(Chair, kept(moved), -later) == chair


def test_every_field_of_chair_and_day_can_be_kept() -> None:
    for kind in (Chair, Today):
        assert codec.read(kind, kept(kind())) == kind()


@pytest.mark.parametrize(
    "document",
    [
        *(None, 1, "text", [], {}, {"inner": None}, {"inner": {}, "either": None}),
        {"inner": {"at": "now", "length": 1}, "either": None},
        {"inner": {"at": 10**30, "length": 1}, "either": None},
        {"inner": {"at": True, "length": 1}, "either": None},
        {"inner": {"at": 1, "length": 1}, "either": {"kind": "Unheard"}},
        {"inner": {"at": 1, "length": 1}, "either": None, "some": ["right"]},
        {"inner": {"at": 1, "length": 1}, "either": None, "word": "c"},
        {"inner": {"at": 1, "length": 1}, "either": None, "pair": [1]},
    ],
)
def test_what_is_no_such_document_is_refused(document: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        codec.read(Everything, document)


def test_what_cannot_be_kept_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        codec.written(object())
