"""Sitting: settled levels cut into bouts, gaps and breaks.

A pair that is not in the table cannot come from a seat and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from unsit.core.events import BoutEnded, BoutStarted, BreakEnded, SatBack, StoodUp
from unsit.core.instant import ZERO, Earlier, Instant
from unsit.core.rules import Rules


class Phase(Enum):
    """Where a person is between two breaks."""

    AWAY = "away"
    SITTING = "sitting"
    GAP = "gap"
    SUSPENDED = "suspended"
    SUSPENDED_GAP = "suspended gap"


class Signal(Enum):
    """What the seat, or the time since it changed, says."""

    SAT_DOWN = "sat down"
    STOOD_UP = "stood up"
    MOVE_AFTER_OVER = "move_after over"
    MIN_BREAK_OVER = "min_break over"
    LOST = "sensor fault"
    FOUND_SEATED = "recovered seated"
    FOUND_EMPTY = "recovered empty"
    LOST_TOO_LONG = "fault as long as a break"
    STILL_SEATED = "restart shorter than a break"


@dataclass(frozen=True, slots=True)
class BecameDue:
    """The bout has lasted long enough; the reminders take it from here."""

    at: Instant
    bout: timedelta


Happening = BoutStarted | BecameDue | StoodUp | SatBack | BoutEnded | BreakEnded


@dataclass(frozen=True, slots=True)
class Bout:
    """A bout under way.

    since: the sit-down of the present stretch or, in a gap, the stand-up that began it; while
        suspended, the last instant at which somebody was known to sit.
    seated: the stretches before that, gaps and what is not known left out.
    not_before: it becomes due, or ends, no earlier than this, however short the rules are made.
    due: when it became due, None until then.
    warned: a soft sign has said that it will be due soon.
    chided: a soft sign has said that the person came back too soon.
    debt: the sitting up to ``counted`` that nothing has repaid, see ``owing``.
    """

    started: Instant
    since: Instant
    not_before: Instant
    seated: timedelta = ZERO
    due: Instant | None = None
    warned: bool = False
    chided: bool = False
    debt: timedelta = ZERO
    counted: Instant = ZERO


@dataclass(frozen=True, slots=True)
class Sitting:
    """The state of sitting.

    bout: the bout under way, None in phase AWAY.
    ended: when the bout before it ended, None when there was none.
    """

    phase: Phase = Phase.AWAY
    bout: Bout | None = None
    ended: Instant | None = None

    def open_bout(self) -> Bout:
        """The bout under way, for the phases that have one."""
        if self.bout is None:
            raise AssertionError(f"no bout in phase {self.phase}")
        return self.bout


Outcome = tuple[Sitting, tuple[Happening, ...]]


def _start_bout(sitting: Sitting, at: Instant) -> Outcome:
    started = replace(sitting, bout=Bout(started=at, since=at, not_before=at))
    if sitting.ended is None:
        return started, (BoutStarted(at),)
    return started, (BreakEnded(at, at - sitting.ended), BoutStarted(at))


def _become_due(sitting: Sitting, at: Instant) -> Outcome:
    bout = replace(sitting.open_bout(), due=at)
    return replace(sitting, bout=bout), (BecameDue(at, at - bout.started),)


def _begin_gap(sitting: Sitting, at: Instant) -> Outcome:
    bout = sitting.open_bout()
    response = None if bout.due is None else at - bout.due
    gap = replace(bout, since=at, seated=bout.seated + (at - bout.since))
    return replace(sitting, bout=gap), (StoodUp(at, at - bout.started, response),)


def _end_gap(sitting: Sitting, at: Instant) -> Outcome:
    gap = sitting.open_bout()
    bout = replace(gap, since=at, not_before=max(gap.not_before, at))
    return replace(sitting, bout=bout), (SatBack(at, at - gap.since),)


def _end_bout(sitting: Sitting, at: Instant) -> Outcome:
    bout = sitting.open_bout()
    ended = BoutEnded(at, bout.started, bout.since, bout.seated)
    return Sitting(ended=bout.since), (ended,)


def _suspend(sitting: Sitting, at: Instant) -> Outcome:
    bout = sitting.open_bout()
    suspended = replace(bout, since=at, seated=bout.seated + (at - bout.since))
    return replace(sitting, bout=suspended), ()


def _go_on(sitting: Sitting, at: Instant) -> Outcome:
    bout = replace(sitting.open_bout(), since=at, not_before=at)
    return replace(sitting, bout=bout), ()


def _go_on_from_here(sitting: Sitting, at: Instant) -> Outcome:
    """Nothing has changed but that nothing comes due, or ends, before now."""
    return replace(sitting, bout=replace(sitting.open_bout(), not_before=at)), ()


def _find_empty(sitting: Sitting, at: Instant) -> Outcome:
    """The person left at an instant that nobody knows; the gap is known from here on."""
    bout = sitting.open_bout()
    response = None if bout.due is None else at - bout.due
    return replace(sitting, bout=replace(bout, since=at)), (
        StoodUp(at, at - bout.started, response),
    )


def _cut(sitting: Sitting, at: Instant) -> Outcome:
    bout = sitting.open_bout()
    return Sitting(), (BoutEnded(at, bout.started, bout.since, bout.seated, cut=True),)


def _forget_break(sitting: Sitting, at: Instant) -> Outcome:
    return Sitting(), ()


def _stay(sitting: Sitting, at: Instant) -> Outcome:
    return sitting, ()


TABLE: dict[tuple[Phase, Signal], tuple[Phase, Callable[[Sitting, Instant], Outcome]]] = {
    (Phase.AWAY, Signal.SAT_DOWN): (Phase.SITTING, _start_bout),
    (Phase.SITTING, Signal.MOVE_AFTER_OVER): (Phase.SITTING, _become_due),
    (Phase.SITTING, Signal.STOOD_UP): (Phase.GAP, _begin_gap),
    (Phase.GAP, Signal.SAT_DOWN): (Phase.SITTING, _end_gap),
    (Phase.GAP, Signal.MIN_BREAK_OVER): (Phase.AWAY, _end_bout),
    (Phase.SITTING, Signal.LOST): (Phase.SUSPENDED, _suspend),
    (Phase.SUSPENDED, Signal.FOUND_SEATED): (Phase.SITTING, _go_on),
    (Phase.SUSPENDED, Signal.STILL_SEATED): (Phase.SITTING, _go_on_from_here),
    (Phase.SUSPENDED, Signal.FOUND_EMPTY): (Phase.GAP, _find_empty),
    (Phase.SUSPENDED, Signal.LOST_TOO_LONG): (Phase.AWAY, _cut),
    (Phase.GAP, Signal.LOST): (Phase.SUSPENDED_GAP, _stay),
    (Phase.SUSPENDED_GAP, Signal.FOUND_SEATED): (Phase.SITTING, _end_gap),
    (Phase.SUSPENDED_GAP, Signal.FOUND_EMPTY): (Phase.GAP, _go_on_from_here),
    (Phase.SUSPENDED_GAP, Signal.LOST_TOO_LONG): (Phase.AWAY, _cut),
    (Phase.AWAY, Signal.FOUND_SEATED): (Phase.SITTING, _start_bout),
    (Phase.AWAY, Signal.LOST_TOO_LONG): (Phase.AWAY, _forget_break),
}


def step(sitting: Sitting, signal: Signal, at: Instant, credit: float | None = None) -> Outcome:
    """Sitting after a signal at an instant, and what happened. credit: see ``Rules``."""
    row = TABLE.get((sitting.phase, signal))
    if row is None:
        return sitting, ()
    phase, act = row
    after, happened = act(sitting, at)
    if after.bout is not None:
        sat = (
            sitting if signal is not Signal.STILL_SEATED else replace(sitting, phase=Phase.SITTING)
        )
        another = sitting.bout is None or sitting.bout.started != after.bout.started
        debt = at - after.bout.started if another else owing(sat, at, credit)
        bout = replace(after.bout, debt=debt, counted=at)
        after = replace(after, bout=bout)
    return replace(after, phase=phase), happened


def owing(sitting: Sitting, at: Instant, credit: float | None) -> timedelta:
    """The sitting that is not repaid: a time on the seat adds to it, a gap takes ``credit`` off.

    Less than nothing is never owed. What is not known of the seat changes nothing.
    """
    bout = sitting.bout
    if bout is None:
        return ZERO
    since = at - bout.counted
    if sitting.phase is Phase.SITTING:
        return bout.debt + since
    if sitting.phase is Phase.GAP:
        return max(ZERO, bout.debt - since * (credit or 0))
    return bout.debt


def due_at(sitting: Sitting, rules: Rules) -> Instant | None:
    """When the bout becomes due if the person stays, None if it is due or nobody sits."""
    bout = _on_its_way(sitting)
    if bout is None:
        return None
    if rules.credit is None:
        return max(bout.started + rules.move_after, bout.not_before)
    return max(bout.counted + (rules.move_after - bout.debt), bout.not_before)


def early_at(sitting: Sitting, after: timedelta) -> Instant | None:
    """When the bout has lasted so long, None if it is due already or nobody sits."""
    bout = _on_its_way(sitting)
    return None if bout is None else max(bout.started + after, bout.not_before)


def _on_its_way(sitting: Sitting) -> Bout | None:
    """The bout, if somebody sits and it is not due yet."""
    bout = sitting.bout
    is_so = sitting.phase is Phase.SITTING and bout is not None and bout.due is None
    return bout if is_so else None


def warn_at(sitting: Sitting, rules: Rules) -> Instant | None:
    """When to say that the bout will be due soon, None for never, or not again."""
    due = due_at(sitting, rules)
    bout = sitting.bout
    if due is None or bout is None or bout.warned or rules.warn_before is None:
        return None
    at = max(due - rules.warn_before, bout.not_before)
    return at if at < due else None


def chided(sitting: Sitting) -> Sitting:
    """A soft sign has said that the person came back too soon."""
    return replace(sitting, bout=replace(sitting.open_bout(), chided=True))


def warned(sitting: Sitting) -> Sitting:
    """A soft sign has said that the bout will be due soon."""
    return replace(sitting, bout=replace(sitting.open_bout(), warned=True))


def break_at(sitting: Sitting, rules: Rules) -> Instant | None:
    """When the present gap becomes a break, None while there is no gap."""
    if sitting.phase is not Phase.GAP:
        return None
    bout = sitting.open_bout()
    return max(bout.since + rules.min_break, bout.not_before)


def not_before(sitting: Sitting, at: Instant) -> Sitting:
    """Has nothing become due, or end, before this instant."""
    if sitting.bout is None:
        return sitting
    return replace(sitting, bout=replace(sitting.bout, not_before=at))


def dated_back(sitting: Sitting, earlier: Earlier) -> Sitting:
    """Sitting, if what it knows of before an absence was earlier than it seemed."""
    bout, ended = sitting.bout, sitting.ended
    if bout is not None:
        bout = replace(
            bout,
            started=earlier(bout.started),
            since=earlier(bout.since),
            not_before=earlier(bout.not_before),
            due=None if bout.due is None else earlier(bout.due),
            counted=earlier(bout.counted),
        )
    return replace(sitting, bout=bout, ended=None if ended is None else earlier(ended))


def close(sitting: Sitting, at: Instant) -> Outcome:
    """Closes an open bout because nothing is known beyond this instant.

    A bout in a gap ends with the stand-up: a bout never ends on an empty seat.
    """
    bout = sitting.bout
    if bout is None:
        return sitting, ()
    if sitting.phase is Phase.SITTING:
        bout = replace(bout, since=at, seated=bout.seated + (at - bout.since))
    ended = BoutEnded(at, bout.started, bout.since, bout.seated, open=True)
    return Sitting(ended=bout.since), (ended,)
