"""Sitting: settled levels divided into bouts, gaps and breaks.

    seated  |‾‾‾‾‾‾‾‾‾‾‾‾|_____|‾‾‾‾‾‾‾‾|____________________|‾‾‾
            |<- bout      gap          ->|<- break          ->|<- bout
                                                 ^ min_break: the bout has ended, at the stand-up

A pair of phase and signal that is not in ``TABLE`` cannot come from a seat and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from unsit.core.events import BoutEnded, BoutStarted, BreakEnded, SatBack, StoodUp
from unsit.core.inputs import Hold
from unsit.core.instant import ZERO, Instant, formerly, replace
from unsit.core.rules import Rules


class Phase(Enum):
    """Phase of sitting. SUSPENDED, SUSPENDED_GAP: a fault or restart during SITTING or GAP."""

    AWAY = "away"
    SITTING = "sitting"
    GAP = "gap"
    SUSPENDED = "suspended"
    SUSPENDED_GAP = "suspended gap"


class SittingSignal(Enum):
    """Change of the settled level, start or end of a fault or downtime, or the end of a time."""

    SAT_DOWN = "sat down"
    STOOD_UP = "stood up"
    MOVE_AFTER_OVER = "move_after over"
    MIN_BREAK_OVER = "min_break over"
    SEAT_UNKNOWN = "sensor fault"
    RECOVERED_SEATED = "recovered seated"
    RECOVERED_EMPTY = "recovered empty"
    UNKNOWN_FOR_BREAK = "fault as long as a break"
    STILL_SEATED = "restart shorter than a break"


@dataclass(frozen=True, slots=True)
class BecameDue:
    """The bout has become due; the reminders make ``MoveDue`` of it."""

    at: Instant
    bout: timedelta


SittingChange = BoutStarted | BecameDue | StoodUp | SatBack | BoutEnded | BreakEnded


@dataclass(frozen=True, slots=True)
class Bout:
    """Bout under way.

    since: the sit-down of the present stretch or, in a gap, the stand-up before it; while
        suspended, the last instant at which the person was known to sit.
    seated: time on the seat before ``since``, without gaps and suspended times.
    not_before: the bout neither becomes due nor ends before this, however short the rules become.
    due: when it became due, None until then.
    warning_given: a soft sound has warned that it will soon be due.
    too_soon_signalled: a soft sound has marked a return before the end of a break.
    debt: unrepaid sitting at ``counted``, see ``debt_at``.
    """

    started: Instant
    since: Instant
    not_before: Instant
    seated: timedelta = ZERO
    due: Instant | None = None
    warning_given: bool = field(default=False, metadata=formerly("warned"))
    too_soon_signalled: bool = field(default=False, metadata=formerly("chided"))
    debt: timedelta = ZERO
    counted: Instant = ZERO

    def seated_until(self, at: Instant) -> "Bout":
        """Return the bout with the stretch on the seat ended at an instant."""
        return replace(self, since=at, seated=self.seated + (at - self.since))


@dataclass(frozen=True, slots=True)
class Sitting:
    """State of sitting.

    bout: the bout under way, None in phase AWAY.
    ended: when the bout before it ended, None for no such bout or an unknown end.
    """

    phase: Phase = Phase.AWAY
    bout: Bout | None = None
    ended: Instant | None = None

    def open_bout(self) -> Bout:
        """Return the bout under way; call it only in a phase that has one."""
        if self.bout is None:
            raise AssertionError(f"no bout in phase {self.phase}")
        return self.bout

    def with_bout(self, **fields: Any) -> "Sitting":
        """Return sitting with fields of the bout under way changed."""
        return replace(self, bout=replace(self.open_bout(), **fields))


Advanced = tuple[Sitting, tuple[SittingChange, ...]]


def _start_bout(sitting: Sitting, at: Instant) -> Advanced:
    started = replace(sitting, bout=Bout(started=at, since=at, not_before=at))
    if sitting.ended is None:
        return started, (BoutStarted(at),)
    return started, (BreakEnded(at, at - sitting.ended), BoutStarted(at))


def _become_due(sitting: Sitting, at: Instant) -> Advanced:
    return sitting.with_bout(due=at), (BecameDue(at, at - sitting.open_bout().started),)


def _begin_gap(sitting: Sitting, at: Instant) -> Advanced:
    bout = sitting.open_bout()
    return replace(sitting, bout=bout.seated_until(at)), (_stood_up(bout, at),)


def _stood_up(bout: Bout, at: Instant) -> StoodUp:
    return StoodUp(at, at - bout.started, None if bout.due is None else at - bout.due)


def _end_gap(sitting: Sitting, at: Instant) -> Advanced:
    gap = sitting.open_bout()
    after = sitting.with_bout(since=at, not_before=max(gap.not_before, at))
    return after, (SatBack(at, at - gap.since),)


def _end_bout(sitting: Sitting, at: Instant) -> Advanced:
    bout = sitting.open_bout()
    ended = BoutEnded(at, bout.started, bout.since, bout.seated)
    return Sitting(ended=bout.since), (ended,)


def _suspend(sitting: Sitting, at: Instant) -> Advanced:
    return replace(sitting, bout=sitting.open_bout().seated_until(at)), ()


def _continue(sitting: Sitting, at: Instant) -> Advanced:
    return sitting.with_bout(since=at, not_before=at), ()


def _continue_from_now(sitting: Sitting, at: Instant) -> Advanced:
    """Continue as before; nothing comes due, or ends, before now."""
    return sitting.with_bout(not_before=at), ()


def _continue_empty(sitting: Sitting, at: Instant) -> Advanced:
    """Start the gap now, because the instant of the stand-up is unknown."""
    return sitting.with_bout(since=at), (_stood_up(sitting.open_bout(), at),)


def _cut(sitting: Sitting, at: Instant) -> Advanced:
    bout = sitting.open_bout()
    return Sitting(), (BoutEnded(at, bout.started, bout.since, bout.seated, cut=True),)


def _forget_break(sitting: Sitting, at: Instant) -> Advanced:
    return Sitting(), ()


def _stay(sitting: Sitting, at: Instant) -> Advanced:
    return sitting, ()


TABLE: dict[tuple[Phase, SittingSignal], tuple[Phase, Callable[[Sitting, Instant], Advanced]]] = {
    (Phase.AWAY, SittingSignal.SAT_DOWN): (Phase.SITTING, _start_bout),
    (Phase.SITTING, SittingSignal.MOVE_AFTER_OVER): (Phase.SITTING, _become_due),
    (Phase.SITTING, SittingSignal.STOOD_UP): (Phase.GAP, _begin_gap),
    (Phase.GAP, SittingSignal.SAT_DOWN): (Phase.SITTING, _end_gap),
    (Phase.GAP, SittingSignal.MIN_BREAK_OVER): (Phase.AWAY, _end_bout),
    (Phase.SITTING, SittingSignal.SEAT_UNKNOWN): (Phase.SUSPENDED, _suspend),
    (Phase.SUSPENDED, SittingSignal.RECOVERED_SEATED): (Phase.SITTING, _continue),
    (Phase.SUSPENDED, SittingSignal.STILL_SEATED): (Phase.SITTING, _continue_from_now),
    (Phase.SUSPENDED, SittingSignal.RECOVERED_EMPTY): (Phase.GAP, _continue_empty),
    (Phase.SUSPENDED, SittingSignal.UNKNOWN_FOR_BREAK): (Phase.AWAY, _cut),
    (Phase.GAP, SittingSignal.SEAT_UNKNOWN): (Phase.SUSPENDED_GAP, _stay),
    (Phase.SUSPENDED_GAP, SittingSignal.RECOVERED_SEATED): (Phase.SITTING, _end_gap),
    (Phase.SUSPENDED_GAP, SittingSignal.RECOVERED_EMPTY): (Phase.GAP, _continue_from_now),
    (Phase.SUSPENDED_GAP, SittingSignal.UNKNOWN_FOR_BREAK): (Phase.AWAY, _cut),
    (Phase.AWAY, SittingSignal.RECOVERED_SEATED): (Phase.SITTING, _start_bout),
    (Phase.AWAY, SittingSignal.UNKNOWN_FOR_BREAK): (Phase.AWAY, _forget_break),
}


def step_sitting(
    sitting: Sitting, signal: SittingSignal, at: Instant, credit: float | None = None
) -> Advanced:
    """Return sitting after a signal, and what changed. credit: see ``Rules``."""
    row = TABLE.get((sitting.phase, signal))
    if row is None:
        return sitting, ()
    phase, action = row
    after, changes = action(sitting, at)
    if after.bout is not None:
        if sitting.bout is None or sitting.bout.started != after.bout.started:
            debt = at - after.bout.started
        elif signal is SittingSignal.STILL_SEATED:
            # The person is assumed to have sat through the downtime.
            debt = debt_at(replace(sitting, phase=Phase.SITTING), at, credit)
        else:
            debt = debt_at(sitting, at, credit)
        after = after.with_bout(debt=debt, counted=at)
    return replace(after, phase=phase), changes


def debt_at(sitting: Sitting, at: Instant, credit: float | None) -> timedelta:
    """Return the unrepaid sitting: 1 s on the seat adds 1 s, and 1 s of a gap repays ``credit`` s.

    It is never below 0 s. While sitting is suspended it does not change.
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
    """Return when the bout becomes due if the person stays, None if it is due or nobody sits."""
    bout = _bout_not_due(sitting)
    if bout is None:
        return None
    if rules.credit is None:
        return max(bout.started + rules.move_after, bout.not_before)
    return max(bout.counted + (rules.move_after - bout.debt), bout.not_before)


