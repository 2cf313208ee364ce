"""Independent oracle for the sitting rules.

It lists the events that a complete recording of raw edges must cause, and works on the whole
recording at once: settle the levels, cut them into bouts, list the events of each bout, merge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Event = dict[str, object]
ORDER = {"ended": 0, "change": 1, "reminder": 2, "open": 3}
"""Order of the events of one instant."""


@dataclass(frozen=True)
class Rules:
    """Settings of a chair in microseconds, except max_reminders (move_due is the first)."""

    sit_dwell: int
    stand_dwell: int
    move_after: int
    min_break: int
    repeat_every: int
    max_reminders: int

    def __post_init__(self) -> None:
        durations = (self.sit_dwell, self.stand_dwell, self.move_after)
        if min(*durations, self.min_break, self.repeat_every) < 0 or self.max_reminders < 1:
            raise ValueError(f"durations must be >= 0 and max_reminders >= 1: {self}")


@dataclass(frozen=True)
class Settled:
    """Settled levels of a recording."""

    changes: list[int]  # instants of sit-down, stand-up, sit-down, ... in turn
    pending: int | None  # start of a candidate that is undecided at the end
    blips: int  # candidates shorter than their dwell
    end: int  # instant of the last row


@dataclass(frozen=True)
class Stay:
    """An uninterrupted time on the seat."""

    down: int  # instant of the sit-down
    up: int | None  # instant of the stand-up, None if there is none
    until: int  # seated for certain at down <= instant < until


@dataclass(frozen=True)
class Bout:
    """Stays that are separated by gaps only."""

    stays: list[Stay]
    ended: int
    open: bool

    @property
    def started(self) -> int:
        return self.stays[0].down


def edges_of(rows: Sequence[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Rule 1: return the rows that change the level; the seat is empty before the first."""
    edges: list[tuple[int, bool]] = []
    for at, pressed in rows:
        if pressed != (edges[-1][1] if edges else False):
            edges.append((at, pressed))
    return edges


def settle(rows: Sequence[tuple[int, bool]], rules: Rules) -> Settled:
    """Rule 1: settle the levels; an edge counts from its own time once it lasted for its dwell."""
    edges, end = edges_of(rows), rows[-1][0]
    changes: list[int] = []
    pending: int | None = None
    blips = 0
    seated = False
    for index, (at, pressed) in enumerate(edges):
        if pressed == seated:
            continue  # the edge back after a candidate shorter than its dwell
        is_last = index + 1 == len(edges)
        held_until = end if is_last else edges[index + 1][0]
        if held_until - at >= (rules.sit_dwell if pressed else rules.stand_dwell):
            changes.append(at)
            seated = pressed
        elif is_last:
            pending = at
        else:
            blips += 1
    return Settled(changes, pending, blips, end)


def stays_of(settled: Settled) -> list[Stay]:
    """Rule 2: return the changes in pairs; the last may have no stand-up."""
    downs, ups = settled.changes[0::2], settled.changes[1::2]
    stays = [Stay(down, up, until=up) for down, up in zip(downs, ups, strict=False)]
    if len(downs) > len(ups):  # seated at the end, unless a pending release is a stand-up
        until = settled.end + 1 if settled.pending is None else settled.pending
        stays.append(Stay(downs[-1], None, until))
    return stays


def break_follows(stay: Stay, following: Stay | None, settled: Settled, min_break: int) -> bool:
    """Rule 2: return whether the recording proves a break after this stay."""
    if stay.up is None:
        return False
    settles_at = stay.up + min_break
    if following is not None:
        return following.down >= settles_at
    undecided = settled.pending is not None and settled.pending < settles_at
    return settles_at <= settled.end and not undecided


def bouts_of(settled: Settled, min_break: int) -> list[Bout]:
    """Rule 2: group the stays into bouts; only the last can be open."""
    stays = stays_of(settled)
    bouts: list[Bout] = []
    current: list[Stay] = []
    for index, stay in enumerate(stays):
        current.append(stay)
        following = stays[index + 1] if index + 1 < len(stays) else None
        ended = settled.end if stay.up is None else stay.up
        if break_follows(stay, following, settled, min_break):
            bouts.append(Bout(current, ended, open=False))
            current = []
        elif following is None:
            bouts.append(Bout(current, ended, open=True))
    return bouts


