"""Records of a chair, as it publishes them, for tests of the history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from unsit.history.compact import TYPES
from unsit.runtime.record import Record, record_id, stamp

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
START_MS = round(START.timestamp()) * 1000

Happening = tuple[float, str, dict[str, Any]]
"""Seconds since ``START``, type, and further fields of an event."""


def at(seconds: float) -> str:
    """Return the date of a moment as a record has it."""
    return stamp(START + timedelta(seconds=seconds))


def ms(seconds: float) -> int:
    """Return a moment as the history has it."""
    return START_MS + round(seconds * 1000)


def record(seq: int, happening: Happening, chair: str = "desk") -> Record:
    """Return the record of an event."""
    seconds, kind, fields = happening
    date = at(seconds)
    return {
        "id": record_id(date, chair, seq),
        "seq": seq,
        "chair": chair,
        "at": date,
        "type": kind,
        **fields,
    }


def records(*happenings: Happening, first: int = 1, chair: str = "desk") -> list[Record]:
    """Return the records of events in their order."""
    return [record(seq, one, chair) for seq, one in enumerate(happenings, first)]


def bout_ended(
    started: float,
    ended: float,
    seated: float | None = None,
    *,
    by: float | None = None,
    **more: Any,
) -> Happening:
    """Return the end of a bout. by: when it became certain, by default 2 min after it."""
    fields = {
        "started": at(started),
        "ended": at(ended),
        "duration_s": seconds(ended - started),
        "seated_s": seconds(ended - started if seated is None else seated),
        "reminders": 0,
    }
    return (ended + 120 if by is None else by), "bout_ended", fields | more


def seconds(number: float) -> int | float:
    """Return a duration as a record has it."""
    return int(number) if number == int(number) else number


def sitting(start: float, end: float) -> list[Happening]:
    """Return the events of one bout without gaps."""
    return [
        (start, "bout_started", {}),
        (end, "stood_up", {"bout_s": seconds(end - start), "response_s": None}),
        bout_ended(start, end),
    ]


@st.composite
def any_records(draw: st.DrawFn, longest: int = 40) -> list[Record]:
    """Make events in any order that no chair would make, with holes and a clock that is set."""
    made: list[Record] = []
    moment, seq = 0.0, 0
    for kind in draw(st.lists(st.sampled_from(_KINDS), max_size=longest)):
        moment += draw(st.sampled_from((0, 0.001, 1, 90, 1800, 90_000, -4000)))
        seq += draw(st.sampled_from((1, 1, 1, 1, 1, 2)))
        made.append(record(seq, (moment, kind, _fields(draw, kind, moment))))
    return made


_KINDS = (
    *("bout_started", "stood_up", "sat_back", "bout_ended", "move_due", "move_reminder", "snoozed"),
    *("sensor_fault", "sensor_recovered", "service_started", "service_stopped", "clock_stepped"),
    *("hold_started", "exercise_due"),
)
if not set(_KINDS) <= set(TYPES):
    raise AssertionError("the history does not know these types")


def _fields(draw: st.DrawFn, kind: str, moment: float) -> dict[str, Any]:
    match kind:
        case "bout_ended":
            ended = moment - draw(st.sampled_from((0, 120, 4000)))
            started = ended - draw(st.sampled_from((-1, 0, 600, 5000)))
            flag = draw(st.sampled_from(("", "cut", "open")))
            more = {flag: True} if flag else {}
            return bout_ended(started, ended, draw(st.sampled_from((0, 500, 600))), **more)[2]
        case "stood_up":
            return {"bout_s": 600, "response_s": draw(st.sampled_from((None, 0, 61.5)))}
        case "clock_stepped":
            return {"by_s": draw(st.sampled_from((-3600, -1.5, 2, 86_400)))}
        case "exercise_due":
            name = draw(st.sampled_from(("Glute bridge", "Plank")))
            return {"exercise": "one", "exercise_name": name, "steps": ["lie"], "caution": "slow"}
        case "snoozed":
            return {"until": at(moment + 300)}
        case _:
            return {}
