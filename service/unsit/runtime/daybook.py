"""The daybook: today's sitting as layout 1 of the state file had it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from unsit.core.instant import Instant
from unsit.core.today import Span, Today

Document = dict[str, Any]


def read(document: Document, instant: Callable[[datetime], Instant]) -> Today:
    """The day from a document; nothing is under way in it.

    instant: tells the instant of a date.

    Raises ValueError, TypeError or KeyError for what is no such document.
    """

    def at(text: str) -> Instant:
        return instant(datetime.fromisoformat(text))

    def spans(name: str) -> tuple[Span, ...]:
        return tuple(Span(at(start), at(end)) for start, end in document[name])

    response = document["response_s"]
    return Today(
        stretches=spans("stretches"),
        bouts=spans("bouts"),
        breaks=tuple(at(text) for text in document["breaks"]),
        reminders=tuple(at(text) for text in document["reminders"]),
        response=None if response is None else timedelta(seconds=response),
    )
