"""Compact form: each record comes back as it was published."""

import json
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.examples import examples
from support.history_records import any_records, at, bout_ended, ms, record, records
from unsit.core.events import Event
from unsit.history.compact import TYPES, compact, expand
from unsit.runtime.record import Record

NAMES = {
    "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)[1:]
    for kind in typing.get_args(Event)
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = st.text() | st.sampled_from(
    ("started", "ended", "duration_s", "seated_s", "text", "steps", "until", "due", "id", "seq")
)


def back(made: Record) -> str:
    return json.dumps(expand(compact(made), made["chair"]))


def test_every_event_of_the_core_has_a_number() -> None:
    assert set(TYPES[1:]) == NAMES


@given(any_records())
@examples(200)
def test_a_record_comes_back_with_its_keys_in_their_order(made: list[Record]) -> None:
    assert [back(one) for one in made] == [json.dumps(one) for one in made]


@given(st.sampled_from([*TYPES, "of_a_newer_version"]), st.dictionaries(KEYS, ANY_JSON))
@examples(400)
def test_a_record_with_foreign_fields_comes_back_too(kind: str, fields: dict[str, Any]) -> None:
    made = record(7, (60, kind, {}))
    made.update({key: value for key, value in fields.items() if key not in made})
    assert back(made) == json.dumps(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"},
        {"at": "2026-11-24T09:00:00.123456+01:00"},
        {"at": "2026-11-24T09:00:00Z"},
        {"at": "1880-01-01T00:00:00.000+00:53:28"},
        {"chair": "", "type": ""},
    ],
)
def test_a_record_of_another_program_comes_back_too(changes: dict[str, str]) -> None:
    made = record(7, (60, "bout_started", {})) | changes
    assert back(made) == json.dumps(made)


def test_what_can_be_made_again_is_not_stored() -> None:
    (stored,) = map(compact, records(bout_ended(0, 600)))
    assert stored.fields == f"[{ms(0)},{ms(600)},600,0]"


def test_fields_that_are_not_the_usual_ones_are_stored_with_their_names() -> None:
    (stored,) = map(compact, records(bout_ended(0, 600, shifts=3)))
    assert json.loads(stored.fields or "")["shifts"] == 3


def test_texts_are_apart_from_the_facts() -> None:
    texts = {"exercise_name": "Plank", "steps": ["lie"], "caution": None}
    (stored,) = map(compact, records((0, "exercise_due", {"exercise": "plank", **texts})))
    assert stored.fields == '["plank"]'
    assert json.loads(stored.texts or "") == {"exercise": None, **texts}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"seq": 0}, "from 1"),
        ({"seq": True}, "from 1"),
        ({"seq": 2**63}, "from 1"),
        ({"at": at(0)[:-6]}, "offset"),
        ({"at": "yesterday"}, "isoformat"),
        ({"chair": None}, "chair"),
    ],
)
def test_a_record_without_its_place_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises((ValueError, TypeError), match=reason):
        compact(record(1, (0, "bout_started", {})) | changes)
