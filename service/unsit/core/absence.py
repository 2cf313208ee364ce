"""An absence whose length only the wall clock has told, and what if it was longer.

A machine without a clock of its own starts with a date that is behind. A bout that went on over
such a restart may turn out to be two, when the clock is set. So sitting is followed twice until
then: as it is taken to be, and anew, as it would be if the absence had been as long as a break.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from unsit.core.inputs import Hold
from unsit.core.instant import Earlier, Instant
from unsit.core.sitting import Signal, Sitting, step


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which no service was there, before the first setting of the wall clock since.

    lost: the last instant before it, as it was taken. told: as the wall clock has it, which is
        after now for one that is far behind. holds: those in force.
    found: when the seat was felt again, None before.
    before: sitting as it was at ``lost``. anew: as it would be by now if a break had come then;
        both None before the seat is felt, and once it makes no difference any more.
    """

    lost: Instant
    told: Instant
    holds: tuple[Hold, ...] = ()
    found: Instant | None = None
    before: Sitting | None = None
    anew: Sitting | None = None

    def corrected(self, by: timedelta) -> Earlier:
        """What becomes of dates before it once the wall clock was set forward by so much."""
        return Earlier(self.lost, self.lost - (self.told - by))


def find(absence: Absence, sitting: Sitting, at: Instant, *, is_break: bool) -> Absence:
    """The seat is felt again, for the first time. is_break: it was as long as a break anyway."""
    if absence.found is not None:
        return absence
    if is_break:
        return replace(absence, found=at)
    return replace(absence, found=at, before=sitting, anew=Sitting())


def follow(
    absence: Absence, sitting: Sitting, signal: Signal, at: Instant, credit: float | None
) -> Absence:
    """The absence after a signal from the seat. sitting: as it is taken to be after it."""
    if absence.anew is None or signal is Signal.MOVE_AFTER_OVER:
        return absence
    anew, _ = step(absence.anew, signal, at, credit)
    if _differ_no_more(sitting, anew):
        return replace(absence, before=None, anew=None)
    return replace(absence, before=_still_under_way(absence.before, sitting), anew=anew)


def _still_under_way(before: Sitting | None, sitting: Sitting) -> Sitting | None:
    """Sitting at the absence, without a bout that has ended since."""
    if before is None or before.bout is None:
        return before
    has_ended = sitting.bout is None or sitting.bout.started != before.bout.started
    return Sitting() if has_ended else before


def _differ_no_more(one: Sitting, other: Sitting) -> bool:
    return one.bout == other.bout and (one.bout is not None or one.ended == other.ended)