def lasted_at(sitting: Sitting, duration: timedelta) -> Instant | None:
    """Return when the bout has lasted for a duration, None if it is due or nobody sits."""
    bout = _bout_not_due(sitting)
    return None if bout is None else max(bout.started + duration, bout.not_before)


def _bout_not_due(sitting: Sitting) -> Bout | None:
    """Return the bout if the person sits in it and it is not due yet, else None."""
    bout = sitting.bout
    if sitting.phase is not Phase.SITTING or bout is None or bout.due is not None:
        return None
    return bout


def warning_at(sitting: Sitting, rules: Rules) -> Instant | None:
    """Return when to warn that the bout will soon be due, None for never or if it is done."""
    due = due_at(sitting, rules)
    bout = sitting.bout
    if due is None or bout is None or bout.warning_given or rules.warn_before is None:
        return None
    at = max(due - rules.warn_before, bout.not_before)
    return at if at < due else None


def break_at(sitting: Sitting, rules: Rules) -> Instant | None:
    """Return when the present gap becomes a break, None outside a gap."""
    if sitting.phase is not Phase.GAP:
        return None
    bout = sitting.open_bout()
    return max(bout.since + rules.min_break, bout.not_before)


def with_not_before(sitting: Sitting, at: Instant) -> Sitting:
    """Return sitting whose bout neither becomes due nor ends before an instant."""
    return sitting if sitting.bout is None else sitting.with_bout(not_before=at)


