"""Weighing of generated hours as the service does it, and the comparison with the truth.

The scale is read at the pace of the service, and its edges settle by the default dwells.
"""

import json
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from pathlib import Path

from recordings.person import SECOND
from recordings.sitters import KINDS, Hours, hours
from unsit.core.inputs import Pressed, Released, SensorFailed
from unsit.core.rules import Rules
from unsit.core.weighing.calibration import nominal
from unsit.core.weighing.scale import Behaviour, Scale

RESULTS = Path(__file__).with_name("results.json")
PAGE = "service/load-cells.md"

IDLE_S, BUSY_S = 0.4, 0.1
"""Seconds from a reading to the next, as in ``unsit.assembly.cells``."""

WITHIN_S = 3.0
"""Largest error of an edge."""

MISSED_MAX = 0.001
"""Largest share of sit-downs that may be missed."""

Edge = tuple[bool, float]
"""True for a sit-down, and its second."""

Span = tuple[float, float]
"""Seconds of a sit-down and of the stand-up after it."""


@dataclass
class Tally:
    """Result of generated hours, in numbers of stays on the seat.

    stays: true ones. found: with both edges within 3 s. inexact: with another edge, cut in two or
    joined. missed: not at all. invented: found stays with nobody on the seat.
    faults: of the sensor, which has none. worst_s: largest error of an edge of a found stay.
    """

    hours: float = 0.0
    stays: int = 0
    found: int = 0
    inexact: int = 0
    missed: int = 0
    invented: int = 0
    faults: int = 0
    worst_s: float = 0.0

    def add(self, other: "Tally") -> None:
        """Add the numbers of other hours."""
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            both = max(mine, others) if one.name == "worst_s" else mine + others
            setattr(self, one.name, both)

    @property
    def holds(self) -> bool:
        """True if nothing is invented, no edge is wrong, and at most 1 stay in 1,000 is missed."""
        wrong = self.invented + self.inexact + self.faults
        return not wrong and self.missed <= MISSED_MAX * self.stays


def judge(kind: str, seed: int, *, longest_s: float | None = None) -> Tally:
    """Weigh a generated day of a kind, and compare what was found with the truth."""
    day = hours(kind, seed, longest_s=longest_s)
    raw, faults = weigh(day)
    return compare(day, settled(raw, day.end), faults)


def weigh(day: Hours) -> tuple[list[Edge], int]:
    """Return the edges of the raw level and the number of faults."""
    scale = Scale(nominal(1, "simulated"), Behaviour())
    edges: list[Edge] = []
    faults, at = 0, 0.0
    while at < day.end:
        instant = timedelta(seconds=at)
        for given, since in scale.weigh((day.counts(at),), instant):
            if isinstance(given, Pressed | Released):
                edges.append((isinstance(given, Pressed), since.total_seconds()))
            faults += isinstance(given, SensorFailed)
        at += BUSY_S if scale.is_restless(instant) else IDLE_S
    return edges, faults


def settled(edges: Iterable[Edge], end: float, rules: Rules | None = None) -> list[Edge]:
    """Return the edges whose level held for its dwell."""
    rules = rules or Rules()
    found: list[Edge] = []
    pending: Edge | None = None
    level = False
    for on, at in [*edges, (None, end)]:
        if pending is not None:
            dwell = rules.sit_dwell if pending[0] else rules.stand_dwell
            if at - pending[1] >= dwell.total_seconds():
                found.append(pending)
                level, pending = pending[0], None
        if on is None or on == level:
            pending = None
        elif pending is None:
            pending = on, at
    return found


def spans(edges: Sequence[Edge], end: float) -> list[Span]:
    """Return the stays of alternating edges; one that is open ends with the hours."""
    closed = [*edges, (False, end)] if edges and edges[-1][0] else list(edges)
    return [(down[1], up[1]) for down, up in zip(closed[::2], closed[1::2], strict=True)]


def compare(day: Hours, edges: Sequence[Edge], faults: int) -> Tally:
    """Compare edges with the true stays of a day."""
    true = [(stay.down / SECOND, stay.up / SECOND) for stay in day.stays]
    found = spans(edges, day.end)
    tally = Tally(day.end / 3600, len(true), faults=faults)
    tally.invented = sum(not any(_overlap(one, stay) for stay in true) for one in found)
    for stay in true:
        on_it = [one for one in found if _overlap(one, stay)]
        if not on_it:
            tally.missed += 1
            continue
        error = max(abs(on_it[0][0] - stay[0]), abs(on_it[-1][1] - stay[1]))
        if len(on_it) > 1 or error > WITHIN_S:
            tally.inexact += 1
        else:
            tally.found += 1
            tally.worst_s = max(tally.worst_s, error)
    return tally


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def keep(when: str, tallies: dict[str, Tally]) -> None:
    """Keep the results of a run as those before or after the rules that the table compares."""
    document = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    document[when] = {
        "python": platform.python_version(),
        "kinds": {kind: asdict(tally) for kind, tally in tallies.items()},
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def table() -> str:
    """Return the table of the kept results: after the rules, and before them in brackets."""
    document = json.loads(RESULTS.read_text(encoding="utf-8"))
    after, before = (_kinds(document[when]) for when in ("after", "before"))
    rows = [
        "| sitter | hours | sit-downs | found within 3 s | inexact | missed | invented | faults |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    everything, everything_before = Tally(), Tally()
    for kind, about in KINDS.items():
        everything.add(after[kind])
        everything_before.add(before[kind])
        rows.append(_row(f"{kind}: {about.about}", after[kind], before[kind]))
    return "\n".join([*rows, _row("all", everything, everything_before)])


def _kinds(results: dict[str, dict[str, dict[str, float]]]) -> dict[str, Tally]:
    return {kind: Tally(**tally) for kind, tally in results["kinds"].items()}  # type: ignore[arg-type]


def _row(name: str, after: Tally, before: Tally) -> str:
    """Return a row; the numbers in brackets are those of as many hours before the rules."""
    counts: list[Callable[[Tally], int]] = [
        lambda tally: tally.found,
        lambda tally: tally.inexact,
        lambda tally: tally.missed,
        lambda tally: tally.invented,
        lambda tally: tally.faults,
    ]
    cells = [f"{count(after):,} ({count(before):,})" for count in counts]
    return f"| {name} | {after.hours:,.0f} | {after.stays:,} | " + " | ".join(cells) + " |"
