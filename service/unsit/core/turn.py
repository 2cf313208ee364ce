"""One turn of the chair: an input and an instant in, the next chair and its effects out.

Time runs in the chair's own order. What depends on the seat is decided only up to the last
instant at which the seat's level is certain: while a level has yet to hold, that is its edge.
So every event carries the instant that the rules give it, however long the dwell.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from unsit.core import agenda
from unsit.core import button as buttons
from unsit.core import reminders as reminding
from unsit.core import seat as seats
from unsit.core import sitting as sittings
from unsit.core.agenda import Entry, Item
from unsit.core.chair import Chair, Fault
from unsit.core.effects import Cue, Effect, Light, Refuse, Silence, Sound
from unsit.core.events import (
    BoutEnded,
    Event,
    GaveUp,
    HoldEnded,
    HoldStarted,
    LeaningEnded,
    LeaningStarted,
    MoveDue,
    MoveReminder,
    SatBack,
    SensorFault,
    SensorRecovered,
    Snoozed,
    StoodUp,
)
from unsit.core.inputs import (
    ButtonPressed,
    ButtonReleased,
    Calibrate,
    Certain,
    Doubt,
    Finish,
    Hold,
    Input,
    Lean,
    Pressed,
    Release,
    Released,
    Request,
    Sensed,
    SensorFailed,
    SensorWorks,
    SetMinBreak,
    SetMoveAfter,
    ShiftWeight,
    SitUpright,
    Snooze,
    SwitchBuzzer,
    Tare,
    TestBuzzer,
    Tick,
)
from unsit.core.instant import Instant
from unsit.core.sitting import BecameDue, Happening


def step(chair: Chair, what: Input, at: Instant) -> tuple[Chair, tuple[Effect, ...]]:
    """The chair after an input at an instant, and what is to be done.

    Inputs come in order of time. What is on the agenda before the input happens first; after an
    edge the rest of its instant waits, because another edge may come within it.
    """
    if isinstance(what, _CERTAIN):
        chair = replace(chair, doubt=False)
    turn = _Turn(chair)
    edge = isinstance(what, Pressed | Released)
    turn.work_off(agenda.entries, (at, Item.SEAT_CHANGES if edge else Item.REMINDER))
    turn.take(what, at)
    turn.wind_up(before=chair)
    return turn.chair, tuple(turn.effects)


_CERTAIN = (Pressed, Released, Certain, SensorFailed, Finish)
"""What says that the level is known up to its instant."""

_REMINDER_SIGNALS: dict[type[Happening], reminding.Signal] = {
    BecameDue: reminding.Signal.DUE,
    StoodUp: reminding.Signal.STOOD_UP,
    SatBack: reminding.Signal.SAT_BACK,
    BoutEnded: reminding.Signal.BOUT_OVER,
}


class _Turn:
    """A turn under way: the chair so far and the effects so far."""

    def __init__(self, chair: Chair) -> None:
        self.chair = chair
        self.effects: list[Effect] = []

    def work_off(self, entries: Callable[[Chair], Iterator[Entry]], last: Entry) -> None:
        """Does what is on the agenda, in order, up to and with ``last``."""
        while (entry := min(entries(self.chair), default=None)) is not None and entry <= last:
            at, item = entry
            self._do(item, at)

    def _do(self, item: Item, at: Instant) -> None:
        match item:
            case Item.HOLD_ENDS:
                self._end_hold("its time is over", at)
            case Item.LONG_PRESS:
                self._press(buttons.Signal.LONG_OVER, at)
            case Item.SEAT_CHANGES:
                self._settle(at)
            case Item.BREAK:
                self._sit(sittings.Signal.MIN_BREAK_OVER, at)
            case Item.DUE:
                self._sit(sittings.Signal.MOVE_AFTER_OVER, at)
            case Item.REMINDER:
                self._remind(at)

    def _settle(self, at: Instant) -> None:
        """The level has held: what was waiting for that happens, then the seat changes."""
        edge = self.chair.seat.edge
        if edge is None:
            return
        self.work_off(agenda.seat_entries, (edge, Item.SEAT_CHANGES))
        sat_down = self.chair.seat.pressed
        self.chair = replace(self.chair, seat=seats.step(self.chair.seat, seats.Signal.HELD, at))
        self._sit(sittings.Signal.SAT_DOWN if sat_down else sittings.Signal.STOOD_UP, edge)

    def _remind(self, at: Instant) -> None:
        signal = reminding.when_over(self.chair.reminders, self.chair.rules)
        self._signal_reminders(signal, at)
        bout = at - self.chair.sitting.open_bout().started
        if signal is reminding.Signal.SPENT:
            self.effects.append(GaveUp(at, bout))
            return
        number = self.chair.reminders.count
        self.effects.append(MoveReminder(at, bout, number, self.chair.silent))
        self._sound()

    def take(self, what: Input, at: Instant) -> None:
        """Takes one input; the agenda is done up to this instant."""
        match what:
            case Pressed():
                self._edge(seats.Signal.PRESSED, at)
            case Released():
                self._edge(seats.Signal.RELEASED, at)
            case ButtonPressed():
                self._press(buttons.Signal.PRESSED, at)
            case ButtonReleased():
                self._press(buttons.Signal.RELEASED, at)
            case Finish():
                self._finish(at)
            case Tick() | Certain():
                pass
            case SensorFailed() | SensorWorks() | Doubt() | Lean() | SitUpright() | ShiftWeight():
                self._sense(what, at)
            case _:
                self._request(what, at)

    def _sense(self, what: Sensed, at: Instant) -> None:
        match what:
            case Doubt():
                self.chair = replace(self.chair, doubt=True)
            case SensorFailed():
                self._suspend(what.reason, at)
            case SensorWorks():
                self._recover(what, at)
            case Lean():
                self._lean(what, at)
            case SitUpright():
                self._end_lean(at)
            case ShiftWeight():
                if self.chair.shifts is not None:
                    self.chair = replace(self.chair, shifts=self.chair.shifts + 1)

    def _request(self, what: Request, at: Instant) -> None:
        match what:
            case Snooze():
                self._snooze(at)
            case Hold():
                self._start_hold(what, at)
            case Release():
                self._end_hold(what.reason, at)
            case SetMoveAfter() | SetMinBreak():
                self._change_rules(what, at)
            case SwitchBuzzer():
                self.chair = replace(self.chair, buzzer_on=what.on)
            case TestBuzzer():
                self._test_buzzer()
            case Tare() | Calibrate():
                self.effects.append(Refuse("this chair has no load cells"))

    def _edge(self, signal: seats.Signal, at: Instant) -> None:
        if self.chair.fault is not None:
            return
        if signal is seats.Signal.RELEASED:
            self._end_lean(at)
        self.chair = replace(self.chair, seat=seats.step(self.chair.seat, signal, at))
        if seats.settles_at(self.chair.seat, self.chair.rules) == at:
            self._settle(at)

    def _suspend(self, reason: str, at: Instant) -> None:
        if self.chair.fault is not None:
            return
        self._end_lean(at)
        seat = seats.suspended(self.chair.seat)
        self.chair = replace(self.chair, fault=Fault(reason, at), seat=seat)
        self.effects.append(SensorFault(at, reason))
        self._sit(sittings.Signal.LOST, at)
        self._silence()

    def _recover(self, what: SensorWorks, at: Instant) -> None:
        """Takes up what was suspended, if the fault was shorter than a break (see ``sitting``)."""
        fault = self.chair.fault
        if fault is None:
            return
        reminders = reminding.resume(self.chair.reminders, at)
        seat = seats.found(self.chair.seat, pressed=what.pressed)
        self.chair = replace(self.chair, fault=None, reminders=reminders, seat=seat)
        self.effects.append(SensorRecovered(at, what.reason))
        if at - fault.since >= self.chair.rules.min_break:
            self._sit(sittings.Signal.LOST_TOO_LONG, at)
        pressed, empty = sittings.Signal.FOUND_SEATED, sittings.Signal.FOUND_EMPTY
        self._sit(pressed if what.pressed else empty, at)

    def _lean(self, lean: Lean, at: Instant) -> None:
        self._end_lean(at)
        self.chair = replace(self.chair, lean=lean)
        self.effects.append(LeaningStarted(at, lean.side, lean.since))
        if self.chair.seat.seated and not (self.chair.silent or self.chair.due):
            self.effects.append(Cue())

    def _end_lean(self, at: Instant) -> None:
        lean = self.chair.lean
        if lean is not None:
            self.chair = replace(self.chair, lean=None)
            self.effects.append(LeaningEnded(at, lean.side, at - lean.since))

    def _press(self, signal: buttons.Signal, at: Instant) -> None:
        button, press = buttons.step(self.chair.button, signal, at)
        self.chair = replace(self.chair, button=button)
        if press is buttons.Press.LONG:
            self._toggle_hold(at)
        elif press is buttons.Press.SHORT and self._can_snooze():
            self._snooze(at)

    def _toggle_hold(self, at: Instant) -> None:
        if self.chair.hold is None:
            self._start_hold(Hold("button"), at)
        else:
            self._end_hold("button", at)

    def _can_snooze(self) -> bool:
        return reminding.can_snooze(self.chair.reminders, self.chair.rules)

    def _snooze(self, at: Instant) -> None:
        rules = self.chair.rules
        if not self._can_snooze():
            coming = reminding.is_coming(self.chair.reminders, rules)
            why = "this bout has no snooze left" if coming else "no reminder is on its way"
            self.effects.append(Refuse(why))
            return
        snoozed = reminding.snooze(self.chair.reminders, rules, at)
        self.chair = replace(self.chair, reminders=snoozed)
        self.effects.append(Snoozed(at, snoozed.next or at))
        self._silence()

    def _start_hold(self, hold: Hold, at: Instant) -> None:
        if hold.until is not None and hold.until <= at:
            self.effects.append(Refuse("the hold would be over already"))
            return
        if self.chair.hold is None:
            self.effects.append(HoldStarted(at, hold.reason))
        self.chair = replace(self.chair, hold=hold)

    def _end_hold(self, reason: str, at: Instant) -> None:
        if self.chair.hold is None:
            return
        self.chair = replace(
            self.chair, hold=None, reminders=reminding.resume(self.chair.reminders, at)
        )
        self.effects.append(HoldEnded(at, reason))

    def _change_rules(self, what: SetMoveAfter | SetMinBreak, at: Instant) -> None:
        """From now on; what the new rules would have had happen before happens now."""
        rules = self.chair.rules
        if isinstance(what, SetMoveAfter):
            rules = replace(rules, move_after=what.value)
        else:
            rules = replace(rules, min_break=what.value)
        sitting = sittings.not_before(self.chair.sitting, at)
        self.chair = replace(self.chair, rules=rules, sitting=sitting)
        self.work_off(agenda.entries, (at, Item.REMINDER))

    def _test_buzzer(self) -> None:
        chair = self.chair
        obstacles = {
            "the seat is empty, and the buzzer never sounds on an empty seat": not (
                chair.seat.pressed
            ),
            "the sensor is at fault": chair.fault is not None,
            "a hold is in force": chair.hold is not None,
            "the buzzer is switched off": not chair.buzzer_on,
        }
        why = next((why for why, there in obstacles.items() if there), None)
        if why is None:
            self._sound()
        else:
            self.effects.append(Refuse(why))

    def _finish(self, at: Instant) -> None:
        sitting, happened = sittings.close(self.chair.sitting, at)
        self.chair = replace(self.chair, sitting=sitting)
        self._tell(happened, at)
        self._silence()

    def _sit(self, signal: sittings.Signal, at: Instant) -> None:
        sitting, happened = sittings.step(self.chair.sitting, signal, at)
        self.chair = replace(self.chair, sitting=sitting)
        self._tell(happened, at)

    def _tell(self, happened: tuple[Happening, ...], at: Instant) -> None:
        for happening in happened:
            self.effects.append(self._as_event(happening))
            if (signal := _REMINDER_SIGNALS.get(type(happening))) is not None:
                self._signal_reminders(signal, at)
            if isinstance(happening, BecameDue):
                self._sound()

    def _as_event(self, happening: Happening) -> Event:
        match happening:
            case BecameDue():
                return MoveDue(happening.at, happening.bout, self.chair.silent)
            case BoutEnded():
                return self._ended(happening)
            case _:
                return happening

    def _ended(self, bout: BoutEnded) -> BoutEnded:
        shifts, count = self.chair.shifts, self.chair.reminders.count
        if shifts is not None:
            self.chair = replace(self.chair, shifts=0)
        return replace(bout, reminders=count, shifts=shifts)

    def _signal_reminders(self, signal: reminding.Signal, at: Instant) -> None:
        reminders = reminding.step(self.chair.reminders, signal, self.chair.rules, at)
        swallowed = signal is reminding.Signal.DUE or (
            signal is reminding.Signal.SAT_BACK and reminders.owed
        )
        if swallowed and self.chair.hold is not None:
            reminders = reminding.owe(reminders, at)
        self.chair = replace(self.chair, reminders=reminders)

    def _sound(self) -> None:
        if not self.chair.silent and self.chair.seat.pressed and self.chair.fault is None:
            self.effects.append(Sound())
            self.chair = replace(self.chair, sounding=True)

    def _silence(self) -> None:
        if self.chair.sounding:
            self.effects.append(Silence())
            self.chair = replace(self.chair, sounding=False)

    def wind_up(self, *, before: Chair) -> None:
        """Ends the turn: no sound where none may be, and the lamp as it should be.

        A sound that this very turn would cut off is not begun.
        """
        if self.chair.silent or self.chair.fault is not None or not self.chair.seat.pressed:
            self.effects = [effect for effect in self.effects if effect != Sound()]
            if self.chair.sounding and not before.sounding:
                self.chair = replace(self.chair, sounding=False)
            self._silence()
        if self.chair.due != before.due:
            self.effects.append(Light(self.chair.due))
