"""The day in the state file of layout 1."""

from datetime import UTC, datetime
from typing import Any

import pytest

from support.timeline import sec
from unsit.core.day import Span, Today
from unsit.core.instant import Instant
from unsit.runtime import documents

START = datetime(2026, 11, 24, 9, tzinfo=UTC)

DOCUMENT: dict[str, Any] = {
    "stretches": [["2026-11-24T09:00:00.000+00:00", "2026-11-24T09:00:10.000+00:00"]],
    "bouts": [["2026-11-24T09:00:00.000+00:00", "2026-11-24T09:00:30.000+00:00"]],
    "breaks": ["2026-11-24T09:02:30.000+00:00"],
    "reminders": ["2026-11-24T09:00:05.000+00:00", "2026-11-24T09:00:08.500+00:00"],
    "response_s": 2.25,
}


def instant(when: datetime) -> Instant:
    return when - START


def test_a_day_is_read() -> None:
    assert documents.day_from_document(DOCUMENT, instant) == Today(
        stretches=(Span(sec(0), sec(10)),),
        bouts=(Span(sec(0), sec(30)),),
        breaks=(sec(150),),
        reminders=(sec(5), sec(8.5)),
        response=sec(2.25),
    )


def test_a_day_without_a_response_has_none() -> None:
    assert documents.day_from_document(DOCUMENT | {"response_s": None}, instant).response is None


@pytest.mark.parametrize(
    "document",
    [[1], {}, DOCUMENT | {"breaks": ["soon"]}, DOCUMENT | {"bouts": [1]}],
)
def test_a_document_that_does_not_fit_is_refused(document: Any) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        documents.day_from_document(document, instant)
