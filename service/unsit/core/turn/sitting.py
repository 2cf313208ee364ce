"""What sitting, and its reminders, make of a signal."""

from dataclasses import replace

from unsit.core import reminders as reminding
from unsit.core import sitting as sittings
from unsit.core.absence import follow as follow_anew
from unsit.core.chair import Chair
from unsit.core.effects import Cue, Sound
from unsit.core.events import (
    BackTooSoon,
    BoutEnded,
    BoutStarted,
    DailyLimitReached,
    GaveUp,
    MoveDue,
    MoveReminder,
    MoveSoon,
    SatBack,
    StoodUp,
)
from unsit.core.instant import Instant
from unsit.core.ladder import LIMIT, rung_at
from unsit.core.sitting import BecameDue, Happening, Signal
from unsit.core.today import begun_anew, seated_since
from unsit.core.turn.coaching import follow, next_exercise
from unsit.core.turn.underway import Turn

_REMINDER_SIGNALS: dict[type[Happening], reminding.Signal] = {
    StoodUp: reminding.Signal.STOOD_UP,
    SatBack: reminding.Signal.SAT_BACK,
    BoutEnded: reminding.Signal.BOUT_OVER,
}


def sit(turn: Turn, signal: Signal, at: Instant) -> None:
    """The sitting after a signal; what happened is told, and reminded of."""
    chair = turn.chair
    sitting, happened = sittings.step(chair.sitting, signal, at, chair.rules.credit)
    absence = chair.absence
    if absence is not None:
        absence = follow_anew(absence, sitting, signal, at, chair.rules.credit)
    turn.change(sitting=sitting, absence=absence)
    _tell(turn, happened, at)


def part(turn: Turn, before: sittings.Sitting, anew: sittings.Sitting, at: Instant) -> None:
    """What was one time of sitting is two. before: up to an absence, and anew: since then."""
    _, happened = sittings.step(before, Signal.LOST_TOO_LONG, at)
    turn.change(sitting=sittings.not_before(anew, at))
    if before.bout is None:
        return
    bout, phase = anew.bout, anew.phase
    _tell(turn, happened if bout is None else (*happened, BoutStarted(bout.started)), at)
    if bout is not None:
        since = bout.since if phase is sittings.Phase.SITTING else None
        lost = phase is sittings.Phase.SUSPENDED
        turn.change(today=begun_anew(turn.chair.today, bout.started, since, lost=lost))
    turn.silence()


def warn(turn: Turn, at: Instant) -> None:
    """A soft sign that the bout will be due soon."""
    bout, due = turn.chair.sitting.open_bout(), next_sound(turn.chair)
    if due is None:
        return
    turn.change(sitting=sittings.warned(turn.chair.sitting))
    turn.owe(MoveSoon(at, at - bout.started, due, turn.chair.silent))
    turn.sign(Cue(), next_sound=due)


def limit(turn: Turn, at: Instant) -> None:
    """The time on the seat today has come to its limit."""
    chair = turn.chair
    if chair.rules.daily_limit is None or chair.day is None:
        return
    turn.change(limit_told=at)
    seated = seated_since(chair.today, at, chair.day.begun(at))
    turn.owe(DailyLimitReached(at, seated, chair.silent))
    turn.sign(Sound(LIMIT), next_sound=next_sound(chair))


def next_sound(chair: Chair) -> Instant | None:
    """When the next reminder comes if the person stays, None while none is in sight."""
    due = sittings.due_at(chair.sitting, chair.rules)
    return due if due is not None else reminding.next_at(chair.reminders)


def remind(turn: Turn, at: Instant) -> None:
    """The time of the next reminder: it sounds, or the chair gives up."""
    signal = reminding.when_over(turn.chair.reminders, turn.chair.rules)
    _signal_reminders(turn, signal, at)
    bout = at - turn.chair.sitting.open_bout().started
    if signal is reminding.Signal.SPENT:
        turn.owe(GaveUp(at, bout))
        return
    chair = turn.chair
    turn.owe(MoveReminder(at, bout, chair.reminders.count, chair.silent, _cue(chair)))
    _sound(turn, at)


def finish(turn: Turn, at: Instant) -> None:
    """Closes an open bout, because nothing is known beyond this instant."""
    sitting, happened = sittings.close(turn.chair.sitting, at)
    turn.change(sitting=sitting)
    _tell(turn, happened, at)
    turn.silence()


def _tell(turn: Turn, happened: tuple[Happening, ...], at: Instant) -> None:
    for happening in happened:
        if isinstance(happening, BecameDue):
            _call(turn, happening, at)
            continue
        turn.owe(_ended(turn, happening) if isinstance(happening, BoutEnded) else happening)
        if (signal := _REMINDER_SIGNALS.get(type(happening))) is not None:
            _signal_reminders(turn, signal, at)
        follow(turn, happening)
        if isinstance(happening, SatBack) and turn.chair.due:
            _chide(turn, happening)


def _chide(turn: Turn, back: SatBack) -> None:
    """Back too soon after a call to move: one soft sign in a bout, unless it was given up."""
    rules = turn.chair.rules
    turn.owe(BackTooSoon(back.at, back.away, rules.min_break - back.away))
    reminders = turn.chair.reminders
    if turn.chair.sitting.open_bout().chided or not rules.back_too_soon:
        return
    if reminding.is_coming(reminders, rules) and turn.sign(Cue(), next_sound=reminders.next):
        turn.change(sitting=sittings.chided(turn.chair.sitting))


def _call(turn: Turn, due: BecameDue, at: Instant) -> None:
    """The call to move, which is the first reminder."""
    before = turn.chair.reminders
    _signal_reminders(turn, reminding.Signal.DUE, at)
    rung = rung_at(turn.chair.rules.ladder, before.rung + 1)
    cue, exercise = None if rung is None else rung.cue, next_exercise(turn, due.at)
    turn.owe(MoveDue(due.at, due.bout, turn.chair.silent, cue, exercise))
    _sound(turn, at)


def _cue(chair: Chair) -> str | None:
    rung = rung_at(chair.rules.ladder, chair.reminders.rung)
    return None if rung is None else rung.cue


def _sound(turn: Turn, at: Instant) -> None:
    """What the rung says, or the softer tone in the softer part of the day."""
    chair = turn.chair
    rung = rung_at(chair.rules.ladder, chair.reminders.rung)
    if rung is not None and rung.tone is None:
        return
    softer = chair.day is not None and chair.day.is_softer(at)
    turn.sound(chair.rules.softer if softer else None if rung is None else rung.tone)


def _ended(turn: Turn, bout: BoutEnded) -> BoutEnded:
    shifts, count = turn.chair.shifts, turn.chair.reminders.count
    if shifts is not None:
        turn.change(shifts=0)
    return replace(bout, reminders=count, shifts=shifts)


def _signal_reminders(turn: Turn, signal: reminding.Signal, at: Instant) -> None:
    reminders = reminding.step(turn.chair.reminders, signal, turn.chair.rules, at)
    swallowed = signal is reminding.Signal.DUE or (
        signal is reminding.Signal.SAT_BACK and reminders.owed
    )
    if swallowed and turn.chair.held:
        reminders = reminding.owe(reminders, at)
    turn.change(reminders=reminders)
