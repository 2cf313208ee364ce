"""Oracle: compares the log of a chair with the truth about it.

It knows the rules of sitting and none of the service's code. The service sees nothing while it is
down, so a date in its log may be wrong by the length of an outage, and by no more. Everything that
the service must have seen is in the log, once.
"""

import itertools
from collections.abc import Callable, Iterator

from torture.claims import Bout
from torture.rules import DWELL, MAX_REMINDERS, MIN_BREAK, MOVE_AFTER, REPEAT_EVERY
from torture.truth import Outage, Truth

SLACK = 0.45
"""Seconds that a busy machine may take from a row on standard input to the service's clock."""

KNOWN = MIN_BREAK / 2
"""The service last saved that the person sat at most this many seconds before a kill."""

UNSENT_S = 30.0
"""An event may have waited for the broker that long when the state file was damaged."""


class Oracle:
    """Judge of the bouts in a log.

    slack: seconds that the machine may take over an edge.
    stall: returns the longest time (s) for which the machine stood still between two dates.
    """

    def __init__(
        self,
        truth: Truth,
        slack: float = SLACK,
        stall: Callable[[float, float], float] = lambda first, last: 0.0,
    ) -> None:
        self._slack = slack
        self._stall = stall
        self._truth = truth
        self._stays = truth.stays()
        self._outages = _joined(truth.outages, truth.ended, slack)

    def wrong_with(self, bouts: list[Bout]) -> Iterator[str]:
        """Yield every contradiction between the bouts and the truth."""
        for bout in bouts:
            if self._may_be_wrong(bout):
                continue
            for what in (*self._wrong_with_bout(bout), *_wrong_with_reminders(bout, self._slack)):
                yield f"{what}: {self._shown(bout)}"
        for one, following in itertools.pairwise(bouts):
            if self._may_be_wrong(one) or self._may_be_wrong(following):
                continue
            for what in self._wrong_between(one, following):
                yield f"{what}: {self._shown(one)}, then {self._shown(following)}"
        yield from self._lost(bouts)

    # One bout

    def _wrong_with_bout(self, bout: Bout) -> Iterator[str]:
        if (not bout.announced or bout.ended is None) and not self._lost_its_file(bout):
            yield "a bout that never ended, or never started"
        if bout.started is None or bout.ended is None:
            return
        if not self._may_start(bout.started):
            yield "nobody sat down then"
        if bout.cut and not self._may_be_cut(bout.ended):
            yield "cut, and the service was not away for as long as a break"
        if not bout.cut and not self._may_end(bout.ended):
            yield "nobody stood up then"
        if abs(bout.ended - bout.started - bout.duration) > 0.002:
            yield f"duration_s is {bout.duration}"
        yield from self._wrong_inside(bout.started, bout.ended)
        yield from self._wrong_with_seated(bout)
        yield from self._wrong_with_due(bout, bout.started, bout.ended)

    def _wrong_inside(self, begin: float, end: float) -> Iterator[str]:
        for (_, up), (down, _) in zip(self._stays, self._stays[1:], strict=False):
            seen = self._was_there(up - self._slack, up + MIN_BREAK + self._slack)
            if begin < up and down < end and down - up > MIN_BREAK + self._slack and seen:
                yield f"went on over the break from {self._ago(up)} to {self._ago(down)}"
        for outage in self._truth.outages:
            up = self._truth.ended if outage.up is None else outage.up
            if (
                begin < outage.down - self._slack
                and up + self._slack < end
                and up - outage.down > (MIN_BREAK + self._slack)
            ):
                yield f"went on although the service was away from {self._ago(outage.down)}"

    def _wrong_with_seated(self, bout: Bout) -> Iterator[str]:
        begin, end = bout.started or 0.0, bout.ended or 0.0
        sat = self._truth.seated_within(begin, end)
        edges = sum(begin - self._slack <= at <= end + self._slack for at, _ in self._truth.edges)
        unseen = sum(
            max(0.0, min(end, up) - max(begin, down) + DWELL + self._slack)
            for down, up in self._outages
            if down < end + self._slack and up > begin - self._slack
        )
        allowed = unseen + edges * self._slack
        if not sat - allowed <= bout.seated <= sat + allowed:
            yield f"seated_s is {bout.seated}, and the person sat {sat:.2f} s"

    def _wrong_with_due(self, bout: Bout, begin: float, end: float) -> Iterator[str]:
        due = begin + MOVE_AFTER
        if bout.reminders and bout.reminders[0][1] < due - self._slack:
            yield "called to move too soon"
        if bout.reminders and not any(
            down - self._slack <= bout.reminders[0][1] <= up + self._slack
            for down, up in self._stays
        ):
            yield "called an empty seat to move"
        for a, b in self._seen(begin, end):
            must = max(a, due)
            if b < must + self._slack:
                continue
            if not bout.reminders or bout.reminders[0][1] > must + self._slack:
                yield f"not called to move by {self._ago(must)}"
            return

    # Two bouts

    def _wrong_between(self, one: Bout, following: Bout) -> Iterator[str]:
        if one.ended is None or following.started is None:
            return
        if following.started < one.ended - 0.002:
            yield "the next bout started before this one ended"
        elif not one.cut and following.started - one.ended < MIN_BREAK - 0.002:
            yield "two bouts without a break between them"

    # All bouts

    def _lost(self, bouts: list[Bout]) -> Iterator[str]:
        spans = [
            (bout.started, self._last_noted(bout)) for bout in bouts if bout.started is not None
        ]
        for stay in self._stays:
            for begin, end in self._seen(*stay):
                covered = any(
                    a <= begin + self._slack and (b is None or b >= end - self._slack)
                    for a, b in spans
                )
                if not covered and not self._may_be_lost(begin):
                    yield (
                        f"somebody sat from {self._ago(begin)} to {self._ago(end)}, the service "
                        "was there, and no bout has it"
                    )

    def _last_noted(self, bout: Bout) -> float | None:
        """Return the end of a bout, or of the sitting that the service saw and did not save."""
        ended = bout.ended
        if ended is None or not bout.cut:
            return ended
        noted = (o.down for o in self._truth.outages if 0.0 <= o.down - ended <= KNOWN)
        return max(noted, default=ended)

    # What the service can have seen

    def _seen(self, begin: float, end: float) -> Iterator[tuple[float, float]]:
        """Yield the parts of the stays within a span that the service must have seen."""
        for down, up in self._stays:
            a, b = max(begin, down), min(end, up)
            for gone, back in self._outages:
                if back <= a or gone >= b:
                    continue
                if gone - self._slack - a > DWELL + self._slack:
                    yield a, gone - self._slack
                a = max(a, back + self._slack)
            if b - a > DWELL + self._slack:
                yield a, b

    def _was_there(self, begin: float, end: float) -> bool:
        return not any(down < end and up > begin for down, up in self._outages)

    def _may_start(self, at: float) -> bool:
        if any(abs(down - at) <= self._slack for down, _ in self._stays):
            return True
        return any(
            down - DWELL - self._slack <= at <= up + self._slack
            and any(a - self._slack <= up and b >= down - self._slack for a, b in self._stays)
            for down, up in self._outages
        )

    def _may_end(self, at: float) -> bool:
        if any(abs(up - at) <= self._slack for _, up in self._stays):
            return True
        return any(
            gone - DWELL - self._slack <= at <= back + self._slack
            and any(gone - DWELL - self._slack <= up <= back + self._slack for _, up in self._stays)
            for gone, back in self._outages
        )

    def _may_be_cut(self, at: float) -> bool:
        """Return whether a bout may be cut at an instant: the last at which the person was seen."""
        noted = (MIN_BREAK if self._may_end(at) else KNOWN) + self._slack
        return any(
            outage.down - noted <= at <= outage.down + self._slack
            and self._back(outage) - at >= MIN_BREAK - self._slack
            for outage in self._truth.outages
        )

    def _back(self, outage: Outage) -> float:
        """Return when the service was up again for long enough to see an edge."""
        return next(up for down, up in self._outages if down <= outage.down <= up)

    def _lost_its_file(self, bout: Bout) -> bool:
        """Return whether the state file was damaged in a bout, of which one end may be missing."""
        begin = self._truth.began if bout.started is None else bout.started
        end = self._truth.ended if bout.ended is None else bout.ended
        return any(o.disk and begin <= o.down <= end for o in self._truth.outages)

    def _may_be_wrong(self, bout: Bout) -> bool:
        """Return whether a damaged state file may have lost a part of the bout, or repeated it."""
        begin = self._truth.began if bout.started is None else bout.started
        logged = begin if bout.logged is None else bout.logged
        return self._may_be_lost(begin) or any(
            o.disk and begin < o.down < logged for o in self._truth.outages
        )

    def _may_be_lost(self, begin: float) -> bool:
        """Return whether events of an instant may have been in the file when it was damaged."""
        return any(o.disk and begin < o.down < begin + UNSENT_S for o in self._truth.outages)

    def _shown(self, bout: Bout) -> str:
        begin = "?" if bout.started is None else self._ago(bout.started)
        end = "?" if bout.ended is None else self._ago(bout.ended)
        first = self._truth.began if bout.started is None else bout.started
        last = self._truth.ended if bout.ended is None else bout.ended
        stall = self._stall(first - 1.0, last + 1.0)
        shown = f"bout {begin} to {end}{', cut' if bout.cut else ''}"
        return f"{shown} (the machine stood still for {stall:.2f} s)" if stall else shown

    def _ago(self, at: float) -> str:
        return f"{at - self._truth.began:.2f}"


def _joined(outages: list[Outage], end: float, slack: float) -> list[tuple[float, float]]:
    """Return the outages; two with too little time between them to see an edge are joined."""
    joined: list[tuple[float, float]] = []
    for outage in outages:
        up = end if outage.up is None else outage.up
        if joined and outage.down - joined[-1][1] < DWELL + 2 * slack:
            joined[-1] = (joined[-1][0], up)
        else:
            joined.append((outage.down, up))
    return joined


def _wrong_with_reminders(bout: Bout, slack: float) -> Iterator[str]:
    numbers = [number for number, _ in bout.reminders]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"reminders {numbers}"
    if len(numbers) > MAX_REMINDERS or bout.given_up > 1:
        yield f"{len(numbers)} reminders, gave up {bout.given_up} times"
    if bout.ended is not None and bout.counted != len(numbers):
        yield f"reminders is {bout.counted}, and there were {numbers}"
    times = [at for _, at in bout.reminders]
    if any(b - a < REPEAT_EVERY - slack for a, b in itertools.pairwise(times)):
        yield f"reminders too soon after each other: {times}"