def close_sitting(sitting: Sitting, at: Instant) -> Advanced:
    """Close an open bout at the end of a recording. In a gap, the bout ends at its stand-up."""
    bout = sitting.bout
    if bout is None:
        return sitting, ()
    if sitting.phase is Phase.SITTING:
        bout = bout.seated_until(at)
    ended = BoutEnded(at, bout.started, bout.since, bout.seated, open=True)
    return Sitting(ended=bout.since), (ended,)


@dataclass(frozen=True, slots=True)
class Absence:
    """Last downtime across a reboot; the chair keeps it until the wall clock is set.

    down_since: when it began, as assumed now. down_since_wall: the same instant by the wall clock,
        which lies after now where the clock is behind.
    holds: the holds in force at ``down_since``.
    seat_known_at: when the level of the seat was known again, None before that.
    sitting_before: sitting at ``down_since``.
    sitting_if_break: sitting as it would be now if the downtime had been a break.
    """

    down_since: Instant = field(metadata=formerly("lost"))
    down_since_wall: Instant = field(metadata=formerly("told"))
    holds: tuple[Hold, ...] = ()
    seat_known_at: Instant | None = field(default=None, metadata=formerly("found"))
    # Version 0.1 wrote both under other names, and null where they made no difference.
    sitting_before: Sitting = field(default_factory=Sitting)
    sitting_if_break: Sitting = field(default_factory=Sitting)
