"""The daybook: today's sitting as a document, so that a restart does not forget the morning."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from unsit.core.instant import Instant
from unsit.core.today import Span, Today
from unsit.runtime.record import seconds, stamp

Document = dict[str, Any]


def written(today: Today, now: Instant, date: Callable[[Instant], datetime]) -> Document:
    """The day as a document; what is under way is written as if it ended now.

    date: dates instants.
    """

    def dates(span: Span) -> list[str]:
        return [stamp(date(span.start)), stamp(date(span.end))]

    stretches, bouts = list(today.stretches), list(today.bouts)
    if today.seated_since is not None:
        stretches.append(Span(today.seated_since, now))
    if today.bout is not None:
        end = today.bout.end if today.seated_since is None else now
        bouts.append(Span(today.bout.start, end))
    return {
        "stretches": [dates(span) for span in stretches],
        "bouts": [dates(span) for span in bouts],
        "breaks": [stamp(date(at)) for at in today.breaks],
        "reminders": [stamp(date(at)) for at in today.reminders],
        "response_s": None if today.response is None else seconds(today.response),
    }


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
