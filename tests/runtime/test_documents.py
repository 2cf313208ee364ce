"""Documents of dataclasses: every type of field is read back unchanged."""

import json
from dataclasses import dataclass, field, make_dataclass, replace
from datetime import date, time, timedelta
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.timeline import sec
from unsit.core.chair import ActiveFault, Chair, ClosedSpan
from unsit.core.day import Today
from unsit.core.inputs import Hold, Holder, Lean, OutsideHours
from unsit.core.instant import NOT_KEPT, Instant
from unsit.core.reminders import Reminders, ReminderState
from unsit.core.seat import Seat, SeatState
from unsit.core.sitting import Absence, Bout, Phase, Sitting
from unsit.runtime import documents


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
    return json.loads(json.dumps(documents.to_document(value)))


def test_every_type_of_field_is_read_back() -> None:
    assert documents.from_document(Everything, kept(EVERYTHING)) == EVERYTHING


def test_instants_are_moved_by_the_offset_and_durations_are_not() -> None:
    assert documents.from_document(Everything, kept(EVERYTHING), offset=sec(100)) == LATER


def test_a_field_that_is_not_kept_is_not_written() -> None:
    assert "left_out" not in str(kept(replace(EVERYTHING, left_out=object())))


def test_a_new_field_takes_its_default_and_an_unknown_one_is_ignored() -> None:
    before = make_dataclass("Plain", [("stays", int), ("went", int)], frozen=True)
    after = make_dataclass("Plain", [("stays", int), ("came", int, 7)], frozen=True)

    assert documents.from_document(after, kept(before(1, 2))) == after(1, 7)


INSTANTS = st.timedeltas(timedelta(days=-400), timedelta(days=400))
CHAIRS = st.builds(
    Chair,
    seat=st.builds(
        Seat, st.sampled_from(SeatState), st.none() | INSTANTS, st.integers(0), st.integers(0)
    ),
    sitting=st.builds(
        Sitting,
        st.sampled_from(Phase),
        st.none() | st.builds(Bout, INSTANTS, INSTANTS, INSTANTS, INSTANTS, st.none() | INSTANTS),
        st.none() | INSTANTS,
    ),
    reminders=st.builds(
        Reminders,
        st.sampled_from(ReminderState),
        st.none() | INSTANTS,
        st.integers(0),
        st.integers(0),
    ),
    holds=st.lists(
        st.builds(Hold, st.text(), st.none() | INSTANTS, st.sampled_from(Holder)), max_size=3
    ).map(tuple),
    closed_span=st.none()
    | st.builds(ClosedSpan, st.builds(OutsideHours, INSTANTS, INSTANTS), st.booleans()),
    fault=st.none() | st.builds(ActiveFault, st.text(), INSTANTS),
    lean=st.none() | st.builds(Lean, st.text(), INSTANTS),
    shifts=st.none() | st.integers(0),
)


@given(CHAIRS, INSTANTS)
def test_any_chair_is_read_back_on_another_clock(chair: Chair, offset: timedelta) -> None:
    moved = documents.from_document(Chair, kept(chair), offset)

    assert documents.from_document(Chair, kept(moved), -offset) == chair


def test_every_field_of_chair_and_day_can_be_kept() -> None:
    for kind in (Chair, Today):
        assert documents.from_document(kind, kept(kind())) == kind()


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
def test_a_document_that_does_not_fit_is_refused(document: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        documents.from_document(Everything, document)


def test_a_value_without_a_document_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        documents.to_document(object())


FORMER_NAMES = {
    "down_since": "lost",
    "down_since_wall": "told",
    "seat_known_at": "found",
    "closed_span": "closure",
    "limit_reached_on": "limit_told",
    "snoozed_at": "snoozed",
    "last_sound_at": "heard",
    "too_soon_signalled": "chided",
    "warning_given": "warned",
    "swallowed": "owed",
}


def as_version_0_1(document: Any) -> Any:
    """Return a document with the names that its fields had in version 0.1."""
    if isinstance(document, list):
        return [as_version_0_1(one) for one in document]
    if not isinstance(document, dict):
        return document
    names = FORMER_NAMES | {"state": {"Seat": "place"}.get(document["kind"], "mood")}
    return {names.get(name, name): as_version_0_1(one) for name, one in document.items()}


@given(CHAIRS, INSTANTS)
def test_a_chair_saved_by_version_0_1_is_read_completely(chair: Chair, at: timedelta) -> None:
    bout = Bout(at, at, at, warning_given=True, too_soon_signalled=True)
    chair = replace(
        chair,
        sitting=replace(chair.sitting, bout=bout),
        reminders=replace(chair.reminders, swallowed=True),
        limit_reached_on=at,
        snoozed_at=(at, at),
        last_sound_at=at,
    )
    former = as_version_0_1(kept(chair))

    assert former != kept(chair)
    assert documents.from_document(Chair, former) == chair


def test_an_absence_kept_by_version_0_1_is_read_without_its_sittings() -> None:
    former = {"kind": "Absence", "lost": 5, "told": 7, "holds": [], "before": None, "anew": None}

    absence = documents.from_document(Absence, former)

    assert absence == Absence(timedelta(microseconds=5), timedelta(microseconds=7))
