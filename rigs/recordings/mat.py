"""Model of a pressure mat: what its contact does under a person, and how it breaks.

Times are whole milliseconds, see ``person``.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recordings.person import HOUR, MINUTE, SECOND, Stay

Interval = tuple[int, int]
"""A time in which the contact is closed, or something happens: from, to."""

ContactRow = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Mat:
    """A mat and its imperfections; by default a perfect one.

    bounce: share of the edges at which the contact bounces, up to six times within 80 ms.
    chatter_per_hour: how often the contact opens under the person, for 0.2 to 4 s.
    pulses: the contact closes at movements alone, for one to eight seconds, and is open otherwise,
        as worn mats are under a still person.
    flapping: times in which the contact changes all the time; flap_hz: closures in a second.
    stuck: times in which the contact stays closed.
    missed: share of the edges that leave no row.
    reread_s: the level is read and written again so often, in seconds; 0 for never.
    resolution_ms: times are rounded down to this.
    """

    bounce: float = 0.0
    chatter_per_hour: float = 0.0
    pulses: bool = False
    flapping: tuple[Interval, ...] = ()
    flap_hz: float = 3.0
    stuck: tuple[Interval, ...] = ()
    missed: float = 0.0
    reread_s: float = 0.0
    resolution_ms: int = 1


def rows(
    stays: Sequence[Stay], mat: Mat, chance: random.Random, begin: int, end: int
) -> list[ContactRow]:
    """Return the rows that a mat gives under a person, from one instant to another."""
    closed: list[Interval] = [(stay.down, stay.up) for stay in stays]
    if mat.pulses:
        closed = [pulse for stay in closed for pulse in _pulses(stay, chance)]
    if mat.chatter_per_hour:
        closed = [part for stay in closed for part in _chattered(stay, mat, chance)]
    closed = [part for stay in closed for part in _bounced(stay, mat, chance)]
    for flaps in mat.flapping:
        closed = _without(closed, flaps) + _flaps(flaps, mat.flap_hz)
    for stuck in mat.stuck:
        closed = [*_without(closed, stuck), stuck]
    closed = _joined(closed)
    edges = [(at, on) for a, b in closed for at, on in ((a, True), (b, False))]
    seen = [edge for edge in edges if begin <= edge[0] <= end]
    seated = any(a < begin < b for a, b in closed)
    whole: list[ContactRow] = []
    at, level = begin, seated
    for following, after in [*seen, (end, seen[-1][1] if seen else seated)]:
        if not whole or chance.random() >= mat.missed:
            whole.append((at, level))
        whole += [(said, level) for said in _rereads(at, following, mat.reread_s)]
        at, level = following, after
    whole.append((end, level))
    return [(at - at % mat.resolution_ms, on) for at, on in whole]


def _pulses(stay: Interval, chance: random.Random) -> Iterable[Interval]:
    at, up = stay
    while at < up:
        lasts = SECOND * (chance.randint(2, 8) if chance.random() < 0.2 else 1)
        yield at, min(at + lasts, up)
        at += lasts + round(min(chance.expovariate(1 / 20), 300) * SECOND) + SECOND


def _chattered(stay: Interval, mat: Mat, chance: random.Random) -> Iterable[Interval]:
    at, up = stay
    while True:
        opens = at + round(chance.expovariate(mat.chatter_per_hour) * HOUR) + 1
        closes = opens + chance.randint(200, 4000)
        if closes >= up:
            yield at, up
            return
        yield at, opens
        at = closes


def _bounced(stay: Interval, mat: Mat, chance: random.Random) -> Iterable[Interval]:
    """Yield a stay with bounces at both of its ends; those at the end come after the stand-up."""
    down, up = stay
    for ends in (False, True):
        at = up if ends else down
        for _ in range(chance.randint(1, 6) if chance.random() < mat.bounce else 0):
            width = chance.randint(1, 6)
            if ends:
                at += chance.randint(1, 6)
                yield at, at + width
                at += width
            elif at + width + 7 < up:
                yield at, at + width
                at += width + chance.randint(1, 6)
        if not ends:
            yield at, up


def _flaps(flaps: Interval, hertz: float) -> list[Interval]:
    begin, end = flaps
    period = round(SECOND / hertz)
    return [(at, at + period // 2) for at in range(begin, end - period, period)]


def _without(closed: Sequence[Interval], gap: Interval) -> list[Interval]:
    begin, end = gap
    parts = [part for a, b in closed for part in ((a, min(b, begin)), (max(a, end), b))]
    return [(a, b) for a, b in parts if a < b]


def _joined(closed: Sequence[Interval]) -> list[Interval]:
    """Return intervals in order, those that overlap as one; those that touch stay two."""
    joined: list[Interval] = []
    for a, b in sorted(closed):
        if joined and a < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], b)
        else:
            joined.append((a, b))
    return joined


def _rereads(begin: int, end: int, every_s: float) -> Iterable[int]:
    every = round(every_s * SECOND)
    return range(begin + every, end, every) if every else ()


def minutes(begin: float, end: float) -> Interval:
    """Return an interval given in minutes."""
    return round(begin * MINUTE), round(end * MINUTE)