def due_instant(bout: Bout, rules: Rules) -> int | None:
    """Rule 3: return the first seated instant of the bout at or after its deadline."""
    deadline = bout.started + rules.move_after
    for stay in bout.stays:
        at = max(stay.down, deadline)
        if at < stay.until:
            return at
    return None


def reminder_instants(bout: Bout, rules: Rules) -> list[int]:
    """Rule 4: return the instants of move_due, the reminders and gave_up.

    The waiting time stands still between the stays.
    """
    due = due_instant(bout, rules)
    if due is None:
        return []
    instants = [due]
    left = rules.repeat_every
    for stay in bout.stays:
        if stay.until <= due:
            continue
        at = max(stay.down, due) + left
        while at < stay.until and len(instants) <= rules.max_reminders:
            instants.append(at)
            at += rules.repeat_every
        left = at - stay.until
    return instants


def reminder_events(bout: Bout, rules: Rules) -> list[Event]:
    events: list[Event] = []
    for nth, at in enumerate(reminder_instants(bout, rules), start=1):
        length = at - bout.started
        if nth > rules.max_reminders:
            events.append({"type": "gave_up", "at": at, "bout": length})
        else:
            name = "move_due" if nth == 1 else "move_reminder"
            events.append({"type": name, "at": at, "bout": length, "reminder": nth})
    return events


def change_events(bout: Bout, previous: Bout | None, rules: Rules) -> list[Event]:
    """Return the events of sit-downs and stand-ups of a bout, in order."""
    due = due_instant(bout, rules)
    events: list[Event] = []
    if previous is not None:
        away = bout.started - previous.ended
        events.append({"type": "break_ended", "at": bout.started, "break": away})
    events.append({"type": "bout_started", "at": bout.started})
    last_up: int | None = None
    for stay in bout.stays:
        if last_up is not None:
            events.append({"type": "sat_back", "at": stay.down, "away": stay.down - last_up})
        if stay.up is not None:
            # A move_due of the same instant comes after its changes, hence "<".
            response = stay.up - due if due is not None and due < stay.up else None
            length = stay.up - bout.started
            events.append({"type": "stood_up", "at": stay.up, "bout": length, "response": response})
        last_up = stay.up
    return events


def ended_event(bout: Bout, end: int, rules: Rules) -> Event:
    seated = sum((bout.ended if stay.up is None else stay.up) - stay.down for stay in bout.stays)
    return {
        "type": "bout_ended",
        "at": end if bout.open else bout.ended + rules.min_break,
        "started": bout.started,
        "ended": bout.ended,
        "duration": bout.ended - bout.started,
        "seated": seated,
        "reminders": min(len(reminder_instants(bout, rules)), rules.max_reminders),
        "open": bout.open,
    }


def number(event: Mapping[str, object], key: str) -> int:
    value = event[key]
    assert isinstance(value, int)
    return value


def expected(rows: Sequence[tuple[int, bool]], rules: Rules) -> list[dict[str, object]]:
    """Return all events of a recording, in order."""
    if not rows:
        return []
    settled = settle(rows, rules)
    placed: list[tuple[int, int, Event]] = []

    def place(kind: str, events: Sequence[Event]) -> None:
        placed.extend((number(event, "at"), ORDER[kind], event) for event in events)

    previous: Bout | None = None
    for bout in bouts_of(settled, rules.min_break):
        place("change", change_events(bout, previous, rules))
        place("reminder", reminder_events(bout, rules))
        place("open" if bout.open else "ended", [ended_event(bout, settled.end, rules)])
        previous = bout
    placed.sort(key=lambda item: item[:2])  # stable: events of one place stay in order
    return [event for _, _, event in placed]


def count_blips(rows: Sequence[tuple[int, bool]], rules: Rules) -> int:
    """Return the number of candidates shorter than their dwell."""
    return settle(rows, rules).blips if rows else 0


def summary(events: Sequence[Mapping[str, object]], blips: int | None = None) -> dict[str, int]:
    """Return the totals of events, with the number of blips if it is given."""
    names = [event["type"] for event in events]
    ended = [event for event in events if event["type"] == "bout_ended"]
    totals = {
        "bouts": names.count("bout_started"),
        "move_due": names.count("move_due"),
        "reminders": names.count("move_due") + names.count("move_reminder"),
        "seated_us": sum(number(event, "seated") for event in ended),
        "longest_bout_us": max((number(event, "duration") for event in ended), default=0),
        "breaks": sum(event["open"] is False for event in ended),
    }
    return totals if blips is None else totals | {"blips": blips}
